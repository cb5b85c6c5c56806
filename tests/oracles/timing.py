"""Section 4, timing: lags, completion years, and the years over which a cost is spread.

Read where the pages leave room: no works are completed in the year in which they start; a phase of length zero still
has one year to carry its cost, and that year lies before completion; phase sums are rounded to 1e-9 before they are
rounded up or down, so that 0.1 + 0.2 + 0.7 years make one year and not two. A delay that the plan gives a village
lengthens the approval phase of both its parts; the horizon does not know it.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from oracles.form import Parameter


@dataclass(frozen=True)
class Phases:
    """Years after the start year; the ranges are offsets from it."""

    lag: int  # of the rebuilt part: completion = start + lag
    lag_rehabilitation: int  # of the retained part
    assembly_offsets: tuple[int, ...]
    construction_offsets: tuple[int, ...]
    works_offsets: tuple[int, ...]


@dataclass(frozen=True)
class Horizon:
    """The last state year and the last year of the cash flow; both start in year 0."""

    last_state_year: int
    last_money_year: int


def _up(years: float) -> int:
    return math.ceil(round(years, 9))


def _down(years: float) -> int:
    return math.floor(round(years, 9))


def _offsets(first: int, last: int, lag: int) -> tuple[int, ...]:
    first = min(first, lag - 1)
    return tuple(range(first, max(first, last) + 1))


def read_phases(parameter: Parameter, delay_yr: float = 0.0) -> Phases:
    """Phases of both parts of a village whose approval takes delay_yr longer than the book's."""
    approval = parameter("time.approval") + delay_yr
    assembly = parameter("time.land_assembly")
    construction = parameter("time.construction")
    works = parameter("time.upgrade_works")
    lag = max(1, _up(approval + assembly + construction))
    lag_rehabilitation = max(1, _up(approval + works))
    return Phases(
        lag=lag,
        lag_rehabilitation=lag_rehabilitation,
        assembly_offsets=_offsets(_down(approval), _up(approval + assembly) - 1, lag),
        construction_offsets=_offsets(_down(approval + assembly), lag - 1, lag),
        works_offsets=_offsets(_down(approval), lag_rehabilitation - 1, lag_rehabilitation),
    )


def read_horizon(plan_years: int, phases: Phases, parameter: Parameter) -> Horizon:
    """Last state year H = plan_years + largest lag + tail; last money year = plan_years + operation_years."""
    return Horizon(
        last_state_year=plan_years
        + max(phases.lag, phases.lag_rehabilitation)
        + int(parameter("indicator.tail_years")),
        last_money_year=plan_years + int(parameter("finance.operation_years")),
    )
