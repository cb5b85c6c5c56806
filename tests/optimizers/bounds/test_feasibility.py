"""Hard limits that no plan keeps: each kind by hand or by all plans of a tiny city, and never one that a plan keeps."""

from __future__ import annotations

from functools import cache
from itertools import product
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from data.city import CATEGORIES
from data.files.cities import load_city
from data.scenario_files import load_scenario, scenario_from_mapping
from data.synthesis.city import synthesize_city
from envs.choices.options import option_space
from envs.kernel import Plans, evaluate, resolve
from envs.kernel.indicators.registry import INDICATORS
from envs.kernel.resolved_scenario import ResolvedScenario
from envs.rules.check import check, valid
from optimizers.bounds.district_residents import fewest_residents
from optimizers.bounds.feasibility import shortfalls
from optimizers.bounds.forced_villages import ForcedVillages, least_of
from optimizers.bounds.hard_targets import QUOTIENTS, SUMS, best_reached
from optimizers.bounds.peak_deficit import least_deficit
from optimizers.bounds.rent_rise import least_rise
from optimizers.problem.enumeration import all_genomes

TINY = load_city("tiny")
IDS = TINY.villages.village_id.tolist()
BASE = load_scenario("tiny").model_dump(mode="json")
SERVICES = ("service_accessibility", *(f"accessibility_{name}" for name in CATEGORIES))
SHARES = ("displaced_tenants_share", "social_tie_share")
MONEY_MOST, MONEY_LEAST = ("net_present_value_cny", "total_profit_cny"), ("total_cost_cny",)
TWO_SIDED = (*SUMS, *QUOTIENTS, *SHARES)


def resolved(**changes: Any) -> ResolvedScenario:
    return resolve(scenario_from_mapping(BASE | changes), TINY)


def keys(**changes: Any) -> list[str]:
    return [refusal.message.key for refusal in shortfalls(resolved(**changes))]


def target(indicator: str, side: str, value: float, year: int | None = None) -> dict[str, Any]:
    return {"indicator": indicator, side: value, "mode": "hard"} | ({} if year is None else {"year": year})


@cache
def every_plan() -> tuple[ResolvedScenario, Plans]:
    """The tiny city with one village fewer to choose for, and all of its plans."""
    small = resolved(forbidden=IDS[3:], villages_per_year=3)
    space = option_space(small)
    genomes = np.concatenate(list(all_genomes(space)))
    n = TINY.n_villages
    return small, space.decode(genomes[:, :n], genomes[:, n:])


def test_the_least_sum_over_a_choice_by_trying_all() -> None:
    rng = np.random.default_rng(3)
    for _ in range(30):
        needs = rng.normal(size=5).round(2)
        must, able = rng.random(5) < 0.3, rng.random(5) < 0.8
        must &= able
        low = int(rng.integers(0, 3))
        high = max(int(must.sum()), low, int(rng.integers(0, 6)))
        choices = [np.array(chosen, dtype=bool) for chosen in product((0, 1), repeat=5)]
        fit = [c for c in choices if (c >= must).all() and (c <= able).all() and low <= c.sum() <= high]
        if fit:
            assert least_of(needs, must, able, low, high) == pytest.approx(min(needs[c].sum() for c in fit))


@pytest.mark.parametrize("name", [*SUMS, *QUOTIENTS, *SHARES])
def test_no_plan_of_all_is_beyond_the_best_of_a_sum_and_sums_are_exact(name: str) -> None:
    small, plans = every_plan()
    forced = ForcedVillages(small)
    values = evaluate(small, plans, indicators=[name])[name]
    values = values[np.isfinite(values)]
    for side, end in (("at_least", values.max()), ("at_most", values.min())):
        tight = 0.001 * max(1.0, abs(end)) * (1.0 if side == "at_least" else -1.0)
        wanted = scenario_from_mapping(BASE | {"targets": [target(name, side, float(end + tight))]}).targets[0]
        best = best_reached(forced, wanted)
        if name in QUOTIENTS:
            if best is not None:
                assert best >= end - 1e-9 if side == "at_least" else best <= end + 1e-9
        else:
            assert best == pytest.approx(end, rel=1e-9, abs=1e-9)


