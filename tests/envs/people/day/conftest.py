"""A plan of the small embedded city, and its days before and after."""

from __future__ import annotations

import pytest

from data.files.cities import load_city
from data.scenario import Scenario
from envs.kernel import REPORT, ResolvedScenario, resolve
from envs.kernel.plans import canonical
from envs.kernel.trace import Trace
from envs.people.day.day import Day, day_of
from envs.people.day.habits import Habits, habits_of
from envs.people.day.situation import Situation, Ways, situation_of, ways_of
from plan_fixtures import random_plans


@pytest.fixture(scope="session")
def resolved() -> ResolvedScenario:
    return resolve(Scenario(plan_years=5, density_levels=3, facility_levels=3), load_city("tiny"))


@pytest.fixture(scope="session")
def habits(resolved: ResolvedScenario) -> Habits:
    return habits_of(resolved.book)


@pytest.fixture(scope="session")
def ways(resolved: ResolvedScenario) -> Ways:
    return ways_of(resolved)


@pytest.fixture(scope="session")
def trace(resolved: ResolvedScenario) -> Trace:
    return Trace(resolved, canonical(random_plans(resolved, 2, seed=4)), REPORT)


@pytest.fixture(scope="session")
def after(trace: Trace) -> Situation:
    return situation_of(trace, trace.last_year, plan=1)


@pytest.fixture(scope="session")
def day_after(habits: Habits, after: Situation, ways: Ways) -> Day:
    return day_of(habits, after, ways)
