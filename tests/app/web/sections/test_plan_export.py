"""Each file that the plan page offers is read back; its numbers are those that the screen shows, edits included."""

from __future__ import annotations

import io
import json
import re
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import docx
import openpyxl
import pandas as pd
import pyogrio
import pypdf
import pytest
from pptx import Presentation

from app.plans.tables import plan_tables
from app.report import compose
from app.report.document import Document
from app.report.subject import Subject
from app.runs.plan_files import read_plan
from app.runs.run_folder import Run, load_run
from app.web.documents.plan_edits import Edits, apply_edits, edits_record, with_edit
from app.web.documents.workspace import FOLDER_VARIABLE
from app.web.sections import plan_export
from app.web.sections.plan_export import export_bytes
from app.web.sections.plan_glance import N_HEADLINES
from app.words.console import value_text
from data.catalogue import text
from data.scenario import FixedVillage, Intensity, LandUse
from envs.kernel import evaluate
from envs.kernel.indicators.registry import INDICATORS

VILLAGE_SUMS = ("net_present_value_cny", "total_cost_cny", "displaced_tenants_persons")
IN_BRIEFS = ("total_cost_cny", "displaced_tenants_persons")
OF_SCREEN, OF_PLAN = (".csv", ".geojson", ".gpkg"), (".xlsx", ".docx", ".pdf", ".pptx", ".brief.pdf")
DECIDED = FixedVillage(
    start_year=2, intensity=Intensity.REBUILD, land_use=LandUse.RENTAL_HOUSING, floor_area_ratio=1.5, facility_ratio=0.1
)


@dataclass(frozen=True)
class HandedOn:
    """What is handed on of one plan of a run, made once for all tests.

    Attributes:
        run: the run.
        plan_id: of the plan.
        edits: of the plan.
        edited: suffix -> file of the edited plan; workbooks by `zh.xlsx` and `en.xlsx`.
        plain: suffix -> file of the plan itself, in Chinese.
    """

    run: Run
    plan_id: str
    edits: Edits
    edited: dict[str, bytes]
    plain: dict[str, bytes]


@pytest.fixture(scope="module")
def handed_on(tiny_run: Path, tmp_path_factory: pytest.TempPathFactory) -> HandedOn:
    """Every file, through the function behind the buttons; the description of the report is put together once."""
    folder = tmp_path_factory.mktemp("handed") / "first"
    shutil.copytree(tiny_run, folder)
    run = load_run(folder)
    plan_id, city = run.plan_ids[-1], run.resolved.city
    edits = with_edit(run.plan(plan_id), city, {}, str(city.villages.village_id[1]), DECIDED)
    edited = plan_tables(run.resolved, apply_edits(run.plan(plan_id), city, edits))
    tables = plan_tables(run.resolved, run.plan(plan_id))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(FOLDER_VARIABLE, str(folder.parent))
        patch.setattr(compose, "report_document", once_of_each_plan(compose.report_document))
        of_edited = {
            suffix: export_bytes(run, plan_id, edited, edits, suffix=suffix, language="zh") for suffix in OF_SCREEN
        }
        for language in ("zh", "en"):
            name = f"{language}.xlsx"
            of_edited[name] = export_bytes(run, plan_id, edited, edits, suffix=".xlsx", language=language)
        of_plan = {suffix: export_bytes(run, plan_id, tables, {}, suffix=suffix, language="zh") for suffix in OF_PLAN}
    return HandedOn(run, plan_id, edits, of_edited, of_plan)


def once_of_each_plan(described: Callable[[Subject], Document]) -> Callable[[Subject], Document]:
    """The description of a report, made once for Word and PDF."""
    known: dict[str, Document] = {}

    def describe(subject: Subject) -> Document:
        if subject.tables.digest not in known:
            known[subject.tables.digest] = described(subject)
        return known[subject.tables.digest]

    return describe


def spoken(values: dict[str, float], language: str) -> dict[str, str]:
    """Label -> text as the screen has it."""
    return {
        INDICATORS[name].label[language]: value_text(value, INDICATORS[name].unit, language)
        for name, value in values.items()
    }


