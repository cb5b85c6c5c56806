"""The tiny city with its best plan by a preference, found by trying every plan."""

from __future__ import annotations

import pytest

from data.files.cities import load_city
from data.scenario_files import load_scenario
from envs.kernel import ResolvedScenario, resolve
from envs.models.kernel_model import KernelModel
from optimizers.whatif.standing import Standing
from whatif_fixtures import EveryPlan, every_plan, plan_at, preference_by


@pytest.fixture(scope="session")
def tiny() -> ResolvedScenario:
    """One village a year: a city that every test can try out."""
    scenario = load_scenario("tiny").model_copy(update={"villages_per_year": 1})
    return resolve(scenario, load_city("tiny"))


@pytest.fixture(scope="session")
def tiny_model(tiny: ResolvedScenario) -> KernelModel:
    return KernelModel(tiny)


@pytest.fixture(scope="session")
def tiny_plans(tiny_model: KernelModel) -> EveryPlan:
    return every_plan(tiny_model)


@pytest.fixture(scope="session")
def tiny_standing(tiny_model: KernelModel, tiny_plans: EveryPlan) -> Standing:
    """The best plan of tiny by a preference."""
    preference = preference_by(tiny_model, (0.4, 0.3, 0.3))
    row = tiny_plans.best(preference)
    return Standing(tiny_model, plan_at(tiny_model, tiny_plans, row), preference)
