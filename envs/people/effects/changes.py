"""What a plan changes for each household, in CNY a year per head: the terms of well-being, by the kernel's formulas."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from data.arrays import FloatArray, IntArray
from data.parameter_book import Book
from envs.kernel.consent import Voters
from envs.kernel.wellbeing import (
    Values,
    commuting_gain_cny_per_yr,
    moving_gain_cny_per_yr,
    offer_gain_cny_per_yr,
    rent_gain_cny_per_yr,
    services_gain_cny_per_yr,
)
from envs.people.categories import REGISTERED, RENTED
from envs.people.effects.families import Families
from envs.people.effects.fates import FATES, MOVES, RETURNS, STAYS, Fates
from envs.people.effects.places import PlacesUnderPlan

TERMS = ("offer", "rent", "moving", "commuting", "services")
MOVES_OF_FATE = np.array([{STAYS: 0.0, RETURNS: 2.0, MOVES: 1.0}[fate] for fate in range(len(FATES))])


@dataclass(frozen=True, eq=False)
class RentedFloor:
    """Floor of those who rent, per person [m2].

    Attributes:
        room: in a village.
        new_rental: in new rental housing of a village.
        zone: in a zone.
    """

    room: float
    new_rental: float
    zone: float


def rented_floor(book: Book) -> RentedFloor:
    """What the book says of it."""
    keys = ("uv.floor_per_migrant", "density.rental_m2", "settle.m2_per_person")
    return RentedFloor(*(book.number(key) for key in keys))


@dataclass(frozen=True, eq=False)
class Rents:
    """What every household pays, 0 of those who do not rent; each of shape (n_rows,).

    Attributes:
        before_cny_per_m2_month: in the base year.
        after_cny_per_m2_month: in the state year, where it lives then.
        floor_before_m2: per person.
        floor_after_m2: per person.
    """

    before_cny_per_m2_month: FloatArray
    after_cny_per_m2_month: FloatArray
    floor_before_m2: FloatArray
    floor_after_m2: FloatArray

    @property
    def before_cny_per_month(self) -> FloatArray:
        """Rent of the dwelling per person."""
        return self.before_cny_per_m2_month * self.floor_before_m2

    @property
    def after_cny_per_month(self) -> FloatArray:
        """Rent of the dwelling per person, of other floor where the household lives elsewhere."""
        return self.after_cny_per_m2_month * self.floor_after_m2


@dataclass(frozen=True, eq=False)
class Changes:
    """Of every row of Families, per head; each of shape (n_rows,) [CNY/yr]. A gain is above 0.

    Attributes:
        offer: what registered residents of the rebuilt part gain by the offer.
        rent: by another rent per m2, for the floor held before.
        moving: cost of moves, annualized.
        commuting: by another way to work.
        services: by another met share; in the offer of those who have one.
        offer_worth_cny: V(m) per head of those who have an offer, once [CNY].
        home_worth_cny: what they hold the home that they give up to be worth, once [CNY].
        rents: what everybody pays.
    """

    offer: FloatArray
    rent: FloatArray
    moving: FloatArray
    commuting: FloatArray
    services: FloatArray
    offer_worth_cny: FloatArray
    home_worth_cny: FloatArray
    rents: Rents

    @cached_property
    def total(self) -> FloatArray:
        """Change in well-being."""
        return self.offer + self.rent + self.moving + self.commuting + self.services


def changes_of(
    families: Families, fates: Fates, places: PlacesUnderPlan, *, values: Values, voters: Voters, floor: RentedFloor
) -> Changes:
    """What a plan changes for every household.

    Args:
        families: rows.
        fates: of the rows.
        places: the plan.
        values: what changes are worth.
        voters: groups of registered households, as `consent_group_idx` counts them.
        floor: of those who rent.
    """
    home, after = families.place_idx, fates.home_idx
    has_offer = (families.group_idx == REGISTERED) & (fates.fate_idx != STAYS)
    rents = _rents(families, fates, places, floor)
    more_met = np.where(has_offer, 0.0, places.met_after[after] - places.met_before[home])
    offer_worth_cny, home_worth_cny = _offers(families, np.flatnonzero(has_offer), places, voters)
    return Changes(
        offer=offer_gain_cny_per_yr(offer_worth_cny, home_worth_cny, values),
        rent=rent_gain_cny_per_yr(rents.before_cny_per_m2_month, rents.after_cny_per_m2_month, rents.floor_before_m2),
        moving=moving_gain_cny_per_yr(MOVES_OF_FATE[fates.fate_idx], values),
        commuting=commuting_gain_cny_per_yr(
            places.minutes_after[after] - places.minutes_before[home], families.hourly_stake_cny_per_month, values
        ),
        services=services_gain_cny_per_yr(more_met * families.service_value, values),
        offer_worth_cny=offer_worth_cny,
        home_worth_cny=home_worth_cny,
        rents=rents,
    )


def _offers(
    families: Families, rows: IntArray, places: PlacesUnderPlan, voters: Voters
) -> tuple[FloatArray, FloatArray]:
    """What the rows that have an offer are offered and give up per head; 0 of all others [CNY]."""
    worth_cny, home_cny = np.zeros((2, len(families)))
    village = families.place_idx[rows] - len(places.zone_rent_before)
    attachment = np.array(voters.attachments)[families.consent_group_idx[rows]]
    worth_cny[rows] = places.offer_cny[village]
    home_cny[rows] = places.reservation_cny[village] * attachment * np.exp(families.valuation[rows])
    return worth_cny, home_cny


def _rents(families: Families, fates: Fates, places: PlacesUnderPlan, floor: RentedFloor) -> Rents:
    """Rents of the rooms, of new rental housing and of zones."""
    n_zones = len(places.zone_rent_before)
    before = np.concatenate([places.zone_rent_before, places.room_rent_before])[families.place_idx]
    after = np.concatenate([places.zone_rent_after, places.room_rent_after])[fates.home_idx]
    floor_before = np.where(families.place_idx < n_zones, floor.zone, floor.room)
    floor_after = np.where(fates.home_idx < n_zones, floor.zone, floor.room)
    back = np.flatnonzero(fates.fate_idx == RETURNS)
    after[back], floor_after[back] = places.new_rent_after[fates.home_idx[back] - n_zones], floor.new_rental
    rents = families.tenure_idx == RENTED
    return Rents(*(np.where(rents, column, 0.0) for column in (before, after, floor_before, floor_after)))
