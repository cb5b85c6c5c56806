"""The projects of a plan: what may be agreed on in each village that it renews, and what each party gains."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from data.arrays import BoolArray, FloatArray, IntArray
from envs.kernel.computing.parallel_chunks import chunks
from envs.kernel.plans import Plans, canonical
from envs.kernel.project_account import DEVELOPER, GOVERNMENT
from envs.kernel.resolved_scenario import ResolvedScenario
from envs.kernel.trace import SEARCH, Trace
from envs.people.bargaining.electorate import draw_pivotal_ratios, n_registered_households
from envs.people.bargaining.packages import LegalOptions, Packages, packages
from envs.people.bargaining.parties import (
    PARTIES,
    TENANTS,
    VILLAGERS,
    Site,
    Terms,
    developer_terms,
    government_terms,
    total,
    villagers_terms,
)
from envs.people.bargaining.present_worth import PresentWorth
from envs.people.bargaining.prospects import Stakes
from envs.people.bargaining.tenants import Today, tenants_terms, today_of

LAND = "land"
GIVEN_UP = "home"
"""Term of villagers: what they give up, which hangs on the household that decides."""
PACKAGES = "packages"
FLOOR_TOLERANCE = 1e-6
CELLS_PER_CHUNK = 50_000
MONTHS_PER_YR = 12.0


@dataclass(frozen=True, eq=False)
class Projects:
    """Projects and what is at stake; terms and offers are of shape (n_projects, n_packages).

    Attributes:
        resolved: scenario resolved against a city.
        packages: of every village of the city.
        village_idx: village of each project, shape (n_projects,).
        terms: party -> name of a term -> what it adds to the party's utility; what villagers give up is not in it.
        stakes: the same as arrays, with vetoes and legality.
        multiplier: of each package [x].
        onsite_share: of each package.
        reservation_cny: B, per registered person, shape (n_projects,).
        house_cny: V_house of each package, per registered person.
        cash_cny: V_cash, the same.
        n_households: that vote, shape (n_projects,).
    """

    resolved: ResolvedScenario
    packages: Packages
    village_idx: IntArray
    terms: dict[str, Terms]
    stakes: Stakes
    multiplier: FloatArray
    onsite_share: FloatArray
    reservation_cny: FloatArray
    house_cny: FloatArray
    cash_cny: FloatArray
    n_households: IntArray

    @property
    def village_ids(self) -> list[str]:
        """Village of each project."""
        return [str(village_id) for village_id in self.resolved.city.villages.village_id[self.village_idx]]

    @property
    def city_position(self) -> IntArray:
        """Position of each project's village among the places of the city."""
        return self.resolved.city.n_zones + self.village_idx

    def pivotal_ratios(self, seed: int, n_draws: int) -> FloatArray:
        """Ratio of the deciding household in each draw, shape (n_projects, n_draws)."""
        voters, threshold = self.resolved.voters, self.resolved.book.number("consent.threshold")
        return draw_pivotal_ratios(
            seed, self.village_ids, self.n_households, n_draws, voters=voters, threshold=threshold
        )

    def terms_at(self, party: str, pivotal_ratio: FloatArray) -> Terms:
        """A party's terms where the deciding household has a ratio, shape (n_projects,)."""
        if party != VILLAGERS:
            return self.terms[party]
        given_up = -(self.stakes.given_up * pivotal_ratio)[:, None] + np.zeros_like(self.multiplier)
        return {**self.terms[party], GIVEN_UP: given_up}

    def agreed_plan(self, package: IntArray, agreed: BoolArray, delay_yr: FloatArray) -> Plans:
        """The plan with what was agreed on; a project without an agreement is kept, other villages are as planned.

        Args:
            package: of each project, shape (n_projects,), as the two that follow.
            agreed: whether it was.
            delay_yr: of bargaining, added to the plan's own.

        Returns:
            Canonical batch of one. No delay is longer than the calendar holds (Clock.longest_delay_yr).
        """
        project = np.flatnonzero(agreed)
        village, offered = self.village_idx[project], self.packages.plans
        chosen = np.zeros(offered.n_villages, dtype=np.int64)
        chosen[village] = package[project]
        plan = offered.each(lambda column: column[chosen, np.arange(chosen.size)][None])
        nothing = np.full((1, chosen.size), np.nan)
        own_delay_yr = nothing if plan.delay_yr is None else plan.delay_yr
        together_yr = np.nan_to_num(own_delay_yr[0, village]) + delay_yr[project]
        return canonical(
            replace(
                plan,
                start_year=_with(plan.start_year, self.village_idx[~agreed], 0),
                compensation_multiplier=_with(
                    plan.given.get("compensation_multiplier", nothing),
                    village,
                    self.multiplier[project, package[project]],
                ),
                onsite_share=_with(
                    plan.given.get("onsite_share", nothing), village, self.onsite_share[project, package[project]]
                ),
                delay_yr=_with(own_delay_yr, village, np.minimum(together_yr, self.resolved.clock.longest_delay_yr)),
            )
        )


def _with(column: FloatArray, village_idx: IntArray, values: FloatArray | int) -> FloatArray:
    """A column of a plan with other values for some villages."""
    changed = np.array(column)
    changed[0, village_idx] = values
    return changed


