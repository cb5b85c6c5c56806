"""Rules about the whole plan: quota, capital, districts, consent, floors, people."""

from __future__ import annotations

from collections.abc import Callable

from data.scenario import RuleMode
from envs.kernel.backend import Array
from envs.kernel.indicators.people import rent_growth_per_yr
from envs.kernel.resolved_scenario import ResolvedScenario
from envs.kernel.trace import Trace
from envs.rules.registry import TOLERANCE, rebuilds, register_rule


def _villages_in_busiest_year(trace: Trace) -> Array:
    counts = [
        trace.xp.sum(trace.xp.astype(trace.plans.start_year == year, trace.xp.float64), axis=1)
        for year in range(1, trace.resolved.scenario.plan_years + 1)
    ]
    return trace.xp.max(trace.xp.stack(counts), axis=0)


def _peak(trace: Trace) -> Array:
    lowest = trace.xp.min(trace.xp.cumulative_sum(trace.net_flow, axis=1), axis=1)
    return trace.xp.clip(-lowest, 0.0, None)


def _share(above: Array, below: Array, trace: Trace) -> Array:
    xp = trace.xp
    some = below > 0.0
    return xp.where(some, above / xp.where(some, below, xp.ones_like(below)), xp.full_like(above, float("nan")))


def _sum(trace: Trace, values: Array) -> Array:
    return trace.xp.sum(values, axis=1)


def _facility_share(trace: Trace) -> Array:
    """Facility floor / all floor of each renewed village; inf where kept, so that the least counts."""
    form, xp = trace.form, trace.xp
    floor = form.new_floor + form.retained
    share = (form.facility_new + form.facility_converted) / xp.where(floor > 0.0, floor, xp.ones_like(floor))
    return xp.where(floor > 0.0, share, xp.full_like(share, float("inf")))


def _least_facility_share(trace: Trace) -> Array:
    least = trace.xp.min(_facility_share(trace), axis=1)
    return trace.xp.where(trace.xp.isfinite(least), least, trace.xp.full_like(least, float("nan")))


def _least_consent(trace: Trace) -> Array:
    consent = trace.constants.base.consent + trace.xp.zeros_like(trace.renewed)
    inf = trace.xp.full_like(consent, float("inf"))
    least = trace.xp.min(trace.xp.where(rebuilds(trace), consent, inf), axis=1)
    return trace.xp.where(trace.xp.isfinite(least), least, trace.xp.full_like(least, float("nan")))


def _onsite(trace: Trace) -> Array:
    return _share(_sum(trace, trace.moves.registered_back), _sum(trace, trace.moves.registered_left), trace)


def _rental_share(trace: Trace) -> Array:
    rental = _sum(trace, trace.form.rental)
    return _share(rental, rental + _sum(trace, trace.form.commodity), trace)


def _displaced(trace: Trace) -> Array:
    return _sum(trace, trace.moves.tenants_left - trace.moves.tenants_back)


def _most_displaced(resolved: ResolvedScenario) -> float:
    given = resolved.scenario.displaced_tenants_cap_persons
    if given is not None:
        return given
    return resolved.book.number("rule.displaced_tenants_share_max") * float(resolved.city.villages.tenants.sum())


def _district_excess(attribute: str) -> Callable[[Trace], Array]:
    """Largest use of a district's cap, as a share of the cap; NaN where no district has one."""

    def measured(trace: Trace) -> Array:
        use = _district_population(trace) if attribute == "population_persons" else _district_new_floor(trace)
        worst = trace.xp.full_like(use[:, 0], float("-inf"))
        for name, cap in trace.resolved.scenario.district_limits.items():
            limit = getattr(cap, attribute)
            if limit is not None:
                worst = trace.xp.maximum(worst, use[:, trace.resolved.city.districts.index(name)] / limit)
        return trace.xp.where(trace.xp.isfinite(worst), worst, trace.xp.full_like(worst, float("nan")))

    return measured


def _district_population(trace: Trace) -> Array:
    xp, district = trace.xp, trace.constants.base.place_district_idx
    last = xp.astype(trace.residents[:, :, -1], xp.float64)
    index = xp.arange(len(trace.resolved.city.districts), dtype=district.dtype)
    return xp.permute_dims(xp.astype(index[:, None] == district[None, :], xp.float64) @ last, (1, 0))


def _district_new_floor(trace: Trace) -> Array:
    return trace.xp.sum(trace.by_start(trace.form.new_floor - trace.form.demolished), axis=2)


def _has_district_cap(attribute: str) -> Callable[[ResolvedScenario], float | None]:
    def limit(resolved: ResolvedScenario) -> float | None:
        given = [getattr(cap, attribute) for cap in resolved.scenario.district_limits.values()]
        return 1.0 if any(value is not None for value in given) else None

    return limit


