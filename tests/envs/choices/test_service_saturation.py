"""New facilities as they serve: by plain loops over places, and in limiting cases."""

from __future__ import annotations

import numpy as np
import pytest

from data.city import CATEGORIES, LAND_CATEGORIES
from data.scenario import Scenario
from data.synthesis.city import synthesize_city
from envs.choices.service_saturation import N_LEVELS, serving_supply
from envs.kernel import ResolvedScenario, resolve
from envs.kernel.plans import empty_plan
from envs.kernel.trace import SEARCH, Trace

N_VILLAGES = 12


@pytest.fixture(scope="module")
def resolved() -> ResolvedScenario:
    return resolve(Scenario(plan_years=2), synthesize_city(N_VILLAGES, 3))


def by_loops(resolved: ResolvedScenario, village: int, supply_m2: float, *, is_land: bool) -> float:
    """Persons whose standards a village's supply meets besides, over those per square meter at its beginning."""
    trace = Trace(resolved, empty_plan(N_VILLAGES), SEARCH)
    model, people = trace.constants.access, trace.columns(trace.residents)[:, -1]
    place, more, per_m2 = people.size - N_VILLAGES + village, 0.0, 0.0
    split = model.land_split if is_land else model.floor_split
    for k, category in enumerate(CATEGORIES):
        if (category in LAND_CATEGORIES) is not is_land:
            continue
        decay = model.decay[model.scale_idx[k]].matrix.toarray()
        within = sum(people[i] * decay[i, place] for i in range(people.size))
        for i in range(people.size):
            met = trace.access[k][i, -1] / model.standard[k]
            own = decay[i, place] / within * split[village, k] / model.standard[k]
            more += model.weights[k] * people[i] * (min(met + own * supply_m2, 1.0) - min(met, 1.0))
            per_m2 += model.weights[k] * people[i] * own * min(max((2.0 - met) / 2.0, 0.0), 1.0)
    return more / per_m2


@pytest.mark.parametrize("is_land", [False, True])
def test_supply_serves_as_loops_over_places_say(resolved: ResolvedScenario, *, is_land: bool) -> None:
    levels = np.linspace(0.0, 60_000.0, N_LEVELS + 1)  # at which nothing is interpolated
    serves = serving_supply(resolved, np.tile(levels, (N_VILLAGES, 1)), is_land=is_land, cap_width=1.0)
    for village in range(0, N_VILLAGES, 4):
        expected = [by_loops(resolved, village, supply, is_land=is_land) for supply in levels]
        np.testing.assert_allclose(serves[village], expected, rtol=2e-5, atol=1e-6)


def test_the_more_there_is_the_less_each_square_meter_serves(resolved: ResolvedScenario) -> None:
    supply = np.sort(np.random.default_rng(0).uniform(0.0, 200_000.0, (N_VILLAGES, 30)), axis=1)
    serves = serving_supply(resolved, supply, is_land=False, cap_width=1.0)
    assert (np.diff(serves, axis=1) >= -1e-9).all()
    assert (np.diff(serves / supply, axis=1) <= 1e-9).all()


def test_no_supply_serves_nobody(resolved: ResolvedScenario) -> None:
    assert (serving_supply(resolved, np.zeros((N_VILLAGES, 3)), is_land=False, cap_width=1.0) == 0.0).all()
