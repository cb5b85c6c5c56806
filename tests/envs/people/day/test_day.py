"""The day of residents: by hand in a city of two zones, conserved in any, the same in plain loops."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from data.city import CATEGORIES
from data.errors import InputError
from data.parameter_book import load_book
from envs.kernel import REPORT, ResolvedScenario
from envs.kernel.plans import canonical
from envs.kernel.trace import Trace
from envs.people.categories import GROUPS
from envs.people.day.activities import (
    ACTIVITIES,
    AT_HOME,
    HOME,
    KINDS,
    KM,
    MINUTES,
    MODES,
    PURPOSES,
    TRIPS,
    WORK,
    WORKERS,
)  # fmt: skip
from envs.people.day.day import Day, day_of
from envs.people.day.destinations import choices_of
from envs.people.day.habits import Habits, habits_of, kind_shares
from envs.people.day.situation import Catchment, Situation, Ways, situation_of, ways_of
from envs.people.day.trips import bands_between
from oracle_fixtures import Both, close, varied_scenarios
from oracles.day import day as oracle_day
from plan_fixtures import empty_plans, random_plans

SHORT = 0.01
"""So narrow that everybody leaves and stays alike [h]."""


def _simple_habits(*chains: str) -> Habits:
    """Everybody has these chains in equal shares, walks up to 5 km and drives farther; leaves at 8, stays 8 hours."""
    stops = tuple(tuple(PURPOSES.index(word) for word in (*chain.split("-"), HOME)) for chain in chains)
    return Habits(
        chains=stops,
        chain_share=np.full((len(KINDS), len(chains)), 1.0 / len(chains)),
        kind_share=np.tile(np.eye(len(KINDS))[2], (3, 1)),
        leave_h=np.full(len(ACTIVITIES), 8.0),
        leave_spread_h=np.full(len(ACTIVITIES), SHORT),
        stay_h=np.full(len(PURPOSES), 8.0),
        stay_spread_h=np.full(len(PURPOSES), SHORT),
        bounds_km=np.array([5.0]),
        mode_share=np.array([[1.0, 0.0, 0.0, 0.0], [0.0, 0.0, 0.0, 1.0]]),
        speed_km_per_h=np.array([5.0, 10.0]),
        visit_decay_per_km=np.log(2.0),
    )


def _two_zones() -> tuple[Situation, Ways]:
    """A hundred people live in zone 0, forty in zone 1; shops in zone 1 alone, within reach of zone 1 alone."""
    supply = np.zeros((2, len(CATEGORIES)))
    supply[1, CATEGORIES.index("daily_commerce")] = 50.0
    pairs = Catchment(np.array([0, 1]), np.array([0, 1]), np.array([0.5, 0.5]), np.array([0.5, 0.5]))
    situation = Situation(
        persons=np.array([[0.0, 0.0, 100.0], [0.0, 0.0, 40.0]]),
        work_share=np.array([[0.75, 0.25], [0.0, 1.0]]),
        supply_m2=supply,
        attraction=np.array([100.0, 100.0]),
    )
    km = np.array([[1.0, 10.0], [10.0, 1.0]])
    return situation, Ways(km, 2.0 + 2.8 * km, (pairs,) * len(CATEGORIES), intercept_min=2.0, slope_min_per_km=2.8)


def test_a_day_of_work_by_hand() -> None:
    """75 walk 1 km, 25 drive 10 km, 40 walk 1 km, and back: 365 km each way; 115 x 12 + 25 x 30 minutes each way."""
    situation, ways = _two_zones()
    found = day_of(_simple_habits("work"), situation, ways)
    there, back = found.travel[:, WORK].sum(axis=(2, 3)), found.travel[:, AT_HOME].sum(axis=(2, 3))
    assert there == pytest.approx(back)
    assert there[TRIPS] == pytest.approx([115.0, 0.0, 0.0, 25.0])
    assert there[KM] == pytest.approx([115.0, 0.0, 0.0, 250.0])
    assert there[MINUTES] == pytest.approx([115.0 * 12.0, 0.0, 0.0, 25.0 * 30.0])
    assert found.present[:, 7] == pytest.approx([100.0, 40.0])
    assert found.present[:, 12] == pytest.approx([75.0, 65.0])
    assert found.present[:, 18] == pytest.approx([100.0, 40.0])
    assert found.doing[WORK, 12] == pytest.approx(140.0)


def test_hours_by_hand() -> None:
    """A walk of 12 minutes from 8 +- 1 h on: 42.07 % have come at 8. Who leaves at 20 for 8 hours is away at night."""
    situation, ways = _two_zones()
    habits = replace(_simple_habits("work"), leave_spread_h=np.full(len(ACTIVITIES), 1.0))
    alone = replace(situation, persons=np.array([[0.0] * 3, [0.0, 0.0, 40.0]]))
    assert day_of(habits, alone, ways).doing[WORK, 8] == pytest.approx(40.0 * 0.42074, rel=1e-4)
    late = replace(habits, leave_h=np.full(len(ACTIVITIES), 20.0), leave_spread_h=np.full(len(ACTIVITIES), SHORT))
    assert day_of(late, alone, ways).doing[WORK, [19, 23, 0, 3, 5]] == pytest.approx([0.0, 40.0, 40.0, 40.0, 0.0])


def test_who_has_no_shop_within_reach_goes_where_visits_go() -> None:
    """From zone 1 all shop in zone 1. From zone 0 it is 1 km to zone 0 and 10 km to zone 1: 2^9 to 1."""
    situation, ways = _two_zones()
    found = day_of(_simple_habits("shop"), situation, ways)
    far = 100.0 / (2.0**9 + 1.0)
    assert found.present[:, 12] == pytest.approx([100.0 - far, 40.0 + far])
    assert found.travel[KM, PURPOSES.index("shop")].sum() == pytest.approx(40.0 * 0.5 + (100.0 - far) + 10.0 * far)


def test_a_way_between_two_stops_by_hand() -> None:
    """Work 3 km away at 12 minutes, shop 4 km away at 20: 5 km between them, as fast as to the shop: 25 minutes."""
    work, shop = (np.array([[[share, 0.0]], [[km, 0.0]], [[minutes, 0.0]]])
                  for share, km, minutes in ((1.0, 3.0, 12.0), (1.0, 4.0, 20.0)))  # fmt: skip
    between = bands_between(work, shop, np.array([4.5]))
    assert between[:, 0] == pytest.approx(np.array([[0.0, 1.0], [0.0, 5.0], [0.0, 25.0]]))


def test_trips_to_work_are_those_of_the_commute(habits: Habits, trace: Trace, after: Situation, ways: Ways) -> None:
    """One a worker: they add up to T_ij, to the kernel's workers, and to its mean distance."""
    held = trace.n_years - 1
    workers = after.persons @ habits.kind_share @ np.array(WORKERS, dtype=float)
    close(workers, trace.workers[:, 1, held])
    column = trace.n_years + held
    gravity, weight = trace.constants.gravity, trace.balance.weight[:, column]
    trips = gravity.kernel * weight * (trace.workers[:, 1, held] / trace.balance.reach[:, column])[:, None]
    choice = choices_of(habits, after, ways)[WORK]
    close(workers[:, None] * choice.share, trips)
    close((workers @ choice.bands[KM]).sum() / workers.sum(), trace.commute_km[1, held])


