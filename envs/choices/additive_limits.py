"""Hard rules that add up over villages: what an option needs, and how much of it a plan may use.

A share such as "rental housing is at least 40 % of new housing" adds up as well: 0.4 (rental + commodity) - rental
must not be positive. The rule checker (envs/rules) knows nothing of this module.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from data.scenario import RuleMode
from envs.kernel.computing.backend import Array, like
from envs.kernel.resolved_scenario import ResolvedScenario
from envs.kernel.trace import Trace
from envs.rules.check import rule_mode

Need = Callable[[Trace], Array]


@dataclass(frozen=True)
class AdditiveLimit:
    """One limit.

    Attributes:
        rule: name of the rule it keeps.
        most: largest sum over villages that keeps it, in the unit of `need`.
        need: trace -> shape (n_plans, n_villages).
    """

    rule: str
    most: float
    need: Need


def additive_limits(resolved: ResolvedScenario) -> tuple[AdditiveLimit, ...]:
    """Limits of the hard rules of a scenario that add up over villages."""
    scenario = resolved.scenario
    limits = (*_plan_limits(resolved), *_share_limits(resolved), *_district_limits(resolved))
    return tuple(limit for limit in limits if rule_mode(scenario, limit.rule) is RuleMode.HARD)


def _displaced(trace: Trace) -> Array:
    return trace.moves.tenants_left - trace.moves.tenants_back


def _plan_limits(resolved: ResolvedScenario) -> Iterator[AdditiveLimit]:
    scenario, villages = resolved.scenario, resolved.city.villages
    if scenario.commodity_housing_cap_m2 is not None:
        yield AdditiveLimit("commodity_cap", scenario.commodity_housing_cap_m2, lambda trace: trace.form.commodity)
    most = scenario.displaced_tenants_cap_persons
    if most is None:
        most = resolved.book.number("rule.displaced_tenants_share_max") * float(villages.tenants.sum())
    yield AdditiveLimit("displacement", most, _displaced)


def _share_limits(resolved: ResolvedScenario) -> Iterator[AdditiveLimit]:
    book = resolved.book
    demolished, new = book.number("rule.demolished_share_max"), book.number("rule.new_to_demolished_max")
    onsite, rental = book.number("rule.onsite_resettlement_min"), book.number("rule.rental_share_min")
    needs: dict[str, Need] = {
        "demolished_share": lambda t: t.form.demolished - demolished * (t.form.demolished + t.form.retained),
        "new_to_demolished": lambda t: t.form.new_floor - new * t.form.demolished,
        "onsite_resettlement": lambda t: onsite * t.moves.registered_left - t.moves.registered_back,
        "rental_share": lambda t: rental * (t.form.rental + t.form.commodity) - t.form.rental,
    }
    for rule, need in needs.items():
        yield AdditiveLimit(rule, 0.0, need)


def _district_limits(resolved: ResolvedScenario) -> Iterator[AdditiveLimit]:
    city = resolved.city
    for name, cap in resolved.scenario.district_limits.items():
        d = city.districts.index(name)
        if cap.new_floor_area_m2 is not None:
            yield AdditiveLimit("district_floor_area", cap.new_floor_area_m2, _net_floor_in(d))
        if cap.population_persons is not None:
            today = float(resolved.constants.base.residents[city.place_district_idx == d].sum())
            yield AdditiveLimit("district_population", cap.population_persons - today, _newcomers_to(resolved, d))


def _net_floor_in(d: int) -> Need:
    def need(trace: Trace) -> Array:
        return (trace.form.new_floor - trace.form.demolished) * (trace.constants.base.district_idx == d)

    return need


def _newcomers_to(resolved: ResolvedScenario, d: int) -> Need:
    """Residents a district has more in the end; exact unless zones send newcomers at their yearly limit."""
    city, settlement = resolved.city, resolved.constants.settlement
    zone_in = city.place_district_idx[: city.n_zones] == d
    in_district = np.asarray(city.villages.district_idx == d, dtype=np.float64)
    settle, origin = (share[zone_in].sum(axis=0) for share in (settlement.leaver_share, settlement.newcomer_share))

    def need(trace: Trace) -> Array:
        moves = trace.moves
        gone = moves.registered_left - moves.registered_back + moves.tenants_left - moves.tenants_back
        into, out_of = (like(share - in_district, gone) for share in (settle, origin))
        return gone * into - moves.newcomers_due * out_of

    return need
