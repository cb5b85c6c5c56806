"""The adjoint against the kernel: cities, plans, and central differences, one quantity of one village at a time."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from typing import Any

import numpy as np

from agreement_fixtures import counting, table_of
from data.parameter_book import load_book
from data.scenario import Scenario
from data.synthesis.city import synthesize_city
from envs.choices.options import option_space
from envs.kernel import Plans, ResolvedScenario, resolve
from envs.kernel.indicators.registry import indicator
from envs.kernel.plans import concatenate
from envs.kernel.project_account import ITEMS
from envs.kernel.trace import REPORT, Trace
from oracles.small_book import BOOK
from oracles.small_city import small_city as oracle_city
from plan_fixtures import empty_plans, random_plans

AMPLE = 0.05
"""Outflow cap at which no zone of these cities has to hand newcomers on to another."""
PINNED = ("form", "moves", "jobs_lost", "jobs_new", "jobs_converted", "amounts_cny")
STEP = {
    "rebuilt_share": 1e-3,
    "commodity": 100.0,
    "resettlement": 100.0,
    "demolished": 1000.0,
    "net_sales": 1e6,
    "cost_sale": 1e6,
    "housing_rent": 1e4,
}
DELAYS_YR = (0.0, 0.3, 0.8)
"""Each makes another calendar."""
FACTORS = ("price.elasticity", "sale.flow_elasticity", "rent.elasticity")


def twelve(elasticity: float = 0.35) -> ResolvedScenario:
    book = load_book().override(
        {"settle.outflow_cap": AMPLE, "price.growth": 0.01, "cost.growth": 0.02} | dict.fromkeys(FACTORS, elasticity)
    )
    drawn = synthesize_city(12, 3)
    few = replace(drawn.villages, tenants=0.1 * drawn.villages.tenants)  # so that rental floor outweighs who left
    scenario = Scenario(plan_years=4, density_levels=3, facility_levels=3)
    return resolve(scenario, replace(drawn, villages=few), book)


def small(elasticity: float = 0.35) -> ResolvedScenario:
    book = load_book().override(BOOK | {"settle.outflow_cap": AMPLE} | dict.fromkeys(FACTORS, elasticity))
    return resolve(Scenario(plan_years=4), oracle_city(), book)


def with_room(resolved: ResolvedScenario, m2_per_person: float) -> ResolvedScenario:
    """The same where a displaced person takes so much vacant floor."""
    return resolve(resolved.scenario, resolved.city, resolved.book.override({"settle.m2_per_person": m2_per_person}))


def bargained(elasticity: float = 0.35) -> ResolvedScenario:
    """Half of what the twelve villages move counts, on other terms and on three calendars."""
    resolved = twelve(elasticity)
    space, rng = option_space(resolved), np.random.default_rng(7)
    shape = space.option_mask.shape
    calendar = rng.integers(0, 3, shape)
    calendar[shape[0] // 2] = len(DELAYS_YR) - 1  # the village whose place in the plans is looked at
    table = table_of(
        space,
        probability=rng.uniform(0.2, 0.8, shape),
        multiplier=rng.uniform(1.0, 1.5, shape),
        onsite_share=rng.uniform(0.5, 1.0, shape),
        calendar=calendar,
        calendar_delay_yr=DELAYS_YR,
    )
    return counting(resolved).with_agreements(table)


CITIES = {
    "small": small,
    "twelve": twelve,
    "bargained": bargained,
    "full_zones": lambda elasticity: with_room(small(elasticity), 130.0),
    "full_city": lambda elasticity: with_room(twelve(elasticity), 1_000.0),
}


@cache
def city(name: str) -> ResolvedScenario:
    make, elasticity = name.split()
    return CITIES[make](float(elasticity))


def plans_for(resolved: ResolvedScenario) -> Plans:
    """The empty plan, one that renews the middle village in year 2, and two that renew it and a few others.

    The first and the last village are kept in all of them.
    """
    n_villages = resolved.city.n_villages
    drawn, empty = random_plans(resolved, 3, 2), empty_plans(resolved, 3)
    chosen = np.random.default_rng(2).random(drawn.start_year.shape) < 0.4
    chosen[0], chosen[:, [0, -1]], chosen[:, n_villages // 2] = False, False, True
    some = Plans(*(np.where(chosen, a, b) for a, b in zip(drawn.columns, empty.columns, strict=True)))
    some.start_year[:, n_villages // 2] = 2
    far = some.floor_area_ratio[:, n_villages // 2]
    some.intensity[:, n_villages // 2] = np.where(far > 0.0, some.intensity[:, n_villages // 2], 0)
    return concatenate([empty_plans(resolved), some])


def pinned(resolved: ResolvedScenario, plans: Plans, source: Trace, changes: dict[str, Any]) -> Trace:
    """A trace whose village quantities are those of another, but for some; what follows from them is computed anew."""
    trace = Trace(resolved, plans, source.precision)
    for name in PINNED:
        trace.__dict__[name] = changes.get(name, getattr(source, name))
    return trace


def shifted(source: Trace, quantity: str, village: int, step: float) -> dict[str, Any]:
    """The pinned parts of a trace in which a village contributes `step` more of one quantity, in every plan."""

    def more(values: np.ndarray) -> np.ndarray:
        values = values.copy()
        values[:, village] += step
        return values

    amounts = dict(source.amounts_cny)
    if quantity == "housing_rent":
        cap_rate = source.resolved.book.number("finance.cap_rate_rental")
        amounts["housing_rent"] = more(amounts["housing_rent"])
        amounts["terminal_value_housing"] = amounts["housing_rent"] / cap_rate
        return {"amounts_cny": amounts}
    if quantity in ("net_sales", "cost_sale"):  # the cost of selling is a share of the sales
        selling = source.resolved.unit_costs.sales_share
        sales = step / (selling if quantity == "cost_sale" else 1.0 - selling)
        for name, share in (("commodity_sales", 1.0), ("sales_cost", selling)):
            amounts[name] = amounts[name].copy()
            amounts[name][:, village] += share * sales
        return {"amounts_cny": amounts}
    if quantity.startswith("flow_"):
        item = next(i for i in ITEMS if i.index in ("costs", "fixed") and quantity == f"flow_{i.profile}")
        sign = 1.0 if item.kind == "revenue" else -1.0
        amounts[item.name] = amounts[item.name] + sign * (more(amounts[item.name]) - amounts[item.name])
        return {"amounts_cny": amounts}
    for owner in ("moves", "form"):
        if hasattr(getattr(source, owner), quantity):
            whole = getattr(source, owner)
            return {owner: replace(whole, **{quantity: more(getattr(whole, quantity))})}
    return {quantity: more(getattr(source, quantity))}


def on_row(trace: Trace, village: int, row: int) -> Trace:
    """The trace with a village that follows another row of the calendars."""
    rows = trace.calendar_row.copy()
    rows[:, village] = row
    trace.__dict__["calendar_row"] = rows
    return trace


def differences(
    resolved: ResolvedScenario, plans: Plans, objective: str, quantity: str, village: int, year: int, calendar: int = 0
) -> np.ndarray:
    """D objective by a quantity of a village that starts in a year, by central differences; shape (n_plans,).

    The village keeps what it contributes in the plans; a kept one contributes nothing, but from that year on. It
    follows the calendar at a position among those that choices may follow.
    """
    source = Trace(resolved, plans, REPORT)
    start = plans.start_year.copy()
    start[:, village] = year
    there = replace(plans, start_year=start)
    step, row = STEP.get(quantity, 1.0), year + calendar * (resolved.clock.plan_years + 1)
    moved = [pinned(resolved, there, source, shifted(source, quantity, village, sign * step)) for sign in (1.0, -1.0)]
    ends = [indicator(objective).value(on_row(trace, village, row)) for trace in moved]
    return (ends[0] - ends[1]) / (2.0 * step)