@pytest.mark.parametrize("name", [*SERVICES, *MONEY_MOST, *MONEY_LEAST])
def test_no_plan_of_all_is_beyond_the_bound_of_services_and_money(name: str) -> None:
    small, plans = every_plan()
    values = evaluate(small, plans, indicators=[name])[name]
    side = "at_most" if name in MONEY_LEAST else "at_least"
    wanted = scenario_from_mapping(BASE | {"targets": [target(name, side, 1.0)]}).targets[0]
    best = best_reached(ForcedVillages(small), wanted)
    assert best is not None
    assert best >= values.max() - 1e-9 if side == "at_least" else best <= values.min() + 1e-9
    if name in SERVICES:
        assert best <= 1.0


def test_a_target_just_within_reach_is_not_refused_and_one_just_beyond_is() -> None:
    """Six villages: by hand the most that can be renewed is the places, and their largest sites."""
    assert keys(targets=[target("renewed_villages", "at_least", 6.0)], villages_per_year=3) == []
    assert keys(targets=[target("renewed_villages", "at_least", 6.1)], villages_per_year=3) == ["target_above_reach"]
    assert keys(targets=[target("renewed_villages", "at_least", 3.0)], villages_per_year=1) == ["target_above_reach"]
    assert keys(targets=[target("renewed_villages", "at_least", 2.0, year=1)], villages_per_year=2) == []
    assert keys(targets=[target("renewed_villages", "at_least", 2.0, year=1)], villages_per_year=1) == [
        "target_above_reach"
    ]
    sites = np.sort(TINY.villages.site_area_m2)[::-1]
    largest = float(sites[:2].sum())
    assert keys(targets=[target("renewed_area_m2", "at_least", largest)], villages_per_year=1) == []
    assert keys(targets=[target("renewed_area_m2", "at_least", largest + 1.0)], villages_per_year=1) == [
        "target_above_reach"
    ]
    site = float(TINY.villages.site_area_m2[0])
    locked = {"locked": IDS[:1]}
    assert keys(**locked, targets=[target("renewed_area_m2", "at_most", site)]) == []
    assert keys(**locked, targets=[target("renewed_area_m2", "at_most", site - 1.0)]) == ["target_below_reach"]
    assert keys(targets=[target("service_accessibility", "at_least", 1.01)]) == ["target_above_reach"]
    assert keys(targets=[target("net_present_value_cny", "at_least", 1e15)]) == ["target_above_reach"]
    assert keys(targets=[target("total_cost_cny", "at_most", 1e3)], **locked) == ["target_below_reach"]
    assert "capital_short_of_village" in keys(targets=[target("max_annual_cost_cny", "at_most", 1e3)], **locked)


def test_reported_targets_and_unknown_bounds_say_nothing() -> None:
    far = target("renewed_villages", "at_least", 1e6)
    assert keys(targets=[far | {"mode": "penalized"}]) == []
    assert keys(targets=[target("mean_commute_km", "at_most", 0.1)]) == []
    assert not scenario_from_mapping(BASE | {"targets": [far | {"mode": "reported"}]}).asks_for_something
    assert scenario_from_mapping(BASE | {"targets": [far]}).asks_for_something


FIXED = {"start_year": 1, "intensity": "rebuild", "land_use": "public_service", "facility_ratio": 0.1}


def all_given(**changes: Any) -> dict[str, Any]:
    """Every village has its decision, so that one plan is left and every bound is its own number."""
    far = {name: 0.9 * float(limit) for name, limit in zip(IDS, TINY.villages.far_limit, strict=True)}
    able = TINY.villages.rebuild_allowed
    fixed = {
        name: FIXED | {"floor_area_ratio": far[name]} if can else FIXED | {"intensity": "rehabilitate"}
        for name, can in zip(IDS, able, strict=True)
    }
    return {"fixed": fixed, "villages_per_year": 6} | changes


