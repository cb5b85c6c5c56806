"""What bargaining brings to every option: against plain loops, and what it must not hang on."""

from __future__ import annotations

from dataclasses import fields, replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from data.files.cities import load_city
from data.scenario import Bargaining, FixedVillage, Intensity, LandUse, Scenario
from envs.choices.options import OptionSpace, option_space
from envs.kernel import ResolvedScenario, resolve
from envs.kernel.agreements import Agreements
from envs.kernel.model_version import MODEL_VERSION
from envs.kernel.plans import Plans, canonical
from envs.kernel.timing import Clock, Phases, delayed
from envs.people.bargaining.electorate import draw_pivotal_ratios, n_registered_households
from envs.people.bargaining.packages import packages
from envs.people.bargaining.programme import agreed_programme
from envs.people.bargaining.projects import projects_of
from envs.people.bargaining.prospects import prospects
from envs.people.bargaining.table import (
    TABLE_SEED,
    TABLE_VERSION,
    alone_table,
    calendars_of,
    middle_year,
    table_digest,
    tabulate,
)
from oracle_fixtures import pair_of
from oracles.bargaining import bargain_draws, mean_and_error
from oracles.parties import gains_of, package_of, setting_of
from plan_fixtures import entries_of

N_DRAWS = 40


GENEROUS = {"shadow.facility_floor": 12_000}


@pytest.fixture(scope="module")
def resolved() -> ResolvedScenario:
    """A government that values facilities highly, so that some options are agreed on."""
    return resolve(Scenario(plan_years=5, density_levels=2, facility_levels=1, parameters=GENEROUS), load_city("tiny"))


@pytest.fixture(scope="module")
def options(resolved: ResolvedScenario) -> OptionSpace:
    return option_space(resolved)


@pytest.fixture(scope="module")
def table(resolved: ResolvedScenario, options: OptionSpace) -> Agreements:
    return tabulate(resolved, options, n_draws=N_DRAWS)


def plan_of(options: OptionSpace, village: int, option: int, year: int) -> Plans:
    """The plan that renews one village by an option."""
    start = np.zeros((1, len(options.option_mask)), dtype=np.int64)
    start[0, village] = year
    return canonical(options.decode(start, np.full(start.shape, option)))


def test_a_row_is_what_plain_loops_bargain() -> None:
    pair = pair_of("plain", "all_kinds")
    resolved = resolve(
        pair.resolved.scenario, pair.resolved.city, pair.resolved.book.override({"shadow.facility_floor": 12_000})
    )
    options, book = option_space(resolved), resolved.book
    made = alone_table(resolved, options, n_draws=N_DRAWS)
    year, n_villages = middle_year(resolved.scenario.plan_years), resolved.city.n_villages
    ratios = draw_pivotal_ratios(
        TABLE_SEED,
        [str(name) for name in resolved.city.villages.village_id],
        n_registered_households(resolved.constants.base.registered, book.number("built.household_size")),
        N_DRAWS,
        voters=resolved.voters,
        threshold=book.number("consent.threshold"),
    )
    seen: set[bool] = set()
    for village in range(n_villages):
        for option in np.flatnonzero(made.legal[village])[::83].tolist():
            plan = plan_of(options, village, option, year)
            offered = packages(plan, options, book, option_fixed=True)
            projects = projects_of(resolved, plan, options, option_fixed=True)
            setting = setting_of(resolved.city, resolved.scenario, lambda key: book[key].value, entries_of(plan, 0))
            rows = [entries_of(offered.plans, p)[village] for p in range(offered.plans.n_plans)]
            gains = gains_of(setting, [package_of(setting, village, row, resolved.onsite_share) for row in rows])
            draws = bargain_draws(
                [[g.villagers_offer, g.developer, g.government, g.tenants] for g in gains],
                gains[0].villagers_give_up,
                ratios[village].tolist(),
                0,
                projects.stakes.veto[0].tolist(),
                projects.stakes.legal[0].tolist(),
                book.number("bargain.months") / 12.0,
            )
            seen.add(draws.probability > 0.0)
            assert made.probability[village, option] == pytest.approx(draws.probability)
            ends = [end for end in draws.bargains if end is not None and end.package is not None]
            if not ends:
                assert made.delay_yr[village, option] == 0.0
                assert np.isnan(made.multiplier[village, option])
                continue
            assert made.delay_yr[village, option] == pytest.approx(
                mean_and_error([end.delay_yr for end in ends])[0], rel=1e-6, abs=1e-9
            )
            for party in range(3):
                expected = mean_and_error([gain[party] for gain in draws.utilities if gain])[0]
                assert made.gain_cny_per_m2[party, village, option] == pytest.approx(expected, rel=1e-6, abs=1e-6)
            if options.intensity[option] > 0:
                agreed = [int(end.package) for end in ends if end.package is not None]
                for name in ("multiplier", "onsite_share"):
                    terms = getattr(projects, name)[0]
                    expected = mean_and_error([float(terms[p]) for p in agreed])[0]
                    assert getattr(made, name)[village, option] == pytest.approx(expected, rel=1e-9)
    assert seen == {True, False}


