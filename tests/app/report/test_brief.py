"""The brief holds the numbers of the run, says what is wrong, gravest first, and nothing of it runs over its place."""

from __future__ import annotations

import io
import re
import sys
import unicodedata
from dataclasses import replace
from pathlib import Path

import pypdf
import pytest
from pptx import Presentation

from app.exports.formats import suffix_of
from app.plans.candidates import candidates
from app.plans.tables import plan_tables
from app.report.brief import GRAVE, N_ALTERNATIVES, N_FLAGS, N_NUMBERS, Brief, flags, number_names, plan_brief
from app.report.brief_page import A3_PT, SLIDE_PT, Grid, Image, Words, placed
from app.report.brief_pdf import brief_pdf_bytes
from app.report.brief_slide import brief_slide_bytes
from app.report.compose import brief_renderer
from app.report.subject import Subject
from app.runs.run_folder import Run
from app.words.console import value_text
from data.errors import InputError
from data.scenario import RuleMode
from envs.kernel.indicators.registry import INDICATORS

EMU = 12_700
"""Of a point."""


@pytest.fixture(scope="session")
def brief(subject: Subject) -> Brief:
    return plan_brief(subject)


@pytest.fixture(scope="session")
def slide(brief: Brief):  # type: ignore[no-untyped-def]
    (slide,) = Presentation(io.BytesIO(brief_slide_bytes(brief))).slides
    return slide


def squeezed(text: str) -> str:
    return re.sub(r"\s", "", text)


def words_of(slide) -> str:  # type: ignore[no-untyped-def]
    cells = [cell.text for shape in slide.shapes if shape.has_table for row in shape.table.rows for cell in row.cells]
    return squeezed("\n".join([*(shape.text_frame.text for shape in slide.shapes if shape.has_text_frame), *cells]))


def test_both_files_hold_the_numbers_of_the_run(subject: Subject, brief: Brief, slide) -> None:  # type: ignore[no-untyped-def]
    (page,) = pypdf.PdfReader(io.BytesIO(brief_pdf_bytes(brief))).pages
    told = (words_of(slide), squeezed(page.extract_text()))
    row = subject.run.front.set_index("plan_id").loc[subject.plan_id]
    assert len(brief.numbers) == len(number_names(subject)) == N_NUMBERS
    for name in number_names(subject):
        value = value_text(float(row[name]), INDICATORS[name].unit, subject.language)
        for words in told:
            assert squeezed(INDICATORS[name].label[subject.language]) in words
            assert squeezed(value) in words
    for number in brief.numbers:
        assert re.search(r"\d", number.span)
    assert [float(size) for size in page.mediabox[2:]] == pytest.approx(A3_PT, abs=0.1)


def test_three_flags_and_three_alternatives(subject: Subject, brief: Brief, slide) -> None:  # type: ignore[no-untyped-def]
    assert len(brief.flags) == N_FLAGS
    assert len({flag.text for flag in brief.flags}) == N_FLAGS
    assert all(squeezed(flag.text) in words_of(slide) for flag in brief.flags)
    n_others = min(N_ALTERNATIVES, len(subject.run.plan_ids) - 1)
    assert len(brief.alternatives.rows) == 2 + n_others
    letters = [row[0][0] for row in brief.alternatives.rows[1:-1]]
    on_the_page = [item for item in candidates(subject.front, nothing=False) if item.plan_id != subject.plan_id]
    assert letters[: len(on_the_page)] == [item.letter for item in on_the_page][:N_ALTERNATIVES]
    assert len(letters) == n_others
    assert sum(int(count) for count in brief.phases.rows[1][1:]) == len(subject.tables.renewed_idx)


def test_a_broken_hard_rule_comes_first(run: Run, plan_id: str) -> None:
    subject = Subject(run, plan_id, plan_tables(run.resolved, run.plan(plan_id)), "en")
    found = subject.compliance
    limited = [k for k, item in enumerate(found.findings) if item.limit is not None and item.measured is not None]
    modes = {limited[0]: RuleMode.REPORTED, limited[1]: RuleMode.HARD}
    findings = tuple(
        replace(item, holds=k not in modes, mode=modes.get(k, item.mode)) for k, item in enumerate(found.findings)
    )
    object.__setattr__(found, "findings", findings)
    first, *others = flags(subject)
    assert first.color == GRAVE
    assert findings[limited[1]].label["en"] in first.text
    assert sum(findings[limited[0]].label["en"] in flag.text for flag in others) == 1


@pytest.mark.parametrize("page", [SLIDE_PT, A3_PT])
def test_nothing_overlaps_or_runs_over_the_page(brief: Brief, page: tuple[float, float]) -> None:
    areas = [item.area for item in placed(brief, page) if isinstance(item, Words | Grid | Image)]
    for k, one in enumerate(areas):
        assert one.x >= 0.0
        assert one.y >= 0.0
        assert one.x + one.width <= page[0]
        assert one.y + one.height <= page[1]
        for other in areas[:k]:
            apart = (
                one.x + one.width <= other.x + 0.01, other.x + other.width <= one.x + 0.01,
                one.y + one.height <= other.y + 0.01, other.y + other.height <= one.y + 0.01,
            )  # fmt: skip
            assert any(apart)


def test_texts_of_the_slide_fit_their_boxes(slide) -> None:  # type: ignore[no-untyped-def]
    """Counted apart from the layout: a Chinese letter is as wide as high, another one half of it on average."""
    boxes = [shape for shape in slide.shapes if shape.has_text_frame and shape.text_frame.text]
    assert len(boxes) > N_NUMBERS
    for shape in boxes:
        total = 0.0
        for paragraph in shape.text_frame.paragraphs:
            size = paragraph.runs[0].font.size.pt
            wide = size * sum(1.0 if unicodedata.east_asian_width(x) in "WF" else 0.5 for x in paragraph.text)
            total += max(1, -(-wide // (shape.width / EMU))) * paragraph.line_spacing.pt
        assert total <= 1.02 * shape.height / EMU, shape.text_frame.text
    for shape in slide.shapes:
        if shape.has_table:
            assert sum(row.height for row in shape.table.rows) <= shape.height + len(shape.table.rows)
    pictures = [shape for shape in slide.shapes if not shape.has_text_frame and not shape.has_table]
    assert [len(shape._element.nvPicPr.cNvPr.get("descr")) > 3 for shape in pictures] == [True]


def test_hostile_names_are_shown_and_break_nothing(hostile: Subject) -> None:
    brief = plan_brief(hostile)
    (slide,) = Presentation(io.BytesIO(brief_slide_bytes(brief))).slides
    assert "\u202e" not in words_of(slide)
    assert brief_pdf_bytes(brief).startswith(b"%PDF")


def test_suffixes_of_the_brief(monkeypatch: pytest.MonkeyPatch) -> None:
    assert [suffix_of(Path(name)) for name in ("a.PPTX", "a.Brief.PDF", "a.pdf", "brief.pdf", "a")] == [
        ".pptx", ".brief.pdf", ".pdf", ".pdf", "",
    ]  # fmt: skip
    monkeypatch.setitem(sys.modules, "pptx", None)
    monkeypatch.delitem(sys.modules, "app.report.brief_slide", raising=False)
    with pytest.raises(InputError, match="extra `report`"):
        brief_renderer(".pptx")
