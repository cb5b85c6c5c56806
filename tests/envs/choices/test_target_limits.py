"""Hard targets as limits: those that add up are exceeded where the target is missed, the others at the plan itself."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from typing import Any

import numpy as np
import pytest

from data.arrays import IntArray
from data.scenario import RuleMode, Scenario, Target
from data.synthesis.city import synthesize_city
from envs.choices.limit_prices.rule_rows import linear_limits
from envs.choices.marginal_gain import hard_limits, marginal_gains
from envs.choices.options import option_space
from envs.choices.target_limits import MOVED, RATIOS, sloped_targets, target_limits
from envs.kernel import Plans, ResolvedScenario, resolve
from envs.kernel.indicators.indicator import VillageSum
from envs.kernel.indicators.registry import INDICATORS
from envs.kernel.trace import SEARCH, Trace
from envs.rules.check import active_rules
from optimizers.problem.operators import PlanRepair, PlanSampling, split

N, YEARS, QUOTA = 24, 4, 4
SUMS = [name for name, item in INDICATORS.items() if isinstance(item.value, VillageSum) and name not in MOVED]
SHARES = ["displaced_tenants_share", "demolished_legal_share", "social_tie_share"]
SLOPED = ["net_present_value_cny", "mean_commute_km", "service_accessibility", "peak_funding_cny"]


@cache
def without_targets() -> ResolvedScenario:
    common: dict[str, Any] = {"plan_years": YEARS, "villages_per_year": QUOTA}
    return resolve(Scenario(density_levels=2, facility_levels=2, **common), synthesize_city(N, 4))


def scenario_with(*targets: Target) -> ResolvedScenario:
    resolved = without_targets()
    return replace(resolved, scenario=resolved.scenario.model_copy(update={"targets": targets}))


def hard_target(name: str, side: str, value: float) -> Target:
    least, most = (value, None) if side == "at_least" else (None, value)
    return Target(indicator=name, mode=RuleMode.HARD, at_least=least, at_most=most)


@cache
def drawn() -> tuple[IntArray, IntArray]:
    space, quota = option_space(without_targets()), np.full(YEARS, QUOTA)
    rng = np.random.default_rng(1)
    genomes = PlanSampling(space, quota)._do(None, 30, random_state=rng)
    starts, options = split(PlanRepair(space, quota)._do(None, genomes, random_state=rng))
    rebuilds = ((starts > 0) & (space.intensity[options] > 0)).any(axis=1)  # so that every ratio is defined
    return starts[rebuilds], options[rebuilds]


@cache
def traced() -> Trace:
    resolved = without_targets()
    return Trace(resolved, option_space(resolved).decode(*drawn()), SEARCH)


@pytest.mark.parametrize("side", ["at_least", "at_most"])
@pytest.mark.parametrize("name", [*SUMS, *SHARES, *RATIOS])
def test_a_target_that_adds_up_is_exceeded_where_it_is_missed(name: str, side: str) -> None:
    values = np.asarray(INDICATORS[name].value(traced()))
    wanted = float(np.sort(values)[values.size // 3 : values.size // 3 + 2].mean())
    target = hard_target(name, side, wanted)
    (limit,) = target_limits(scenario_with(target))
    needed = np.asarray(limit.need(traced())).sum(axis=1)
    missed = values < wanted if side == "at_least" else values > wanted
    slack = 1e-9 * max(np.abs(needed).max(), abs(limit.most), 1e-300)
    if np.ptp(values) > 0.0:
        assert missed.any()
    np.testing.assert_array_equal(needed > limit.most + slack, missed & (np.abs(values - wanted) > 1e-9 * abs(wanted)))


def test_targets_with_slopes_are_linear_at_a_plan_and_others_have_no_price() -> None:
    priced = Target(indicator="mean_commute_km", mode=RuleMode.HARD, at_most=9.0)
    told = Target(indicator="service_accessibility", mode=RuleMode.REPORTED, at_least=0.9)
    of_a_year = Target(indicator="service_accessibility", mode=RuleMode.HARD, at_least=0.5, year=3)
    by_trial = Target(indicator="tenant_rent_ratio", mode=RuleMode.HARD, at_most=2.0)
    resolved = scenario_with(priced, told, of_a_year, by_trial)
    assert sloped_targets(resolved) == (priced,)
    assert target_limits(resolved) == ()
    assert not any(limit.rule.startswith("target") for limit in hard_limits(resolved))


@pytest.mark.parametrize("side", ["at_least", "at_most"])
@pytest.mark.parametrize("name", SLOPED)
def test_a_plan_exceeds_a_target_by_what_it_misses(name: str, side: str) -> None:
    starts, options = (genes[:3] for genes in drawn())
    values = np.asarray(INDICATORS[name].value(traced()))[:3]
    wanted = float(values.mean())
    resolved = scenario_with(hard_target(name, side, wanted))
    gains = marginal_gains(resolved, option_space(resolved), resolved.scenario.objectives, with_limits=True)
    limits = linear_limits(gains, active_rules(resolved, (RuleMode.HARD,)))
    assert limits is not None
    assert limits.of_plans is not None
    sign = -1.0 if side == "at_least" else 1.0
    scale = limits.of_plans.scale  # type: ignore[attr-defined]
    for row, at_plan in enumerate(limits.at(starts, options)):
        use = at_plan.use(gains, starts[row], options[row])
        (excess,) = at_plan.excess(use)[-1:] * scale
        np.testing.assert_allclose(excess, sign * (values[row] - wanted), rtol=1e-3, atol=1e-5 * abs(wanted))


def test_what_a_village_adds_to_a_target_is_foretold() -> None:
    starts, options = (genes[5] for genes in drawn())
    target = Target(indicator="net_present_value_cny", mode=RuleMode.HARD, at_least=0.0)
    resolved = scenario_with(target)
    space = option_space(resolved)
    gains = marginal_gains(resolved, space, resolved.scenario.objectives, with_limits=True)
    limits = linear_limits(gains, active_rules(resolved, (RuleMode.HARD,)))
    assert limits is not None
    assert limits.of_plans is not None
    (at_plan,) = limits.at(starts[None], options[None])
    without = np.repeat(starts[None], N, axis=0)
    np.fill_diagonal(without, 0)
    plans: Plans = space.decode(np.concatenate([starts[None], without]), np.repeat(options[None], N + 1, axis=0))
    values = np.asarray(INDICATORS[target.indicator].value(Trace(resolved, plans, SEARCH)))
    foretold = -at_plan.use(gains, starts, options)[:, -1] * limits.of_plans.scale  # type: ignore[attr-defined]
    np.testing.assert_allclose(foretold, values[0] - values[1:], atol=0.05 * np.abs(foretold).max())
