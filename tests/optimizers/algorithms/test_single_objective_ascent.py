"""A corner's trail: means of slopes against sums by hand, and which plans it leaves alone."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from data.errors import InputError
from data.files.cities import load_city
from data.scenario_files import load_scenario
from envs.choices.anchors import Anchors
from envs.kernel import ResolvedScenario, resolve
from optimizers.algorithms.single_objective_ascent import MEMORY, SingleObjectiveAscents
from optimizers.search.compute_anchors import compute_anchors
from optimizers.search.search_state import SearchState
from search_fixtures import searched

SHAPE = (4, 2, 3)


@pytest.fixture(scope="module")
def tiny() -> ResolvedScenario:
    return resolve(load_scenario("tiny"), load_city("tiny"))


@pytest.fixture(scope="module")
def known(tiny: ResolvedScenario) -> Anchors:
    return compute_anchors(tiny, tiny.scenario.objectives, threads=1, evaluations=100)


def test_the_mean_weighs_early_slopes_alike_and_forgets_old_ones() -> None:
    rng = np.random.default_rng(0)
    trails, met = SingleObjectiveAscents(2, SHAPE), []
    for climb in range(1, 31):
        slopes = rng.normal(size=(2, *SHAPE)).astype(np.float32)
        before = slopes.copy()
        found = trails.averaged(np.array([1, 7]), slopes)
        met.append(before[0].astype(np.float64))
        np.testing.assert_array_equal(slopes, before)
        np.testing.assert_array_equal(found[1], before[1])  # no corner
        if climb <= 10:
            np.testing.assert_allclose(found[0], np.mean(met, axis=0), atol=1e-6)
    age = np.arange(20)[::-1]
    late = np.mean(met[:10], axis=0) * MEMORY**20
    late += sum((1 - MEMORY) * MEMORY**k * slopes for k, slopes in zip(age, met[10:], strict=True))
    np.testing.assert_allclose(found[0], late, atol=1e-6)
    assert not trails.slopes[0].any()
    assert trails.climbs.tolist() == [0.0, 30.0]


def test_a_trail_begins_at_the_best_plan_and_then_goes_its_own_way() -> None:
    trails, chosen = SingleObjectiveAscents(2, SHAPE), np.array([0, 1, 5])
    current = np.arange(24).reshape(3, 8)
    np.testing.assert_array_equal(trails.placed(chosen, current), current)
    trails.averaged(chosen[1:], np.ones((2, *SHAPE), dtype=np.float32))
    trails.follow(chosen[1:], [np.full(8, 1), np.full(8, 2)])
    placed = trails.placed(chosen, current)
    np.testing.assert_array_equal(placed[[0, 2]], current[[0, 2]])
    np.testing.assert_array_equal(placed[1], np.full(8, 1))


@pytest.mark.parametrize(
    ("name", "spoil"),
    [
        ("trail_genomes", lambda x: x[:1]),
        ("trail_genomes", lambda x: x + 1000),
        ("trail_slopes", lambda x: x * np.nan),
        ("trail_climbs", lambda x: x[:1]),
    ],
)
def test_a_spoiled_trail_is_refused(
    tiny: ResolvedScenario, known: Anchors, name: str, spoil: Callable[[Any], Any]
) -> None:
    kept: list[SearchState] = []
    searched(tiny, evaluations=200, known_anchors=known, checkpoint=kept.append, checkpoint_seconds=0.0)
    state = kept[-1]
    state.arrays[f"algorithm_{name}"] = spoil(state.arrays[f"algorithm_{name}"])
    with pytest.raises(InputError, match="malformed"):
        searched(tiny, evaluations=300, known_anchors=known, resume=state)
