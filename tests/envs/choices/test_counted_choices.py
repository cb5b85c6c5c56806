"""The linear model where bargaining counts: every option on its own terms and calendar, by its probability."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest

from bargained_fixtures import DELAYS_YR, NO_MARKET, bargained
from data.files.cities import load_city
from data.scenario import RuleMode, Scenario
from data.synthesis.city import synthesize_city
from envs.choices.alone import village_value_cny
from envs.choices.limit_prices.rule_rows import linear_limits
from envs.choices.marginal_gain import MarginalGains, marginal_gains
from envs.choices.options import option_space
from envs.kernel import Plans, evaluate
from envs.kernel.adjoint import DELAYED, QUANTITIES, calendar_of_choices
from envs.kernel.plans import canonical
from envs.kernel.trace import REPORT, Trace
from envs.rules.check import RULES, active_rules
from plan_fixtures import random_plans

SUMS = ("displaced_tenants_persons", "new_rental_floor_m2", "embodied_carbon_tco2e", "demolished_floor_m2")
MONEY = ("total_profit_cny", "net_present_value_cny", "total_cost_cny")
OBJECTIVES = (*SUMS, *MONEY)
YEARS = 4


@cache
def gains() -> MarginalGains:
    """Fourteen villages whose money adds up, under limits of money and of rents."""
    scenario = Scenario(
        plan_years=YEARS,
        villages_per_year=4,
        density_levels=2,
        facility_levels=2,
        capital_limit_annual_cny=3e9,
        capital_limit_peak_cny=6e9,
        rules={"rental_share": RuleMode.HARD},
        parameters={**NO_MARKET, "price.growth": 0.01, "cost.growth": 0.02},
    )
    resolved = bargained(scenario, synthesize_city(14, 2))
    return marginal_gains(resolved, option_space(resolved), OBJECTIVES, with_limits=True)


def drawn() -> tuple[Plans, np.ndarray, np.ndarray]:
    """Random plans, and their start years and options."""
    plans = random_plans(gains().resolved, 6, 3)
    start, option = gains().space.encode(plans)
    return canonical(gains().space.decode(start, option)), start, option


def test_what_a_plan_gains_is_what_it_is_evaluated_at() -> None:
    """Every objective is a sum over villages here, so that its slopes at the empty plan foretell any plan."""
    model = gains()
    plans, start, option = drawn()
    empty = np.zeros_like(start[:1])
    slopes = model.slopes_by_objective(model.space.decode(empty, empty), np.ones(len(OBJECTIVES)))[:, 0]
    outcomes = evaluate(model.resolved, plans, indicators=OBJECTIVES)
    for k, name in enumerate(OBJECTIVES):
        foretold = [model.of_plan(slopes[k], *plan).sum() for plan in zip(start, option, strict=True)]
        assert np.abs(outcomes[name]).min() > 0.0
        assert foretold == pytest.approx(outcomes[name], rel=3e-5), name


def test_every_option_counts_on_its_own_calendar() -> None:
    model = gains()
    calendar = model.resolved.agreements.calendar  # type: ignore[union-attr]
    legal = model.space.option_mask
    assert set(np.unique(calendar[legal])) == set(range(len(DELAYS_YR)))
    assert len(set(model.names)) == len(model.names) == model.quantities.shape[1]
    for name in QUANTITIES:
        columns = model.columns_of(name)
        assert len(columns) == (len(DELAYS_YR) if name in DELAYED else 1)
        for position, column in enumerate(columns):
            elsewhere = legal & (calendar != position) & (len(columns) > 1)
            assert not model.quantities[:, column][elsewhere].any()


def test_limits_use_what_the_years_of_a_plan_cost() -> None:
    """Capital of each year and the deepest deficit, where no market moves them."""
    model = gains()
    limits = linear_limits(model, active_rules(model.resolved, (RuleMode.HARD,)))
    assert limits is not None
    plans, start, option = drawn()
    trace = Trace(model.resolved, plans, REPORT)
    assert len(set(np.unique(calendar_of_choices(trace)))) == len(DELAYS_YR)
    use = np.stack([limits.use(model, *plan).sum(axis=0) for plan in zip(start, option, strict=True)])
    annual, peak = (limits.rows.rule == rule for rule in ("annual_capital", "peak_capital"))
    most = RULES["annual_capital"].limit(model.resolved), RULES["peak_capital"].limit(model.resolved)
    assert use[:, annual] * most[0] == pytest.approx(trace.gross_cost_cny, rel=1e-4, abs=1e4)
    deficit = -np.cumsum(trace.net_cash_flow_cny, axis=1)
    assert use[:, peak] * most[1] == pytest.approx(deficit, rel=1e-4, abs=1e5)
    rental = limits.rows.rule == "rental_share"
    assert rental.sum() == 1


def test_value_alone_is_the_net_present_value_of_the_village_alone() -> None:
    """With markets that answer."""
    resolved = bargained(Scenario(plan_years=3, density_levels=2, facility_levels=2), load_city("tiny"))
    space = option_space(resolved)
    value = village_value_cny(resolved, space)
    village, option = np.nonzero(space.option_mask)
    start = (np.arange(space.option_mask.shape[0]) == village[:, None]).astype(np.int64)
    plans = space.decode(start, start * option[:, None])
    alone = evaluate(resolved, plans, indicators=())["net_present_value_cny"]
    np.testing.assert_allclose(value[village, option], alone, rtol=1e-9, atol=1e-3)
    assert np.isneginf(value[~space.option_mask]).all()
