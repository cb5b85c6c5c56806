"""No plan may be better than a certified bound: enumerated, random and optimized plans try."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from data.errors import InputError
from data.files.cities import load_city
from data.scenario import INTENSITIES, LAND_USES, FixedVillage, Intensity, RuleMode, Scenario, ShareRange, Target
from data.scenario_files import load_scenario
from data.synthesis.city import synthesize_city
from envs.choices.options import option_space
from envs.kernel import Plans, ResolvedScenario, evaluate, resolve
from envs.kernel.markets import housing_rent_index
from envs.rules.check import valid
from optimizers.bounds.amounts import AMOUNTS, DEARER, ChoiceTable, choice_table, option_table, plan_amounts
from optimizers.bounds.capital_bound import capital_bound_cny
from optimizers.bounds.capital_plan import best_capital_plan, plan_value_cny
from optimizers.bounds.capital_terms import (
    capital_objective,
    discount,
    factor,
    growth,
    linear_limits,
    places_weights,
    price_factor,
    sold_floor_weights,
    sold_weights,
    sums_of,
    supply_weights,
    years_weights,
)
from optimizers.bounds.certified import LEGAL, OPTIONS, bound, cannot_reach
from optimizers.bounds.column_generation import ChoiceProgram, Envelopes, Multipliers
from optimizers.bounds.elimination import worthwhile
from optimizers.bounds.floor_area_vertices import floor_range
from optimizers.bounds.market_envelopes import MarketModel, MarketSums, first_points, market_model, market_terms
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
    growing = load_scenario("balanced").model_copy(update={"parameters": {"price.growth": 0.01, "cost.growth": 0.02}})
    resolved = city_of(1, growing)
    space = option_space(resolved)
    table, rng = option_table(resolved, space), np.random.default_rng(0)
    option = np.array([rng.choice(np.flatnonzero(m)) if m.any() else 0 for m in space.option_mask])
    start = rng.integers(0, 11, option.size) * space.option_mask.any(axis=1)
    village = np.flatnonzero(start)
    amounts = table.amounts[np.arange(option.size), option]
    kinds = sold_weights, supply_weights, sold_floor_weights, places_weights
    revenue, supply, sold, places = (sums_of(table, kind(resolved), start, amounts) for kind in kinds)
    rents = housing_rent_index(factor(resolved.constants.markets.rent, places))
    weights = capital_objective(resolved, rents)[table.district_idx[village], start[village] - 1]
    worth = float((weights * amounts[village]).sum())
    worth += float((discount(resolved)[:, None] * revenue * price_factor(resolved, supply, sold)).sum())
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
        weights = table.weights() + _any_weights(table, rng)
        value = (plan_amounts(resolved, plans[row : row + 1]) * weights[0, 0]).sum(axis=1)
        best = table.scores(weights, np.arange(value.size)).max(axis=(1, 2))
        assert (value <= np.maximum(best, 0.0) + 1e-9).all()


def _any_weights(table: ChoiceTable, rng: np.random.Generator) -> np.ndarray:
    """Weights of any sign, but where the table counts at its best: not positive on costs nor negative on revenues."""
    weights = rng.normal(size=len(AMOUNTS)) / (1.0 + table.amounts.max(axis=(0, 1)))
    for name, sign in {"commodity_sales": 1.0, "sales_cost": -1.0, ("cost", "start", "costs"): -1.0}.items():
        weights[AMOUNTS.index(name)] = sign * abs(weights[AMOUNTS.index(name)])
    return weights


def test_options_lie_within_the_corners() -> None:
    resolved = city_of(3)
    rng = np.random.default_rng(3)
    options, corners = option_table(resolved, option_space(resolved)), choice_table(resolved)
    everyone = np.arange(30)
    for _ in range(20):
        weights = corners.weights() + _any_weights(corners, rng)
        inner, outer = (t.scores(weights, everyone).max(axis=(1, 2)) for t in (options, corners))
        assert (inner <= outer + 1e-9).all()


# --- markets that answer ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "parameters",
    [
        {},
        {"price.elasticity": 0.8, "sale.flow_elasticity": 0.0},
        {"price.elasticity": 0.0, "sale.flow_elasticity": 0.8},
        {"price.elasticity": 0.8, "sale.flow_elasticity": 0.1, "market.rooms_as_housing": 1.0},
        {"price.growth": 0.02, "cost.growth": -0.02, "rent.elasticity": 1.0},
        {"sale.flow_elasticity": 1.5},
    ],
)
def test_envelopes_lie_above_what_markets_pay(parameters: dict[str, float]) -> None:
    """At any plan, made tight at another one: linear objective and envelopes are at least the evaluator's value."""
    resolved = city_of(2, load_scenario("balanced").model_copy(update={"parameters": parameters}))
    plans = densest_plans(resolved, 60, 5)
    model = market_model(resolved, choice_table(resolved), plans[:1])
    objective, envelopes = market_terms(model, model.ranges(), first_points(model))
    assert (envelopes is None) == (parameters.get("sale.flow_elasticity") == 1.5)
    exact = plan_value_cny(resolved, plans)
    for row in range(plans.n_plans):
        most = _most(model, objective, envelopes, plans[row : row + 1])
        assert most >= exact[row] - 1e-9 * abs(exact[row])


