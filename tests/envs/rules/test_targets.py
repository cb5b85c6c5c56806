"""Targets against the outcomes of a plan, by hand."""

import numpy as np
import pytest

from data.errors import InputError
from data.files.cities import load_city
from data.scenario import RuleMode, Target
from data.scenario_files import load_scenario
from envs.kernel import evaluate, resolve
from envs.kernel.evaluate import evaluate_yearly, measure_plans
from envs.kernel.plans import canonical, empty_plan
from envs.kernel.trace import SEARCH
from envs.rules.check import active_rules, check, measured_with_rules, valid, violations
from envs.rules.targets import refuse_unknown_targets, scorecard, target_rule
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
        (
            Target(indicator="payback_year", year=3, at_most=9),
            r"targets\.0\.year: .*no yearly values; .*mean_commute_km",
        ),
        (Target(indicator="mean_commute_km", year=99, at_most=9), r"targets\.0\.year: .*runs to year"),
        (Target(indicator="mean_commute_km", year=0, at_most=9, mode=RuleMode.HARD), r"targets\.0\.year: .*year 0"),
    ],
)
def test_impossible_targets_are_refused(target: Target, rule: str) -> None:
    resolved = resolved_with(target)
    with pytest.raises(InputError, match=rule):
        scorecard(resolved, random_plans(resolved_with(), 1, seed=3))
    with pytest.raises(InputError, match=rule):
        refuse_unknown_targets(resolved.scenario)  # as `renewal scenario validate` does, without a city
    with pytest.raises(InputError, match=rule):
        valid(resolved, random_plans(resolved_with(), 1, seed=3))


def test_the_same_steering_target_twice_is_refused() -> None:
    hard = Target(indicator="mean_commute_km", at_most=9, mode=RuleMode.HARD)
    softer = hard.model_copy(update={"at_most": 10.0, "mode": RuleMode.PENALIZED})
    with pytest.raises(InputError, match=r"targets\.1: 'target mean_commute_km at_most' is given twice"):
        refuse_unknown_targets(resolved_with(hard, softer).scenario)
    refuse_unknown_targets(resolved_with(hard, softer.model_copy(update={"mode": RuleMode.REPORTED})).scenario)


@pytest.mark.parametrize("mode", [RuleMode.PENALIZED, RuleMode.HARD])
@pytest.mark.parametrize(
    ("indicator", "year"),
    [("mean_commute_km", None), ("mean_commute_km", 4), ("net_present_value_cny", 2), ("service_accessibility", 9)],
)
def test_a_target_that_steers_is_a_rule_like_the_others(mode: RuleMode, indicator: str, year: int | None) -> None:
    plans = random_plans(resolved_with(), 8, seed=3)
    target = Target(indicator=indicator, year=year, at_most=0.0, mode=mode)
    outputs = measure_plans(resolved_with(), canonical(plans), [target_rule(target).measured], precision=SEARCH)[0]
    limit = float(np.sort(outputs)[3:5].mean())  # half of the plans miss it
    target = target.model_copy(update={"at_most": limit})
    resolved = resolved_with(target)
    name = f"target {indicator} at_most" + ("" if year is None else f" year {year}")
    names, excess = violations(resolved, plans, modes=(mode,))
    assert names[-1] == name
    np.testing.assert_allclose(excess[:, -1], np.clip(outputs - limit, 0.0, None) / abs(limit), rtol=1e-3, atol=1e-5)
    broken = excess[:, -1] > 0.0
    assert broken.sum() == 4
    for k in range(plans.n_plans):
        found = check(resolved, plans[k : k + 1])[-1]
        assert (found.rule, found.mode, found.holds) == (name, mode, not broken[k])
        (score,) = scorecard(resolved, plans[k : k + 1])
        assert score.met == found.holds
        assert score.output == pytest.approx(found.measured, rel=1e-14)  # chunks of other sizes sum in another order
    if mode is RuleMode.HARD:
        assert (valid(resolved, plans) <= ~broken).all()
        assert (measured_with_rules(resolved, plans, ["mean_commute_km"])[1][:, -1] > 0.0).tolist() == broken.tolist()
    else:
        assert valid(resolved, plans).tolist() == valid(resolved_with(), plans).tolist()


def test_a_reported_or_idle_target_is_no_rule() -> None:
    for mode in (RuleMode.OFF, RuleMode.REPORTED):
        resolved = resolved_with(Target(indicator="mean_commute_km", at_most=1.0, mode=mode))
        assert not [rule for rule in active_rules(resolved, tuple(RuleMode)) if rule.name.startswith("target")]
        assert len(scorecard(resolved, random_plans(resolved_with(), 1, seed=3))) == 1


def test_a_steering_target_is_missed_where_its_indicator_is_undefined() -> None:
    resolved = resolved_with(Target(indicator="demolished_share", at_most=0.5, mode=RuleMode.HARD))
    empty = empty_plan(resolved.city.n_villages)
    found = check(resolved, empty)[-1]
    assert (found.holds, found.measured) == (False, None)
    assert "undefined" in str(found.message)
    assert not valid(resolved, empty).any()


def test_a_target_of_zero_counts_its_excess_in_billions() -> None:
    free = resolved_with()
    plans = random_plans(free, 4, seed=3)
    resolved = resolved_with(Target(indicator="net_present_value_cny", at_least=0.0, mode=RuleMode.PENALIZED))
    excess = violations(resolved, plans, modes=(RuleMode.PENALIZED,))[1][:, -1]
    value = np.asarray(evaluate(free, plans)["net_present_value_cny"])
    np.testing.assert_allclose(excess, np.clip(-value, 0.0, None) / 1e9, rtol=1e-9)
