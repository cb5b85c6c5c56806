"""A search that stops anywhere and goes on from its state ends where an uninterrupted one does."""

from __future__ import annotations

import io
import json
from typing import Any

import numpy as np
import pytest

from data.errors import InputError
from data.files.cities import load_city
from data.scenario import RuleMode, Scenario
from data.scenario_files import load_scenario
from data.synthesis.city import synthesize_city
from envs.choices.anchors import Anchors
from envs.kernel import ResolvedScenario, resolve
from envs.kernel.plans import empty_plan
from optimizers.algorithms.registry import ALGORITHMS
from optimizers.problem import enumeration
from optimizers.search.compute_anchors import compute_anchors
from optimizers.search.run_search import SearchResult
from optimizers.search.search_state import SearchState
from search_fixtures import searched

BUDGET = 500
EXACT_CITY = Scenario(name="few", plan_years=1, villages_per_year=3, facility_levels=1, density_levels=2)


@pytest.fixture(scope="module")
def tiny() -> ResolvedScenario:
    return resolve(load_scenario("tiny"), load_city("tiny"))


@pytest.fixture(scope="module")
def known(tiny: ResolvedScenario) -> Anchors:
    return compute_anchors(tiny, tiny.scenario.objectives, threads=1, evaluations=300)


def through_a_file(state: SearchState) -> SearchState:
    """The state as an npz and JSON text give it back."""
    file = io.BytesIO()
    np.savez(file, **state.arrays)
    file.seek(0)
    with np.load(file, allow_pickle=False) as content:
        arrays = {name: content[name] for name in content.files}
    return SearchState(arrays, json.loads(json.dumps(state.record, allow_nan=False)))


def states_of(resolved: ResolvedScenario, **options: Any) -> tuple[SearchResult, list[SearchState]]:
    """An uninterrupted search, and its state before the first batch, after every batch, and at the end."""
    kept: list[SearchState] = []

    def keep(state: SearchState) -> None:
        kept.append(through_a_file(state))

    return searched(resolved, checkpoint=keep, checkpoint_seconds=0.0, **options), kept


def assert_same(one: SearchResult, other: SearchResult) -> None:
    np.testing.assert_array_equal(one.values, other.values)
    for a, b in zip(one.plans.columns, other.plans.columns, strict=True):
        np.testing.assert_array_equal(a, b)
    assert one.evaluations == other.evaluations
    steps = [[(row["evaluations"], row["hypervolume"]) for row in result.progress] for result in (one, other)]
    assert steps[0] == steps[1]


