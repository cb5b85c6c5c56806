"""What plans meet: their ledger, how markets move, and all that is not of money, measured whole in every world."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np

from data.arrays import FloatArray
from data.errors import refuse
from envs.futures.money_ledger import MoneyLedger, money_ledger, together
from envs.futures.money_measures import MEASURES
from envs.futures.policy_events import KINDS, PolicyEvents, subsidy_paid_cny
from envs.futures.resolved_again import Commuting
from envs.futures.worlds import World, WorldDraws, draw_worlds
from envs.kernel import Plans, ResolvedScenario
from envs.kernel.computing.backend import Array, to_numpy
from envs.kernel.computing.parallel_chunks import chunks, in_parallel
from envs.kernel.futures.market_paths import MarketModel, market_model
from envs.kernel.futures.robust_names import ROBUST
from envs.kernel.indicators.registry import INDICATORS
from envs.kernel.plans import canonical
from envs.kernel.trace import REPORT, Trace

PLANS_AT_ONCE = 8
"""Plans that are evaluated together in a world."""
SUBSIDIZED = ("rental_subsidy_cny", "residual_land_value_cny")
"""Indicators that a subsidy on the way raises by what it pays: it is a transfer outside the project's account."""
NOT_OF_MONEY = tuple(name for name in INDICATORS if name not in MEASURES and name not in ROBUST)
Measure = Callable[[Trace], Array]


@dataclass(frozen=True, eq=False)
class MetWorld:
    """What plans meet in a world.

    Attributes:
        ledger: of the plans.
        model: how its markets move.
        moved: indicator that is not of money -> shape (n_plans,); empty where only prices move.
        also: what else was asked for, likewise.
        yearly: indicator -> its series, shape (n_plans, n_years); empty where only prices move.
        limits_cny: capital limit of the scenario -> as events have left it, shape (n_flow_years,) [CNY].
        inputs: what differs between worlds, by name.
    """

    ledger: MoneyLedger
    model: MarketModel
    moved: dict[str, FloatArray]
    also: dict[str, FloatArray]
    yearly: dict[str, FloatArray]
    limits_cny: dict[str, FloatArray]
    inputs: dict[str, float]


def met_without_worlds(resolved: ResolvedScenario, plans: Plans, also: Mapping[str, Measure]) -> MetWorld:
    """The scenario as it stands, where prices move alone."""
    trace = Trace(resolved, canonical(plans), REPORT)
    ledger = money_ledger(trace)
    return MetWorld(
        ledger=ledger,
        model=market_model(resolved.book),
        moved={},
        also={name: _measured(trace, measure) for name, measure in also.items()},
        yearly={},
        limits_cny=_limits_cny(resolved, None, ledger),
        inputs={},
    )


def met_in_worlds(
    resolved: ResolvedScenario, plans: Plans, *, n: int, seed: int, threads: int, also: Mapping[str, Measure]
) -> list[MetWorld]:
    """The worlds whose numbers work together, in the order of their numbers.

    Raises:
        InputError: none does.
    """
    draws = draw_worlds(resolved, plans, n=n, seed=seed)
    met: dict[int, MetWorld | None] = {}
    for factor, numbers in draws.by_decay().items():
        meet = partial(met_in_world, draws, also=also, commuting=draws.commuting(factor))
        met |= dict(zip(numbers, in_parallel(meet, numbers, threads=threads), strict=True))
    found = [one for number in range(n) if (one := met[number]) is not None]
    if not found:
        raise refuse("stress_no_world", n=n)
    return found


def met_in_world(
    draws: WorldDraws,
    number: int,
    *,
    also: Mapping[str, Measure],
    commuting: Commuting | None = None,
    others: Sequence[str] = NOT_OF_MONEY,
) -> MetWorld | None:
    """One of the worlds; None where its numbers cannot work together.

    Args:
        draws: of the worlds.
        number: of the world.
        also: name -> what else is measured of a trace, shape (n_plans,).
        commuting: of its factor, where it is known.
        others: indicators that are not of money and are measured, with their yearly series where all are.
    """
    world = draws.world(number, commuting)
    if world is None:
        return None
    parts = [_met_by(world, rows, also, others) for rows in chunks(world.plans.n_plans, PLANS_AT_ONCE)]

    def joined(name: str) -> dict[str, FloatArray]:
        return {key: np.concatenate([getattr(part, name)[key] for part in parts]) for key in getattr(parts[0], name)}

    ledger = together([part.ledger for part in parts])
    return MetWorld(
        ledger=ledger,
        model=parts[0].model,
        moved=joined("moved"),
        also=joined("also"),
        yearly=joined("yearly"),
        limits_cny=parts[0].limits_cny,
        inputs=inputs_of(draws, number),
    )


def inputs_of(draws: WorldDraws, number: int) -> dict[str, float]:
    """What differs between worlds: parameters by key, decay, mean delay, what households want, events by kind."""
    return {
        **dict(zip(draws.keys, draws.values[number].tolist(), strict=True)),
        "commuting_decay": float(draws.decay_factor[number]),
        "mean_delay_yr": float(draws.delay_yr[number].mean()),
        "mean_wanted": float(draws.pivotal_ratio[number].mean()),
        **{f"n_{kind}": float(draws.events[number].n(kind)) for kind in KINDS},
    }


def _met_by(world: World, rows: slice, also: Mapping[str, Measure], others: Sequence[str]) -> MetWorld:
    resolved = world.resolved
    trace = Trace(resolved, world.plans[rows], REPORT)
    moved = {name: _measured(trace, INDICATORS[name].value) for name in others}
    if world.events.n("subsidy"):
        paid_cny = subsidy_paid_cny(trace, world.events)
        moved |= {name: moved[name] + paid_cny for name in SUBSIDIZED if name in moved}
    ledger = money_ledger(trace)
    return MetWorld(
        ledger=ledger,
        model=market_model(resolved.book),
        moved=moved,
        also={name: _measured(trace, measure) for name, measure in also.items()},
        yearly={name: _measured(trace, measure) for name, measure in _series(resolved).items() if name in moved},
        limits_cny=_limits_cny(resolved, world.events, ledger),
        inputs={},
    )


def _series(resolved: ResolvedScenario) -> dict[str, Measure]:
    """Yearly series of the objectives and of what targets speak of, where they have one over the state's years."""
    scenario = resolved.scenario
    names = dict.fromkeys((*scenario.objectives, *(target.indicator for target in scenario.targets)))
    return {name: yearly for name in names if (yearly := INDICATORS[name].yearly) is not None}


def _measured(trace: Trace, measure: Measure) -> FloatArray:
    return np.asarray(to_numpy(measure(trace)), dtype=np.float64)


def _limits_cny(resolved: ResolvedScenario, events: PolicyEvents | None, ledger: MoneyLedger) -> dict[str, FloatArray]:
    """Capital limits that the scenario sets, year by year of the cash flow."""
    n_years = ledger.costs_cny.shape[1]
    left = np.ones(n_years)
    if events is not None:
        left = events.in_flow_years(events.times(resolved.book, "capital_cut"), n_years)
    names = ("capital_limit_annual_cny", "capital_limit_peak_cny")
    limits = {name: getattr(resolved.scenario, name) for name in names}
    return {name: limit * left for name, limit in limits.items() if limit is not None}
