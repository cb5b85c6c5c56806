"""Weights: entropy and comparison in pairs by hand and against plain loops; two levels; what is refused."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from data.diagnosis.weight_choice import weight_choice
from data.errors import InputError
from envs.diagnosis.condition import DIMENSIONS, NAMES, members_of
from envs.diagnosis.need import scale_of
from envs.diagnosis.weighting import chosen_weights, entropy_weights
from envs.kernel.services.pairwise_comparison import pairwise_weights
from oracles import diagnosis as oracle

PAIRS = [[1, 3, 5], [1 / 3, 1, 3], [1 / 5, 1 / 3, 1]]
SCALED = np.random.default_rng(0).random((9, len(NAMES)))


def test_entropy_by_hand() -> None:
    """The columns (1, 2, 3) and (1, 1, 3): the second differs more unevenly; a constant weighs 0, not NaN."""
    values = np.array([[1.0, 1.0, 4.0], [2.0, 1.0, 4.0], [3.0, 3.0, 4.0]])
    scaled = scale_of(values, np.array([True, True, True])).worse(values)
    assert entropy_weights(scaled).round(4).tolist() == [0.2961, 0.7039, 0.0]


def test_pairs_by_hand() -> None:
    told = pairwise_weights(np.array(PAIRS))
    assert told.weights.round(4).tolist() == [0.6370, 0.2583, 0.1047]
    assert round(told.largest_eigenvalue, 4) == 3.0385
    assert round(told.consistency_ratio, 3) == 0.033
    assert told.is_consistent


def test_two_items_are_always_consistent() -> None:
    told = pairwise_weights(np.array([[1.0, 4.0], [0.25, 1.0]]))
    assert told.weights.tolist() == pytest.approx([0.8, 0.2])
    assert told.consistency_ratio == 0.0


@settings(max_examples=40, deadline=None)
@given(st.integers(2, 9), st.integers(0, 10_000))
def test_entropy_against_plain_loops(n: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    scaled = rng.random((n, 4))
    scaled[rng.random(scaled.shape) < 0.2] = np.nan
    scaled[:, 3] = 0.0
    np.testing.assert_allclose(entropy_weights(scaled), oracle.entropy_weights(scaled.tolist()), rtol=0, atol=1e-9)
    assert entropy_weights(scaled).sum() == pytest.approx(1.0)


@settings(max_examples=12, deadline=None)
@given(st.integers(2, 7), st.integers(0, 10_000))
def test_pairs_against_repeated_multiplication(n: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    upper = rng.choice([1 / 9, 1 / 5, 1 / 3, 1, 3, 5, 9], size=(n, n))
    matrix = np.triu(upper, 1) + np.eye(n) + np.tril(1.0 / upper.T, -1)
    told = pairwise_weights(matrix)
    vector, largest = oracle.power_iteration(matrix.tolist(), rounds=1500)
    np.testing.assert_allclose(told.weights, vector, rtol=0, atol=1e-8)
    assert told.largest_eigenvalue == pytest.approx(largest, abs=1e-7)


def test_equal_weights_are_equal_in_both_levels() -> None:
    told = chosen_weights(weight_choice({"method": "equal"}), SCALED)
    assert told.of_dimensions().tolist() == pytest.approx([0.25] * 4)
    for name in DIMENSIONS:
        assert np.ptp(told.of_conditions[members_of(name)]) == pytest.approx(0.0)


def test_given_weights() -> None:
    """Housing 3, travel 1; within housing the density alone; travel's two the same."""
    content = {"method": "manual", "dimensions": {"housing": 3, "travel": 1}, "conditions": {"residents_per_ha": 2}}
    told = chosen_weights(weight_choice(content), SCALED)
    weight = dict(zip(NAMES, told.of_conditions.tolist(), strict=True))
    assert weight["residents_per_ha"] == pytest.approx(0.75)
    assert weight["commute_min"] == weight["rail_km"] == pytest.approx(0.125)
    assert sum(weight.values()) == pytest.approx(1.0)


def test_pairs_of_dimensions_and_of_one_dimension() -> None:
    four = [[1, 2, 4, 4], [1 / 2, 1, 2, 2], [1 / 4, 1 / 2, 1, 1], [1 / 4, 1 / 2, 1, 1]]
    content = {"method": "ahp", "comparisons": {"dimensions": four, "travel": [[1, 3], [1 / 3, 1]]}}
    told = chosen_weights(weight_choice(content), SCALED)
    assert told.of_dimensions().tolist() == pytest.approx([0.5, 0.25, 0.125, 0.125])
    weight = dict(zip(NAMES, told.of_conditions.tolist(), strict=True))
    assert weight["commute_min"] == pytest.approx(0.125 * 0.75)
    assert set(told.comparisons) == {"dimensions", "travel"}


def test_published_weights_go_where_they_are_given() -> None:
    assigned = {"services": 2, "housing": 1, "travel": 3, "environment": 4}
    content = {"method": "published", "published": "shishan", "assigned": assigned}
    told = chosen_weights(weight_choice(content), SCALED)
    assert told.of_dimensions().tolist() == pytest.approx([0.2711, 0.4338, 0.1422, 0.1529])


INCONSISTENT = [[1, 9, 1 / 9, 1], [1 / 9, 1, 9, 1], [9, 1 / 9, 1, 1], [1, 1, 1, 1]]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ({"method": "ahp", "comparisons": {"dimensions": INCONSISTENT}}, "consistency ratio"),
        ({"method": "ahp", "comparisons": {"dimensions": PAIRS}}, "must be 4 x 4"),
        ({"method": "ahp", "comparisons": {"travel": [[1, 1], [1, 1]]}}, "dimensions are needed"),
        ({"method": "ahp", "comparisons": {"dimensions": [[1, 2, 2, 2]] * 4}}, "reciprocal"),
        ({"method": "ahp", "comparisons": {"dimensions": [[1] * 4] * 4, "traffic": [[1]]}}, "traffic"),
        ({"method": "manual", "dimensions": {"houses": 1}}, "houses"),
        ({"method": "manual", "dimensions": {}}, "more than 0"),
        ({"method": "manual", "dimensions": {"travel": 1}, "conditions": {"rail_km": 0}}, "more than 0"),
        ({"method": "published", "published": "suzhou"}, "suzhou"),
        ({"method": "published", "published": "shishan", "assigned": {"services": 1}}, "each once"),
    ],
)
def test_wrong_choices_are_refused(content: dict[str, object], words: str) -> None:
    with pytest.raises(InputError, match=words):
        chosen_weights(weight_choice(content), SCALED)


def test_an_inconsistent_comparison_may_be_confirmed() -> None:
    content = {"method": "ahp", "comparisons": {"dimensions": INCONSISTENT}, "accept_inconsistent": True}
    told = chosen_weights(weight_choice(content), SCALED)
    assert not told.comparisons["dimensions"].is_consistent
    assert told.of_conditions.sum() == pytest.approx(1.0)