def given_plan(case: ResolvedScenario) -> Plans:
    space = option_space(case)
    start = np.array([[1] * TINY.n_villages])
    return space.decode(start, np.zeros_like(start))


def test_the_deficit_of_given_decisions_is_their_own() -> None:
    case = resolved(**all_given())
    peak = float(evaluate(case, given_plan(case), indicators=["peak_funding_cny"])["peak_funding_cny"][0])
    found = least_deficit(ForcedVillages(case))
    assert found is not None
    assert 0.9 * peak < found.cny <= peak * (1.0 + 1e-9)  # public services sell nothing: only rents could be less
    assert keys(**all_given(capital_limit_peak_cny=peak)) == []
    told = shortfalls(resolved(**all_given(capital_limit_peak_cny=0.5 * peak)))
    assert [item.message.key for item in told] == ["deficit_beyond"]
    assert "亿元" in told[0].text("zh")
    assert keys(**all_given(capital_limit_peak_cny=0.5 * peak, rules={"peak_capital": "reported"})) == []
    assert keys(**all_given(targets=[target("peak_funding_cny", "at_most", 0.5 * peak)])) == ["deficit_beyond"]


def test_the_rise_of_rents_of_given_decisions_by_hand() -> None:
    """All tenants leave in year 1, nobody builds rooms to let: rents rise once, in year 2."""
    case = resolved(**all_given())
    found = least_rise(ForcedVillages(case))
    growth = float(evaluate(case, given_plan(case), indicators=["rent_growth_per_yr"])["rent_growth_per_yr"][0])
    assert found.year == 2
    assert 0.0 < found.growth_per_yr <= growth * (1.0 + 1e-9)
    assert found.growth_per_yr == pytest.approx(growth, rel=1e-6)
    limits = {"parameters": {"rule.rent_growth_max": 0.5 * growth}}
    assert keys(**all_given(rules={"rent_growth": "hard"}, **limits)) == ["rents_rise_beyond"]
    assert keys(**all_given(**limits)) == []  # reported by default
    limits = {"parameters": {"rule.rent_growth_max": growth * 1.0001}}
    assert keys(**all_given(rules={"rent_growth": "hard"}, **limits)) == []


def test_a_cap_on_people_below_the_fewest() -> None:
    small, plans = every_plan()
    forced = ForcedVillages(small)
    for k, name in enumerate(TINY.districts):
        today, fewest = fewest_residents(forced, k)
        cap = {"district_limits": {name: {"population_persons": 1.0}}}
        case = resolve(scenario_from_mapping(BASE | cap | {"forbidden": IDS[3:]}), TINY)
        some = np.random.default_rng(k).choice(plans.n_plans, 60)
        for row in some:
            use = next(f.measured for f in check(case, plans[row : row + 1]) if f.rule == "district_population")
            assert use is not None
            assert use >= fewest - 1e-6 * today
        assert fewest < today
        assert "district_population_out_of_reach" in keys(district_limits={name: {"population_persons": 0.1}})
        assert keys(district_limits={name: {"population_persons": today}}) == []


@cache
def drawn_from(seed: int) -> ResolvedScenario:
    """A city to draw plans of: the tiny one, or a synthesized one of some villages."""
    if seed % 2 == 0:
        return resolved(villages_per_year=6)
    return resolve(load_scenario("balanced").model_copy(update={"plan_years": 4}), synthesize_city(8, seed=seed % 4))


@st.composite
def plans_of_options(draw: st.DrawFn) -> tuple[ResolvedScenario, Plans]:
    case = drawn_from(draw(st.integers(0, 3)))
    space, rng = option_space(case), np.random.default_rng(draw(st.integers(0, 10_000)))
    n = case.city.n_villages
    option = np.array([[rng.choice(np.flatnonzero(row)) if row.any() else 0 for row in space.option_mask]])
    start = rng.integers(0, case.scenario.plan_years + 1, (1, n)) * space.option_mask.any(axis=1)
    return case, space.decode(start, option)


