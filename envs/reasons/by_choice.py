"""Shares of a plan by what was chosen for each village: one choice after another, all villages together.

First every renewed village begins in its year with its cheapest option; then it takes its own intensity, its own land
use, its own density, and last its own facilities and terms, each time with the cheapest of what is still open. Each
step is a straight line between what villages contribute, shared out as `attribution` does.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from data.arrays import BoolArray, FloatArray, IntArray
from envs.choices.options import CELLS_PER_CHUNK, OptionSpace, option_space
from envs.kernel.computing.parallel_chunks import chunks, in_parallel
from envs.kernel.indicators.registry import INDICATORS
from envs.kernel.plans import Plans, canonical, concatenate, empty_plan
from envs.kernel.project_account import COST, ITEMS
from envs.kernel.resolved_scenario import ResolvedScenario
from envs.kernel.trace import REPORT, SEARCH, Trace
from envs.reasons.attribution import Shares, between
from envs.reasons.path import contributions, nothing
from envs.reasons.sums import SUMS

CHOICES = ("start_year", "intensity", "land_use", "floor_area_ratio", "facility_ratio")
"""In the order in which they are taken; the terms that a plan gives (its optional columns) come with the last."""


def attribute_choices(
    resolved: ResolvedScenario, plan: Plans, names: tuple[str, ...], *, threads: int = 1
) -> dict[str, dict[str, Shares]]:
    """Share out what a plan changes from the empty plan by choice and village.

    Args:
        resolved: scenario resolved against a city.
        plan: batch of one plan, on NumPy.
        names: of `attribution.attributable`.
        threads: worker threads.

    Returns:
        Name -> choice -> shares; the choices' changes add up to the plan's.
    """
    plan = canonical(plan)
    stages = concatenate([empty_plan(plan.n_villages), *stage_plans(resolved, plan)])
    ends = [contributions(resolved, canonical(stages[k : k + 1])) for k in range(1, stages.n_plans)]
    ends = [nothing(ends[0]), *ends]

    def step(k: int) -> dict[str, Shares]:
        shares = between(resolved, plan, (ends[k], ends[k + 1]), names)
        return shares | {name: _sum(resolved, stages[k : k + 2], name) for name in names if name not in shares}

    steps = in_parallel(step, list(range(len(CHOICES))), threads=threads)
    return {name: dict(zip(CHOICES, (shares[name] for shares in steps), strict=True)) for name in names}


def stage_plans(resolved: ResolvedScenario, plan: Plans) -> list[Plans]:
    """The plans on the way, one for each of CHOICES; the last is the plan itself.

    Args:
        resolved: scenario resolved against a city.
        plan: canonical batch of one plan, on NumPy.

    Returns:
        Batches of one plan each, with the start years and delays of the plan.
    """
    whole = resolved.without_bargaining  # what an option costs, not what is expected of it
    space = option_space(whole)
    cost = option_cost_cny(whole, space)
    same_way = space.intensity == plan.intensity[0][:, None]
    same_use = same_way & ((space.land_use == plan.land_use[0][:, None]) | (plan.floor_area_ratio[0] == 0.0)[:, None])
    stages = [
        _cheapest(plan, space, np.where(open_to, cost, np.inf)) for open_to in (cost < np.inf, same_way, same_use)
    ]
    dense = replace(stages[-1], floor_area_ratio=plan.floor_area_ratio, land_use=plan.land_use)
    return [*(canonical(stage) for stage in (*stages, dense)), plan]


def option_cost_cny(resolved: ResolvedScenario, space: OptionSpace) -> FloatArray:
    """Gross cost of every option of every village at base-year prices, (n_villages, n_options); inf if not legal."""
    n_villages = space.option_mask.shape[0]
    cost = np.full(space.option_mask.shape, np.inf)
    for some in chunks(space.n_options, max(1, CELLS_PER_CHUNK // max(1, n_villages))):
        shape = (some.stop - some.start, n_villages)
        plans = Plans(
            start_year=np.ones(shape, dtype=np.int64),
            intensity=np.broadcast_to(space.intensity[some, None], shape),
            land_use=np.broadcast_to(space.land_use[some, None], shape),
            floor_area_ratio=space.floor_area_ratio[:, some].T,
            facility_ratio=np.broadcast_to(space.facility_ratio[some, None], shape),
        )
        amounts = Trace(resolved, canonical(plans), SEARCH).amounts_cny
        cost[:, some] = np.sum([amounts[item.name] for item in ITEMS if item.kind == COST], axis=0).T
    return np.where(space.option_mask, cost, np.inf)


def _cheapest(plan: Plans, space: OptionSpace, cost: FloatArray) -> Plans:
    """The plan with the cheapest option of every village it renews; its own where none is open."""
    option: IntArray = np.argmin(cost, axis=1)
    village = np.arange(len(option))
    takes: BoolArray = ((plan.start_year[0] > 0) & np.isfinite(cost[village, option]))[None]
    return Plans(
        start_year=plan.start_year,
        intensity=np.where(takes, space.intensity[option], plan.intensity),
        land_use=np.where(takes, space.land_use[option], plan.land_use),
        floor_area_ratio=np.where(takes, space.floor_area_ratio[village, option], plan.floor_area_ratio),
        facility_ratio=np.where(takes, space.facility_ratio[option], plan.facility_ratio),
        delay_yr=plan.delay_yr,
    )


def _sum(resolved: ResolvedScenario, ends: Plans, name: str) -> Shares:
    """Shares of a sum over villages: what each village's own changes by."""
    trace = Trace(resolved, ends, REPORT)
    value, own = INDICATORS[name].value(trace), np.asarray(SUMS[name](trace))
    return Shares(name, float(value[0]), float(value[1]), {"own": own[1] - own[0]})
