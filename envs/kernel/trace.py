"""The trace of a batch of plans through the model: every intermediate quantity, computed when it is first read.

States are place-first, shape (n_places, n_plans, n_years); outcomes are batch-first.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from envs.kernel.accessibility import FacilityStates, access_by_category, mean_met_share, mean_over_residents
from envs.kernel.built_form import BuiltForm, built_form, without_commodity
from envs.kernel.commute import Balance, balance, mean_by_place, mean_km_corrected, mean_over_workers
from envs.kernel.computing.backend import Array, array_namespace, like, to_numpy
from envs.kernel.computing.parallel_chunks import chunks
from envs.kernel.consent import Offer, consent_share, least_multiplier, offer
from envs.kernel.hedonic import density_factor, hedonic_factor, met_with_option
from envs.kernel.markets import housing_rent_index, rent_factor, sale_price_factor, yearly_index
from envs.kernel.people.residents import Away, Moves, away, by_year, moves, place_first
from envs.kernel.plans import Plans
from envs.kernel.project_account import (
    COSTS,
    FIXED,
    HOUSING_RENT,
    ITEMS,
    REVENUE,
    SALE_PRICE,
    Terms,
    by_start_and_district,
    flow_amounts_cny,
)
from envs.kernel.resolved_scenario import Constants, ResolvedScenario
from envs.kernel.timing import Clock, delayed


@dataclass(frozen=True)
class Precision:
    """How exactly a batch is computed.

    Attributes:
        dtype: of the yearly states; money is always float64.
        rounds: most balancing rounds.
        tolerance: relative error of the margins at which balancing stops; 0 = all rounds.
        all_years: every state year from 0 on; otherwise only years in which the state of a plan can still change,
            the last weighing for those after it (exact unless newcomers wait, which is detected).
    """

    dtype: str
    rounds: int
    tolerance: float
    all_years: bool


SEARCH = Precision(dtype="float32", rounds=1, tolerance=0.0, all_years=False)
REPORT = Precision(dtype="float64", rounds=500, tolerance=1e-11, all_years=True)


CELLS_PER_BLOCK = 400_000
"""Places x columns of accessibility computed at once: a few such arrays fit a processor's second-level cache."""


