"""Which plan a preset takes."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from app.plans.recommendation import (
    PRESETS,
    SCENARIO_OWN,
    compromise_plan,
    normalized,
    preset_label,
    preset_weights,
    recommended_among,
    recommended_plans,
)
from app.runs.loading import with_objectives
from data.errors import InputError
from data.scenario_files import load_scenario

BALANCED = load_scenario("balanced")


def test_normalized_by_hand() -> None:
    """NPV 0..100 (max), commute 20..10 (min): 50 and 12.5 are halfway and three quarters."""
    value = normalized(np.array([[50.0, 12.5]]), np.array([100.0, 10.0]), np.array([0.0, 20.0]))
    np.testing.assert_allclose(value, [[0.5, 0.75]])


def test_coinciding_anchors_do_not_count() -> None:
    assert normalized(np.array([[5.0]]), np.array([5.0]), np.array([5.0])).tolist() == [[0.0]]


def test_each_preset_takes_what_it_weighs() -> None:
    """Three plans, each the best in one objective and 0 elsewhere, and one that is half good in all."""
    values = np.array([[1.0, 1.0, 0.0], [0.0, 0.0, 0.0], [0.0, 1.0, 1.0], [0.5, 0.5, 0.5]])
    best, worst = np.array([1.0, 0.0, 1.0]), np.array([0.0, 1.0, 0.0])
    found = recommended_plans(BALANCED, values, ["a", "b", "c", "d"], best=best, worst=worst)
    assert found == dict(zip(PRESETS, ["a", "b", "c", "d"], strict=True))
    assert compromise_plan(found) == "d"


def test_weights_follow_the_objectives() -> None:
    weights = preset_weights(with_objectives(BALANCED, ["service_accessibility", "mean_commute_km"]))
    np.testing.assert_allclose(weights["accessibility_first"], [0.75, 0.25])
    own = preset_weights(with_objectives(BALANCED, ["embodied_carbon_tco2e", "total_cost_cny"]))
    assert list(own) == [SCENARIO_OWN]
    np.testing.assert_allclose(own[SCENARIO_OWN], [0.5, 0.5])
    assert compromise_plan({SCENARIO_OWN: "p001"}) == "p001"


def test_money_over_futures_weighs_as_money() -> None:
    """A tail mean has the weight of the measure; two objectives of one measure share it."""
    people = ["mean_commute_km", "service_accessibility"]
    weights = preset_weights(with_objectives(BALANCED, ["net_present_value_tail_mean_cny", *people]))
    np.testing.assert_allclose(weights["investment_first"], [0.6, 0.2, 0.2])
    both = ["net_present_value_cny", "net_present_value_chance", *people]
    shared = preset_weights(with_objectives(BALANCED, both))
    np.testing.assert_allclose(shared["investment_first"], [0.3, 0.3, 0.2, 0.2])


def test_labels_exist_in_both_languages() -> None:
    for name in (*PRESETS, SCENARIO_OWN):
        assert preset_label(name, "en") != preset_label(name, "zh")


def test_unknown_objectives_are_refused() -> None:
    with pytest.raises(InputError, match="mean_commute_km"):
        with_objectives(BALANCED, ["mean_comute_km"])
    with pytest.raises(InputError, match="no better side"):
        with_objectives(BALANCED, ["taxes_cny"])
    with pytest.raises(InputError, match="twice"):
        with_objectives(BALANCED, ["mean_commute_km", "mean_commute_km"])


def test_among_fewer_plans_a_preset_takes_the_best_of_these() -> None:
    """The plan that is best alone is beyond the limit: the next one is taken; without anchors what was known stands."""
    columns = {"net_present_value_cny": [1.0, 0.6, 0.0], "mean_commute_km": [9.0, 8.0, 7.0]}
    front = pd.DataFrame({"plan_id": ["a", "b", "c"], **columns, "service_accessibility": [0.0, 0.1, 1.0]})
    anchors = {
        "net_present_value_cny": (0.0, 1.0),
        "mean_commute_km": (9.0, 7.0),
        "service_accessibility": (0.0, 1.0),
    }
    assert recommended_among(BALANCED, front, anchors, {})["investment_first"] == "a"
    assert recommended_among(BALANCED, front[1:], anchors, {})["investment_first"] == "b"
    assert recommended_among(BALANCED, front[1:], {}, {"balanced": "a", "commute_first": "c"}) == {"commute_first": "c"}
    assert recommended_among(BALANCED, front[:0], anchors, {"balanced": "a"}) == {}
