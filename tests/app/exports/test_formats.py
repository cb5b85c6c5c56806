"""Exports hold the numbers of the run: each is read back and compared."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import openpyxl
import pandas as pd
import pyogrio
import pytest
import shapely
from lxml import etree

from app.charts.colors import PHASE_COLORS
from app.cli.main import main
from app.compliance.matrix import VERDICTS, compliance
from app.exports.formats import SUFFIXES, export_plan
from app.exports.layer_styles import layer_styles
from app.exports.workbook import SHEETS
from app.files.names import without_formulas
from app.plans.tables import plan_tables
from app.runs.plan_files import read_plan
from app.runs.run_folder import Run
from data.catalogue import text
from data.errors import InputError
from data.headings.synonyms import our_word
from envs.kernel.indicators.registry import INDICATORS


@pytest.fixture
def plan_id(run: Run) -> str:
    """The plan that renews most villages."""
    return str(run.front["plan_id"].iloc[int(run.front["renewed_villages"].argmax())])


def _values(run: Run, plan_id: str) -> dict[str, float]:
    return run.front.set_index("plan_id").drop(columns=["valid"]).loc[plan_id].to_dict()


def test_csv_is_the_plan_and_can_be_evaluated(run: Run, plan_id: str, tmp_path: Path) -> None:
    path = tmp_path / "plan.csv"
    export_plan(run, plan_id, path)
    again = read_plan(path, run.resolved.city, run.resolved.scenario.plan_years)
    for before, after in zip(run.plan(plan_id).columns, again.columns, strict=True):
        np.testing.assert_array_equal(before, after)
    table = pd.read_csv(path, encoding="utf-8-sig")
    assert set(table["synthetic_data"]) == {"facilities; stations; villages; zones"}
    assert (table["estimated_parameters"] > 0).all()
    assert (table["completion_year"] > table["start_year"]).all()


def test_geopackage(run: Run, plan_id: str, tmp_path: Path) -> None:
    path = tmp_path / "plan.gpkg"
    export_plan(run, plan_id, path)
    names = set(pyogrio.list_layers(path)[:, 0])
    assert names == {"villages", "zones", "layer_styles", *SHEETS} - {"gantt", "exceptions"}
    yearly = pyogrio.read_dataframe(path, layer="cash_flow_by_year")
    assert yearly["net_cash_flow_cny"].sum() == pytest.approx(_values(run, plan_id)["total_profit_cny"], rel=1e-9)
    villages = pyogrio.read_dataframe(path, layer="villages")
    expected = _values(run, plan_id)
    assert villages["net_present_value_cny"].sum() == pytest.approx(expected["net_present_value_cny"], rel=1e-9)
    assert villages["total_cost_cny"].sum() == pytest.approx(expected["total_cost_cny"], rel=1e-9)
    assert (villages["start_year"] > 0).sum() == expected["renewed_villages"]
    assert villages["displaced_tenants_persons"].sum() == pytest.approx(expected["displaced_tenants_persons"], rel=1e-9)
    assert villages["synthetic"].all()
    front = pyogrio.read_dataframe(path, layer="front")
    np.testing.assert_allclose(front["mean_commute_km"], run.front["mean_commute_km"], rtol=1e-12)
    notes = pyogrio.read_dataframe(path, layer="notes")
    assert {"synthetic: villages", "estimate", "use"} <= set(notes["topic"])
    indicators = pyogrio.read_dataframe(path, layer="indicators").set_index("indicator")
    told = INDICATORS["mean_commute_km"]
    assert indicators.loc["mean_commute_km", ["recipe", "recipe_zh"]].tolist() == [
        told.recipe_in(of) for of in ("en", "zh")
    ]


def test_geojson_of_a_city_that_lies_nowhere_is_refused(run: Run, plan_id: str, tmp_path: Path) -> None:
    """A zone number before the easting, in a system without zone numbers."""
    city = run.resolved.city
    far = [shapely.affinity.translate(shape, 39_000_000.0) for shape in city.villages.geometry]
    villages = replace(city.villages, geometry=np.array(far, dtype=object))
    lost = replace(run.resolved, city=replace(city, villages=villages, crs="EPSG:4548"))
    with pytest.raises(InputError, match=r"plan\.geojson: .* no longitude and latitude in CGCS2000"):
        export_plan(replace(run, resolved=lost), plan_id, tmp_path / "plan.geojson")
    assert list(tmp_path.iterdir()) == []


def test_geojson_is_longitude_and_latitude(run: Run, plan_id: str, tmp_path: Path) -> None:
    path = tmp_path / "plan.geojson"
    export_plan(run, plan_id, path)
    content = json.loads(path.read_text(encoding="utf-8"))
    assert content["metadata"]["synthetic"]["villages"]
    assert content["metadata"]["plan_id"] == plan_id
    assert len(content["features"]) == run.resolved.city.n_villages
    for feature in content["features"]:
        shape = shapely.geometry.shape(feature["geometry"])
        assert shape.is_valid
        assert -180 <= shape.bounds[0] <= 180
        assert -90 <= shape.bounds[1] <= 90
        assert shapely.is_ccw(shapely.get_exterior_ring(shapely.get_parts(shape)[0]))
    total = sum(feature["properties"]["net_present_value_cny"] for feature in content["features"])
    assert total == pytest.approx(_values(run, plan_id)["net_present_value_cny"], rel=1e-9)


def _sheet(book: openpyxl.Workbook, name: str) -> pd.DataFrame:
    sheet = book[name]
    rows = list(sheet.iter_rows(values_only=True))
    return pd.DataFrame(rows[2:], columns=list(rows[0]))


@pytest.mark.parametrize("language", ["en", "zh"])
def test_workbook(language: str, run: Run, plan_id: str, tmp_path: Path) -> None:
    path = tmp_path / "plan.xlsx"
    export_plan(run, plan_id, path, language=language)
    book = openpyxl.load_workbook(path)
    assert book.sheetnames == [text(f"sheet_{name}", language) for name in SHEETS]
    expected = _values(run, plan_id)
    indicators = _sheet(book, text("sheet_indicators", language)).set_index("indicator")
    for name, value in expected.items():
        if name not in ("n_violations", "n_reported_broken") and np.isfinite(value):
            assert indicators.loc[name, "value"] == pytest.approx(value, rel=1e-9, abs=1e-9)
    assert indicators.loc["mean_commute_km", "recipe"] == INDICATORS["mean_commute_km"].recipe_in(language)
    assert indicators.loc["mean_commute_km", "bias"] == INDICATORS["mean_commute_km"].bias_in(language)
    front = _sheet(book, text("sheet_front", language))
    assert front["net_present_value_cny"].tolist() == pytest.approx(
        run.front["net_present_value_cny"].tolist(), rel=1e-12
    )
    by_year = _sheet(book, text("sheet_cash_flow_by_year", language))
    rate = run.resolved.book.number("finance.discount_rate")
    present = (by_year["net_cash_flow_cny"] * (1.0 + rate) ** -by_year["year"]).sum()
    assert present == pytest.approx(expected["net_present_value_cny"], rel=1e-9)
    by_village = _sheet(book, text("sheet_cash_flow_by_village", language))
    assert by_village["net_present_value_cny"].sum() == pytest.approx(expected["net_present_value_cny"], rel=1e-9)
    yearly = _sheet(book, text("sheet_yearly", language))
    assert "net_present_value_cny" not in yearly
    heads = book[text("sheet_yearly", language)].iter_rows(max_row=2, values_only=True)
    labels = dict(zip(*heads, strict=True))
    assert labels["net_cash_flow_cny"].startswith(text("net_present_value_cny.yearly.label", language))
    assert yearly["net_cash_flow_cny"].dropna().tolist() == pytest.approx(by_year["net_cash_flow_cny"].tolist())
    assumptions = _sheet(book, text("sheet_assumptions", language))
    assert assumptions["key"].tolist() == list(run.resolved.book)
    assert {"unit", "low", "high", "source", "confidence", "changed", "estimate"} <= set(assumptions.columns)
    notes = _sheet(book, text("sheet_notes", language))
    topics = {text(f"note_topic_{name}", language) for name in ("estimate", "use")}
    layer = "villages" if language == "en" else "城中村"
    assert topics | {text("note_topic_synthetic", language, layer=layer)} <= set(notes["topic"])
    times = {name: INDICATORS[name].time for name in indicators.index}
    if language == "zh":
        times = {name: text(f"time_{time}", language) for name, time in times.items()}
        assert indicators.loc["net_present_value_cny", "unit"] == "元"
    assert indicators["time"].to_dict() == times
    for sheet, told in (("cash_flow_by_year", "sheet_money_of_year"), ("cash_flow_by_village", "sheet_money_of_plan")):
        heads = book[text(f"sheet_{sheet}", language)].iter_rows(max_row=2, values_only=True)
        assert dict(zip(*heads, strict=True))["net_cash_flow_cny"].endswith(f"[{text(told, language)}]")
    for sheet in book:
        assert all(label for label in next(sheet.iter_rows(min_row=2, max_row=2, values_only=True))), sheet.title
    gantt = _sheet(book, text("sheet_gantt", language)).set_index("village_id")
    schedule = _sheet(book, text("sheet_schedule", language)).set_index("village_id")
    works = (schedule["completion_year"] - schedule["start_year"]).to_dict()
    years = [name for name in gantt if name.isdecimal()]
    spans = ["near", "middle", "far"] if language == "en" else ["近期", "中期", "远期"]
    assert gantt[years].isin(spans).sum(axis=1).to_dict() == works
    verdicts = _sheet(book, text("sheet_compliance", language))["verdict"]
    assert verdicts.isin([text(f"verdict_word_{word}", "zh") for word in VERDICTS]).all() == (language == "zh")


def test_a_chinese_workbook_is_read_as_the_plan_it_tells(run: Run, plan_id: str, tmp_path: Path) -> None:
    """Its schedule says uses and intensities in Chinese, which are read as the plan's own."""
    export_plan(run, plan_id, tmp_path / "plan.xlsx", language="zh")
    schedule = _sheet(openpyxl.load_workbook(tmp_path / "plan.xlsx"), "实施时序")
    assert not schedule[["intensity", "land_use"]].map(str.isascii).to_numpy().any()
    own = plan_tables(run.resolved, run.plan(plan_id)).schedule()
    for column in ("intensity", "land_use"):
        assert [our_word(column, cell) for cell in schedule[column]] == own[column].tolist()


