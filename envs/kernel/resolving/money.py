"""Prices of the villages, unit costs, and the markets of the districts."""

from __future__ import annotations

import numpy as np

from data.arrays import FloatArray, IntArray
from data.city import CATEGORIES, LAND_CATEGORIES, City
from data.parameter_book import Book
from envs.kernel.markets import DistrictMarkets, district_markets
from envs.kernel.project_account import UnitCosts, VillagePrices


def village_prices(city: City, book: Book, floor_split: FloatArray) -> VillagePrices:
    """Attributes of the villages that price them.

    Args:
        city: the city.
        book: parameters.
        floor_split: shares of new facility floor by category, shape (n_villages, n_categories).
    """
    villages = city.villages
    facility_cost_cny_per_m2 = np.array([_facility_cost_cny_per_m2(book, category) for category in CATEGORIES])
    return VillagePrices(
        site_area_m2=villages.site_area_m2,
        existing_floor_m2=villages.gross_floor_area_m2,
        legal_share=villages.legal_share,
        registered_residents=villages.registered_residents,
        sale_price_cny_per_m2=villages.sale_price_cny_per_m2,
        market_rent_cny_per_m2_month=city.zones.rent_cny_per_m2_month[villages.zone_idx],
        facility_cost_cny_per_m2=floor_split @ facility_cost_cny_per_m2,
    )


def _facility_cost_cny_per_m2(book: Book, category: str) -> float:
    return 0.0 if category in LAND_CATEGORIES else book.number(f"cost.facility.{category}")


def unit_costs(book: Book) -> UnitCosts:
    """Unit costs, compensation, rents and shares, the same in every village."""
    return UnitCosts(
        demolition_cny_per_m2=book.number("cost.demolition_and_clearing"),
        resettlement_cny_per_m2=book.number("cost.resettlement_housing"),
        commodity_cny_per_m2=book.number("cost.residential_highrise"),
        rental_cny_per_m2=book.number("cost.affordable_rental"),
        employment_cny_per_m2=book.number("cost.office_commercial"),
        basement_ratio=book.number("cost.basement_ratio"),
        basement_cny_per_m2=book.number("cost.basement_parking"),
        infrastructure_cny_per_site_m2=book.number("cost.municipal_infrastructure"),
        park_cny_per_m2=book.number("cost.park"),
        rehabilitation_cny_per_m2=book.number("cost.rehabilitation"),
        soft_share=book.number("finance.soft_cost"),
        contingency_share=book.number("finance.contingency"),
        sales_share=book.number("finance.sales_cost"),
        resettlement_price_cny_per_m2=book.number("comp.resettlement_price"),
        legal_floor_cny_per_m2=book.number("comp.replacement_price"),
        unregistered_floor_cny_per_m2=book.number("comp.unregistered_floor"),
        early_reward_cny_per_household=book.number("comp.early_reward"),
        household_size=book.number("built.household_size"),
        resettlement_m2_per_person=book.number("comp.resettlement_area"),
        monetary_share=book.number("comp.monetary_equiv"),
        allowance_cny_per_person_month=book.number("comp.turnover_subsidy"),
        rent_vacancy=book.number("rent.vacancy"),
        rent_opex=book.number("rent.opex"),
        employment_rent_ratio=book.number("rent.employment_ratio"),
        cap_rate_per_yr=book.number("finance.cap_rate"),
        cap_rate_rental_per_yr=book.number("finance.cap_rate_rental"),
    )


def markets_of(city: City, book: Book) -> DistrictMarkets:
    """Housing stock, normal sales and rental places of every district, and how its prices and rents answer."""
    zones, villages = city.zones, city.villages

    def by_district(values: FloatArray, district_idx: IntArray) -> FloatArray:
        return np.asarray(np.bincount(district_idx, weights=values, minlength=len(city.districts)), dtype=np.float64)

    has_zones = np.isin(np.arange(len(city.districts)), zones.district_idx)
    return district_markets(
        zone_housing_m2=by_district(zones.housing_floor_area_m2, zones.district_idx),
        village_floor_m2=by_district(villages.gross_floor_area_m2, villages.district_idx),
        tenants=by_district(villages.tenants, villages.district_idx),
        yearly_sales_m2=np.where(has_zones, by_district(zones.yearly_sales_m2, zones.district_idx), np.nan),
        rooms_as_housing=book.number("market.rooms_as_housing"),
        normal_share_of_stock=book.number("sale.normal_share_of_stock"),
        rented_share=book.number("market.rented_share"),
        housing_m2=book.number("density.housing_m2"),
        price_elasticity=book.number("price.elasticity"),
        flow_elasticity=book.number("sale.flow_elasticity"),
        rent_elasticity=book.number("rent.elasticity"),
        least_share=book.number("market.least_stock_share"),
        price_growth_per_yr=book.number("price.growth"),
        cost_growth_per_yr=book.number("cost.growth"),
    )
