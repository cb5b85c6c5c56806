"""Choosing on fronts that can be drawn by hand."""

from __future__ import annotations

import warnings

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from optimizers.fronts.decision_making import (
    best_by_objective,
    best_within_loss,
    high_tradeoff,
    knee,
    nearest_to,
    next_better,
    spread,
    walk,
    within_loss,
)

ELBOW = np.array([[0.0, 10.0], [0.5, 6.0], [1.0, 1.0], [5.0, 0.6], [10.0, 0.0]])
"""Leaving plan 2 costs much on either side."""


def random_front(seed: int, n_plans: int, n_objectives: int) -> np.ndarray:
    """Plans on the unit sphere's inner side: none dominates another."""
    points = np.abs(np.random.default_rng(seed).normal(size=(n_plans, n_objectives))) + 1e-3
    return 1.0 - points / np.linalg.norm(points, axis=1, keepdims=True)


def test_extremes_and_knee_of_an_elbow() -> None:
    assert best_by_objective(ELBOW).tolist() == [0, 4]
    assert knee(ELBOW) == 2


def test_the_knee_of_a_bent_line() -> None:
    front = np.array([[0.0, 1.0], [0.2, 0.3], [0.45, 0.2], [1.0, 0.0]])
    assert knee(front) == 1  # 0.5 below the line x + y = 1, the other 0.35
    assert knee(front * np.array([1.0, 0.01]) + 0.5) == 1  # the plane follows the scale of the objectives


def test_the_knee_of_three_objectives() -> None:
    front = np.vstack([np.eye(3), [[0.3, 0.3, 0.3], [0.2, 0.3, 0.3]]])
    assert knee(front) == 4


def test_a_front_without_a_plane_weighs_objectives_alike() -> None:
    assert knee(np.array([[0.2, 0.3]])) == 0
    assert knee(np.array([[0.2, 0.3, 0.4], [0.1, 0.5, 0.4]])) == 0  # sums 0.9 and 1.0
    assert knee(np.array([[0.3], [0.1]])) == 1


@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 10_000), n_plans=st.integers(1, 40), order=st.permutations([0, 1, 2]))
def test_a_knee_is_never_dominated_and_the_order_of_objectives_is_nothing(
    seed: int, n_plans: int, order: list[int]
) -> None:
    front = np.random.default_rng(seed).random((n_plans, 3))
    found = front[knee(front)]
    assert not ((front < found).all(axis=1)).any()
    assert knee(front[:, order]) == knee(front)


def test_high_tradeoff_leaves_the_warnings_of_the_process_alone() -> None:
    before = list(warnings.filters)
    high_tradeoff(random_front(1, 40, 3))
    assert list(warnings.filters) == before
    with pytest.warns(UserWarning, match="still heard"):
        warnings.warn("still heard", stacklevel=1)


def test_equal_plans_have_no_tradeoff() -> None:
    assert high_tradeoff(np.ones((6, 2))).size == 0
    assert spread(np.ones((6, 2))).tolist() == [1.0, 1.0]


def test_reference_point_by_hand() -> None:
    """Wish (4, 0.5): shortfalls over spread 10 are 0.95, 0.55, 0.05, 0.1, 0.6."""
    assert nearest_to(ELBOW, np.array([4.0, 0.5]), spread(ELBOW)) == 2
    assert nearest_to(ELBOW, np.array([0.0, 10.0]), spread(ELBOW)) == 0


def test_loss_limits_by_hand() -> None:
    """From plan 2, at most 4 worse in the first objective: plans 2 and 3 remain besides those better in it but worse in
    the second, which may not get worse at all."""
    allowed = np.array([4.0, 0.0])
    assert np.flatnonzero(within_loss(ELBOW, 2, allowed)).tolist() == [2, 3]
    assert best_within_loss(ELBOW, 2, allowed, 1, spread(ELBOW)) == 3
    assert best_within_loss(ELBOW, 2, np.zeros(2), 1, spread(ELBOW)) == 2


def test_price_of_a_step_by_hand() -> None:
    """From plan 2 the second objective improves to 0.6 at 4 (10 per unit) or to 0 at 9 (9 per unit)."""
    assert next_better(ELBOW, 2, 1, spread(ELBOW)) == 4
    assert next_better(ELBOW, 2, 0, spread(ELBOW)) == 0
    assert next_better(ELBOW, 0, 0, spread(ELBOW)) is None


def test_walk_arrives_where_it_heads() -> None:
    wish = np.array([2.0, 0.8])
    path = [walk(ELBOW, np.tile(wish, (taken, 1)), 4, spread(ELBOW)) for taken in range(5)]
    assert path[0].point.tolist() == [10.0, 10.0]
    assert path[0].reachable.all()
    assert path[1].point == pytest.approx([7.75, 7.75])
    assert path[4].point == pytest.approx(ELBOW[path[4].target])
    assert path[4].target == 2


@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 10_000), n_plans=st.integers(4, 40), n_objectives=st.integers(2, 4), steps=st.integers(1, 8))
def test_every_step_of_a_walk_improves_all_and_keeps_its_promise(
    seed: int, n_plans: int, n_objectives: int, steps: int
) -> None:
    front = random_front(seed, n_plans, n_objectives)
    wishes = np.random.default_rng(seed).uniform(0.0, 1.0, size=(steps, n_objectives))
    before = walk(front, wishes[:0], steps, spread(front))
    for taken in range(1, steps + 1):
        now = walk(front, wishes[:taken], steps, spread(front))
        assert (now.point <= before.point + 1e-9).all()
        assert not (now.reachable & ~before.reachable).any()
        assert now.reachable[now.target]
        assert (now.best <= now.point + 1e-9).all()
        before = now
    assert before.point == pytest.approx(front[before.target])


@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 10_000), n_plans=st.integers(4, 40), n_objectives=st.integers(2, 4))
def test_choices_do_not_depend_on_units(seed: int, n_plans: int, n_objectives: int) -> None:
    front = random_front(seed, n_plans, n_objectives)
    factor, shift = np.geomspace(0.01, 1e9, n_objectives), np.arange(n_objectives) * 7.0
    other = front * factor + shift
    assert knee(front) == knee(other)
    wish = front.min(axis=0)
    assert nearest_to(front, wish, spread(front)) == nearest_to(other, wish * factor + shift, spread(other))


@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 10_000), n_plans=st.integers(4, 40), n_objectives=st.integers(2, 4))
def test_no_plan_within_the_limits_is_better_than_the_one_chosen(seed: int, n_plans: int, n_objectives: int) -> None:
    front = random_front(seed, n_plans, n_objectives)
    rng = np.random.default_rng(seed)
    current, improve = int(rng.integers(n_plans)), int(rng.integers(n_objectives))
    allowed = rng.uniform(0.0, 0.5, n_objectives)
    chosen = best_within_loss(front, current, allowed, improve, spread(front))
    inside = within_loss(front, current, allowed)
    assert inside[current]
    assert front[chosen, improve] == front[inside, improve].min()
