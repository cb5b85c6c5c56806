"""The report holds the numbers of the run folder: both files are read back and compared."""

from __future__ import annotations

import io
import re
import shlex
from dataclasses import replace
from pathlib import Path

import docx
import numpy as np
import pypdf
import pytest
from matplotlib import get_data_path

from app.cli.main import main
from app.plans.tables import plan_tables
from app.report.chapters_basis import again_commands
from app.report.chapters_plan import data_notes
from app.report.compose import report_document
from app.report.document import Bullets, Document, Gallery, Heading, Paragraph, Picture, Table, shown
from app.report.pdf import chinese_font, markup, pdf_bytes
from app.report.provenance import notes_frame
from app.report.subject import Subject
from app.report.word_document import word_bytes
from app.runs.run_folder import Run, load_run
from app.studies.tornado_file import Tornado
from app.words.console import value_text
from app.words.fill_words import fill_rows, fills_line
from data.city import Fill
from envs.kernel.indicators.registry import INDICATORS
from envs.parameter_sensitivity import measured, parameter_effects, ranged_parameters
from envs.rules.check import check

CHAPTERS = 10


@pytest.fixture(scope="session")
def document(subject: Subject) -> Document:
    return report_document(subject)


@pytest.fixture(scope="session")
def word(document: Document):  # type: ignore[no-untyped-def]
    return docx.Document(io.BytesIO(word_bytes(document)))


@pytest.fixture(scope="session")
def pages(document: Document) -> list[str]:
    """Text of every page of the PDF, spaces and line ends left out."""
    reader = pypdf.PdfReader(io.BytesIO(pdf_bytes(document)))
    return [re.sub(r"\s", "", page.extract_text()) for page in reader.pages]


def word_tables(word) -> list[list[list[str]]]:  # type: ignore[no-untyped-def]
    """Every table as rows of cells."""
    return [
        [["".join(node.text or "" for node in cell.iter(_w("t"))) for cell in row.iter(_w("tc"))] for row in table]
        for table in ([*table._tbl.iter(_w("tr"))] for table in word.tables)
    ]


def _w(name: str) -> str:
    return "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}" + name


def expected(run: Run, plan_id: str, language: str) -> dict[str, str]:
    """Indicator -> its value of the run folder as the report writes it."""
    row = run.front.set_index("plan_id").loc[plan_id]
    return {name: value_text(float(row[name]), item.unit, language) for name, item in INDICATORS.items() if name in row}


def test_every_indicator_of_the_run_is_in_the_word_file(subject: Subject, word) -> None:  # type: ignore[no-untyped-def]
    wanted = expected(subject.run, subject.plan_id, subject.language)
    rows = {tuple(row[:2]) for table in word_tables(word) for row in table}
    for name, value in wanted.items():
        assert (INDICATORS[name].label[subject.language], value) in rows, name


def test_every_indicator_of_the_run_is_in_the_pdf(subject: Subject, pages: list[str]) -> None:
    wanted = expected(subject.run, subject.plan_id, subject.language)
    told = "".join(pages)
    for name, value in wanted.items():
        assert re.sub(r"\s", "", INDICATORS[name].label[subject.language] + value) in told, name


def test_the_summary_is_one_page(subject: Subject, pages: list[str]) -> None:
    first = pages[0]
    wanted = expected(subject.run, subject.plan_id, subject.language)
    for name in subject.objectives:
        assert wanted[name].replace(" ", "") in first
    for key in ("report_screening", "report_to_note", "report_estimates"):
        begin = subject.say(key, n=0, all=0).split("0")[0][:12].replace(" ", "")
        assert begin in first, key
    assert subject.say("report_maps") not in first


def test_cash_flow_by_year_adds_up_to_the_net_present_value(subject: Subject, word) -> None:  # type: ignore[no-untyped-def]
    last = subject.say("flow_cumulative")
    table = next(table for table in word_tables(word) if table[0][-1] == last and len(table[0]) > 6)
    numbers = np.array([[float(cell.replace(",", "")) for cell in row] for row in table[1:]])
    rate = subject.tables.resolved.book.number("finance.discount_rate")
    factor = subject.money[0]
    present = float((numbers[:, -2] * (1.0 + rate) ** -numbers[:, 0]).sum()) * factor
    row = subject.run.front.set_index("plan_id").loc[subject.plan_id]
    rounding = 0.005 * factor * len(numbers)
    assert present == pytest.approx(float(row["net_present_value_cny"]), abs=rounding)
    np.testing.assert_allclose(numbers[:, 1:-2].sum(axis=1), numbers[:, -2], atol=0.04)
    assert -numbers[:, -1].min() * factor == pytest.approx(float(row["peak_funding_cny"]), abs=0.01 * factor)


