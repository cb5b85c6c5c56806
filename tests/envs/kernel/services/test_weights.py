"""Weights of the facility categories: AHP, entropy, manual, equal."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from data.city import CATEGORIES
from data.errors import InputError
from data.scenario import CategoryWeights
from envs.kernel.services.weights import ahp_weights, category_weights, entropy_weights, manual_weights
from oracles.accessibility import category_weights as oracle_weights

N = len(CATEGORIES)


def consistent(importance: np.ndarray) -> np.ndarray:
    return importance[:, None] / importance[None, :]


def circular() -> np.ndarray:
    """Every category matters 5 times as much as the three after it, in a circle: no order fits."""
    ahead = (np.arange(N)[None, :] - np.arange(N)[:, None]) % N
    return np.where(ahead == 0, 1.0, np.where(ahead <= 3, 5.0, 0.2))


@given(st.lists(st.floats(0.1, 9.0), min_size=N, max_size=N))
def test_ahp_recovers_consistent_judgements(importance: list[float]) -> None:
    given_importance = np.array(importance)
    assert ahp_weights(consistent(given_importance)) == pytest.approx(given_importance / given_importance.sum())


def test_ahp_refuses_inconsistent_judgements_unless_confirmed() -> None:
    with pytest.raises(InputError, match="consistency ratio"):
        ahp_weights(circular())
    assert ahp_weights(circular(), accept_inconsistent=True) == pytest.approx(np.full(N, 1.0 / N))


def test_ahp_accepts_slight_inconsistency() -> None:
    comparisons = consistent(np.arange(1.0, N + 1.0))
    comparisons[0, 1], comparisons[1, 0] = 1.0, 1.0  # 0.5 and 2 would be consistent
    weights = ahp_weights(comparisons)
    assert weights.sum() == pytest.approx(1.0)
    assert (np.diff(weights[1:]) > 0.0).all()


def test_ahp_ratio_by_hand() -> None:
    """A circle of preferences: every row sums to 1 + 3 x 5 + 3 / 5, which is the largest eigenvalue."""
    ratio = (1.0 + 15.0 + 0.6 - 7.0) / 6.0 / 1.32
    with pytest.raises(InputError, match=f"{ratio:.3f}"):
        ahp_weights(circular())


@pytest.mark.parametrize(
    ("comparisons", "said"),
    [(np.ones((3, 3)), "7 x 7"), (np.full((N, N), 2.0), "reciprocal"), (np.zeros((0,)), "7 x 7")],
)
def test_ahp_refuses_what_is_no_comparison(comparisons: np.ndarray, said: str) -> None:
    with pytest.raises(InputError, match=said):
        ahp_weights(comparisons)


def test_entropy_prefers_what_differs() -> None:
    met = np.ones((4, N))
    met[:, 2] = [1.0, 0.0, 0.0, 0.0]  # no entropy: divergence 1
    met[:, 5] = [0.5, 0.5, 0.0, 0.0]  # ln 2 / ln 4: divergence 0.5
    expected = np.zeros(N)
    expected[[2, 5]] = 2.0 / 3.0, 1.0 / 3.0
    assert entropy_weights(met) == pytest.approx(expected, abs=1e-12)


def test_entropy_of_no_difference_is_equal() -> None:
    assert entropy_weights(np.ones((5, N))) == pytest.approx(np.full(N, 1.0 / N))


def test_entropy_leaves_out_places_where_nobody_lives() -> None:
    met = np.ones((3, N))
    met[1, 0], met[2] = 0.5, 7.0
    weights = category_weights(CategoryWeights(method="entropy"), met, np.array([10.0, 20.0, 0.0]))
    assert weights == pytest.approx(np.eye(N)[0])


@given(
    st.lists(st.lists(st.floats(0.0, 1.0), min_size=N, max_size=N), min_size=2, max_size=6),
)
def test_entropy_weights_add_up(rows: list[list[float]]) -> None:
    weights = entropy_weights(np.array(rows))
    assert weights.sum() == pytest.approx(1.0)
    assert (weights >= 0.0).all()
    assert all(math.isfinite(w) for w in weights)


@given(st.lists(st.lists(st.floats(0.01, 2.0), min_size=N, max_size=N), min_size=2, max_size=6))
def test_entropy_agrees_with_the_oracle(rows: list[list[float]]) -> None:
    """The oracle reads capped shares of all places; given the same table, the weights are the same."""
    met = np.array(rows)
    theirs = oracle_weights(CategoryWeights(method="entropy"), met.T.tolist())
    if entropy_weights(met).max() < 0.9999:  # rounding decides where hardly anything differs
        assert entropy_weights(met) == pytest.approx(theirs, abs=1e-6)


def test_ahp_agrees_with_the_oracle() -> None:
    comparisons = circular() ** 0.2 * consistent(np.arange(1.0, N + 1.0))
    theirs = oracle_weights(CategoryWeights(method="ahp", comparisons=comparisons.tolist()), [])
    assert ahp_weights(comparisons, accept_inconsistent=True) == pytest.approx(theirs, abs=1e-9)


def test_manual_weights_are_normalized() -> None:
    assert manual_weights({"education": 3.0, "health": 1.0})[:3] == pytest.approx([0.75, 0.25, 0.0])


def test_manual_weight_of_a_misspelt_category_is_refused() -> None:
    with pytest.raises(InputError, match="eduction"):
        manual_weights({"eduction": 1.0, "health": 1.0})


@pytest.mark.parametrize("weights", [{}, {"education": 0.0}])
def test_manual_weights_of_nothing_are_refused(weights: dict[str, float]) -> None:
    with pytest.raises(InputError, match="more than 0"):
        manual_weights(weights)


def test_equal_weights() -> None:
    assert category_weights(CategoryWeights(), np.ones((2, N)), np.ones(2)) == pytest.approx(np.full(N, 1.0 / N))
