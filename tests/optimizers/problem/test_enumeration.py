"""The enumerated front of the tiny city is the truth that a search must find."""

from __future__ import annotations

import numpy as np
import pytest

from data.errors import InputError
from data.files.cities import load_city
from data.scenario import FixedVillage, Scenario
from data.scenario_files import load_scenario
from data.synthesis.city import synthesize_city
from envs.choices.anchors import Anchors
from envs.choices.options import OptionSpace, option_space
from envs.kernel import ResolvedScenario, resolve
from envs.rules.check import RULES, violations
from optimizers.algorithms.request import FRONT_SPACING
from optimizers.problem.archive import ARCHIVE_SIZE
from optimizers.problem.enumeration import all_genomes, count_plans, village_choices
from optimizers.problem.front import hypervolume
from optimizers.problem.operators import split
from optimizers.search.compute_anchors import compute_anchors
from optimizers.search.run_search import SearchResult
from search_fixtures import result_and_archive

BUDGET = 10_000
"""Plans the search may evaluate, of 36,015."""


@pytest.fixture(scope="module")
def tiny() -> ResolvedScenario:
    return resolve(load_scenario("tiny"), load_city("tiny"))


@pytest.fixture(scope="module")
def space(tiny: ResolvedScenario) -> OptionSpace:
    return option_space(tiny)


@pytest.fixture(scope="module")
def known(tiny: ResolvedScenario) -> Anchors:
    return compute_anchors(tiny, tiny.scenario.objectives, threads=1, evaluations=300)


@pytest.fixture(scope="module")
def exact(tiny: ResolvedScenario, known: Anchors) -> tuple[SearchResult, np.ndarray]:
    return result_and_archive(tiny, algorithm="exact", known_anchors=known)


@pytest.fixture(scope="module")
def genomes(space: OptionSpace) -> np.ndarray:
    return np.concatenate(list(all_genomes(space)))


def test_the_tiny_city_has_36_015_plans(space: OptionSpace, genomes: np.ndarray) -> None:
    choices = [len(village_choices(space, village)) for village in range(6)]
    assert sorted(choices) == [3, 5, 7, 7, 7, 7]  # protected: keep, 2 years; rental-only: no sale; else 1 + 2 x 3
    assert count_plans(space) == np.prod(choices) == 36_015 == len(genomes)


def test_every_enumerated_plan_is_unique_and_respects_single_village_bounds(
    tiny: ResolvedScenario, space: OptionSpace, genomes: np.ndarray
) -> None:
    assert len(np.unique(genomes, axis=0)) == len(genomes)
    start, option = split(genomes)
    village = np.arange(start.shape[1])
    assert space.start_mask[village, start].all()
    assert (space.option_mask[village, option] | (start == 0)).all()
    assert (option[start == 0] == 0).all()
    sample = np.random.default_rng(0).choice(len(genomes), 1_000, replace=False)
    names, excess = violations(tiny, space.decode(start[sample], option[sample]))
    assert not excess[:, [RULES[name].built_in for name in names]].any()
    assert excess[:, names.index("yearly_quota")].any()  # city-wide rules are left to the evaluation


def test_fixed_forbidden_and_locked_villages_are_enumerated_as_given() -> None:
    fixed = {"V00001": FixedVillage(start_year=1, facility_ratio=0.1)}
    scenario = Scenario(
        plan_years=2,
        intensities=("rehabilitate",),
        facility_levels=1,
        fixed=fixed,
        forbidden=("V00002",),
        locked=("V00003",),
    )
    space = option_space(resolve(scenario, synthesize_city(4, 1)))
    assert [village_choices(space, i).tolist() for i in range(4)] == [
        [[1, 0]],
        [[0, 0]],
        [[1, 0], [2, 0]],
        [[0, 0], [1, 0], [2, 0]],
    ]
    start, _ = split(np.concatenate(list(all_genomes(space))))
    assert start.tolist() == [[1, 0, a, b] for a in (1, 2) for b in (0, 1, 2)]


def test_too_many_plans_are_refused() -> None:
    space = option_space(resolve(Scenario(), synthesize_city(12, 3)))
    with pytest.raises(InputError, match="at most 2,000,000 are enumerated"):
        next(all_genomes(space))


def test_exact_evaluates_every_plan_once(exact: tuple[SearchResult, np.ndarray]) -> None:
    result, archive = exact
    assert result.evaluations == 36_015
    assert not result.interrupted
    assert 100 < len(archive) < ARCHIVE_SIZE  # nothing was thinned away before the end


def assert_same_front(tiny: ResolvedScenario, exact: tuple[SearchResult, np.ndarray], seed: int) -> None:
    """Every exact point is found, to 1e-6 of the anchor ranges; thinned, the fronts agree to 1 % and in volume."""
    truth, every_point = exact
    found, archive = result_and_archive(tiny, seed=seed, evaluations=BUDGET, known_anchors=truth.anchors)
    assert farthest(every_point, archive) <= 1e-6
    assert farthest(archive, every_point) <= 1e-6
    ranges = truth.anchors.ranges
    assert farthest(truth.values / ranges, found.values / ranges) <= FRONT_SPACING
    volumes = [hypervolume(1.0 - truth.anchors.normalized(result.values)) for result in (truth, found)]
    assert volumes[1] >= 0.999 * volumes[0]


def farthest(points: np.ndarray, others: np.ndarray) -> float:
    """Largest difference in any objective of a point from its nearest among the others."""
    return float(np.abs(points[:, None] - others[None, :]).max(axis=2).min(axis=1).max())


def test_the_default_search_finds_the_exact_front(
    tiny: ResolvedScenario, exact: tuple[SearchResult, np.ndarray]
) -> None:
    assert_same_front(tiny, exact, seed=0)


@pytest.mark.slow
@pytest.mark.parametrize("seed", [1, 2, 3, 4])
def test_the_default_search_finds_the_exact_front_with_other_seeds(
    tiny: ResolvedScenario, exact: tuple[SearchResult, np.ndarray], seed: int
) -> None:
    assert_same_front(tiny, exact, seed)