@pytest.mark.parametrize("algorithm", [name for name in ALGORITHMS if name != "exact"])
def test_a_resumed_search_ends_where_an_uninterrupted_one_does(
    algorithm: str, tiny: ResolvedScenario, known: Anchors
) -> None:
    options = {"algorithm": algorithm, "seed": 3, "evaluations": BUDGET, "known_anchors": known}
    whole, kept = states_of(tiny, **options)
    assert_same(whole, searched(tiny, **options))  # keeping a state changes nothing
    assert [state.record["evaluations"] for state in kept[:1]] == [0]
    for position in sorted({0, 1, len(kept) // 2, len(kept) - 1}):
        assert_same(whole, searched(tiny, resume=kept[position], **options))


def test_an_enumeration_is_resumed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(enumeration, "BATCH", 60)
    resolved = resolve(EXACT_CITY, synthesize_city(3, 1))
    known = compute_anchors(resolved, resolved.scenario.objectives, threads=1, evaluations=200)
    whole, kept = states_of(resolved, algorithm="exact", known_anchors=known)
    assert len(kept) > 5
    for state in kept[::2]:
        assert_same(whole, searched(resolved, algorithm="exact", known_anchors=known, resume=state))


@pytest.fixture(scope="module")
def partly_broken() -> tuple[ResolvedScenario, Anchors]:
    """A scenario in which many plans break a rule, and its anchors."""
    scenario = Scenario(
        name="bound", villages_per_year=2, capital_limit_annual_cny=1.5e9, rules={"annual_capital": RuleMode.HARD}
    )
    resolved = resolve(scenario, synthesize_city(12, 3))
    return resolved, compute_anchors(resolved, scenario.objectives, threads=1, evaluations=100)


@pytest.mark.parametrize("algorithm", ["hybrid", "nsga2", "nsga3", "rvea", "local"])
def test_populations_that_partly_break_rules_are_restored(
    algorithm: str, partly_broken: tuple[ResolvedScenario, Anchors]
) -> None:
    """Plans that break a rule have no rank; those that keep it must not lose theirs."""
    resolved, known = partly_broken
    options = {"algorithm": algorithm, "seed": 1, "evaluations": 400, "known_anchors": known}
    whole, kept = states_of(resolved, **options)
    for position in {1, len(kept) // 2, len(kept) - 2}:
        assert_same(whole, searched(resolved, resume=kept[position], **options))


def test_the_state_holds_the_anchors_and_the_plans_given(tiny: ResolvedScenario, known: Anchors) -> None:
    begin = {"known_anchors": known, "seed_plans": empty_plan(tiny.city.n_villages)}
    whole, kept = states_of(tiny, seed=2, evaluations=400, **begin)
    resumed = searched(tiny, seed=2, evaluations=400, resume=kept[1])
    assert resumed.anchors == known
    assert_same(whole, resumed)


def test_plans_of_a_longer_scenario_may_seed(tiny: ResolvedScenario, known: Anchors) -> None:
    late = empty_plan(tiny.city.n_villages)
    late.start_year[:] = tiny.scenario.plan_years + 9
    assert searched(tiny, evaluations=200, known_anchors=known, seed_plans=late).plans.n_plans > 0


def test_a_state_of_another_search_is_refused(tiny: ResolvedScenario, known: Anchors) -> None:
    _, kept = states_of(tiny, seed=3, evaluations=200, known_anchors=known)
    with pytest.raises(InputError, match="seed is 4 here, but 3 there"):
        searched(tiny, seed=4, evaluations=200, known_anchors=known, resume=kept[1])
    with pytest.raises(InputError, match="algorithm is random here"):
        searched(tiny, seed=3, algorithm="random", evaluations=200, known_anchors=known, resume=kept[1])


@pytest.mark.parametrize("algorithm", [name for name in ALGORITHMS if name != "exact"])
def test_a_malformed_state_is_refused(algorithm: str, tiny: ResolvedScenario, known: Anchors) -> None:
    """Every array missing, of another shape, of text or out of bounds; every entry of the record of another type."""
    options = {"algorithm": algorithm, "evaluations": 300, "known_anchors": known}
    _, kept = states_of(tiny, **options)
    state = kept[2]
    for turn, (name, values) in enumerate(state.arrays.items()):
        if name == "archive_values" or name.startswith("algorithm_survival_"):
            continue  # read by people alone, or found anew
        spoilt = [None, values[None], np.full(values.shape, "x")]
        if "genomes" in name and len(values):
            spoilt.append(values + 10_000)
        for value in (spoilt[turn % 3], spoilt[-1]):
            arrays = {key: kept for key, kept in state.arrays.items() if key != name}
            arrays |= {} if value is None else {name: value}
            with pytest.raises(InputError, match="malformed"):
                searched(tiny, resume=SearchState(arrays, state.record), **options)
    for name in ("evaluations", "seconds", "progress", "algorithm_record"):
        record = state.record | {name: {"a": None}}
        with pytest.raises(InputError, match="malformed"):
            searched(tiny, resume=SearchState(state.arrays, record), **options)
    for name, before in state.record["algorithm_record"].items():
        own = state.record["algorithm_record"] | {name: {"state": before}}
        with pytest.raises(InputError, match="malformed"):
            searched(tiny, resume=SearchState(state.arrays, state.record | {"algorithm_record": own}), **options)