class Trace:
    """A batch of plans on its way through the model.

    Args:
        resolved: scenario resolved against a city.
        plans: canonical plans.
        precision: SEARCH or REPORT.
        keeps_access: keep the supply within reach of every place for further indicators.
        from_year: first state year held, where only the series from a year on are wanted; None = as `precision` says.
        last_start_year: latest start of these plans, where it is known to be earlier; None = plan_years.
    """

    def __init__(
        self,
        resolved: ResolvedScenario,
        plans: Plans,
        precision: Precision,
        *,
        keeps_access: bool = True,
        from_year: int | None = None,
        last_start_year: int | None = None,
    ) -> None:
        """See the class."""
        self.keeps_access = keeps_access
        self.from_year = from_year
        self.last_start_year = resolved.clock.plan_years if last_start_year is None else last_start_year
        self.resolved = resolved
        self.plans = plans
        self.precision = precision
        self.xp: Any = array_namespace(plans.start_year)
        self.dtype = getattr(self.xp, precision.dtype)
        self.constants: Constants = resolved.constants_like(plans.floor_area_ratio, self.dtype)

    # --- calendar -------------------------------------------------------------------------------------------------

    @cached_property
    def first_year(self) -> int:
        """First state year held."""
        if self.from_year is not None:
            return self.from_year
        return 0 if self.precision.all_years else 1

    @cached_property
    def last_year(self) -> int:
        """Last state year held."""
        if self.precision.all_years:
            return self.resolved.clock.horizon
        return max(self.first_year, *(clock.last_change_year_after(self.last_start_year) for clock in self.clocks))

    @property
    def n_years(self) -> int:
        """Number of state years held."""
        return self.last_year - self.first_year + 1

    @cached_property
    def year_weights(self) -> Array:
        """Weight of each held year in the mean over years 1..horizon; sums to 1."""
        if self.first_year > 1:
            msg = f"a trace from year {self.first_year} on has no mean over years 1..horizon"
            raise ValueError(msg)
        return self.held_weights

    @cached_property
    def held_weights(self) -> Array:
        """Weight of each held year in the mean over years 1..horizon, whether or not all of these are held."""
        horizon = self.resolved.clock.horizon
        weights = np.full(self.n_years, 1.0 / horizon)
        if self.first_year == 0:
            weights[0] = 0.0
        weights[-1] += (horizon - self.last_year) / horizon
        return like(weights, self.plans.floor_area_ratio, dtype=self.xp.float64)

    def mean_over_years(self, series: Array) -> Array:
        """Mean over years 1..horizon of a series (n_plans, n_years); shape (n_plans,)."""
        return self.xp.astype(series, self.xp.float64) @ self.year_weights

    @cached_property
    def _delays(self) -> tuple[tuple[Clock, ...], Array | None]:
        """The calendars of the batch, that without a delay first, and which of them each village follows."""
        clock, delay_yr = self.resolved.clock, self.plans.delay_yr
        if delay_yr is None:
            return (clock,), None
        years, position = np.unique(np.nan_to_num(to_numpy(delay_yr)), return_inverse=True)
        clocks, place = [clock], {clock.phases.schedule: 0}
        for year in years.tolist():
            if delayed(clock, year).phases.schedule not in place:
                place[delayed(clock, year).phases.schedule] = len(clocks)
                clocks.append(delayed(clock, year))
        of_delay = np.array([place[delayed(clock, year).phases.schedule] for year in years.tolist()])
        return tuple(clocks), like(of_delay[position].reshape(delay_yr.shape), self.plans.start_year)

    @property
    def clocks(self) -> tuple[Clock, ...]:
        """The calendars that villages of the batch follow: the scenario's, then one for every delay that shifts it."""
        return self._delays[0]

    @cached_property
    def calendar_row(self) -> Array:
        """Row of each village in the tables: its start year, plus plan_years + 1 for each calendar before its own."""
        position = self._delays[1]
        if position is None:
            return self.plans.start_year
        return self.plans.start_year + position * (self.resolved.clock.plan_years + 1)

    @cached_property
    def completion_year(self) -> Array:
        """Year in which the works of each village end, shape (n_plans, n_villages); 0 where it is kept."""
        xp, position = self.xp, self._delays[1]
        rebuild, rehabilitation = (
            like(np.array([getattr(clock.phases, name) for clock in self.clocks]), self.plans.start_year)
            for name in ("rebuild_lag_yr", "rehabilitation_lag_yr")
        )
        which = xp.zeros_like(self.plans.start_year) if position is None else position
        rebuilt, renewed = self.form.rebuilt_share > 0.0, self.plans.start_year > 0
        lag = xp.where(rebuilt, rebuild[which], rehabilitation[which])
        return xp.where(renewed, self.plans.start_year + lag, xp.zeros_like(lag))

    def table(self, name: str, *, since: int | None = None) -> Array:
        """A table of the clock over the held years (or since another year), place-first."""
        stacked = np.concatenate([getattr(clock, name) for clock in self.clocks])
        return by_year(self.xp.astype(self.held(stacked, since=since), self.dtype), self.calendar_row)

    def held(self, table: np.ndarray[Any, Any], *, since: int | None = None) -> Array:
        """A start-year table over the held years (or since another year), (n_rows, n_years), float64."""
        held = table[:, self.first_year if since is None else since : self.last_year + 1]
        return like(np.ascontiguousarray(held), self.plans.floor_area_ratio, dtype=self.xp.float64)

    @cached_property
    def started(self) -> Array:
        """1 from the start on, shape (n_villages, n_plans, n_years)."""
        return self.table("started")

    @cached_property
    def completed(self) -> Array:
        """1 from the completion of the rebuilt part on."""
        return self.table("completed")

    @cached_property
    def rehabilitated(self) -> Array:
        """1 from the completion of the retained part on."""
        return self.table("rehabilitated")

    # --- floors and people ----------------------------------------------------------------------------------------

    @cached_property
    def renewed(self) -> Array:
        """1 where a village is renewed, shape (n_plans, n_villages)."""
        return self.xp.astype(self.plans.start_year > 0, self.xp.float64)

    @cached_property
    def onsite_share(self) -> float | Array:
        """Share of registered residents resettled on site: what the plan says, else the scenario's."""
        return self._given(self.plans.onsite_share, self.resolved.onsite_share)

    def _given(self, column: Array | None, model: float | Array) -> float | Array:
        """What the plan gives, else the model's own."""
        if column is None:
            return model
        return self.xp.where(self.xp.isnan(column), self.xp.zeros_like(column) + model, column)

    @cached_property
    def form(self) -> BuiltForm:
        """Floor areas."""
        base, book = self.constants.base, self.resolved.book
        n_plans, n_villages = self.plans.start_year.shape
        uses = self.xp.take(base.land_use_shares, self.xp.reshape(self.plans.land_use, (-1,)), axis=0)
        uses = without_commodity(self.xp.reshape(uses, (n_plans, n_villages, 3)), base.rental_only)
        rho = self.xp.take(base.rebuilt_share, self.xp.reshape(self.plans.intensity, (-1,)), axis=0)
        return built_form(
            renewed=self.renewed,
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
        since = min(1, self.first_year)
        return away(
            self.moves,
            self.constants.settlement,
            started=self.table("started", since=since),
            completed=self.table("completed", since=since),
            absorbed=self.table("absorbed", since=since),
            first=self.first_year - since,
        )

    def people(self, registered: float, tenants: float, other: float) -> Array:
        """Residents of every place weighted by group, shape (n_places, n_plans, n_years).

        (1, 1, 1) counts residents; the employment rates count workers; (1, 0, 0) counts registered residents.
        """
        base, absent, n_zones = self.constants.base, self.away, self.resolved.city.n_zones
        of_zones = base.residents[:n_zones] * other
        of_villages = base.registered * registered + base.tenants * tenants
        zones = self._fixed(of_zones) + registered * absent.zone_registered + tenants * absent.zone_tenants
        villages = self._fixed(of_villages) - registered * absent.registered - tenants * absent.tenants
        return self.xp.concat([zones - other * absent.zone_left, villages + other * absent.newcomers], axis=0)

    def _fixed(self, by_place: Array) -> Array:
        return self.xp.astype(by_place, self.dtype)[:, None, None]

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
        villages = self.workers[self.resolved.city.n_zones :] * place_first(self.renewed, self.dtype)
        return self.xp.concat([zones, villages], axis=0)

    # --- jobs and commute -----------------------------------------------------------------------------------------

    @cached_property
    def jobs_lost(self) -> Array:
        """Jobs of the demolished part, lost from the start on, shape (n_plans, n_villages)."""
        return self.form.rebuilt_share * self.constants.base.village_jobs

    @cached_property
    def jobs_new(self) -> Array:
        """Jobs in the rebuilt part, from its completion on."""
        book, form = self.resolved.book, self.form
        floor_jobs = (form.employment + form.industrial) / book.number("density.job_m2")
        return book.number("jobs.fill") * (floor_jobs + form.facility_new / book.number("density.facility_job_m2"))

    @cached_property
    def jobs_converted(self) -> Array:
        """Jobs in the converted part, from its rehabilitation on."""
        book = self.resolved.book
        return book.number("jobs.fill") * self.form.facility_converted / book.number("density.facility_job_m2")

    @cached_property
    def new_jobs_by_zone(self) -> Array:
        """New jobs before they are scaled, shape (n_zones, n_plans, n_years)."""
        return self._by_zone(
            place_first(self.jobs_new, self.dtype) * self.completed
            + place_first(self.jobs_converted, self.dtype) * self.rehabilitated
        )

    @cached_property
    def standing_jobs_by_zone(self) -> Array:
        """Jobs of the base year that are not lost, same shape."""
        lost = self._by_zone(place_first(self.jobs_lost, self.dtype) * self.started)
        return self._fixed(self.constants.base.jobs) - lost

    @cached_property
    def standing_jobs_kept(self) -> Array:
        """Share of the standing jobs that new ones do not draw away, shape (n_plans, n_years)."""
        xp, base = self.xp, self.constants.base
        without_new = float(xp.sum(base.jobs)) - xp.sum(self.new_jobs_by_zone, axis=0)
        return xp.clip(without_new / xp.sum(self.standing_jobs_by_zone, axis=0), 0.0, None)

    @cached_property
    def jobs(self) -> Array:
        """Jobs by zone scaled to the workers, shape (n_zones, n_plans, n_years)."""
        jobs = self.standing_jobs_by_zone * self.standing_jobs_kept + self.new_jobs_by_zone
        return jobs * (float(self.xp.sum(self.constants.base.workers)) / self.xp.sum(jobs, axis=0))

    def _by_zone(self, state: Array) -> Array:
        columns = self.xp.reshape(state, (state.shape[0], -1))
        total = self.constants.village_zone.product(columns)
        return self.xp.reshape(total, (total.shape[0], *state.shape[1:]))

    def columns(self, state: Array) -> Array:
        """Flatten plans and years: (n_places, n_plans, n_years) to (n_places, n_columns)."""
        return self.xp.reshape(state, (state.shape[0], -1))

    def series(self, columns: Array) -> Array:
        """Give columns their plans and years back: (n_columns,) to (n_plans, n_years)."""
        return self.xp.reshape(columns, (self.plans.n_plans, self.n_years))

    @cached_property
    def balance(self) -> Balance:
        """Balanced commuting matrix of every plan and year."""
        return balance(
            self.columns(self.workers),
            self.columns(self.jobs),
            self.constants.gravity,
            rounds=self.precision.rounds,
            tolerance=self.precision.tolerance,
        )

    def commute_by_place(self, weighted_kernel: str) -> Array:
        """Mean of a pair quantity over the workers of each place, shape (n_places, n_columns); computed once."""
        if weighted_kernel not in self._by_place:
            kernel = getattr(self.constants.gravity, weighted_kernel)
            self._by_place[weighted_kernel] = mean_by_place(self.balance, kernel)
        return self._by_place[weighted_kernel]

    @cached_property
    def _by_place(self) -> dict[str, Array]:
        return {}

    @cached_property
    def commute_km(self) -> Array:
        """Mean commute distance of all workers, shape (n_plans, n_years) [km]."""
        km, workers = self.commute_by_place("kernel_km"), self.columns(self.workers)
        return self.series(mean_km_corrected(km, self.balance, self.constants.gravity, workers))

    def commute_mean(self, weighted_kernel: str, workers: Array) -> Array:
        """Mean of a pair quantity over some workers, shape (n_plans, n_years)."""
        return self.series(mean_over_workers(self.commute_by_place(weighted_kernel), self.columns(workers)))

    @cached_property
    def commute_km_by_place(self) -> Array:
        """Mean distance of the workers of each place, shape (n_places, n_plans, n_years) [km]."""
        return self.xp.reshape(self.commute_by_place("kernel_km"), self.workers.shape)

    # --- accessibility --------------------------------------------------------------------------------------------

    @cached_property
    def facility_states(self) -> FacilityStates:
        """What stands and what is new in the villages, place-first columns."""
        form = self.form
        standing = 1.0 - place_first(form.rebuilt_share, self.dtype) * self.started
        new_floor = (
            place_first(form.facility_new, self.dtype) * self.completed
            + place_first(form.facility_converted, self.dtype) * self.rehabilitated
        )
        new_land = place_first(form.green_land, self.dtype) * self.completed
        return FacilityStates(standing, new_floor, new_land).each(self.columns)

    def access_of(self, columns: slice) -> list[Array]:
        """Supply within reach per person in some columns, one (n_places, n_columns) per category [m2/person]."""
        return access_by_category(
            self.columns(self.residents)[:, columns],
            self.constants.access,
            self.facility_states.each(lambda state: state[:, columns]),
        )

    @cached_property
    def access(self) -> list[Array]:
        """Supply within reach per person, one (n_places, n_columns) per category [m2/person]."""
        return self.access_of(slice(None))

    @cached_property
    def met(self) -> Array:
        """Category-weighted met share of the standard, shape (n_places, n_columns)."""
        return mean_met_share(self.access, self.constants.access)

    @cached_property
    def accessibility(self) -> Array:
        """Service accessibility, shape (n_plans, n_years); a few columns at a time, which stay in the cache."""
        residents = self.columns(self.residents)
        if self.keeps_access:
            return self.series(mean_over_residents(self.met, residents))
        width = max(1, CELLS_PER_BLOCK // residents.shape[0])
        means = [
            mean_over_residents(mean_met_share(self.access_of(block), self.constants.access), residents[:, block])
            for block in chunks(residents.shape[1], width)
        ]
        return self.series(self.xp.concat(means))

    # --- price of the option and consent --------------------------------------------------------------------------

    @cached_property
    def sale_price_cny_per_m2(self) -> Array:
        """Price of new housing with the services and the density of the option, base year, (n_plans, n_villages)."""
        services, taste, form = self.constants.services, self.resolved.taste, self.form
        factor = hedonic_factor(
            services,
            taste,
            met=met_with_option(
                services, form.rebuilt_share, form.facility_new + form.facility_converted, form.green_land
            ),
            density=density_factor(self.plans.floor_area_ratio, form.rebuilt_share, taste),
        )
        return self.constants.prices.sale_price_cny_per_m2 * factor

    @cached_property
    def offer(self) -> Offer:
        """What registered residents have and are offered, shape (n_plans, n_villages) [CNY per person]."""
        return offer(
            self.constants.claims,
            onsite_share=self.onsite_share,
            price_cny_per_m2=self.sale_price_cny_per_m2,
            resettlement_price_cny_per_m2=self.resolved.unit_costs.resettlement_price_cny_per_m2,
        )

    @cached_property
    def consent_multiplier(self) -> Array:
        """Multiplier of the cash offered, shape (n_plans, n_villages): the plan's, else the least for consent."""
        cap = self.resolved.book.number("consent.cap")
        least = least_multiplier(self.offer, ratio=self.resolved.consent_ratio, cap=cap)
        asked = self.xp.where(self.form.rebuilt_share > 0.0, least, self.xp.ones_like(least))
        return self._given(self.plans.compensation_multiplier, asked)

    @cached_property
    def consent(self) -> Array:
        """Share of registered households who agree, shape (n_plans, n_villages); 1 where nothing is rebuilt."""
        share = consent_share(self.consent_multiplier, self.offer, self.resolved.voters)
        return self.xp.where(self.form.rebuilt_share > 0.0, share, self.xp.ones_like(share))

    # --- capital --------------------------------------------------------------------------------------------------

    @cached_property
    def amounts_cny(self) -> dict[str, Array]:
        """Every item of the account at base-year prices, shape (n_plans, n_villages)."""
        terms = Terms(self.sale_price_cny_per_m2, self.onsite_share, self.consent_multiplier)
        return flow_amounts_cny(self.form, self.moves, self.constants.prices, self.resolved.unit_costs, terms)

    def by_start(self, amount: Array) -> Array:
        """Sum by district and row of the calendars, shape (n_plans, n_districts, n_rows): see calendar_row."""
        return by_start_and_district(
            amount,
            self.calendar_row,
            self.constants.base.district_idx,
            n_starts=len(self.clocks) * (self.resolved.clock.plan_years + 1),
            n_districts=len(self.resolved.city.districts),
        )

    def profile(self, name: str) -> Array:
        """A flow profile of the calendars, shape (n_rows, n_flow_years): see calendar_row."""
        stacked = np.concatenate([clock.flow_profiles[name] for clock in self.clocks])
        return like(stacked, self.plans.floor_area_ratio, dtype=self.xp.float64)

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
        """Sum of the items of a kind and payer, signed if kind is None; (n_plans, n_districts, n_flow_years) [CNY]."""
        items = [i for i in ITEMS if kind in (None, i.kind) and payer in (None, i.payer)]
        total = 0.0
        for item in items:
            sign = 1.0 if kind is not None or item.kind == REVENUE else -1.0
            total = total + sign * self.flows_by_district_cny[item.name]
        return total

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
