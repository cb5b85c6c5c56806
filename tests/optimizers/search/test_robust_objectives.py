"""Robust objectives in every kind of algorithm: searched, kept on the front, and equal to the evaluator's."""

from __future__ import annotations

import numpy as np
import pytest

from data.files.cities import load_city
from data.scenario_files import load_scenario
from envs.choices.anchors import Anchors
from envs.kernel import evaluate, resolve
from optimizers.algorithms.request import Budget, SearchRequest
from optimizers.search.run_search import search

OBJECTIVES = ("net_present_value_tail_mean_cny", "peak_funding_chance", "mean_commute_km")
WANTED = {"indicator": "peak_funding_cny", "at_most": 3e8}


@pytest.mark.parametrize("algorithm", ["hybrid", "nsga2", "greedy", "local", "random"])
def test_every_kind_of_algorithm_searches_them(algorithm: str) -> None:
    scenario = load_scenario("tiny")
    content = scenario.model_dump(mode="json") | {"targets": [WANTED], "futures": {"number": 32}}
    resolved = resolve(type(scenario).model_validate(content), load_city("tiny"))
    ends = {"base": (0.0, 1.0, 5.0), "best": (1e9, 1.0, 4.0), "worst": (-1e9, 0.0, 6.0)}
    anchors = Anchors(objectives=OBJECTIVES, evaluations=1, seed=0, digest="", **ends)
    request = SearchRequest(algorithm=algorithm, objectives=OBJECTIVES, seed=1, budget=Budget(evaluations=60))
    found = search(resolved, request, known_anchors=anchors)
    assert len(found.values) >= 1
    again = evaluate(resolved, found.plans, indicators=OBJECTIVES)
    for k, name in enumerate(OBJECTIVES):
        np.testing.assert_allclose(found.values[:, k], again[name], rtol=1e-9)
    assert ((found.values[:, 1] >= 0.0) & (found.values[:, 1] <= 1.0)).all()
