"""Fronts beside each other: numbers by hand, and properties of attainment surfaces."""

from __future__ import annotations

import warnings

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from optimizers.fronts.common_reference import (
    attained,
    attainment_directions,
    attainment_radii,
    attainment_volumes,
    common_front,
    igd_plus,
    on_front,
    renewed_by_all,
    volume_within,
)
from optimizers.problem.front import REFERENCE, hypervolume

ONE = np.array([[0.0, 1.0], [0.5, 0.5]])
OTHER = np.array([[0.5, 0.5], [0.6, 0.6], [1.0, 0.0]])


def fronts(n_objectives: int) -> st.SearchStrategy[np.ndarray]:
    shape = st.tuples(st.integers(1, 12), st.just(n_objectives))
    return arrays(np.float64, shape, elements=st.floats(0.0, 1.0, width=32))


def test_the_common_front_by_hand() -> None:
    common = common_front([ONE, OTHER])
    assert common.points.tolist() == [[0.0, 1.0], [0.5, 0.5], [1.0, 0.0]]
    assert (common.run.tolist(), common.row.tolist()) == ([0, 0, 1], [0, 1, 2])  # of equal points the first run's
    assert attained(ONE, common.points).tolist() == [True, True, False]
    assert attained(OTHER, common.points).tolist() == [False, True, True]
    assert on_front(OTHER, common.points).tolist() == [True, False, True]


def test_rounding_of_a_batch_decides_nothing() -> None:
    common = common_front([ONE, ONE + 1e-13, ONE - 1e-13])
    assert len(common.points) == 2
    for front in (ONE, ONE + 1e-13, ONE - 1e-13):
        assert attained(front, common.points).all()


def test_slack_is_what_a_plan_may_miss_by() -> None:
    missed = ONE + np.array([0.009, 0.0])
    assert not attained(missed, ONE).any()
    assert attained(missed, ONE, slack=0.01).all()
    assert not attained(missed, ONE, slack=0.008).any()


def test_igd_plus_by_hand() -> None:
    """Of (0, 1), (0.5, 0.5), (1, 0), the front {(0.5, 0.5)} is 0.5 worse in one objective at both ends."""
    points = common_front([ONE, OTHER]).points
    assert igd_plus(np.array([[0.5, 0.5]]), points) == pytest.approx(1.0 / 3.0)
    assert igd_plus(points, points) == 0.0


@pytest.mark.parametrize("n_objectives", [2, 3, 4])
def test_the_volume_in_polar_coordinates_is_pymoos_hypervolume(n_objectives: int) -> None:
    rng = np.random.default_rng(5)
    front = rng.random((40, n_objectives)) * 0.8
    radii = attainment_radii([front], attainment_directions(n_objectives))
    assert volume_within(radii[0], n_objectives) == pytest.approx(hypervolume(front), abs=2e-3)


def test_radii_by_hand() -> None:
    """From the corner (1.1, 1.1) towards (0, 0), the plan (0.1, 0.6) is left where its second objective ends."""
    diagonal = np.array([[0.5**0.5, 0.5**0.5]])
    radii = attainment_radii([np.array([[0.1, 0.6]]), np.array([[1.2, 0.0]])], diagonal)
    assert radii[:, 0] == pytest.approx([0.5 * 2.0**0.5, 0.0])


def test_the_median_surface_of_three_boxes() -> None:
    """Three runs of one plan each: what two of three attain is the union of pairwise intersections."""
    runs = [np.array([[0.1, 0.5]]), np.array([[0.5, 0.1]]), np.array([[0.5, 0.5]])]
    volumes = attainment_volumes(runs)
    box = REFERENCE**2
    assert volumes["worst"] == pytest.approx(0.6 * 0.6 / box, abs=1e-3)
    assert volumes["median"] == pytest.approx(0.6 * 0.6 / box, abs=1e-3)
    assert volumes["best"] == pytest.approx((2.0 * 0.6 - 0.6**2) / box, abs=1e-3)


@settings(deadline=None, max_examples=30)
@given(st.lists(fronts(2), min_size=1, max_size=4))
def test_surfaces_are_ordered_and_bounded_by_the_runs(runs: list[np.ndarray]) -> None:
    volumes = attainment_volumes(runs)
    alone = [hypervolume(run) for run in runs]
    assert volumes["worst"] <= volumes["median"] <= volumes["best"]
    assert volumes["worst"] <= min(alone) + 2e-3
    assert volumes["best"] >= max(alone) - 2e-3
    assert volumes["best"] == pytest.approx(hypervolume(np.concatenate(runs)), abs=2e-3)


def test_villages_that_every_plan_renews() -> None:
    assert renewed_by_all([np.array([1, 0, 2]), np.array([2, 1, 1])]).tolist() == [True, False, True]


def test_nothing_silences_the_warnings_of_the_process() -> None:
    before = list(warnings.filters)
    common_front([ONE, OTHER])
    igd_plus(ONE, OTHER)
    assert warnings.filters == before
