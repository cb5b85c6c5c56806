"""The population that effects are counted on: households as their members make them, even lots, the zones' panel."""

from __future__ import annotations

import numpy as np
import pytest

from envs.people.categories import ELDERLY_FROM, OTHER, RENTED
from envs.people.effects.families import (
    PANEL_FROM_PERSONS,
    PANEL_HOUSEHOLDS,
    draw_sample,
    families_of,
    panel_everywhere,
    panel_zone,
)
from envs.people.effects.lots import evenly_spread
from envs.people.effects.population import N_TENTHS, Population, draw_population
from envs.people.people_model import PeopleModel


@pytest.fixture(scope="module")
def population(model: PeopleModel) -> Population:
    return draw_population(model, seed=2)


def test_households_are_what_their_members_bring(model: PeopleModel) -> None:
    """Incomes, ways and stakes of every third household, member by member."""
    sample, minutes = draw_sample(model, seed=2), model.resolved.constants.lives.minutes
    persons, households = sample.villagers.persons, sample.villagers.households
    families = families_of(sample.villagers, minutes)
    heads = {number: k for k, number in enumerate(persons.person_id.tolist())}
    for row in range(0, len(households), 3):
        first, size = heads[int(households.household_id[row])], int(households.size[row])
        members = range(first, first + size)
        workers = [k for k in members if persons.is_employed[k]]
        usual = float(minutes[households.place_idx[row]])
        ways = [persons.commute_min[k] / usual for k in workers]
        stakes = [
            way * persons.income_cny_per_month[k] * persons.time_value_percent[k] / 100.0
            for way, k in zip(ways, workers, strict=True)
        ]
        assert families.persons[row] == size
        assert families.income_cny_per_month[row] == pytest.approx(
            sum(int(persons.income_cny_per_month[k]) for k in members) / size
        )
        assert families.workers_per_head[row] == pytest.approx(len(workers) / size)
        assert families.way[row] == pytest.approx(np.mean(ways) if ways else 0.0)
        assert families.hourly_stake_cny_per_month[row] == pytest.approx(sum(stakes) / size)
        assert families.has_elderly[row] == any(persons.age_idx[k] >= ELDERLY_FROM for k in members)


def test_a_panel_stands_for_every_zone(model: PeopleModel) -> None:
    sample, minutes = draw_sample(model, seed=2), model.resolved.constants.lives.minutes
    panel = panel_everywhere(model, families_of(sample.zone, minutes))
    city, types = model.city, model.resolved.person_types
    assert len(panel) == PANEL_HOUSEHOLDS * city.n_zones
    assert np.bincount(panel.place_idx, panel.persons) == pytest.approx(city.zones.residents)
    renters = panel.tenure_idx == RENTED
    rented = model.book.number("market.rented_share")
    assert panel.persons[renters].sum() == pytest.approx(rented * city.zones.residents.sum())
    for who in (renters, ~renters):
        for column, mean in (
            ("hourly_stake_cny_per_month", types.wage_per_head_cny_per_month[OTHER].mean()),
            ("income_cny_per_month", types.income_cny_per_yr[OTHER].mean() / 12.0),
            ("service_value", 1.0),
        ):
            values = getattr(panel, column)[who]
            assert np.average(values, weights=panel.persons[who]) == pytest.approx(mean), column


def test_the_panels_zone_has_enough_residents(model: PeopleModel) -> None:
    zone = panel_zone(model)
    assert zone is not None
    residents = model.persons[: model.city.n_zones, OTHER]
    assert residents[zone] == min(n for n in residents.tolist() if n >= PANEL_FROM_PERSONS)


def test_lots_of_a_village_are_its_own_and_even(model: PeopleModel) -> None:
    """Whoever else is there changes nothing; and of 200 households each tenth of both lots has 20, give or take 3."""
    village, group = np.repeat([0, 0, 3, 3], 200), np.tile(np.repeat([0, 1], 200), 2)
    everybody = np.column_stack(evenly_spread(model, village, group, seed=5))
    alone = np.column_stack(evenly_spread(model, village[400:], group[400:], seed=5))
    assert np.array_equal(alone, everybody[400:])
    other = np.column_stack(evenly_spread(model, village, group, seed=6))
    assert np.abs(other - everybody).min() > 0.0
    for start in range(0, 800, 200):
        for lot in everybody[start : start + 200].T:
            assert np.bincount((10.0 * lot).astype(int), minlength=10) == pytest.approx(np.full(10, 20), abs=3)


def test_lots_are_uniform_over_seeds(model: PeopleModel) -> None:
    """The first household's lots over 400 seeds: mean and spread of a uniform number, within three standard errors."""
    first = np.array([np.ravel(evenly_spread(model, np.array([2]), np.array([1]), seed)) for seed in range(400)])
    assert first.mean(axis=0) == pytest.approx(np.full(2, 0.5), abs=3.0 * np.sqrt(1.0 / 12.0 / 400))
    assert first.std(axis=0) == pytest.approx(np.full(2, np.sqrt(1.0 / 12.0)), rel=0.1)


def test_tenths_have_a_tenth_of_the_persons_each(population: Population) -> None:
    families = population.families
    persons = np.bincount(population.tenth_idx, families.persons, N_TENTHS)
    assert persons == pytest.approx(np.full(N_TENTHS, 0.1 * families.persons.sum()), rel=0.01)
    for lower in range(N_TENTHS - 1):
        poorer = families.income_cny_per_month[population.tenth_idx == lower].max()
        assert poorer <= families.income_cny_per_month[population.tenth_idx == lower + 1].min()


def test_care_counts_who_is_named(model: PeopleModel, population: Population) -> None:
    """Weights of the book less 1 add up; half of the persons earn the median at most."""
    families, number = population.families, model.book.number
    order = np.argsort(families.income_cny_per_month)
    reached = np.cumsum(families.persons[order])
    median = families.income_cny_per_month[order[np.searchsorted(reached, 0.5 * reached[-1])]]
    poor = families.income_cny_per_month < number("care.low_income") * median
    expected = (
        (number("care.weight_elderly") - 1.0) * families.has_elderly
        + (number("care.weight_low_income") - 1.0) * poor
        + (number("care.weight_disabled") - 1.0) * families.has_disabled
    )
    assert population.care_excess == pytest.approx(expected)


def test_no_change_leaves_the_gini_coefficient(population: Population) -> None:
    nothing = np.zeros(len(population.families))
    assert population.gini_with(nothing) == pytest.approx(population.gini, abs=1e-12)
    assert population.gini_with(nothing + 1e9) == pytest.approx(0.0, abs=1e-4)
