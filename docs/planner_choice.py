"""The best plan of a run, and what a planner measures of it; docs/planner_check.py makes a page of it."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from app.plans.recommendation import normalized
from app.runs.run_folder import Run, load_run
from data.arrays import BoolArray, FloatArray, IntArray
from data.city import CATEGORIES
from data.scenario import INTENSITIES, LAND_USES, Intensity, LandUse, RuleMode, Scenario
from data.scenario_files import load_scenario
from envs.kernel import REPORT, Plans, evaluate
from envs.kernel.evaluate import evaluate_yearly_by_district
from envs.kernel.plans import canonical, empty_plan
from envs.kernel.trace import Trace
from envs.rules.check import Finding, check

PRESETS = ("investment_first", "balanced", "commute_first", "accessibility_first", "by_the_rules", "binding")
FULL = 1.0 - 1e-6
"""A zone holds this share of its room or more: it is full."""


@dataclass(frozen=True)
class Choice:
    """One plan of a run, and what is measured of it.

    Attributes:
        name: of the preset.
        run: the plan is from.
        position: of the plan in the run.
        score: weighted sum of its normalized objectives.
    """

    name: str
    run: Run
    position: int
    score: float

    @cached_property
    def plan(self) -> Plans:
        """A batch of one."""
        return canonical(self.run.plans[self.position : self.position + 1])

    @cached_property
    def values(self) -> dict[str, float]:
        """Every indicator."""
        return {name: float(value[0]) for name, value in evaluate(self.run.resolved, self.plan).values.items()}

    @cached_property
    def districts(self) -> dict[str, FloatArray]:
        """Account and markets, name -> (n_districts, n_flow_years)."""
        return {name: rows[0] for name, rows in evaluate_yearly_by_district(self.run.resolved, self.plan).items()}

    @cached_property
    def findings(self) -> list[Finding]:
        """What every rule says."""
        return check(self.run.resolved, self.plan)

    @cached_property
    def trace(self) -> Trace:
        """The plan on its way through the model."""
        return Trace(self.run.resolved, self.plan, REPORT)

    @cached_property
    def base(self) -> dict[str, float]:
        """Every indicator of the empty plan."""
        empty = empty_plan(self.run.resolved.city.n_villages)
        return {name: float(value[0]) for name, value in evaluate(self.run.resolved, empty).values.items()}

    def form(self, name: str) -> FloatArray:
        """A floor area by village, shape (n_villages,) [m2]."""
        return getattr(self.trace.form, name)[0]

    # --- what is built --------------------------------------------------------------------------------------------

    def n_villages(self, intensity: Intensity, land_use: LandUse | None = None) -> int:
        """Renewed villages of an intensity and a land use."""
        which = (self.plan.start_year[0] > 0) & (self.plan.intensity[0] == INTENSITIES.index(intensity))
        if land_use is not None:
            which &= self.plan.land_use[0] == LAND_USES.index(land_use)
        return int(which.sum())

    @property
    def n_for_sale(self) -> int:
        """Villages rebuilt, wholly or half, for commodity housing alone."""
        return sum(self.n_villages(word, LandUse.COMMODITY_HOUSING) for word in (Intensity.MIXED, Intensity.REBUILD))

    @property
    def years(self) -> str:
        """First and last start year."""
        years = self.plan.start_year[0][self.plan.start_year[0] > 0]
        return f"{years.min()}, {years.max()}" if len(years) else "-"

    @property
    def floor_area_ratio(self) -> float:
        """Of what is rebuilt, weighted by site; NaN where nothing is."""
        site = self.form("rebuilt_share") * self.trace.constants.base.site_area_m2
        return float(site @ self.plan.floor_area_ratio[0] / site.sum()) if site.any() else math.nan

    @property
    def torn_down(self) -> float:
        """Demolished over existing floor of the renewed villages; NaN where none is renewed."""
        existing = float(self.trace.renewed[0] @ self.trace.constants.base.existing_floor_m2)
        return float(self.form("demolished").sum()) / existing if existing else math.nan

    @property
    def facilities_per_resident(self) -> float:
        """New facility floor over the residents of the renewed villages afterwards [m2/person]; NaN without any."""
        residents = self.values["population_after_persons"]
        return self.values["facility_floor_m2"] / residents if residents else math.nan

    @property
    def facility_standard(self) -> float:
        """Facility floor that the standards ask for, green and sports land apart [m2/person]."""
        land = ("green_space", "sports")
        standards = dict(zip(CATEGORIES, self.trace.constants.access.standard, strict=True))
        return float(sum(m2 for name, m2 in standards.items() if name not in land))

    # --- markets --------------------------------------------------------------------------------------------------

    @property
    def sales_ratio(self) -> FloatArray:
        """Commodity floor sold over the normal of the market, shape (n_districts, n_flow_years)."""
        return self.districts["commodity_sold_m2"] / self.districts["normal_sales_m2"]

    @property
    def city_sales_ratio(self) -> FloatArray:
        """The same of the city, shape (n_flow_years,)."""
        return self.districts["commodity_sold_m2"].sum(axis=0) / self.districts["normal_sales_m2"].sum(axis=0)

    def city_factor(self, name: str) -> FloatArray:
        """A factor of the districts, weighted by their stock of housing, shape (n_flow_years,)."""
        return np.average(self.districts[name], axis=0, weights=self.trace.constants.markets.stock.size)

    @property
    def price_received(self) -> float:
        """Mean price factor of what is sold; NaN where nothing is."""
        sold = self.districts["commodity_sold_m2"]
        return float((sold * self.districts["sale_price_factor"]).sum() / sold.sum()) if sold.any() else math.nan

    @property
    def hedonic(self) -> float:
        """Base-year price of what is sold over that of its villages today; NaN where nothing is."""
        floor = self.form("commodity")
        before = float(floor @ self.trace.constants.prices.sale_price_cny_per_m2)
        return float(floor @ self.trace.sale_price_cny_per_m2[0]) / before if before else math.nan

    # --- money ----------------------------------------------------------------------------------------------------

    def cash(self, *items: str) -> float:
        """Sum over districts and years of items of the account, undiscounted [CNY]."""
        return sum(float(self.trace.flows_by_district_cny[item][0].sum()) for item in items)

    @property
    def households(self) -> float:
        """Registered households of the rebuilt parts."""
        registered = float(self.form("rebuilt_share") @ self.trace.constants.base.registered)
        return registered / self.run.resolved.book.number("built.household_size")

    @property
    def cash_to_villagers(self) -> float:
        """Compensation, monetary resettlement and transition allowance [CNY]."""
        return self.cash("compensation", "monetary_resettlement", "transition_allowance")

    @property
    def floor_gained_cny(self) -> float:
        """Resettlement floor at the price of its village, less what is paid for it [CNY]."""
        value_cny = float(self.form("resettlement") @ self.trace.sale_price_cny_per_m2[0])
        return value_cny - self.cash("resettlement_sales")

    def per_sold(self, cny: float) -> float:
        """An amount per m2 of commodity floor; NaN where none is built."""
        floor = self.form("commodity").sum()
        return cny / float(floor) if floor > 0.0 else math.nan

    # --- people ---------------------------------------------------------------------------------------------------

    def moved(self, name: str) -> float:
        """Sum of a movement over the villages [persons]."""
        return float(getattr(self.trace.moves, name)[0].sum())

    @property
    def commute_before(self) -> float:
        """Mean commute of those who live in the renewed villages in the base year [km]; NaN where none is renewed."""
        n_zones = self.run.resolved.city.n_zones
        workers = self.trace.workers[n_zones:, 0, 0] * self.trace.renewed[0]
        return (
            float(workers @ self.trace.commute_km_by_place[n_zones:, 0, 0]) / workers.sum()
            if workers.any()
            else math.nan
        )

    @cached_property
    def settled(self) -> FloatArray:
        """Displaced people in each zone and year, shape (n_zones, n_years) [persons]."""
        away = self.trace.away
        return (away.zone_tenants + away.zone_registered)[:, 0]

    @property
    def room(self) -> FloatArray:
        """Displaced people whom each zone has room for, shape (n_zones,) [persons]."""
        return self.trace.constants.settlement.room

    @property
    def full(self) -> BoolArray:
        """Which zones are full in which years, shape (n_zones, n_years)."""
        return self.settled >= FULL * self.room[:, None]

    @property
    def _district_of(self) -> tuple[IntArray, IntArray]:
        """District of each zone and of each village."""
        places, n_zones = np.asarray(self.trace.constants.base.place_district_idx), self.run.resolved.city.n_zones
        return places[:n_zones], places[n_zones:]

    @property
    def tenants_by_district(self) -> FloatArray:
        """Tenants of villages without a plan, shape (n_districts,) [persons]."""
        return self._by_district(self._district_of[1], self.trace.constants.base.tenants)

    def _by_district(self, where: IntArray, count: FloatArray) -> FloatArray:
        sums = np.bincount(where, count, minlength=len(self.run.resolved.city.districts))
        return sums.astype(np.float64)

    @property
    def tenants_moved(self) -> FloatArray:
        """Displaced tenants of the last year by the district they left and the one they live in, (2, n_districts)."""
        zones, villages = self._district_of
        lost, here = self.trace.away.tenants[:, 0, -1], self.trace.away.zone_tenants[:, 0, -1]
        return np.stack([self._by_district(villages, lost), self._by_district(zones, here)])

    @property
    def asked_at_home(self) -> float:
        """Displaced tenants who look for a home in the district they lived in, room or not [persons]."""
        zones, villages = self._district_of
        at_home = self.trace.constants.settlement.leaver_share * (zones[:, None] == villages)
        return float((at_home @ self.trace.away.tenants[:, 0, -1]).sum())


def best(name: str, run: Run, preferences: Mapping[str, float]) -> Choice:
    """The valid plan with the largest sum of normalized objectives, weighted by the preferences."""
    objectives = run.record.objectives
    values = run.front[list(objectives)].to_numpy(np.float64)
    ends = ([getattr(run.record.anchors[each], end) for each in objectives] for end in ("best", "worst"))
    weight = np.array([preferences.get(each, 0.0) for each in objectives])
    score = normalized(values, *map(np.array, ends)) @ (weight / weight.sum())
    return _first(name, run, score)


def most_money(choice: Choice) -> Choice:
    """The valid plan of the same run that earns most."""
    return _first(choice.name, choice.run, choice.run.front["net_present_value_cny"].to_numpy(np.float64))


def _first(name: str, run: Run, score: FloatArray) -> Choice:
    valid = run.front["valid"].to_numpy(bool)
    position = int(np.argmax(np.where(valid, score, -np.inf)))
    return Choice(name, run, position, float(score[position]))


def read(runs: Path) -> list[Choice]:
    """The best plan of every preset that has a run, or shares the search of one that has."""
    found = {name: load_run(runs / name) for name in PRESETS if (runs / name).is_dir()}
    choices = [best(name, run, run.resolved.scenario.preferences) for name, run in found.items()]
    for name in PRESETS:
        preset = load_scenario(name)
        same = [run for run in found.values() if _searched(run.resolved.scenario) == _searched(preset)]
        if name not in found and same:
            choices.append(best(name, same[0], preset.preferences))
    return sorted(choices, key=lambda choice: PRESETS.index(choice.name))


def _searched(scenario: Scenario) -> dict[str, Any]:
    """What a search knows of a scenario: no preferences, and no target that is only reported."""
    steering = tuple(target for target in scenario.targets if target.mode in (RuleMode.PENALIZED, RuleMode.HARD))
    return scenario.model_copy(update={"targets": steering}).model_dump(exclude={"name", "label", "preferences"})


def central_commute(choice: Choice, n_central: int = 6) -> tuple[float, float]:
    """Mean commute of residents of the first districts in the base year, and share of them above 25 km [km, -]."""
    base, gravity = choice.trace.constants.base, choice.trace.constants.gravity
    central = np.asarray(base.place_district_idx) < n_central
    pull = gravity.base_balance[:, 0] * base.jobs
    commuters = gravity.kernel[central] * pull
    commuters *= (base.workers[central] / commuters.sum(axis=1))[:, None]
    km = gravity.kernel_km[central] / gravity.kernel[central]
    return float(np.average(km, weights=commuters)), float(commuters[km > 25.0].sum() / commuters.sum())