def test_the_second_round_is_at_the_prices_of_what_the_first_agrees_on(
    resolved: ResolvedScenario, options: OptionSpace, table: Agreements
) -> None:
    """The programme by hand: of every village the likely option of the largest joint gain, the largest gains first."""
    alone, site = alone_table(resolved, options, n_draws=N_DRAWS), resolved.constants.base.site_area_m2
    chosen: list[tuple[float, int, int]] = []
    for village in range(6):
        likely = [
            o for o in range(options.n_options) if alone.legal[village, o] and alone.probability[village, o] >= 0.5
        ]
        gains = {o: sum(float(alone.gain_cny_per_m2[party, village, o]) for party in range(3)) for o in likely}
        if gains:
            best = max(gains, key=lambda o: (gains[o], -o))
            chosen.append((gains[best] * float(site[village]), village, best))
    start, option = np.zeros((1, 6), dtype=np.int64), np.zeros((1, 6), dtype=np.int64)
    for _, village, best in chosen:  # fewer than the quota of the first year
        start[0, village], option[0, village] = 1, best
    assert 0 < len(chosen) <= resolved.scenario.yearly_quotas[0]
    programme = canonical(options.decode(start, option))
    year = middle_year(resolved.scenario.plan_years)
    for village in range(6):
        for some in np.flatnonzero(table.legal[village])[::9].tolist():
            plan = plan_of(options, village, some, year)
            projects = projects_of(resolved, plan, options, market_plan=programme, option_fixed=True)
            promised = prospects(projects.stakes, projects.pivotal_ratios(TABLE_SEED, N_DRAWS))
            assert table.probability[village, some] == promised.probability[0][0]
            assert table.delay_yr[village, some] == pytest.approx(
                np.nan_to_num(promised.expected(promised.delay_yr)[0])[0], abs=1e-12
            )
    assert not np.array_equal(table.gain_cny_per_m2, alone.gain_cny_per_m2, equal_nan=True)


def test_a_programme_keeps_quotas_and_open_years(table: Agreements) -> None:
    open_years = np.ones((6, 4), dtype=bool)
    open_years[:, 1] = False
    start, option = agreed_programme(table, np.ones(6), open_years, (5, 1, 2))
    likely = (table.legal & (table.probability >= 0.5)).any(axis=1)
    assert np.bincount(start, minlength=4)[1:].tolist() == [0, min(1, likely.sum()), min(2, max(0, likely.sum() - 1))]
    assert not start[~likely].any()
    first = int(np.flatnonzero(start == 2)[0])
    gain = np.nan_to_num(table.gain_cny_per_m2).sum(axis=0)[np.arange(6), option]
    assert gain[first] == gain[likely].max()


def test_the_same_seed_gives_the_same_table(
    resolved: ResolvedScenario, options: OptionSpace, table: Agreements
) -> None:
    done: list[tuple[int, int]] = []
    again = tabulate(resolved, options, n_draws=N_DRAWS, progress=lambda k, n: done.append((k, n)))
    for field in fields(Agreements):
        np.testing.assert_array_equal(getattr(again, field.name), getattr(table, field.name), err_msg=field.name)
    assert done == [(k + 1, 2 * options.n_options) for k in range(2 * options.n_options)]
    other = tabulate(resolved, options, n_draws=N_DRAWS, seed=5)
    assert not np.array_equal(other.gain_cny_per_m2, table.gain_cny_per_m2, equal_nan=True)


