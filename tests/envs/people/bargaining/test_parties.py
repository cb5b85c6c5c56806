"""What a party counts, worked out again from floors, people and years for one village."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest

from data.parameter_book import Book
from data.scenario import LandUse, Scenario
from envs.choices.options import OptionSpace, option_space
from envs.kernel import ResolvedScenario, resolve
from envs.kernel.plans import Plans, empty_plan
from envs.kernel.trace import SEARCH, Trace
from envs.people.bargaining.projects import Projects, projects_of


@dataclass(frozen=True)
class Worth:
    """Present worth of 1, for a start in `start` and completion `lag` years later, by a book."""

    rate: float
    start: int
    lag: int
    last: int

    def at(self, year: int) -> float:
        return (1.0 + self.rate) ** -year

    @property
    def completion(self) -> float:
        return self.at(self.start + self.lag)

    @property
    def operation(self) -> float:
        return sum(self.at(year) for year in range(self.start + self.lag, self.last + 1))


def _worth(resolved: ResolvedScenario, plan: Plans, village: int) -> Worth:
    rate, clock = resolved.book.number("finance.discount_rate"), resolved.clock
    return Worth(rate, int(plan.start_year[0, village]), clock.phases.rebuild_lag_yr, clock.last_flow_year)


@pytest.fixture(scope="module")
def subsidized(resolved: ResolvedScenario) -> ResolvedScenario:
    return resolve(Scenario(plan_years=5, parameters={"policy.rental_subsidy": 500}), resolved.city)


def _rented_out(projects: Projects) -> int:
    """A package of the first project with rental floor."""
    plans, village = projects.packages.plans, projects.village_idx[0]
    is_rental = plans.land_use[:, village] == list(LandUse).index(LandUse.RENTAL_HOUSING)
    return int(np.flatnonzero(is_rental & projects.stakes.legal[0])[0])


def test_what_the_government_values(resolved: ResolvedScenario, plan: Plans, projects: Projects) -> None:
    """Facilities, jobs and rental floor at completion, displaced tenants at the start, of the village of project 0."""
    package, village, book = _rented_out(projects), int(projects.village_idx[0]), resolved.book
    trace = Trace(resolved, projects.packages.plans[package : package + 1], SEARCH)
    form, worth = trace.form, _worth(resolved, plan, village)
    site_m2 = resolved.constants.base.site_area_m2[village]
    terms = {name: term[0, package] for name, term in projects.terms["government"].items()}
    facility_m2, rental_m2 = form.facility_new[0, village], form.rental[0, village]
    assert form.retained[0, village] == 0.0
    assert terms["facilities"] == pytest.approx(
        book.number("shadow.facility_floor") * facility_m2 * worth.completion / site_m2
    )
    assert terms["rental"] == pytest.approx(book.number("shadow.rental_floor") * rental_m2 * worth.completion / site_m2)
    floor_jobs = (form.employment + form.industrial)[0, village] / book.number("density.job_m2")
    new = book.number("jobs.fill") * (floor_jobs + facility_m2 / book.number("density.facility_job_m2"))
    lost = resolved.constants.base.village_jobs[village]
    jobs = new * worth.completion - lost * worth.at(worth.start)
    assert terms["jobs"] == pytest.approx(book.number("shadow.job") * jobs / site_m2)
    displaced = (trace.moves.tenants_left - trace.moves.tenants_back)[0, village]
    assert displaced > 0.0
    assert terms["displacement"] == pytest.approx(
        -book.number("shadow.displaced_tenant") * displaced * worth.at(worth.start) / site_m2
    )


def test_carbon_is_built_once_and_operated_every_year(
    resolved: ResolvedScenario, plan: Plans, projects: Projects
) -> None:
    """Building over the construction years; each year of operation what it is more than today's, housing at 32 kg."""
    village, book = int(projects.village_idx[0]), resolved.book
    form, worth = Trace(resolved, plan, SEARCH).form, _worth(resolved, plan, village)
    new_m2, old_m2 = form.new_floor[0, village], form.demolished[0, village]
    public_m2 = (form.facility_new + form.employment + form.industrial)[0, village]
    built_t = (new_m2 * book.number("carbon.embodied_new") + old_m2 * book.number("carbon.demolition")) / 1000.0
    homes, public = (book.number(f"carbon.operation_{kind}") for kind in ("residential", "public"))
    more_t = ((new_m2 - public_m2) * homes + public_m2 * public - old_m2 * homes) / 1000.0
    years = resolved.clock.phases.construction_years
    building = np.mean([worth.at(worth.start + delay) for delay in years])
    expected = -book.number("shadow.carbon") * (built_t * building + more_t * worth.operation)
    site_m2 = resolved.constants.base.site_area_m2[village]
    assert projects.terms["government"]["carbon"][0, 0] == pytest.approx(expected / site_m2)


