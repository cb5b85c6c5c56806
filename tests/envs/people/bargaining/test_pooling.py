"""Neighbors that pool: a fat village carries a lean one, and one village's villagers can stop all."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest

from envs.people.bargaining.parties import PARTIES
from envs.people.bargaining.pooling import Pools, grouped, neighbors_in_pools, pools_of
from envs.people.bargaining.projects import Projects
from envs.people.bargaining.prospects import Stakes
from envs.people.bargaining.protocol import NOBODY

LEAN = [[3.0, 1.0, -2.0, 0.0], [4.0, 1.0, -3.0, 0.0]]
FAT = [[3.0, 1.0, 5.0, 0.0], [4.0, 1.0, 4.0, 0.0]]


def _pools(utility: list[list[list[float]]], *, area_m2: list[float], given_up: list[float] | None = None) -> Pools:
    """Two villages in one pool, two packages of four parties."""
    n = len(utility)
    stakes = Stakes(
        utility=np.array(utility),
        villagers=0,
        given_up=np.array(given_up or [0.0] * n),
        veto=np.tile([True, True, True, False], (n, 1)),
        legal=np.ones((n, 2), dtype=bool),
        full_concession_yr=1.0,
    )
    base = SimpleNamespace(site_area_m2=np.array(area_m2))
    resolved = SimpleNamespace(constants=SimpleNamespace(base=base))
    projects = SimpleNamespace(stakes=stakes, village_idx=np.arange(n), resolved=resolved)
    return Pools(projects, np.arange(n)[None], np.tile(np.arange(2), (n, 1)))  # type: ignore[arg-type]


def test_a_fat_village_carries_a_lean_one() -> None:
    """On equal sites the government has (5 - 2) / 2 = 1.5 or 0.5, each village's villagers 3 or 4, the developer 1.

    Products 3 x 3 x 1 x 1.5 = 13.5 and 4 x 4 x 1 x 0.5 = 8: agreed on the first, villagers give up a fourth each.
    """
    pools = _pools([LEAN, FAT], area_m2=[100.0, 100.0])
    assert not pools.projects.stakes.bargain_at(np.zeros(2)).agreed[0]
    assert pools.utility_at(np.zeros(2))[0].tolist() == [[3.0, 3.0, 1.0, 1.5, 0.0], [4.0, 4.0, 1.0, 0.5, 0.0]]
    result = pools.bargain_at(np.zeros(2))
    assert (result.agreed.tolist(), result.package.tolist()) == ([True], [0])
    assert result.delay_yr == pytest.approx([(0.25 + 0.25 + 0.0 + 0.0) / 4.0])
    assert pools.package_of_projects(result.package).tolist() == [0, 0]
    assert pools.by_project(result.agreed).tolist() == [True, True]


def test_gains_are_per_m2_of_each_pools_own_sites() -> None:
    """Each village is a pool of one: what it gains is what it gains alone, whatever the other's site."""
    together = _pools([LEAN, FAT], area_m2=[400.0, 100.0])
    pools = replace(together, members=np.array([[1], [0]]))
    assert pools.utility_at(np.zeros(2)).tolist() == [FAT, LEAN]


def test_a_large_lean_village_is_not_carried() -> None:
    pools = _pools([LEAN, FAT], area_m2=[400.0, 100.0])
    assert pools.utility_at(np.zeros(2))[0, :, 3] == pytest.approx([(-2.0 * 4 + 5) / 5, (-3.0 * 4 + 4) / 5])
    result = pools.bargain_at(np.zeros(2))
    assert (result.agreed.tolist(), result.blocker.tolist()) == ([False], [3])
    assert not pools.agrees_at(np.zeros(2))[0]


def test_the_villagers_of_one_village_can_stop_all() -> None:
    """The second village gives up 2 for each unit of its household's ratio: at 2.1 even 4 is too little."""
    pools = _pools([LEAN, FAT], area_m2=[100.0, 100.0], given_up=[0.0, 2.0])
    assert pools.agrees_at(np.array([0.0, 2.0]))[0]
    result = pools.bargain_at(np.array([0.0, 2.1]))
    assert (result.agreed.tolist(), result.blocker.tolist()) == ([False], [1])


def test_groups_stay_in_their_district_and_hold_everybody_once() -> None:
    rng = np.random.default_rng(4)
    x, y, district = rng.uniform(0, 50, 40), rng.uniform(0, 50, 40), rng.integers(0, 3, 40)
    groups = grouped(x_km=x, y_km=y, district=district, order=rng.permutation(40), size=3)
    held = groups[groups != NOBODY]
    assert sorted(held.tolist()) == list(range(40))
    assert all(len(set(district[group[group != NOBODY]])) == 1 for group in groups)
    assert np.count_nonzero((groups == NOBODY).any(axis=1)) <= 3


def test_a_pool_of_one_is_a_village_alone(projects: Projects) -> None:
    ratio = projects.pivotal_ratios(1, 1)[:, 0]
    alone, pools = projects.stakes.bargain_at(ratio), pools_of(projects, neighbors_in_pools(projects, 1))
    result = pools.bargain_at(ratio)
    assert np.array_equal(pools.by_project(result.agreed), alone.agreed)
    agreed = alone.agreed
    assert np.array_equal(pools.package_of_projects(result.package)[agreed], alone.package[agreed])
    assert pools.by_project(result.delay_yr) == pytest.approx(alone.delay_yr, nan_ok=True)


def test_members_take_the_pools_terms(projects: Projects) -> None:
    """Where a member lacks the option it keeps its own, with the pool's terms; rehabilitation has no terms."""
    pools = pools_of(projects, neighbors_in_pools(projects, 3))
    rebuilt = projects.stakes.veto[:, PARTIES.index("villagers")]
    n_terms = projects.packages.n_terms
    package = np.arange(pools.package.shape[1])
    for row in np.flatnonzero(rebuilt).tolist():
        taken = pools.package[row]
        assert (taken[taken != NOBODY] % n_terms == package[taken != NOBODY] % n_terms).all()
        assert projects.stakes.legal[row, taken[taken != NOBODY]].all()
        assert np.array_equal(taken[projects.stakes.legal[row]], package[projects.stakes.legal[row]])
    assert (pools.package[~rebuilt] % n_terms == 0).all()
