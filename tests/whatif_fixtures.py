"""Every plan of a small city, and the best of them by a preference."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from data.arrays import FloatArray, IntArray
from envs.kernel import Plans
from envs.models.kernel_model import KernelModel
from optimizers.problem.enumeration import all_genomes
from optimizers.problem.operators import split
from optimizers.whatif.preference import Preference

RANGES = np.array([2.0e9, 0.5, 0.2])


@dataclass(frozen=True, eq=False)
class EveryPlan:
    """All plans of a city that respect the quota.

    Attributes:
        start_year: shape (n_plans, n_villages).
        option: same shape.
        values: objectives, shape (n_plans, n_objectives).
        holds: whether a plan keeps the hard rules, shape (n_plans,).
    """

    start_year: IntArray
    option: IntArray
    values: FloatArray
    holds: np.ndarray

    def best(self, preference: Preference) -> int:
        """Position of the best plan."""
        return int(np.argmax(np.where(self.holds, preference.worth(self.values), -np.inf)))

    def on(self, model: KernelModel) -> EveryPlan:
        """The same plans on another ground with the same options."""
        return measured(model, self.start_year, self.option)


def every_plan(model: KernelModel) -> EveryPlan:
    """Try everything; a kept village has one option, so that every plan is there once."""
    starts, options = [], []
    for genomes in all_genomes(model):
        start, option = split(genomes)
        years = range(1, model.quota.size + 1)
        within = np.stack([(start == year).sum(axis=1) for year in years], axis=1) <= model.quota
        starts.append(start[within.all(axis=1)])
        options.append(option[within.all(axis=1)])
    return measured(model, np.concatenate(starts), np.concatenate(options))


def measured(model: KernelModel, start: IntArray, option: IntArray) -> EveryPlan:
    """Evaluate plans."""
    found = model.evaluate(start, option)
    return EveryPlan(start, option, found.objectives, (found.violations <= 0.0).all(axis=1))


def plan_at(model: KernelModel, plans: EveryPlan, row: int) -> Plans:
    """One of the plans as a batch."""
    return model.decode(plans.start_year[row : row + 1], plans.option[row : row + 1])


def preference_by(model: KernelModel, weights: tuple[float, ...]) -> Preference:
    """Weights in ranges that suit the tiny city."""
    return Preference(model.objectives, np.array(weights), RANGES, model.signs)
