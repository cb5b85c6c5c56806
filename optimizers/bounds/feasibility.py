"""Whether the hard limits of a scenario leave any plan at all: told before it is searched, where it can be proven.

Every limit is held against the least that a plan of the options can come to (forced_villages.py); so what is found here
no plan can mend. What no such sum shows is left to the search (docs/guide.md, What cannot be met).
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from data.arrays import BoolArray
from data.catalogue import message
from data.errors import InputError, Refusal, refuse
from data.scenario import INTENSITIES, SHARE_TOLERANCE
from envs.choices.additive_limits import AdditiveLimit, additive_limits
from envs.kernel.resolved_scenario import ResolvedScenario
from envs.rules.rule import TOLERANCE
from optimizers.bounds.district_residents import too_many_residents
from optimizers.bounds.forced_villages import ForcedVillages, is_hard, only_refusal
from optimizers.bounds.hard_targets import targets_out_of_reach
from optimizers.bounds.least_costs import capital_short
from optimizers.bounds.peak_deficit import deficit_beyond
from optimizers.bounds.rent_rise import rents_rise_beyond

INEXACT = ("district_population",)
"""Limits whose sums are estimates, so that they prove nothing; district_residents.py has a bound of its own."""


def refuse_short_of_means(resolved: ResolvedScenario) -> None:
    """Refuse a scenario whose hard limits no plan can keep, with all that is short.

    Raises:
        InputError: a refusal for each limit, with numbers and what would mend it.
    """
    if wrong := shortfalls(resolved):
        raise InputError(*wrong)


def shortfalls(resolved: ResolvedScenario) -> tuple[Refusal, ...]:
    """What no plan can keep; empty where that is not proven.

    Args:
        resolved: scenario resolved against a city.
    """
    if not resolved.scenario.asks_for_something:
        return ()
    forced = ForcedVillages(resolved)
    found = [*_without_option(forced), *_too_few_able(forced)]
    if found:  # what cannot begin at all has no cost
        return tuple(found)
    limit = resolved.scenario.capital_limit_annual_cny
    if limit is not None and is_hard(resolved, "annual_capital"):
        found += capital_short(forced, limit, "scenario capital_limit_annual_cny")
    peak = resolved.scenario.capital_limit_peak_cny
    if peak is not None and is_hard(resolved, "peak_capital"):
        found += deficit_beyond(forced, peak, "scenario capital_limit_peak_cny")
    return (
        *_intensities(forced),
        *found,
        *_sums(forced),
        *rents_rise_beyond(forced),
        *too_many_residents(forced),
        *targets_out_of_reach(forced),
    )


def _without_option(forced: ForcedVillages) -> Iterator[Refusal]:
    """Villages that must begin, and that neither intensity, use, density nor rule lets begin."""
    lost = forced.resolved.city.villages.village_id[forced.must & ~forced.able]
    if lost.size:
        yield only_refusal(
            refuse("forced_without_option", layer="scenario locked", rows=lost.tolist(), n=int(lost.size))
        )


def _too_few_able(forced: ForcedVillages) -> Iterator[Refusal]:
    able = int(forced.able.sum())
    if forced.n_must > able:
        ratio = forced.resolved.scenario.renewal_ratio
        low = 0.0 if ratio is None else ratio.low
        yield only_refusal(
            refuse("ratio_beyond_able", layer="scenario renewal_ratio.low", low=low, n=forced.n_must, able=able)
        )


def _intensities(forced: ForcedVillages) -> Iterator[Refusal]:
    """Ranges of intensities among the renewed villages, by number, that the villages which must begin rule out."""
    scenario, table = forced.resolved.scenario, forced.table
    places = scenario.places if is_hard(forced.resolved, "yearly_quota") else forced.able.size
    for intensity, share in scenario.intensity_shares.items():
        of_it = np.asarray(table.plans.intensity == INTENSITIES.index(intensity)).T & table.mask
        can, need_not = of_it.any(axis=1) & forced.able, (table.mask & ~of_it).any(axis=1) & forced.able
        never, always = int((forced.must & ~can).sum()), int((forced.must & ~need_not).sum())
        n, others = max(1, forced.n_must), int(need_not.sum())
        most = min(int(can.sum()), places - never)
        highest = min(most / max(1, most + never), int(can.sum()) / n)
        lowest = always / max(1, always + min(others, places - always))
        layer = f"scenario intensity_shares.{intensity}"
        if is_hard(forced.resolved, "intensity_share_least") and highest < share.low - SHARE_TOLERANCE:
            yield only_refusal(refuse("share_out_of_reach", layer=layer, low=share.low, most=highest, n=int(can.sum())))
        if is_hard(forced.resolved, "intensity_share_most") and lowest > share.high + SHARE_TOLERANCE:
            yield only_refusal(refuse("share_forced_beyond", layer=layer, high=share.high, least=lowest, n=always))


def _sums(forced: ForcedVillages) -> Iterator[Refusal]:
    """Hard limits that add up over villages and that those which must begin exceed, the others helping as they can."""
    resolved, trace = forced.resolved, forced.trace
    able_idle = forced.able & ~forced.must
    for limit in additive_limits(resolved):
        hard = is_hard(resolved, limit.rule)
        if not hard or limit.builds_up or limit.rule in INEXACT or limit.rule.startswith(("intensity", "renewal")):
            continue
        least = forced.least(np.asarray(limit.need(trace)).T)
        inside = _counting(forced, limit)
        helped = np.minimum(least[able_idle & inside], 0.0).sum()
        needs = forced.cheapest(np.where(inside, least, 0.0))
        total, slack = float(needs.sum() + helped), TOLERANCE * max(1.0, abs(limit.most))
        if total > limit.most + slack and forced.must.any():
            yield _beyond(forced, limit, total)


def _counting(forced: ForcedVillages, limit: AdditiveLimit) -> BoolArray:
    if not limit.local:
        return np.ones_like(forced.able)
    return np.asarray(forced.table.district_idx == limit.district, dtype=bool)


def _beyond(forced: ForcedVillages, limit: AdditiveLimit, total: float) -> Refusal:
    rule, n = message(f"rule_{limit.rule}"), forced.n_must
    if limit.whole is not None or limit.most == 0.0:
        return only_refusal(refuse("forced_break_share", layer=f"scenario rules.{limit.rule}", rule=rule, n=n))
    layer = f"scenario rules.{limit.rule}"
    if limit.district is None:
        return only_refusal(refuse("forced_beyond", layer=layer, rule=rule, n=n, need=total, limit=limit.most))
    district = str(forced.resolved.city.districts[limit.district])
    return only_refusal(
        refuse(
            "forced_beyond_in_district", layer=layer, rule=rule, district=district, n=n, need=total, limit=limit.most
        )
    )
