"""Preferences spread where plans differ, for any number of objectives."""

from __future__ import annotations

import numpy as np
import pytest

from agents.policy.preferences import even_preferences, spread_preferences


@pytest.mark.parametrize("n_objectives", [2, 3, 4, 5])
def test_preferences_spread_where_plans_differ(n_objectives: int) -> None:
    asked: list[int] = []

    def planned(weights: np.ndarray) -> np.ndarray:
        asked.append(len(weights))
        return np.stack([weights[:, 0] ** 8, *(0.0 * weights[:, 1:].T)], axis=1)

    weights = spread_preferences(80, n_objectives, planned)
    assert weights.shape == (80, n_objectives)
    assert sum(asked) == 80
    np.testing.assert_allclose(weights.sum(axis=1), 1.0)
    assert (weights >= 0.0).all()
    assert len(np.unique(weights.round(9), axis=0)) == 80
    added = weights[asked[0] :]
    assert np.mean(added[:, 0] > 0.6) > 0.6  # there the first objective changes fast
    for n in (1, 2, 3, 7):
        assert len(spread_preferences(n, n_objectives, planned)) == n


def test_the_widest_side_is_halved_by_hand() -> None:
    """Plans change once, where the first weight passes 0.61: between 21/35 and 22/35, and so on, a half each round."""

    def planned(weights: np.ndarray) -> np.ndarray:
        return np.stack([weights[:, 0] > 0.61, weights[:, 0] > 0.61], axis=1).astype(float)

    weights = spread_preferences(40, 2, planned)
    low, high, middles = 21 / 35, 22 / 35, []
    for _ in range(4):
        middles.append((low + high) / 2)
        low, high = (low, middles[-1]) if middles[-1] > 0.61 else (middles[-1], high)
    np.testing.assert_allclose(weights[36:, 0], middles)


def test_beside_a_halved_side_triangles_are_halved() -> None:
    """The middle of a side is joined to the neighbors of both its ends, which are the next to be looked at."""

    def planned(weights: np.ndarray) -> np.ndarray:
        at_middle = np.abs(weights - [1 / 14, 1 / 14, 6 / 7]).sum(axis=1) < 1e-9
        first_corner = np.abs(weights - [1 / 7, 0.0, 6 / 7]).sum(axis=1) < 1e-9
        return np.stack([3.0 * at_middle + first_corner, 0.0 * at_middle, 0.0 * at_middle], axis=1)

    weights = spread_preferences(60, 3, planned)
    (found,) = np.nonzero(np.abs(weights - [1 / 14, 1 / 14, 6 / 7]).sum(axis=1) < 1e-9)
    assert found[0] < 42  # in the first round: a side of the changed corner
    ends = 2.0 * weights[42:] - weights[found[0]]  # of sides that begin in that middle, if they were halved
    known = np.abs(ends[:, None] - weights[None]).sum(axis=2).min(axis=1) < 1e-9
    assert (known & (np.abs(ends[:, 2] - 6 / 7) > 1e-9)).any()  # one leaves the line of the halved side


@pytest.mark.parametrize(
    ("most", "n_objectives", "found"), [(21, 3, 21), (20, 3, 15), (21, 2, 21), (21, 4, 20), (21, 5, 15), (3, 5, 5)]
)
def test_even_preferences_are_a_lattice_of_the_simplex(most: int, n_objectives: int, found: int) -> None:
    weights = even_preferences(most, n_objectives)
    assert weights.shape == (found, n_objectives)
    np.testing.assert_allclose(weights.sum(axis=1), 1.0)
    assert len(np.unique(weights, axis=0)) == found
    for corner in np.eye(n_objectives):
        assert (weights == corner).all(axis=1).any()
