"""Resolved scenarios shared by the kernel's tests."""

from __future__ import annotations

import pytest

from data.files.cities import load_city
from data.parameter_book import load_book
from data.scenario import Scenario
from envs.kernel import ResolvedScenario, resolve
from oracles.small_book import BOOK
from oracles.small_city import small_city


@pytest.fixture(scope="session")
def small() -> ResolvedScenario:
    """The oracle's city of 4 zones and 3 villages, with its own book."""
    return resolve(Scenario(plan_years=10), small_city(), load_book().override(BOOK))


@pytest.fixture(scope="session")
def tiny() -> ResolvedScenario:
    """The embedded city of 12 zones and 6 villages."""
    return resolve(Scenario(plan_years=5, density_levels=3, facility_levels=3), load_city("tiny"))