def test_envelopes_touch_the_plan_they_are_made_for() -> None:
    """Where the ranges are the plan's own, only what villages sell unevenly is left, a square of it."""
    scenario = load_scenario("balanced").model_copy(update={"parameters": {"rent.elasticity": 0.0}})
    resolved = city_of(2, scenario)
    plan = densest_plans(resolved, 1, 5)
    model = market_model(resolved, choice_table(resolved), plan)
    start, amounts = plan.start_year[0], plan_amounts(resolved, plan)
    sums = MarketSums(*(_pinched(model, weights, start, amounts) for weights in model.weights))
    model = replace(model, uneven=_pinched(model, 2.0 * (model.even - model.sold[:, None]), start, amounts)[0])
    model = replace(model, uneven=np.abs(model.uneven))
    objective, envelopes = market_terms(model, sums, model.known_start[None])
    assert envelopes is not None
    exact, left = float(plan_value_cny(resolved, plan)[0]), _left_by_uneven_sales(model, sums, plan)
    assert 0.0 < left < 1e-4 * abs(exact)
    assert _most(model, objective, envelopes, plan) - left == pytest.approx(exact, rel=1e-9)


def _left_by_uneven_sales(model: MarketModel, sums: MarketSums, plan: Plans) -> float:
    """What the inequality of market_envelopes.py leaves at a plan: its right side less its left one [CNY].

    With M m2 sold, worth p (M + U), x = M / normal and Z = M + U / 2, where U adds up from villages whose absolute
    values add up to A: Z h(Z) + i(M) U / 2 + f |U| A / (4 normal) - (M + U) h(M), times p and the stock factor.
    """
    resolved, amounts = model.resolved, _with_dearer(model, plan)
    flow, priced = resolved.constants.markets.flow, model.price > 0.0
    price, f, normal = np.where(priced, model.price, 1.0), flow.elasticity, np.asarray(flow.size)
    sold, supply = sums.sold[0], sums.supply[0]
    net = sums_of(model.table, sold_weights(resolved), plan.start_year[0], amounts)
    dearer = _dearer_weights(resolved)
    above = sums_of(model.table, dearer, plan.start_year[0], amounts)
    u = net / price - sold
    a = 2.0 * above / price - u
    x, z = sold / normal, (sold + 0.5 * u) / normal
    tangent = (1.0 + x) ** (-f - 1.0) * (1.0 + (1.0 + f) * x)
    right = normal * z * (1.0 + z) ** -f + 0.5 * tangent * u + 0.25 * f * np.abs(u) * a / normal
    left = right - (sold + u) * (1.0 + x) ** -f
    worth = (discount(resolved) * growth(resolved))[:, None] * factor(resolved.constants.markets.stock, supply)
    return float((worth * price * priced * left).sum())


def _dearer_weights(resolved: ResolvedScenario) -> np.ndarray:
    """Weights of what sells above the common price by flow year."""
    weights = years_weights(resolved)
    weights[:, :, AMOUNTS.index(DEARER)] = resolved.clock.flow_profiles["sale"][1:].T
    return weights


def _pinched(model: MarketModel, weights: np.ndarray, start: np.ndarray, amounts: np.ndarray) -> np.ndarray:
    if weights.ndim == 3:
        return np.stack([sums_of(model.table, weights, start, amounts)] * 2)
    by_district = [sums_of(model.table, weights[:, d], start, amounts)[:, d] for d in range(weights.shape[1])]
    return np.stack([np.stack(by_district, axis=1)] * 2)


def _with_dearer(model: MarketModel, plan: Plans) -> np.ndarray:
    """Amounts of a plan's villages with what they sell above the common price, shape (n_villages, n_amounts)."""
    amounts = plan_amounts(model.resolved, plan).copy()
    net = amounts[:, AMOUNTS.index("commodity_sales")] - amounts[:, AMOUNTS.index("sales_cost")]
    alike = model.price[model.table.district_idx] * amounts[:, AMOUNTS.index("commodity")]
    amounts[:, AMOUNTS.index(DEARER)] = np.maximum(net - alike, 0.0)
    return amounts


