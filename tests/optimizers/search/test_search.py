"""Searches: budgets, stopping, refusals, and fronts that are valid, non-dominated and reproducible."""

from __future__ import annotations

import time
from typing import Any

import numpy as np
import pytest

from data.errors import InputError
from data.files.cities import load_city
from data.scenario import RuleMode, Scenario
from data.scenario_files import load_scenario
from data.synthesis.city import synthesize_city
from envs.choices.anchors import Anchors
from envs.choices.options import option_space
from envs.kernel import Plans, ResolvedScenario, evaluate, resolve
from envs.kernel.evaluate import measure_plans
from envs.kernel.indicators.registry import objective_signs
from envs.kernel.trace import REPORT
from envs.models.kernel_model import KernelModel
from envs.rules.check import RULES, valid
from optimizers.algorithms.algorithm import Setting
from optimizers.algorithms.ascent_and_evolution import AscentAndEvolution
from optimizers.algorithms.evolution import POP_SIZE
from optimizers.algorithms.registry import ALGORITHMS
from optimizers.algorithms.request import FRONT_SPACING, SearchRequest
from optimizers.problem.archive import Archive
from optimizers.problem.front import non_dominated
from optimizers.problem.operators import PlanRepair, PlanSampling, split
from optimizers.problem.renewal_problem import RenewalProblem
from optimizers.search.best_plans import best_single
from optimizers.search.compute_anchors import compute_anchors
from optimizers.search.run_search import SearchResult
from search_fixtures import searched

BUDGET = 1_000
SEARCHES = [name for name in ALGORITHMS if name != "exact"]


@pytest.fixture(scope="module")
def tiny() -> ResolvedScenario:
    return resolve(load_scenario("tiny"), load_city("tiny"))


@pytest.fixture(scope="module")
def known(tiny: ResolvedScenario) -> Anchors:
    return compute_anchors(tiny, tiny.scenario.objectives, threads=1, evaluations=500)


def found_by(tiny: ResolvedScenario, known: Anchors, **options: Any) -> SearchResult:
    return searched(tiny, **({"evaluations": BUDGET, "known_anchors": known} | options))


def assert_sound(resolved: ResolvedScenario, result: SearchResult) -> None:
    """Every plan is valid, not dominated, 1 % from the others, and worth what the evaluator says."""
    assert valid(resolved, result.plans).all()
    signed = -result.values * np.array(objective_signs(result.objectives))
    assert non_dominated(signed).tolist() == list(range(result.plans.n_plans))
    assert (np.diff(signed[:, 0]) >= 0.0).all()
    scaled = signed / result.anchors.ranges
    apart = np.abs(scaled[:, None] - scaled[None, :]).max(axis=2)
    assert (apart[~np.eye(len(scaled), dtype=bool)] >= FRONT_SPACING - 1e-12).all()
    outcome = evaluate(resolved, result.plans, indicators=list(result.objectives))
    exact = np.stack([outcome[name] for name in result.objectives], axis=1)
    np.testing.assert_allclose(result.values, exact, rtol=1e-9)


@pytest.mark.parametrize("algorithm", SEARCHES)
def test_a_front_is_sound(tiny: ResolvedScenario, known: Anchors, algorithm: str) -> None:
    result = found_by(tiny, known, algorithm=algorithm)
    assert_sound(tiny, result)
    assert result.plans.n_plans > 5
    assert not result.interrupted
    assert result.anchors is known


@pytest.mark.parametrize("algorithm", ["hybrid", "nsga2", "rvea", "local", "random"])
@pytest.mark.parametrize("evaluations", [100, 450, BUDGET])
def test_the_budget_is_respected(tiny: ResolvedScenario, known: Anchors, algorithm: str, evaluations: int) -> None:
    result = found_by(tiny, known, algorithm=algorithm, evaluations=evaluations)
    assert evaluations <= result.evaluations < evaluations + POP_SIZE  # a batch is finished
    done = [row["evaluations"] for row in result.progress]
    assert done[-1] == result.evaluations
    assert (np.diff(done) > 0.0).all()


def test_indicators_are_measured_with_the_front(tiny: ResolvedScenario, known: Anchors) -> None:
    asked = ["total_cost_cny", "mean_commute_km"]
    result = found_by(tiny, known, algorithm="random", evaluations=200, indicators=asked)
    assert set(result.indicators) == {*result.objectives, "total_cost_cny"}
    outcome = evaluate(tiny, result.plans, indicators=asked)
    for name, values in result.indicators.items():
        np.testing.assert_allclose(values, outcome[name], rtol=1e-9)
    with pytest.raises(InputError, match="did you mean total_cost_cny"):
        found_by(tiny, known, indicators=["total_cots_cny"])


