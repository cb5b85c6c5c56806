"""Halving the zones moves the service accessibility by less than 1 %."""

from __future__ import annotations

import pytest

from data.files.cities import load_city
from data.scenario import Scenario
from data.synthesis.zone_splitting import halve_zones
from envs.kernel import evaluate, resolve
from envs.kernel.plans import concatenate
from plan_fixtures import empty_plans, random_plans


@pytest.mark.parametrize("name", ["tiny", pytest.param("beijing", marks=pytest.mark.slow)])
def test_halving_the_zones_barely_moves_accessibility(name: str) -> None:
    city, scenario = load_city(name), Scenario(plan_years=5)
    coarse, fine = resolve(scenario, city), resolve(scenario, halve_zones(city))
    assert fine.city.n_zones == 2 * coarse.city.n_zones
    plans = concatenate([empty_plans(coarse), random_plans(coarse, 1, seed=1)])
    before, after = (evaluate(r, plans, indicators=())["service_accessibility"] for r in (coarse, fine))
    assert after == pytest.approx(before, rel=0.01)
    assert (after != before).all()
