"""A plan is looked up in a table of what bargaining brings, and counts on these terms."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import numpy as np
import pytest
import torch

from agreement_fixtures import counting, random_table, table_of
from data.errors import InputError
from data.files.cities import load_city
from data.scenario import Bargaining, Scenario
from envs.choices.anchors import anchor_digest
from envs.choices.options import OptionSpace, option_space
from envs.kernel import REPORT, SEARCH, ResolvedScenario, evaluate, resolve
from envs.kernel.agreements import NO_OPTION, nearest_options
from envs.kernel.evaluate import measure_plans
from envs.kernel.indicators.registry import INDICATORS, told_indicators
from envs.kernel.plans import Plans, canonical, empty_plan
from envs.kernel.trace import Trace
from envs.kernel.tracing.bargained import bargained_terms
from plan_fixtures import random_plans

TOLD = told_indicators(Scenario())
"""Indicators that do not speak of bargaining."""


@cache
def off() -> ResolvedScenario:
    return resolve(Scenario(plan_years=6), load_city("tiny"))


@cache
def space() -> OptionSpace:
    return option_space(off())


@cache
def counted() -> ResolvedScenario:
    return counting(off()).with_agreements(random_table(off(), seed=3))


def chosen_plans(n_plans: int, seed: int) -> tuple[Plans, np.ndarray]:
    """Plans of legal options, and these options."""
    rng, mask = np.random.default_rng(seed), space().option_mask
    option = np.array([[rng.choice(np.flatnonzero(legal)) for legal in mask] for _ in range(n_plans)])
    start = rng.integers(0, 7, option.shape) * mask.any(axis=1)
    return canonical(space().decode(start, option)), option


def test_every_option_finds_itself() -> None:
    shape = space().option_mask.shape
    for option in range(0, space().n_options, 7):
        plans = canonical(space().decode(np.ones((1, shape[0]), dtype=np.int64), np.full((1, shape[0]), option)))
        _, village, found = nearest_options(counted().agreements, plans)  # type: ignore[arg-type]
        legal = space().option_mask[village, option]
        same_far = space().floor_area_ratio[village, found] == space().floor_area_ratio[village, option]
        same = (space().intensity[found] == space().intensity[option]) & (
            space().facility_ratio[found] == space().facility_ratio[option]
        )
        assert np.all(same[legal])
        assert np.all(same_far[legal])
        assert np.all(space().land_use[found][legal] == space().land_use[option])


def test_a_plan_between_levels_takes_the_nearest_option() -> None:
    plans = random_plans(off(), 3, seed=2)
    plan, village, found = nearest_options(counted().agreements, canonical(plans))  # type: ignore[arg-type]
    _, encoded = space().encode(plans)
    for p, v, o in zip(plan, village, found, strict=True):
        if not space().option_mask[v].any():
            assert o == NO_OPTION
            continue
        expected = encoded[p, v]
        assert (space().intensity[o], space().land_use[o]) == (space().intensity[expected], space().land_use[expected])
        assert space().floor_area_ratio[v, o] == space().floor_area_ratio[v, expected]
        assert space().facility_ratio[o] == space().facility_ratio[expected]


def test_where_nothing_is_legal_nobody_agrees() -> None:
    table = replace(counted().agreements, legal=np.zeros_like(space().option_mask))  # type: ignore[type-var]
    plans, _ = chosen_plans(1, seed=5)
    terms = bargained_terms(counted().with_agreements(table), plans)
    assert terms is not None
    np.testing.assert_array_equal(terms.probability, plans.start_year == 0)
    assert np.isnan(terms.compensation_multiplier).all()


def test_counted_is_the_kernel_with_terms_and_shares_written_by_hand() -> None:
    plans, option = chosen_plans(3, seed=6)
    table, villages = counted().agreements, np.arange(6)
    assert table is not None
    renewed, rebuilt = plans.start_year > 0, plans.intensity > 0
    delay_yr = np.where(table.calendar == 1, 0.9, 0.0)
    by_hand = replace(
        plans,
        compensation_multiplier=np.where(rebuilt, table.multiplier[villages, option], np.nan),
        onsite_share=np.where(rebuilt, table.onsite_share[villages, option], np.nan),
        delay_yr=np.where(renewed, delay_yr[villages, option], np.nan),
    )
    share = np.where(renewed, table.probability[villages, option], 1.0)
    measures = [INDICATORS[name].value for name in TOLD]
    expected = measure_plans(off(), canonical(by_hand), measures, precision=REPORT, counted_share=share)
    found = evaluate(counted(), plans)
    for name, values in zip(TOLD, expected, strict=True):
        np.testing.assert_allclose(found[name], values, rtol=1e-12, atol=1e-12, err_msg=name)


def test_certain_agreement_on_the_models_own_terms_changes_nothing() -> None:
    plans = random_plans(off(), 3, seed=7)
    certain = counting(off()).with_agreements(table_of(space()))
    expected, found = evaluate(off(), plans), evaluate(certain, plans)
    for name in TOLD:
        np.testing.assert_allclose(found[name], expected[name], rtol=1e-9, atol=1e-9, err_msg=name)


def test_agreement_that_never_comes_is_the_empty_plan() -> None:
    plans = random_plans(off(), 2, seed=8)
    never = counting(off()).with_agreements(
        table_of(space(), probability=0.0, multiplier=1.3, calendar=1, calendar_delay_yr=(0.0, 1.0))
    )
    expected, found = evaluate(off(), empty_plan(6)), evaluate(never, plans)
    for name in TOLD:
        np.testing.assert_allclose(found[name], expected[name][[0, 0]], rtol=1e-9, atol=1e-9, err_msg=name)


def test_what_a_plan_says_itself_wins_but_for_the_probability() -> None:
    plans, option = chosen_plans(1, seed=9)
    rebuilt, renewed = plans.intensity > 0, plans.start_year > 0
    said = canonical(
        replace(
            plans,
            compensation_multiplier=np.full(plans.start_year.shape, 1.4),
            onsite_share=np.full(plans.start_year.shape, 0.8),
            delay_yr=np.full(plans.start_year.shape, 0.1),
        )
    )
    terms = bargained_terms(counted(), said)
    assert terms is not None
    assert np.all(terms.compensation_multiplier[rebuilt] == 1.4)
    assert np.all(terms.onsite_share[rebuilt] == 0.8)
    assert np.all(terms.calendar_delay_yr[renewed] == 0.1)
    table = counted().agreements
    assert table is not None
    np.testing.assert_array_equal(terms.probability[renewed], table.probability[np.arange(6), option][renewed])


def test_every_trace_has_the_calendars_of_the_table() -> None:
    plans, _ = chosen_plans(2, seed=1)
    clocks = Trace(counted(), plans, SEARCH).clocks
    assert len(clocks) == 2
    assert clocks[0] is off().clock
    assert [clock.phases.schedule for clock in clocks] == [
        clock.phases.schedule for clock in Trace(counted(), canonical(empty_plan(6)), SEARCH).clocks
    ]


def test_reported_leaves_the_outcomes_alone() -> None:
    plans = random_plans(off(), 2, seed=4)
    reported = counting(off(), Bargaining.REPORTED).with_agreements(random_table(off(), seed=3))
    expected, found = evaluate(off(), plans, indicators=()), evaluate(reported, plans, indicators=())
    for name, values in expected.values.items():
        np.testing.assert_array_equal(found[name], values, err_msg=name)


@pytest.mark.parametrize("mode", [Bargaining.COUNTED, Bargaining.REPORTED])
def test_without_its_table_bargaining_is_refused(mode: Bargaining) -> None:
    with pytest.raises(InputError, match="table"):
        bargained_terms(counting(off(), mode), canonical(random_plans(off(), 1, seed=1)))


def test_counted_on_torch() -> None:
    plans, _ = chosen_plans(3, seed=11)
    on_torch = plans.each(torch.asarray)
    expected, found = evaluate(counted(), plans, indicators=()), evaluate(counted(), on_torch, indicators=())
    for name, values in expected.values.items():
        np.testing.assert_allclose(found[name].numpy(), values, rtol=1e-9, err_msg=name)


def test_digests_without_bargaining_are_those_of_before() -> None:
    scenario = Scenario(plan_years=6)
    assert "bargaining" not in scenario.digested()
    assert scenario.digest != scenario.model_copy(update={"bargaining": Bargaining.COUNTED}).digest
    assert anchor_digest(off(), off().scenario.objectives) != anchor_digest(counted(), off().scenario.objectives)
    assert counted().without_bargaining.digest == off().digest


def test_indicators_of_bargaining_by_hand() -> None:
    plans, option = chosen_plans(2, seed=12)
    table, base, villages = counted().agreements, off().constants.base, np.arange(6)
    assert table is not None
    names = ("agreed_site_share", "agreed_registered_share", "bargained_multiplier", "bargaining_delay_yr")
    reported = counting(off(), Bargaining.REPORTED).with_agreements(table)
    for resolved in (counted(), reported):
        found = evaluate(resolved, plans, indicators=(*names, "villages_at_risk"))
        for row in range(2):
            above, below, risk = dict.fromkeys(names, 0.0), dict.fromkeys(names, 0.0), 0
            for village in villages[plans.start_year[row] > 0]:
                o = option[row, village]
                chance, site, people = (
                    float(table.probability[village, o]),
                    float(base.site_area_m2[village]),
                    float(base.registered[village]),
                )
                risk += chance < 0.5
                summed = {names[0]: (chance, site), names[1]: (chance, people)}
                summed[names[3]] = (float(table.delay_yr[village, o]), site * chance)
                if plans.intensity[row, village] > 0:
                    summed[names[2]] = (float(table.multiplier[village, o]), people * chance)
                for name, (value, weight) in summed.items():
                    above[name] += value * weight
                    below[name] += weight
            for name in names:
                assert found[name][row] == pytest.approx(above[name] / below[name])
            assert found["villages_at_risk"][row] == risk
    keep = evaluate(counted(), empty_plan(6))
    assert np.isnan(keep["agreed_site_share"]).all()
    assert keep["villages_at_risk"] == 0.0
    assert np.isnan(evaluate(off(), plans)["villages_at_risk"]).all()
