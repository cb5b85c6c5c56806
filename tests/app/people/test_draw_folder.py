"""The folder of a draw: what it holds is what was drawn, it says what it is, and a place alone is its slice."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest

from app.cli.main import main
from app.people.draw_folder import write_draw
from app.runs.loading import load_resolved
from data.dictionary import TABLES, table_columns
from envs.people.categories import AGE_BANDS, GROUPS, SEXES, TENURES
from envs.people.drawing import draw_residents
from envs.people.people_model import PeopleModel, people_model

FILES = {"persons.parquet", "households.parquet", "margins.csv", "about.json"}


@pytest.fixture(scope="module")
def model() -> PeopleModel:
    return people_model(load_resolved("tiny", "balanced"))


@pytest.fixture(scope="module")
def folder(model: PeopleModel, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("draw") / "all"
    told: list[int] = []
    drawn = write_draw(out, model, "tiny", seed=5, threads=2, progress=told.append)
    assert sum(told) == drawn.n_persons == int(model.persons.sum())
    return out


def test_the_files_hold_what_was_drawn(model: PeopleModel, folder: Path) -> None:
    residents = draw_residents(model, 5)
    assert {path.name for path in folder.iterdir()} == FILES
    persons, households = (pd.read_parquet(folder / f"{table}.parquet") for table in TABLES["people"])
    assert np.array_equal(persons["income_cny_per_month"], residents.persons.income_cny_per_month)
    assert np.array_equal(persons["place_id"], model.city.place_id[residents.persons.place_idx])
    zones = np.array([*model.city.zones.zone_id, None], dtype=object)[residents.persons.work_zone_idx]
    assert np.array_equal(persons["work_zone_id"].astype(object).where(persons["employed"], None), zones)
    assert np.array_equal(persons["commute_min"].fillna(0), residents.persons.commute_min)
    assert np.array_equal(households["size"], residents.households.size)
    assert np.array_equal(households["tenure"], np.array(TENURES)[residents.households.tenure_idx])
    assert households["household_id"].isin(persons["person_id"]).all()


@pytest.mark.parametrize("table", TABLES["people"])
def test_every_column_is_in_the_dictionary(folder: Path, table: str) -> None:
    schema, columns = pq.read_schema(folder / f"{table}.parquet"), table_columns("people", table)
    assert schema.names == list(columns)
    for name, column in columns.items():
        metadata = schema.field(name).metadata
        assert metadata[b"description"].decode() == column.description
        assert metadata.get(b"unit", b"").decode() == column.unit
    frame = pd.read_parquet(folder / f"{table}.parquet")
    for name, column in columns.items():
        if column.type == "number":
            assert frame[name].dropna().between(*column.bounds).all(), name
        if column.choices:
            assert set(frame[name].cat.categories) == set(column.choices), name


def test_choices_are_the_categories() -> None:
    persons, households = (table_columns("people", table) for table in TABLES["people"])
    assert persons["resident_group"].choices == households["resident_group"].choices == GROUPS
    assert persons["age_band"].choices == AGE_BANDS
    assert persons["sex"].choices == SEXES
    assert households["tenure"].choices == TENURES


def test_every_file_says_that_it_is_synthetic(folder: Path) -> None:
    for table in TABLES["people"]:
        assert b"no row stands for a real person" in pq.read_schema(folder / f"{table}.parquet").metadata[b"synthetic"]
    about = json.loads((folder / "about.json").read_text(encoding="utf-8"))
    assert about["synthetic"].startswith("Synthetic")
    assert (about["seed"], about["places"], about["scenario"]) == (5, None, "balanced")
    assert about["n_persons"] == len(pd.read_parquet(folder / "persons.parquet"))
    assert {margin["margin"] for margin in about["margins"] if margin["holds"] is False} == set()
    assert len(pd.read_csv(folder / "margins.csv")) == len(about["margins"])


@pytest.mark.parametrize(("option", "column"), [("--village", "village"), ("--zone", "zone")])
def test_a_place_alone_is_its_slice(
    option: str, column: str, model: PeopleModel, folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    place = str((model.city.villages.village_id if column == "village" else model.city.zones.zone_id)[-1])
    out = tmp_path / "one"
    assert main(["people", "draw", "--city", "tiny", "--seed", "5", "--out", str(out), option, place]) == 0
    assert "within 1 %" in capsys.readouterr().out
    for table in TABLES["people"]:
        every, alone = (pd.read_parquet(where / f"{table}.parquet") for where in (folder, out))
        of_place = every[every["place_id"] == place].reset_index(drop=True)
        pd.testing.assert_frame_equal(alone, of_place)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--city", "tiny", "--village", "V99"], "city tiny: --village: 'V99' is not known (there are V1 to V6)"),
        (["--city", "tiny", "--zone", "V01"], "'V01'"),
        (["--city", "tiny", "--zone", "Z01", "--village", "V01"], "--zone"),
        (["--city", "tiny", "--seed", "-1"], "-1"),
        (["--city", "tinny"], "tiny"),
        (["--city", "tiny", "--scenario", "balancd"], "balanced"),
    ],
)
def test_wrong_input_is_one_message_and_writes_nothing(
    words: list[str], said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["people", "draw", *words, "--out", str(tmp_path / "none")]) == 2
    error = capsys.readouterr().err
    assert error.count("\n") == 1
    assert said in error
    assert list(tmp_path.iterdir()) == []


def test_a_book_that_contradicts_itself_writes_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    scenario = tmp_path / "alone.yaml"
    scenario.write_text(
        "parameters:\n  household.size: {one: 1, two: 0, three: 0, four: 0, five_or_more: 0}\n", encoding="utf-8"
    )
    words = ["people", "draw", "--city", "tiny", "--scenario", str(scenario), "--out", str(tmp_path / "none")]
    assert main([*words, "--lang", "zh"]) == 2
    assert "household" in capsys.readouterr().err
    assert [path.name for path in tmp_path.iterdir()] == ["alone.yaml"]
