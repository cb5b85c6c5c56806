"""Well-being of a trace: where residents of the base year live in one state year, and what it changes for them."""

from __future__ import annotations

from functools import cached_property

from envs.kernel.commute import Balance, mean_by_place
from envs.kernel.computing.backend import Array, device, like
from envs.kernel.people.ages import OTHER, REGISTERED, TENANT
from envs.kernel.people.destinations import mean_where_settled
from envs.kernel.people.fates import Fate, LivesBefore, PersonTypes, TypesOfPersons, types_of_persons
from envs.kernel.people.timetable import place_first
from envs.kernel.tracing.commuting import Commuting
from envs.kernel.tracing.money import Money
from envs.kernel.tracing.services import Services
from envs.kernel.wellbeing import (
    moving_gain_cny_per_yr,
    offer_gain_cny_per_yr,
    rent_gain_cny_per_yr,
    services_gain_cny_per_yr,
)


class Wellbeing(Commuting, Services, Money):
    """Lives in the state year asked for (`wellbeing_year`; the last by default), place-first, (n_places, n_plans)."""

    @property
    def person_types(self) -> PersonTypes:
        """Residents by group and band, and what changes are worth."""
        return self.resolved.person_types

    @property
    def lives_before(self) -> LivesBefore:
        """Lives of the base year."""
        return self.constants.lives

    @cached_property
    def told_year(self) -> int:
        """State year in which well-being is told."""
        horizon = self.resolved.clock.horizon
        return horizon if self.wellbeing_year is None else min(self.wellbeing_year, horizon)

    @cached_property
    def told_position(self) -> int:
        """Its position among the held years, of which the last stands for all that follow."""
        if self.told_year < self.first_year:
            msg = f"a trace from year {self.first_year} on does not hold year {self.told_year}"
            raise ValueError(msg)
        return min(self.told_year, self.last_year) - self.first_year

    @property
    def _told_columns(self) -> slice:
        return slice(self.told_position, None, self.n_years)

    @cached_property
    def told_minutes(self) -> Array:
        """Mean minutes of one way to work of the workers of each place."""
        weight, reach = (array[:, self._told_columns] for array in (self.balance.weight, self.balance.reach))
        return mean_by_place(Balance(weight, reach, None), self.constants.gravity.kernel_min)

    @cached_property
    def told_met(self) -> Array:
        """Met share of services of each place."""
        if self.keeps_access:
            return self.met[:, self._told_columns]
        return self.met_of(self._told_columns)

    @cached_property
    def told_rent_factor(self) -> Array:
        """Housing rents relative to the base year in the district of each place; after the account ends, its last."""
        xp, year = self.xp, min(self.told_year, self.resolved.clock.last_flow_year)
        factor = xp.astype(xp.permute_dims(self.rent_factor[:, :, year], (1, 0)), self.dtype)
        return xp.take(factor, self.constants.base.place_district_idx, axis=0)

    @cached_property
    def _settled(self) -> tuple[Array, Array]:
        """Rent, minutes and met share where displaced registered residents and tenants live.

        Shape (n_villages, 3, n_plans) each.
        """
        xp, zones = self.xp, self._zones
        rent = self._column(self.lives_before.zone_rent_cny_per_m2_month) * self.told_rent_factor[zones]
        by_zone = xp.stack([rent, self.told_minutes[zones], self.told_met[zones]], axis=1)
        start_year = self.plans.start_year
        first = xp.arange(start_year.shape[0], dtype=start_year.dtype, device=device(start_year)) * self.n_years
        columns = like(first, self.plans.start_year) + self.told_position
        return mean_where_settled(by_zone, self.constants.settlement.leaver_share, self.away.overflow, columns)

    @cached_property
    def village_fates(self) -> tuple[Fate, ...]:
        """Of registered residents and of tenants of the villages."""
        return (*self.registered_fates, *self.tenant_fates)

    @cached_property
    def registered_fates(self) -> tuple[Fate, ...]:
        """Registered residents who are not rebuilt, who came back, and who live in a zone."""
        values, villages = self.person_types.values, self._villages
        left, back = self._left(self.moves.registered_left), self._back(self.moves.registered_back)
        worth_cny = self.offer.house_cny + self.consent_multiplier * self.offer.cash_cny
        offered = self._by_village(offer_gain_cny_per_yr(worth_cny, 0.0, values))
        home = self._by_village(values.discount_rate_per_yr * self.offer.reservation_cny)
        here, there = self._more_minutes(self.told_minutes[villages]), self._more_minutes(self._settled[0][:, 1])
        services = self._services_gain(self.told_met[villages])
        everybody = self._column(self.constants.base.registered)
        return (
            Fate(REGISTERED, everybody - left, services, here),
            Fate(REGISTERED, back, offered + moving_gain_cny_per_yr(2.0, values), here, home),
            Fate(REGISTERED, left - back, offered + moving_gain_cny_per_yr(1.0, values), there, home),
        )

    @cached_property
    def tenant_fates(self) -> tuple[Fate, ...]:
        """Tenants who stay, who came back, and who live in a zone."""
        villages, values = self._villages, self.person_types.values
        left, back = self._left(self.moves.tenants_left), self._back(self.moves.tenants_back)
        here, factor = self._more_minutes(self.told_minutes[villages]), self.told_rent_factor[villages]
        services = self._services_gain(self.told_met[villages])
        room = self._column(self.lives_before.room_rent_cny_per_m2_month)
        market = self._column(self.constants.prices.market_rent_cny_per_m2_month)
        zone_rent, zone_minutes, zone_met = (self._settled[1][:, quantity] for quantity in range(3))
        everybody = self._column(self.constants.base.tenants)

        def rent_gain(after: Array, n_moves: float) -> Array:
            floor_m2 = self.resolved.book.number("uv.floor_per_migrant")
            return rent_gain_cny_per_yr(room, after, floor_m2) + moving_gain_cny_per_yr(n_moves, values)

        of_zone = rent_gain(zone_rent, 1.0) + self._services_gain(zone_met)
        return (
            Fate(TENANT, everybody - left, rent_gain(room * factor, 0.0) + services, here),
            Fate(TENANT, back, rent_gain(market * factor, 2.0) + services, here),
            Fate(TENANT, left - back, of_zone, self._more_minutes(zone_minutes)),
        )

    @cached_property
    def zone_fates(self) -> tuple[Fate, ...]:
        """Residents of the zones who rent, and who own; newcomers to villages count as if they had stayed."""
        zones, before, book = self._zones, self.lives_before, self.resolved.book
        services = services_gain_cny_per_yr(
            self.told_met[zones] - self._column(before.met[zones]), self.person_types.values
        )
        minutes = self.told_minutes[zones] - self._column(before.minutes[zones])
        rent, floor_m2 = self._column(before.zone_rent_cny_per_m2_month), book.number("settle.m2_per_person")
        of_rent = rent_gain_cny_per_yr(rent, rent * self.told_rent_factor[zones], floor_m2)
        residents = self._column(self.constants.base.residents[zones]) + self.xp.zeros_like(minutes)
        rented = book.number("market.rented_share")
        return (
            Fate(OTHER, rented * residents, services + of_rent, minutes),
            Fate(OTHER, (1.0 - rented) * residents, services, minutes),
        )

    @cached_property
    def village_types(self) -> TypesOfPersons:
        """Every type of registered residents and tenants."""
        return types_of_persons(self.registered_fates + self.tenant_fates, self.person_types)

    @cached_property
    def zone_types(self) -> TypesOfPersons:
        """Every type of residents of the zones."""
        return types_of_persons(self.zone_fates, self.person_types)

    @property
    def _zones(self) -> slice:
        return slice(self.resolved.city.n_zones)

    @property
    def _villages(self) -> slice:
        return slice(self.resolved.city.n_zones, None)

    def _column(self, by_place: Array) -> Array:
        """(n_places,) to (n_places, 1), as a state."""
        return self.xp.astype(by_place, self.dtype)[:, None]

    def _by_village(self, amount: Array) -> Array:
        """(n_plans, n_villages) to (n_villages, n_plans), as a state."""
        return place_first(amount, self.dtype)[:, :, 0]

    def _left(self, leavers: Array) -> Array:
        return self._by_village(leavers) * self.started[:, :, self.told_position]

    def _back(self, returners: Array) -> Array:
        return self._by_village(returners) * self.completed[:, :, self.told_position]

    def _more_minutes(self, minutes: Array) -> Array:
        """Minutes of one way of villagers, less those of the base year."""
        return minutes - self._column(self.lives_before.minutes[self._villages])

    def _services_gain(self, met: Array) -> Array:
        """Worth of the met share of villagers, less that of the base year [CNY/yr]."""
        more = met - self._column(self.lives_before.met[self._villages])
        return services_gain_cny_per_yr(more, self.person_types.values)
