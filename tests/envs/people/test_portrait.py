"""A portrait is what counting row by row gives."""

from __future__ import annotations

import numpy as np
import pytest

from envs.people.drawing import draw_residents
from envs.people.people_model import PeopleModel
from envs.people.portrait import portrait_of


def test_a_portrait_is_counted_from_the_rows(model: PeopleModel) -> None:
    city = model.city
    residents = draw_residents(model, 0, [city.n_zones + 1])
    portrait = portrait_of(residents, city.n_zones)
    persons, homes = residents.persons, residents.households
    ages = [[0] * 6 for _ in range(3)]
    wages: dict[int, list[int]] = {0: [], 1: [], 2: []}
    zones = [0] * city.n_zones
    for row in range(len(persons)):
        ages[persons.group_idx[row]][persons.age_idx[row]] += 1
        if persons.is_employed[row]:
            wages[int(persons.group_idx[row])].append(int(persons.income_cny_per_month[row]))
            zones[persons.work_zone_idx[row]] += 1
    assert portrait.ages.tolist() == ages
    assert portrait.workers.tolist() == [len(wages[group]) for group in range(3)]
    assert portrait.mean_wage_cny[:2] == pytest.approx([np.mean(wages[0]), np.mean(wages[1])])
    assert np.isnan(portrait.mean_wage_cny[2])
    assert portrait.work_zones.tolist() == zones
    assert portrait.persons.tolist() == model.persons[city.n_zones + 1].tolist()
    assert portrait.households.sum() == len(homes)
    assert (portrait.sizes * np.arange(1, 6)).sum() == len(persons)
    assert portrait.tenures.sum() == len(homes)
    assert portrait.long_stay.sum() == np.count_nonzero(homes.is_long_stay)
    assert portrait.all_minutes == pytest.approx(persons.commute_min[persons.is_employed].mean())
    low, middle, high = portrait.income_per_head_cny[0]
    assert 0.0 <= low < middle < high


def test_income_per_head_counts_every_member_once(model: PeopleModel) -> None:
    """The median person, not the median household."""
    residents = draw_residents(model, 0, [model.city.n_zones])
    homes = residents.households
    per_head = []
    for k in np.flatnonzero(homes.group_idx == 1).tolist():
        per_head += [homes.income_cny_per_month[k] / homes.size[k]] * int(homes.size[k])
    portrait = portrait_of(residents, model.city.n_zones)
    assert portrait.income_per_head_cny[1, 1] == pytest.approx(np.median(per_head))
