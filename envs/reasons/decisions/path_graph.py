"""The graph of a decision path: which villages and years made room for or competed with which, and by what.

Nodes are villages and years. An edge says what two share: places of a year, capital of a year, a catchment of
facilities, the housing market of a district.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from scipy import sparse

from data.arrays import FloatArray, IntArray
from data.scenario import RuleMode
from envs.kernel.project_account import COST, ITEMS
from envs.kernel.services.accessibility import AccessModel
from envs.kernel.trace import REPORT, Trace
from envs.reasons.decisions.decision_path import DecisionPath
from envs.reasons.decisions.open_choices import N_ALTERNATIVES, NONE
from envs.rules.check import RULES, rule_mode

QUOTA, CAPITAL, CATCHMENT, MARKET = "quota", "capital", "catchment", "market"
KINDS: tuple[str, ...] = (QUOTA, CAPITAL, CATCHMENT, MARKET)
TOOK, WAITED, DREW, COMPETES, MADE_ROOM = "took", "waited", "drew", "competes", "made_room"
ROLES: tuple[str, ...] = (TOOK, WAITED, DREW, COMPETES, MADE_ROOM)
BINDING = 0.98
"""A year's capital counts as bound where it uses at least this share of its limit."""
SAME_CATCHMENT = 0.5
"""Catchments count as the same from this overlap on (1 = they reach the same people alike)."""
MOST_NEIGHBORS = 3
"""Of catchments and of markets, so many earlier villages are told of each: those that weigh most."""


@dataclass(frozen=True)
class Edge:
    """What a village shares with a year or with another village.

    Attributes:
        kind: one of KINDS.
        role: one of ROLES: took a place of the year, or waited for one; drew on its capital; competes with the later
            village, or made room for it.
        source: village; of two, the one that starts earlier.
        target: the later village; NONE where the edge leads to a year.
        year: programme year; 0 where the edge leads to a village.
        weight: of a place 1, of who waited the gain it was foretold [weighted anchor ranges]; capital [CNY]; overlap of
            catchments [0..1]; net housing that the earlier village brings to the market [m2], below 0 where it takes.
    """

    kind: str
    role: str
    source: int
    target: int
    year: int
    weight: float


def path_edges(path: DecisionPath) -> tuple[Edge, ...]:
    """Every edge of a path: places of the years first, then capital, catchments, markets."""
    if path.n_steps == 0:
        return ()
    trace = Trace(path.resolved, path.plan, REPORT)
    edges = (*_places(path), *_capital(path, trace), *_catchments(path, trace), *_markets(path, trace))
    return tuple(edges)


def full_years(path: DecisionPath) -> tuple[int, ...]:
    """Years in which as many villages start as may, where the rule is hard."""
    scenario = path.resolved.scenario
    if rule_mode(scenario, "yearly_quota") is not RuleMode.HARD:
        return ()
    n_starts = np.bincount(path.year, minlength=scenario.plan_years + 1)[1:]
    return tuple(year for year, quota in enumerate(scenario.yearly_quotas, start=1) if n_starts[year - 1] >= quota > 0)


def _places(path: DecisionPath) -> Iterator[Edge]:
    """Who took the places of a year, and who stood open and waited while it was full."""
    for village, year in zip(path.village.tolist(), path.year.tolist(), strict=True):
        yield Edge(QUOTA, TOOK, village, NONE, year, 1.0)
    choices = path.alternatives
    for year in full_years(path):
        steps = np.flatnonzero(path.year == year)
        waiting: dict[int, float] = {}
        for village, gain in zip(
            choices.village[steps, :N_ALTERNATIVES].ravel().tolist(),
            choices.foretold[steps, :N_ALTERNATIVES].ravel().tolist(),
            strict=True,
        ):
            if village != NONE:
                waiting[village] = max(gain, waiting.get(village, -np.inf))
        for village in path.village[steps].tolist():
            waiting.pop(village, None)
        yield from (Edge(QUOTA, WAITED, village, NONE, year, gain) for village, gain in waiting.items())


def _capital(path: DecisionPath, trace: Trace) -> Iterator[Edge]:
    """Who drew on the capital of years in which a hard limit of it binds."""
    for year in bound_years(path, trace):
        spent = _cost_of_year(trace, year)
        for village in path.village[spent[path.village] > 0.0].tolist():
            yield Edge(CAPITAL, DREW, village, NONE, year, float(spent[village]))


