"""Phases, yearly states and flow profiles."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from envs.kernel.timing import Clock, Phases

YEARS = st.floats(0.0, 4.0)
SUMS_TO_ONE = ("start", "assembly", "construction", "works", "completion", "sale")


def clock_of(
    approval: float, assembly: float, construction: float, works: float, *, plan_years: int = 10, operation: int = 20
) -> Clock:
    phases = Phases(approval, assembly, construction, works)
    return Clock(phases, plan_years, tail_years=5, operation_years=operation, absorption=(0.4, 0.35, 0.25))


@pytest.mark.parametrize(
    ("years", "lag", "assembly", "construction"),
    [
        ((1.0, 1.0, 2.5), 5, [1], [2, 3, 4]),
        ((0.5, 1.0, 2.0), 4, [0, 1], [1, 2, 3]),
        ((0.1, 0.2, 0.7), 1, [0], [0]),
        ((0.1, 2.7, 0.2), 3, [0, 1, 2], [2]),  # the floats add up to a little more than 3
        ((0.0, 0.0, 0.0), 1, [0], [0]),
    ],
)
def test_phases(years: tuple[float, float, float], lag: int, assembly: list[int], construction: list[int]) -> None:
    phases = Phases(*years, upgrade_works_yr=1.0)
    assert phases.rebuild_lag_yr == lag
    assert list(phases.assembly_years) == assembly
    assert list(phases.construction_years) == construction


def test_rehabilitation_has_its_own_lag() -> None:
    phases = Phases(1.0, 1.0, 2.5, 1.0)
    assert phases.rehabilitation_lag_yr == 2
    assert list(phases.works_years) == [1]


def test_calendar() -> None:
    clock = clock_of(1.0, 1.0, 2.5, 1.0)
    assert (clock.horizon, clock.last_flow_year, clock.last_change_year) == (20, 30, 17)
    assert clock.started[3].tolist() == [0.0] * 3 + [1.0] * 18
    assert np.flatnonzero(clock.completed[3])[0] == 8
    assert np.flatnonzero(clock.rehabilitated[3])[0] == 5
    assert clock.absorbed[3, 7:12] == pytest.approx([0.0, 0.4, 0.75, 1.0, 1.0])


@given(YEARS, YEARS, YEARS, YEARS)
def test_profiles_spread_the_whole_amount(approval: float, assembly: float, construction: float, works: float) -> None:
    clock = clock_of(approval, assembly, construction, works)
    profiles, lag = clock.flow_profiles, clock.phases.rebuild_lag_yr
    started = slice(1, None)
    for name in SUMS_TO_ONE:
        assert profiles[name][started].sum(axis=1) == pytest.approx(1.0), name
    assert profiles["away"][started].sum(axis=1) == pytest.approx(float(lag))
    first = np.arange(1, clock.plan_years + 1) + lag
    assert profiles["operation"][started].sum(axis=1) == pytest.approx(clock.last_flow_year - first + 1)
    assert profiles["terminal"][started].sum(axis=1) == pytest.approx(1.0)
    assert profiles["terminal"][:, :-1].sum() == 0.0
    for name, profile in profiles.items():
        assert (profile[0] == 0.0).all(), name  # a kept village pays and earns nothing
        assert profile.shape == (clock.plan_years + 1, clock.last_flow_year + 1)


@given(YEARS, YEARS, YEARS, YEARS)
def test_works_end_before_completion(approval: float, assembly: float, construction: float, works: float) -> None:
    clock = clock_of(approval, assembly, construction, works)
    phases, profiles = clock.phases, clock.flow_profiles
    assert phases.construction_years.stop == phases.rebuild_lag_yr
    assert phases.works_years.stop == phases.rehabilitation_lag_yr
    assert 0 <= phases.assembly_years.start < phases.assembly_years.stop <= phases.rebuild_lag_yr
    after = np.cumsum(profiles["completion"], axis=1) > 0.0
    assert (profiles["construction"][after] == 0.0).all()
    assert (profiles["sale"][~after] == 0.0).all()
    assert (profiles["away"] + profiles["operation"] <= 1.0).all()


def test_what_falls_after_the_last_year_is_left_out() -> None:
    clock = clock_of(1.0, 1.0, 2.5, 1.0, plan_years=3, operation=5)
    assert clock.flow_profiles["sale"][3].sum() == pytest.approx(0.4)
    assert clock.flow_profiles["sale"][1].sum() == pytest.approx(1.0)