def test_workers_go_to_work_once_a_day_and_nobody_else_does(habits: Habits) -> None:
    stops = np.array([chain.count(WORK) for chain in habits.chains])
    for kind, works in enumerate(WORKERS):
        assert set(stops[habits.chain_share[kind] > 0.0]) == {int(works)}


def test_people_and_trips_are_conserved(day_after: Day, after: Situation, habits: Habits) -> None:
    residents = after.persons.sum(axis=1)
    close(day_after.present.sum(axis=0), np.full(24, residents.sum()))
    close(day_after.doing.sum(axis=0), np.full(24, residents.sum()))
    assert day_after.present.min() >= 0.0
    assert day_after.doing.min() >= 0.0
    close(day_after.persons.sum(axis=1), after.persons.sum(axis=0))
    trips = day_after.travel[TRIPS].sum(axis=(0, 1, 2))
    close(trips, day_after.persons.sum(axis=0) * habits.trips_of_kind)
    tours = sum(habits.chain_share[:, k] * chain.count(AT_HOME) for k, chain in enumerate(habits.chains))
    close(day_after.travel[TRIPS, AT_HOME].sum(axis=(0, 1)), day_after.persons.sum(axis=0) * tours)


def test_tours_of_one_stop_come_home_as_they_went(habits: Habits, after: Situation, ways: Ways) -> None:
    """Who leaves home once for one place makes as many trips, km and minutes back as there, by every mode."""
    single = np.array([len(chain) == 2 for chain in habits.chains]) * (habits.chain_share > 0.0)
    travel = day_of(replace(habits, chain_share=single / single.sum(axis=1, keepdims=True)), after, ways).travel
    close(travel[:, :AT_HOME].sum(axis=1), travel[:, AT_HOME])


