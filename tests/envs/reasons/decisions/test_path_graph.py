"""The graph of a decision path: places, capital, catchments and markets."""

from __future__ import annotations

from typing import Any

import numpy as np

from data.scenario import RuleMode
from decision_fixtures import capital_bound_city, decided_city, some_plan, worth_of
from envs.kernel.trace import REPORT, Trace
from envs.reasons.decisions.decision_path import DecisionPath, decision_path
from envs.reasons.decisions.open_choices import N_ALTERNATIVES, NONE
from envs.reasons.decisions.path_graph import (
    BINDING,
    CAPITAL,
    CATCHMENT,
    COMPETES,
    DREW,
    KINDS,
    MADE_ROOM,
    MARKET,
    MOST_NEIGHBORS,
    QUOTA,
    SAME_CATCHMENT,
    TOOK,
    WAITED,
    bound_years,
    catchment_overlap,
    full_years,
    path_edges,
)
from oracles import decisions as oracle


def _path(**bounds: Any) -> DecisionPath:
    resolved = decided_city(**bounds)
    return decision_path(resolved, some_plan(resolved), worth_of(resolved), n_exact=0)


def test_places_of_a_full_year_are_taken_and_waited_for() -> None:
    path = _path()
    edges = [edge for edge in path_edges(path) if edge.kind == QUOTA]
    assert full_years(path) == (2,)  # two of every year are chosen, and one is given to the second
    took = {(edge.source, edge.year) for edge in edges if edge.role == TOOK}
    assert took == set(zip(path.village.tolist(), path.year.tolist(), strict=True))
    waited = [edge for edge in edges if edge.role == WAITED]
    steps = np.flatnonzero(path.year == 2)
    open_then = set(path.alternatives.village[steps, :N_ALTERNATIVES].ravel().tolist()) - {NONE}
    assert {edge.source for edge in waited} == open_then - set(path.village[steps].tolist())
    assert all(edge.year == 2 for edge in waited)


def test_no_year_is_full_where_the_quota_is_not_hard() -> None:
    path = _path(rules={"yearly_quota": RuleMode.REPORTED})
    assert full_years(path) == ()


def test_capital_of_bound_years_adds_up_to_their_cost() -> None:
    free = _path()
    most = float(Trace(free.resolved, free.plan, REPORT).gross_cost_cny.max())
    bound = capital_bound_city(most)
    path = decision_path(bound, free.plan, worth_of(bound), n_exact=0)
    trace = Trace(bound, path.plan, REPORT)
    cost = np.asarray(trace.gross_cost_cny)[0]
    years = bound_years(path, trace)
    assert years == tuple(np.flatnonzero(cost >= BINDING * most))
    edges = [edge for edge in path_edges(path) if edge.kind == CAPITAL]
    assert edges
    assert {edge.role for edge in edges} == {DREW}
    for year in years:
        np.testing.assert_allclose(sum(edge.weight for edge in edges if edge.year == year), cost[year])
    assert not [edge for edge in path_edges(free) if edge.kind == CAPITAL]


def test_catchments_are_those_of_plain_loops() -> None:
    path = _path()
    trace = Trace(path.resolved, path.plan, REPORT)
    access, residents = trace.constants.access, trace.constants.base.residents
    found = catchment_overlap(access, residents, path.village)
    for one, other in ((0, 1), (2, 5), (3, 3)):
        told = 0.0
        for category, scale in enumerate(access.scale_idx):
            g = access.decay[scale].matrix.toarray()
            rows = [g[access.n_zones + path.village[k]].tolist() for k in (one, other)]
            told += float(access.weights[category]) * oracle.overlap(residents.tolist(), *rows)
        np.testing.assert_allclose(found[one, other], told)
    edges = [edge for edge in path_edges(path) if edge.kind == CATCHMENT]
    place = {village: k for k, village in enumerate(path.village.tolist())}
    for edge in edges:
        assert place[edge.source] < place[edge.target]
        assert edge.weight >= SAME_CATCHMENT
        np.testing.assert_allclose(edge.weight, found[place[edge.source], place[edge.target]])
    targets = [edge.target for edge in edges]
    assert max((targets.count(each) for each in targets), default=0) <= MOST_NEIGHBORS


def test_markets_are_pressed_by_what_came_before() -> None:
    path = _path()
    trace = Trace(path.resolved, path.plan, REPORT)
    edges = [edge for edge in path_edges(path) if edge.kind == MARKET]
    assert edges
    district, place = path.resolved.city.villages.district_idx, path.village.tolist()
    rooms = trace.constants.markets.rooms_as_housing
    for edge in edges:
        form = trace.form
        brings = form.commodity + form.resettlement - rooms * form.demolished
        assert district[edge.source] == district[edge.target]
        assert place.index(edge.source) < place.index(edge.target)
        assert form.commodity[0, edge.target] > 0.0
        np.testing.assert_allclose(edge.weight, brings[0, edge.source])
        assert edge.role == (COMPETES if edge.weight > 0.0 else MADE_ROOM)
    assert {edge.kind for edge in path_edges(path)} <= set(KINDS)
