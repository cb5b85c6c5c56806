"""Floors and people of a trace: what is built, who leaves, returns and comes, and where all of them live."""

from __future__ import annotations

from functools import cached_property

import numpy as np

from envs.kernel.built_form import BuiltForm, built_form, without_commodity
from envs.kernel.computing.backend import Array, like
from envs.kernel.people.residents import Away, Moves, away, moves
from envs.kernel.people.timetable import place_first
from envs.kernel.tracing.calendar import Calendar


class FloorsAndPeople(Calendar):
    """Floor areas, moves, residents and workers."""

    @cached_property
    def chosen(self) -> Array:
        """1 where the plan renews a village, however much of it counts, shape (n_plans, n_villages)."""
        return self.xp.astype(self.plans.start_year > 0, self.xp.float64)

    @cached_property
    def renewed(self) -> Array:
        """1 where a village is renewed, and its share where it counts in part, shape (n_plans, n_villages)."""
        return self.chosen if self.counted_share is None else self.chosen * self.counted_share

    @cached_property
    def onsite_share(self) -> float | Array:
        """Share of registered residents resettled on site: what the plan says, else the scenario's."""
        return self._given(self.plans.onsite_share, self.resolved.onsite_share)

    @cached_property
    def completion_year(self) -> Array:
        """Year in which the works of each village end, shape (n_plans, n_villages); 0 where it is kept."""
        xp, position = self.xp, self._delays[1]
        rebuild, rehabilitation = (
            like(np.array([getattr(clock.phases, name) for clock in self.clocks]), self.plans.start_year)
            for name in ("rebuild_lag_yr", "rehabilitation_lag_yr")
        )
        which = xp.zeros_like(self.plans.start_year) if position is None else position
        rebuilt, renewed = self.option_form.rebuilt_share > 0.0, self.plans.start_year > 0
        lag = xp.where(rebuilt, rebuild[which], rehabilitation[which])
        return xp.where(renewed, self.plans.start_year + lag, xp.zeros_like(lag))

    @cached_property
    def form(self) -> BuiltForm:
        """Floor areas as they count: what a village builds, times the share of it that counts."""
        return self.option_form if self.counted_share is None else self.option_form.counted(self.counted_share)

    @cached_property
    def option_form(self) -> BuiltForm:
        """Floor areas of what the plan chooses, whole: what prices, consent, calendar and single options go by."""
        base, book = self.constants.base, self.resolved.book
        n_plans, n_villages = self.plans.start_year.shape
        uses = self.xp.take(base.land_use_shares, self.xp.reshape(self.plans.land_use, (-1,)), axis=0)
        uses = without_commodity(self.xp.reshape(uses, (n_plans, n_villages, 3)), base.rental_only)
        rho = self.xp.take(base.rebuilt_share, self.xp.reshape(self.plans.intensity, (-1,)), axis=0)
        return built_form(
            renewed=self.chosen,
            rebuilt_share=self.xp.reshape(rho, (n_plans, n_villages)),
            floor_area_ratio=self.plans.floor_area_ratio,
            facility_ratio=self.plans.facility_ratio,
            land_use_shares=uses,
            site_area_m2=base.site_area_m2,
            existing_floor_m2=base.existing_floor_m2,
            registered_residents=base.registered,
            buildable_share=book.number("built.buildable_share"),
            green_land_share=book.number("built.green_land_share"),
            onsite_share=self.onsite_share,
            resettlement_m2=book.number("comp.resettlement_area"),
            industrial_m2=book.number("built.collective_industrial_m2"),
        )

    @cached_property
    def moves(self) -> Moves:
        """Leavers, returners and newcomers."""
        base, book, form = self.constants.base, self.resolved.book, self.form
        return moves(
            renewed=self.renewed,
            rebuilt_share=form.rebuilt_share,
            facility_ratio=self.plans.facility_ratio,
            rental_floor_m2=form.rental,
            commodity_floor_m2=form.commodity,
            registered_residents=base.registered,
            tenants=base.tenants,
            onsite_share=self.onsite_share,
            tenant_rehab_loss=book.number("tenant.rehab_loss"),
            tenant_return_share=book.number("tenant.return_share"),
            resettlement_m2=book.number("comp.resettlement_area"),
            own_use_m2=book.number("built.own_use_m2"),
            rental_m2=book.number("density.rental_m2"),
            housing_m2=book.number("density.housing_m2"),
            occupancy=book.number("housing.occupancy"),
        )

    @cached_property
    def away(self) -> Away:
        """Who is away, where, year by year; newcomers need the years before the held ones."""
        first = self.timetable_since_first.n_years - self.n_years
        return away(self.moves, self.constants.settlement, self.timetable_since_first, first=first)

    def people(self, registered: float, tenants: float, other: float) -> Array:
        """Residents of every place weighted by group, shape (n_places, n_plans, n_years).

        (1, 1, 1) counts residents; the employment rates count workers; (1, 0, 0) counts registered residents.
        """
        base, absent, n_zones = self.constants.base, self.away, self.resolved.city.n_zones
        zones = registered * absent.zone_registered + tenants * absent.zone_tenants - other * absent.zone_left
        zones += self._fixed(base.residents[:n_zones] * other)
        return self.xp.concat([zones, self._of_villages(registered, tenants, other)], axis=0)

    def _of_villages(self, registered: float, tenants: float, other: float) -> Array:
        residents = self.away.more_in_villages(registered, tenants, other)
        residents += self._fixed(self.constants.base.registered * registered + self.constants.base.tenants * tenants)
        return residents

    @cached_property
    def employment_rates(self) -> tuple[float, float, float]:
        """Workers per registered resident, tenant and other resident."""
        registered, tenants, other = (
            self.resolved.book.number(f"employment.{group}") for group in ("registered", "tenant", "other")
        )
        return registered, tenants, other

    @cached_property
    def residents(self) -> Array:
        """Residents of every place and year."""
        return self.people(1.0, 1.0, 1.0)

    @cached_property
    def workers(self) -> Array:
        """Workers who live in every place and year."""
        return self.people(*self.employment_rates)

    @cached_property
    def affected_workers(self) -> Array:
        """Workers among villagers and tenants of renewed villages, wherever they live, and newcomers there."""
        registered, tenants, _ = self.employment_rates
        zones = registered * self.away.zone_registered + tenants * self.away.zone_tenants
        return self.xp.concat([zones, self.of_renewed_villages(*self.employment_rates)], axis=0)

    def of_renewed_villages(self, registered: float, tenants: float, other: float) -> Array:
        """Residents of renewed villages weighted by group, shape (n_villages, n_plans, n_years).

        Of a village that counts in part, those who live there less those of the part that stays as it is.
        """
        now, renewed = self._of_villages(registered, tenants, other), place_first(self.renewed, self.dtype)
        if self.counted_share is None:
            return now * renewed
        base = self.constants.base
        return now - (1.0 - renewed) * self._fixed(base.registered * registered + base.tenants * tenants)

    def _fixed(self, by_place: Array) -> Array:
        return self.xp.astype(by_place, self.dtype)[:, None, None]

    def _given(self, column: Array | None, model: float | Array) -> float | Array:
        """What the plan gives, else the model's own."""
        if column is None:
            return model
        return self.xp.where(self.xp.isnan(column), self.xp.zeros_like(column) + model, column)
