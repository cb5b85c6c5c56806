"""The tiny city with its best plan by a preference, found by trying every plan; a small city beside it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest

from data.arrays import FloatArray, IntArray
from data.files.cities import load_city
from data.scenario_files import load_scenario
from envs.kernel import Plans, ResolvedScenario, resolve
from envs.models.kernel_model import KernelModel
from optimizers.problem.enumeration import all_genomes
from optimizers.problem.operators import split
from optimizers.whatif.preference import Preference
from optimizers.whatif.standing import Standing

RANGES = np.array([2.0e9, 0.5, 0.2])


@dataclass(frozen=True, eq=False)
class EveryPlan:
    """All plans of a city that keep the hard rules.

    Attributes:
        start_year: shape (n_plans, n_villages).
        option: same shape.
        values: objectives, shape (n_plans, n_objectives).
    """

    start_year: IntArray
    option: IntArray
    values: FloatArray

    def best(self, preference: Preference) -> int:
        """Position of the best plan."""
        return int(np.argmax(preference.worth(self.values)))


def every_plan(model: KernelModel) -> EveryPlan:
    starts, options, values = [], [], []
    for genomes in all_genomes(model):
        start, option = split(genomes)
        within = (
            np.stack([(start == year).sum(axis=1) for year in range(1, model.quota.size + 1)], axis=1) <= model.quota
        )
        start, option = start[within.all(axis=1)], option[within.all(axis=1)]
        if not len(start):
            continue
        found = model.evaluate(start, option)
        kept = (found.violations <= 0.0).all(axis=1)
        starts.append(start[kept])
        options.append(option[kept])
        values.append(found.objectives[kept])
    return EveryPlan(*(np.concatenate(parts) for parts in (starts, options, values)))


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


def preference_by(model: KernelModel, weights: tuple[float, ...]) -> Preference:
    return Preference(model.objectives, np.array(weights), RANGES, model.signs)


@pytest.fixture(scope="session")
def tiny_standing(tiny_model: KernelModel, tiny_plans: EveryPlan) -> Standing:
    """The best plan of tiny by equal weights."""
    preference = preference_by(tiny_model, (0.4, 0.3, 0.3))
    row = tiny_plans.best(preference)
    return Standing(tiny_model, plan_at(tiny_model, tiny_plans, row), preference)


def plan_at(model: KernelModel, plans: EveryPlan, row: int) -> Plans:
    return model.decode(plans.start_year[row : row + 1], plans.option[row : row + 1])