def _most(model: MarketModel, objective: np.ndarray, envelopes: Envelopes | None, plan: Plans) -> float:
    """What objective and envelopes make of a plan."""
    district, start, amounts = model.table.district_idx, plan.start_year[0], _with_dearer(model, plan)
    on = np.flatnonzero(start)
    total = float((objective[district[on], start[on] - 1] * amounts[on]).sum())
    if envelopes is None:
        return total
    _, envelope, added = envelopes.sums(district[on], start[on] - 1, amounts[on])
    sums = np.stack([np.bincount(envelope, side, minlength=envelopes.district.size) for side in added])
    planes = (envelopes.slopes * sums[:, envelopes.envelope]).sum(axis=0) + envelopes.constants
    least = np.full(envelopes.district.size, np.inf)
    np.minimum.at(least, envelopes.envelope, planes)
    return total + float(least.sum())


def test_any_multipliers_bound_every_plan() -> None:
    """The proof does not rest on the solver: random multipliers do as well, only less tightly."""
    resolved = city_of(4)
    space = option_space(resolved)
    table, rng = option_table(resolved, space), np.random.default_rng(4)
    model = market_model(resolved, table, random_plans(resolved, 1, 4))
    objective, envelopes = market_terms(model, model.ranges(), first_points(model))
    one = np.ones((resolved.clock.last_flow_year + 1, table.n_districts))
    limits = linear_limits(resolved, table, one, one)
    program = ChoiceProgram(model.table, np.arange(30), objective, limits, envelopes)
    assert envelopes is not None
    best = program.solve()
    assert best.bound == pytest.approx(best.value, rel=1e-4)
    for _ in range(20):
        loose = Multipliers(
            rng.random(best.multipliers.limits.size), envelopes.mixed(rng.random(envelopes.constants.size))
        )
        assert program.bound_at(loose) >= best.value - 1e-9


# --- the bound --------------------------------------------------------------------------------------------------------


def test_without_feedback_the_bound_is_the_enumerated_optimum() -> None:
    resolved = tiny(**{"price.elasticity": 0.0, "sale.flow_elasticity": 0.0})
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


def test_years_that_are_over_tighten_a_bound_that_still_holds() -> None:
    """Villages of the tiny city may begin in its second year alone: enumerated, a bound below that of both years."""
    free = tiny()
    scenario = free.scenario.model_copy(update={"first_open_year": 2})
    resolved = resolve(scenario, free.city)
    plans = every_plan(resolved)
    assert set(np.unique(plans.start_year).tolist()) == {0, 2}
    truth = float(plan_value_cny(resolved, plans[np.flatnonzero(within_quota(resolved, plans))]).max())
    options, of_both_years = bound(resolved, CAPITAL, among=OPTIONS), bound(free, CAPITAL, among=OPTIONS)
    assert options is not None
    assert of_both_years is not None
    assert truth <= options.value <= 1.01 * truth
    assert options.value < of_both_years.value


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


def city_of_six_years(seed: int, n_villages: int) -> ResolvedScenario:
    return city_of(seed, load_scenario("balanced").model_copy(update={"plan_years": 6}), n_villages)


@settings(max_examples=5, deadline=None, suppress_health_check=[HealthCheck.too_slow], phases=[Phase.generate])
@given(st.integers(0, 1_000))
def test_no_plan_of_a_synthetic_city_exceeds_its_bound(seed: int) -> None:
    resolved = city_of_six_years(seed, 12)
    found = bound(resolved, CAPITAL, rounds=3)
    assert found is not None
    assert found.plan is not None
    assert valid(resolved, found.plan).all()
    plans = densest_plans(resolved, 100, seed)
    assert (plan_value_cny(resolved, plans)[within_quota(resolved, plans)] <= found.value).all()
    assert found.known is not None
    assert found.known <= found.value


@pytest.mark.parametrize(
    "seed", [0, *(pytest.param(seed, marks=pytest.mark.slow) for seed in (1, 2, 3, 4, 5, 500, 777))]
)
def test_the_best_known_plan_is_within_five_percent_of_the_bound(seed: int) -> None:
    """Of thirty villages over the preset's horizon; with fewer the gap may be larger, says the diary of the bound."""
    resolved = city_of(seed)
    found = bound(resolved, CAPITAL)
    assert found is not None
    plans = densest_plans(resolved, 100, seed)
    assert (plan_value_cny(resolved, plans)[within_quota(resolved, plans)] <= found.value).all()
    assert found.known is not None
    assert found.known <= found.value <= 1.05 * found.known


LIMITS: dict[str, Any] = {"capital_limit_annual_cny": 3e9, "capital_limit_peak_cny": 8e9, "villages_per_year": 4}
RULES = {"rental_share": RuleMode.HARD, "minimum_facility_ratio": RuleMode.HARD, "new_to_demolished": RuleMode.HARD}


