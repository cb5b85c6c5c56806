"""Effects of a plan for people: files hold what was counted, a draw read back is the draw, wrong input is told."""

from __future__ import annotations

import json
import shutil
from dataclasses import fields, replace
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from app.cli.main import main
from app.people.effects_folder import parts_by_name
from app.people.effects_hidden import hidden_losses
from app.people.effects_of_plan import PlanEffects, plan_effects
from app.people.effects_text import effects_tables, effects_text, three_sides
from app.people.stored_draw import read_sample
from app.runs.run_folder import Run
from data.dictionary import TABLES, table_columns
from envs.kernel import resolve
from envs.kernel.plans import empty_plan
from envs.people.effects.families import draw_sample
from envs.people.people_model import people_model

SEED = 4


@pytest.fixture(scope="module")
def shown(run: Run) -> PlanEffects:
    return plan_effects(run.resolved, run.plans[:1], run.plan_ids[0], seed=SEED)


@pytest.fixture(scope="module")
def folder(run: Run, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("effects") / "plan"
    words = ["--run", str(run.folder), "--plan", run.plan_ids[0], "--seed", str(SEED), "--out", str(out)]
    assert main(["people", "effects", *words]) == 0
    return out


@pytest.fixture(scope="module")
def draw(run: Run, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("draws") / "all"
    words = ["--city", run.record.city.source, "--scenario", str(run.folder / "scenario.yaml"), "--seed", str(SEED)]
    assert main(["people", "draw", *words, "--out", str(out)]) == 0
    return out


def test_the_files_hold_what_was_counted(shown: PlanEffects, folder: Path) -> None:
    assert {path.name for path in folder.iterdir()} == {"effects.csv", "flows.csv", "about.json"}
    frame, flows = (pd.read_csv(folder / f"{table}.csv") for table in TABLES["effects"])
    for division, parts in parts_by_name(shown.effects).items():
        rows = frame[frame["division"] == division].set_index("part")
        some = parts.persons > 0.0
        wanted = pd.Series(parts.mean_cny_per_yr[some], np.array(parts.names)[some])
        pd.testing.assert_series_equal(rows["mean_cny_per_yr"], wanted, check_names=False, check_index_type=False)
        terms = rows[[name for name in frame.columns if name in TERM_COLUMNS]].sum(axis=1)
        assert terms.to_numpy() == pytest.approx(rows["mean_cny_per_yr"].to_numpy())
    assert flows["tenant_persons"].sum() == pytest.approx(shown.effects.flows.tenants.sum())
    about = json.loads((folder / "about.json").read_text(encoding="utf-8"))
    assert (about["plan_id"], about["year"], about["seed"]) == ("p001", shown.effects.year, SEED)
    assert about["gini_after"] == shown.effects.gini_after
    assert about["synthetic"].startswith("Synthetic")
    assert "wellbeing.threshold" in about["estimates"]


TERM_COLUMNS = tuple(f"{term}_cny_per_yr" for term in ("offer", "rent", "moving", "commuting", "services"))


def test_every_column_is_in_the_dictionary(folder: Path) -> None:
    for table in TABLES["effects"]:
        frame, columns = pd.read_csv(folder / f"{table}.csv"), table_columns("effects", table)
        assert list(frame.columns) == list(columns)
        for name, column in columns.items():
            if column.type == "number":
                assert frame[name].dropna().between(*column.bounds).all(), name
            if column.choices:
                assert set(frame[name]) <= set(column.choices), name


def test_a_draw_read_back_is_the_draw(run: Run, draw: Path, shown: PlanEffects) -> None:
    model = people_model(run.resolved)
    stored, drawn = read_sample(draw, model), draw_sample(model, SEED)
    for one, other in ((stored.villagers, drawn.villagers), (stored.zone, drawn.zone)):
        for rows, wanted in ((one.persons, other.persons), (one.households, other.households)):
            for item in fields(wanted):
                found, given = getattr(rows, item.name), getattr(wanted, item.name)
                assert np.array_equal(found, given), item.name
                assert found.dtype == given.dtype, item.name
    again = plan_effects(run.resolved, run.plans[:1], "p001", draw=draw)
    assert again.effects.gini_after == shown.effects.gini_after


def test_words_say_what_was_counted(shown: PlanEffects) -> None:
    effects = shown.effects
    for language in ("en", "zh"):
        groups = effects_tables(effects, shown.model.city, language)["groups"]
        assert [row[1] for row in groups.rows] == [
            f"{persons:,.0f}" for persons in (*effects.residents.persons, *effects.kinds.persons, *effects.city.persons)
        ]
        assert len(three_sides(effects, language)) == 3
    efficiency, _, care = three_sides(effects, "en", strength=0.0)
    mean = f"{effects.residents.mean_cny_per_yr[0]:+,.0f}"
    assert mean in efficiency
    assert mean in care, "without care everybody counts alike"


def test_every_table_says_how_sure_it_is(shown: PlanEffects) -> None:
    for language, letter in (("en", "(E)"), ("zh", "（E）")):
        tables = effects_tables(shown.effects, shown.model.city, language)
        assert all(table.title.endswith(letter) for table in tables.values())


def test_an_empty_plan_has_no_movers_to_tell(run: Run) -> None:
    kept = plan_effects(run.resolved, empty_plan(run.resolved.city.n_villages), "p000")
    tables = effects_tables(kept.effects, run.resolved.city, "en")
    assert not {"flows", "moves"} & set(tables)
    assert "+0 CNY" in three_sides(kept.effects, "en")[0]


def test_villages_without_anybody_are_told(run: Run) -> None:
    city = run.resolved.city
    nobody = np.zeros(city.n_villages)
    empty = replace(city, villages=replace(city.villages, registered_residents=nobody, tenants=nobody))
    resolved = resolve(run.resolved.scenario, empty)
    shown = plan_effects(resolved, run.plans[:1], "p001")
    said = effects_text(shown, Path("out"), "en")
    assert "Nobody lives in the villages." in said
    assert "nan" not in said


def test_a_loss_behind_an_average_is_told(shown: PlanEffects) -> None:
    effects = shown.effects
    n_hidden = sum(int(parts.hides_loss.sum()) for parts in (effects.kinds, effects.fates))
    behind = (effects.residents, effects.districts, effects.tenths)
    most = max(effects.kinds.losers_share[:2].max(), *(parts.losers_share.max() for parts in behind))
    is_behind = effects.residents.mean_cny_per_yr[0] >= 0.0 and most >= 1.0 / 3.0
    said = hidden_losses(effects, shown.model.city, "en")
    assert len(said) == bool(is_behind) + n_hidden + bool(effects.villages.hides_loss.any())
    assert all("average" in sentence or "villages" in sentence for sentence in said)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--plan", "p999"], "p999"),
        (["--plan", "p001", "--year", "99"], "99"),
        (["--plan", "p001", "--seed", "-1"], "-1"),
        (["--plan", "p001", "--draw", "nowhere"], "nowhere"),
    ],
)
def test_wrong_input_is_one_message_and_writes_nothing(
    run: Run, words: list[str], said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["people", "effects", "--run", str(run.folder), *words, "--out", str(tmp_path / "none")]) == 2
    error = capsys.readouterr().err
    assert error.count("\n") == 1
    assert said in error
    assert list(tmp_path.iterdir()) == []


