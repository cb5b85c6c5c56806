"""No plan may be better than a certified bound: enumerated, random and optimized plans try."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from data.errors import InputError
from data.files.cities import load_city
from data.scenario import INTENSITIES, LAND_USES, FixedVillage, RuleMode, Scenario, Target
from data.scenario_files import load_scenario
from data.synthesis.city import synthesize_city
from envs.choices.options import option_space
from envs.kernel import Plans, ResolvedScenario, evaluate, resolve
from envs.rules.check import valid
from optimizers.bounds.amounts import AMOUNTS, choice_table, option_table, plan_amounts
from optimizers.bounds.capital_bound import capital_bound_cny
from optimizers.bounds.capital_plan import best_capital_plan, linearized, plan_sums, plan_value_cny
from optimizers.bounds.capital_terms import (
    capital_objective,
    discount,
    linear_limits,
    net_housing_range,
    net_housing_weights,
    price_factor,
    sold_weights,
)
from optimizers.bounds.certified import LEGAL, OPTIONS, bound, cannot_reach
from optimizers.bounds.column_generation import ChoiceProgram, Multipliers
from optimizers.bounds.elimination import worthwhile
from optimizers.bounds.floor_area_vertices import floor_range
from optimizers.bounds.price_pairs import (
    _pairs_of_sums,
    _Taken,
    chord,
    cover,
    even_cover,
    price_pairs,
    sale_kernels,
    sum_weights,
)
from optimizers.problem.enumeration import all_genomes
from optimizers.problem.operators import split
from plan_fixtures import random_plans

CAPITAL = "net_present_value_cny"
EARNING = {"built.collective_industrial_m2": 0.0}
"""The tiny city's villages earn something only without the floor owed to the collectives."""


def tiny(**parameters: float) -> ResolvedScenario:
    scenario = load_scenario("tiny").model_copy(update={"parameters": EARNING | parameters})
    return resolve(scenario, load_city("tiny"))


def city_of(seed: int, scenario: Scenario | None = None, n_villages: int = 30) -> ResolvedScenario:
    return resolve(scenario or load_scenario("balanced"), synthesize_city(n_villages, seed))


def every_plan(resolved: ResolvedScenario) -> Plans:
    genomes = np.concatenate(list(all_genomes(option_space(resolved))))
    return option_space(resolved).decode(*split(genomes))


def within_quota(resolved: ResolvedScenario, plans: Plans) -> np.ndarray:
    years = range(1, resolved.scenario.plan_years + 1)
    busiest = np.max([(plans.start_year == year).sum(axis=1) for year in years], axis=0)
    return busiest <= resolved.scenario.villages_per_year


def densest_plans(resolved: ResolvedScenario, n_plans: int, seed: int) -> Plans:
    """Random plans with any density and facility ratio of their legal ranges, not only the levels of options."""
    plans, rng = random_plans(resolved, n_plans, seed), np.random.default_rng(seed)
    far, facility = plans.floor_area_ratio.copy(), plans.facility_ratio.copy()
    for intensity in range(3):
        for use in range(5):
            here = (plans.intensity == intensity) & (plans.land_use == use) & (plans.start_year > 0)
            ranges = floor_range(resolved, INTENSITIES[intensity], LAND_USES[use])
            a, b = rng.random(here.shape), rng.random(here.shape)
            f = ranges.facility_low + a * (ranges.facility_high - ranges.facility_low)
            low = np.maximum(ranges.far_low, ranges.owed_ratio / np.maximum(1.0 - f, 1e-9))
            fits = here & (low <= ranges.far_high)
            far = np.where(fits, low + b * (ranges.far_high - low), far)
            facility = np.where(fits, f, facility)
    return Plans(plans.start_year, plans.intensity, plans.land_use, far, facility)


# --- amounts and corners ----------------------------------------------------------------------------------------------


def test_weighted_amounts_are_the_evaluators_net_present_value() -> None:
    resolved = city_of(1)
    space = option_space(resolved)
    table, rng = option_table(resolved, space), np.random.default_rng(0)
    option = np.array([rng.choice(np.flatnonzero(m)) if m.any() else 0 for m in space.option_mask])
    start = rng.integers(0, 11, option.size) * space.option_mask.any(axis=1)
    sold, net = (plan_sums(table, w(resolved), start, option) for w in (sold_weights, net_housing_weights))
    worth = float(plan_sums(table, np.zeros((1, 10, len(AMOUNTS))), start, option).sum())
    village = np.flatnonzero(start)
    weights = capital_objective(resolved, table)[table.district_idx[village], start[village] - 1]
    worth += float((weights * table.amounts[village, option[village]]).sum())
    worth += float((discount(resolved)[:, None] * sold * price_factor(resolved, net)).sum())
    plan = space.decode(start[None, :], option[None, :])
    exact = float(evaluate(resolved, plan, indicators=[])[CAPITAL][0])
    assert worth == pytest.approx(exact, rel=1e-10)
    assert plan_value_cny(resolved, plan)[0] == pytest.approx(exact, rel=1e-12)