def test_a_large_city_has_a_smaller_front_with_the_same_ends(
    tiny: ResolvedScenario, known: Anchors, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = found_by(tiny, known, algorithm="random")
    monkeypatch.setattr("envs.models.kernel_model.LARGE_CITY_PLACES", tiny.city.n_places - 1)
    monkeypatch.setattr("envs.models.kernel_model.MOST_REPORTED_LARGE", 9)
    result = found_by(tiny, known, algorithm="random")
    assert_sound(tiny, result)
    assert 3 < result.plans.n_plans <= 9 < whole.plans.n_plans
    normalized = [known.normalized(found.values).max(axis=0) for found in (whole, result)]
    np.testing.assert_allclose(normalized[0], normalized[1], atol=FRONT_SPACING)


def test_ascent_climbs_a_corner_in_turn_and_the_one_that_gains_most(tiny: ResolvedScenario, known: Anchors) -> None:
    problem = RenewalProblem(KernelModel(tiny, known.objectives), scale=known.ranges)
    archive = Archive.empty(problem.n_var, known.ranges)
    hybrid = AscentAndEvolution(Setting(problem, SearchRequest(seed=1), archive, archive.genomes))
    hybrid.corner_gain[:] = (0.0, 0.01, 0.02)
    for hybrid.n_steps in range(20, 26):
        chosen = hybrid._next_subproblems()
        assert {hybrid.n_steps % 3, 2} <= set(chosen.tolist())
        assert 6 <= chosen.size <= 8
    gains = []
    for hybrid.n_steps in range(1, 13):
        batch = hybrid._begin() if len(archive.F) == 0 else hybrid._ascend(None)
        archive.add(batch.genomes, batch.F, batch.feasible)
        gains.append(hybrid.corner_gain.copy())
    assert max(row.max() for row in gains[1:]) > 0.0
    assert gains[-1].max() < 0.01  # a small city's ends are soon reached


@pytest.mark.parametrize(("spent", "counted"), [(0.2, 0.2), (500.0, 0.5)])
def test_a_budget_in_minutes_counts_the_anchors_up_to_half(
    tiny: ResolvedScenario, known: Anchors, spent: float, counted: float
) -> None:
    began = time.perf_counter()
    result = searched(tiny, minutes=1.0 / 60.0, known_anchors=known, spent_seconds=spent)
    took = time.perf_counter() - began
    assert counted < result.progress[0]["seconds"]
    assert all(row["seconds"] < 1.0 for row in result.progress[:-1])  # the last round may pass it
    assert result.seconds >= 1.0
    assert result.seconds - counted < took
    assert result.plans.n_plans > 3


def test_a_budget_in_evaluations_does_not_count_them(tiny: ResolvedScenario, known: Anchors) -> None:
    result = searched(tiny, evaluations=60, known_anchors=known, spent_seconds=500.0)
    assert result.evaluations >= 60
    assert result.seconds > 500.0


def test_progress_only_improves(tiny: ResolvedScenario, known: Anchors) -> None:
    rows: list[dict[str, float]] = []
    result = found_by(tiny, known, progress=rows.append)
    assert rows == result.progress
    assert set(rows[0]) == {"evaluations", "seconds", "hypervolume", "front_size"}
    assert (np.diff([row["hypervolume"] for row in rows]) >= -1e-9).all()
    assert rows[-1]["hypervolume"] > rows[0]["hypervolume"] > 0.0


def test_minutes_are_a_budget(tiny: ResolvedScenario, known: Anchors) -> None:
    result = searched(tiny, minutes=0.5 / 60.0, known_anchors=known)
    assert 0.2 < result.seconds < 20.0
    assert result.plans.n_plans > 0
    assert not result.interrupted


@pytest.mark.parametrize("algorithm", ["nsga2", "random", "exact"])
def test_stopping_keeps_the_work(tiny: ResolvedScenario, known: Anchors, algorithm: str) -> None:
    batches: list[dict[str, float]] = []
    result = found_by(
        tiny, known, algorithm=algorithm, evaluations=None if algorithm == "exact" else 10**6,
        progress=batches.append, stop=lambda: len(batches) >= 3,
    )  # fmt: skip
    assert result.interrupted
    assert len(batches) == 3
    assert result.evaluations == batches[-1]["evaluations"]
    assert_sound(tiny, result)


def test_an_interrupt_from_the_keyboard_keeps_the_work(tiny: ResolvedScenario, known: Anchors) -> None:
    def interrupt(row: dict[str, float]) -> None:
        if row["evaluations"] >= 300:
            raise KeyboardInterrupt

    result = found_by(tiny, known, progress=interrupt)
    assert result.interrupted
    assert result.evaluations < BUDGET
    assert_sound(tiny, result)


def test_wrong_requests_are_refused(tiny: ResolvedScenario, known: Anchors) -> None:
    with pytest.raises(InputError, match="unknown algorithm 'nsga9'; known are hybrid, nsga2"):
        found_by(tiny, known, algorithm="nsga9")
    with pytest.raises(InputError, match="give a budget"):
        found_by(tiny, known, evaluations=None)
    misspelt = resolve(tiny.scenario.model_copy(update={"rules": {"consnet": RuleMode.HARD}}), tiny.city)
    with pytest.raises(InputError, match="did you mean consent"):
        found_by(misspelt, known)
    with pytest.raises(InputError, match="mean_comute_km"):
        searched(tiny, objectives=("mean_comute_km",), evaluations=100)


def test_a_search_without_a_valid_plan_says_so(tiny: ResolvedScenario, known: Anchors) -> None:
    ids = tuple(tiny.city.villages.village_id.tolist())
    changes = {"locked": ids, "capital_limit_annual_cny": 1.0}
    impossible = resolve(tiny.scenario.model_copy(update=changes), tiny.city)
    with pytest.raises(InputError, match="no valid plan"):
        found_by(impossible, known, evaluations=200)


@pytest.mark.parametrize("algorithm", SEARCHES)
def test_the_same_seed_and_evaluations_give_the_same_result(
    tiny: ResolvedScenario, known: Anchors, algorithm: str
) -> None:
    one, other = (found_by(tiny, known, algorithm=algorithm, seed=5, evaluations=500) for _ in range(2))
    np.testing.assert_array_equal(one.values, other.values)
    for a, b in zip(one.plans.columns, other.plans.columns, strict=True):
        np.testing.assert_array_equal(a, b)
    different = found_by(tiny, known, algorithm=algorithm, seed=6, evaluations=500)
    if algorithm != "greedy":  # its first weight vectors leave nothing to chance
        paths = ([row["hypervolume"] for row in result.progress] for result in (one, different))
        assert next(paths) != next(paths)


def test_the_best_single_plan_is_valid_and_no_worse_than_the_empty_plan(tiny: ResolvedScenario) -> None:
    plan = best_single(tiny, "service_accessibility", evaluations=500, seed=1)
    empty = Plans(*(np.zeros_like(column) for column in plan.columns))
    assert valid(tiny, plan).all()
    reached, before = (evaluate(tiny, p, indicators=[])["service_accessibility"][0] for p in (plan, empty))
    assert reached > before


def test_a_full_archive_stays_full_and_spread() -> None:
    x = np.linspace(0.0, 1.0, 3_000)
    archive = Archive(np.zeros((0, 2), dtype=np.int64), np.zeros((0, 2)), np.ones(2))
    genomes = np.arange(6_000).reshape(3_000, 2)
    archive.add(genomes, np.column_stack([x, 1.0 - x]), np.ones(3_000, dtype=bool))
    assert len(archive.F) == len(archive.genomes) == 1_000
    assert archive.F.min(axis=0).tolist() == [0.0, 0.0]
    assert np.diff(np.sort(archive.F[:, 0])).max() < 0.003


# --- hard limits that bind --------------------------------------------------------------------------------------------

HARD = ("consent", "rental_share", "minimum_facility_ratio", "annual_capital", "peak_capital")


@pytest.fixture(scope="module")
def bound() -> ResolvedScenario:
    """Thirty villages; capital at 40 % of what plans drawn at random need, and most of those break a rule."""
    city = synthesize_city(30, 5)
    free = resolve(Scenario(villages_per_year=3), city)
    need = [float(np.median(column[column > 0.0])) for column in measured(free, drawn(free, 40), HARD[3:])]
    scenario = Scenario(
        name="bound",
        villages_per_year=3,
        capital_limit_annual_cny=0.4 * need[0],
        capital_limit_peak_cny=0.4 * need[1],
        rules=dict.fromkeys(HARD, RuleMode.HARD),
    )
    return resolve(scenario, city)


def drawn(resolved: ResolvedScenario, n_plans: int) -> Plans:
    """Plans drawn as a search draws its first population."""
    space, quota = option_space(resolved), resolved.scenario.villages_per_year
    rng = np.random.default_rng(0)
    genomes = PlanSampling(space, quota)._do(None, n_plans, random_state=rng)
    return space.decode(*split(PlanRepair(space, quota)._do(None, genomes, random_state=rng)))


def measured(resolved: ResolvedScenario, plans: Plans, rules: tuple[str, ...]) -> list[np.ndarray]:
    return measure_plans(resolved, plans, [RULES[name].measured for name in rules], precision=REPORT)


def test_hard_rules_that_bind_leave_only_valid_plans(bound: ResolvedScenario) -> None:
    assert valid(bound, drawn(bound, 40)).mean() < 0.6
    anchors_there = compute_anchors(bound, bound.scenario.objectives, threads=1, evaluations=100)
    result = searched(bound, evaluations=500, seed=1, known_anchors=anchors_there)
    assert_sound(bound, result)
    assert (result.plans.start_year > 0).any(axis=1).sum() >= 1
    for column, name in zip(measured(bound, result.plans, HARD[3:]), HARD[3:], strict=True):
        limit = RULES[name].limit(bound)
        assert limit is not None
        assert column.max() <= limit * (1.0 + 1e-6)
