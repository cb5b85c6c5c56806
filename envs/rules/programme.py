"""Rules about the programme: how many villages begin each year and in all, in which intensities, and least areas."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import partial

from data.scenario import INTENSITIES, RuleMode
from envs.kernel.computing.backend import Array
from envs.kernel.resolved_scenario import ResolvedScenario
from envs.kernel.trace import Trace
from envs.rules.rule import Rule, ratio, sum_over_villages


def villages_in_busiest_year(trace: Trace) -> Array:
    """Largest number of villages that start in one year; where years have their own quotas, the most beyond one."""
    return trace.xp.max(trace.xp.stack(_villages_by_year(trace)), axis=0)


def villages_by_year(trace: Trace) -> Array:
    """Villages that start in each year from 0, in which none can; where years have their own quotas, beyond those."""
    counts = _villages_by_year(trace)
    return trace.xp.stack([trace.xp.full_like(counts[0], float("nan")), *counts], axis=1)


def _villages_by_year(trace: Trace) -> list[Array]:
    """Of the years of the programme, shape (n_plans,) each."""
    scenario = trace.resolved.scenario
    return [
        _count(trace, trace.plans.start_year == year) - (quota if scenario.villages_per_year_by_year else 0)
        for year, quota in enumerate(scenario.yearly_quotas, start=1)
    ]


def renewal_ratio(trace: Trace) -> Array:
    """Renewed villages / the city's villages, by number."""
    return _count(trace, trace.plans.start_year > 0) / trace.plans.start_year.shape[1]


def share_above_most(trace: Trace) -> Array:
    """How far the share of an intensity among the renewed villages is above its range, the largest; 0 if none is."""
    return _worst(trace, [share - most for share, _, most in _bounded_shares(trace)])


def share_below_least(trace: Trace) -> Array:
    """How far the share of an intensity among the renewed villages is below its range, the largest; 0 if none is."""
    return _worst(trace, [least - share for share, least, _ in _bounded_shares(trace)])


def _bounded_shares(trace: Trace) -> Iterator[tuple[Array, float, float]]:
    """Share by number, least and largest one, of every intensity that has a range; NaN where nothing is renewed."""
    renewed = trace.plans.start_year > 0
    for intensity, bounds in trace.resolved.scenario.intensity_shares.items():
        of_it = _count(trace, renewed & (trace.plans.intensity == INTENSITIES.index(intensity)))
        yield ratio(of_it, _count(trace, renewed), trace), bounds.low, bounds.high


def _worst(trace: Trace, beyond: list[Array]) -> Array:
    nothing = trace.xp.zeros_like(trace.renewed[:, 0])
    return trace.xp.max(trace.xp.stack([nothing, *beyond]), axis=0)


def commodity_floor_m2(trace: Trace) -> Array:
    """New commodity floor of the whole plan [m2]."""
    return sum_over_villages(trace, trace.form.commodity)


def rental_floor_m2(trace: Trace) -> Array:
    """New rental floor of the whole plan [m2]."""
    return sum_over_villages(trace, trace.form.rental)


def _count(trace: Trace, chosen: Array) -> Array:
    """Villages of a plan that are chosen, shape (n_plans,)."""
    return sum_over_villages(trace, trace.xp.astype(chosen, trace.xp.float64))


# --- limits -------------------------------------------------------------------------------------------------------


def _yearly_quota(resolved: ResolvedScenario) -> float:
    """The common quota; 0 beyond the quota of each year where years have their own."""
    scenario = resolved.scenario
    return 0.0 if scenario.villages_per_year_by_year else float(scenario.villages_per_year)


def _renewal_ratio(resolved: ResolvedScenario, end: str) -> float | None:
    bounds = resolved.scenario.renewal_ratio
    return None if bounds is None else float(getattr(bounds, end))


def _any_share(resolved: ResolvedScenario) -> float | None:
    """Nothing beyond a range, where any intensity has one."""
    return 0.0 if resolved.scenario.intensity_shares else None


def _field(resolved: ResolvedScenario, name: str) -> float | None:
    value = getattr(resolved.scenario, name)
    return None if value is None else float(value)


def _programme_rule(
    name: str,
    unit: str,
    measured: Callable[[Trace], Array],
    limit: Callable[[ResolvedScenario], float | None],
    sense: str = "at_most",
    parts: Mapping[str, Callable[[Trace], Array]] | None = None,
) -> Rule:
    return Rule(
        name=name,
        unit=unit,
        measured=measured,
        limit=limit,
        sense=sense,
        default_mode=RuleMode.HARD,
        parts=parts or {},
    )


PROGRAMME_RULES: tuple[Rule, ...] = (
    _programme_rule(
        "yearly_quota", "villages/yr", villages_in_busiest_year, _yearly_quota, parts={"year": villages_by_year}
    ),
    _programme_rule(
        "renewal_ratio_least", "share", renewal_ratio, partial(_renewal_ratio, end="low"), sense="at_least"
    ),
    _programme_rule("renewal_ratio_most", "share", renewal_ratio, partial(_renewal_ratio, end="high")),
    _programme_rule("intensity_share_least", "share", share_below_least, _any_share),
    _programme_rule("intensity_share_most", "share", share_above_most, _any_share),
    _programme_rule("commodity_cap", "m2", commodity_floor_m2, partial(_field, name="commodity_housing_cap_m2")),
    _programme_rule(
        "least_commodity_area",
        "m2",
        commodity_floor_m2,
        partial(_field, name="least_commodity_area_m2"),
        sense="at_least",
    ),
    _programme_rule(
        "least_rental_area", "m2", rental_floor_m2, partial(_field, name="least_rental_area_m2"), sense="at_least"
    ),
)