def projects_of(
    resolved: ResolvedScenario,
    plan: Plans,
    options: LegalOptions,
    village_idx: IntArray | None = None,
    *,
    market_plan: Plans | None = None,
    option_fixed: bool = False,
) -> Projects:
    """The villages that a plan renews, each a project.

    Args:
        resolved: scenario resolved against a city; what its table of agreements says is left out of account.
        plan: canonical batch of one, on NumPy.
        options: legal options of the scenario.
        village_idx: those of them that bargain, rising; None = all.
        market_plan: whose prices and rents hold, a batch of one; None = the plan's own.
        option_fixed: whether only the terms are on the table, not the neighbors of the plan's option.
    """
    if village_idx is None:
        village_idx = np.flatnonzero(plan.start_year[0] > 0)
    base = resolved.without_bargaining
    trace = Trace(base, plan, SEARCH)
    worth = PresentWorth(trace, village_idx, trace if market_plan is None else Trace(base, market_plan, SEARCH))
    table = packages(plan, options, base.book, option_fixed=option_fixed)
    return projects_with(base, table, worth, today_of(base))


def projects_with(resolved: ResolvedScenario, table: Packages, worth: PresentWorth, today: Today) -> Projects:
    """Projects over packages that are given.

    Args:
        resolved: scenario resolved against a city, bargaining off.
        table: packages of every village of the city.
        worth: of amounts of the villages that bargain.
        today: places as they are.
    """
    site = Site(worth.village_idx, resolved.constants.base.site_area_m2[worth.village_idx], worth)
    n_villages = resolved.city.n_villages
    parts = [
        _measured(Trace(resolved, table.plans[rows], SEARCH), site, today)
        for rows in chunks(table.plans.n_plans, max(1, CELLS_PER_CHUNK // max(1, n_villages)))
    ]
    measured = {
        about: {name: np.concatenate([part[about][name] for part in parts]).T for name in parts[0][about]}
        for about in parts[0]
    }
    return _assembled(resolved, table, site, measured)


def _measured(trace: Trace, site: Site, today: Today) -> dict[str, dict[str, FloatArray]]:
    """Terms of every party, and under PACKAGES what is known of them; shape (n_packages, n_projects) each."""
    book, idx = trace.resolved.book, site.village_idx
    developer, residual = developer_terms(trace, site, book)
    villagers, given_up = villagers_terms(trace, site)
    known = {
        "residual": residual,
        "given_up": np.broadcast_to(given_up, residual.shape),
        "multiplier": np.asarray(trace.consent_multiplier)[:, idx],
        "onsite_share": np.broadcast_to(trace.onsite_share, trace.plans.start_year.shape)[:, idx],
        "reservation_cny": trace.offer.reservation_cny[:, idx],
        "house_cny": trace.offer.house_cny[:, idx],
        "cash_cny": trace.offer.cash_cny[:, idx],
        "missing": (trace.form.shortfall / (1.0 + trace.form.new_floor))[:, idx],
        "rebuilt_share": trace.form.rebuilt_share[:, idx],
    }
    return {
        VILLAGERS: villagers,
        DEVELOPER: developer,
        GOVERNMENT: government_terms(trace, site, book),
        TENANTS: tenants_terms(trace, site, today),
        PACKAGES: known,
    }


def _assembled(
    resolved: ResolvedScenario, table: Packages, site: Site, measured: dict[str, dict[str, FloatArray]]
) -> Projects:
    known = measured.pop(PACKAGES)
    terms: dict[str, Terms] = dict(measured)
    book, idx = resolved.book, site.village_idx
    land = known["residual"][:, :1] + np.zeros_like(known["residual"])
    terms[DEVELOPER] = {**terms[DEVELOPER], LAND: -land}
    terms[GOVERNMENT] = {LAND: land, **terms[GOVERNMENT]}
    rebuilt, registered = known["rebuilt_share"][:, 0] > 0.0, resolved.constants.base.registered[idx]
    tenants_vote = np.full(idx.size, book.number("bargain.tenants_vote") > 0.0)
    veto = (rebuilt & (registered > 0.0), rebuilt, np.ones(idx.size, dtype=bool), tenants_vote)
    stakes = Stakes(
        utility=np.stack([total(terms[party]) for party in PARTIES], axis=2),
        villagers=PARTIES.index(VILLAGERS),
        given_up=known["given_up"][:, 0],
        veto=np.stack(veto, axis=1),
        legal=table.offered[:, idx].T & (known["missing"] <= FLOOR_TOLERANCE),
        full_concession_yr=book.number("bargain.months") / MONTHS_PER_YR,
    )
    return Projects(
        resolved=resolved,
        packages=table,
        village_idx=idx,
        terms=terms,
        stakes=stakes,
        multiplier=known["multiplier"],
        onsite_share=known["onsite_share"],
        reservation_cny=known["reservation_cny"][:, 0],
        house_cny=known["house_cny"],
        cash_cny=known["cash_cny"],
        n_households=n_registered_households(registered, book.number("built.household_size")),
    )
