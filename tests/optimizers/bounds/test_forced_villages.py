"""What villages that must begin need at the least: by enumeration on the tiny city, and each kind of refusal."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from data.files.cities import load_city
from data.scenario_files import load_scenario, scenario_from_mapping
from envs.choices.options import option_space
from envs.kernel import evaluate, resolve
from envs.kernel.resolved_scenario import ResolvedScenario
from optimizers.bounds.feasibility import refuse_short_of_means, shortfalls
from optimizers.bounds.forced_villages import ForcedVillages
from optimizers.bounds.least_costs import least_costs_cny

TINY = load_city("tiny")
IDS = TINY.villages.village_id.tolist()
BASE = load_scenario("tiny").model_dump(mode="json")


def resolved(**changes: Any) -> ResolvedScenario:
    return resolve(scenario_from_mapping(BASE | changes), TINY)


def keys(**changes: Any) -> list[str]:
    return [refusal.message.key for refusal in shortfalls(resolved(**changes))]


def costs_of_village(given: ResolvedScenario, village: int) -> tuple[float, float]:
    """Oracle: every year and option of one village alone, evaluated; least dearest year, and least cost in all."""
    space = option_space(given)
    dearest, whole = np.inf, np.inf  # options that sell are never the cheapest here, so no cost of sales counts
    for year in range(1, given.scenario.plan_years + 1):
        for option in np.flatnonzero(space.option_mask[village]):
            start = np.zeros((1, len(IDS)), dtype=np.int64)
            start[0, village] = year
            plan = space.decode(start, np.full_like(start, option))
            outcomes = evaluate(given, plan, indicators=("max_annual_cost_cny", "total_cost_cny"))
            dearest = min(dearest, float(outcomes["max_annual_cost_cny"][0]))
            whole = min(whole, float(outcomes["total_cost_cny"][0]))
    return dearest, whole


def test_least_costs_are_those_of_every_village_alone() -> None:
    given = resolved(locked=IDS[:1])
    dearest, whole, n_years = least_costs_cny(ForcedVillages(given))
    for village in range(2):
        year_cny, all_cny = costs_of_village(given, village)
        assert dearest[village] == pytest.approx(year_cny, rel=1e-9)
        assert whole[village] == pytest.approx(all_cny, rel=1e-9)
    assert 2 <= n_years <= given.clock.last_flow_year


def test_a_scenario_that_asks_for_nothing_is_never_short() -> None:
    assert keys(capital_limit_annual_cny=1.0) == []
    refuse_short_of_means(resolved(capital_limit_annual_cny=1.0))


def test_capital_is_short_just_below_what_the_cheapest_year_of_the_village_costs() -> None:
    dearest, _, _ = least_costs_cny(ForcedVillages(resolved(locked=IDS[:1])))
    assert keys(locked=IDS[:1], capital_limit_annual_cny=float(dearest[0]) * 1.001) == []
    assert "capital_short_of_village" in keys(locked=IDS[:1], capital_limit_annual_cny=float(dearest[0]) * 0.999)


def test_all_that_must_begin_against_the_money_of_all_years_by_hand() -> None:
    _, whole, n_years = least_costs_cny(ForcedVillages(resolved(renewal_ratio={"low": 0.5, "high": 1.0})))
    needed = float(np.sort(whole)[:3].sum())  # half of six villages
    short = resolved(renewal_ratio={"low": 0.5, "high": 1.0}, capital_limit_annual_cny=0.99 * needed / n_years)
    told = next(item for item in shortfalls(short) if item.message.key == "capital_short")
    assert (told.message.values["n"], told.message.values["years"]) == (3, n_years)
    assert told.message.values["suffices"] <= 2
    assert "亿元" in told.text("zh")
    assert "bn CNY" in told.text("en")
    enough = {"renewal_ratio": {"low": 0.5, "high": 1.0}, "capital_limit_annual_cny": 1.01 * needed / n_years}
    assert "capital_short" not in keys(**enough)


def test_each_other_kind_is_told() -> None:
    all_locked = {"locked": IDS, "villages_per_year": 6}
    assert keys(**all_locked, displaced_tenants_cap_persons=1.0, rules={"displacement": "hard"}) == ["forced_beyond"]
    rebuilt = {"intensities": ["rebuild"], "land_uses": ["commodity_housing"]}
    able = ForcedVillages(resolved(locked=IDS[:1], **rebuilt)).able
    names = [name for name, can in zip(IDS, able, strict=True) if can]
    assert "forced_beyond" in keys(locked=names, villages_per_year=6, commodity_housing_cap_m2=1.0, **rebuilt)
    if not able.all():
        lost = [name for name in IDS if name not in names]
        told = shortfalls(resolved(locked=lost, **rebuilt))
        assert [item.message.key for item in told] == ["forced_without_option"]
        assert list(told[0].rows) == lost
    money = {"least_rental_area_m2": 1000.0, "capital_limit_annual_cny": 1000.0}
    assert keys(**money) == ["floor_beyond_capital"]


def test_ranges_of_intensities_that_those_which_must_begin_rule_out() -> None:
    fixed = {"start_year": 1, "intensity": "rehabilitate", "facility_ratio": 0.1}
    given = {"fixed": dict.fromkeys(IDS, fixed), "villages_per_year": 6}
    told = keys(**given, intensity_shares={"rebuild": {"low": 0.5, "high": 1.0}})
    assert told == ["share_out_of_reach"]
    told = keys(**given, intensity_shares={"rehabilitate": {"low": 0.0, "high": 0.5}})
    assert told == ["share_forced_beyond"]
    assert keys(**given, intensity_shares={"rehabilitate": {"low": 0.5, "high": 1.0}}) == []


def test_no_scenario_that_has_a_plan_is_refused() -> None:
    """Drawn limits and drawn plans: where a plan keeps the capital limit, nothing is called short."""
    rng, given = np.random.default_rng(7), resolved(villages_per_year=6)
    space = option_space(given)
    for _ in range(12):
        start = rng.integers(0, given.scenario.plan_years + 1, (1, len(IDS)))
        option = np.array([[rng.choice(np.flatnonzero(row)) if row.any() else 0 for row in space.option_mask]])
        start *= space.option_mask.any(axis=1)
        if not start.any():
            continue
        plan = space.decode(start, option)
        cost = float(evaluate(given, plan, indicators=("max_annual_cost_cny",))["max_annual_cost_cny"][0])
        locked = [name for name, year in zip(IDS, start[0], strict=True) if year]
        assert keys(locked=locked, villages_per_year=6, capital_limit_annual_cny=cost) == []
