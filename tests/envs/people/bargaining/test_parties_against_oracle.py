"""What parties gain by the packages of small cities against plain loops, and how the projects end."""

from __future__ import annotations

import numpy as np
import pytest

from envs.choices.options import option_space
from envs.kernel.plans import canonical
from envs.people.bargaining.negotiation import negotiate
from envs.people.bargaining.projects import Projects, projects_of
from oracle_fixtures import Both, close, pair_of
from oracles.bargaining import bargain
from oracles.parties import Gains, gains_of, package_of, setting_of
from plan_fixtures import entries_of

CASES = [
    ("plain", "all_kinds"),
    ("whole_book", "work_and_service"),
    ("dear_consent", "all_columns"),
    ("growing_prices", "late_rehabilitation"),
    ("prices_of_zones", "all_kinds"),
    ("random_city_4", "random_entries_4"),
    ("random_city_8", "random_entries_8"),
]
IDS = ["-".join(case) for case in CASES]
EVERY = 5
"""Of so many legal packages one is compared."""


def both_of(case: tuple[str, str]) -> tuple[Both, Projects]:
    pair = pair_of(*case)
    return pair, projects_of(pair.resolved, canonical(pair.plans), option_space(pair.resolved))


def oracle_gains(pair: Both, projects: Projects, project: int, packages: list[int]) -> list[Gains]:
    """Of packages, the first of which sets the land payment."""
    resolved, n = pair.resolved, int(projects.village_idx[project])
    plan = entries_of(pair.plans, 0)
    setting = setting_of(resolved.city, resolved.scenario, lambda key: resolved.book[key].value, plan)
    given = resolved.scenario.onsite_resettlement_share
    onsite = float(resolved.book.number("comp.return_share")) if given is None else float(given)
    rows = [entries_of(projects.packages.plans, p)[n] for p in packages]
    return gains_of(setting, [package_of(setting, n, row, onsite) for row in rows])


def some_packages(projects: Projects, project: int) -> list[int]:
    legal = np.flatnonzero(projects.stakes.legal[project]).tolist()
    return [0, *(p for p in legal[1::EVERY] if p > 0)]


@pytest.mark.parametrize("case", CASES, ids=IDS)
def test_utilities_are_those_of_plain_loops(case: tuple[str, str]) -> None:
    pair, projects = both_of(case)
    for project in range(len(projects.village_idx)):
        packages = some_packages(projects, project)
        gains = oracle_gains(pair, projects, project, packages)
        found = projects.stakes.utility[project, packages]
        close(found[:, 0], [g.villagers_offer for g in gains], floor=1e-6)
        close(found[:, 1], [g.developer for g in gains], floor=1e-6)
        close(found[:, 3], [g.tenants for g in gains], rel=1e-7, floor=1e-6)  # minutes hang on the decay's tolerance
        close(projects.stakes.given_up[project], gains[0].villagers_give_up, floor=1e-6)
        close(found[:, 2], [g.government for g in gains], floor=1e-6)


@pytest.mark.parametrize("case", CASES[::3], ids=IDS[::3])
def test_negotiations_end_as_in_plain_loops(case: tuple[str, str]) -> None:
    """From the plan to the agreement: what villagers give up hangs on the household that decides in the draw."""
    pair, projects = both_of(case)
    result, ratio, stakes = (
        negotiate(projects, seed=3).result,
        negotiate(projects, seed=3).pivotal_ratio,
        projects.stakes,
    )
    years = pair.resolved.book.number("bargain.months") / 12.0
    for project in range(len(projects.village_idx)):
        legal = np.flatnonzero(stakes.legal[project]).tolist()
        utilities = [
            [g.villagers_offer - float(ratio[project]) * g.villagers_give_up, g.developer, g.government, g.tenants]
            for g in oracle_gains(pair, projects, project, legal)
        ]
        expected = bargain(utilities, stakes.veto[project].tolist(), [True] * len(legal), years)
        assert expected.package is not None
        assert result.package[project] == legal[expected.package]
        assert bool(result.agreed[project]) == expected.agreed
        assert result.blocker[project] == (-1 if expected.blocker is None else expected.blocker)
        assert result.delay_yr[project] == pytest.approx(expected.delay_yr, rel=1e-6, abs=1e-9, nan_ok=True)