@pytest.mark.parametrize("seed", [0, 1])
def test_no_legal_floor_is_worth_more_than_a_corner(seed: int) -> None:
    resolved = city_of(seed)
    table, rng = choice_table(resolved), np.random.default_rng(seed)
    plans = densest_plans(resolved, 40, seed)
    assert valid(resolved, plans[np.flatnonzero(within_quota(resolved, plans))]).all()
    for row in range(plans.n_plans):
        weights = table.weights() + rng.normal(size=len(AMOUNTS)) / (1.0 + table.amounts.max(axis=(0, 1)))
        value = (plan_amounts(resolved, plans[row : row + 1]) * weights[0, 0]).sum(axis=1)
        best = table.scores(weights, np.arange(value.size)).max(axis=(1, 2))
        assert (value <= np.maximum(best, 0.0) + 1e-9).all()


def test_options_lie_within_the_corners() -> None:
    resolved = city_of(3)
    rng = np.random.default_rng(3)
    options, corners = option_table(resolved, option_space(resolved)), choice_table(resolved)
    everyone = np.arange(30)
    for _ in range(20):
        weights = corners.weights() + rng.normal(size=len(AMOUNTS)) / (1.0 + corners.amounts.max(axis=(0, 1)))
        inner, outer = (t.scores(weights, everyone).max(axis=(1, 2)) for t in (options, corners))
        assert (inner <= outer + 1e-9).all()


# --- price pairs ------------------------------------------------------------------------------------------------------


@given(st.integers(0, 10_000), st.integers(2, 12))
def test_covers_lie_above(seed: int, n: int) -> None:
    rng = np.random.default_rng(seed)
    matrix = rng.random((n, n)) * (rng.random((n, n)) < 0.6)
    f, h = cover(matrix, rng.random(n))
    assert (np.outer(f, h) >= matrix).all()
    even = matrix + matrix.T
    u = even_cover(even, rng.random(n))
    assert (np.outer(u, u) >= even).all()


@pytest.mark.parametrize("elasticity", [0.1, 0.35, 0.8])
def test_products_of_sums_lie_above_what_prices_give(elasticity: float) -> None:
    """At any plan, made tight at another one: chord and products are at least the evaluator's value."""
    scenario = load_scenario("balanced").model_copy(update={"parameters": {"price.elasticity": elasticity}})
    resolved = city_of(2, scenario)
    plans = densest_plans(resolved, 60, 5)
    table = choice_table(resolved)
    net = net_housing_range(resolved, table)
    intercept, slope = chord(resolved, np.stack([net[0].min(axis=0), net[1].max(axis=0)]))
    pairs = price_pairs(resolved, table, plans[:1])
    rates = _compared_rates(resolved, table, plans[:1])
    sales = sum_weights(sale_kernels(resolved).whole, "sales")
    exact = plan_value_cny(resolved, plans)
    for row in range(plans.n_plans):
        amounts = _with_compared(plan_amounts(resolved, plans[row : row + 1]), rates)
        start, district = plans.start_year[row], table.district_idx
        on = start > 0
        linear = capital_objective(resolved, table) + intercept[:, None, None] * sales
        total = float((linear[district[on], start[on] - 1] * amounts[on]).sum())
        for k, place in enumerate(pairs.district):
            here = on & (district == place)
            left, right = (float((pairs.weights[side, k, start[here] - 1] * amounts[here]).sum()) for side in (0, 1))
            total += slope[place] * left * right
        assert total >= exact[row] - 1e-9 * abs(exact[row])