@pytest.mark.parametrize("language", ["zh", "en"])
def test_exports_hold_the_numbers_of_the_screen(
    open_page, workspace, handed_on: HandedOn, tmp_path: Path, language: str
) -> None:  # type: ignore[no-untyped-def]
    run, files = handed_on.run, handed_on.edited
    edit = {"run": "first", "plan": handed_on.plan_id, "edits": edits_record(handed_on.edits)}
    workspace.write("edit", "edit-1", edit)
    page = open_page("plan", lang=language, run="first", plan=handed_on.plan_id, edit="edit-1")
    screen = {item.label: item.value for item in page.metric}
    assert len(screen) >= 5

    sheet = openpyxl.load_workbook(io.BytesIO(files[f"{language}.xlsx"]))["指标" if language == "zh" else "indicators"]
    header, _, *rows = sheet.iter_rows(values_only=True)
    in_sheet = pd.DataFrame(rows, columns=list(header)).set_index("indicator")["value"].to_dict()
    assert screen.items() <= spoken(in_sheet, language).items()

    geopackage = tmp_path / "plan.gpkg"
    geopackage.write_bytes(files[".gpkg"])
    layer = pyogrio.read_dataframe(geopackage, layer="indicators").set_index("indicator")["value"].to_dict()
    assert screen.items() <= spoken(layer, language).items()
    villages = pyogrio.read_dataframe(geopackage, layer="villages")
    features = [item["properties"] for item in json.loads(files[".geojson"])["features"]]
    for table in (villages, pd.DataFrame(features)):
        sums = {name: float(table[name].sum()) for name in VILLAGE_SUMS}
        sums["renewed_villages"] = float((table["start_year"] > 0).sum())
        shown = spoken(sums, language)
        assert {label: screen[label] for label in shown} == shown

    schedule = tmp_path / "plan.csv"
    schedule.write_bytes(files[".csv"])
    again = evaluate(run.resolved, read_plan(schedule, run.resolved.city, run.resolved.scenario.plan_years)).values  # noqa: PD011 - no frame
    in_csv = {name: float(values[0]) for name, values in again.items()}
    assert screen.items() <= spoken(in_csv, language).items()


def _told(content: bytes, suffix: str) -> str:
    """Every word of a report or brief, spaces and line ends left out."""
    if suffix.endswith(".pdf"):
        words = "".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(content)).pages)
    elif suffix == ".docx":
        body = docx.Document(io.BytesIO(content)).element
        words = "".join(node.text or "" for node in body.iter("{*}t"))
    else:
        words = "".join(
            node.text or "" for slide in Presentation(io.BytesIO(content)).slides for node in slide.element.iter("{*}t")
        )
    return re.sub(r"\s", "", words)


def test_page_workbook_report_and_brief_tell_one_value_and_one_count(open_page, handed_on: HandedOn) -> None:  # type: ignore[no-untyped-def]
    """What the first numbers of page Plan say stands in every file to the letter; plans are counted alike."""
    run, files, language = handed_on.run, handed_on.plain, "zh"
    page = open_page("plan", lang=language, run="first", plan=handed_on.plan_id)
    screen = {item.label: re.sub(r"\s", "", item.value) for item in page.metric}
    ranges = [re.sub(r"\s", "", item.value) for item in page.caption if str(item.value).startswith("本次搜索：")]
    assert len(ranges) == N_HEADLINES
    book = openpyxl.load_workbook(io.BytesIO(files[".xlsx"]))
    header, _, *rows = book["指标"].iter_rows(values_only=True)
    values = pd.DataFrame(rows, columns=list(header)).set_index("indicator")["value"].to_dict()
    in_book = {label: re.sub(r"\s", "", value) for label, value in spoken(values, language).items()}
    assert screen.items() <= in_book.items()
    briefed = {INDICATORS[name].label[language] for name in (*run.resolved.scenario.objectives, *IN_BRIEFS)}
    for suffix in (".docx", ".pdf", ".pptx", ".brief.pdf"):
        told = _told(files[suffix], suffix)
        for label in screen if suffix in (".docx", ".pdf") else briefed & set(screen):
            assert label + screen[label] in told or (label in told and screen[label] in told), (suffix, label)
        assert all(span.removeprefix("本次搜索：") in told for span in ranges), suffix
    assert len(briefed & set(screen)) == 5
    n_plans = book[text("sheet_front", language)].max_row - 2
    (box,) = [
        box for box in open_page("front", lang=language, run="first").selectbox if str(box.key).startswith("plan:")
    ]
    assert n_plans == len(run.plan_ids) == len(box.options)
    assert f"前沿保留{n_plans}个" in _told(files[".docx"], ".docx")


def test_a_file_that_came_too_late_is_there_when_asked_for_again(
    handed_on: HandedOn, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = handed_on.run
    made: list[int] = []
    tables = plan_tables(run.resolved, run.plan(handed_on.plan_id))

    def make(*_given: object, **_named: object) -> bytes:
        made.append(len(made))
        return bytes(made)

    monkeypatch.setattr(plan_export, "export_bytes", make)

    def ask() -> bytes:
        return plan_export.handed_on(run, handed_on.plan_id, tables, {}, suffix=".pdf", language="en")

    assert (ask(), ask()) == (b"\0", b"\0\1")  # in time: made anew
    monkeypatch.setattr(plan_export, "PATIENCE_S", -1.0)
    assert (ask(), ask(), made) == (b"\0\1\2", b"\0\1\2", [0, 1, 2])
