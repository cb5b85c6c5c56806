"""Actuals as the record keeps them: one spelling of a table, named by its digest, of which the log holds the whole."""

from __future__ import annotations

import hashlib
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from app.files.atomic import replaced
from app.files.names import without_formulas
from app.record.entries import ActualsEntry, Person
from app.record.signing import note_actuals
from app.record.standing import Standing
from app.record.subject import Subject
from app.record.verification import kept_actuals, kept_actuals_file
from data.city import City
from data.dictionary import table_columns
from data.importing.plans.actuals import OPTION_COLUMNS, Actuals, read_actuals
from data.importing.plans.asked_plan import UNSAID
from data.scenario import INTENSITIES, LAND_USES


def actuals_frame(actuals: Actuals, city: City) -> pd.DataFrame:
    """A row for a village and a year; a blank option is that of the plan."""
    columns: dict[str, Any] = {
        "village_id": city.villages.village_id[actuals.village_idx],
        "year": actuals.year,
        "started": np.where(actuals.started, "yes", "no"),
        "completed": np.where(actuals.completed, "yes", "no"),
        "cost_cny": actuals.cost_cny,
        "moved_persons": actuals.moved_persons,
        "intensity": _words(actuals.intensity, tuple(map(str, INTENSITIES))),
        "land_use": _words(actuals.land_use, tuple(map(str, LAND_USES))),
        "floor_area_ratio": actuals.floor_area_ratio,
        "facility_ratio": actuals.facility_ratio,
    }
    return pd.DataFrame({name: columns[name] for name in table_columns("record", "actuals")})


def _words(positions: Any, words: tuple[str, ...]) -> list[str]:  # noqa: ANN401 - an array of positions
    return ["" if position == UNSAID else words[position] for position in positions.tolist()]


def actuals_bytes(actuals: Actuals, city: City) -> bytes:
    """The table as CSV in its one spelling; columns of options that nobody filled are left out."""
    frame = actuals_frame(actuals, city)
    unsaid = [name for name in OPTION_COLUMNS if bool((frame[name].isna() | (frame[name] == "")).all())]
    content: str = without_formulas(frame.drop(columns=unsaid)).to_csv(index=False)
    return content.encode()


def actuals_digest(actuals: Actuals, city: City) -> str:
    """SHA-256 of the table."""
    return hashlib.sha256(actuals_bytes(actuals, city)).hexdigest()


def note_and_keep_actuals(subject: Subject, person: Person, actuals: Actuals, comment: str = "") -> Standing:
    """Keep actuals beside the log and note them in it; they take the place of those that were noted before.

    Raises:
        InputError: nobody approved the plan, or the disk refuses; see app.record.signing.note_actuals.
    """
    content = actuals_bytes(actuals, subject.resolved.city)
    digest = hashlib.sha256(content).hexdigest()
    entry = ActualsEntry(digest=digest, n_rows=actuals.n_rows, last_year=int(actuals.year.max()))

    keep = partial(keep_actuals, subject.run, actuals, subject.resolved.city)
    return note_actuals(subject, person, entry, comment, keep=keep)


def keep_actuals(run: Path, actuals: Actuals, city: City) -> None:
    """Write actuals into the record's folder of a run.

    Raises:
        InputError: the disk refuses.
    """
    content = actuals_bytes(actuals, city)
    path = kept_actuals_file(run, hashlib.sha256(content).hexdigest())
    path.parent.mkdir(exist_ok=True)
    with replaced(path) as draft:
        draft.write_bytes(content)


def noted_actuals(subject: Subject, standing: Standing) -> Actuals | None:
    """The actuals that count; None where none were noted.

    Raises:
        InputError: the file is missing, or not what was noted.
    """
    if standing.actuals is None or standing.actuals.actuals is None:
        return None
    path: Path = kept_actuals(subject.run, standing.actuals.actuals)
    return read_actuals(path, subject.resolved.city, subject.resolved.scenario.plan_years)
