"""Another price, density limit or quota: the same as resolving a city that was given so."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from data.files.cities import load_city
from data.scenario_files import load_scenario
from envs.changes.other_ground import with_places, with_village
from envs.choices.options import option_space
from envs.kernel import evaluate, resolve
from plan_fixtures import random_plans


def test_another_price_and_limit_are_as_if_the_city_had_them() -> None:
    scenario, city = load_scenario("balanced"), load_city("tiny")
    resolved = resolve(scenario, city)
    moved = with_village(resolved, 2, price_factor=1.37, far_limit=4.5)
    price, limit = city.villages.sale_price_cny_per_m2.copy(), city.villages.far_limit.copy()
    price[2] *= 1.37
    limit[2] = 4.5
    villages = replace(city.villages, sale_price_cny_per_m2=price, far_limit=limit)
    given = resolve(scenario, replace(city, villages=villages))
    assert moved.digest == given.digest
    assert moved.digest != resolved.digest
    plans = random_plans(given, 4, seed=1)
    one, other = evaluate(moved, plans), evaluate(given, plans)
    for name in one.values:
        np.testing.assert_array_equal(one[name], other[name], err_msg=name)
    np.testing.assert_array_equal(option_space(moved).floor_area_ratio, option_space(given).floor_area_ratio)
    assert not np.array_equal(evaluate(resolved, plans)["net_present_value_cny"], one["net_present_value_cny"])


def test_places_are_of_one_year() -> None:
    resolved = resolve(load_scenario("tiny"), load_city("tiny"))
    assert with_places(resolved, 2, 4).scenario.yearly_quotas == (3, 7)
    assert resolved.scenario.yearly_quotas == (3, 3)
