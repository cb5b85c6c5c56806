"""Targets and bounds that steer a search: every plan of the front meets those that are hard."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from data.files.cities import load_city
from data.scenario import Intensity, RuleMode, ShareRange, Target
from data.scenario_files import load_scenario
from envs.choices.anchors import Anchors
from envs.kernel import Plans, ResolvedScenario, evaluate, resolve
from envs.kernel.evaluate import evaluate_yearly
from envs.rules.check import valid
from envs.rules.targets import scorecard
from search_fixtures import searched

OBJECTIVES = load_scenario("tiny").objectives
ANCHORS = Anchors(OBJECTIVES, (0.0, 3.7, 0.8), (1e9, 3.5, 0.9), (-1e9, 3.9, 0.7), 0, 0, "")


def tiny(**changes: Any) -> ResolvedScenario:
    return resolve(load_scenario("tiny").model_copy(update=changes), load_city("tiny"))


def found(resolved: ResolvedScenario) -> Plans:
    return searched(resolved, seed=0, evaluations=200, known_anchors=ANCHORS).plans


def torn_down_m2(plans: Plans) -> np.ndarray:
    return evaluate(tiny(), plans, indicators=["demolished_floor_m2"])["demolished_floor_m2"]


def test_a_hard_target_of_a_year_is_met_by_every_plan_of_the_front() -> None:
    free = found(tiny())
    reached = np.asarray(evaluate_yearly(tiny(), free)["new_rental_floor_m2"])[:, 8]
    limit = float(np.median(reached[reached > 0.0]))
    assert (reached < limit).any()
    target = Target(indicator="new_rental_floor_m2", year=8, at_least=limit, mode=RuleMode.HARD)
    resolved = tiny(targets=(target,))
    plans = found(resolved)
    assert valid(resolved, plans).all()
    assert all(scorecard(resolved, plans[k : k + 1])[0].met for k in range(plans.n_plans))


def test_a_penalized_target_draws_the_front_towards_it() -> None:
    target = Target(indicator="demolished_floor_m2", at_most=1.0, mode=RuleMode.PENALIZED)
    free, drawn = found(tiny()), found(tiny(targets=(target,)))
    assert np.median(torn_down_m2(drawn)) < np.median(torn_down_m2(free))


@pytest.mark.parametrize(
    "bounds",
    [
        {"renewal_ratio": ShareRange(low=0.5, high=0.7)},
        {"villages_per_year_by_year": {2: 1}, "renewal_ratio": ShareRange(low=0.6, high=1.0)},
        {"intensity_shares": {Intensity.REBUILD: ShareRange(low=0.5, high=1.0)}},
        {"least_rental_area_m2": 5e4},
        {"least_commodity_area_m2": 2e4},
    ],
    ids=lambda bounds: next(iter(bounds)),
)
def test_hard_bounds_of_the_programme_are_kept(bounds: dict[str, Any]) -> None:
    resolved = tiny(**bounds)
    plans = found(resolved)
    assert plans.n_plans > 1
    assert valid(resolved, plans).all()
