"""Residents of a city: whole, true to its margins, and the same wherever they are drawn."""

from __future__ import annotations

from dataclasses import fields, replace
from itertools import pairwise

import numpy as np
import pytest

from data.city import City
from data.errors import InputError
from data.files.cities import load_city
from data.parameter_book import load_book
from data.scenario import Scenario
from data.scenario_files import load_scenario
from data.synthesis.city import synthesize_city
from envs.kernel import resolve
from envs.people.categories import AGE_BANDS, CHILDREN, GROUPS, RENTED, TENURES
from envs.people.drawing import draw_batches, draw_residents
from envs.people.margins import Tally, margins_of, standardized_error
from envs.people.people_model import PeopleModel, people_model
from envs.people.place_drawing import _log_normal, adults_by_age
from envs.people.residents import Residents, joined
from oracles.commute import balance, base_jobs
from oracles.people import persons_by_place
from oracles.travel import impedance_of, travel_tables


def _equal(one: Residents, other: Residents) -> bool:
    rows = ((one.persons, other.persons), (one.households, other.households))
    return all(
        np.array_equal(getattr(a, item.name), getattr(b, item.name))
        and getattr(a, item.name).dtype == getattr(b, item.name).dtype
        for a, b in rows
        for item in fields(a)
    )


def _of_place(residents: Residents, place: int) -> Residents:
    persons, households = residents.persons, residents.households
    at_home, homes = persons.place_idx == place, households.place_idx == place
    return Residents(
        type(persons)(*(getattr(persons, item.name)[at_home] for item in fields(persons))),
        type(households)(*(getattr(households, item.name)[homes] for item in fields(households))),
    )


def _drawn(city: City, seed: int = 1, **parameters: object) -> tuple[PeopleModel, Residents]:
    model = people_model(resolve(Scenario(plan_years=5, parameters=parameters), city))
    return model, draw_residents(model, seed)


def _tallied(model: PeopleModel, residents: Residents) -> Tally:
    tally = Tally(model)
    tally.add(residents)
    return tally


def test_residents_by_place_and_group_are_exact(model: PeopleModel, residents: Residents) -> None:
    counted = [[0, 0, 0] for _ in range(model.city.n_places)]
    for place, group in zip(residents.persons.place_idx.tolist(), residents.persons.group_idx.tolist(), strict=True):
        counted[place][group] += 1
    assert counted == persons_by_place(model.city)


def test_trips_of_every_pair_are_the_oracles_rounded(model: PeopleModel, residents: Residents) -> None:
    city, parameter = model.city, model.book.number
    distance_km, _ = travel_tables(city, lambda key: model.book[key].value)
    workers = model.workers.sum(axis=1).tolist()
    jobs = base_jobs(city)
    scaled = [job * sum(workers) / sum(jobs) for job in jobs]
    form = str(model.resolved.scenario.commute_deterrence)
    trips = balance(workers, scaled, impedance_of(distance_km, form), model.resolved.decay)
    counted = np.zeros((city.n_places, city.n_zones))
    persons = residents.persons
    np.add.at(counted, (persons.place_idx[persons.is_employed], persons.work_zone_idx[persons.is_employed]), 1)
    assert np.max(np.abs(counted - np.array(trips))) < 1.0 + 1e-6
    assert parameter("travel.log_sd") > 0.0


def test_every_margin_holds(model: PeopleModel, residents: Residents) -> None:
    tally, places = _tallied(model, residents), range(model.city.n_places)
    missed = {margin.name: float(margin.missed_share.max()) for margin in margins_of(tally, places)}
    assert {margin.name for margin in margins_of(tally, places) if not margin.holds} == set(), missed
    assert np.max(standardized_error(tally, places)) <= 0.02
    assert tally.widest_trip_gap < 1.0


@pytest.mark.parametrize(
    "parameters",
    [
        {"market.rented_share": 0.0},
        {"market.rented_share": 1.0, "sex.male_share": 1.0},
        {"household.size": {"one": 0.0, "two": 0.0, "three": 0.0, "four": 0.0, "five_or_more": 1.0}},
    ],
    ids=["nobody rents", "all rent, all are men", "five live together"],
)
def test_margins_hold_at_the_ends(parameters: dict[str, object]) -> None:
    city = load_city("tiny")
    model, drawn = _drawn(city, **parameters)
    margins = margins_of(_tallied(model, drawn), range(city.n_places))
    assert [margin.name for margin in margins if not (margin.holds or margin.is_sampled)] == []


