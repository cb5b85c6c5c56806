"""Shares add up, equal brute force and plain loops, and follow the plan's symmetries."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agreement_fixtures import counting, random_table
from data.scenario import Scenario
from data.synthesis.city import synthesize_city
from envs.kernel import Plans, ResolvedScenario, evaluate, resolve
from envs.kernel.plans import canonical
from envs.reasons.attribution import CORE, FEWEST_PANELS, Shares, attributable, attribute, path_shares
from envs.reasons.path import PathTrace, contributions, nothing
from envs.reasons.shapley import shapley_values
from envs.reasons.terms import TERM_OF, by_term
from oracles.attribution import by_quadrature, by_small_steps, shapley
from plan_fixtures import permuted_city, random_plans
from reason_fixtures import FULL_ZONES, MARKETS, WAITING, counted_outcome, tiny_city, tiny_plan

COMPLETE = 1e-11
"""Of the sum of all shares' sizes; the commute is balanced to this."""
OBJECTIVES = ("net_present_value_cny", "mean_commute_km", "service_accessibility")


@pytest.fixture(scope="module")
def tiny() -> ResolvedScenario:
    return tiny_city()


def _along(resolved: ResolvedScenario, plan: Plans, name: str, n_panels: int) -> np.ndarray:
    end = contributions(resolved, plan)
    path = PathTrace(resolved, plan, (nothing(end), end), np.linspace(0.0, 1.0, n_panels + 1))
    return np.sum(list(path_shares(path, name).values()), axis=0)


def _missing(shares: Shares) -> float:
    size = float(np.abs(shares.by_village).sum())
    return abs(shares.residue) / size if size else abs(shares.residue)


@pytest.mark.parametrize("parameters", [{}, FULL_ZONES, WAITING, FULL_ZONES | WAITING, {"settle.outflow_cap": 0.01}])
def test_shares_add_up_to_what_the_evaluator_says(parameters: dict[str, float]) -> None:
    resolved = tiny_city(**parameters)
    found = attribute(resolved, tiny_plan(), attributable())
    assert set(CORE) < set(found)
    for name, shares in found.items():
        assert _missing(shares) < COMPLETE, name
        assert shares.by_village[3] == 0.0, name  # a kept village has no share
        assert sum(by_term(shares).values()) == pytest.approx(shares.by_village, rel=1e-9, abs=1e-12)
        assert set(shares.by_quantity) <= set(TERM_OF)


def test_where_zones_fill_and_newcomers_wait_both_happen_on_the_way() -> None:
    plan = tiny_plan()
    for parameters, unhoused, waiting in ((FULL_ZONES, True, False), (WAITING, False, True)):
        resolved = tiny_city(**parameters)
        end = contributions(resolved, plan)
        away = PathTrace(resolved, plan, (nothing(end), end), np.linspace(0.0, 1.0, 3)).away
        assert (away.overflow is not None and bool(away.unhoused.max() > 0.0)) is unhoused
        assert away.waiting is waiting


@pytest.mark.parametrize("name", ["net_present_value_cny", "peak_funding_cny", "government_npv_cny", "mean_commute_km"])
def test_smooth_outcomes_equal_brute_force(tiny: ResolvedScenario, name: str) -> None:
    plan = tiny_plan()
    brute = np.array(by_quadrature(counted_outcome(tiny, plan, name), 6, n_panels=3, step=3e-4))
    fine, coarse = (_along(tiny, plan, name, n_panels) for n_panels in (128, 64))
    found = fine + (fine - coarse) / 3.0  # the error of panels falls with their square
    assert found == pytest.approx(brute, abs=1e-9 * np.abs(brute).sum())


@pytest.mark.parametrize(
    ("name", "parameters", "apart"),
    [
        ("service_accessibility", {}, 1e-4),
        ("service_accessibility", FULL_ZONES | WAITING, 1e-4),
        ("mean_commute_km", FULL_ZONES, 1e-3),
        ("mean_commute_km", FULL_ZONES | WAITING, 1e-3),
    ],
)
def test_outcomes_with_caps_equal_small_steps_without_any_derivative(
    name: str, parameters: dict[str, float], apart: float
) -> None:
    resolved, plan = tiny_city(**parameters), tiny_plan()
    brute = np.array(by_small_steps(counted_outcome(resolved, plan, name), 6, n_steps=96))
    assert _along(resolved, plan, name, 96) == pytest.approx(brute, abs=apart * np.abs(brute).sum())


def test_a_share_is_the_villages_own_where_nothing_answers() -> None:
    still = tiny_city(**dict.fromkeys(MARKETS, 0.0))
    plan = tiny_plan()
    shares = attribute(still, plan, ("net_present_value_cny",))["net_present_value_cny"].by_village
    for village in range(6):
        alone = canonical(replace(plan, start_year=np.where(np.arange(6) == village, plan.start_year, 0)))
        value = evaluate(still, alone, indicators=[])["net_present_value_cny"][0]
        assert shares[village] == pytest.approx(value, rel=1e-9)


