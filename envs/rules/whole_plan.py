"""Rules about what the whole plan does: capital, districts, consent, floors, people."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from data.scenario import RuleMode
from envs.kernel.computing.backend import Array
from envs.kernel.indicators.people import rent_growth_per_yr
from envs.kernel.resolved_scenario import ResolvedScenario
from envs.kernel.trace import Trace
from envs.rules.rule import TOLERANCE, Rule, ratio, rebuilds, sum_over_villages

Limit = Callable[[ResolvedScenario], float | None]


def yearly_cost_cny(trace: Trace) -> Array:
    """Gross cost of each year [CNY]."""
    return trace.gross_cost_cny


def largest_yearly_cost_cny(trace: Trace) -> Array:
    """Largest gross cost of one year [CNY]."""
    return trace.xp.max(yearly_cost_cny(trace), axis=1)


def yearly_deficit_cny(trace: Trace) -> Array:
    """Cumulative deficit at the end of each year, 0 where there is none [CNY]."""
    return trace.xp.clip(-trace.xp.cumulative_sum(trace.net_cash_flow_cny, axis=1), 0.0, None)


def deepest_deficit_cny(trace: Trace) -> Array:
    """Deepest cumulative deficit [CNY]."""
    return trace.xp.max(yearly_deficit_cny(trace), axis=1)


def district_population_use(trace: Trace) -> Array:
    """Residents of a district in the last state year / its cap, the largest; NaN where no district has one."""
    return _worst(trace, population_use_by_district(trace))


def population_use_by_district(trace: Trace) -> Array:
    """Residents of each district in the last state year / its cap; NaN where it has none."""
    xp, district = trace.xp, trace.constants.base.place_district_idx
    last = xp.astype(trace.residents[:, :, -1], xp.float64)
    index = xp.arange(len(trace.resolved.city.districts), dtype=district.dtype)
    population = xp.permute_dims(xp.astype(index[:, None] == district[None, :], xp.float64) @ last, (1, 0))
    return _use(trace, population, "population_persons")


def district_floor_use(trace: Trace) -> Array:
    """New less demolished floor of a district / its cap, the largest; NaN where no district has one."""
    return _worst(trace, floor_use_by_district(trace))


def floor_use_by_district(trace: Trace) -> Array:
    """New less demolished floor of each district / its cap; NaN where it has none."""
    net_floor_m2 = trace.xp.sum(trace.by_start(trace.form.new_floor - trace.form.demolished), axis=2)
    return _use(trace, net_floor_m2, "new_floor_area_m2")


def _use(trace: Trace, use: Array, cap: str) -> Array:
    """Use of each district's cap as a share of it, NaN where it has none; use by district, (n_plans, n_districts)."""
    caps = trace.resolved.scenario.district_limits
    limits = [getattr(caps[name], cap) if name in caps else None for name in trace.resolved.city.districts]
    divisor = [float("nan") if limit is None else float(limit) for limit in limits]
    return use / trace.xp.asarray(divisor, dtype=use.dtype)


def _worst(trace: Trace, by_part: Array) -> Array:
    """Largest of the parts that have a value, (n_plans, n_parts) to (n_plans,); NaN where none has one."""
    missing = trace.xp.full_like(by_part, float("-inf"))
    return _where_finite(trace, trace.xp.max(trace.xp.where(trace.xp.isnan(by_part), missing, by_part), axis=1))


def least_consent(trace: Trace) -> Array:
    """Least consent among rebuilt villages; NaN where nothing is rebuilt."""
    infinite = trace.xp.full_like(trace.consent, float("inf"))
    least = trace.xp.min(trace.xp.where(rebuilds(trace), trace.consent, infinite), axis=1)
    return _where_finite(trace, least)


def consents_too_little(trace: Trace, limit: float) -> Array:
    """True for rebuilt villages whose consent is below the limit."""
    return rebuilds(trace) & (trace.consent < limit - TOLERANCE)


def demolished_share(trace: Trace) -> Array:
    """Demolished / existing legal floor of the renewed villages of a district, the largest; NaN where none is renewed.

    As the notice of 2021 counts: legal floor alone, district by district.
    """
    return _worst(trace, demolished_share_by_district(trace))


def demolished_share_by_district(trace: Trace) -> Array:
    """Demolished / existing legal floor of the renewed villages of each district; NaN where none is renewed."""
    legal_m2 = trace.constants.base.existing_floor_m2 * trace.constants.prices.legal_share
    demolished_m2, existing_m2 = (
        trace.xp.sum(trace.by_start(floor), axis=2)
        for floor in (trace.form.rebuilt_share * legal_m2, trace.renewed * legal_m2)
    )
    return ratio(demolished_m2, existing_m2, trace)


def rent_growth_by_year(trace: Trace) -> Array:
    """Growth of rents from the year before, the largest of any district; NaN in year 0."""
    growth = _rent_growth(trace)
    return trace.xp.concat([trace.xp.full_like(growth[:, 0, :1], float("nan")), trace.xp.max(growth, axis=1)], axis=1)


def rent_growth_by_district(trace: Trace) -> Array:
    """Growth of rents in a year, the largest of any year, by district."""
    return trace.xp.max(_rent_growth(trace), axis=2)


def _rent_growth(trace: Trace) -> Array:
    """Growth of rents by district and year, shape (n_plans, n_districts, n_years - 1)."""
    return trace.rent_factor[..., 1:] / trace.rent_factor[..., :-1] - 1.0


def new_to_demolished_ratio(trace: Trace) -> Array:
    """New / demolished floor."""
    return ratio(sum_over_villages(trace, trace.form.new_floor), sum_over_villages(trace, trace.form.demolished), trace)