def bound_years(path: DecisionPath, trace: Trace) -> tuple[int, ...]:
    """Years whose capital a hard limit binds: the cost of the year, or what is spent until then beyond what came in."""
    bound = np.zeros(trace.gross_cost_cny.shape[1], dtype=bool)
    series = {
        "annual_capital": np.asarray(trace.gross_cost_cny)[0],
        "peak_capital": -np.cumsum(np.asarray(trace.net_cash_flow_cny)[0]),
    }
    for rule, used in series.items():
        limit = RULES[rule].limit(path.resolved)
        if limit is not None and rule_mode(path.resolved.scenario, rule) is RuleMode.HARD:
            bound |= used >= BINDING * limit
    return tuple(int(year) for year in np.flatnonzero(bound))


def _cost_of_year(trace: Trace, year: int) -> FloatArray:
    """What every village costs in a year, at the prices of that year, shape (n_villages,) [CNY]."""
    district, row = trace.constants.base.district_idx, np.asarray(trace.calendar_row)[0]
    total = np.zeros(row.size)
    for item in ITEMS:
        if item.kind == COST:
            index = np.broadcast_to(trace.indices[item.index], trace.price_factor.shape)[0, district, year]
            total += np.asarray(trace.amounts_cny[item.name])[0] * trace.profile(item.profile)[row, year] * index
    return total


def _catchments(path: DecisionPath, trace: Trace) -> Iterator[Edge]:
    """Villages that bring facilities to the same people; the earlier one serves them first."""
    brings = np.asarray(trace.form.facility_new + trace.form.facility_converted)[0] > 0.0
    village = path.village[brings[path.village]]
    overlap = catchment_overlap(trace.constants.access, trace.constants.base.residents, village)
    for later in range(1, village.size):
        earlier = np.flatnonzero(overlap[later, :later] >= SAME_CATCHMENT)
        for one in earlier[np.argsort(-overlap[later, earlier], kind="stable")][:MOST_NEIGHBORS].tolist():
            weight = float(overlap[later, one])
            yield Edge(CATCHMENT, COMPETES, int(village[one]), int(village[later]), 0, weight)


def catchment_overlap(access: AccessModel, residents: FloatArray, village: IntArray) -> FloatArray:
    r"""How far facilities of villages reach the same people.

    $$ o_{ab} = \frac{\sum_p P_p g_{pa} g_{pb}}{\sqrt{\sum_p P_p g_{pa}^2 \sum_p P_p g_{pb}^2}} $$, the mean over the
    categories of services by their weights.

    Args:
        access: constants of the catchments.
        residents: of the base year, shape (n_places,).
        village: index, shape (n,).

    Returns:
        shape (n, n), 1 on the diagonal [0..1]; 0 where nobody is within reach.
    """
    by_scale = []
    for decay in access.decay:
        reach = decay.matrix[access.n_zones + village] @ sparse.diags_array(np.sqrt(np.asarray(residents)))
        shared = (reach @ reach.T).toarray()
        size = np.sqrt(np.diag(shared))
        scale = np.outer(size, size)
        by_scale.append(np.divide(shared, scale, out=np.zeros_like(shared), where=scale > 0.0))
    weights = np.asarray(access.weights)
    return np.asarray(sum(weights[category] * by_scale[scale] for category, scale in enumerate(access.scale_idx)))


def _markets(path: DecisionPath, trace: Trace) -> Iterator[Edge]:
    """Villages that sell in one housing market: what the earlier one brings presses the price of the later one."""
    markets, form = trace.constants.markets, trace.form
    brings = np.asarray(form.commodity + form.resettlement - markets.rooms_as_housing * form.demolished)[0]
    sells = np.asarray(form.commodity)[0] > 0.0
    market = np.asarray(trace.constants.base.district_idx)
    if markets.stock.without is not None:
        market = np.where(np.asarray(markets.stock.without)[market], NONE, market)
    for later, village in enumerate(path.village.tolist()):
        before = path.village[:later][(market[path.village[:later]] == market[village]) & sells[village]]
        before = before[np.abs(brings[before]) > 0.0]
        for one in before[np.argsort(-np.abs(brings[before]), kind="stable")][:MOST_NEIGHBORS].tolist():
            role = COMPETES if brings[one] > 0.0 else MADE_ROOM
            yield Edge(MARKET, role, one, village, 0, float(brings[one]))
