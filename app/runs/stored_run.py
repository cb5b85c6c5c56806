"""A run as it was stored: what an older model computed is read, shown and handed on, and never computed anew."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from app.runs.names import FRONT_FILE, PLANS_FILE
from app.runs.plan_files import PLAN_COLUMNS
from app.runs.record import RunRecord, read_finished_record, refuse_own_model
from app.runs.run_folder import read_front
from data.catalogue import text
from data.errors import InputError, reason_of, refuse
from data.files.parquet_tables import read_parquet_table
from data.parameter import unknown_name
from envs.kernel.indicators.registry import INDICATORS
from envs.kernel.model_version import MODEL_VERSION
from envs.kernel.plans import OPTIONAL_COLUMNS

MOST_PLAN_ROWS = 5_000_000
"""Plans times villages of a run that is read without its city."""


@dataclass(frozen=True, eq=False)
class StoredRun:
    """A run without its city and its scenario.

    Attributes:
        folder: where it lies.
        record: run.json.
        front: front.csv.
        decisions: plans.parquet: plan_id, village_id and the columns of a plan.
    """

    folder: Path
    record: RunRecord
    front: pd.DataFrame
    decisions: pd.DataFrame

    @property
    def plan_ids(self) -> list[str]:
        """Ids in the order of the front."""
        return [str(name) for name in self.front["plan_id"]]

    def values(self, plan_id: str) -> dict[str, float]:
        """Stored indicators of a plan that this program still knows by name; NaN where undefined.

        Raises:
            InputError: there is no such plan.
        """
        if plan_id not in self.plan_ids:
            problem = unknown_name(plan_id, self.plan_ids)
            first, last = self.plan_ids[0], self.plan_ids[-1]
            file = self.folder / FRONT_FILE
            raise refuse("plan_unknown_in_run", file=file, layer="plan_id", problem=problem, first=first, last=last)
        row = self.front.iloc[self.plan_ids.index(plan_id)]
        return {name: float(row[name]) for name in INDICATORS if name in self.front}

    def schedule(self, plan_id: str) -> pd.DataFrame:
        """Decisions of a plan, the renewed villages by start year; `renewal evaluate` reads them as a plan."""
        chosen = self.decisions[(self.decisions["plan_id"] == plan_id) & (self.decisions["start_year"] > 0)]
        given = [name for name in OPTIONAL_COLUMNS if name in chosen and chosen[name].notna().any()]
        columns = [*PLAN_COLUMNS, *given]
        return chosen[columns].sort_values("start_year", kind="stable").reset_index(drop=True)

    def readable_schedule(self, plan_id: str, language: str) -> pd.DataFrame:
        """The same for a reader: headings, intensities and land uses in words of the language."""
        rows = self.schedule(plan_id)
        said = {name: [text(f"word_{word}", language) for word in rows[name]] for name in ("intensity", "land_use")}
        headings = {name: text(f"column_{name.removesuffix('_id')}", language) for name in rows.columns}
        return rows.assign(**said).rename(columns=headings)

    def note(self, language: str) -> str:
        """Whose numbers these are."""
        return text("stored_of_model", language, version=self.record.model_version, known=MODEL_VERSION)


def read_stored_run(folder: Path) -> StoredRun:
    """Read a finished run by its folder alone.

    Raises:
        InputError: it is no finished run, or its front or its plans cannot be read.
    """
    record, path = read_finished_record(folder), folder / PLANS_FILE
    refuse_own_model(folder, record)
    try:
        decisions = read_parquet_table(path, ["plan_id", *PLAN_COLUMNS], MOST_PLAN_ROWS, optional=OPTIONAL_COLUMNS)
    except InputError:
        raise
    except (OSError, ValueError, KeyError) as error:
        raise refuse("plans_unreadable", file=path, reason=reason_of(error)) from None
    decisions = decisions.astype({"plan_id": str, "village_id": str})
    front = read_front(folder / FRONT_FILE, list(dict.fromkeys(decisions["plan_id"])))
    return StoredRun(folder, record, front, decisions)