def _about(folder: Path, **changes: object) -> None:
    path = folder / "about.json"
    about = json.loads(path.read_text(encoding="utf-8")) | changes
    path.write_text(json.dumps({key: value for key, value in about.items() if value != "-"}), encoding="utf-8")


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"identity": "-"}, "draw again with --seed 4"),
        ({"identity": {}}, "model_version"),
        ({"places": ["V1"]}, "some places alone"),
        ({"command": "people day"}, "not the record of a draw"),
        ({"seed": "4"}, "not the record of a draw"),
    ],
    ids=["older", "of something else", "of a place", "of another command", "seed"],
)
def test_a_draw_of_something_else_is_refused(
    run: Run, draw: Path, changes: dict[str, object], said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    copy = Path(shutil.copytree(draw, tmp_path / "copy"))
    _about(copy, **changes)
    _refused(run, copy, said, capsys)


def test_a_draw_whose_tables_are_spoiled_is_refused(
    run: Run, draw: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    copy = Path(shutil.copytree(draw, tmp_path / "copy"))
    persons = pq.read_table(draw / "persons.parquet")
    pq.write_table(persons.slice(0, len(persons) - 5), copy / "persons.parquet")
    _refused(run, copy, "draw again", capsys)
    pq.write_table(persons.drop_columns(["time_value_percent"]), copy / "persons.parquet")
    _refused(run, copy, "time_value_percent", capsys)
    (copy / "persons.parquet").write_bytes(b"none")
    _refused(run, copy, "persons.parquet", capsys)
    (copy / "about.json").write_text("{", encoding="utf-8")
    _refused(run, copy, "about.json", capsys)


@pytest.mark.parametrize(
    ("table", "column", "cell", "said"),
    [
        ("persons", "income_cny_per_month", -5, "income_cny_per_month must be within 0"),
        ("persons", "income_cny_per_month", "much", "income_cny_per_month must be a number"),
        ("persons", "employed", 1, "employed must be a flag"),
        ("persons", "place_id", None, "place_id must not be empty"),
        ("persons", "commute_min", None, "commute_min must not be empty"),
        ("persons", "household_id", 4_000_000, "household 4000000 is not in households.parquet"),
        ("persons", "age_band", "99", "age_band must be one of"),
        ("households", "size", 4, "residents where the city has"),
        ("households", "valuation", 11, "valuation must be within -10..10"),
    ],
)
def test_a_cell_that_no_draw_has_is_refused(
    run: Run,
    draw: Path,
    table: str,
    column: str,
    cell: object,
    said: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    copy = Path(shutil.copytree(draw, tmp_path / "copy"))
    rows = pq.read_table(draw / f"{table}.parquet")
    if cell is None:
        cells = pa.nulls(len(rows), pa.string() if column == "place_id" else pa.uint16())
    else:
        cells = pa.array([cell] * len(rows))
    pq.write_table(rows.set_column(rows.schema.get_field_index(column), column, cells), copy / f"{table}.parquet")
    _refused(run, copy, said, capsys)
    _refused(run, copy, "draw again with --seed 4, or leave out --draw", capsys)


def _refused(run: Run, draw: Path, said: str, capsys: pytest.CaptureFixture[str]) -> None:
    out = draw.parent / "none"
    words = ["--run", str(run.folder), "--plan", "p001", "--draw", str(draw), "--out", str(out)]
    assert main(["people", "effects", *words]) == 2
    error = capsys.readouterr().err
    assert error.count("\n") == 1, error
    assert said in error
    assert not out.exists()


def test_a_draw_and_a_seed_exclude_each_other(
    run: Run, draw: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["--run", str(run.folder), "--plan", "p001", "--draw", str(draw), "--seed", "1"]
    assert main(["people", "effects", *words, "--out", str(tmp_path / "none"), "--lang", "zh"]) == 2
    assert "--draw" in capsys.readouterr().err
