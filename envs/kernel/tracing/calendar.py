"""The calendar of a trace: which years are held, and which calendar each village of the batch follows."""

from __future__ import annotations

from functools import cached_property
from typing import Any

import numpy as np

from data.scenario import Bargaining
from envs.kernel.agreements import BargainedTerms
from envs.kernel.computing.backend import Array, array_namespace, like, to_numpy
from envs.kernel.people.timetable import Timetable, by_year
from envs.kernel.plans import Plans
from envs.kernel.resolved_scenario import Constants, ResolvedScenario
from envs.kernel.timing import Clock, delayed
from envs.kernel.tracing.bargained import bargained_terms, counted_plans
from envs.kernel.tracing.precision import Precision

TABLES = ("started", "completed", "rehabilitated", "absorbed")
"""Tables of a clock that say from which year on something stands."""


class Calendar:
    """The batch, the years of its states, and the tables that say from when on something stands."""

    def __init__(
        self,
        resolved: ResolvedScenario,
        plans: Plans,
        precision: Precision,
        *,
        keeps_access: bool = True,
        from_year: int | None = None,
        last_start_year: int | None = None,
        wellbeing_year: int | None = None,
        counted_share: Array | None = None,
    ) -> None:
        """See envs.kernel.trace.Trace."""
        self.keeps_access = keeps_access
        self.wellbeing_year = wellbeing_year
        self.from_year = from_year
        self.last_start_year = resolved.clock.plan_years if last_start_year is None else last_start_year
        self.resolved = resolved
        self.asked, (self.plans, of_bargaining) = plans, counted_plans(resolved, plans)
        self.counted_share = _both(of_bargaining, counted_share)
        self.precision = precision
        self.xp: Any = array_namespace(plans.start_year)
        self.dtype = getattr(self.xp, precision.dtype)
        self.constants: Constants = resolved.constants_like(plans.floor_area_ratio, self.dtype)

    @cached_property
    def bargained(self) -> BargainedTerms | None:
        """What bargaining brings to the plans as they were asked for; None where the scenario leaves it out."""
        return bargained_terms(self.resolved, self.asked)

    @cached_property
    def first_year(self) -> int:
        """First state year held."""
        if self.from_year is not None:
            return self.from_year
        return 0 if self.precision.all_years else 1

    @cached_property
    def last_year(self) -> int:
        """Last state year held."""
        if self.precision.all_years:
            return self.resolved.clock.horizon
        return max(self.first_year, *(clock.last_change_year_after(self.last_start_year) for clock in self.clocks))

    @property
    def n_years(self) -> int:
        """Number of state years held."""
        return self.last_year - self.first_year + 1

    @cached_property
    def year_weights(self) -> Array:
        """Weight of each held year in the mean over years 1..horizon; sums to 1."""
        if self.first_year > 1:
            msg = f"a trace from year {self.first_year} on has no mean over years 1..horizon"
            raise ValueError(msg)
        return self.held_weights

    @cached_property
    def held_weights(self) -> Array:
        """Weight of each held year in the mean over years 1..horizon, whether or not all of these are held."""
        horizon = self.resolved.clock.horizon
        weights = np.full(self.n_years, 1.0 / horizon)
        if self.first_year == 0:
            weights[0] = 0.0
        weights[-1] += (horizon - self.last_year) / horizon
        return like(weights, self.plans.floor_area_ratio, dtype=self.xp.float64)

    def mean_over_years(self, series: Array) -> Array:
        """Mean over years 1..horizon of a series (n_plans, n_years); shape (n_plans,)."""
        return self.xp.astype(series, self.xp.float64) @ self.year_weights

    @cached_property
    def _delays(self) -> tuple[tuple[Clock, ...], Array | None]:
        """The calendars of the batch, that without a delay first, and which of them each village follows."""
        clock, delay_yr = self.resolved.clock, self.plans.delay_yr
        if delay_yr is None:
            return (clock,), None
        years, position = np.unique(np.nan_to_num(to_numpy(delay_yr)), return_inverse=True)
        clocks, place = [clock], {clock.phases.schedule: 0}
        for year in [*self._bargained_delays_yr, *years.tolist()]:
            if delayed(clock, year).phases.schedule not in place:
                place[delayed(clock, year).phases.schedule] = len(clocks)
                clocks.append(delayed(clock, year))
        of_delay = np.array([place[delayed(clock, year).phases.schedule] for year in years.tolist()])
        return tuple(clocks), like(of_delay[position].reshape(delay_yr.shape), self.plans.start_year)

    @property
    def _bargained_delays_yr(self) -> list[float]:
        """One for each calendar that counted bargaining can make; all of them stand in every trace, in this order."""
        table = self.resolved.agreements
        if table is None or self.resolved.scenario.bargaining is not Bargaining.COUNTED:
            return []
        return [float(year) for year in table.calendar_delay_yr]

    @property
    def clocks(self) -> tuple[Clock, ...]:
        """The calendars that villages of the batch follow: the scenario's, then one for every delay that shifts it."""
        return self._delays[0]

    @cached_property
    def calendar_row(self) -> Array:
        """Row of each village in the tables: its start year, plus plan_years + 1 for each calendar before its own."""
        position = self._delays[1]
        if position is None:
            return self.plans.start_year
        return self.plans.start_year + position * (self.resolved.clock.plan_years + 1)

    @cached_property
    def timetable_since_first(self) -> Timetable:
        """What the calendars say of each year from year 1 (or 0, where it is held) to the last held."""
        since = min(1, self.first_year)
        return Timetable(self.calendar_row, {name: self._rows(name, since=since) for name in TABLES})

    @cached_property
    def timetable(self) -> Timetable:
        """What the calendars say of each held year."""
        return self.timetable_since_first.since(self.first_year - min(1, self.first_year))

    def _rows(self, name: str, *, since: int | None = None) -> Array:
        """A table of the calendars, shape (n_rows, n_years): see calendar_row."""
        stacked = np.concatenate([getattr(clock, name) for clock in self.clocks])
        return self.xp.astype(self.held(stacked, since=since), self.dtype)

    def table(self, name: str) -> Array:
        """A table of the clock over the held years, place-first."""
        return by_year(self._rows(name), self.calendar_row)

    def held(self, table: np.ndarray[Any, Any], *, since: int | None = None) -> Array:
        """A start-year table over the held years (or since another year), (n_rows, n_years), float64."""
        held = table[:, self.first_year if since is None else since : self.last_year + 1]
        return like(np.ascontiguousarray(held), self.plans.floor_area_ratio, dtype=self.xp.float64)

    @cached_property
    def started(self) -> Array:
        """1 from the start on, shape (n_villages, n_plans, n_years)."""
        return self.table("started")

    @cached_property
    def completed(self) -> Array:
        """1 from the completion of the rebuilt part on."""
        return self.table("completed")

    @cached_property
    def rehabilitated(self) -> Array:
        """1 from the completion of the retained part on."""
        return self.table("rehabilitated")

    def columns(self, state: Array) -> Array:
        """Flatten plans and years: (n_places, n_plans, n_years) to (n_places, n_columns)."""
        return self.xp.reshape(state, (state.shape[0], -1))

    def series(self, columns: Array) -> Array:
        """Give columns their plans and years back: (n_columns,) to (n_plans, n_years)."""
        return self.xp.reshape(columns, (self.plans.n_plans, self.n_years))


def _both(one: Array | None, other: Array | None) -> Array | None:
    """The product of two shares, either of which may be left out."""
    if one is None or other is None:
        return other if one is None else one
    return one * other
