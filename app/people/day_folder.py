"""The folder that `renewal people day` writes: trips, who is where and who does what by hour, and what all of it is."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from app.files.atomic import new_folder, write_json
from app.people.day_of_plan import PlanDay
from app.people.day_tables import estimated_keys
from app.runs.about_tables import about_tables
from data.catalogue import text
from data.dictionary import TABLES
from envs.people.categories import GROUPS
from envs.people.day.activities import HOURS, KINDS, KM, MINUTES, MODES, PURPOSES, TRIPS
from envs.people.day.day import Day


def write_day(out: Path, shown: PlanDay, *, city: str, plan_id: str | None, run: str | None) -> None:
    """Write the folder; it appears whole or not at all.

    Args:
        out: a new folder.
        shown: before alone, or before and after.
        city: name or path as it was given.
        plan_id: of the plan.
        run: folder of its run.

    Raises:
        InputError: the folder cannot be written.
    """
    frames = {"trips": trips_frame, "present": present_frame, "doing": doing_frame}
    with new_folder(out) as draft:
        for name in TABLES["day"]:
            frames[name](shown).to_csv(draft / f"{name}.csv", index=False)
        write_json(draft / "about.json", _about(shown, city, plan_id, run))


def trips_frame(shown: PlanDay) -> pd.DataFrame:
    """A row for each state, purpose, mode, group and kind of people that has trips."""

    def of_state(state: str, day: Day) -> pd.DataFrame:
        purpose, mode, group, kind = np.nonzero(day.travel[TRIPS])
        columns: dict[str, Any] = {
            "state": state,
            "purpose": np.array(PURPOSES)[purpose],
            "mode": np.array(MODES)[mode],
            "resident_group": np.array(GROUPS)[group],
            "person_kind": np.array(KINDS)[kind],
        }
        for name, measure in (("trips", TRIPS), ("person_km", KM), ("person_minutes", MINUTES)):
            columns[name] = day.travel[measure, purpose, mode, group, kind]
        return pd.DataFrame(columns)

    return pd.concat([of_state(state, day) for state, day in shown.states.items()], ignore_index=True)


def present_frame(shown: PlanDay) -> pd.DataFrame:
    """A row for each state, place and full hour."""
    places = np.repeat(shown.resolved.city.place_id, HOURS)
    return pd.concat([_by_hour(state, "place_id", places, day.present) for state, day in shown.states.items()])


def doing_frame(shown: PlanDay) -> pd.DataFrame:
    """A row for each state, activity and full hour."""
    words = np.repeat(PURPOSES, HOURS)
    return pd.concat([_by_hour(state, "activity", words, day.doing) for state, day in shown.states.items()])


def _by_hour(state: str, name: str, names: np.ndarray[Any, Any], persons: np.ndarray[Any, Any]) -> pd.DataFrame:
    hours = np.tile(np.arange(HOURS), len(persons))
    return pd.DataFrame({"state": state, name: names, "hour": hours, "persons": persons.ravel()})


def _about(shown: PlanDay, city: str, plan_id: str | None, run: str | None) -> dict[str, Any]:
    """Of what this is the day, and what each column means."""
    resolved = shown.resolved
    said = about_tables(
        "day",
        resolved,
        city,
        command="people day",
        more_digests={"residents": resolved.book.residents_digest, "day": resolved.book.day_digest},
    )
    return said | {
        "model": text("day_note", "en"),
        "run": run,
        "plan_id": plan_id,
        "year": shown.year,
        "estimates": {key: resolved.book[key].label_en for key in estimated_keys(resolved.book)},
    }
