"""What few changes reach at most: corners of a front, spread weights, and a bound that holds where all is linear."""

from __future__ import annotations

from itertools import combinations, product

import numpy as np
import pytest

from optimizers.mending.corners import open_corners
from optimizers.mending.gap import gap_to_front
from optimizers.mending.moves import linearized
from optimizers.mending.plan_model import Mending, year_counts
from optimizers.mending.reach import estimated, lattice, least_gap, reach_of
from toy_fixtures import ToyModel

NOTHING_KNOWN = np.zeros((0, 2)), np.zeros(0, dtype=np.int64)


@pytest.mark.parametrize("n_objectives", [2, 3, 4])
def test_corners_say_the_gap(n_objectives: int) -> None:
    rng = np.random.default_rng(n_objectives)
    front, values = rng.random((20, n_objectives)), rng.random((50, n_objectives))
    to_corners = (open_corners(front)[None] - values[:, None]).max(axis=2).min(axis=1)
    np.testing.assert_allclose(to_corners, gap_to_front(values, front), atol=1e-12)


def test_fewer_corners_ask_for_less() -> None:
    rng = np.random.default_rng(1)
    front, values = rng.random((40, 3)), rng.random((50, 3))
    some = open_corners(front, most=10)
    assert len(some) <= 10
    assert ((some[None] - values[:, None]).max(axis=2).min(axis=1) <= gap_to_front(values, front) + 1e-12).all()


@pytest.mark.parametrize("n_objectives", [1, 2, 3, 5, 7])
def test_weights_are_spread_and_few(n_objectives: int) -> None:
    weights = lattice(n_objectives)
    assert n_objectives <= len(weights) <= 50
    np.testing.assert_allclose(weights.sum(axis=1), 1.0)
    assert len(np.unique(weights, axis=0)) == len(weights)


@pytest.mark.parametrize("exact", [False, True])
@pytest.mark.parametrize("seed", [0, 1])
def test_no_changes_do_better_by_the_linear_model_than_the_bound(exact: bool, seed: int) -> None:
    model = ToyModel(seed=seed, exact=exact)
    rng = np.random.default_rng(seed)
    fourth = 2 * (seed == 0)  # one more in year 2 than may start there
    mending = Mending(
        model, np.array([1, 1, 2, fourth, 0, 0]), np.array([0, 1, 0, 0, 0, 0]), rng.random((5, 2)) + 1.0, np.ones(2)
    )
    values = mending.scaled(model.evaluate(mending.start_year[None], mending.option[None]).objectives)[0]
    at = linearized(mending, mending.start_year, mending.option, values)
    reach = reach_of(mending, at, (1, 2, 4), *NOTHING_KNOWN)
    corners = open_corners(mending.front)
    for k in (1, 2, 3):
        foretold = np.array([at.foretold(*plan) for plan in _within(mending, k)]).reshape(-1, 2)
        assert (reach.within(k) >= (foretold @ reach.weights.T).max(axis=0, initial=-np.inf) - 1e-5).all()
        assert least_gap(reach, corners, k, None) <= gap_to_front(foretold, mending.front).min(initial=np.inf) + 1e-5
        lossless = foretold[(foretold >= values - 1e-9).all(axis=1)]
        assert least_gap(reach, corners, k, values) <= gap_to_front(lossless, mending.front).min(initial=np.inf) + 1e-5


def test_more_changes_and_larger_errors_are_expected_to_do_more() -> None:
    model = ToyModel()
    mending = Mending(
        model, np.array([1, 1, 2, 2, 0, 0]), np.array([0, 1, 0, 0, 0, 0]), np.full((1, 2), 15.0), np.ones(2)
    )
    values = mending.scaled(model.evaluate(mending.start_year[None], mending.option[None]).objectives)[0]
    at = linearized(mending, mending.start_year, mending.option, values)
    told = [
        estimated(mending, reach_of(mending, at, (1, 2, 4), errors, np.array([2])), values, (1, 2, 4), None)
        for errors in (np.zeros((1, 2)), np.full((1, 2), 0.25))
    ]
    for estimate, error in zip(told, (0.0, 0.5), strict=True):
        assert list(estimate.least_gap) == sorted(estimate.least_gap, reverse=True)
        assert estimate.largest_error == pytest.approx(error)  # of two changes, twice as much of four
    assert told[0].least_gap[0] == pytest.approx(told[1].least_gap[0])
    assert told[0].least_gap[1] == pytest.approx(told[1].least_gap[1] + 0.25)
    assert told[0].least_changes is None


def _within(mending: Mending, changes: int) -> list[tuple[np.ndarray, np.ndarray]]:
    """Plans within so many changes that miss no quota by more than the plan does."""
    choices, quota = [(0, 0), (1, 0), (1, 1), (2, 0), (2, 1)], np.asarray(mending.model.quota)
    found = []
    for villages in combinations(range(mending.start_year.size), changes):
        for chosen in product(choices, repeat=changes):
            plan = np.stack([mending.start_year, mending.option])
            plan[:, list(villages)] = np.array(chosen).T
            room = quota - year_counts(plan[:1], quota.size)[0]
            if (room == 0).all() if mending.model.exact_quota else (room >= 0).all():
                found.append((plan[0], plan[1]))
    return found
