"""What bargaining brings to every village and option, tabulated once for a city and a scenario (the meso layer).

The option is fixed; multiplier and on-site share are bargained over. It is bargained twice: first at the prices that
each village makes by itself, then at those of the programme that would be agreed on (programme.agreed_programme):
agreements move prices, and whoever agrees alone at a knife's edge does not among others. Every village starts in the
middle year of the plan: what the parties get is worth less the later it is, but to each in the same proportion.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np

from data.arrays import BoolArray, FloatArray, IntArray
from data.scenario import INTENSITIES, LAND_USES
from envs.kernel.agreements import Agreements, options_of_kind
from envs.kernel.alone import indices_alone
from envs.kernel.model_version import MODEL_VERSION
from envs.kernel.plans import Plans, canonical
from envs.kernel.project_account import DEVELOPER, GOVERNMENT
from envs.kernel.resolved_scenario import ResolvedScenario
from envs.kernel.timing import Clock, delayed
from envs.kernel.trace import SEARCH, Trace
from envs.people.bargaining.electorate import draw_pivotal_ratios, n_registered_households
from envs.people.bargaining.packages import LegalOptions, packages
from envs.people.bargaining.parties import PARTIES, VILLAGERS
from envs.people.bargaining.present_worth import PresentWorth, PresentWorthAlone
from envs.people.bargaining.programme import agreed_programme
from envs.people.bargaining.projects import Projects, projects_with
from envs.people.bargaining.prospects import N_DRAWS, N_QUANTILES, Prospects, prospects
from envs.people.bargaining.protocol import NOBODY
from envs.people.bargaining.tenants import Today, today_of

TABLE_SEED = 0
"""Of the draws of households; that of `renewal bargain` unless another is asked for."""
TABLE_VERSION = 3
"""Of how the table is made: one more where it would come out otherwise. A kept table of another version is not read;
MODEL_VERSION is one more then, too, so that runs that counted agreements open read-only."""
GAINERS = (VILLAGERS, DEVELOPER, GOVERNMENT)
"""Parties whose expected gains the table holds, in its order."""
NOT_BARGAINED_OVER = frozenset({"name", "label", "preferences", "targets", "objectives", "bargaining"})
"""Fields of a scenario that the table does not read."""

Progress = Callable[[int, int], None]
"""Called with the options that are done, and how many there are."""


class TabulatedOptions(LegalOptions, Protocol):
    """Options of every village that turn into plans; envs.choices.options.OptionSpace is one."""

    @property
    def start_mask(self) -> BoolArray:
        """True where the village may start in the year (column 0 = keep), shape (n_villages, plan_years + 1)."""
        ...

    @property
    def fixed(self) -> Plans:
        """Decisions that are given, a batch of one or a row of every village."""
        ...

    def decode(self, start_year: IntArray, option: IntArray) -> Plans:
        """Plans from start years and options, shape (n_plans, n_villages) each; fixed decisions are put in."""
        ...


@dataclass(frozen=True, eq=False)
class _Market:
    """What is the same for every option.

    Attributes:
        resolved: scenario resolved against a city, bargaining off.
        year: in which every village starts.
        calendar: trace of a plan in which every village starts when it is tabulated.
        profiles: of its years, by village.
        today: places as they are.
        ratios: of the household that decides, by village and draw.
        prices: trace of the plan whose prices hold; None = those that each village makes by itself.
    """

    resolved: ResolvedScenario
    year: int
    calendar: Trace
    profiles: dict[str, FloatArray]
    today: Today
    ratios: FloatArray
    prices: Trace | None = None


def table_digest(resolved: ResolvedScenario, *, seed: int = TABLE_SEED, n_draws: int = N_DRAWS) -> str:
    """SHA-256 of everything that can change the table."""
    scenario = json.dumps(resolved.scenario.digested(NOT_BARGAINED_OVER), sort_keys=True, ensure_ascii=False)
    book = resolved.book
    made = (MODEL_VERSION, TABLE_VERSION, seed, n_draws, N_QUANTILES)
    parts = (resolved.city.digest, scenario, book.digest, book.bargaining_digest, *map(str, made))
    return hashlib.sha256("|".join(parts).encode()).hexdigest()


def middle_year(plan_years: int) -> int:
    """The start year of every village of the table; of two in the middle the first.

    Example:
        >>> middle_year(12), middle_year(5)
        (6, 3)
    """
    return (plan_years + 1) // 2


def tabulate(
    resolved: ResolvedScenario,
    options: TabulatedOptions,
    *,
    seed: int = TABLE_SEED,
    n_draws: int = N_DRAWS,
    start_year: int | None = None,
    progress: Progress | None = None,
) -> Agreements:
    """Bargain over the terms of every option of every village, twice: alone, then at the prices that agreements make.

    Args:
        resolved: scenario resolved against a city; whether it counts bargaining does not matter.
        options: of the scenario without bargaining, on NumPy.
        seed: of the draws of households.
        n_draws: R.
        start_year: of every village that the scenario does not fix; None = the middle year of the plan.
        progress: told after every option of both rounds.

    Returns:
        The table; the same for the same city, scenario, seed and draws.
    """
    base, n = resolved.without_bargaining, options.intensity.size
    year = middle_year(base.scenario.plan_years) if start_year is None else start_year
    market = _market(base, options, seed=seed, n_draws=n_draws, year=year)
    alone = _tabulated(market, options, lambda done: progress(done, 2 * n) if progress else None)
    start, option = agreed_programme(
        alone, base.constants.base.site_area_m2, options.start_mask, base.scenario.yearly_quotas
    )
    programme = canonical(options.decode(start[None], option[None]))
    at_prices = replace(market, prices=Trace(base, programme, SEARCH))
    return _tabulated(at_prices, options, lambda done: progress(n + done, 2 * n) if progress else None)


def alone_table(
    resolved: ResolvedScenario, options: TabulatedOptions, *, seed: int = TABLE_SEED, n_draws: int = N_DRAWS
) -> Agreements:
    """The first round alone, at the prices that each village makes by itself; see tabulate."""
    base = resolved.without_bargaining
    market = _market(base, options, seed=seed, n_draws=n_draws, year=middle_year(base.scenario.plan_years))
    return _tabulated(market, options, lambda _done: None)


def _tabulated(market: _Market, options: TabulatedOptions, told: Callable[[int], None]) -> Agreements:
    """The table at the prices of a market."""
    n_villages, n_options = options.option_mask.shape
    legal = options.option_mask | (options.fixed_mask & (np.asarray(options.fixed.start_year) > 0).reshape(-1))[:, None]
    table = _Columns(n_villages, n_options)
    for option in range(n_options):
        chosen = legal[:, option]
        plan = options.decode((market.year * chosen)[None], np.full((1, n_villages), option))
        projects = _projects(market, canonical(plan), options, np.flatnonzero(chosen))
        table.fill(option, projects, prospects(projects.stakes, market.ratios[projects.village_idx]))
        told(option + 1)
    calendar, delays_yr = calendars_of(table.delay_yr, market.resolved.clock)
    return Agreements(
        intensity=options.intensity,
        land_use=options.land_use,
        facility_ratio=options.facility_ratio,
        floor_area_ratio=options.floor_area_ratio,
        legal=legal,
        options_of_kind=options_of_kind(options.intensity, options.land_use, len(INTENSITIES) * len(LAND_USES)),
        probability=np.where(legal & _begun(market, options)[:, None], 1.0, table.probability),
        multiplier=table.multiplier,
        onsite_share=table.onsite_share,
        delay_yr=table.delay_yr,
        calendar=calendar,
        calendar_delay_yr=delays_yr,
        gain_cny_per_m2=table.gain_cny_per_m2,
    )


def _begun(market: _Market, options: TabulatedOptions) -> BoolArray:
    """Villages that are fixed in years that are over: nobody bargains over them any more, shape (n_villages,)."""
    start_year = np.asarray(options.fixed.start_year).reshape(-1)
    begun: BoolArray = options.fixed_mask & (start_year > 0) & (start_year < market.resolved.scenario.first_open_year)
    return begun


def _market(resolved: ResolvedScenario, options: TabulatedOptions, *, seed: int, n_draws: int, year: int) -> _Market:
    n_villages, book, villages = resolved.city.n_villages, resolved.book, resolved.city.villages
    every = options.decode(np.full((1, n_villages), year), np.argmax(options.option_mask, axis=1)[None])
    ratios = draw_pivotal_ratios(
        seed,
        [str(name) for name in villages.village_id],
        n_registered_households(resolved.constants.base.registered, book.number("built.household_size")),
        n_draws,
        voters=resolved.voters,
        threshold=book.number("consent.threshold"),
    )
    calendar = Trace(resolved, canonical(every), SEARCH)
    profiles = {name: calendar.profile(name)[calendar.calendar_row[0]] for name in resolved.clock.flow_profiles}
    return _Market(resolved, year, calendar, profiles, today_of(resolved), ratios)


def _projects(market: _Market, plan: Plans, options: LegalOptions, village_idx: IntArray) -> Projects:
    if market.prices is None:
        alone = indices_alone(Trace(market.resolved, plan, SEARCH), market.profiles)
        worth: PresentWorth = PresentWorthAlone(market.calendar, village_idx, alone)
    else:
        worth = PresentWorth(market.calendar, village_idx, market.prices)
    on_table = packages(plan, options, market.resolved.book, option_fixed=True)
    return projects_with(market.resolved, on_table, worth, market.today)


class _Columns:
    """Columns of the table that are being filled, option by option."""

    def __init__(self, n_villages: int, n_options: int) -> None:
        shape = (n_villages, n_options)
        self.probability, self.delay_yr = np.zeros(shape), np.zeros(shape)
        self.multiplier, self.onsite_share = np.full(shape, np.nan), np.full(shape, np.nan)
        self.gain_cny_per_m2 = np.full((len(GAINERS), *shape), np.nan)

    def fill(self, option: int, projects: Projects, promised: Prospects) -> None:
        """Put in what was bargained over an option."""
        village = projects.village_idx
        self.probability[village, option] = promised.probability[0]
        self.delay_yr[village, option] = np.nan_to_num(promised.expected(promised.delay_yr)[0])
        for party, gain in zip(GAINERS, self.gain_cny_per_m2, strict=True):
            gain[village, option] = promised.expected(promised.utility[:, :, PARTIES.index(party)])[0]
        if np.any(rebuilt := _is_rebuilt(projects)):
            terms = expected_terms(projects, promised)
            for column, expected in zip((self.multiplier, self.onsite_share), terms, strict=True):
                column[village, option] = np.where(rebuilt, expected, np.nan)


def expected_terms(projects: Projects, promised: Prospects) -> tuple[FloatArray, FloatArray]:
    """Expected multiplier and on-site share where it is agreed, shape (n_projects,) each; NaN where it never is."""
    package = np.maximum(promised.package, 0)
    none = promised.package == NOBODY

    def expected(of_package: FloatArray) -> FloatArray:
        there = np.where(none, np.nan, np.take_along_axis(of_package, package, axis=1))
        return promised.expected(there)[0]

    return expected(projects.multiplier), expected(projects.onsite_share)


def _is_rebuilt(projects: Projects) -> BoolArray:
    """Where something is rebuilt, shape (n_projects,): there the developer has to agree."""
    return projects.stakes.veto[:, PARTIES.index(DEVELOPER)]


def calendars_of(delay_yr: FloatArray, clock: Clock) -> tuple[IntArray, FloatArray]:
    """The calendars that delays make, and which of them each delay makes.

    Args:
        delay_yr: any shape [yr]; at most what the calendar holds (Clock.longest_delay_yr) is counted.
        clock: of the scenario.

    Returns:
        Positions, same shape, and a delay for each calendar, the first 0, shape (n_calendars,) [yr].

    Example:
        Approval and land take a year each, construction two and a half, works a year: half a year more is still built
        in the fifth year, but rehabilitation ends a year later, and more than half a year delays the rebuilt part, too.

        >>> from envs.kernel.timing import Phases
        >>> clock = Clock(Phases(1.0, 1.0, 2.5, 1.0), 12, 5, 30, (1.0,))
        >>> calendars_of(np.array([0.0, 0.2, 0.3, 0.7]), clock)
        (array([0, 1, 1, 2]), array([0. , 0.2, 0.7]))
    """
    counted = np.minimum(delay_yr, clock.longest_delay_yr)
    rounded: FloatArray = np.asarray(np.round(counted, 9), dtype=np.float64)
    years, inverse = np.unique(rounded, return_inverse=True)
    place, delays, of_year = {clock.phases.schedule: 0}, [0.0], np.zeros(years.size, dtype=np.int64)
    same = _same_neighbors(years, clock)
    for k, year in enumerate(years.tolist()):
        if k and same[k - 1]:
            of_year[k] = of_year[k - 1]
            continue
        schedule = delayed(clock, year).phases.schedule
        if schedule not in place:
            place[schedule] = len(delays)
            delays.append(year)
        of_year[k] = place[schedule]
    return of_year[inverse].reshape(delay_yr.shape), np.array(delays)


def _same_neighbors(years: FloatArray, clock: Clock) -> BoolArray:
    """Where rising delays round every phase's end as the one before does, so that both make one calendar."""
    phases = clock.phases
    ends = np.cumsum([phases.approval_yr, phases.land_assembly_yr, phases.construction_yr])
    ends = np.append(ends, phases.approval_yr + phases.upgrade_works_yr)
    at = np.round(years[:, None] + ends, 9)
    rounded = np.concatenate([np.ceil(at), np.floor(at)], axis=1)
    return np.all(rounded[1:] == rounded[:-1], axis=1)