def test_villages_are_those_of_the_plan_with_their_money(subject: Subject, word) -> None:  # type: ignore[no-untyped-def]
    schedule = subject.tables.schedule()
    head = subject.say("report_village_village")
    table = next(table for table in word_tables(word) if table[0][0] == head)
    assert [row[0] for row in table[1:]] == schedule["village_id"].tolist()
    assert [int(row[3]) for row in table[1:]] == schedule["start_year"].tolist()
    total = sum(float(row[-1].replace(",", "")) for row in table[1:]) * subject.money[0]
    row = subject.run.front.set_index("plan_id").loc[subject.plan_id]
    assert total == pytest.approx(float(row["net_present_value_cny"]), abs=0.005 * subject.money[0] * len(schedule))


def test_rules_alternatives_and_provenance(subject: Subject, document: Document, pages: list[str]) -> None:
    tables = {block.header[0]: block for block in document.blocks if isinstance(block, Table)}
    rules = tables[subject.say("report_rule_column_rule")]
    findings = check(subject.tables.resolved, subject.tables.plan)
    held = [row[2] == subject.say("report_rule_holds") for row in rules.rows]
    assert held == [item.holds for item in findings]
    for row, item in zip(rules.rows, findings, strict=True):
        if item.limit and item.measured is not None:
            assert row[5].startswith("-") == (not item.holds)
    told = "".join(pages)
    best = subject.run.front["plan_id"].iloc[int(subject.run.front["net_present_value_cny"].argmax())]
    assert best in told
    for digest in subject.run.record.digests.model_dump().values():
        assert digest in told
    commands = [block.text for block in document.blocks if isinstance(block, Paragraph) and block.kind == "command"]
    assert f"--seed {subject.run.record.seed} " in commands[0]
    assert str(subject.run.folder.parent) not in told + commands[0]


def test_the_command_that_runs_it_again_is_one(subject: Subject, document: Document, tmp_path: Path) -> None:
    command = next(block.text for block in document.blocks if isinstance(block, Paragraph) and block.kind == "command")
    words = shlex.split(command)[1:]
    words[words.index("--city") + 1] = str(subject.run.record.city.path)
    words[words.index("--scenario") + 1] = str(subject.run.folder / "scenario.yaml")
    words[words.index("--out") + 1] = str(tmp_path / "again")
    if subject.language == "en":
        assert main(words) == 0
        assert (tmp_path / "again" / "front.csv").read_bytes() == (subject.run.folder / "front.csv").read_bytes()


