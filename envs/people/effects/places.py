"""What a plan makes of places: ways to work, services, rents, offers, and the chances of everybody's fate."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from data.arrays import FloatArray, IntArray
from envs.kernel.commute import GravityModel
from envs.kernel.people.destinations import mean_where_settled
from envs.kernel.people.fates import Fate
from envs.kernel.trace import Trace


@dataclass(frozen=True, eq=False)
class PlacesUnderPlan:
    """One plan in one state year, beside the base year.

    Attributes:
        year: the state year.
        minutes_before: mean minutes to work, shape (n_places,); as the three that follow.
        minutes_after: of the state year.
        met_before: category-weighted met share of services [0..1].
        met_after: of the state year.
        zone_rent_before: shape (n_zones,) [CNY/m2/month].
        zone_rent_after: same shape.
        room_rent_before: of village rooms, shape (n_villages,) [CNY/m2/month].
        room_rent_after: of the rooms that stand, same shape.
        new_rent_after: of new rental housing in the village, same shape.
        fate_shares: of the residents of each village by group of LEAVERS: who stays, who returned, who lives in a zone;
            shape (2, 3, n_villages); sums over fates are 1, or 0 where nobody is.
        zone_shares: where those who live in a zone do, by group of LEAVERS, shape (2, n_villages, n_zones).
        zone_km: travelled from each village to each zone, shape (n_villages, n_zones).
        away_from: year in which those who leave do, shape (n_villages,); 0 where nobody does.
        away_until: year in which those who return do, or the state year before it, same shape.
        offer_cny: V(m) per registered person, shape (n_villages,).
        reservation_cny: B per registered person, shape (n_villages,).
    """

    year: int
    minutes_before: FloatArray
    minutes_after: FloatArray
    met_before: FloatArray
    met_after: FloatArray
    zone_rent_before: FloatArray
    zone_rent_after: FloatArray
    room_rent_before: FloatArray
    room_rent_after: FloatArray
    new_rent_after: FloatArray
    fate_shares: FloatArray
    zone_shares: FloatArray
    zone_km: FloatArray
    away_from: IntArray
    away_until: IntArray
    offer_cny: FloatArray
    reservation_cny: FloatArray


def places_under_plan(trace: Trace) -> PlacesUnderPlan:
    """What a plan makes of places in the year in which its trace tells well-being.

    Args:
        trace: of one plan.
    """
    constants, n_zones = trace.constants, trace.resolved.city.n_zones
    before, rent_factor = constants.lives, np.asarray(trace.told_rent_factor)[:, 0]
    terms = trace.offer
    return PlacesUnderPlan(
        year=trace.told_year,
        minutes_before=before.minutes,
        minutes_after=np.asarray(trace.told_minutes)[:, 0],
        met_before=before.met,
        met_after=np.asarray(trace.told_met)[:, 0],
        zone_rent_before=before.zone_rent_cny_per_m2_month,
        zone_rent_after=before.zone_rent_cny_per_m2_month * rent_factor[:n_zones],
        room_rent_before=before.room_rent_cny_per_m2_month,
        room_rent_after=before.room_rent_cny_per_m2_month * rent_factor[n_zones:],
        new_rent_after=constants.prices.market_rent_cny_per_m2_month * rent_factor[n_zones:],
        fate_shares=np.stack([_fate_shares(fates) for fates in (trace.registered_fates, trace.tenant_fates)]),
        zone_shares=zone_shares(trace),
        zone_km=_zone_km(constants.gravity, n_zones),
        away_from=np.asarray(trace.plans.start_year)[0],
        away_until=np.minimum(np.asarray(trace.completion_year)[0], trace.told_year),
        offer_cny=terms.house_cny[0] + trace.consent_multiplier[0] * terms.cash_cny[0],
        reservation_cny=terms.reservation_cny[0],
    )


def _zone_km(gravity: GravityModel, n_zones: int) -> FloatArray:
    """Distances of the commuting model from the villages; 0 where nobody would commute, so far it is."""
    kernel, kernel_km = gravity.kernel[n_zones:], gravity.kernel_km[n_zones:]
    return np.divide(kernel_km, kernel, out=np.zeros_like(kernel), where=kernel > 0.0)


def _fate_shares(fates: Sequence[Fate]) -> FloatArray:
    """Shares of the residents of each village who share each fate, shape (n_fates, n_villages); 0 where nobody is."""
    persons = np.stack([fate.persons[:, 0] for fate in fates])
    whole = persons.sum(axis=0)
    return np.divide(persons, whole, out=np.zeros_like(persons), where=whole > 0.0)


def zone_shares(trace: Trace) -> FloatArray:
    """Where people away from their village live: means of what is 1 in one zone and 0 elsewhere.

    Returns:
        Shape (2, n_villages, n_zones), groups as LEAVERS; rows sum to 1.
    """
    each_zone = np.eye(trace.resolved.city.n_zones)[:, :, None]
    column = np.array([trace.told_position])
    found = mean_where_settled(each_zone, trace.constants.settlement.leaver_share, trace.away.overflow, column)
    return np.stack([shares[:, :, 0] for shares in found])
