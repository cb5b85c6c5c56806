"""The value of a village and option against the evaluator, one village at a time."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from data.files.cities import load_city
from data.scenario_files import load_scenario
from envs.choices.alone import village_value_cny
from envs.choices.options import option_space
from envs.kernel import evaluate, resolve


@pytest.mark.parametrize("without_housing", [False, True])
def test_value_is_the_net_present_value_of_the_village_alone(without_housing: bool) -> None:
    city = load_city("tiny")
    if without_housing:  # the second district answers to the city's market
        housing = np.where(city.zones.district_idx == 1, 0.0, city.zones.housing_floor_area_m2)
        floor = np.where(city.villages.district_idx == 1, 0.0, city.villages.gross_floor_area_m2)
        city = replace(
            city,
            zones=replace(city.zones, housing_floor_area_m2=housing),
            villages=replace(city.villages, gross_floor_area_m2=floor),
        )
    resolved = resolve(load_scenario("tiny"), city)
    assert resolved.constants.markets.has_all != without_housing
    space = option_space(resolved)
    value = village_value_cny(resolved, space)
    village, option = np.nonzero(space.option_mask)
    start = (np.arange(space.option_mask.shape[0]) == village[:, None]).astype(np.int64)
    plans = space.decode(start, start * option[:, None])
    alone = evaluate(resolved, plans, indicators=())["net_present_value_cny"]
    np.testing.assert_allclose(value[village, option], alone, rtol=1e-9)
    assert np.isneginf(value[~space.option_mask]).all()
