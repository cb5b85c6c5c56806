"""`renewal diagnose`: what is written is what the dictionary says, adds up, and is told in both languages."""

from __future__ import annotations

import json
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import yaml

from app.charts.maps import map_png
from app.cli.main import main
from app.diagnosis.asked import AskedAreas, AskedDensity, diagnose_city
from app.diagnosis.card import card_table, cases_table
from app.diagnosis.need_map import condition_map, density_map, need_map
from app.diagnosis.need_words import headline
from app.runs.run_folder import Run
from app.web.figures.map_payload import map_payload
from data.dictionary import TABLES, table_columns
from envs.diagnosis.condition import NAMES
from envs.diagnosis.diagnosis import DiagnosisSetting, diagnose
from envs.diagnosis.kernel_density import kernel_density_per_km2

CASES = "case_id,name,source,confidence,area_ha,households,residents\nown,=HYPERLINK(1),seen,S,12,300,2000\n"


@pytest.fixture(scope="module")
def written(_made_run: Path, run: Run, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Everything that one call may be asked."""
    folder = tmp_path_factory.mktemp("diagnosed")
    (folder / "cases.csv").write_text(CASES, encoding="utf-8")
    importance = np.array([4.0, 2.0, 1.0, 1.0])
    pairs = (importance[:, None] / importance).tolist()
    weights = {"method": "ahp", "comparisons": {"dimensions": pairs}}
    (folder / "weights.yaml").write_text(yaml.safe_dump(weights), encoding="utf-8")
    out = folder / "out"
    options = ["--run", str(_made_run), "--plan", run.plan_ids[0], "--cases", str(folder / "cases.csv")]
    options += ["--weights", str(folder / "weights.yaml"), "--district", run.resolved.city.districts[0]]
    options += ["--villages", "V00001,V00002", "--points", "health", "--kernel", "quartic", "--bandwidth", "1500"]
    assert main(["diagnose", *options, "--out", str(out)]) == 0
    return out


def test_tables_have_the_columns_of_the_dictionary(written: Path) -> None:
    about = json.loads((written / "about.json").read_text(encoding="utf-8"))
    assert set(about["dictionary"]) == set(TABLES["diagnosis"])
    for name in TABLES["diagnosis"]:
        frame = pd.read_csv(written / f"{name}.csv")
        columns = table_columns("diagnosis", name)
        assert list(frame.columns) == list(columns)
        for column, said in columns.items():
            known = frame[column].dropna()
            if said.type == "number":
                assert known.between(*said.bounds).all(), (name, column)
            elif said.choices:
                assert set(known) <= set(said.choices), (name, column)
    assert about["comparisons"]["dimensions"]["consistency_ratio"] == pytest.approx(0.0, abs=1e-9)
    assert about["weights"]["method"] == "ahp"


def test_points_add_up_and_weights_are_the_comparison(written: Path) -> None:
    villages, weights = pd.read_csv(written / "villages.csv"), pd.read_csv(written / "weights.csv")
    parts = villages[[f"points_{name}" for name in NAMES]].sum(axis=1)
    assert parts.to_numpy() == pytest.approx(villages["need_points"].to_numpy())
    by_dimension = weights.groupby("dimension")["weight"].sum()
    assert by_dimension["services"] == pytest.approx(0.5)
    assert by_dimension["environment"] == pytest.approx(0.125)


def test_formulas_are_neutralized(written: Path) -> None:
    cases = pd.read_csv(written / "cases.csv").set_index("case_id")
    assert cases.loc["own", "name"] == "'=HYPERLINK(1)"
    assert bool(cases.loc["own", "is_own"])


def test_density_is_the_kernels(written: Path, run: Run) -> None:
    city = run.resolved.city
    health = city.facilities.category_idx == 1
    points = np.column_stack([city.facilities.x_km[health], city.facilities.y_km[health]]) * 1e3
    at = np.column_stack([city.place_x_km, city.place_y_km]) * 1e3
    expected = kernel_density_per_km2(at, points, 1500.0, kernel="quartic")
    assert pd.read_csv(written / "density.csv")["density_per_km2"].to_numpy() == pytest.approx(expected)


def test_the_plan_is_compared_with_the_need(written: Path, run: Run) -> None:
    rows = pd.read_csv(written / "plan.csv", keep_default_na=False)
    start = np.asarray(run.plan(run.plan_ids[0]).start_year[0])
    assert rows["start_year"].tolist() == start.tolist()
    assert (rows["left_out"] == (rows["in_need"] & (start == 0))).all()
    kept = rows[start == 0]
    assert (kept["answered"] == "").all()
    villages = pd.read_csv(written / "villages.csv", keep_default_na=False)
    for whole, one, other in zip(villages["weak"], rows["answered"], rows["unanswered"], strict=True):
        assert set(whole.split()) == set(one.split()) | set(other.split())


def test_the_map_file_opens(written: Path, run: Run) -> None:
    villages = gpd.read_file(written / "diagnosis.gpkg", layer="villages")
    assert len(villages) == run.resolved.city.n_villages
    areas = gpd.read_file(written / "diagnosis.gpkg", layer="areas")
    assert areas["area"].tolist() == [run.resolved.city.districts[0], "V00001+V00002"]
    assert areas["villages"].iloc[1] == pytest.approx(2.0)


@pytest.mark.parametrize(("language", "words"), [("en", "Villages most in need"), ("zh", "需求最高的村")])
def test_it_is_said_in_both_languages(
    city_path: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], language: str, words: str
) -> None:
    options = ["--city", str(city_path), "--weights", "entropy", "--grading", "natural", "--lang", language]
    assert main(["diagnose", *options, "--out", str(tmp_path / "out")]) == 0
    said = capsys.readouterr().out
    assert words in said
    assert ("met share" in said) == (language == "en")


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--weights", "luck"], "luck"),
        (["--grading", "thirds"], "quantile"),
        (["--district", "Nowhere"], "Nowhere"),
        (["--villages", "V00001,V9"], "V9"),
        (["--box", "1,2,3"], "two corners"),
        (["--points", "pubs"], "stations"),
        (["--points", "pubs.csv"], "no such file"),
        (["--kernel", "square", "--points", "health"], "gaussian"),
        (["--cases", "none.csv"], "none.csv"),
        (["--run", "none"], "--plan"),
    ],
)
def test_wrong_input_is_refused_and_nothing_is_written(
    city_path: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], options: list[str], words: str
) -> None:
    assert main(["diagnose", "--city", str(city_path), *options, "--out", str(tmp_path / "out")]) == 2
    assert words in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def test_a_plan_of_ones_own_is_compared(
    city_path: Path, plan_path: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out"
    assert main(["diagnose", "--city", str(city_path), "--plan", str(plan_path), "--out", str(out)]) == 0
    assert "most in need" in capsys.readouterr().out
    rows = pd.read_csv(out / "plan.csv").set_index("village_id")
    assert rows.loc["V00003", "start_year"] == 2


def test_maps_count_every_village_once(run: Run) -> None:
    told = diagnose(run.resolved, DiagnosisSetting(grading="natural"))
    areas = diagnose_city(run.resolved, told.setting, areas=AskedAreas(districts=run.resolved.city.districts[:1])).areas
    assert areas is not None
    points = np.zeros((1, 2))
    density = density_map(told.need.points, points, "x", told.city, "en", grading="quantile", n_grades=3)
    for shown in (need_map(told, "zh", areas=areas.areas), condition_map(told, 7, "en"), density):
        assert sum(item.mask.sum() for item in shown.classes) == told.city.n_villages
        assert (shown.class_idx >= 1).all()
        assert map_payload(shown)["shapes"] == [] or len(shown.shapes) == 1
    many = density_map(told.need.points, np.zeros((501, 2)), "x", told.city, "en", grading="quantile", n_grades=3)
    assert (len(many.points), len(density.points)) == (0, 1)
    assert "501" in many.note
    assert map_png(need_map(told, "en", areas=areas.areas), language="en").startswith(b"\x89PNG")


def test_a_card_says_what_the_numbers_say(run: Run) -> None:
    told = diagnose_city(run.resolved, DiagnosisSetting(), density=AskedDensity("stations"))
    worst = int(np.nanargmax(told.villages.need.points))
    assert f"rank 1 of {run.resolved.city.n_villages}" in headline(told.villages, worst, "en")
    rows = card_table(told.villages, worst, "en").rows
    assert len(rows) == len(NAMES)
    assert sum(float(row[6]) for row in rows) == pytest.approx(told.villages.need.points[worst], abs=0.05 * len(rows))
    for language in ("en", "zh"):
        table = cases_table(told.cases, told.likeness, worst, language)
        assert 1 <= len(table.rows) <= 5
        assert all(len(row) == len(table.header) for row in table.rows)
