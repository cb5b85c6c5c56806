"""Goal seeking on `tiny`, where the enumeration of all plans says what the least change is."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from typing import Any

import numpy as np
import pytest

from data.errors import InputError
from data.files.cities import load_city
from data.levers import FIELDS, find_lever, with_lever
from data.scenario import Scenario, Target
from data.scenario_files import load_scenario
from data.synthesis.city import synthesize_city
from envs.choices.options import option_space
from envs.kernel import REPORT, SEARCH, ResolvedScenario, evaluate, resolve
from envs.kernel.indicators.registry import INDICATORS
from envs.kernel.plans import Plans
from envs.rules.check import valid
from envs.rules.targets import scorecard
from optimizers.goals.goal_seeking import resolved_with, seek
from optimizers.goals.lever_range import lever_range
from optimizers.goals.seek_result import IMPOSSIBLE, MET, NOT_MET, SHARES, SeekResult, proof_by_definition
from optimizers.goals.target_attainment import (
    best_attainment,
    exact_attainment,
    relative_shortfalls,
    target_outputs,
)
from optimizers.problem.enumeration import all_genomes
from optimizers.problem.operators import PlanSampling, split

ACCESS, COMMUTE, NPV, COST = "service_accessibility", "mean_commute_km", "net_present_value_cny", "max_annual_cost_cny"
CITY = load_city("tiny")


def at_least(name: str, value: float, year: int | None = None) -> Target:
    return Target(indicator=name, at_least=value, year=year)


def at_most(name: str, value: float, year: int | None = None) -> Target:
    return Target(indicator=name, at_most=value, year=year)


def tiny(**changes: Any) -> ResolvedScenario:
    content = load_scenario("tiny").model_dump(mode="json") | changes
    return resolve(Scenario.model_validate(content), CITY)


def sought(
    resolved: ResolvedScenario, targets: list[Target], key: str, low: float, high: float, **options: Any
) -> SeekResult:
    resolved = replace(resolved, scenario=resolved.scenario.model_copy(update={"targets": tuple(targets)}))
    options = {"evaluations": 300} | options
    return seek(resolved, find_lever(resolved.scenario, resolved.book, key), low, high, **options)


@pytest.fixture(scope="module")
def every_plan() -> dict[str, np.ndarray]:
    """Outcomes of all 36,015 plans of `tiny` without a quota, and the villages of their busiest year."""
    resolved = tiny()
    space, tables, busiest = option_space(resolved), [], []
    for genomes in all_genomes(space):
        start, option = split(genomes)
        found = evaluate(resolved, space.decode(start, option), indicators=[ACCESS, COMMUTE, NPV, COST])
        tables.append([found[name] for name in (ACCESS, COMMUTE, NPV, COST)])
        busiest.append(np.maximum((start == 1).sum(axis=1), (start == 2).sum(axis=1)))
    columns = np.concatenate([np.stack(table) for table in tables], axis=1)
    return dict(zip((ACCESS, COMMUTE, NPV, COST), columns, strict=True)) | {"busiest": np.concatenate(busiest)}


# --- the least value is that of the enumeration ---------------------------------------------------------------------


SLOW = pytest.mark.slow


@pytest.mark.parametrize("accessibility", [0.855, pytest.param(0.84, marks=SLOW), pytest.param(0.864, marks=SLOW)])
def test_the_least_quota_is_that_of_the_enumeration(accessibility: float, every_plan: dict[str, np.ndarray]) -> None:
    truth = every_plan["busiest"][every_plan[ACCESS] >= accessibility].min()
    found = sought(tiny(villages_per_year=0), [at_least(ACCESS, accessibility)], "villages_per_year", 0, 6)
    assert (found.outcome, found.least_is_proved) == (MET, True)
    assert found.chosen is not None
    assert found.chosen.value == truth > 0


@pytest.mark.parametrize(
    "targets", [[at_least(ACCESS, 0.86)], [at_least(ACCESS, 0.84), at_most(COMMUTE, 3.8576), at_least(NPV, -2e8)]]
)
def test_the_least_capital_limit_is_that_of_the_enumeration(
    targets: list[Target], every_plan: dict[str, np.ndarray]
) -> None:
    meets = every_plan["busiest"] <= 3
    for target in targets:
        values = every_plan[target.indicator]
        meets &= (values >= target.at_least) if target.at_most is None else (values <= target.at_most)
    truth = every_plan[COST][meets].min()
    found = sought(tiny(), targets, "capital_limit_annual_cny", 1e7, 2e9)
    assert (found.outcome, found.least_is_proved) == (MET, True)
    assert found.chosen is not None
    assert truth <= found.chosen.value < truth + found.span.step


def test_what_no_plan_reaches_is_proved_impossible(every_plan: dict[str, np.ndarray]) -> None:
    beyond = every_plan[ACCESS][every_plan["busiest"] <= 3].max() + 1e-6
    found = sought(tiny(villages_per_year=1), [at_least(ACCESS, beyond)], "villages_per_year", 0, 3)
    assert (found.outcome, found.proof and found.proof.kind) == (IMPOSSIBLE, "enumeration")
    assert found.proof is not None
    assert found.proof.values == (3.0,)  # a larger quota only adds plans
    assert found.chosen is not None
    assert 0.0 < found.chosen.attainment.shortfall < 1e-5


def test_every_value_is_enumerated_where_a_lever_changes_outcomes() -> None:
    found = sought(tiny(), [at_least(ACCESS, 0.95)], "plan_years", 1, 2, evaluations=200)
    assert (found.outcome, found.proof and set(found.proof.values)) == (IMPOSSIBLE, {1.0, 2.0})
    assert found.evaluations >= 36_015


def test_a_search_that_finds_nothing_over_a_continuous_range_is_no_proof() -> None:
    found = sought(tiny(), [at_least(ACCESS, 0.95)], "facility_ratio.high", 0.1, 0.3, evaluations=200)
    assert (found.outcome, found.proof, found.least_is_proved) == (NOT_MET, None, False)
    assert [trial.value for trial in found.trials][:: len(found.trials) - 1] == [0.1, 0.3]  # both ends
    assert len(found.trials) >= 9
    assert found.chosen is not None
    assert found.chosen.attainment.shortfall == min(trial.attainment.shortfall for trial in found.trials)


def test_a_target_that_is_met_needs_no_change() -> None:
    found = sought(tiny(), [at_least(ACCESS, 0.83)], "villages_per_year", 0, 6)
    assert (found.outcome, found.least_is_proved) == (MET, True)
    assert [trial.value for trial in found.trials] == [3.0]


def test_a_definition_rules_a_target_out_without_a_search() -> None:
    found = sought(tiny(), [at_least(ACCESS, 1.01), at_least(NPV, 0.0)], "villages_per_year", 0, 3)
    assert (found.outcome, found.trials, found.evaluations) == (IMPOSSIBLE, (), 0)
    assert found.proof is not None
    assert [target.indicator for target in found.proof.targets] == [ACCESS]
    assert proof_by_definition([at_least(ACCESS, 1.0), at_most("demolished_share", 0.0)]) is None
    assert proof_by_definition([at_most("demolished_share", -0.1)]) is not None


def test_a_bound_over_the_range_needs_no_search() -> None:
    target, asked = at_least(ACCESS, 0.95), []

    def certificate(resolved: ResolvedScenario, wanted: Target) -> str:
        asked.append((resolved.scenario.villages_per_year, wanted))
        return "a bound"

    found = sought(tiny(), [target], "villages_per_year", 0, 2, certificate=certificate)
    assert (found.outcome, found.proof and found.proof.kind, found.trials) == (IMPOSSIBLE, "bound", ())
    assert asked == [(2, target)]  # a larger quota only adds plans
    found = sought(tiny(), [target], "facility_ratio.high", 0.1, 0.2, certificate=certificate, evaluations=100)
    assert (found.outcome, found.proof) == (NOT_MET, None)  # between any two values lies a third


def test_a_bound_proves_the_least_value_where_plans_are_too_many(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("optimizers.goals.goal_seeking.PROOF_PLANS", 0)
    target = [at_least(ACCESS, 0.86)]
    silent = sought(tiny(), target, "capital_limit_annual_cny", 1e7, 2e9, certificate=lambda *_: None)
    assert (silent.outcome, silent.least_is_proved) == (MET, False)
    assert silent.chosen is not None
    least = silent.chosen.value

    def certificate(resolved: ResolvedScenario, _target: Target) -> str | None:
        return "a bound" if (resolved.scenario.capital_limit_annual_cny or 0.0) < least else None

    found = sought(tiny(), target, "capital_limit_annual_cny", 1e7, 2e9, certificate=certificate)
    assert found.chosen is not None
    assert (found.outcome, found.least_is_proved, found.chosen.value) == (MET, True, least)


# --- one plan only: the answer can be solved for on paper ------------------------------------------------------------


def one_plan(**changes: Any) -> ResolvedScenario:
    """Every village rehabilitated in year 1: its cost is linear in the cost of rehabilitation."""
    return tiny(
        plan_years=1,
        villages_per_year=6,
        intensities=["rehabilitate"],
        locked=CITY.villages.village_id.tolist(),
        **changes,
    )


def cost_at(rehabilitation: float) -> float:
    resolved = one_plan(parameters={"cost.rehabilitation": rehabilitation})
    return float(exact_attainment(resolved, [at_most("total_cost_cny", 0.0)]).outputs[0])


@pytest.fixture(scope="module")
def line() -> tuple[float, float]:
    """Cost = intercept + slope x cost of rehabilitation."""
    one, other = cost_at(400.0), cost_at(600.0)
    slope = (other - one) / 200.0
    return one - 400.0 * slope, slope


def test_a_cost_is_lowered_as_far_as_needed_and_no_further(line: tuple[float, float]) -> None:
    intercept, slope = line
    solved = 437.6
    target = [at_most("total_cost_cny", intercept + slope * solved)]
    found = sought(one_plan(parameters={"cost.rehabilitation": 500.0}), target, "cost.rehabilitation", 300, 700)
    assert found.outcome == MET
    assert found.chosen is not None
    assert found.span.step == 1.0
    assert found.chosen.value == 437.0  # the largest whole step that is cheap enough; dearer ones are not wanted


def test_a_window_is_met_only_inside_and_the_lever_is_said_not_to_be_monotone(line: tuple[float, float]) -> None:
    intercept, slope = line
    window = [
        at_most("total_cost_cny", intercept + slope * 460.0),
        at_least("total_cost_cny", intercept + slope * 380.0),
    ]
    found = sought(one_plan(parameters={"cost.rehabilitation": 700.0}), window, "cost.rehabilitation", 300, 700)
    assert (found.outcome, found.monotone) == (MET, False)
    assert found.chosen is not None
    assert found.chosen.value == 460.0


def test_a_window_between_the_searched_values_is_missed_but_never_called_impossible(line: tuple[float, float]) -> None:
    intercept, slope = line
    window = [
        at_most("total_cost_cny", intercept + slope * 431.0),
        at_least("total_cost_cny", intercept + slope * 430.0),
    ]
    found = sought(one_plan(parameters={"cost.rehabilitation": 700.0}), window, "cost.rehabilitation", 300, 700)
    assert (found.outcome, found.proof) == (NOT_MET, None)


def test_a_single_value_is_decided_by_its_enumeration(line: tuple[float, float]) -> None:
    intercept, slope = line
    target = [at_most("total_cost_cny", intercept + slope * 400.0)]
    found = sought(one_plan(), target, "cost.rehabilitation", 500, 500)
    assert (found.outcome, found.proof and found.proof.values) == (IMPOSSIBLE, (500.0,))


def test_no_valid_plan_is_no_plan() -> None:
    resolved = tiny(locked=CITY.villages.village_id.tolist())
    found = sought(resolved, [at_least(ACCESS, 0.83)], "villages_per_year", 0, 2, evaluations=200)
    assert found.outcome == IMPOSSIBLE  # six locked villages in two years need three a year
    assert found.chosen is not None
    assert (found.chosen.attainment.plan, found.chosen.attainment.shortfall) == (None, np.inf)


# --- the search at one value -----------------------------------------------------------------------------------------

HARD_TO_MEET = [at_least(ACCESS, 0.85), at_most(COMMUTE, 3.855), at_least(NPV, -1.4e8)]


@pytest.mark.parametrize("seed", [0, pytest.param(1, marks=SLOW), pytest.param(2, marks=SLOW)])
def test_the_search_comes_as_near_as_the_enumeration(seed: int) -> None:
    resolved = tiny()
    truth = exact_attainment(resolved, HARD_TO_MEET)
    found = best_attainment(resolved, HARD_TO_MEET, evaluations=2_000, seed=seed)
    assert truth.exact
    assert not found.exact
    assert not truth.met
    assert truth.shortfall <= found.shortfall <= truth.shortfall * 1.2


def test_a_budget_that_covers_all_plans_enumerates_them() -> None:
    found = best_attainment(tiny(), [at_least(ACCESS, 0.95)], evaluations=36_015, seed=0)
    assert (found.exact, found.evaluations) == (True, 36_015)


def test_a_search_keeps_to_its_budget_and_to_its_seed() -> None:
    one, other = (best_attainment(tiny(), HARD_TO_MEET, evaluations=250, seed=5) for _ in range(2))
    assert one.evaluations == other.evaluations == 250
    assert one.genome.tolist() == other.genome.tolist()


def test_a_known_plan_is_not_lost() -> None:
    resolved, target = tiny(), [at_least(ACCESS, 0.866)]
    best = exact_attainment(resolved, target)
    assert best.met
    assert best_attainment(resolved, target, evaluations=100, seed=0, known=[best.genome]).met


# --- targets ---------------------------------------------------------------------------------------------------------


def test_shortfalls_by_hand() -> None:
    targets = [at_least(ACCESS, 0.8), at_most(COMMUTE, 10.0), at_least(NPV, 0.0), at_least(NPV, -100.0)]
    outputs = np.array([[0.6, 11.0, -5.0, -150.0], [0.9, np.nan, 3.0, -100.0]])
    missed = relative_shortfalls(targets, outputs)
    assert missed[0] == pytest.approx([0.25, 0.1, 5.0 / 1e9, 0.5])  # a target of zero: in billions
    assert missed[1] == pytest.approx([-0.125, np.inf, -3.0 / 1e9, 0.0])


def test_outputs_are_those_of_the_scorecard() -> None:
    series = [item.name for item in INDICATORS.values() if item.yearly is not None or item.flow is not None]
    targets = [at_least(name, 0.0, year) for name in series for year in (1, 4)]
    targets += [at_least(name, 0.0) for name in INDICATORS]
    resolved = tiny(targets=[target.model_dump() for target in targets])
    plan = sampled(resolved, 3)[2:]
    exact = target_outputs(resolved, plan, targets, precision=REPORT)[0]
    for output, score in zip(exact, scorecard(resolved, plan), strict=True):
        assert (score.output is None) == bool(np.isnan(output))
        assert score.output is None or output == pytest.approx(score.output, rel=1e-9, abs=1e-9)
        assert score.met == bool(relative_shortfalls([score.target], np.array([[output]]))[0, 0] <= 0.0)
    fast = target_outputs(resolved, plan, targets, precision=SEARCH)[0]
    np.testing.assert_allclose(fast, exact, rtol=2e-3, atol=1.0)


def sampled(resolved: ResolvedScenario, n: int) -> Plans:
    space = option_space(resolved)
    return space.decode(*split(PlanSampling(space, 6)._do(None, n, random_state=np.random.default_rng(3))))


def test_parts_of_a_whole_stay_within_it() -> None:
    resolved = resolve(Scenario(), synthesize_city(20, 4))
    names = [item.name for item in INDICATORS.values() if item.unit in SHARES]
    outcomes = evaluate(resolved, sampled(resolved, 60), indicators=names)
    for name in names:
        values = outcomes[name][~np.isnan(outcomes[name])]
        assert (values >= -1e-9).all(), name
        assert (values <= 1.0 + 1e-9).all(), name


# --- levers ----------------------------------------------------------------------------------------------------------

BOUNDS = {
    "villages_per_year": (1.0, 2.0),
    "renewal_ratio.high": (0.2, 0.7),
    "commodity_housing_cap_m2": (1e4, 1e5),
    "capital_limit_annual_cny": (1e8, 5e8),
    "capital_limit_peak_cny": (1e8, 5e8),
    "displaced_tenants_cap_persons": (300.0, 3_000.0),
}


def test_every_lever_that_adds_plans_is_tested() -> None:
    assert set(BOUNDS) == {key for key, field in FIELDS.items() if field.adds_plans}


@pytest.mark.parametrize("key", BOUNDS)
def test_larger_values_of_such_a_lever_only_add_plans(key: str) -> None:
    base = tiny(rules={"displacement": "hard"})
    tight, loose = (resolved_with(base, with_lever(base.scenario, base.book, key, value)) for value in BOUNDS[key])
    plans = sampled(tight, 300)
    allowed = [valid(resolved, plans) for resolved in (tight, loose)]
    assert allowed[0].sum() < allowed[1].sum()
    assert not (allowed[0] & ~allowed[1]).any()
    one, other = (evaluate(resolved, plans[:5]).values for resolved in (tight, loose))
    for name in one:
        np.testing.assert_array_equal(one[name], other[name], err_msg=name)


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("plan_years", 4.0),
        ("facility_ratio.high", 0.2),
        ("onsite_resettlement_share", 0.5),
        ("finance.discount_rate", 0.07),
    ],
)
def test_a_scenario_resolved_by_difference_is_the_scenario_resolved_anew(key: str, value: float) -> None:
    base = tiny()
    scenario = with_lever(base.scenario, base.book, key, value)
    short, full = resolved_with(base, scenario), resolve(scenario, CITY)
    assert short.digest == full.digest
    plans = sampled(full, 4)
    one, other = (evaluate(resolved, plans).values for resolved in (short, full))
    for name in one:
        np.testing.assert_array_equal(one[name], other[name], err_msg=name)


def test_ranges_are_divided_into_powers_of_ten() -> None:
    resolved = tiny(villages_per_year=3)
    quota = find_lever(resolved.scenario, resolved.book, "villages_per_year")
    cap = find_lever(resolved.scenario, resolved.book, "capital_limit_annual_cny")
    assert lever_range(quota, 0, 6).step == 1.0
    assert lever_range(cap, 1e9, 4e10).step == 1e8
    span = lever_range(quota, 0, 60)
    assert (span.start, span.n_steps(1), span.n_steps(-1)) == (3.0, 57, 3)
    assert [span.value(-1, k) for k in (0, 1, 3)] == [3.0, 2.0, 0.0]
    assert span.coarse(1)[-1] == 57
    assert span.coarse(-1)[-1] == 3


@pytest.mark.parametrize(
    ("low", "high", "word"),
    [(3, 1, "reversed"), (0, float("inf"), "finite"), (0.5, 2, "whole"), (-3, 2, "villages_per_year")],
)
def test_wrong_ranges_are_refused(low: float, high: float, word: str) -> None:
    with pytest.raises(InputError, match=word):
        sought(tiny(), [at_least(ACCESS, 0.95)], "villages_per_year", low, high)


def test_a_scenario_without_targets_is_refused() -> None:
    with pytest.raises(InputError, match="no targets"):
        sought(tiny(), [], "villages_per_year", 0, 3)


def test_a_year_beyond_the_shortest_programme_is_refused() -> None:
    last = tiny(plan_years=1).clock.horizon
    with pytest.raises(InputError, match="runs to year"):
        sought(tiny(), [at_least(ACCESS, 0.85, year=last + 1)], "plan_years", 1, 3)


def test_a_lever_of_a_rule_that_is_not_hard_is_told() -> None:
    found = sought(tiny(), [at_least(ACCESS, 0.83)], "displaced_tenants_cap_persons", 100, 1_000)
    assert found.idle_rules == ("displacement",)


@cache
def denser_than_any_option() -> tuple[ResolvedScenario, Plans, float]:
    """A valid plan denser than the levels of the scenario, and the new floor that no plan of the options reaches."""
    resolved = tiny(floor_area_ratio={"low": 0.5, "high": 3.5})
    space = option_space(resolved)
    genomes = np.concatenate(list(all_genomes(space)))
    plans = space.decode(*split(genomes))
    plans = plans[np.flatnonzero(valid(resolved, plans))]
    floor = evaluate(resolved, plans, indicators=("new_rental_floor_m2",))["new_rental_floor_m2"]
    best = plans[np.array([int(np.argmax(floor))])]
    denser = replace(best, floor_area_ratio=best.floor_area_ratio * 1.02)
    assert valid(resolved, denser).all()
    more = evaluate(resolved, denser, indicators=("new_rental_floor_m2",))["new_rental_floor_m2"]
    assert more[0] > floor.max()
    return resolved, denser, float(more[0])


def test_a_plan_of_a_run_that_meets_the_target_is_never_overlooked() -> None:
    resolved, known, floor_m2 = denser_than_any_option()
    targets = [at_least("new_rental_floor_m2", floor_m2 * (1.0 - 1e-9))]
    alone = sought(resolved, targets, "villages_per_year", 2, 4)
    assert alone.outcome != MET
    found = sought(resolved, targets, "villages_per_year", 2, 4, known_plans=known)
    assert found.outcome == MET
    assert found.chosen is not None
    assert found.chosen.value == resolved.scenario.villages_per_year
    assert found.chosen.attainment.plan is not None
    np.testing.assert_allclose(found.chosen.attainment.plan.floor_area_ratio, known.floor_area_ratio)


def test_known_plans_that_come_after_the_years_or_break_a_rule_do_not_count() -> None:
    resolved, known, floor_m2 = denser_than_any_option()
    late = replace(known, start_year=np.where(known.start_year > 0, 9, 0))
    targets = [at_least("new_rental_floor_m2", floor_m2 * (1.0 - 1e-9))]
    found = best_attainment(resolved, targets, evaluations=50, seed=0, plans=late)
    assert not found.met
    barred = tiny(villages_per_year=0)
    assert not best_attainment(barred, targets, evaluations=50, seed=0, plans=known).met
