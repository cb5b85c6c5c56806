"""When things happen: phases of a renewal, yearly states and the years of each cash flow."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from math import ceil, floor

import numpy as np

from data.arrays import FloatArray


def _up(years: float) -> int:
    """Round up to whole years; sums such as 0.1 + 2.7 + 0.2 are taken as the 3 they are written for.

    Example:
        >>> 0.1 + 2.7 + 0.2, _up(0.1 + 2.7 + 0.2), _up(3.1)
        (3.0000000000000004, 3, 4)
    """
    return ceil(round(years, 9))


def _down(years: float) -> int:
    """Round down to whole years, with the same care."""
    return floor(round(years, 9))


@dataclass(frozen=True)
class Phases:
    """Lengths of the phases of a renewal [yr]; they are summed, then rounded up."""

    approval_yr: float
    land_assembly_yr: float
    construction_yr: float
    upgrade_works_yr: float

    @property
    def rebuild_lag_yr(self) -> int:
        """Years from start to completion of the rebuilt part."""
        return max(1, _up(self.approval_yr + self.land_assembly_yr + self.construction_yr))

    @property
    def rehabilitation_lag_yr(self) -> int:
        """Years from start to completion of the retained part."""
        return max(1, _up(self.approval_yr + self.upgrade_works_yr))

    @property
    def assembly_years(self) -> range:
        """Years after the start that land assembly and demolition touch."""
        first = min(_down(self.approval_yr), self.rebuild_lag_yr - 1)
        return range(first, max(first + 1, _up(self.approval_yr + self.land_assembly_yr)))

    @property
    def construction_years(self) -> range:
        """Years after the start that construction touches; all end before completion."""
        first = min(_down(self.approval_yr + self.land_assembly_yr), self.rebuild_lag_yr - 1)
        return range(first, self.rebuild_lag_yr)

    @property
    def works_years(self) -> range:
        """Years after the start that rehabilitation works touch."""
        first = min(_down(self.approval_yr), self.rehabilitation_lag_yr - 1)
        return range(first, self.rehabilitation_lag_yr)

    @property
    def largest_lag_yr(self) -> int:
        """Years from start until all is completed."""
        return max(self.rebuild_lag_yr, self.rehabilitation_lag_yr)

    @property
    def schedule(self) -> tuple[int | range, ...]:
        """All that a calendar takes from the phases: two delays of one schedule are the same."""
        lags = (self.rebuild_lag_yr, self.rehabilitation_lag_yr)
        return (*lags, self.assembly_years, self.construction_years, self.works_years)

    def delayed(self, delay_yr: float) -> Phases:
        """The same phases after an approval that takes longer.

        Example:
            Phases that sum to exactly 5 years end a year later, however short the delay.

            >>> Phases(1.0, 1.5, 2.5, 1.0).delayed(0.3).rebuild_lag_yr
            6
        """
        return replace(self, approval_yr=self.approval_yr + delay_yr)


@dataclass(frozen=True)
class Clock:
    """Calendar of a scenario; its tables are indexed by start year (row 0 = kept, all zero), then by year.

    Attributes:
        phases: phase lengths.
        plan_years: number of programme years.
        tail_years: years observed after the last possible completion.
        operation_years: years of operation after the programme, in the cash flow.
        absorption: share of new housing sold or let in each year from completion; sums to 1.
        undelayed: the scenario's phases, where those above are of villages with a delay; they make the horizon.
    """

    phases: Phases
    plan_years: int
    tail_years: int
    operation_years: int
    absorption: tuple[float, ...]
    undelayed: Phases | None = None

    @property
    def horizon(self) -> int:
        """Last state year: plan_years + largest lag + tail_years; no delay moves it."""
        return self.plan_years + (self.undelayed or self.phases).largest_lag_yr + self.tail_years

    @property
    def last_flow_year(self) -> int:
        """Last year of the cash flow; year 0 is the first."""
        return self.plan_years + self.operation_years

    @property
    def longest_delay_yr(self) -> float:
        """A rebuilt village that is delayed longer may not be sold out in the last year of the cash flow [yr]."""
        phases = self.phases
        lag_yr = phases.approval_yr + phases.land_assembly_yr + phases.construction_yr
        return round(self.operation_years + 1 - len(self.absorption) - lag_yr, 9)

    @property
    def last_change_year(self) -> int:
        """From this year on the state of every plan is constant, unless newcomers had to wait."""
        return self.last_change_year_after(self.plan_years)

    def last_change_year_after(self, last_start_year: int) -> int:
        """The same for plans that start nothing after a year."""
        return min(self.horizon, last_start_year + self.phases.largest_lag_yr + len(self.absorption) - 1)

    @cached_property
    def started(self) -> FloatArray:
        """1 from the start year on; shape (plan_years + 1, horizon + 1)."""
        return self._since(0, self.horizon)

    @cached_property
    def completed(self) -> FloatArray:
        """1 from the completion of the rebuilt part on."""
        return self._since(self.phases.rebuild_lag_yr, self.horizon)

    @cached_property
    def rehabilitated(self) -> FloatArray:
        """1 from the completion of the retained part on."""
        return self._since(self.phases.rehabilitation_lag_yr, self.horizon)

    @cached_property
    def absorbed(self) -> FloatArray:
        """Cumulative absorption since completion."""
        return np.cumsum(self._spread(self._absorption_from_completion, self.horizon), axis=1)

    @cached_property
    def flow_profiles(self) -> dict[str, FloatArray]:
        """Share of an amount that falls in each year; name -> shape (plan_years + 1, last_flow_year + 1).

        `standing` is 1 from the start on; `completion` is that of the rebuilt part, `conversion` that of the retained
        one; `away` and `operation` repeat a yearly amount, `terminal` falls in the last
        year, the others sum to 1.
        """
        last, lag = self.last_flow_year, self.phases.rebuild_lag_yr
        operation = self._since(lag, last)
        terminal = np.zeros_like(operation)
        terminal[:, -1] = operation[:, -1]
        return {
            "start": self._spread({0: 1.0}, last),
            "away": self._spread(dict.fromkeys(range(lag), 1.0), last),
            "assembly": self._spread(_evenly(self.phases.assembly_years), last),
            "construction": self._spread(_evenly(self.phases.construction_years), last),
            "works": self._spread(_evenly(self.phases.works_years), last),
            "completion": self._spread({lag: 1.0}, last),
            "conversion": self._spread({self.phases.rehabilitation_lag_yr: 1.0}, last),
            "sale": self._spread(self._absorption_from_completion, last),
            "standing": self._since(0, last),
            "operation": operation,
            "terminal": terminal,
        }

    @property
    def _absorption_from_completion(self) -> dict[int, float]:
        lag = self.phases.rebuild_lag_yr
        return {lag + j: share for j, share in enumerate(self.absorption)}

    def _since(self, delay: int, last_year: int) -> FloatArray:
        start = np.arange(self.plan_years + 1)[:, None]
        year = np.arange(last_year + 1)[None, :]
        return ((year >= start + delay) & (start > 0)).astype(np.float64)

    def _spread(self, share_by_delay: dict[int, float], last_year: int) -> FloatArray:
        table = np.zeros((self.plan_years + 1, last_year + 1))
        for start in range(1, self.plan_years + 1):
            for delay, share in share_by_delay.items():
                if start + delay <= last_year:
                    table[start, start + delay] = share
        return table


@lru_cache(maxsize=256)
def delayed(clock: Clock, delay_yr: float) -> Clock:
    """The calendar of villages whose approval takes longer, in the same horizon; its tables are computed once."""
    return replace(clock, phases=clock.phases.delayed(delay_yr), undelayed=clock.phases) if delay_yr else clock


def _evenly(years: range) -> dict[int, float]:
    return dict.fromkeys(years, 1.0 / len(years))