def test_margins_hold_where_villages_are_many_and_small() -> None:
    """What rounding leaves of a village goes to the next, so that a district of small ones keeps its shares.

    Where a district has less than 150 villagers, a cell can be missed by a little more than one.
    """
    city = synthesize_city(40, 2)
    villages = city.villages
    few = {"registered_residents": np.floor(villages.registered_residents / 40.0), "tenants": villages.tenants / 90.0}
    city = replace(city, villages=replace(villages, **few))
    model, drawn = _drawn(city)
    margins = margins_of(_tallied(model, drawn), range(city.n_places))
    assert [margin.name for margin in margins if not (margin.holds or margin.is_sampled)] == []


@pytest.mark.slow
def test_the_embedded_beijing_holds_its_margins() -> None:
    """22 million residents, batch by batch."""
    model = people_model(resolve(load_scenario("balanced"), load_city("beijing")))
    tally, places = Tally(model), range(model.city.n_places)
    for batch in draw_batches(model, 1, threads=2):
        tally.add(batch)
    margins = margins_of(tally, places)
    assert [margin.name for margin in margins if not (margin.holds or margin.is_sampled)] == []
    assert np.max(standardized_error(tally, places)) <= 0.02
    assert tally.widest_trip_gap < 1.0
    assert tally.persons.sum() == model.persons.sum() == 21_893_095


def test_a_household_is_its_members(residents: Residents) -> None:
    persons, households = residents.persons, residents.households
    heads = np.flatnonzero(persons.person_id == persons.household_id)
    assert np.array_equal(persons.household_id[heads], households.household_id)
    assert np.array_equal(np.diff([*heads, len(persons)]), households.size)
    assert np.min(persons.age_idx[heads]) > CHILDREN
    assert np.array_equal(np.add.reduceat(persons.income_cny_per_month, heads), households.income_cny_per_month)
    assert np.array_equal(np.add.reduceat(persons.is_employed.astype(int), heads), households.n_workers)
    for column in ("place_idx", "group_idx"):
        of_members = np.repeat(getattr(households, column), households.size)
        assert np.array_equal(getattr(persons, column), of_members)
    assert set(households.tenure_idx[households.group_idx == 1].tolist()) == {RENTED}
    assert TENURES[households.tenure_idx[households.group_idx == 0][0]] == "member"


def test_who_works_has_a_way_there(residents: Residents) -> None:
    persons = residents.persons
    assert np.array_equal(persons.is_employed, persons.work_zone_idx >= 0)
    assert np.min(persons.commute_min[persons.is_employed]) > 0
    assert not np.any(persons.commute_min[~persons.is_employed])
    assert np.min(persons.age_idx[persons.is_employed]) > CHILDREN
    assert not np.any(persons.income_cny_per_month[persons.age_idx == CHILDREN])
    assert np.min(persons.income_cny_per_month[persons.is_employed]) > 0


def test_mean_minutes_are_the_kernels(model: PeopleModel, residents: Residents) -> None:
    """Within three standard errors: of the spread inside pairs, rounding to minutes, and the rounding of pairs."""
    gravity, persons = model.resolved.constants.gravity, residents.persons
    reach = gravity.kernel @ model.job_weight
    minutes = (gravity.kernel_min @ model.job_weight) / reach
    workers = model.workers.sum(axis=1)
    expected = float(workers @ minutes / workers.sum())
    drawn = persons.commute_min[persons.is_employed].astype(float)
    assert drawn.mean() == pytest.approx(expected, abs=3.0 * drawn.std() / np.sqrt(len(drawn)))


@pytest.mark.parametrize("place", [0, 5, 11, 12, 15, 17])
def test_a_place_alone_is_its_slice_of_the_city(model: PeopleModel, residents: Residents, place: int) -> None:
    fresh = people_model(model.resolved)
    assert _equal(draw_residents(fresh, 3, [place]), _of_place(residents, place))


