"""Targets against the outcomes of a plan, by hand."""

import numpy as np
import pytest

from data.errors import InputError
from data.files.cities import load_city
from data.scenario import Target
from data.scenario_files import load_scenario
from envs.kernel import evaluate, resolve
from envs.kernel.evaluate import evaluate_yearly
from envs.rules.targets import scorecard
from plan_fixtures import random_plans


def resolved_with(*targets: Target):
    return resolve(load_scenario("tiny").model_copy(update={"targets": targets}), load_city("tiny"))


def test_scores_compare_the_plan_with_both_sides_and_years() -> None:
    free = resolved_with()
    plan = random_plans(free, 1, seed=3)
    value = float(evaluate(free, plan)["service_accessibility"][0])
    year_5 = float(np.asarray(evaluate_yearly(free, plan)["mean_commute_km"])[0, 5])
    resolved = resolved_with(
        Target(indicator="service_accessibility", at_least=value - 0.01),
        Target(indicator="service_accessibility", at_least=value + 0.01),
        Target(indicator="mean_commute_km", year=5, at_most=year_5 + 0.01),
        Target(indicator="mean_commute_km", year=5, at_most=year_5 - 0.01),
    )
    scores = scorecard(resolved, plan)
    assert [score.met for score in scores] == [True, False, True, False]
    assert [score.output for score in scores] == pytest.approx([value, value, year_5, year_5])
    assert scores[2].unit == "km"


def test_no_targets_no_scores() -> None:
    free = resolved_with()
    assert scorecard(free, random_plans(free, 1, seed=3)) == []


@pytest.mark.parametrize(
    ("target", "rule"),
    [
        (Target(indicator="service_acessibility", at_least=0.5), "did you mean"),
        (Target(indicator="payback_year", year=3, at_most=9), "no yearly values"),
        (Target(indicator="mean_commute_km", year=99, at_most=9), "runs to year"),
    ],
)
def test_impossible_targets_are_refused(target: Target, rule: str) -> None:
    resolved = resolved_with(target)
    with pytest.raises(InputError, match=rule):
        scorecard(resolved, random_plans(resolved_with(), 1, seed=3))
