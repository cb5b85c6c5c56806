"""What tenants of a village gain by a package: their change in well-being, of today's rents, commutes and services.

They stay, come back or go to a zone, as the kernel's moves say; zones are taken as they are today, whether full or not.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from data.arrays import FloatArray
from envs.kernel.hedonic import met_with_option
from envs.kernel.resolved_scenario import ResolvedScenario
from envs.kernel.trace import Trace
from envs.kernel.wellbeing import (
    commuting_gain_cny_per_yr,
    moving_gain_cny_per_yr,
    rent_gain_cny_per_yr,
    services_gain_cny_per_yr,
    values_of,
)
from envs.people.bargaining.parties import Site


@dataclass(frozen=True, eq=False)
class Today:
    """Places as they are; each of shape (n_villages,).

    Attributes:
        met: met share of services in the village.
        met_elsewhere: the same where its leavers would settle, on average.
        more_minutes: of their way to work there than from the village.
        room_rent_cny_per_m2_month: of village rooms.
        rent_elsewhere_cny_per_m2_month: of housing where they would settle.
    """

    met: FloatArray
    met_elsewhere: FloatArray
    more_minutes: FloatArray
    room_rent_cny_per_m2_month: FloatArray
    rent_elsewhere_cny_per_m2_month: FloatArray


def today_of(resolved: ResolvedScenario) -> Today:
    """Places of a resolved scenario as they are."""
    lives, n_zones = resolved.constants.lives, resolved.city.n_zones
    share = np.asarray(resolved.constants.settlement.leaver_share)
    return Today(
        met=lives.met[n_zones:],
        met_elsewhere=lives.met[:n_zones] @ share,
        more_minutes=lives.minutes[:n_zones] @ share - lives.minutes[n_zones:],
        room_rent_cny_per_m2_month=lives.room_rent_cny_per_m2_month,
        rent_elsewhere_cny_per_m2_month=lives.zone_rent_cny_per_m2_month @ share,
    )


def tenants_terms(trace: Trace, site: Site, today: Today) -> dict[str, FloatArray]:
    """Terms of the tenants' change in well-being, worth of all years; shape (n_packages, n_projects) each.

    Args:
        trace: of the packages.
        site: of the projects.
        today: places as they are.
    """
    moves, book = trace.moves, trace.resolved.book
    values, room_m2 = values_of(book), book.number("uv.floor_per_migrant")
    room_rent = today.room_rent_cny_per_m2_month
    wage = book.number("income.worker_tenant") * book.number("employment.tenant")
    back, gone = moves.tenants_back, moves.tenants_left - moves.tenants_back
    here = trace.renewed * trace.constants.base.tenants - gone
    met = met_with_option(
        trace.constants.services,
        trace.form.rebuilt_share,
        trace.form.facility_new + trace.form.facility_converted,
        trace.form.green_land,
    )
    yearly_cny = {
        "rent": back * rent_gain_cny_per_yr(room_rent, trace.constants.prices.market_rent_cny_per_m2_month, room_m2)
        + gone * rent_gain_cny_per_yr(room_rent, today.rent_elsewhere_cny_per_m2_month, room_m2),
        "moving": (gone + 2.0 * back) * moving_gain_cny_per_yr(np.ones(1), values),
        "commuting": gone * commuting_gain_cny_per_yr(today.more_minutes, np.asarray(wage), values),
        "services": gone * services_gain_cny_per_yr(today.met_elsewhere - today.met, values)
        + here * services_gain_cny_per_yr(met - today.met, values),
    }
    return {name: site.per_m2(amount, 1.0 / values.discount_rate_per_yr) for name, amount in yearly_cny.items()}