def test_threads_change_nothing_and_seeds_do(
    model: PeopleModel, residents: Residents, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("envs.people.drawing.PERSONS_AT_ONCE", 20_000)
    assert _equal(draw_residents(model, 3, threads=3), residents)
    other = draw_residents(model, 4, [0])
    assert not np.array_equal(other.persons.age_idx, _of_place(residents, 0).persons.age_idx)


def test_another_village_moves_no_draw_before_it(model: PeopleModel, residents: Residents) -> None:
    """A place is keyed by its id: what is drawn for people there does not hang on its position."""
    villages = model.city.villages
    renamed = villages.village_id.astype("U20")
    renamed[-1] = "renamed"
    city = replace(model.city, villages=replace(villages, village_id=renamed))
    _, drawn = _drawn(city, seed=3)
    for place in range(model.city.n_places - 1):
        assert _equal(_of_place(drawn, place), _of_place(residents, place))


def _with_residents(city: City, place: int, registered: float, tenants: float) -> City:
    villages = city.villages
    changed = {"registered_residents": villages.registered_residents.copy(), "tenants": villages.tenants.copy()}
    changed["registered_residents"][place], changed["tenants"][place] = registered, tenants
    return replace(city, villages=replace(villages, **changed))


@pytest.mark.parametrize(("registered", "tenants"), [(0.0, 0.0), (1.0, 0.0), (0.4, 2.0), (2.5, 1.0), (3.0, 700.0)])
def test_tiny_villages_are_drawn_whole(registered: float, tenants: float) -> None:
    city = _with_residents(load_city("tiny"), 2, registered, tenants)
    model, residents = _drawn(city)
    place = _of_place(residents, city.n_zones + 2)
    groups = np.bincount(place.persons.group_idx, minlength=3).tolist()
    assert groups == [int(registered + 0.5), int(tenants + 0.5), 0]
    heads = place.persons.person_id == place.persons.household_id
    assert np.all(place.persons.age_idx[heads] > CHILDREN)
    assert np.all(place.persons.age_idx[place.persons.is_employed] > CHILDREN)
    assert len(place.persons) == int(model.persons[city.n_zones + 2].sum())


def test_a_zone_without_residents_has_none() -> None:
    city = load_city("tiny")
    residents = city.zones.residents.copy()
    residents[3] = 0.0
    _, drawn = _drawn(replace(city, zones=replace(city.zones, residents=residents)))
    assert not np.any(drawn.persons.place_idx == 3)


def test_full_employment_and_none() -> None:
    """Every resident outside the villages works but children cannot, so that the margin is missed and told."""
    city = load_city("tiny")
    model, everybody = _drawn(city, **{"employment.other": 1.0})
    persons = everybody.persons
    assert np.all(persons.age_idx[persons.group_idx == 2] > CHILDREN)
    ages = next(m for m in margins_of(_tallied(model, everybody), range(city.n_places)) if m.name == "ages")
    assert not ages.holds
    _, nobody = _drawn(city, **{"employment.other": 0.0, "employment.registered": 0.0})
    assert not np.any(nobody.persons.is_employed[nobody.persons.group_idx == 2])


def test_householders_of_no_age_are_refused() -> None:
    ages = load_book().table("household.head_age_to") | {"25-39": 20.0}
    with pytest.raises(InputError, match="25-39"):
        _drawn(load_city("tiny"), **{"household.head_age_to": ages})


def test_children_live_with_parents_of_working_age(residents: Residents) -> None:
    """The book lets children look for householders from 25 to 50: most find one."""
    persons, households = residents.persons, residents.households
    head_age = np.repeat(persons.age_idx[persons.person_id == persons.household_id], households.size)
    counts = np.bincount(head_age[persons.age_idx == CHILDREN], minlength=len(AGE_BANDS))
    assert (counts[2] + counts[3]) / counts.sum() > 0.9, counts


@pytest.mark.parametrize("n", [1, 2, 7, 500])
def test_log_normal_numbers_have_mean_one(n: int) -> None:
    numbers = _log_normal(n, 0.6, np.random.default_rng(1))
    assert numbers.mean() == pytest.approx(1.0, rel=1e-12)
    assert n < 500 or np.log(numbers).std() == pytest.approx(0.6, rel=0.02)


def test_workers_never_exceed_persons() -> None:
    persons = np.array([4, 1, 2, 0, 1, 0])
    rate = np.array([0.0, 0.3, 0.9, 0.8, 0.2, 0.1])
    for workers in range(5):
        found = adults_by_age(persons, rate, workers, 0.5)
        assert found.sum() == workers
        assert np.all(found <= persons)
        assert found[CHILDREN] == 0


@pytest.mark.parametrize("group", range(3))
def test_employment_by_age_adds_up_to_the_groups_rate(model: PeopleModel, group: int) -> None:
    book = model.book
    ages = np.array(list(book.table(f"age.{GROUPS[group]}").values()))
    assert ages @ model.employment_rate[group] == pytest.approx(book.number(f"employment.{GROUPS[group]}"), rel=1e-9)
    assert all(a < b for a, b in pairwise(model.employment_rate[group][[0, 1, 2]]))


def test_workers_are_the_kernels_origins(model: PeopleModel) -> None:
    assert np.array_equal(model.workers.sum(axis=1), model.resolved.constants.base.workers)


def test_what_is_drawn_in_parts_is_joined(model: PeopleModel, residents: Residents) -> None:
    parts = [draw_residents(model, 3, [place]) for place in range(model.city.n_places)]
    assert _equal(joined(parts), residents)