@pytest.mark.parametrize(
    "update",
    [
        LIMITS,
        {
            "fixed": {"V00004": FixedVillage(start_year=2, intensity=Intensity.REHABILITATE, facility_ratio=0.1)},
            "locked": ("V00001", "V00002"),
            "forbidden": ("V00003",),
        },
        pytest.param({"rules": RULES}, marks=pytest.mark.slow),
        pytest.param({"commodity_housing_cap_m2": 4e5}, marks=pytest.mark.slow),
    ],
)
def test_bounds_hold_under_limits(update: dict[str, Any]) -> None:
    resolved = city_of(6, Scenario(**update), n_villages=20)
    found = best_capital_plan(resolved)
    assert found is not None
    table = choice_table(resolved)
    most = capital_bound_cny(resolved, table, found.plan, found.net_present_value_cny, rounds=2)
    free = city_of(6, Scenario(), n_villages=20)
    unlimited = capital_bound_cny(free, choice_table(free), found.plan, -np.inf, rounds=2)
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
    """So little money a year that the best plan known without limits is proven out of reach."""
    binding = Scenario(**(LIMITS | {"capital_limit_annual_cny": 5e8}))
    free, limited = (city_of(6, s, n_villages=12) for s in (Scenario(), binding))
    values = [bound(r, CAPITAL, rounds=2) for r in (free, limited)]
    assert values[0] is not None
    assert values[1] is not None
    assert values[0].known is not None
    assert values[1].value < values[0].known


# --- small cities, every plan -----------------------------------------------------------------------------------------


def small_city_of(seed: int) -> ResolvedScenario:
    """Two or three villages in markets as small as they are, lively elasticities, a hard limit, few options.

    In every other city one district has no stock, so that it answers to what the whole city sells.
    """
    rng, n_villages = np.random.default_rng(seed), 2 + seed % 3 // 2
    city = synthesize_city(n_villages, seed)
    housing = city.zones.housing_floor_area_m2 * rng.uniform(0.2, 1.0)
    empty = seed % 2 == 0
    if empty:
        housing = np.where(city.zones.district_idx == city.villages.district_idx[0], 0.0, housing)
    parameters = EARNING | {
        "price.elasticity": rng.uniform(0.1, 1.2),
        "sale.flow_elasticity": rng.uniform(0.1, 1.2),
        "rent.elasticity": rng.uniform(0.0, 1.0),
        "market.rooms_as_housing": 0.0 if empty else rng.uniform(0.0, 1.0),
        "price.growth": rng.uniform(-0.02, 0.03),
    }
    limits: list[dict[str, Any]] = [
        {"commodity_housing_cap_m2": 3e5},
        {"capital_limit_annual_cny": 1.5e9},
        {"capital_limit_peak_cny": 1.5e9},
        {"rules": {"rental_share": RuleMode.HARD}},
        {"renewal_ratio": ShareRange(low=0.3, high=0.7)},
    ]
    few = {"plan_years": 6 // n_villages, "density_levels": 1, "facility_levels": 1}
    scenario = Scenario(parameters=parameters, villages_per_year=1, **(few | limits[seed % 5]))
    resolved = resolve(scenario, replace(city, zones=replace(city.zones, housing_floor_area_m2=housing)))
    assert empty == (not resolved.constants.markets.has_all)
    return resolved


@pytest.mark.parametrize("seed", range(10))
def test_no_enumerated_plan_of_a_small_city_exceeds_its_bound(seed: int) -> None:
    resolved = small_city_of(seed)
    plans = every_plan(resolved)
    value, ok = plan_value_cny(resolved, plans), valid(resolved, plans)
    options, legal = (bound(resolved, CAPITAL, among=among) for among in (OPTIONS, LEGAL))
    assert options is not None
    assert legal is not None
    assert ok.any()
    assert not ok.all()
    best = float(value[ok].max())
    assert best <= options.value <= legal.value * (1.0 + 1e-9)
    assert options.known is not None
    assert options.known <= best * (1.0 + 1e-9)


# --- proofs -----------------------------------------------------------------------------------------------------------


def test_a_target_above_the_bound_is_proven_out_of_reach() -> None:
    resolved = city_of(1, n_villages=12)
    found = bound(resolved, CAPITAL, rounds=2)
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
@pytest.mark.parametrize(("scenario", "most"), [("balanced", 0.02), ("investment_first", 0.02), ("binding", 0.06)])
def test_beijing_is_near_its_bound(scenario: str, most: float) -> None:
    """Within 2 % without limits of money; under binding ones the plan that is known is further off (docs/bounds.md)."""
    resolved = resolve(load_scenario(scenario), load_city("beijing"))
    found = bound(resolved, CAPITAL, among=OPTIONS)
    assert found is not None
    assert found.plan is not None
    assert valid(resolved, found.plan).all()
    assert found.known is not None
    assert 0.0 < found.known <= found.value
    assert found.gap is not None
    assert found.gap < most