def test_styles_for_qgis() -> None:
    """Every year of the programme is in one class, and both files are XML that says the colors of the room."""
    villages, zones = layer_styles(12).to_dict(orient="records")
    assert (villages["f_table_name"], zones["f_table_name"]) == ("villages", "zones")
    rules = etree.fromstring(villages["styleQML"].encode()).iter("rule")
    years = [re.findall(r"(?:>=|<=) (\d+)", rule.get("filter")) for rule in rules]
    assert years == [["0", "0"], ["1", "4"], ["5", "8"], ["9", "12"]]
    described = etree.fromstring(villages["styleSLD"].encode())
    fills = [node.text for node in described.iter("{*}SvgParameter") if node.get("name") == "fill"]
    assert fills[1:] == list(PHASE_COLORS.values())
    assert etree.fromstring(zones["styleQML"].encode()).find(".//rule").get("filter") is None


def test_names_are_never_formulas(run: Run, plan_id: str, tmp_path: Path) -> None:
    from app.exports.workbook import write_workbook

    tables = plan_tables(run.resolved, run.plan(plan_id))
    wicked = ["=1+1", "+A1", "-A1", "@SUM(A1)", "plain\x07"]
    schedule = tables.schedule().head(1)
    frame = pd.concat([schedule.assign(name=name) for name in wicked], ignore_index=True)
    object.__setattr__(tables, "schedule", lambda: frame)
    write_workbook(tmp_path / "x.xlsx", run, plan_id, tables, compliance(run.resolved, tables.plan))
    sheet = openpyxl.load_workbook(tmp_path / "x.xlsx")["schedule"]
    column = [cell.value for cell in sheet[1]].index("name") + 1
    cells = [sheet.cell(row, column) for row in range(3, 3 + len(wicked))]
    assert [cell.data_type for cell in cells] == ["s"] * len(wicked)
    assert [cell.value for cell in cells] == [*wicked[:4], "plain?"]
    assert without_formulas(frame)["name"].tolist() == ["'=1+1", "'+A1", "'-A1", "'@SUM(A1)", "plain\x07"]
    for start in ("\t", "\r", "\n", "＝", "＋", "－", "＠"):
        assert without_formulas(pd.DataFrame({"name": [f"{start}1+1"]}))["name"].tolist() == [f"'{start}1+1"]


@pytest.mark.parametrize("name", ["plan.doc", "plan.odt", "plan", "plan.xls"])
def test_other_suffixes_are_refused_with_the_supported_ones(
    name: str, run: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["export", "--run", str(run.folder), "--plan", "p001", "--to", str(tmp_path / name)]) == 2
    shown = capsys.readouterr().err
    assert all(suffix in shown for suffix in SUFFIXES)
    assert list(tmp_path.iterdir()) == []


def test_unknown_plans_and_folders_are_refused(run: Run, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="p001"):
        export_plan(run, "p01", tmp_path / "x.csv")
    with pytest.raises(InputError, match="folder"):
        export_plan(run, "p001", tmp_path / "absent" / "x.csv")
    assert list(tmp_path.iterdir()) == []


def test_a_command_line_export(run: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert (
        main(["export", "--run", str(run.folder), "--plan", "p001", "--to", str(tmp_path / "P.XLSX"), "--lang", "zh"])
        == 0
    )
    assert capsys.readouterr().out.strip() == str(tmp_path / "P.XLSX")
    assert [path.name for path in tmp_path.iterdir()] == ["P.XLSX"]