def test_whether_the_scenario_looks_at_it_does_not_matter(
    resolved: ResolvedScenario, options: OptionSpace, table: Agreements
) -> None:
    counted = replace(resolved, scenario=resolved.scenario.model_copy(update={"bargaining": Bargaining.COUNTED}))
    assert table_digest(counted) == table_digest(resolved)
    again = tabulate(counted, options, n_draws=N_DRAWS)
    np.testing.assert_array_equal(again.probability, table.probability)
    other = resolve(
        resolved.scenario.model_copy(update={"parameters": GENEROUS | {"bargain.months": 6}}), resolved.city
    )
    assert table_digest(other) != table_digest(resolved)


def test_what_is_known_where(table: Agreements, options: OptionSpace) -> None:
    rebuilt = (table.intensity > 0)[None, :] & table.legal
    agreed = table.probability > 0.0
    assert np.any(agreed & rebuilt)
    assert np.array_equal(~np.isnan(table.multiplier), agreed & rebuilt)
    assert np.array_equal(~np.isnan(table.onsite_share), agreed & rebuilt)
    assert np.array_equal(np.isnan(table.gain_cny_per_m2), np.broadcast_to(~agreed, table.gain_cny_per_m2.shape))
    assert np.all(table.gain_cny_per_m2[:, agreed][1:] >= -1e-9)  # neither developer nor government agrees to lose
    assert not table.probability[~options.option_mask].any()
    assert np.all((table.delay_yr >= 0.0) & (table.delay_yr <= 1.0))
    assert table.calendar_delay_yr[0] == 0.0


def test_a_fixed_village_is_bargained_over_as_it_is_fixed() -> None:
    fixed = FixedVillage(
        start_year=2,
        intensity=Intensity.REBUILD,
        land_use=LandUse.MIXED_USE,
        floor_area_ratio=1.9,
        facility_ratio=0.1,
        compensation_multiplier=1.35,
    )
    scenario = Scenario(
        plan_years=5,
        density_levels=2,
        facility_levels=1,
        fixed={"V1": fixed},
        parameters={"shadow.facility_floor": 30_000},
    )
    resolved = resolve(scenario, load_city("tiny"))
    options = option_space(resolved)
    made = tabulate(resolved, options, n_draws=N_DRAWS)
    assert made.legal[0].all()
    assert len({*made.probability[0].tolist()}) == 1
    assert made.probability[0, 0] > 0.0
    rebuilt = made.intensity > 0
    assert np.all(made.multiplier[0][rebuilt] == pytest.approx(1.35))


def test_the_middle_year_and_any_other_bring_nearly_the_same(
    resolved: ResolvedScenario, options: OptionSpace, table: Agreements
) -> None:
    late = tabulate(resolved, options, n_draws=N_DRAWS, start_year=5)
    apart = np.abs(late.probability - table.probability)[table.legal]
    assert float(apart.mean()) < 0.05


@settings(max_examples=20, deadline=None)
@given(
    phases=st.tuples(*[st.floats(0.1, 3.0).map(lambda x: round(x, 1))] * 4),
    delays=st.lists(st.floats(0.0, 1.0), min_size=1, max_size=12),
)
def test_every_delay_makes_the_calendar_it_is_given(
    phases: tuple[float, float, float, float], delays: list[float]
) -> None:
    clock = Clock(Phases(*phases), plan_years=5, tail_years=3, operation_years=30, absorption=(0.5, 0.5))
    position, years = calendars_of(np.array([delays]), clock)
    assert years[0] == 0.0
    schedules = [delayed(clock, float(year)).phases.schedule for year in years]
    assert len(set(schedules)) == len(schedules)
    for delay, place in zip(delays, position[0], strict=True):
        assert delayed(clock, round(delay, 9)).phases.schedule == schedules[place]


def test_delays_by_hand() -> None:
    """Approval and land take a year each, construction two and a half, works a year."""
    clock = Clock(Phases(1.0, 1.0, 2.5, 1.0), plan_years=12, tail_years=5, operation_years=30, absorption=(1.0,))
    position, years = calendars_of(np.array([0.0, 0.2, 0.3, 0.7]), clock)
    assert (position.tolist(), years.tolist()) == ([0, 1, 1, 2], [0.0, 0.2, 0.7])
    assert [middle_year(n) for n in (1, 2, 5, 12)] == [1, 1, 3, 6]


def test_whoever_makes_another_table_makes_another_model() -> None:
    """A run does not say which table it counted: its model's version does, so the two are raised together."""
    assert (MODEL_VERSION, TABLE_VERSION) == (2, 3)