def onsite_share(trace: Trace) -> Array:
    """Registered residents who return / leave."""
    back, left = trace.moves.registered_back, trace.moves.registered_left
    return ratio(sum_over_villages(trace, back), sum_over_villages(trace, left), trace)


def rental_share(trace: Trace) -> Array:
    """Rental / (rental + commodity) floor."""
    rental = sum_over_villages(trace, trace.form.rental)
    return ratio(rental, rental + sum_over_villages(trace, trace.form.commodity), trace)


def least_facility_share(trace: Trace) -> Array:
    """Facility floor / all floor, the least of the renewed villages; NaN where none is renewed."""
    return _where_finite(trace, trace.xp.min(_facility_share(trace), axis=1))


def has_too_few_facilities(trace: Trace, limit: float) -> Array:
    """True for renewed villages whose facility share is below the limit."""
    return _facility_share(trace) < limit - TOLERANCE


def _facility_share(trace: Trace) -> Array:
    """Facility floor / all floor of each renewed village; inf where kept, so that the least counts."""
    form, xp = trace.option_form, trace.xp
    floor = form.new_floor + form.retained
    share = (form.facility_new + form.facility_converted) / xp.where(floor > 0.0, floor, xp.ones_like(floor))
    return xp.where(floor > 0.0, share, xp.full_like(share, float("inf")))


def displaced_tenants(trace: Trace) -> Array:
    """Tenants who leave less those who return [persons]."""
    return sum_over_villages(trace, trace.moves.tenants_left - trace.moves.tenants_back)


def _where_finite(trace: Trace, values: Array) -> Array:
    return trace.xp.where(trace.xp.isfinite(values), values, trace.xp.full_like(values, float("nan")))


# --- limits -------------------------------------------------------------------------------------------------------


def _annual_capital_cny(resolved: ResolvedScenario) -> float | None:
    return resolved.scenario.capital_limit_annual_cny


def _peak_capital_cny(resolved: ResolvedScenario) -> float | None:
    return resolved.scenario.capital_limit_peak_cny


def _displaced_tenants_cap(resolved: ResolvedScenario) -> float:
    """The scenario's cap, else the book's share of all tenants [persons]."""
    cap = resolved.scenario.displaced_tenants_cap_persons
    if cap is not None:
        return cap
    return resolved.book.number("rule.displaced_tenants_share_max") * float(resolved.city.villages.tenants.sum())


def _whole_cap(resolved: ResolvedScenario, cap: str) -> float | None:
    """1 where any district has the cap: its use is measured relative to it."""
    limits = [getattr(caps, cap) for caps in resolved.scenario.district_limits.values()]
    return 1.0 if any(limit is not None for limit in limits) else None


def _of_book(parameter: str) -> Limit:
    return partial(_number, parameter=parameter)


def _number(resolved: ResolvedScenario, parameter: str) -> float:
    return resolved.book.number(parameter)


CITY_RULES: tuple[Rule, ...] = (
    Rule(
        name="annual_capital",
        unit="CNY/yr",
        measured=largest_yearly_cost_cny,
        limit=_annual_capital_cny,
        default_mode=RuleMode.HARD,
        parts={"year": yearly_cost_cny},
    ),
    Rule(
        name="peak_capital",
        unit="CNY",
        measured=deepest_deficit_cny,
        limit=_peak_capital_cny,
        default_mode=RuleMode.HARD,
        parts={"year": yearly_deficit_cny},
    ),
    Rule(
        name="district_population",
        unit="x cap",
        measured=district_population_use,
        limit=partial(_whole_cap, cap="population_persons"),
        default_mode=RuleMode.HARD,
        parts={"district": population_use_by_district},
    ),
    Rule(
        name="district_floor_area",
        unit="x cap",
        measured=district_floor_use,
        limit=partial(_whole_cap, cap="new_floor_area_m2"),
        default_mode=RuleMode.HARD,
        parts={"district": floor_use_by_district},
    ),
    Rule(
        name="consent",
        unit="share",
        measured=least_consent,
        limit=_of_book("consent.threshold"),
        sense="at_least",
        offenders=consents_too_little,
    ),
    Rule(
        name="demolished_share",
        unit="share",
        measured=demolished_share,
        limit=_of_book("rule.demolished_share_max"),
        parts={"district": demolished_share_by_district},
    ),
    Rule(
        name="new_to_demolished",
        unit="-",
        measured=new_to_demolished_ratio,
        limit=_of_book("rule.new_to_demolished_max"),
    ),
    Rule(
        name="onsite_resettlement",
        unit="share",
        measured=onsite_share,
        limit=_of_book("rule.onsite_resettlement_min"),
        sense="at_least",
    ),
    Rule(
        name="rent_growth",
        unit="1/yr",
        measured=rent_growth_per_yr,
        limit=_of_book("rule.rent_growth_max"),
        parts={"district": rent_growth_by_district, "year": rent_growth_by_year},
    ),
    Rule(
        name="rental_share",
        unit="share",
        measured=rental_share,
        limit=_of_book("rule.rental_share_min"),
        sense="at_least",
    ),
    Rule(
        name="minimum_facility_ratio",
        unit="share",
        measured=least_facility_share,
        limit=_of_book("rule.facility_ratio_min"),
        sense="at_least",
        offenders=has_too_few_facilities,
    ),
    Rule(
        name="displacement",
        unit="persons",
        measured=displaced_tenants,
        limit=_displaced_tenants_cap,
    ),
)
