"""The protocol: cases worked by hand, and what holds whatever the utilities are."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from data.arrays import BoolArray, FloatArray
from envs.people.bargaining.protocol import (
    NOBODY,
    Bargain,
    acceptable,
    bargain,
    largest_product,
    nash_product,
    nearest_to_agreement,
    take_it_or_leave_it,
)

TWO = [[10.0, 2.0], [6.0, 6.0], [3.0, 8.0]]


def _bargain(packages: list[list[float]], veto: list[bool] | None = None, legal: list[bool] | None = None) -> Bargain:
    utility = np.array([packages])
    return bargain(
        utility,
        veto=np.array([veto or [True] * utility.shape[2]]),
        legal=np.array([legal or [True] * utility.shape[1]]),
        full_concession_yr=2.0,
    )


def test_two_parties_by_hand() -> None:
    """10 x 2 is below 3 x 8: the first concedes; then 3 x 8 is below 6 x 6: the second does. Given up: 0.4 and 0.25."""
    result = _bargain(TWO)
    assert result.agreed.tolist() == [True]
    assert result.package.tolist() == [1]
    assert result.offers[:, 0].tolist() == [[0, 2], [1, 2], [1, 1]]
    assert result.n_concessions.tolist() == [2]
    assert result.delay_yr == pytest.approx([2.0 * (0.4 + 0.25) / 2.0])


def test_a_third_party_that_gains_one_everywhere_changes_nothing() -> None:
    result = _bargain([[*row, 1.0] for row in TWO])
    assert result.package.tolist() == [1]
    assert result.delay_yr == pytest.approx([2.0 * (0.4 + 0.25 + 0.0) / 3.0])


def test_a_third_party_bars_what_it_loses_by() -> None:
    result = _bargain([[10.0, 2.0, 1.0], [6.0, 6.0, -1.0], [3.0, 8.0, 1.0]])
    assert result.package.tolist() == [2]
    assert result.offers[:, 0].tolist() == [[0, 2, 2], [2, 2, 2]]


def test_without_a_veto_nobody_offers_or_bars() -> None:
    result = _bargain([[10.0, 2.0, 1.0], [6.0, 6.0, -1.0], [3.0, 8.0, 1.0]], veto=[True, True, False])
    assert result.package.tolist() == [1]
    assert result.offers[:, 0].tolist() == [[0, 2, NOBODY], [1, 2, NOBODY], [1, 1, NOBODY]]
    assert result.delay_yr == pytest.approx([0.65])


def test_deadlock_names_the_package_nearest_to_agreement_and_who_is_worst_off() -> None:
    result = _bargain([[9.0, -3.0], [-1.0, 4.0], [-1.0, -0.5]])
    assert not result.agreed.any()
    assert (result.package.tolist(), result.blocker.tolist()) == ([1], [0])
    assert np.isnan(result.delay_yr).all()
    assert (result.offers == NOBODY).all()


def test_what_is_not_legal_is_neither_offered_nor_blamed() -> None:
    assert _bargain(TWO, legal=[True, False, True]).package.tolist() == [2]
    blocked = _bargain([[9.0, -3.0], [-1.0, 4.0]], legal=[True, False])
    assert (blocked.package.tolist(), blocked.blocker.tolist()) == ([0], [1])
    nothing = _bargain(TWO, legal=[False] * 3)
    assert (nothing.agreed.tolist(), nothing.package.tolist(), nothing.blocker.tolist()) == (
        [False],
        [NOBODY],
        [NOBODY],
    )


def test_ties_go_to_the_lower_index() -> None:
    """Equal products: the plan's own package, which is the first, ranks above the others."""
    result = _bargain([[2.0, 3.0], [3.0, 2.0], [2.0, 3.0]])
    assert result.package.tolist() == [0]
    assert result.offers[:, 0].tolist() == [[1, 0], [0, 0]]


def test_a_party_with_nothing_to_win_gives_nothing_up() -> None:
    """Everything is worth 0 to the first: all products are 0, the second has its best, nobody waits."""
    result = _bargain([[0.0, 1.0], [0.0, 4.0]])
    assert (result.package.tolist(), result.delay_yr.tolist()) == ([1], [0.0])


