"""Rules: what a finished plan must respect. This module decides validity and shares no code with masks or repair."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from data.errors import refusal
from data.scenario import INTENSITIES, LAND_USES, REBUILT_SHARE, LandUse, RuleMode, Scenario
from envs.kernel.backend import Array
from envs.kernel.evaluate import measure_plans
from envs.kernel.indicators import rent_growth_per_yr
from envs.kernel.plans import Plans
from envs.kernel.resolved import ResolvedScenario
from envs.kernel.trace import REPORT, Precision, Trace

FloatArray = NDArray[np.float64]
TOLERANCE = 1e-6
"""Relative slack of every comparison: search works in float32."""


@dataclass(frozen=True)
class Rule:
    """One rule.

    Attributes:
        name: public name, also the key in a scenario's `rules`.
        label: en, zh.
        unit: of measured and limit.
        default_mode: what a scenario does that does not name the rule.
        recipe: what is compared, and its source.
        sense: "at_most" or "at_least".
        measured: trace -> shape (n_plans,); NaN where the rule does not apply to a plan.
        limit: resolved scenario -> limit, or None where the scenario sets none.
        offenders: trace, limit -> shape (n_plans, n_villages), True for villages that break it; None = city-wide.
        built_in: cannot be switched off: the model has no meaning beyond it.
    """

    name: str
    label: dict[str, str]
    unit: str
    default_mode: RuleMode
    recipe: str
    sense: str
    measured: Callable[[Trace], Array]
    limit: Callable[[ResolvedScenario], float | None]
    offenders: Callable[[Trace, float], Array] | None = None
    built_in: bool = False


@dataclass(frozen=True)
class Finding:
    """What a rule says of one plan.

    Attributes:
        rule: name.
        label: en, zh.
        mode: mode in the scenario.
        holds: True if the plan respects it or it does not apply.
        measured: value, None where it does not apply.
        limit: limit, None where none is set.
        unit: of both.
        villages: ids of the villages that break it.
        message: one line, English.
    """

    rule: str
    label: dict[str, str]
    mode: RuleMode
    holds: bool
    measured: float | None
    limit: float | None
    unit: str
    villages: tuple[str, ...]
    message: str


RULES: dict[str, Rule] = {}


def _add(
    name: str,
    en: str,
    zh: str,
    unit: str,
    mode: RuleMode,
    recipe: str,
    measured: Callable[[Trace], Array],
    limit: Callable[[ResolvedScenario], float | None],
    *,
    sense: str = "at_most",
    offenders: Callable[[Trace, float], Array] | None = None,
) -> None:
    RULES[name] = Rule(name, {"en": en, "zh": zh}, unit, mode, recipe, sense, measured, limit, offenders)


def _built_in(name: str, en: str, zh: str, recipe: str, broken: Callable[[Trace], Array]) -> None:
    """A rule about single villages that always holds; `broken` gives shape (n_plans, n_villages)."""

    def count(trace: Trace) -> Array:
        return trace.xp.sum(trace.xp.astype(broken(trace), trace.xp.float64), axis=1)

    RULES[name] = Rule(
        name,
        {"en": en, "zh": zh},
        "villages",
        RuleMode.HARD,
        recipe,
        "at_most",
        count,
        lambda _resolved: 0.0,
        lambda trace, _limit: broken(trace),
        built_in=True,
    )


# --- bounds of the single village -------------------------------------------------------------------------------------


def _village(trace: Trace, values: NDArray[np.generic] | Sequence[bool]) -> Array:
    return trace.xp.asarray(np.asarray(values))


def _rebuilds(trace: Trace) -> Array:
    return trace.form.rebuilt_share > 0.0


def _outside(trace: Trace, values: Array, low: float | Array, high: float | Array, where: Array) -> Array:
    del trace
    return where & ((values < low - TOLERANCE) | (values > high + TOLERANCE))


def _bad_start(trace: Trace) -> Array:
    return _outside_programme(trace.resolved, trace.plans)


def _outside_programme(resolved: ResolvedScenario, plans: Plans) -> Array:
    return (plans.start_year < 0) | (plans.start_year > resolved.scenario.plan_years)


def _not_among(trace: Trace, chosen: Array, allowed: Sequence[str], known: Sequence[str], where: Array) -> Array:
    ok = trace.xp.zeros_like(where)
    for name in allowed:
        ok = ok | (chosen == list(known).index(name))
    return where & ~ok


def _bad_intensity(trace: Trace) -> Array:
    allowed = trace.resolved.scenario.intensities
    return _not_among(trace, trace.plans.intensity, allowed, INTENSITIES, trace.plans.start_year > 0)


def _bad_land_use(trace: Trace) -> Array:
    return _not_among(trace, trace.plans.land_use, trace.resolved.scenario.land_uses, LAND_USES, _rebuilds(trace))


def _bad_rental_only(trace: Trace) -> Array:
    for_sale = trace.plans.land_use == LAND_USES.index(LandUse.COMMODITY_HOUSING)
    return _rebuilds(trace) & for_sale & _village(trace, trace.resolved.city.villages.rental_only)


def _bad_far(trace: Trace) -> Array:
    scenario = trace.resolved.scenario
    limit = _village(trace, trace.resolved.city.villages.far_limit)
    low = trace.xp.clip(scenario.floor_area_ratio_share.low * limit, scenario.floor_area_ratio.low, None)
    high = trace.xp.clip(scenario.floor_area_ratio_share.high * limit, None, scenario.floor_area_ratio.high)
    return _outside(trace, trace.plans.floor_area_ratio, low, high, _rebuilds(trace))


def _bad_density(trace: Trace) -> Array:
    villages = trace.resolved.city.villages
    net_site = villages.site_area_m2 * trace.resolved.book.number("built.buildable_share")
    most = _village(trace, villages.far_limit * net_site)
    return _rebuilds(trace) & (trace.form.new_floor + trace.form.retained > most * (1.0 + TOLERANCE))


def _bad_facility(trace: Trace) -> Array:
    allowed = trace.resolved.scenario.facility_ratio
    return _outside(trace, trace.plans.facility_ratio, allowed.low, allowed.high, trace.plans.start_year > 0)


def _differs_from_fixed(trace: Trace) -> Array:
    differs = trace.xp.zeros_like(trace.plans.start_year > 0)
    ids = trace.resolved.city.villages.village_id
    for name, given in trace.resolved.scenario.fixed.items():
        here = _village(trace, ids == name)
        rho = REBUILT_SHARE[INTENSITIES.index(given.intensity)]
        same = trace.plans.start_year == given.start_year
        if given.start_year:
            same = same & (trace.plans.intensity == INTENSITIES.index(given.intensity))
            same = same & (abs(trace.plans.facility_ratio - given.facility_ratio) <= TOLERANCE)
        if given.start_year and rho > 0.0:
            same = same & (trace.plans.land_use == LAND_USES.index(given.land_use))
            same = same & (abs(trace.plans.floor_area_ratio - given.floor_area_ratio) <= TOLERANCE)
        differs = differs | (here & ~same)
    return differs


def _listed(trace: Trace, names: Sequence[str]) -> Array:
    return _village(trace, np.isin(trace.resolved.city.villages.village_id, list(names)))


_built_in("start_year", "Start year within the programme", "启动年份在规划期内", "0..plan_years", _bad_start)
_built_in("intensity", "Intensity allowed", "改造方式允许", "scenario intensities", _bad_intensity)
_built_in("land_use", "Land use allowed", "用途允许", "scenario land_uses", _bad_land_use)
_built_in(
    "rebuild_allowed",
    "No rebuilding under protection",
    "受保护村不得拆建",
    "heritage protection of the village",
    lambda trace: _rebuilds(trace) & ~_village(trace, trace.resolved.city.villages.rebuild_allowed),
)
_built_in(
    "rental_only",
    "No commodity housing on rental-only land",
    "租赁用地不得建商品房",
    "tenure of the village",
    _bad_rental_only,
)
_built_in("floor_area_ratio", "Floor-area ratio within its range", "容积率在允许范围", "scenario range", _bad_far)
_built_in(
    "far_limit",
    "New and retained floor within the limit",
    "总建筑面积不超容积率上限",
    "G + retained <= far_limit x net site",
    _bad_density,
)
_built_in("facility_ratio", "Facility ratio within its range", "设施配比在允许范围", "scenario range", _bad_facility)
_built_in(
    "new_floor_suffices",
    "New floor holds what it owes",
    "新建面积满足安置与设施",
    "G - facilities - resettlement - industrial >= 0",
    lambda trace: trace.form.shortfall > TOLERANCE * (1.0 + trace.form.new_floor),
)
_built_in("fixed_villages", "Fixed decisions kept", "既定决策不变", "scenario fixed", _differs_from_fixed)
_built_in(
    "forbidden_villages",
    "Forbidden villages kept",
    "禁止改造村保持现状",
    "scenario forbidden",
    lambda trace: (trace.plans.start_year > 0) & _listed(trace, trace.resolved.scenario.forbidden),
)
_built_in(
    "locked_villages",
    "Locked villages renewed",
    "锁定村纳入改造",
    "scenario locked",
    lambda trace: (trace.plans.start_year == 0) & _listed(trace, trace.resolved.scenario.locked),
)

# --- city-wide rules --------------------------------------------------------------------------------------------------


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
    least = trace.xp.min(trace.xp.where(_rebuilds(trace), consent, inf), axis=1)
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


_add(
    "yearly_quota",
    "Villages started per year",
    "每年启动村数",
    "villages/yr",
    RuleMode.HARD,
    "Largest number of villages that start in one year.",
    _villages_in_busiest_year,
    lambda resolved: float(resolved.scenario.villages_per_year),
)
_add(
    "annual_capital",
    "Capital of a year",
    "年度投资上限",
    "CNY/yr",
    RuleMode.HARD,
    "Largest gross cost of one year.",
    lambda trace: trace.xp.max(trace.cost_flow, axis=1),
    lambda resolved: resolved.scenario.capital_limit_annual_cny,
)
_add(
    "peak_capital",
    "Peak funding",
    "资金峰值上限",
    "CNY",
    RuleMode.HARD,
    "Deepest cumulative deficit.",
    _peak,
    lambda resolved: resolved.scenario.capital_limit_peak_cny,
)
_add(
    "district_population",
    "District population caps",
    "各区人口上限",
    "x cap",
    RuleMode.HARD,
    "Residents of the district in the last state year / cap, largest.",
    _district_excess("population_persons"),
    _has_district_cap("population_persons"),
)
_add(
    "district_floor_area",
    "District new floor caps (net)",
    "各区净增建筑面积上限",
    "x cap",
    RuleMode.HARD,
    "New less demolished floor of the district / cap, largest.",
    _district_excess("new_floor_area_m2"),
    _has_district_cap("new_floor_area_m2"),
)
_add(
    "commodity_cap",
    "Commodity housing cap",
    "商品房总量上限",
    "m2",
    RuleMode.HARD,
    "New commodity floor of the whole plan.",
    lambda trace: _sum(trace, trace.form.commodity),
    lambda resolved: resolved.scenario.commodity_housing_cap_m2,
)
_add(
    "consent",
    "Consent of every rebuilt village",
    "改造村同意率",
    "share",
    RuleMode.REPORTED,
    "Least consent among rebuilt villages, at the least multiplier within consent.cap.",
    _least_consent,
    _number("consent.threshold"),
    sense="at_least",
    offenders=lambda trace, limit: _rebuilds(trace) & (trace.constants.base.consent < limit - TOLERANCE),
)
_add(
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
_add(
    "new_to_demolished",
    "New to demolished floor",
    "拆建比",
    "-",
    RuleMode.REPORTED,
    "New / demolished floor (notice of 2021).",
    lambda trace: _share(_sum(trace, trace.form.new_floor), _sum(trace, trace.form.demolished), trace),
    _number("rule.new_to_demolished_max"),
)
_add(
    "onsite_resettlement",
    "On-site resettlement",
    "就地安置率",
    "share",
    RuleMode.REPORTED,
    "Registered residents who return / leave (notice of 2021).",
    _onsite,
    _number("rule.onsite_resettlement_min"),
    sense="at_least",
)
_add(
    "rent_growth",
    "Rent growth",
    "租金年涨幅",
    "1/yr",
    RuleMode.REPORTED,
    "Largest yearly growth of rents in a district (notice of 2021).",
    rent_growth_per_yr,
    _number("rule.rent_growth_max"),
)
_add(
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
_add(
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
_add(
    "displacement",
    "Tenants displaced",
    "外迁租户上限",
    "persons",
    RuleMode.REPORTED,
    "Tenants who leave less those who return; displaced_tenants_cap_persons, else the book's share.",
    _displaced,
    _most_displaced,
)


# --- deciding ---------------------------------------------------------------------------------------------------------


def rule_mode(scenario: Scenario, name: str) -> RuleMode:
    """Mode of a rule in a scenario; built-in rules are always hard."""
    rule = RULES[name]
    return RuleMode.HARD if rule.built_in else scenario.rules.get(name, rule.default_mode)


def refuse_unknown_rules(scenario: Scenario) -> None:
    """Refuse a misspelt rule, or a built-in one that a scenario tries to switch."""
    for name in scenario.rules:
        if name not in RULES:
            near = difflib.get_close_matches(name, RULES, n=1)
            hint = f"; did you mean {near[0]}?" if near else ""
            raise refusal(f"unknown rule {name!r}{hint}", layer="scenario rules")
        if RULES[name].built_in and scenario.rules[name] is not RuleMode.HARD:
            raise refusal(f"rule {name!r} is built in and always hard", layer="scenario rules")


def active_rules(resolved: ResolvedScenario, modes: Sequence[RuleMode]) -> list[Rule]:
    """Rules whose mode is among `modes` and whose limit is set."""
    refuse_unknown_rules(resolved.scenario)
    return [
        rule
        for rule in RULES.values()
        if rule_mode(resolved.scenario, rule.name) in modes and rule.limit(resolved) is not None
    ]


def relative_excess(rule: Rule, measured: Array, limit: float) -> Array:
    """How far a plan is beyond a limit, relative to it; 0 where it holds or does not apply."""
    excess = (measured - limit) if rule.sense == "at_most" else (limit - measured)
    scaled = np.asarray(excess) / max(abs(limit), 1.0 if limit == 0.0 else 1e-12)
    return np.where(np.isnan(scaled) | (scaled <= TOLERANCE), 0.0, scaled)


def violations(
    resolved: ResolvedScenario,
    plans: Plans,
    *,
    modes: Sequence[RuleMode] = (RuleMode.HARD,),
    precision: Precision = REPORT,
    threads: int = 1,
) -> tuple[tuple[str, ...], FloatArray]:
    """Relative excess of every plan over every active rule.

    Args:
        resolved: scenario resolved against a city.
        plans: batch.
        modes: which rules.
        precision: see envs.kernel.evaluate.
        threads: worker threads.

    Returns:
        Rule names and shape (n_plans, n_rules); 0 = the rule holds.
    """
    rules = active_rules(resolved, modes)
    inside = _inside_programme(resolved, plans)
    measured = measure_plans(resolved, inside, [r.measured for r in rules], precision=precision, threads=threads)
    for k, rule in enumerate(rules):
        if rule.name == "start_year":
            measured[k] = _outside_programme(resolved, plans).sum(axis=1)
    return tuple(r.name for r in rules), excess_matrix(resolved, rules, measured, plans.n_plans)


def _inside_programme(resolved: ResolvedScenario, plans: Plans) -> Plans:
    """Start years clipped to the programme: only the rule `start_year` speaks of others, the model knows none."""
    if not bool(_outside_programme(resolved, plans).any()):
        return plans
    return replace(plans, start_year=plans.start_year.clip(0, resolved.scenario.plan_years))


def excess_matrix(
    resolved: ResolvedScenario, rules: Sequence[Rule], measured: Sequence[Array], n_plans: int
) -> FloatArray:
    """Relative excess from measured values, shape (n_plans, n_rules)."""
    columns = [relative_excess(r, m, float(r.limit(resolved) or 0.0)) for r, m in zip(rules, measured, strict=True)]
    return np.stack(columns, axis=1) if columns else np.zeros((n_plans, 0))


def valid(resolved: ResolvedScenario, plans: Plans, *, threads: int = 1) -> NDArray[np.bool_]:
    """True for plans that respect every hard rule, shape (n_plans,)."""
    excess = violations(resolved, plans, threads=threads)[1]
    return np.asarray((excess == 0.0).all(axis=1))


def check(resolved: ResolvedScenario, plan: Plans) -> list[Finding]:
    """Rule by rule, what holds and what does not, of one plan (a batch of one).

    Args:
        resolved: scenario resolved against a city.
        plan: batch of one plan, not necessarily canonical.

    Returns:
        One finding per rule that is not off, in the order of RULES.
    """
    refuse_unknown_rules(resolved.scenario)
    rules = [r for r in RULES.values() if rule_mode(resolved.scenario, r.name) is not RuleMode.OFF]
    measures: list[Callable[[Trace], Array]] = [r.measured for r in rules]
    limits = [r.limit(resolved) for r in rules]
    measures += [_offending(rule, limit) for rule, limit in zip(rules, limits, strict=True)]
    results = measure_plans(resolved, _inside_programme(resolved, plan), measures, precision=REPORT)
    for k, rule in enumerate(rules):
        if rule.name == "start_year":
            outside = _outside_programme(resolved, plan)
            results[k], results[len(rules) + k] = outside.sum(axis=1), outside
    ids = resolved.city.villages.village_id
    findings = []
    for k, (rule, limit) in enumerate(zip(rules, limits, strict=True)):
        value = float(results[k][0])
        holds = limit is None or not float(relative_excess(rule, results[k], limit)[0]) > 0.0
        villages = () if holds else tuple(ids[np.asarray(results[len(rules) + k][0]) > 0.5].tolist())
        findings.append(_finding(resolved, rule, value=value, limit=limit, holds=holds, villages=villages))
    return findings


def _offending(rule: Rule, limit: float | None) -> Callable[[Trace], Array]:
    def offending(trace: Trace) -> Array:
        if rule.offenders is None or limit is None:
            return trace.xp.zeros_like(trace.renewed)
        return rule.offenders(trace, limit)

    return offending


def _finding(
    resolved: ResolvedScenario, rule: Rule, *, value: float, limit: float | None, holds: bool, villages: tuple[str, ...]
) -> Finding:
    measured = None if np.isnan(value) else value
    if limit is None:
        message = "no limit is set"
    elif measured is None:
        message = "does not apply to this plan"
    else:
        word = "at most" if rule.sense == "at_most" else "at least"
        message = f"{measured:,.6g} {rule.unit}, {word} {limit:,.6g}"
    mode = rule_mode(resolved.scenario, rule.name)
    return Finding(rule.name, rule.label, mode, holds, measured, limit, rule.unit, villages, message)