def test_shapley_agrees_where_the_outcome_is_multilinear_and_is_near_elsewhere(tiny: ResolvedScenario) -> None:
    plan = tiny_plan()
    still = tiny_city(**dict.fromkeys(MARKETS, 0.0))
    value = np.array(shapley(counted_outcome(still, plan, "net_present_value_cny"), 6))
    assert _along(still, plan, "net_present_value_cny", 1) == pytest.approx(value, rel=1e-9, abs=1e-3)
    for name, apart in zip(OBJECTIVES, (1e-3, 1e-3, 0.05), strict=True):
        value, share = np.array(shapley(counted_outcome(tiny, plan, name), 6)), _along(tiny, plan, name, 64)
        assert value.sum() == pytest.approx(share.sum(), rel=1e-6)
        assert np.abs(value - share).sum() < apart * np.abs(share).sum()


def test_shapleys_values_are_those_of_plain_loops(tiny: ResolvedScenario) -> None:
    plan = tiny_plan()
    found = shapley_values(tiny, plan, OBJECTIVES)
    assert found is not None
    for name in OBJECTIVES:
        value = np.array(shapley(counted_outcome(tiny, plan, name), 6))
        assert found[name] == pytest.approx(value, abs=1e-9 * np.abs(value).sum())
    assert shapley_values(_CITY, random_plans(_CITY, 1, 2), OBJECTIVES) is None


def test_panels_are_doubled_until_shares_stay(tiny: ResolvedScenario) -> None:
    found = attribute(tiny, tiny_plan(), (*OBJECTIVES, "new_floor_area_m2"))
    for name in OBJECTIVES:
        assert found[name].n_panels >= 2 * FEWEST_PANELS
        assert found[name].moved <= 1e-3
        fine = _along(tiny, tiny_plan(), name, 64)
        assert np.abs(found[name].by_village - fine).sum() < 1e-3 * np.abs(fine).sum()
    assert (found["new_floor_area_m2"].n_panels, found["new_floor_area_m2"].moved) == (0, 0.0)


@pytest.mark.parametrize(
    "columns",
    [
        {"compensation_multiplier": np.array([[1.4, 1.1, np.nan, np.nan, np.nan, 1.2]])},
        {"onsite_share": np.array([[0.5, np.nan, 1.0, np.nan, np.nan, 0.9]])},
        {"delay_yr": np.array([[0.5, np.nan, 1.3, np.nan, 0.7, np.nan]])},
    ],
)
def test_bargained_terms_and_delays_are_part_of_the_plan(
    tiny: ResolvedScenario, columns: dict[str, np.ndarray]
) -> None:
    for name, shares in attribute(tiny, tiny_plan(**columns), CORE).items():
        assert _missing(shares) < COMPLETE, name


def test_a_scenario_that_counts_bargaining_is_shared_out_as_it_counts(tiny: ResolvedScenario) -> None:
    counted = counting(tiny).with_agreements(random_table(counting(tiny), 3))
    for name, shares in attribute(counted, tiny_plan(), attributable()).items():
        assert _missing(shares) < COMPLETE, name


@settings(max_examples=8, deadline=None)
@given(st.integers(0, 10_000))
def test_shares_of_any_plan_add_up(seed: int) -> None:
    resolved = _CITY
    plan = random_plans(resolved, 1, seed)
    for name, shares in attribute(resolved, plan, OBJECTIVES).items():
        assert _missing(shares) < COMPLETE, name


def test_the_order_of_villages_does_not_matter(tiny: ResolvedScenario) -> None:
    order = np.array([4, 2, 5, 0, 3, 1])
    turned = resolve(tiny.scenario, permuted_city(tiny.city, order))
    plan = tiny_plan()
    for name, shares in attribute(tiny, plan, OBJECTIVES).items():
        other = attribute(turned, plan.each(lambda column: column[:, order]), (name,))[name]
        assert other.by_village == pytest.approx(shares.by_village[order], rel=1e-6, abs=1e-9 * abs(shares.after))


_CITY = resolve(Scenario(plan_years=4, villages_per_year=5), synthesize_city(14, 5))


@pytest.mark.parametrize("parameters", [{}, FULL_ZONES | WAITING])
def test_a_long_path_a_few_panels_at_a_time_is_the_same(
    parameters: dict[str, float], monkeypatch: pytest.MonkeyPatch
) -> None:
    resolved = tiny_city(**parameters)
    whole = attribute(resolved, tiny_plan(), OBJECTIVES)
    monkeypatch.setattr("envs.reasons.attribution.MOST_CELLS", 1)
    for name, shares in attribute(resolved, tiny_plan(), OBJECTIVES, threads=2).items():
        assert shares.n_panels == whole[name].n_panels
        size = np.abs(shares.by_village).sum()
        assert shares.by_village == pytest.approx(whole[name].by_village, abs=1e-11 * size)
