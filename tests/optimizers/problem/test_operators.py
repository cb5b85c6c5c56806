"""Sampling, crossover and mutation followed by repair give legal genomes, reproducibly."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pymoo.core.population import Population

from data.scenario import FixedVillage, Scenario
from data.synthesis.city import synthesize_city
from envs.choices.alone import village_value_cny
from envs.choices.capital_seeds import earning_genomes
from envs.choices.options import OptionSpace, option_space
from envs.kernel import resolve
from envs.rules.check import valid
from optimizers.problem.operators import (
    HashDuplicates,
    PlanMutation,
    PlanRepair,
    PlanSampling,
    VillageCrossover,
    draw_options,
    draw_preference,
    join,
    split,
    within_quota,
)

N, QUOTA, YEARS = 12, 2, 5
CITY = synthesize_city(N, 3)
SCENARIO = Scenario(
    plan_years=YEARS,
    villages_per_year=QUOTA,
    locked=("V00007",),
    forbidden=("V00006",),
    fixed={"V00001": FixedVillage(start_year=2, facility_ratio=0.1), "V00003": FixedVillage(start_year=0)},
)


@pytest.fixture(scope="module")
def space() -> OptionSpace:
    return option_space(resolve(SCENARIO, CITY))


def assert_legal(space: OptionSpace, genomes: np.ndarray[Any, Any]) -> None:
    start, option = split(genomes)
    village = np.arange(N)
    assert space.start_mask[village, start].all()
    assert (space.option_mask[village, option] | (start == 0) | space.fixed_mask).all()
    for year in range(1, YEARS + 1):
        assert ((start == year).sum(axis=1) <= QUOTA).all()


def generation(space: OptionSpace, seed: int) -> list[np.ndarray[Any, Any]]:
    """A sampled population, its children and their mutants, each repaired."""
    rng = np.random.default_rng(seed)
    repair = PlanRepair(space, QUOTA)
    parents = repair._do(None, PlanSampling(space, QUOTA)._do(None, 40, random_state=rng), random_state=rng)
    crossover = VillageCrossover(np.column_stack([CITY.villages.x_km, CITY.villages.y_km]))
    children = np.concatenate(crossover._do(None, np.stack([parents[:20], parents[20:]]), random_state=rng))
    mutation = PlanMutation(space, CITY.villages.district_idx)
    mutants = mutation._do(None, children, random_state=rng)
    return [parents, *(repair._do(None, genomes, random_state=rng) for genomes in (children, mutants))]


@pytest.mark.parametrize("seed", range(25))
def test_every_genome_is_legal_after_repair(space: OptionSpace, seed: int) -> None:
    for genomes in generation(space, seed):
        assert genomes.shape == (40, 2 * N)
        assert_legal(space, genomes)


@settings(max_examples=60, deadline=None, derandomize=True)
@given(st.integers(0, 2**32 - 1))
def test_repair_makes_any_integers_legal(seed: int) -> None:
    space = option_space(resolve(SCENARIO, CITY))
    rng = np.random.default_rng(seed)
    wild = join(rng.integers(0, YEARS + 1, (20, N)), rng.integers(0, space.n_options, (20, N)))
    repair = PlanRepair(space, QUOTA)
    repaired = repair._do(None, wild, random_state=rng)
    assert_legal(space, repaired)
    np.testing.assert_array_equal(repair._do(None, repaired, random_state=rng), repaired)


def test_locked_villages_are_given_room_by_those_that_may_be_kept() -> None:
    mask = np.ones((7, YEARS + 1), dtype=bool)
    mask[[0, 3, 5], 0] = False
    mask[6] = np.arange(YEARS + 1) == 1
    rng = np.random.default_rng(0)
    start = np.where(mask[:, 0], rng.integers(0, YEARS + 1, (200, 7)), rng.integers(1, YEARS + 1, (200, 7)))
    start[:, 6] = 1
    leveled = within_quota(start, mask, 1, rng)
    assert mask[np.arange(7), leveled].all()
    for row in leveled:
        assert np.bincount(row, minlength=YEARS + 1)[1:].max() <= 1


def test_the_same_seed_gives_the_same_population(space: OptionSpace) -> None:
    for one, other in zip(generation(space, 7), generation(space, 7), strict=True):
        np.testing.assert_array_equal(one, other)
    assert not np.array_equal(generation(space, 7)[0], generation(space, 8)[0])


def test_sampling_starts_with_the_empty_plan_and_has_all_sizes() -> None:
    space = option_space(resolve(Scenario(plan_years=YEARS, villages_per_year=N), CITY))
    start, _ = split(PlanSampling(space, N)._do(None, 50, random_state=np.random.default_rng(1)))
    size = (start > 0).sum(axis=1)
    assert size[0] == 0
    assert size[-1] == N
    assert len(np.unique(size)) >= N // 2


def test_children_inherit_whole_villages(space: OptionSpace) -> None:
    rng = np.random.default_rng(3)
    parents = PlanSampling(space, QUOTA)._do(None, 60, random_state=rng).reshape(2, 30, 2 * N)
    crossover = VillageCrossover(np.column_stack([CITY.villages.x_km, CITY.villages.y_km]))
    children = crossover._do(None, parents, random_state=rng)
    genes = [np.stack(split(group.reshape(-1, 2 * N)), axis=2).reshape(30, N, 2) for group in (*parents, *children)]
    mother, father, one, other = genes
    kept = (one == mother).all(axis=2) & (other == father).all(axis=2)
    swapped = (one == father).all(axis=2) & (other == mother).all(axis=2)
    assert (kept | swapped).all()
    assert (~kept).any()
    assert (~swapped).any()


def test_mutation_leaves_its_input_alone_and_changes_something(space: OptionSpace) -> None:
    rng = np.random.default_rng(4)
    genomes = PlanSampling(space, QUOTA)._do(None, 50, random_state=rng)
    before = genomes.copy()
    mutants = PlanMutation(space, CITY.villages.district_idx)._do(None, genomes, random_state=rng)
    np.testing.assert_array_equal(genomes, before)
    assert (mutants != genomes).any(axis=1).mean() > 0.3


def test_drawn_options_are_legal_and_follow_the_preference(space: OptionSpace) -> None:
    rng = np.random.default_rng(5)
    drawn = draw_options(space, draw_preference(space, 30, rng), rng)
    assert space.option_mask[np.arange(N), drawn].all()
    one = np.full((5, space.n_options), 1e-12)
    favorite = int(np.flatnonzero(space.option_mask.all(axis=0))[-1])
    one[:, favorite] = 1.0
    assert (draw_options(space, one, rng) == favorite).all()


def test_draws_stay_in_range_where_a_village_has_no_option() -> None:
    scenario = Scenario(intensities=("rebuild",), land_uses=("commodity_housing",))
    space = option_space(resolve(scenario, CITY))
    rng = np.random.default_rng(6)
    drawn = draw_options(space, np.ones((20, space.n_options)), rng)
    assert (drawn >= 0).all()
    assert (drawn < space.n_options).all()


def test_within_quota_moves_to_the_nearest_years() -> None:
    start = np.array([[3, 3, 3, 3, 3, 3]])
    mask = np.ones((6, 6), dtype=bool)
    moved = within_quota(start, mask, 2, np.random.default_rng(0))
    assert sorted(moved[0].tolist()) == [2, 2, 3, 3, 4, 4]
    assert (start == 3).all()


def test_within_quota_leaves_what_fits() -> None:
    start = np.array([[1, 1, 2, 0, 5, 5]])
    mask = np.ones((6, 6), dtype=bool)
    np.testing.assert_array_equal(within_quota(start, mask, 2, np.random.default_rng(0)), start)


def test_within_quota_keeps_what_finds_no_room_and_moves_no_fixed_village() -> None:
    mask = np.ones((5, 3), dtype=bool)
    mask[0] = [False, True, False]  # fixed to year 1
    for seed in range(10):
        moved = within_quota(np.ones((1, 5), dtype=np.int64), mask, 1, np.random.default_rng(seed))
        assert moved[0, 0] == 1
        assert sorted(moved[0, 1:].tolist()) == [0, 0, 0, 2]


@settings(max_examples=100, deadline=None, derandomize=True)
@given(
    start=st.lists(st.integers(0, 6), min_size=1, max_size=30),
    quota=st.integers(0, 8),
    seed=st.integers(0, 2**32 - 1),
)
def test_within_quota_keeps_the_total_where_there_is_room(start: list[int], quota: int, seed: int) -> None:
    years = 6
    mask = np.ones((len(start), years + 1), dtype=bool)
    given_start = np.array([start])
    moved = within_quota(given_start, mask, quota, np.random.default_rng(seed))
    count = np.bincount(moved[0], minlength=years + 1)[1:]
    assert (count <= quota).all()
    assert count.sum() == min((given_start > 0).sum(), quota * years)
    assert (moved[given_start == 0] == 0).all()


@settings(max_examples=100, deadline=None, derandomize=True)
@given(
    start=st.lists(st.integers(0, 4), min_size=1, max_size=30),
    quotas=st.lists(st.integers(0, 9), min_size=4, max_size=4),
    seed=st.integers(0, 2**32 - 1),
)
def test_within_quota_keeps_the_quota_of_each_year(start: list[int], quotas: list[int], seed: int) -> None:
    mask, given_start = np.ones((len(start), 5), dtype=bool), np.array([start])
    moved = within_quota(given_start, mask, np.array(quotas), np.random.default_rng(seed))
    count = np.bincount(moved[0], minlength=5)[1:]
    assert (count <= quotas).all()
    assert count.sum() == min((given_start > 0).sum(), sum(quotas))


def test_what_samples_and_repairs_keeps_the_quota_of_each_year() -> None:
    scenario = Scenario(plan_years=4, villages_per_year=5, villages_per_year_by_year={2: 0, 3: 9})
    resolved = resolve(scenario, synthesize_city(30, 1))
    space, quotas, rng = option_space(resolved), np.array(scenario.yearly_quotas), np.random.default_rng(2)
    earning = earning_genomes(village_value_cny(resolved, space), 10, quotas, plan_years=4)
    genomes = PlanSampling(space, quotas, earning)._do(None, 50, random_state=rng)
    start = split(PlanRepair(space, quotas)._do(None, genomes, random_state=rng))[0]
    counts = np.stack([(start == year).sum(axis=1) for year in range(1, 5)], axis=1)
    assert (counts.max(axis=0) == [5, 0, 9, 5]).all()
    assert valid(resolved, space.decode(start, split(genomes)[1])).all()


def test_duplicates_are_found_by_content() -> None:
    pop = Population.new("X", np.array([[1, 2], [3, 4], [1, 2], [5, 6]]))
    other = Population.new("X", np.array([[5, 6]]))
    assert HashDuplicates().do(pop).get("X").tolist() == [[1, 2], [3, 4], [5, 6]]
    assert HashDuplicates().do(pop, other).get("X").tolist() == [[1, 2], [3, 4]]
