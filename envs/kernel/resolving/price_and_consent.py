"""What buyers value, and what registered residents have, may claim and are attached to."""

from __future__ import annotations

from dataclasses import fields

from data.city import City
from data.parameter_book import Book
from envs.kernel.consent import Entitlements, Voters, entitlements
from envs.kernel.hedonic import Taste


def taste_of(book: Book) -> Taste:
    """How buyers value services and density."""
    return Taste(**{field.name: book.number(f"hedonic.{field.name}") for field in fields(Taste)})


def voters_of(book: Book) -> Voters:
    """Groups of households, their attachments and the spread of their valuations."""
    weights = book.table("consent.weights")
    return Voters(
        weights=tuple(weights.values()),
        attachments=tuple(book.number(f"consent.attachment_{group}") for group in weights),
        sigma=book.number("consent.sigma"),
    )


def entitlements_of(city: City, book: Book) -> Entitlements:
    """What registered residents have and may claim; see envs.kernel.consent.entitlements."""
    villages = city.villages
    return entitlements(
        registered_residents=villages.registered_residents,
        tenants=villages.tenants,
        existing_floor_m2=villages.gross_floor_area_m2,
        legal_share=villages.legal_share,
        price_cny_per_m2=villages.sale_price_cny_per_m2,
        room_rent_cny_per_m2_month=villages.rent_cny_per_m2_month,
        own_use_m2=book.number("built.own_use_m2"),
        tenant_floor_m2=book.number("uv.floor_per_migrant"),
        legal_discount=book.number("consent.legal_discount"),
        opex_share=book.number("rent.opex"),
        cap_rate_per_yr=book.number("finance.cap_rate"),
        resettlement_m2=book.number("comp.resettlement_area"),
        monetary_share=book.number("comp.monetary_equiv"),
        legal_floor_cny_per_m2=book.number("comp.replacement_price"),
        unregistered_floor_cny_per_m2=book.number("comp.unregistered_floor"),
        early_reward_cny_per_household=book.number("comp.early_reward"),
        household_size=book.number("built.household_size"),
    )