@pytest.mark.parametrize("kind", ["any", "no floor demolished", "no floor built", "all alike", "no sales"])
def test_products_of_sums_lie_above_every_pair_of_villages(kind: str) -> None:
    """The inequality behind the products, village by village and year by year, where each of its parts is needed."""
    resolved, rng = city_of(0), np.random.default_rng(1)
    kernels = sale_kernels(resolved)
    pairs = _pairs_of_sums(kernels, np.full(10, 0.1))
    demolished, new, sales = rng.random((3, 4_000))
    demolished = 0.0 * demolished if kind == "no floor demolished" else demolished
    new = np.zeros(4_000) if kind == "no floor built" else new
    sales = {"all alike": demolished, "no floor demolished": new, "no sales": 0.0 * new}.get(kind, sales)
    new = 1.3 * demolished if kind == "all alike" else new
    rates = (1.0, 1.0) if kind != "all alike" else (1.0, 1.0 / 1.3)
    amount = {
        "sales": sales,
        "demolished": demolished,
        "new": new,
        "change": demolished - new,
        "uneven to demolished": abs(sales - rates[0] * demolished),
        "uneven to new": abs(sales - rates[1] * new),
        "changed housing": abs(demolished - new),
    }
    year = rng.integers(0, 10, 4_000)
    one, other = np.arange(4_000), rng.permutation(4_000)
    other[:1_000] = one[:1_000]  # a village beside itself: its own new housing lowers its own prices

    def given(a: np.ndarray, b: np.ndarray) -> np.ndarray:
        D, C = kernels.demolished[year[a], year[b]], kernels.completed[year[a], year[b]]
        return sales[a] * (demolished[b] * D - new[b] * C)

    most = np.zeros(4_000)
    for (left, left_name), (right, right_name) in pairs:
        for a, b in ((one, other), (other, one)):
            most += left[year[a]] * amount[left_name][a] * right[year[b]] * amount[right_name][b]
    assert (given(one, other) + given(other, one) <= most + 1e-9).all()


def _compared_rates(resolved: ResolvedScenario, table: object, plan: Plans) -> tuple[np.ndarray, np.ndarray]:
    taken = _Taken(table, plan.start_year[0], plan_amounts(resolved, plan))  # type: ignore[arg-type]
    return taken.sales_per("demolished"), taken.sales_per("new")


def _with_compared(amounts: np.ndarray, rates: tuple[np.ndarray, np.ndarray]) -> np.ndarray:
    def of(name: str) -> np.ndarray:
        return amounts @ sum_weights(np.ones(1), name)[0]

    compared = (abs(of("sales") - rates[0] * of("demolished")), abs(of("sales") - rates[1] * of("new")))
    found = amounts.copy()
    found[:, -3:] = np.stack([*compared, abs(of("change"))], axis=1)
    return found


def test_any_multipliers_bound_every_plan() -> None:
    """The proof does not rest on the solver: random multipliers do as well, only less tightly."""
    resolved = city_of(4)
    space = option_space(resolved)
    table, rng = option_table(resolved, space), np.random.default_rng(4)
    start, option = np.zeros((2, 30), dtype=np.int64)
    weights, factor = linearized(resolved, table, start, option)
    program = ChoiceProgram(table, np.arange(30), weights, linear_limits(resolved, table, factor, factor))
    best = program.solve()
    assert best.bound == pytest.approx(best.value, rel=1e-4)
    for _ in range(20):
        loose = Multipliers(rng.random(best.multipliers.limits.size), np.zeros(0))
        assert program.bound_at(loose) >= best.value - 1e-9


# --- the bound --------------------------------------------------------------------------------------------------------


def test_without_feedback_the_bound_is_the_enumerated_optimum() -> None:
    resolved = tiny(**{"price.elasticity": 0.0})
    plans = every_plan(resolved)
    truth = float(plan_value_cny(resolved, plans[np.flatnonzero(within_quota(resolved, plans))]).max())
    found = bound(resolved, CAPITAL, among=OPTIONS)
    assert truth > 1e8
    assert found is not None
    assert found.value == pytest.approx(truth, rel=2e-9)
    assert found.known == pytest.approx(truth, rel=1e-9)
    assert found.value >= truth


@pytest.mark.parametrize("elasticity", [0.1, 0.35, 0.8])
def test_no_enumerated_plan_of_the_tiny_city_exceeds_its_bound(elasticity: float) -> None:
    resolved = tiny(**{"price.elasticity": elasticity})
    plans = every_plan(resolved)
    truth = float(plan_value_cny(resolved, plans[np.flatnonzero(within_quota(resolved, plans))]).max())
    options, legal = (bound(resolved, CAPITAL, among=among) for among in (OPTIONS, LEGAL))
    assert options is not None
    assert legal is not None
    assert truth <= options.value <= 1.01 * truth
    assert options.value <= legal.value
    assert options.known == pytest.approx(truth, rel=1e-9)


def test_nothing_of_the_best_plan_is_thought_worthless() -> None:
    resolved = tiny()
    space = option_space(resolved)
    genomes = np.concatenate(list(all_genomes(space)))
    plans = space.decode(*split(genomes))
    value = np.where(within_quota(resolved, plans), plan_value_cny(resolved, plans), -np.inf)
    start, option = (part[int(value.argmax())] for part in split(genomes))
    left = worthwhile(resolved, option_table(resolved, space))
    on = np.flatnonzero(start)
    assert left.start_mask[on, start[on] - 1].all()
    assert left.mask[on, option[on]].all()
    assert left.mask.sum() < space.option_mask.sum()


