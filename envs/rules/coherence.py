"""Bounds of a scenario that no plan can meet, refused by field before anything is searched."""

from __future__ import annotations

import math
from collections import Counter

import numpy as np

from data.errors import refuse
from data.parameter_book import Book, load_book
from data.scenario import LAND_USES, SHARE_TOLERANCE, RuleMode, Scenario
from envs.kernel.resolved_scenario import ResolvedScenario
from envs.kernel.resolving.floors_and_people import land_use_shares
from envs.rules.check import rule_mode


def refuse_contradictions(scenario: Scenario) -> None:
    """Refuse what no city can meet: an overfull quota, and least areas that no allowed land use gives.

    Raises:
        InputError: names the field.
    """
    _refuse_overfull_quota(scenario)
    _refuse_areas_without_use(scenario, load_book().override(scenario.parameters))


def refuse_unreachable_bounds(resolved: ResolvedScenario) -> None:
    """Refuse a hard renewal ratio or least area that this city cannot reach.

    Raises:
        InputError: names the field.
    """
    _refuse_ratios_out_of_reach(resolved)
    for name in ("least_commodity_area", "least_rental_area"):
        least_m2 = getattr(resolved.scenario, f"{name}_m2")
        if least_m2 is None or not _is_hard(resolved.scenario, name):
            continue
        most_m2 = _most_floor_m2(resolved, rental=name == "least_rental_area")
        if least_m2 > most_m2:
            raise refuse(
                "least_area_out_of_reach",
                layer=f"scenario {name}_m2",
                least=round(least_m2 / 1e4, 4),
                most=round(most_m2 / 1e4, 4),
            )


def _most_floor_m2(resolved: ResolvedScenario, *, rental: bool) -> float:
    """No plan builds more of such housing: the largest sites at their densest, as far as the quotas go [m2]."""
    scenario, book, villages = resolved.scenario, resolved.book, resolved.city.villages
    uses = LAND_USES if scenario.fixed else scenario.land_uses  # what is fixed may lie outside the scenario's ranges
    shares = np.array([land_use_shares(book, use) for use in uses]).reshape(-1, 3)
    sold, let = shares[:, 0].max(initial=0.0), shares[:, 1].max(initial=0.0)
    either = (shares[:, 0] + shares[:, 1]).max(initial=0.0)
    share = np.where(villages.rental_only, either if rental else 0.0, let if rental else sold)
    ratio = np.minimum(villages.far_limit, scenario.floor_area_ratio.high)
    ratio = np.maximum(ratio, max((village.floor_area_ratio for village in scenario.fixed.values()), default=0.0))
    net_site_m2 = villages.site_area_m2 * book.number("built.buildable_share")
    floor_m2 = np.sort(share * ratio * net_site_m2 * villages.rebuild_allowed)[::-1]
    places = scenario.places if _is_hard(scenario, "yearly_quota") else floor_m2.size
    return float(floor_m2[:places].sum())


def _refuse_ratios_out_of_reach(resolved: ResolvedScenario) -> None:
    """A renewal ratio that quotas, forbidden or locked villages keep out of reach."""
    scenario, ids = resolved.scenario, resolved.city.villages.village_id.tolist()
    bounds = scenario.renewal_ratio
    if bounds is None:
        return
    least = math.ceil(bounds.low * len(ids) - SHARE_TOLERANCE)
    most = math.floor(bounds.high * len(ids) + SHARE_TOLERANCE)
    given = {name: village.start_year > 0 for name, village in scenario.fixed.items()}
    able = len(ids) - len(set(scenario.forbidden) | {name for name, renewed in given.items() if not renewed})
    if _is_hard(scenario, "yearly_quota"):
        able = min(able, scenario.places)
    if _is_hard(scenario, "renewal_ratio_least") and least > able:
        raise refuse("renewal_ratio_too_high", layer="scenario renewal_ratio.low", low=bounds.low, n=least, able=able)
    must = len(set(scenario.locked) | {name for name, renewed in given.items() if renewed})
    if _is_hard(scenario, "renewal_ratio_most") and must > most:
        raise refuse("renewal_ratio_too_low", layer="scenario renewal_ratio.high", high=bounds.high, n=most, must=must)


def _is_hard(scenario: Scenario, rule: str) -> bool:
    return rule_mode(scenario, rule) is RuleMode.HARD


def _refuse_overfull_quota(scenario: Scenario) -> None:
    """Refuse more villages that must be renewed than a hard yearly quota lets start."""
    if not _is_hard(scenario, "yearly_quota"):
        return
    quotas = scenario.yearly_quotas
    begun = Counter(village.start_year for village in scenario.fixed.values() if village.start_year)
    layer = "scenario villages_per_year"
    for year, n in sorted(begun.items()):
        if n > quotas[year - 1]:
            raise refuse("quota_overfull_in_year", layer=layer, n=n, year=year, quota=quotas[year - 1])
    n = len({name for name, village in scenario.fixed.items() if village.start_year} | set(scenario.locked))
    if n > scenario.places:
        raise refuse("quota_overfull", layer=layer, n=n, places=scenario.places, years=len(quotas))


def _refuse_areas_without_use(scenario: Scenario, book: Book) -> None:
    """Refuse a hard least area where no allowed land use gives such floor; homes on rental-only land are for rent."""
    shares = [land_use_shares(book, use) for use in LAND_USES if use in scenario.land_uses]
    sold, let = any(share[0] > 0.0 for share in shares), any(share[0] + share[1] > 0.0 for share in shares)
    for name, given in (("least_commodity_area", sold), ("least_rental_area", let)):
        if getattr(scenario, f"{name}_m2") is not None and not given and _is_hard(scenario, name):
            raise refuse("least_area_without_use", layer=f"scenario {name}_m2", uses=scenario.land_uses)
