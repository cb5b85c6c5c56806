"""The tornado against an independent loop, and where nothing can move."""

from __future__ import annotations

import math

import pytest

from data.errors import refuse
from data.files.cities import load_city
from data.parameter_book import load_book
from data.scenario_files import load_scenario
from envs.kernel import ResolvedScenario, evaluate, resolve
from envs.parameter_sensitivity import Effect, Measured, measured, parameter_effects, ranged_parameters, tornado
from plan_fixtures import empty_plans, random_plans

KEYS = ("finance.discount_rate", "travel.detour", "std.commerce", "cost.rehabilitation", "employment.tenant")


@pytest.fixture(scope="module")
def resolved() -> ResolvedScenario:
    return resolve(load_scenario("tiny"), load_city("tiny"))


def test_ends_are_those_of_an_independent_loop(resolved: ResolvedScenario) -> None:
    """Scenario by scenario with its own override, resolved from the files and evaluated."""
    plan = random_plans(resolved, 1, 5)
    base = measured(resolved, plan)
    effects = list(parameter_effects(resolved, plan, KEYS, base))
    assert [effect.key for effect in effects] == list(KEYS)
    for effect in effects:
        entry = load_book()[effect.key]
        for end, found in ((entry.low, effect.at_low), (entry.high, effect.at_high)):
            scenario = load_scenario("tiny").model_copy(update={"parameters": {effect.key: end}})
            outcomes = evaluate(resolve(scenario, load_city("tiny")), plan, indicators=list(found.outcomes))
            for name, value in found.outcomes.items():
                assert value == pytest.approx(float(outcomes[name][0]), rel=1e-12, nan_ok=True), (effect.key, name)


def test_the_discount_rate_by_hand(resolved: ResolvedScenario) -> None:
    """The undiscounted flow does not answer to the rate; the present value is the flow's at that rate."""
    plan = random_plans(resolved, 1, 5)
    base = measured(resolved, plan)
    (effect,) = parameter_effects(resolved, plan, KEYS[:1], base)
    assert effect.at_low.outcomes["total_profit_cny"] == pytest.approx(base.outcomes["total_profit_cny"], rel=1e-12)
    assert effect.at_low.outcomes["mean_commute_km"] == pytest.approx(base.outcomes["mean_commute_km"], rel=1e-12)
    from envs.kernel.evaluate import evaluate_yearly

    flow = evaluate_yearly(resolved, plan)["net_cash_flow_cny"][0]
    for rate, found in ((effect.low, effect.at_low), (effect.high, effect.at_high)):
        present = sum(float(value) / (1.0 + rate) ** year for year, value in enumerate(flow))
        assert found.outcomes["net_present_value_cny"] == pytest.approx(present, rel=1e-9)


def test_no_money_moves_where_nothing_is_renewed(resolved: ResolvedScenario) -> None:
    plan = empty_plans(resolved)
    base = measured(resolved, plan)
    effects = list(parameter_effects(resolved, plan, KEYS, base))
    assert all(bar.swing == 0.0 for bar in tornado(base, effects, "net_present_value_cny"))
    assert tornado(base, effects, "service_accessibility")[0].key in ("std.commerce", "travel.detour")


def test_bars_are_sorted_by_swing_and_count_the_center() -> None:
    def effect(key: str, low: float, high: float, n_broken: int = 0) -> Effect:
        names = "net_present_value_cny"
        return Effect(key, 1.0, 0.0, 2.0, Measured({names: low}), Measured({names: high}, n_broken))

    base = Measured({"net_present_value_cny": 10.0})
    effects = [effect("a", 9.0, 11.0), effect("b", 12.0, 15.0, 2), effect("c", math.nan, 10.0)]
    bars = tornado(base, effects, "net_present_value_cny")
    assert [(bar.key, bar.swing, bar.n_broken) for bar in bars] == [("b", 5.0, 2), ("a", 2.0, 0), ("c", 0.0, 0)]


def test_an_impossible_value_is_told_and_the_rest_goes_on(
    resolved: ResolvedScenario, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(*_: object) -> ResolvedScenario:
        raise refuse("nothing_to_choose")

    monkeypatch.setattr("envs.parameter_sensitivity.resolve", refused)
    base = Measured({"net_present_value_cny": 1.0})
    (effect,) = parameter_effects(resolved, empty_plans(resolved), KEYS[:1], base)
    assert "at least one village" in effect.at_low.refused
    assert tornado(base, [effect], "net_present_value_cny")[0].swing == 0.0


def test_ranged_parameters_are_single_numbers_once() -> None:
    book = load_book()
    keys = ranged_parameters(book)
    assert len(keys) == len(set(keys)) > 50
    for key in keys:
        entry = book[key]
        assert not entry.same_as
        assert isinstance(entry.value, float)
        assert entry.low is not None
        assert entry.high is not None
        assert entry.low < entry.high
