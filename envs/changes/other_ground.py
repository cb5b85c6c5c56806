"""The ground as it might be given: one village at another price or density limit, one year with more places."""

from __future__ import annotations

from dataclasses import replace

from envs.kernel.resolved_scenario import ResolvedScenario
from envs.kernel.resolving.price_and_consent import entitlements_of


def with_village(
    resolved: ResolvedScenario, village: int, *, price_factor: float = 1.0, far_limit: float | None = None
) -> ResolvedScenario:
    """The scenario against a city in which one village has another sale price or density limit.

    What resolving computes of the rest of the city stays as it is, for it does not depend on either; a test compares it
    with resolving anew.

    Args:
        resolved: scenario resolved against a city.
        village: position.
        price_factor: on the sale price of the village [x].
        far_limit: its largest floor-area ratio [-]; None = as it is.
    """
    villages = resolved.city.villages
    price, limit = villages.sale_price_cny_per_m2.copy(), villages.far_limit.copy()
    price[village] *= price_factor
    if far_limit is not None:
        limit[village] = far_limit
    city = replace(resolved.city, villages=replace(villages, sale_price_cny_per_m2=price, far_limit=limit))
    constants = resolved.constants
    prices = replace(constants.prices, sale_price_cny_per_m2=city.villages.sale_price_cny_per_m2)
    claims = entitlements_of(city, resolved.book)
    return replace(resolved, city=city, constants=replace(constants, prices=prices, claims=claims))


def with_places(resolved: ResolvedScenario, year: int, more: int) -> ResolvedScenario:
    """The scenario with places for more villages in one year.

    Args:
        resolved: scenario resolved against a city.
        year: of the programme, 1 first.
        more: places beyond the quota of that year.
    """
    scenario = resolved.scenario
    quotas = dict(scenario.villages_per_year_by_year) | {year: scenario.yearly_quotas[year - 1] + more}
    return replace(resolved, scenario=scenario.model_copy(update={"villages_per_year_by_year": quotas}))
