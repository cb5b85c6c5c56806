"""Hard targets that no plan reaches: sums over villages, quotients of such sums, money and services, each at its best.

An indicator that is not here may still be out of reach: nothing is proven of it, and the search has to find out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

import numpy as np

from data.arrays import FloatArray
from data.catalogue import Told, text, told
from data.city import CATEGORIES
from data.errors import Refusal, refuse
from data.scenario import RuleMode, Target
from envs.kernel.computing.backend import Array
from envs.kernel.indicators import consent, floors, people, resources
from envs.kernel.indicators.registry import INDICATORS
from envs.kernel.trace import Trace
from envs.rules.rule import TOLERANCE
from envs.rules.targets import target_scale
from optimizers.bounds.capital_terms import discount
from optimizers.bounds.forced_villages import ForcedVillages, least_of, money, only_refusal
from optimizers.bounds.least_costs import capital_short, least_costs_cny
from optimizers.bounds.peak_deficit import deficit_beyond, largest_price_factor, net_weights
from optimizers.bounds.service_reach import ServiceReach

HALVINGS = 20
"""Steps by which the proven quotient is found; a millionth of its range is left open."""
ByVillage = Callable[[Trace], Array]
SUMS: Mapping[str, ByVillage] = {
    measure.__name__: measure
    for measure in (
        floors.renewed_villages,
        floors.renewed_area_m2,
        floors.new_floor_area_m2,
        floors.new_commodity_floor_m2,
        floors.new_rental_floor_m2,
        floors.new_employment_floor_m2,
        floors.resettlement_floor_m2,
        floors.facility_floor_m2,
        floors.green_land_m2,
        floors.demolished_floor_m2,
        floors.heritage_floor_lost_m2,
        people.population_before_persons,
        people.displaced_registered_persons,
        people.displaced_tenants_persons,
        people.newcomers_persons,
        consent.consent_flagged_villages,
        resources.land_economic_output_cny_per_yr,
        resources.embodied_carbon_tco2e,
        resources.operational_carbon_tco2e_per_yr,
    )
}
"""Indicators that add up over villages, each decided by its own option alone, and none below 0."""
SINCE_START = ("renewed_villages", "renewed_area_m2", "demolished_floor_m2")
SINCE_COMPLETION = (
    "new_floor_area_m2",
    "new_commodity_floor_m2",
    "new_rental_floor_m2",
    "new_employment_floor_m2",
    "resettlement_floor_m2",
    "green_land_m2",
    "land_economic_output_cny_per_yr",
)
"""Sums whose yearly series counts villages from then on."""
QUOTIENTS: Mapping[str, tuple[ByVillage, ByVillage]] = {
    "demolished_share": (
        floors.demolished_floor_m2,
        lambda trace: trace.renewed * trace.constants.base.existing_floor_m2,
    ),
    "new_to_demolished_ratio": (floors.new_floor_area_m2, floors.demolished_floor_m2),
    "land_economic_output_cny_per_km2_yr": (
        resources.land_economic_output_cny_per_yr,
        lambda trace: floors.renewed_area_m2(trace) / resources.M2_PER_KM2,
    ),
}
"""Indicator -> what is above and below; both add up over villages, and a plan without anything below has no value."""
SHARES = {"displaced_tenants_share": "tenants", "social_tie_share": "registered"}
"""Indicator -> residents of all villages that it is a share of."""


def targets_out_of_reach(forced: ForcedVillages) -> Iterator[Refusal]:
    """Hard targets that no plan of the options reaches.

    Args:
        forced: villages that must begin, and the options of all.
    """
    if forced.resolved.scenario.bargaining.value == "counted":  # outcomes are then expected ones
        return
    for k, target in enumerate(forced.resolved.scenario.targets):
        if target.mode is RuleMode.HARD:
            yield from _out_of_reach(forced, target, f"scenario targets.{k}")


def _out_of_reach(forced: ForcedVillages, target: Target, layer: str) -> Iterator[Refusal]:
    if target.at_most is not None and target.year is None:
        if target.indicator == "max_annual_cost_cny":
            yield from capital_short(forced, target.at_most, layer)
        elif target.indicator == "peak_funding_cny":
            yield from deficit_beyond(forced, target.at_most, layer)
    best = best_reached(forced, target)
    if best is None:
        return
    wanted = target.at_least if target.at_least is not None else float(target.at_most or 0.0)
    slack = TOLERANCE * target_scale(target) + 1e-9 * abs(best)
    short = best < wanted - slack if target.at_least is not None else best > wanted + slack
    if short:
        key = "target_above_reach" if target.at_least is not None else "target_below_reach"
        item = INDICATORS[target.indicator]
        name = told(lambda language: item.label[language])
        yield only_refusal(
            refuse(key, layer=layer, name=name, wanted=_amount(wanted, item.unit), best=_amount(best, item.unit))
        )


def _amount(value: float, unit: str) -> Told | str:
    """A value with its unit, money as people say it."""
    if unit == "CNY":
        return money(value)
    shown = f"{value:,.4g}" if abs(value) < 1e4 else f"{value:,.0f}"
    return told(lambda language: text("amount_said", language, amount=shown, unit=unit)) if unit else shown


def best_reached(forced: ForcedVillages, target: Target) -> float | None:
    """What no plan exceeds of a target's indicator, or falls below where little is wanted; None where nothing is known.

    Args:
        forced: says the options.
        target: its indicator, side and year.
    """
    name, is_most = target.indicator, target.at_least is not None
    sign = -1.0 if is_most else 1.0
    if name in SUMS:
        return _best_sum(forced, target, sign)
    if target.year is None and name in QUOTIENTS:
        return _best_quotient(forced, target, sign)
    if target.year is None and name in SHARES:
        return _best_share(forced, name, sign)
    if target.year is None and name.endswith("_cny") and not forced.has_own_terms:
        return _best_money_cny(forced, name, is_most=is_most)
    return _best_service(forced, name, target.year) if is_most else None


def _best_share(forced: ForcedVillages, name: str, sign: float) -> float | None:
    """Displaced tenants over all, or registered residents who stay or return over all."""
    whole = float(np.asarray(getattr(forced.trace.constants.base, SHARES[name])).sum())
    if whole <= 0.0:
        return None
    if name == "displaced_tenants_share":
        return _sum(forced, people.displaced_tenants_persons, sign) / whole
    return 1.0 - _sum(forced, people.displaced_registered_persons, -sign) / whole


def _best_money_cny(forced: ForcedVillages, name: str, *, is_most: bool) -> float | None:
    if name == "total_cost_cny" and not is_most:
        return forced.least_sum(least_costs_cny(forced)[1])
    if name in ("net_present_value_cny", "total_profit_cny") and is_most:
        return _best_value_cny(forced, is_discounted=name == "net_present_value_cny")
    return None


def _sum(forced: ForcedVillages, measure: ByVillage, sign: float, *, at_least: int = 0) -> float:
    """The least (sign 1) or the largest (sign -1) sum over the villages of a plan."""
    return sign * forced.least_sum(forced.least(sign * np.asarray(measure(forced.trace)).T), at_least=at_least)


def _best_sum(forced: ForcedVillages, target: Target, sign: float) -> float | None:
    measure, name = SUMS[target.indicator], target.indicator
    if target.year is None:
        return _sum(forced, measure, sign)
    if name not in (*SINCE_START, *SINCE_COMPLETION):
        return None
    lag = 0 if name in SINCE_START else forced.resolved.clock.phases.rebuild_lag_yr
    last = target.year - lag
    able = forced.able & (forced.first_year <= last)
    least = forced.least(sign * np.asarray(measure(forced.trace)).T)
    if sign > 0.0:
        must = forced.must & able & (forced.last_year <= last) & ~_delayed(forced)
        return float(least[must].sum())
    return -least_of(least, able & False, able, 0, forced.places(last))


def _delayed(forced: ForcedVillages) -> np.ndarray[tuple[int, ...], np.dtype[np.bool_]]:
    """True for villages that end later than the calendar of the scenario says."""
    late = [name for name, village in forced.resolved.scenario.fixed.items() if village.delay_yr]
    return np.isin(forced.resolved.city.villages.village_id, late)


def _best_quotient(forced: ForcedVillages, target: Target, sign: float) -> float | None:
    """The best quotient of sums that is proven, found by halving; None where what is wanted can be reached."""
    above, below = (np.asarray(measure(forced.trace)).T for measure in QUOTIENTS[target.indicator])
    legal = forced.table.mask & (below > 0.0)

    def is_missed(quotient: float) -> bool:
        """Whether above less quotient x below is on the wrong side of 0 in every plan that has anything below."""
        missed = sign * (above - quotient * below)
        total = forced.least_sum(forced.least(np.where(below > 0.0, missed, np.minimum(missed, 0.0))), at_least=1)
        return total > 1e-9 * float(np.abs(missed[legal]).max(initial=1.0))

    wanted = target.at_least if target.at_least is not None else float(target.at_most or 0.0)
    if not legal.any() or not is_missed(wanted + sign * TOLERANCE * target_scale(target)):
        return None
    quotients = above[legal] / below[legal]
    proven, open_end = wanted, float(quotients.max() if sign > 0.0 else quotients.min())
    for _ in range(HALVINGS):
        middle = 0.5 * (proven + open_end)
        proven, open_end = (middle, open_end) if is_missed(middle) else (proven, middle)
    return proven


def _best_value_cny(forced: ForcedVillages, *, is_discounted: bool) -> float | None:
    """The most that plans can be worth: every village its best, at the largest prices there can be."""
    factors = largest_price_factor(forced)
    if factors is None:
        return None
    net, table = net_weights(forced.resolved, factors), forced.table
    rate = discount(forced.resolved) if is_discounted else np.ones(len(net))
    weights: FloatArray = np.tensordot(rate, net, axes=1)  # (n_districts, plan_years, n_amounts)
    used = np.flatnonzero(weights.any(axis=(0, 1)))
    least = np.full(table.mask.shape[0], np.inf)
    for village in np.flatnonzero(forced.able):
        starts = np.flatnonzero(table.start_mask[village])
        legal = table.amounts[village][table.mask[village]][:, used]
        least[village] = -float((legal @ weights[table.district_idx[village], starts][:, used].T).max())
    return -forced.least_sum(least)


def _best_service(forced: ForcedVillages, name: str, year: int | None) -> float | None:
    """The most of a service indicator, in a year or as the mean over years."""
    model = forced.resolved.constants.access
    weights = {"service_accessibility": np.asarray(model.weights, dtype=np.float64)}
    weights |= {f"accessibility_{category}": np.eye(len(CATEGORIES))[k] for k, category in enumerate(CATEGORIES)}
    if name not in weights or year == 0:
        return None
    by_year = ServiceReach(forced).mean(weights[name])
    return float(by_year.mean()) if year is None else float(by_year[year - 1])