def _number(key: str) -> Callable[[ResolvedScenario], float | None]:
    return lambda resolved: resolved.book.number(key)


register_rule(
    "yearly_quota",
    "Villages started per year",
    "每年启动村数",
    "villages/yr",
    RuleMode.HARD,
    "Largest number of villages that start in one year.",
    _villages_in_busiest_year,
    lambda resolved: float(resolved.scenario.villages_per_year),
)
register_rule(
    "annual_capital",
    "Capital of a year",
    "年度投资上限",
    "CNY/yr",
    RuleMode.HARD,
    "Largest gross cost of one year.",
    lambda trace: trace.xp.max(trace.cost_flow, axis=1),
    lambda resolved: resolved.scenario.capital_limit_annual_cny,
)
register_rule(
    "peak_capital",
    "Peak funding",
    "资金峰值上限",
    "CNY",
    RuleMode.HARD,
    "Deepest cumulative deficit.",
    _peak,
    lambda resolved: resolved.scenario.capital_limit_peak_cny,
)
register_rule(
    "district_population",
    "District population caps",
    "各区人口上限",
    "x cap",
    RuleMode.HARD,
    "Residents of the district in the last state year / cap, largest.",
    _district_excess("population_persons"),
    _has_district_cap("population_persons"),
)
register_rule(
    "district_floor_area",
    "District new floor caps (net)",
    "各区净增建筑面积上限",
    "x cap",
    RuleMode.HARD,
    "New less demolished floor of the district / cap, largest.",
    _district_excess("new_floor_area_m2"),
    _has_district_cap("new_floor_area_m2"),
)
register_rule(
    "commodity_cap",
    "Commodity housing cap",
    "商品住房上限",
    "m2",
    RuleMode.HARD,
    "New commodity floor of the whole plan.",
    lambda trace: _sum(trace, trace.form.commodity),
    lambda resolved: resolved.scenario.commodity_housing_cap_m2,
)
register_rule(
    "consent",
    "Consent of every rebuilt village",
    "改造村同意率",
    "share",
    RuleMode.REPORTED,
    "Least consent among rebuilt villages, at the least multiplier within consent.cap.",
    _least_consent,
    _number("consent.threshold"),
    sense="at_least",
    offenders=lambda trace, limit: rebuilds(trace) & (trace.constants.base.consent < limit - TOLERANCE),
)
register_rule(
    "demolished_share",
    "Demolished share",
    "拆除比例",
    "share",
    RuleMode.REPORTED,
    "Demolished / existing floor of the renewed villages (Ministry's notice of 2021; whole-village rebuild breaks it).",
    lambda trace: _share(
        _sum(trace, trace.form.demolished), _sum(trace, trace.form.demolished + trace.form.retained), trace
    ),
    _number("rule.demolished_share_max"),
)
register_rule(
    "new_to_demolished",
    "New to demolished floor",
    "拆建比",
    "-",
    RuleMode.REPORTED,
    "New / demolished floor (notice of 2021).",
    lambda trace: _share(_sum(trace, trace.form.new_floor), _sum(trace, trace.form.demolished), trace),
    _number("rule.new_to_demolished_max"),
)
register_rule(
    "onsite_resettlement",
    "On-site resettlement",
    "就地安置比例",
    "share",
    RuleMode.REPORTED,
    "Registered residents who return / leave (notice of 2021).",
    _onsite,
    _number("rule.onsite_resettlement_min"),
    sense="at_least",
)
register_rule(
    "rent_growth",
    "Rent growth",
    "租金年涨幅",
    "1/yr",
    RuleMode.REPORTED,
    "Largest yearly growth of rents in a district (notice of 2021).",
    rent_growth_per_yr,
    _number("rule.rent_growth_max"),
)
register_rule(
    "rental_share",
    "Rental share of new housing",
    "租赁住房占比",
    "share",
    RuleMode.REPORTED,
    "Rental / (rental + commodity) floor.",
    _rental_share,
    _number("rule.rental_share_min"),
    sense="at_least",
)
register_rule(
    "minimum_facility_ratio",
    "Facility share of every renewed village",
    "设施配比下限",
    "share",
    RuleMode.REPORTED,
    "Facility floor / all floor, least.",
    _least_facility_share,
    _number("rule.facility_ratio_min"),
    sense="at_least",
    offenders=lambda trace, limit: _facility_share(trace) < limit - TOLERANCE,
)
register_rule(
    "displacement",
    "Tenants displaced",
    "外迁租户上限",
    "persons",
    RuleMode.REPORTED,
    "Tenants who leave less those who return; displaced_tenants_cap_persons, else the book's share.",
    _displaced,
    _most_displaced,
)
