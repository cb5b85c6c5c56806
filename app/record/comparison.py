"""What came of a plan against the plan (后评估): starts, completions, cost and people, by village and year.

A plan's numbers are the evaluator's. An actual that is not reported is 0 where the village was not started by then,
else not known; of people it is 0, too, where those of another year are told. Differences are of what is known.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from app.plans.tables import PlanTables
from data.arrays import BoolArray, FloatArray, IntArray
from data.importing.plans.actuals import Actuals
from envs.kernel.project_account import COST, ITEMS

MEASURES = ("cost_cny", "moved_persons")
NEVER = 0
"""Year of what has not happened, or is not planned."""


@dataclass(frozen=True, eq=False)
class Comparison:
    """A plan and what came of it, up to the last reported year.

    Attributes:
        tables: of the plan.
        actuals: what came of it.
        last_year: last programme year that was reported.
    """

    tables: PlanTables
    actuals: Actuals
    last_year: int

    @cached_property
    def planned_start(self) -> IntArray:
        """Programme year, 0 = kept, shape (n_villages,)."""
        return np.asarray(self.tables.plan.start_year[0])

    @cached_property
    def planned_completion(self) -> IntArray:
        """Year in which works end by the plan, 0 = kept, shape (n_villages,)."""
        return np.asarray(self.tables.trace.completion_year[0])

    @cached_property
    def actual_start(self) -> IntArray:
        """Programme year, 0 = not by the last reported year, shape (n_villages,)."""
        return self._years(self.actuals.started)

    @cached_property
    def actual_completion(self) -> IntArray:
        """Programme year, 0 = not by the last reported year, shape (n_villages,)."""
        return self._years(self.actuals.completed)

    def _years(self, mask: BoolArray) -> IntArray:
        years = np.full(self.planned_start.size, NEVER, dtype=np.int64)
        years[self.actuals.village_idx[mask]] = self.actuals.year[mask]
        return years

    @cached_property
    def planned(self) -> dict[str, FloatArray]:
        """Measure -> the plan's, shape (n_villages, last_year), year 1 first."""
        flows, trace = self.tables.flows, self.tables.trace
        cost = np.sum([-flows[item.name] for item in ITEMS if item.kind == COST], axis=0)
        moved = np.asarray((trace.moves.registered_left + trace.moves.tenants_left)[0])
        leaves = self.planned_start[:, None] == np.arange(1, self.last_year + 1)
        return {"cost_cny": cost[:, 1 : self.last_year + 1], "moved_persons": moved[:, None] * leaves}

    @cached_property
    def actual(self) -> dict[str, FloatArray]:
        """Measure -> the actual, NaN where it is not known, same shape."""
        years = np.arange(1, self.last_year + 1)
        begun = (self.actual_start[:, None] != NEVER) & (self.actual_start[:, None] <= years)
        found = {}
        for name in MEASURES:
            values = np.where(begun, np.nan, 0.0)
            said = getattr(self.actuals, name)
            known = np.isfinite(said)
            if name == "moved_persons":  # people are told in the year in which they move: in the others nobody did
                values[self.actuals.village_idx[known]] = 0.0
            values[self.actuals.village_idx[known], self.actuals.year[known] - 1] = said[known]
            found[name] = values
        return found

    def difference(self, measure: str) -> FloatArray:
        """Actual less planned, NaN where the actual is not known, shape (n_villages, last_year)."""
        return self.actual[measure] - self.planned[measure]

    @cached_property
    def start_delay_yr(self) -> FloatArray:
        """Years by which each village began late; NaN where nothing is planned or due, shape (n_villages,)."""
        return _delay(self.planned_start, self.actual_start, self.last_year)

    @cached_property
    def completion_delay_yr(self) -> FloatArray:
        """The same of the end of the works."""
        return _delay(self.planned_completion, self.actual_completion, self.last_year)

    @property
    def due(self) -> BoolArray:
        """Villages that the plan starts by the last reported year."""
        return (self.planned_start != NEVER) & (self.planned_start <= self.last_year)

    @property
    def begun(self) -> BoolArray:
        """Villages that were started."""
        return self.actual_start != NEVER

    @cached_property
    def unsaid_cost(self) -> BoolArray:
        """Villages and years with a planned cost that were started and have no reported one."""
        return (self.planned["cost_cny"] > 0.0) & np.isnan(self.actual["cost_cny"])

    def by_village_and_year(self) -> pd.DataFrame:
        """A row for each village and year in which something is planned or reported."""
        reported = np.zeros(self.difference("cost_cny").shape, dtype=bool)
        reported[self.actuals.village_idx, self.actuals.year - 1] = True
        years = np.arange(1, self.last_year + 1)
        marks = {
            "planned_started": self.planned_start[:, None] == years,
            "actual_started": self.actual_start[:, None] == years,
            "planned_completed": self.planned_completion[:, None] == years,
            "actual_completed": self.actual_completion[:, None] == years,
        }
        shown = reported | (self.planned["cost_cny"] != 0.0) | marks["planned_started"] | marks["planned_completed"]
        village, year = np.nonzero(shown)
        columns: dict[str, Any] = {"village_id": self._ids[village], "year": year + 1}
        columns |= {name: np.where(mask[village, year], "yes", "no") for name, mask in marks.items()}
        for measure in MEASURES:
            columns |= self._columns(measure, lambda values: values[village, year])
        return pd.DataFrame(columns)

    def by_village(self) -> pd.DataFrame:
        """A row for each village that is due, was started or has something reported: its delays and its sums."""
        shown = self.due | self.begun
        shown[self.actuals.village_idx] = True
        idx = np.flatnonzero(shown)
        columns: dict[str, Any] = {
            "village_id": self._ids[idx],
            "name": self.tables.resolved.city.villages.name[idx],
            "planned_start_year": _blank(self.planned_start[idx]),
            "actual_start_year": _blank(self.actual_start[idx]),
            "start_delay_yr": self.start_delay_yr[idx],
            "planned_completion_year": _blank(self.planned_completion[idx]),
            "actual_completion_year": _blank(self.actual_completion[idx]),
            "completion_delay_yr": self.completion_delay_yr[idx],
        }
        for measure in MEASURES:
            columns |= self._columns(measure, lambda values: values[idx].sum(axis=1))
        return pd.DataFrame(columns)

    def by_year(self) -> pd.DataFrame:
        """A row for each year up to the last reported one."""
        years = np.arange(1, self.last_year + 1)
        columns: dict[str, Any] = {"year": years}
        for noun, planned, actual in (
            ("starts", self.planned_start, self.actual_start),
            ("completions", self.planned_completion, self.actual_completion),
        ):
            columns[f"planned_{noun}"] = (planned[:, None] == years).sum(axis=0)
            columns[f"actual_{noun}"] = (actual[:, None] == years).sum(axis=0)
        columns |= self._columns("cost_cny", lambda values: np.nansum(values, axis=0))
        columns["unsaid_cost_villages"] = self.unsaid_cost.sum(axis=0)
        return pd.DataFrame(columns | self._columns("moved_persons", lambda values: np.nansum(values, axis=0)))

    def _columns(self, measure: str, part: Any) -> dict[str, FloatArray]:  # noqa: ANN401 - a function of an array
        """Planned, actual and their difference, as far as `part` of an array by village and year."""
        return {
            f"planned_{measure}": part(self.planned[measure]),
            f"actual_{measure}": part(self.actual[measure]),
            f"difference_{measure}": part(self.difference(measure)),
        }

    @property
    def _ids(self) -> Any:  # noqa: ANN401 - an array of texts
        return self.tables.resolved.city.villages.village_id


def compared(tables: PlanTables, actuals: Actuals) -> Comparison:
    """A plan and what came of it.

    Args:
        tables: of the plan.
        actuals: one row at least.
    """
    return Comparison(tables, actuals, int(actuals.year.max()))


def _delay(planned: IntArray, actual: IntArray, last_year: int) -> FloatArray:
    """Actual less planned year; where what is due has not happened, the years since, one at least."""
    happened = (planned != NEVER) & (actual != NEVER)
    missed = (planned != NEVER) & (actual == NEVER) & (planned <= last_year)
    late = np.where(happened, actual - planned, np.where(missed, last_year + 1 - planned, 0)).astype(np.float64)
    return np.where(happened | missed, late, np.nan)


def _blank(years: IntArray) -> Any:  # noqa: ANN401 - pandas' nullable integers
    return pd.array([None if year == NEVER else int(year) for year in years], dtype="Int64")
