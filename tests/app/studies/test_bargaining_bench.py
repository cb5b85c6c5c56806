"""The bench of agreements: where a village is alone and on time, the table is what the plan itself is bargained to."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from agreement_fixtures import counting
from app.studies.bargaining_bench import N_PLANS, bargain_over, evenly
from data.files.cities import load_city
from data.scenario import Scenario
from envs.choices.options import OptionSpace, option_space
from envs.kernel import ResolvedScenario, evaluate, resolve
from envs.kernel.evaluate import REPORT, measure_plans
from envs.kernel.indicators.registry import INDICATORS, told_indicators
from envs.kernel.plans import Plans, canonical
from envs.people.bargaining.table import alone_table, middle_year

OFF = resolve(
    Scenario(plan_years=5, density_levels=2, facility_levels=2, parameters={"shadow.facility_floor": 12_000}),
    load_city("tiny"),
)


@pytest.fixture(scope="module")
def options() -> OptionSpace:
    return option_space(OFF)


@pytest.fixture(scope="module")
def counted(options: OptionSpace) -> ResolvedScenario:
    """By the first round of the table, in which each village is alone."""
    return counting(OFF).with_agreements(alone_table(OFF, options))


def alone(options: OptionSpace, village: int, option: int) -> Plans:
    """The plan that renews one village in the middle year."""
    start = np.zeros((1, 6), dtype=np.int64)
    start[0, village] = middle_year(OFF.scenario.plan_years)
    return canonical(options.decode(start, np.full(start.shape, option)))


def agreed_options(counted: ResolvedScenario) -> list[tuple[int, int]]:
    """Some options that are agreed on, and one that is not."""
    table = counted.agreements
    assert table is not None
    village, option = np.nonzero(table.legal & (table.probability > 0.0) & (table.intensity > 0)[None, :])
    chosen = [(int(village[k]), int(option[k])) for k in range(0, village.size, max(1, village.size // 3))]
    never = np.argwhere(table.legal & (table.probability == 0.0))[0]
    return [*chosen, (int(never[0]), int(never[1]))]


def test_a_village_alone_in_the_middle_year_is_as_in_the_table(counted: ResolvedScenario, options: OptionSpace) -> None:
    names = told_indicators(OFF.scenario)
    for village, option in agreed_options(counted):
        plan = alone(options, village, option)
        terms, share = bargain_over(OFF, plan, options).expected()
        measures = [INDICATORS[name].value for name in names]
        expected = measure_plans(OFF, terms, measures, precision=REPORT, counted_share=share)
        found = evaluate(counted, plan)
        for name, values in zip(names, expected, strict=True):
            np.testing.assert_allclose(found[name], values, rtol=1e-9, atol=1e-9, err_msg=name)


def test_plans_carried_out_draw_by_draw(counted: ResolvedScenario, options: OptionSpace) -> None:
    village, option = agreed_options(counted)[0]
    own = bargain_over(OFF, alone(options, village, option), options)
    plans = own.realized(20)
    assert plans.n_plans == 20
    agreed = own.promised.agrees[0, :20]
    np.testing.assert_array_equal(plans.start_year[:, village] > 0, agreed)
    given = plans.given["compensation_multiplier"][agreed, village]
    packages = own.promised.package[0, own.promised.nearest[0, :20]][agreed]
    np.testing.assert_array_equal(given, own.projects.multiplier[0, packages])


def test_some_plans_of_a_front_evenly() -> None:
    one = np.arange(40)[:, None] * np.ones((1, 6), dtype=np.int64)
    plans = Plans(one % 5, one % 3, one % 5, 1.0 * one, 0.01 * one)
    some = evenly(plans, -np.arange(40.0))
    assert some.n_plans == N_PLANS
    ends = np.array([39, 0])
    np.testing.assert_array_equal(some.start_year[[0, -1], 0], ends % 5)
    assert evenly(replace(plans)[:3], np.arange(3.0)).n_plans == 3
