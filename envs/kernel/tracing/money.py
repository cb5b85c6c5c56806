"""Money of a trace: the account of the project and the markets that move its prices and rents, by district and year."""

from __future__ import annotations

from functools import cached_property

import numpy as np

from envs.kernel.computing.backend import Array, like
from envs.kernel.markets import housing_rent_index, rent_factor, sale_price_factor, yearly_index
from envs.kernel.project_account import (
    COSTS,
    FIXED,
    HOUSING_RENT,
    ITEMS,
    REVENUE,
    SALE_PRICE,
    StartsAndDistricts,
    Terms,
    flow_amounts_cny,
)
from envs.kernel.tracing.price_and_consent import PriceAndConsent


class Money(PriceAndConsent):
    """Items of the account, supply and demand of the markets, and yearly flows."""

    @cached_property
    def amounts_cny(self) -> dict[str, Array]:
        """Every item of the account at base-year prices, shape (n_plans, n_villages)."""
        terms = Terms(self.sale_price_cny_per_m2, self.onsite_share, self.consent_multiplier)
        return flow_amounts_cny(self.form, self.moves, self.constants.prices, self.resolved.unit_costs, terms)

    @cached_property
    def _starts(self) -> StartsAndDistricts:
        return StartsAndDistricts(
            self.calendar_row,
            self.constants.base.district_idx,
            n_starts=len(self.clocks) * (self.resolved.clock.plan_years + 1),
            n_districts=len(self.resolved.city.districts),
        )

    def by_start(self, amount: Array) -> Array:
        """Sum by district and row of the calendars, shape (n_plans, n_districts, n_rows): see calendar_row."""
        return self._starts.sums(amount)

    def profile(self, name: str) -> Array:
        """A flow profile of the calendars, shape (n_rows, n_flow_years): see calendar_row."""
        if name not in self._profiles:
            stacked = np.concatenate([clock.flow_profiles[name] for clock in self.clocks])
            self._profiles[name] = like(stacked, self.plans.floor_area_ratio, dtype=self.xp.float64)
        return self._profiles[name]

    @cached_property
    def _profiles(self) -> dict[str, Array]:
        return {}

    def yearly(self, amount: Array, profile: str) -> Array:
        """Village amounts over the years of a profile, by district, shape (n_plans, n_districts, n_flow_years)."""
        return self.by_start(amount) @ self.profile(profile)

    @cached_property
    def housing_supply_m2(self) -> Array:
        """Housing completed less rooms torn down, as they count in the stock, up to each year; by district and year."""
        rooms = self.constants.markets.rooms_as_housing * self.form.demolished
        completed = self.yearly(self.form.commodity + self.form.resettlement, "operation")
        return completed - self.yearly(rooms, "standing")

    @cached_property
    def commodity_sold_m2(self) -> Array:
        """Commodity floor sold in each year; by district and year."""
        return self.yearly(self.form.commodity, "sale")

    @cached_property
    def net_rental_places(self) -> Array:
        """Rental places completed less tenants who left, up to each year; by district and year [persons]."""
        completed = self.yearly(self.moves.rental_places, "operation")
        return completed - self.yearly(self.moves.tenants_left, "standing")

    @cached_property
    def price_factor(self) -> Array:
        """Sale price relative to the base year, shape (n_plans, n_districts, n_flow_years)."""
        return sale_price_factor(self.housing_supply_m2, self.commodity_sold_m2, self.constants.markets)

    @cached_property
    def rent_factor(self) -> Array:
        """Housing rents relative to the base year, shape (n_plans, n_districts, n_flow_years)."""
        return rent_factor(self.net_rental_places, self.constants.markets)

    @cached_property
    def indices(self) -> dict[str, Array]:
        """What moves the items of the account from the base year on; by year, or by plan, district and year."""
        years = self.profile("start")[0]
        return {
            COSTS: yearly_index(self.constants.markets.cost_growth_per_yr, years),
            SALE_PRICE: self.price_factor,
            HOUSING_RENT: housing_rent_index(self.rent_factor),
            FIXED: self.xp.ones_like(years),
        }

    @cached_property
    def flows_by_district_cny(self) -> dict[str, Array]:
        """Every item of the account, shape (n_plans, n_districts, n_flow_years), positive [CNY]."""
        return {
            item.name: self.yearly(self.amounts_cny[item.name], item.profile) * self.indices[item.index]
            for item in ITEMS
        }

    def total_flow_cny(self, *, kind: str | None = None, payer: str | None = None) -> Array:
        """Sum of the items of a kind and payer, signed if kind is None; (n_plans, n_districts, n_flow_years) [CNY].

        Items that fall in the same years at the same index are added up before they are spread over the years.
        """
        amounts: dict[tuple[str, str], Array] = {}
        for item in ITEMS:
            if kind in (None, item.kind) and payer in (None, item.payer):
                amount, years = self.amounts_cny[item.name], (item.profile, item.index)
                signed = amount if kind is not None or item.kind == REVENUE else -amount
                amounts[years] = amounts[years] + signed if years in amounts else signed
        return sum(self.yearly(amount, profile) * self.indices[index] for (profile, index), amount in amounts.items())

    @cached_property
    def net_cash_flow_by_district_cny(self) -> Array:
        """Net cash flow of the project, shape (n_plans, n_districts, n_flow_years) [CNY]."""
        return self.total_flow_cny()

    @cached_property
    def net_cash_flow_cny(self) -> Array:
        """Net cash flow of the project, city-wide, shape (n_plans, n_flow_years) [CNY]."""
        return self.xp.sum(self.net_cash_flow_by_district_cny, axis=1)

    @cached_property
    def gross_cost_cny(self) -> Array:
        """Gross cost, city-wide, shape (n_plans, n_flow_years) [CNY]."""
        return self.xp.sum(self.total_flow_cny(kind="cost"), axis=1)
