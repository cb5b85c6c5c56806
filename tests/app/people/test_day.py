"""The day of residents for people: files hold the day, tables say what they hold, wrong input is told."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from app.cli.main import main
from app.people.day_folder import present_frame
from app.people.day_of_plan import PlanDay, plan_day
from app.people.day_tables import day_tables, estimated_keys
from app.runs.run_folder import Run
from data.dictionary import TABLES, table_columns
from data.parameter_book import load_book
from envs.kernel.plans import empty_plan
from envs.people.categories import GROUPS
from envs.people.day.activities import KINDS, KM, MODES, PURPOSES, TRIPS


@pytest.fixture(scope="module")
def shown(run: Run) -> PlanDay:
    return plan_day(run.resolved, run.plans[:1])


@pytest.fixture(scope="module")
def folder(run: Run, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("day") / "plan"
    assert main(["people", "day", "--run", str(run.folder), "--plan", run.plan_ids[0], "--out", str(out)]) == 0
    return out


def test_the_files_hold_the_day(shown: PlanDay, folder: Path) -> None:
    assert {path.name for path in folder.iterdir()} == {"trips.csv", "present.csv", "doing.csv", "about.json"}
    trips, present, doing = (pd.read_csv(folder / f"{table}.csv") for table in TABLES["day"])
    for measure, name in enumerate(("trips", "person_km", "person_minutes")):
        for state, day in shown.states.items():
            assert trips.loc[trips["state"] == state, name].sum() == pytest.approx(day.travel[measure].sum())
    assert shown.after is not None
    n_residents = shown.before.persons.sum()
    for frame in (present, doing):
        assert frame.groupby(["state", "hour"])["persons"].sum().to_numpy() == pytest.approx([n_residents] * 48)
    noon = present[(present["state"] == "after") & (present["hour"] == 12)].set_index("place_id")["persons"]
    assert noon[shown.resolved.city.place_id].to_numpy() == pytest.approx(shown.after.present[:, 12])
    assert np.abs(shown.after.present - shown.before.present).max() > 1.0


def test_every_column_is_in_the_dictionary(folder: Path) -> None:
    about = json.loads((folder / "about.json").read_text(encoding="utf-8"))
    assert about["plan_id"] == "p001"
    assert about["dictionary"]["trips"]["person_km"]["unit"] == "km/day"
    assert set(about["estimates"]) == set(estimated_keys(load_book()))
    for table in TABLES["day"]:
        frame, columns = pd.read_csv(folder / f"{table}.csv"), table_columns("day", table)
        assert list(frame.columns) == list(columns)
        for name, column in columns.items():
            if column.type == "number":
                assert frame[name].between(*column.bounds).all(), name
            if column.choices:
                assert set(frame[name]) <= set(column.choices), name
    trips = table_columns("day", "trips")
    assert [trips[name].choices for name in ("purpose", "mode", "resident_group", "person_kind")] == [
        PURPOSES, MODES, GROUPS, KINDS,
    ]  # fmt: skip


def test_the_empty_plan_changes_nothing(run: Run) -> None:
    same = plan_day(run.resolved, empty_plan(run.resolved.city.n_villages), 3)
    states = present_frame(same).set_index("state")["persons"]
    assert states["after"].to_numpy() == pytest.approx(states["before"].to_numpy(), rel=1e-9)
    for table in day_tables(same, "en"):
        assert not [cell for row in table.rows for cell in row[1:] if "→" in cell]


def test_tables_say_what_the_day_holds(shown: PlanDay) -> None:
    """The last row is everybody; a group's km are its own."""
    assert shown.after is not None
    purposes, modes, groups, kinds = day_tables(shown, "zh")
    before, after = shown.before, shown.after
    for table, n in ((purposes, len(PURPOSES)), (modes, len(MODES)), (groups, len(GROUPS)), (kinds, len(KINDS))):
        assert len(table.rows) == n + 1
        assert str(shown.year) in table.title
    assert modes.rows[-1][1] == f"{before.travel[TRIPS].sum() / 1e3:,.1f}"
    walks = [f"{day.travel[TRIPS, :, 0].sum() / 1e3:,.1f}" for day in (before, after)]
    assert modes.rows[0][1].startswith(" → ".join(dict.fromkeys(walks)))
    tenants = before.travel[KM, :, :, 1].sum() / before.persons[1].sum()
    assert groups.rows[1][3].startswith(f"{tenants:.2f} → ")


def test_a_city_without_a_plan(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["people", "day", "--city", "tiny", "--lang", "zh", "--out", str(tmp_path / "base")]) == 0
    said = capsys.readouterr().out
    assert "E 级" in said
    assert "→" not in said
    assert set(pd.read_csv(tmp_path / "base" / "doing.csv")["state"]) == {"before"}


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--plan", "p001"], "--city"),
        (["--city", "tiny", "--year", "3"], "--run"),
        (["--city", "tiny", "--plan", "p001"], "--run"),
        (["--run", "{run}"], "--plan"),
        (["--run", "{run}", "--plan", "p999"], "p999"),
        (["--run", "{run}", "--plan", "p001", "--year", "99"], "99"),
        (["--run", "{run}", "--plan", "p001", "--scenario", "balanced"], "--scenario"),
        (["--city", "tinny"], "tiny"),
    ],
)
def test_wrong_input_is_one_message_and_writes_nothing(
    words: list[str], said: str, run: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    named = [word.format(run=run.folder) for word in words]
    assert main(["people", "day", *named, "--out", str(tmp_path / "none")]) == 2
    error = capsys.readouterr().err
    assert error.count("\n") == 1
    assert said in error
    assert list(tmp_path.iterdir()) == []