@settings(max_examples=5, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.integers(0, 1_000))
def test_no_plan_of_a_synthetic_city_exceeds_its_bound(seed: int) -> None:
    resolved = city_of(seed)
    found = bound(resolved, CAPITAL, nodes=20)
    assert found is not None
    assert found.plan is not None
    assert valid(resolved, found.plan).all()
    plans = densest_plans(resolved, 100, seed)
    assert (plan_value_cny(resolved, plans)[within_quota(resolved, plans)] <= found.value).all()
    assert found.known is not None
    assert found.known <= found.value <= 1.05 * found.known


LIMITS = {"capital_limit_annual_cny": 3e9, "capital_limit_peak_cny": 8e9, "villages_per_year": 4}
RULES = {"rental_share": RuleMode.HARD, "minimum_facility_ratio": RuleMode.HARD, "new_to_demolished": RuleMode.HARD}


@pytest.mark.parametrize(
    "update",
    [
        LIMITS,
        {"rules": RULES},
        {"commodity_housing_cap_m2": 4e5},
        {"locked": ("V00001", "V00002"), "forbidden": ("V00003",)},
        {"fixed": {"V00004": FixedVillage(start_year=2, intensity="rehabilitate", facility_ratio=0.1)}},
    ],
)
def test_bounds_hold_under_limits(update: dict[str, object]) -> None:
    resolved = city_of(6, Scenario(**update), n_villages=20)
    found = best_capital_plan(resolved)
    assert found is not None
    table = choice_table(resolved)
    most = capital_bound_cny(resolved, table, found.plan, found.net_present_value_cny, nodes=10)
    free = city_of(6, Scenario(), n_villages=20)
    unlimited = capital_bound_cny(free, choice_table(free), found.plan, -np.inf, nodes=10)
    plans = densest_plans(resolved, 150, 7)
    kept = np.random.default_rng(8).random((150, 1)) ** 3 > np.random.default_rng(9).random((150, 20))
    start = np.where(kept | option_space(resolved).fixed_mask, plans.start_year, 0)
    plans = Plans(start, *plans.columns[1:])
    ok = valid(resolved, plans)
    assert ok.sum() >= 5
    assert (plan_value_cny(resolved, plans)[ok] <= most).all()
    assert found.net_present_value_cny <= most <= unlimited * (1.0 + 1e-9)
    assert valid(resolved, found.plan).all()


def test_limits_lower_the_bound() -> None:
    free, limited = (city_of(6, s, n_villages=20) for s in (Scenario(), Scenario(**LIMITS)))
    values = [bound(r, CAPITAL, nodes=10) for r in (free, limited)]
    assert values[0] is not None
    assert values[1] is not None
    assert values[1].value < values[0].value


# --- proofs -----------------------------------------------------------------------------------------------------------


def test_a_target_above_the_bound_is_proven_out_of_reach() -> None:
    resolved = city_of(1)
    found = bound(resolved, CAPITAL, nodes=10)
    assert found is not None
    assert found.known is not None
    beyond = cannot_reach(resolved, Target(indicator=CAPITAL, at_least=1.02 * found.value))
    assert beyond is not None
    assert beyond.value == 1.02 * found.value
    assert "every valid plan" in beyond.certified
    assert cannot_reach(resolved, Target(indicator=CAPITAL, at_least=found.known)) is None


def test_what_is_not_proven_is_not_claimed() -> None:
    resolved = city_of(1)
    assert bound(resolved, "mean_commute_km") is None
    assert bound(resolved, "service_accessibility") is None
    assert cannot_reach(resolved, Target(indicator="service_accessibility", at_least=2.0)) is None
    assert cannot_reach(resolved, Target(indicator=CAPITAL, at_most=0.0)) is None
    with pytest.raises(InputError, match="unknown range of plans"):
        bound(resolved, CAPITAL, among="all")


@pytest.mark.slow
@pytest.mark.timeout(1_200)
@pytest.mark.parametrize("scenario", ["balanced", "binding"])
def test_beijing_is_within_two_percent_of_its_bound(scenario: str) -> None:
    resolved = resolve(load_scenario(scenario), load_city("beijing"))
    found = bound(resolved, CAPITAL, among=OPTIONS)
    assert found is not None
    assert found.gap is not None
    assert found.gap < 0.02
