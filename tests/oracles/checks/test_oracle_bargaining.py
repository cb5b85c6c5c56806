"""Bargaining by the worked numbers of the people page, and what must hold of any project."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oracles.bargaining import (
    bargain,
    bargain_draws,
    households_needed,
    largest_product,
    mean_and_error,
    pivotal_household,
    quantiles,
    table_of,
    take_it_or_leave_it,
)

PACKAGES = [[10.0, 2.0], [6.0, 6.0], [3.0, 8.0]]
ALL = [True, True, True]


def test_five_households_by_hand() -> None:
    """By hand 2: four of five must agree; the fourth is at -0.05, so the multiplier is e^0.05."""
    gains = [-0.20, -0.05, 0.10, 0.30, 0.60]
    assert sum(gain >= 0.0 for gain in gains) == 3
    assert households_needed(2.0 / 3.0, 5) == households_needed(0.6667, 5) == 4
    assert households_needed(0.6667, 3) == 2
    assert math.exp(-pivotal_household(gains, 2.0 / 3.0)) == pytest.approx(1.051271, abs=1e-6)


def test_concessions_by_hand() -> None:
    """By hand 3: the first concedes from 20, then the second from 24; each gives up 4 of 10 and 2 of 8."""
    result = bargain(PACKAGES, [True, True], ALL, 2.0)
    assert result.offers == [[0, 2], [1, 2], [1, 1]]
    assert result.package == largest_product(PACKAGES, [True, True], ALL) == 1
    assert result.delay_yr == pytest.approx(2.0 * (0.4 + 0.25) / 2.0)
    assert take_it_or_leave_it(PACKAGES, 0, [True, True], ALL) == 0


def test_a_third_party_by_hand() -> None:
    """With 1 everywhere nothing changes; with 1, -1, 1 the middle package is barred and the first concedes."""
    same = [[*row, 1.0] for row in PACKAGES]
    assert bargain(same, [True] * 3, ALL, 2.0).package == 1
    barred = [[*row, u] for row, u in zip(PACKAGES, (1.0, -1.0, 1.0), strict=True)]
    result = bargain(barred, [True] * 3, ALL, 2.0)
    assert result.package == 2
    assert result.delay_yr == pytest.approx(2.0 * (0.7 + 0.0 + 0.0) / 3.0)
    assert bargain(barred, [True, True, False], ALL, 2.0).package == 1


def test_deadlock_by_hand() -> None:
    """-3 is nearer to agreement than -5; the party that has it stands against the package."""
    assert bargain([[4.0, -5.0], [-3.0, 1.0]], [True, True], [True, True], 2.0).blocker == 0
    assert bargain([[4.0, -5.0], [-3.0, 1.0]], [True, True], [True, False], 2.0).blocker == 1
    assert bargain([[4.0, -5.0]], [True, True], [False], 2.0).package is None


def test_quantiles_and_draws_by_hand() -> None:
    """Of draws 1, 2, 3 and 9 with a reservation of 2 the package of 7 suits all but the last."""
    assert quantiles([1.0, 2.0, 3.0, 4.0], 2) == pytest.approx([1.5, 3.5])
    assert quantiles([5.0], 3) == [5.0, 5.0, 5.0]
    draws = bargain_draws([[7.0, 1.0], [9.0, -1.0]], 2.0, [9.0, 2.0, 3.0, 1.0], 0, [True, True], [True, True], 2.0)
    assert draws.agreed == [False, True, True, True]
    assert draws.probability == 0.75
    assert [len(row) for row in draws.utilities] == [0, 2, 2, 2]
    assert draws.utilities[1][0] == pytest.approx(7.0 - 2.0 * 1.90625)  # nearest to 2: two quantiles, the lower
    assert mean_and_error([1.0, 3.0]) == pytest.approx((2.0, 1.0))


@given(st.lists(st.tuples(*[st.integers(-2, 9)] * 3), min_size=1, max_size=8))
def test_agreements_are_best_for_somebody_and_ranks_rise(rows: list[tuple[int, int, int]]) -> None:
    utilities = [[float(u) for u in row] for row in rows]
    legal, veto = [True] * len(rows), [True] * 3
    result = bargain(utilities, veto, legal, 2.0)
    ranked = table_of(utilities, veto, legal).ranked
    assert result.agreed == bool(ranked)
    if not result.agreed:
        return
    assert result.package in ranked
    for before, after in zip(result.offers, result.offers[1:], strict=False):
        changed = [(ranked.index(a), ranked.index(b)) for a, b in zip(before, after, strict=True) if a != b]
        assert len(changed) == 1
        assert changed[0][1] < changed[0][0]
    better = [p for p in ranked if all(u > v for u, v in zip(utilities[p], utilities[result.package], strict=True))]
    assert not better
    assert math.prod(utilities[result.package]) == max(math.prod(utilities[p]) for p in ranked)
    doubled = [[2.0 * row[0], *row[1:]] for row in utilities]
    assert bargain(doubled, veto, legal, 2.0) == result
