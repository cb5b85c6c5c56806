"""Differences of panels, and the cases of the design that can be redone on paper."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from envs.reasons.money import largest_year
from envs.reasons.people import yearly_change_back
from envs.reasons.secants import change, mean, over, secant, share_below

POINTS = arrays(np.float64, (2, 5), elements=st.floats(-5.0, 5.0, width=32))


def _path(x: np.ndarray, n_panels: int) -> np.ndarray:
    return np.linspace(0.0, 1.0, n_panels + 1)[:, None] * x


def test_two_factors_have_half_each_of_their_product() -> None:
    points = _path(np.array([3.0, 7.0]), 1)
    shares = [float(mean(points[:, 1:], 0)[0, 0] * 3.0), float(mean(points[:, :1], 0)[0, 0] * 7.0)]
    assert shares == [10.5, 10.5]


@pytest.mark.parametrize("n_panels", [1, 2, 7])
def test_a_cap_on_half_the_sum_of_two_and_one_gives_two_thirds_and_one(n_panels: int) -> None:
    x = np.array([2.0, 1.0])
    filled = _path(x, n_panels).sum(axis=1, keepdims=True) / 2.0
    worth = float(share_below(filled, 1.0, axis=0).mean()) / 2.0
    assert worth * x == pytest.approx([2.0 / 3.0, 1.0 / 3.0], abs=1e-15)


@given(POINTS, st.floats(-5.0, 5.0))
def test_the_share_below_a_cap_is_the_secant_of_the_least_of_both(x: np.ndarray, cap: float) -> None:
    assert share_below(x, cap) * change(x) == pytest.approx(change(np.minimum(x, cap)), abs=1e-12)


@given(POINTS, POINTS)
def test_a_product_changes_by_the_means_of_its_factors(u: np.ndarray, v: np.ndarray) -> None:
    assert mean(u) * change(v) + mean(v) * change(u) == pytest.approx(change(u * v), abs=1e-12)


@given(POINTS)
def test_a_secant_is_the_slope_where_nothing_changes(x: np.ndarray) -> None:
    still = np.concatenate([x[:, :1], x[:, :1] * (1.0 + 1e-9)], axis=1)
    assert secant(still, still**3, lambda y: 3.0 * y**2) == pytest.approx(3.0 * mean(still) ** 2, rel=1e-12)
    assert secant(x, x**3, lambda y: 3.0 * y**2) * change(x) == pytest.approx(change(x**3), abs=1e-6)


@given(arrays(np.float64, (4, 3), elements=st.floats(-9.0, 9.0, width=32)))
def test_the_change_of_the_largest_year_is_made_of_the_changes_of_years(yearly: np.ndarray) -> None:
    worth = largest_year(yearly)
    assert (worth * change(yearly, 0)).sum(axis=1) == pytest.approx(change(yearly.max(axis=1), 0), abs=1e-9)
    assert worth.sum(axis=1) == pytest.approx(np.ones(3))


def test_the_transpose_of_yearly_changes() -> None:
    rng = np.random.default_rng(0)
    cumulative, by_flow = rng.random((2, 6))
    flow = np.diff(cumulative, prepend=0.0)
    assert flow @ by_flow == pytest.approx(cumulative @ yearly_change_back(by_flow))


def test_nothing_over_nothing_is_nothing() -> None:
    assert over(np.array([1.0, 1.0]), np.array([2.0, 0.0])).tolist() == [0.5, 0.0]