def test_the_empty_plan_changes_nothing(resolved: ResolvedScenario, habits: Habits, ways: Ways) -> None:
    keep = Trace(resolved, canonical(empty_plans(resolved)), REPORT)
    days = [day_of(habits, situation_of(keep, year), ways) for year in (0, keep.last_year)]
    close(days[1].present, days[0].present)
    close(days[1].travel, days[0].travel)


def test_the_loops_find_the_same_day(
    resolved: ResolvedScenario, habits: Habits, trace: Trace, after: Situation, day_after: Day
) -> None:
    """Every trip, km and minute by purpose, mode, group and kind, and everybody's place at every hour."""
    book = resolved.book
    kinds = {group: dict(zip(KINDS, habits.kind_share[g], strict=True)) for g, group in enumerate(GROUPS)}
    found = oracle_day(
        resolved.city,
        lambda key: book[key].value,
        persons=[dict(zip(GROUPS, row, strict=True)) for row in after.persons.tolist()],
        kinds=kinds,
        work_share=after.work_share.tolist(),
        supply=after.supply_m2.tolist(),
        jobs=trace.jobs[:, 1, -1].tolist(),
    )
    measures = {"trips": TRIPS, "km": KM, "minutes": MINUTES}
    travel = np.zeros_like(day_after.travel)
    for (measure, purpose, mode, group, kind), value in found.travel.items():
        where = PURPOSES.index(purpose), MODES.index(mode), GROUPS.index(group), KINDS.index(kind)
        travel[measures[measure], *where] = value
    close(day_after.travel, travel)
    close(day_after.present, found.present)


def test_shops_of_a_plan_draw_and_moved_people_shop_where_they_live() -> None:
    """On the loops' small city, whose plans lose and build facilities, too."""
    resolved = varied_scenarios()["plain"]
    both = Both(resolved, random_plans(resolved, 1, seed=2))
    ways, habits = ways_of(resolved), habits_of(resolved.book)
    before, after = (situation_of(both.trace, year) for year in (0, both.trace.last_year))
    assert (before.supply_m2 != after.supply_m2).any()
    assert (before.persons != after.persons).any()
    days = [day_of(habits, state, ways) for state in (before, after)]
    close(days[0].present.sum(), days[1].present.sum())
    assert np.abs(days[1].present - days[0].present).max() > 1.0


def test_distances_that_do_not_rise_are_refused() -> None:
    with pytest.raises(InputError, match="must rise"):
        habits_of(load_book().override({"day.mode_bounds": [1, 2, 2, 10, 20]}))


def test_more_workers_than_adults_still_make_the_rate() -> None:
    """Nine in ten of the villagers work, but for nobody under 15; whoever is left is shared out in proportion."""
    shares = kind_shares(load_book().override({"employment.registered": 0.9}))
    assert shares[0, list(WORKERS)].sum() == pytest.approx(0.9, rel=1e-12)
    assert shares.sum(axis=1) == pytest.approx([1.0, 1.0, 1.0], rel=1e-12)
    assert shares.min() >= 0.0


def test_the_book_is_near_what_surveys_count() -> None:
    """A mean of 2.4 to 2.9 trips a day over the groups of Beijing (2.75 by survey)."""
    book = load_book()
    habits = habits_of(book)
    persons = np.array([0.62e6, 2.8e6, 18.47e6])  # registered, tenants, others of the embedded Beijing
    trips = float(persons @ habits.kind_share @ habits.trips_of_kind / persons.sum())
    assert trips == pytest.approx(2.6, abs=0.1)
    assert book.number("day.trips_per_person") == pytest.approx(trips, rel=0.06)
    assert np.allclose(habits.chain_share.sum(axis=1), 1.0, atol=1e-12)
    assert np.allclose(habits.kind_share.sum(axis=1), 1.0, atol=1e-12)
    assert 15 <= len(habits.chains) <= 40