def test_take_it_or_leave_it() -> None:
    utility = np.array([TWO, [[1.0, -1.0], [5.0, 0.0], [5.0, 1.0]], [[1.0, -1.0], [2.0, -1.0], [3.0, -1.0]]])
    veto, legal = np.ones((3, 2), dtype=bool), np.ones((3, 3), dtype=bool)
    assert take_it_or_leave_it(utility, 0, veto=veto, legal=legal).tolist() == [0, 2, NOBODY]
    assert take_it_or_leave_it(utility, 1, veto=veto, legal=legal).tolist() == [2, 2, NOBODY]
    assert largest_product(utility, veto=veto, legal=legal).tolist() == [1, 2, NOBODY]
    assert nearest_to_agreement(utility[2:], veto=veto[2:], legal=legal[2:])[0].tolist() == [0]


@st.composite
def games(draw: st.DrawFn) -> tuple[FloatArray, BoolArray, BoolArray]:
    """Utilities of few values, so that ties are common; vetoes with at least one party; some packages illegal."""
    n, packages, parties = draw(st.tuples(st.integers(1, 4), st.integers(1, 9), st.integers(1, 4)))
    utility = draw(arrays(np.float64, (n, packages, parties), elements=st.integers(-2, 6).map(float)))
    veto = draw(arrays(np.bool_, (n, parties)))
    veto[:, 0] |= ~veto.any(axis=1)
    return utility, veto, draw(arrays(np.bool_, (n, packages)))


@given(games())
def test_what_always_holds(game: tuple[FloatArray, BoolArray, BoolArray]) -> None:
    """Agreed where anything can be; then nobody with a veto loses, the product is the largest, nothing is better for
    all where it is above 0; ranks of offers never fall; the delay stays within a full concession."""
    utility, veto, legal = game
    result = bargain(utility, veto=veto, legal=legal, full_concession_yr=2.0)
    can, product = acceptable(utility, veto=veto, legal=legal), nash_product(utility, veto)
    best = largest_product(utility, veto=veto, legal=legal)
    assert np.array_equal(result.agreed, can.any(axis=1))
    for project in np.flatnonzero(result.agreed).tolist():
        package, parties = result.package[project], np.flatnonzero(veto[project])
        mine = utility[project][:, parties]
        assert can[project, package]
        assert product[project, package] == product[project, best[project]] == product[project, can[project]].max()
        if product[project, package] > 0.0:
            dominates = np.all(mine >= mine[package], axis=1) & np.any(mine > mine[package], axis=1)
            assert not np.any(dominates & can[project])
            assert np.array_equal(mine[package], mine[best[project]])
        assert 0.0 <= result.delay_yr[project] <= 2.0
        order = sorted(range(len(mine)), key=lambda p: (product[project, p], -p))
        offers = result.offers[: result.n_concessions[project] + 1, project][:, parties]
        for before, after in pairwise(offers.tolist()):
            moved = [order.index(b) - order.index(a) for a, b in zip(before, after, strict=True) if a != b]
            assert len(moved) == 1
            assert moved[0] > 0


@given(games(), st.integers(-8, 8))
def test_units_do_not_matter(game: tuple[FloatArray, BoolArray, BoolArray], power: int) -> None:
    """Whatever unit one party counts in, the offers are the same, and so is the delay."""
    utility, veto, legal = game
    scaled = utility.copy()
    scaled[:, :, 0] *= 2.0**power
    one, other = (bargain(u, veto=veto, legal=legal, full_concession_yr=2.0) for u in (utility, scaled))
    assert np.array_equal(one.offers, other.offers)
    assert np.array_equal(one.package[one.agreed], other.package[one.agreed])
    assert np.array_equal(one.delay_yr, other.delay_yr, equal_nan=True)


@given(games())
def test_projects_do_not_see_each_other(game: tuple[FloatArray, BoolArray, BoolArray]) -> None:
    utility, veto, legal = game
    together = bargain(utility, veto=veto, legal=legal, full_concession_yr=2.0)
    for project in range(len(utility)):
        row = slice(project, project + 1)
        alone = bargain(utility[row], veto=veto[row], legal=legal[row], full_concession_yr=2.0)
        assert (alone.package, alone.blocker) == (together.package[row], together.blocker[row])
        assert np.array_equal(alone.delay_yr, together.delay_yr[row], equal_nan=True)
        assert np.array_equal(alone.offers[:, 0], together.offers[: len(alone.offers), project])


def test_a_thousand_projects_in_one_call() -> None:
    """Split pies of 200 packages: the protocol ends at the largest product of every one."""
    utility = np.random.default_rng(5).dirichlet([1.0, 1.0, 1.0], (1000, 200))
    veto, legal = np.ones((1000, 3), dtype=bool), np.ones((1000, 200), dtype=bool)
    result = bargain(utility, veto=veto, legal=legal, full_concession_yr=2.0)
    assert np.array_equal(result.package, largest_product(utility, veto=veto, legal=legal))
