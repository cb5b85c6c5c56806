"""Limits that add up over villages: what an option needs of each, and how much of it a plan may use.

A share such as "rental housing is at least 40 % of new housing" adds up as well: 0.4 (rental + commodity) - rental
must not be positive. The rule checker (envs/rules) knows nothing of this module.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial

import numpy as np

from data.scenario import INTENSITIES, Intensity, RuleMode
from envs.kernel.computing.backend import Array, like
from envs.kernel.resolved_scenario import ResolvedScenario
from envs.kernel.trace import Trace
from envs.rules.check import rule_mode

Need = Callable[[Trace], Array]
STEERING_MODES = (RuleMode.HARD, RuleMode.PENALIZED)
"""Modes of the rules that a plan has reason to keep."""


@dataclass(frozen=True)
class AdditiveLimit:
    """One limit.

    Attributes:
        rule: name of the rule it keeps.
        most: largest sum over villages that keeps it, in the unit of `need`; infinite where a district has no cap.
        need: trace -> shape (n_plans, n_villages).
        whole: what the limit is a share of, in the same unit and shape; None = `most` itself.
        district: index of the district it speaks of; None = the city.
        local: whether the villages of that district alone count; the rule then has a limit for every district, in
            order, all with the same `need`.
        builds_up: whether the plan begins beyond the limit and must build up to it (a least area, a least ratio).
        kept: whether steps keep it: its rule is hard, and a step can know.
    """

    rule: str
    most: float
    need: Need
    whole: Need | None = None
    district: int | None = None
    local: bool = False
    builds_up: bool = False
    kept: bool = True


@dataclass(frozen=True)
class VillageLimit:
    """A limit that every renewed village keeps by itself, so that the least of them tells how near a plan is to it.

    Attributes:
        rule: name of the rule.
        least: that it asks for.
        value: trace -> shape (n_plans, n_villages); infinite where the rule does not apply.
    """

    rule: str
    least: float
    value: Need


def village_limits(resolved: ResolvedScenario) -> tuple[VillageLimit, ...]:
    """Limits of the hard and penalized rules of a scenario that single villages decide."""
    limits = (
        VillageLimit("consent", resolved.book.number("consent.threshold"), _consent),
        VillageLimit("minimum_facility_ratio", resolved.book.number("rule.facility_ratio_min"), _facility_share),
    )
    return tuple(limit for limit in limits if rule_mode(resolved.scenario, limit.rule) in STEERING_MODES)


def _consent(trace: Trace) -> Array:
    rebuilt = trace.option_form.rebuilt_share > 0.0
    return _where(trace, rebuilt, trace.consent)


def _facility_share(trace: Trace) -> Array:
    form, xp = trace.option_form, trace.xp
    floor_m2 = form.new_floor + form.retained
    has_floor = floor_m2 > 0.0
    share = (form.facility_new + form.facility_converted) / xp.where(has_floor, floor_m2, xp.ones_like(floor_m2))
    return _where(trace, has_floor, share)


def _where(trace: Trace, applies: Array, values: Array) -> Array:
    return trace.xp.where(applies, values, trace.xp.full_like(values, float("inf")))


def additive_limits(resolved: ResolvedScenario) -> tuple[AdditiveLimit, ...]:
    """Limits of the hard and penalized rules of a scenario that add up over villages."""
    limits = (
        *_plan_limits(resolved),
        *_share_limits(resolved),
        *_number_limits(resolved),
        *_district_limits(resolved),
    )
    modes = {limit.rule: rule_mode(resolved.scenario, limit.rule) for limit in limits}
    return tuple(
        replace(limit, kept=limit.kept and modes[limit.rule] is RuleMode.HARD)
        for limit in limits
        if modes[limit.rule] in STEERING_MODES
    )


def _displaced(trace: Trace) -> Array:
    return trace.moves.tenants_left - trace.moves.tenants_back


def _plan_limits(resolved: ResolvedScenario) -> Iterator[AdditiveLimit]:
    scenario, villages = resolved.scenario, resolved.city.villages
    if scenario.commodity_housing_cap_m2 is not None:
        yield AdditiveLimit("commodity_cap", scenario.commodity_housing_cap_m2, lambda trace: trace.form.commodity)
    if scenario.least_commodity_area_m2 is not None:
        yield _least("least_commodity_area", scenario.least_commodity_area_m2, lambda trace: trace.form.commodity)
    if scenario.least_rental_area_m2 is not None:
        yield _least("least_rental_area", scenario.least_rental_area_m2, lambda trace: trace.form.rental)
    most = scenario.displaced_tenants_cap_persons
    if most is None:
        most = resolved.book.number("rule.displaced_tenants_share_max") * float(villages.tenants.sum())
    yield AdditiveLimit("displacement", most, _displaced)


def _least(rule: str, least: float, gives: Need) -> AdditiveLimit:
    return AdditiveLimit(rule, -least, lambda trace: -gives(trace), builds_up=True, kept=False)


def _share_limits(resolved: ResolvedScenario) -> Iterator[AdditiveLimit]:
    book = resolved.book
    new = book.number("rule.new_to_demolished_max")
    onsite, rental = book.number("rule.onsite_resettlement_min"), book.number("rule.rental_share_min")
    parts: dict[str, tuple[Need, Need]] = {
        "new_to_demolished": (
            lambda t: t.form.new_floor - new * t.form.demolished,
            lambda t: new * t.form.demolished,
        ),
        "onsite_resettlement": (
            lambda t: onsite * t.moves.registered_left - t.moves.registered_back,
            lambda t: onsite * t.moves.registered_left,
        ),
        "rental_share": (
            lambda t: rental * (t.form.rental + t.form.commodity) - t.form.rental,
            lambda t: rental * (t.form.rental + t.form.commodity),
        ),
    }
    for rule, (need, whole) in parts.items():
        yield AdditiveLimit(rule, 0.0, need, whole)


def _number_limits(resolved: ResolvedScenario) -> Iterator[AdditiveLimit]:
    """Numbers of villages; envs.game.final_bounds keeps them, for the last villages may mend what the first broke."""
    scenario, n_villages = resolved.scenario, resolved.city.n_villages
    ratio = scenario.renewal_ratio
    if ratio is not None:
        yield AdditiveLimit("renewal_ratio_most", ratio.high * n_villages, lambda trace: trace.chosen, kept=False)
        if ratio.low > 0.0:
            yield _least("renewal_ratio_least", ratio.low * n_villages, lambda trace: trace.chosen)
    for intensity, share in scenario.intensity_shares.items():
        yield _intensity_limit("intensity_share_most", intensity, share.high, sign=1.0)
        if share.low > 0.0:
            yield _intensity_limit("intensity_share_least", intensity, share.low, sign=-1.0)


def _intensity_limit(rule: str, intensity: Intensity, share: float, *, sign: float) -> AdditiveLimit:
    """At most (sign 1) or at least (sign -1) a share of the renewed villages is of an intensity."""

    def need(trace: Trace) -> Array:
        of_it = trace.xp.astype(trace.plans.intensity == INTENSITIES.index(intensity), trace.xp.float64)
        return sign * (of_it - share) * trace.chosen

    return AdditiveLimit(rule, 0.0, need, whole=lambda trace: share * trace.chosen, kept=False)


def _district_limits(resolved: ResolvedScenario) -> Iterator[AdditiveLimit]:
    """Caps of districts, and the share of the legal floor of each district's renewed villages that is torn down."""
    city, caps = resolved.city, resolved.scenario.district_limits
    most_m2 = [caps[name].new_floor_area_m2 if name in caps else None for name in city.districts]
    if any(most_m2):
        for d, most in enumerate(most_m2):
            yield AdditiveLimit("district_floor_area", most or float("inf"), _net_floor, district=d, local=True)
    share = resolved.book.number("rule.demolished_share_max")
    for d in range(len(city.districts)):
        need, whole = partial(_torn_down_beyond, share=share), partial(_legal_floor_that_may_go, share=share)
        yield AdditiveLimit("demolished_share", 0.0, need, whole, district=d, local=True)
    for name, cap in caps.items():
        if cap.population_persons is not None:
            d = city.districts.index(name)
            today = float(resolved.constants.base.residents[city.place_district_idx == d].sum())
            room = cap.population_persons - today
            yield AdditiveLimit("district_population", room, _newcomers_to(resolved, d), district=d)


def _net_floor(trace: Trace) -> Array:
    return trace.form.new_floor - trace.form.demolished


def _torn_down_beyond(trace: Trace, share: float) -> Array:
    return trace.form.rebuilt_share * _legal_floor(trace) - _legal_floor_that_may_go(trace, share)


def _legal_floor_that_may_go(trace: Trace, share: float) -> Array:
    return trace.renewed * (share * _legal_floor(trace))


def _legal_floor(trace: Trace) -> Array:
    return trace.constants.base.existing_floor_m2 * trace.constants.prices.legal_share


def _newcomers_to(resolved: ResolvedScenario, d: int) -> Need:
    """Residents a district has more in the end, as the moves add up.

    Exact unless zones send newcomers at their yearly limit, or hold as many displaced people as they have room for:
    those whom a full zone turns away count in its district, and not in that of the zone which takes them.
    """
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