def test_the_subsidy_goes_from_the_government_to_the_developer(
    subsidized: ResolvedScenario, plan: Plans, options: OptionSpace, projects: Projects
) -> None:
    """500 CNY for each m2 of rental floor at completion; the land payment of package 0 gains what it has of it."""
    given = projects_of(subsidized, plan, option_space(subsidized))
    package, village = _rented_out(given), int(given.village_idx[0])
    rental_m2 = Trace(subsidized, given.packages.plans[package : package + 1], SEARCH).form.rental[0, village]
    paid = 500.0 * rental_m2 * _worth(subsidized, plan, village).completion
    site_m2 = subsidized.constants.base.site_area_m2[village]
    assert given.terms["developer"]["subsidy"][0, package] == pytest.approx(paid / site_m2)
    assert given.terms["government"]["subsidy"][0, package] == pytest.approx(-paid / site_m2)
    more = given.terms["developer"]["subsidy"][:, 0]
    assert (given.terms["government"]["land"] - projects.terms["government"]["land"])[:, 0] == pytest.approx(more)


def test_margin_and_taxes_are_shares_of_the_sales(resolved: ResolvedScenario, projects: Projects) -> None:
    """Sales net of selling cost are 97 % of the sales: the reserve is half of a tenth of these, taxes are 9 %."""
    book: Book = resolved.book
    net = projects.terms["developer"]["sales"][0, 0]
    assert book.number("finance.sales_cost") == 0.03
    assert projects.terms["developer"]["reserve"][0, 0] == pytest.approx(-0.5 * 0.1 * net / 0.97)
    assert projects.terms["government"]["taxes"][0, 0] == pytest.approx(0.09 * net / 0.97)


def test_the_land_payment_is_that_of_the_plan_in_every_package(projects: Projects) -> None:
    land = projects.terms["government"]["land"]
    assert np.array_equal(land, np.repeat(land[:, :1], land.shape[1], axis=1))
    assert np.array_equal(projects.terms["developer"]["land"], -land)


def test_prices_are_those_of_the_plan_that_is_named(
    resolved: ResolvedScenario, plan: Plans, options: OptionSpace, projects: Projects
) -> None:
    """At the prices of a city that renews nothing housing sells at the base price of its option; no cost moves."""
    calm = projects_of(resolved, plan, options, market_plan=empty_plan(6))
    village, trace = int(calm.village_idx[0]), Trace(resolved, plan, SEARCH)
    worth, site_m2 = _worth(resolved, plan, village), resolved.constants.base.site_area_m2[village]
    assert resolved.book.number("price.growth") == 0.0
    absorbed = sum(share * worth.completion * worth.at(k) for k, share in enumerate(resolved.clock.absorption))
    sold_cny = trace.form.commodity[0, village] * trace.sale_price_cny_per_m2[0, village]
    assert calm.terms["developer"]["sales"][0, 0] == pytest.approx(0.97 * sold_cny * absorbed / site_m2)
    assert calm.terms["developer"]["sales"][0, 0] != projects.terms["developer"]["sales"][0, 0]
    assert np.array_equal(calm.terms["developer"]["works"], projects.terms["developer"]["works"])
    assert np.array_equal(calm.terms["villagers"]["cash"], projects.terms["villagers"]["cash"])
