"""Floors and people of the base year, and where people would settle."""

from __future__ import annotations

import numpy as np

from data.catalogue import message
from data.city import City
from data.errors import refuse
from data.parameter_book import Book
from data.scenario import LAND_USES, REBUILT_SHARE
from data.travel import Travel
from envs.kernel.people.residents import Settlement
from envs.kernel.resolved_scenario import Base


def base_year(city: City, book: Book) -> Base:
    """The base year and the fixed attributes of places."""
    zones, villages = city.zones, city.villages
    residents = np.concatenate([zones.residents, villages.registered_residents + villages.tenants])
    workers = np.concatenate(
        [
            zones.residents * book.number("employment.other"),
            villages.registered_residents * book.number("employment.registered")
            + villages.tenants * book.number("employment.tenant"),
        ]
    )
    jobs = zones.jobs + np.bincount(villages.zone_idx, weights=villages.jobs, minlength=city.n_zones)
    shares = [land_use_shares(book, use) for use in LAND_USES]
    return Base(
        residents=residents,
        workers=workers,
        jobs=jobs,
        registered=villages.registered_residents,
        tenants=villages.tenants,
        village_jobs=villages.jobs,
        site_area_m2=villages.site_area_m2,
        existing_floor_m2=villages.gross_floor_area_m2,
        rebuilt_share=np.array(REBUILT_SHARE),
        land_use_shares=np.array(shares),
        rental_only=villages.rental_only,
        district_idx=villages.district_idx,
        place_district_idx=city.place_district_idx,
        zone_idx=villages.zone_idx,
    )


def land_use_shares(book: Book, land_use: str) -> tuple[float, float, float]:
    """Commodity, rental and employment share of the floor left to a land use."""
    if land_use == "public_service":
        return (0.0, 0.0, 0.0)
    mix = book.table(f"mix.{land_use}")
    return (mix["commodity"], mix["rental"], mix["employment"])


def settlement_of(city: City, book: Book, travel: Travel) -> Settlement:
    """Where leavers settle and newcomers come from.

    Raises:
        InputError: no zone has vacant housing, or residents, in reach of a village.
    """
    zones = city.zones
    near = np.exp(-book.number("settle.lambda") * travel.distance_km[city.n_zones :])  # (n_villages, n_zones)
    vacant_m2 = zones.housing_floor_area_m2 * zones.vacant_share
    leaver = near * (vacant_m2 * zones.rent_cny_per_m2_month ** -book.number("settle.mu"))
    newcomer = near * zones.residents
    for share, key in ((leaver, "no_vacant_housing_in_reach"), (newcomer, "no_residents_in_reach")):
        if city.n_villages and not np.all(share.sum(axis=1) > 0.0):
            raise refuse(key, layer="zones").within(layer=message("refusal_city", name=city.name))
    leaver_share = (leaver / leaver.sum(axis=1, keepdims=True)).T
    return Settlement(
        leaver_share=leaver_share,
        newcomer_share=(newcomer / newcomer.sum(axis=1, keepdims=True)).T,
        yearly_room=book.number("settle.outflow_cap") * zones.residents,
        room=vacant_m2 / book.number("settle.m2_per_person"),
        overflow_weight=leaver_share @ (city.villages.registered_residents + city.villages.tenants),
    )
