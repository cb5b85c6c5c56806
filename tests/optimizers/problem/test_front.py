"""Fronts against plain loops and boxes whose volume is known."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from optimizers.problem.front import REFERENCE, hypervolume, non_dominated, thin

Rows = list[list[float]]
coarse = st.integers(0, 6).map(float)  # ties and equal rows are common
tables = st.integers(1, 4).flatmap(
    lambda width: st.lists(st.lists(coarse, min_size=width, max_size=width), min_size=1, max_size=40)
)


def dominates(one: list[float], other: list[float]) -> bool:
    return all(a <= b for a, b in zip(one, other, strict=True)) and one != other


def non_dominated_by_loop(rows: Rows) -> list[int]:
    return [i for i, row in enumerate(rows) if row not in rows[:i] and not any(dominates(other, row) for other in rows)]


@settings(max_examples=150, deadline=None, derandomize=True)
@given(tables)
def test_non_dominated_agrees_with_a_plain_loop(rows: Rows) -> None:
    assert non_dominated(np.array(rows)).tolist() == non_dominated_by_loop(rows)


def test_non_dominated_of_nothing_is_nothing() -> None:
    assert non_dominated(np.zeros((0, 3))).tolist() == []


@pytest.mark.parametrize(
    ("points", "volume"),
    [
        ([[0.0, 0.0]], 1.1**2),
        ([[0.0, 0.0, 0.0]], 1.1**3),
        ([[0.1, 0.6]], 1.0 * 0.5),
        ([[0.1, 0.6], [0.6, 0.1]], 2 * 1.0 * 0.5 - 0.5 * 0.5),
        ([[0.1, 0.1, 0.6], [2.0, 0.0, 0.0]], 1.0 * 1.0 * 0.5),
        ([[-0.9]], 2.0),
        ([[1.1, 0.0]], 0.0),
    ],
)
def test_hypervolume_of_known_boxes(points: Rows, volume: float) -> None:
    share = volume / REFERENCE ** len(points[0])
    assert hypervolume(np.array(points)) == pytest.approx(share, rel=1e-12)


def test_hypervolume_of_nothing_is_zero() -> None:
    assert hypervolume(np.zeros((0, 3))) == 0.0


@settings(max_examples=80, deadline=None, derandomize=True)
@given(tables)
def test_hypervolume_grows_with_every_plan_and_ignores_dominated_ones(rows: Rows) -> None:
    table = np.array(rows) / 6.0
    whole = hypervolume(table)
    assert hypervolume(table[:-1]) <= whole + 1e-12
    assert hypervolume(table[non_dominated(table)]) == pytest.approx(whole, abs=1e-12)


fine = st.floats(0.0, 1.0, allow_subnormal=False)


@settings(max_examples=120, deadline=None, derandomize=True)
@given(
    rows=st.lists(st.lists(fine, min_size=3, max_size=3), min_size=1, max_size=60),
    spacing=st.floats(0.001, 0.6),
)
def test_thinned_plans_are_apart_and_stand_for_the_others(rows: Rows, spacing: float) -> None:
    table = np.array(rows)
    kept = thin(table, spacing=spacing)
    apart = np.abs(table[kept][:, None] - table[kept][None, :]).max(axis=2)
    assert (apart[~np.eye(kept.size, dtype=bool)] >= spacing).all()
    to_nearest = np.abs(table[:, None] - table[kept][None, :]).max(axis=2).min(axis=1)
    assert (to_nearest[np.setdiff1d(np.arange(len(table)), kept)] < spacing).all()
    assert len(set(kept.tolist())) == kept.size
    for k in range(3):  # the best of each objective is kept, or a plan less than the spacing away
        assert table[kept, k].min() < table[:, k].min() + spacing


def test_extremes_come_first() -> None:
    x = np.linspace(0.0, 1.0, 101)
    table = np.column_stack([x, 1.0 - x])
    kept = thin(table, spacing=0.1)
    assert kept[:2].tolist() == [0, 100]
    assert thin(table, spacing=0.1, most=3).tolist() == kept[:3].tolist() == [0, 100, 50]


def test_a_spacing_of_zero_keeps_all_that_differ() -> None:
    table = np.array([[0.0, 1.0], [1.0, 0.0], [0.5, 0.5], [0.5, 0.5]])
    assert sorted(thin(table, spacing=0.0).tolist()) == [0, 1, 2]
    assert thin(np.zeros((0, 2)), spacing=0.1).size == 0