@pytest.mark.parametrize("way", ["front", "weights", "seeded"])
def test_the_command_repeats_a_policy_and_a_search_that_began_with_a_run(
    way: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    begin = ["--city", "tiny", "--scenario", "tiny", "--out"]
    more = ["--weights", "net_present_value_cny=0.3,mean_commute_km=0.7"] if way == "weights" else ["--front", "4"]
    assert main(["plan", *begin, "first", *more]) == 0
    if way == "seeded":
        assert main(["optimize", *begin, "then", "--evaluations", "150", "--seed-plans", "first"]) == 0
    run = load_run(tmp_path / ("then" if way == "seeded" else "first"))
    plan_id = str(run.front["plan_id"].iloc[0])
    subject = Subject(run, plan_id, plan_tables(run.resolved, run.plan(plan_id)), "en")
    command, _ = again_commands(subject)
    assert ("--seed-plans first" in command) == (way == "seeded")
    assert main(shlex.split(command)[1:]) == 0
    again = run.folder.with_name(f"{run.folder.name}-again")
    assert (again / "front.csv").read_bytes() == (run.folder / "front.csv").read_bytes()


def test_parameters_are_counted_once(subject: Subject, document: Document) -> None:
    """The summary and the chapter on assumptions speak of the same parameters: second names are not counted."""
    book = subject.tables.resolved.book
    facts = [entry for entry in book.values() if not entry.same_as]
    assert len(book.facts) == len(facts) < len(book)
    told = subject.say("report_estimates", n=sum(entry.is_estimate for entry in facts), all=len(facts))
    assert any(told in block.items for block in document.blocks if isinstance(block, Bullets))


def test_chapters_and_pictures(document: Document, word, pages: list[str]) -> None:  # type: ignore[no-untyped-def]
    chapters = [block.text for block in document.blocks if isinstance(block, Heading) and block.level == 1]
    assert len(chapters) == len(set(chapters)) >= CHAPTERS
    told = "".join(pages)
    for chapter in chapters:
        assert chapter.replace(" ", "").replace("　", "") in told
    pictures = [block for block in document.blocks if isinstance(block, Picture)]
    galleries = [block for block in document.blocks if isinstance(block, Gallery)]
    n_pictures = len(pictures) + sum(len(block.pictures) for block in galleries)
    assert len(word.inline_shapes) == n_pictures >= 5
    described = [node.get("descr") for node in word.element.iter() if node.tag.endswith("}docPr")]
    assert all(described)
    assert all(len(text) > 3 for text in pages)


def test_chinese_has_its_fonts(subject: Subject, document: Document, word) -> None:  # type: ignore[no-untyped-def]
    fonts = word.styles["Normal"].element.rPr.rFonts
    assert fonts.get(_w("eastAsia")) == "SimSun"


@pytest.mark.parametrize("installed", [True, False])
def test_pdf_carries_an_installed_chinese_font_or_names_one(
    installed: bool, subject: Subject, document: Document, monkeypatch: pytest.MonkeyPatch
) -> None:
    stand_in = Path(get_data_path()) / "fonts" / "ttf" / "DejaVuSans.ttf"
    files = {"absent": Path("absent.otf"), "stand-in": stand_in} if installed else {}
    monkeypatch.setattr("app.report.pdf.chinese_fonts", lambda: files)
    short = replace(document, blocks=(*document.blocks[:8], Paragraph("朝阳区")))
    chinese_font.cache_clear()
    try:
        reader = pypdf.PdfReader(io.BytesIO(pdf_bytes(short)))
        fonts = [font for page in reader.pages for font in page_fonts(page)]
        carried = [font for font in fonts if "/FontFile2" in font.get("/FontDescriptor", {})]
        assert bool(carried) == installed
        named = {str(font["/BaseFont"]) for font in fonts}
        assert ("/STSong-Light" in named) != installed
    finally:
        chinese_font.cache_clear()


def page_fonts(page) -> list:  # type: ignore[no-untyped-def, type-arg]
    return [font.get_object() for font in page["/Resources"]["/Font"].values()]


def test_hostile_names_are_shown_and_break_nothing(hostile: Subject) -> None:
    document = report_document(hostile)
    reader = pypdf.PdfReader(io.BytesIO(pdf_bytes(document)))
    told = "".join(page.extract_text() for page in reader.pages)
    assert "<b>&<para>" in told
    assert "□" in told
    assert "\u202e" not in told
    word = docx.Document(io.BytesIO(word_bytes(document)))
    text = "".join(node.text or "" for node in word.element.iter(_w("t")))
    assert "<b>&<para></font>%s{x}" in text
    assert '=HYPERLINK("http://example.org")' in text
    assert "قرية evil" in text
    assert not {"\u202e", "\u202c", "\x00", "\x08"} & set(text)
    fields = [
        node.get(_w("instr")) for part in (word.element, word.sections[0].footer._element) for node in part.iter()
    ]
    assert {field for field in fields if field} == {"PAGE"}
    assert not list(word.element.iter(_w("hyperlink")))


def test_letters_without_a_font_are_boxes_and_markup_is_text() -> None:
    assert markup("<b>x</b>") == "&lt;b&gt;x&lt;/b&gt;"
    name = chinese_font().fontName
    assert markup("村a") == f'<font name="{name}">村</font>a'
    assert markup("🏚") == f'<font name="{name}">□</font>'
    assert shown("a\u202eb\x00c\n") == "abc "
    assert shown("abcdef", 4) == "abc…"


def test_the_tornado_is_told_once_computed(run: Run, plan_id: str, subject: Subject) -> None:
    if subject.language == "zh":
        return
    absent = [block.text for block in report_document(subject).blocks if isinstance(block, Paragraph)]
    assert subject.say("report_tornado_absent") in absent
    plan = run.plan(plan_id)
    keys, base = ranged_parameters(run.resolved.book)[::12], measured(run.resolved, plan)
    found = Tornado(base, tuple(parameter_effects(run.resolved, plan, keys, base)), len(keys))
    told = Subject(run, plan_id, subject.tables, "zh", found)
    tables = [
        block
        for block in report_document(told).blocks
        if isinstance(block, Table) and block.header[-1] == told.say("report_tornado_swing")
    ]
    assert len(tables) == len(told.objectives)
    for name, table in zip(told.objectives, tables, strict=True):
        bar = found.bars(name)[0]
        entry = run.resolved.book[bar.key]
        assert table.rows[0][0].startswith(entry.label_zh)
        assert table.rows[0][2] == value_text(bar.at_low, INDICATORS[name].unit, "zh")


@pytest.mark.parametrize("suffix", ["docx", "pdf"])
def test_export_writes_a_report(suffix: str, run: Run, plan_id: str, tmp_path: Path) -> None:
    path = tmp_path / f"plan.{suffix}"
    assert main(["export", "--run", str(run.folder), "--plan", plan_id, "--to", str(path), "--lang", "zh"]) == 0
    assert path.read_bytes()[:4] in (b"PK\x03\x04", b"%PDF")
    assert [found.name for found in tmp_path.iterdir()] == [path.name]


def test_what_an_import_filled_in_is_told(subject: Subject) -> None:
    assert not any("settle.vacancy" in str(block) for block in data_notes(subject))
    fill = Fill("zones", "vacant_share", 2, 4, "E", "book", "0.08", "settle.vacancy")
    city = replace(subject.tables.resolved.city, fills=(fill,))
    tables = replace(subject.tables, resolved=replace(subject.tables.resolved, city=city))
    blocks = list(data_notes(replace(subject, tables=tables)))
    assert any(fills_line(city, subject.language) in str(block) for block in blocks)
    (table,) = [block for block in blocks if isinstance(block, Table)]
    assert table.rows == tuple(fill_rows(city, subject.language))
    notes = notes_frame(replace(subject.run, resolved=tables.resolved), subject.plan_id)
    assert notes["note"].str.contains("vacant_share: 2 of 4").any()