@settings(max_examples=8, deadline=None)
@given(plans_of_options(), st.booleans(), st.data())
def test_limits_that_a_drawn_plan_keeps_are_never_refused(
    drawn: tuple[ResolvedScenario, Plans], are_given: bool, data: st.DataObject
) -> None:
    """Its own numbers as limits and hard targets, its villages locked or given: nothing is ever called out of reach."""
    case, plan = drawn
    ids, start = case.city.villages.village_id, np.asarray(plan.start_year)[0]
    values = {name: float(found[0]) for name, found in evaluate(case, plan).values.items() if np.isfinite(found[0])}
    named = [name for name in (*TWO_SIDED, *SERVICES, *MONEY_MOST) if name in values]
    targets = [target(name, "at_least", values[name]) for name in named]
    targets += [
        target(name, "at_most", values[name])
        for name in (*TWO_SIDED, *MONEY_LEAST, "max_annual_cost_cny", "peak_funding_cny")
        if name in values
    ]
    chosen = data.draw(st.lists(st.sampled_from(targets), min_size=1, max_size=12, unique_by=str))
    changes: dict[str, Any] = {"targets": chosen, "rules": {"rent_growth": "hard"}}
    quota = max(1, int(np.bincount(start[start > 0], minlength=1).max(initial=1)))
    changes |= {"villages_per_year": quota, "locked": ids[start > 0].tolist()}
    if are_given:
        changes |= {"locked": [], "fixed": {str(ids[k]): decision(plan, k) for k in range(start.size)}}
    changes["capital_limit_annual_cny"] = max(1.0, values["max_annual_cost_cny"])
    changes["capital_limit_peak_cny"] = max(1.0, values["peak_funding_cny"])
    changes["parameters"] = {"rule.rent_growth_max": max(0.0, values["rent_growth_per_yr"]) + 1e-9}
    found = next(f.measured for f in check(with_caps(case, 1.0), plan) if f.rule == "district_population")
    limited = resolve(scenario_from_mapping(case.scenario.model_dump(mode="json") | changes), case.city)
    limited = with_caps(limited, float(found or 1.0))
    assert valid(limited, plan)[0]
    assert [str(refusal) for refusal in shortfalls(limited)] == []


def decision(plan: Plans, village: int) -> dict[str, Any]:
    """A village's part of a plan as a fixed one."""
    from data.scenario import INTENSITIES, LAND_USES

    year, intensity, use, far, facility = (np.asarray(column)[0, village] for column in plan.columns)
    if year == 0:
        return {"start_year": 0}
    given = {"start_year": int(year), "intensity": INTENSITIES[int(intensity)].value, "facility_ratio": float(facility)}
    return given | {"land_use": LAND_USES[int(use)].value, "floor_area_ratio": float(far)}


def with_caps(case: ResolvedScenario, persons: float) -> ResolvedScenario:
    """Every district has the same cap on people."""
    caps = {name: {"population_persons": persons} for name in case.city.districts}
    return resolve(scenario_from_mapping(case.scenario.model_dump(mode="json") | {"district_limits": caps}), case.city)


def test_every_message_stands_in_both_languages() -> None:
    told = shortfalls(
        resolved(
            **all_given(
                capital_limit_peak_cny=1.0,
                rules={"rent_growth": "hard"},
                parameters={"rule.rent_growth_max": 1e-6},
                district_limits={TINY.districts[0]: {"population_persons": 0.1}},
                targets=[
                    target("renewed_villages", "at_most", 1.0),
                    target("net_present_value_cny", "at_least", 1e15),
                    target("demolished_share", "at_most", 0.001),
                ],
            )
        )
    )
    found = {item.message.key for item in told}
    assert found >= {"deficit_beyond", "rents_rise_beyond", "district_population_out_of_reach", "target_above_reach"}
    assert "target_below_reach" in found
    for item in told:
        assert item.text("en") != item.text("zh")
        assert "{" not in item.text("en") + item.text("zh")
    assert INDICATORS["net_present_value_cny"].label["zh"] in "".join(item.text("zh") for item in told)
