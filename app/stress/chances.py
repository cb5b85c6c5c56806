"""How likely what is wanted is met: every target of the scenario, its capital limits, and that no money is lost."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd

from app.stress.stress_of_run import COMPARED, Stress
from data.arrays import BoolArray, FloatArray, IntArray
from data.scenario import Target
from envs.futures.spread import chance, chance_range
from envs.futures.stress import LIMITED
from envs.rules.rule import relative_excess
from envs.rules.targets import target_name, target_rule

FLOWS = {"net_present_value_cny": "flows_cny", "total_cost_cny": "costs_cny"}
"""Indicator whose series is a cash flow -> that flow of the first futures."""


@dataclass(frozen=True, eq=False)
class Wanted:
    """Something that is wanted, and in which futures plans have it.

    Attributes:
        kind: target, capital_limit or no_loss.
        indicator: measured, or the limit of the scenario.
        side: at_least or at_most.
        limit: in the indicator's unit.
        year: of the target; None = none.
        over: what it is known from: futures, worlds, or the plan alone, which nothing moves.
        holds: shape (n_plans, n).
        world: of each column, where several share one.
    """

    kind: str
    indicator: str
    side: str
    limit: float
    year: int | None
    over: str
    holds: BoolArray
    world: IntArray | None


def wanted_of(stress: Stress) -> list[Wanted]:
    """That nothing is lost, then the capital limits of the scenario, then its targets."""
    return [_no_loss(stress), *_limits(stress), *(_target(stress, target) for target in stress.targets)]


def chances_frame(stress: Stress) -> pd.DataFrame:
    """A row for each plan and thing that is wanted."""
    all_wanted = wanted_of(stress)
    rows = [row for plan in range(len(stress.plan_ids)) for row in _rows(stress, all_wanted, plan)]
    return pd.DataFrame(rows).astype({"year": "Int64"})


def _rows(stress: Stress, all_wanted: list[Wanted], plan: int) -> Iterator[dict[str, object]]:
    for wanted in all_wanted:
        holds = wanted.holds[plan]
        told, (low, high) = chance(holds, wanted.world), chance_range(holds, wanted.world)
        if wanted.over == "plan":
            low = high = told.value
        yield {
            "plan_id": stress.plan_ids[plan],
            "kind": wanted.kind,
            "indicator": wanted.indicator,
            "side": wanted.side,
            "limit": wanted.limit,
            "year": wanted.year,
            "over": wanted.over,
            "n": holds.size,
            "chance": told.value,
            "chance_se": told.error,
            "chance_low": low,
            "chance_high": high,
        }


def _no_loss(stress: Stress) -> Wanted:
    holds = stress.stressed.measures[COMPARED] >= 0.0
    return Wanted("no_loss", COMPARED, "at_least", 0.0, None, "futures", holds, stress.world_of(COMPARED))


def _limits(stress: Stress) -> Iterator[Wanted]:
    world = stress.world_of(COMPARED)
    for name in LIMITED:
        if name in stress.stressed.keeps:
            limit = float(getattr(stress.resolved.scenario, name))
            yield Wanted("capital_limit", name, "at_most", limit, None, "futures", stress.stressed.keeps[name], world)


def _target(stress: Stress, target: Target) -> Wanted:
    values, over, world = _values(stress, target)
    rule = target_rule(target)
    limit = float(rule.limit(stress.resolved) or 0.0)
    holds = np.stack([relative_excess(rule, row, limit) == 0.0 for row in values])
    return Wanted("target", target.indicator, rule.sense, limit, target.year, over, holds, world)


def _values(stress: Stress, target: Target) -> tuple[FloatArray, str, IntArray | None]:
    """What plans reach of a target, shape (n_plans, n), over what, and the world of each."""
    stressed = stress.stressed
    world = stressed.world if stressed.n_worlds else None
    if target.year is None and target.indicator in stressed.measures:
        return stressed.measures[target.indicator], "futures", world
    if target.year is not None and target.indicator in FLOWS:
        flows: FloatArray = getattr(stressed, FLOWS[target.indicator])[:, :, target.year]
        return flows, "futures", None if world is None else world[: flows.shape[1]]
    return stressed.also[target_name(target)], "worlds" if stressed.n_worlds else "plan", None
