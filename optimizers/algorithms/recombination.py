"""Recombination: children of plans that lie side by side on the front, kept within the limits that add up."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from data.arrays import IntArray
from envs.choices.limit_prices.linear_limits import LinearLimits
from envs.choices.linear_model import LinearGains
from optimizers.algorithms.algorithm import Setting
from optimizers.algorithms.evolution import POP_SIZE
from optimizers.problem.operators import join, split

CHILDREN_PER_STEP, MOST_CHILDREN = 48, 400
"""In small cities, where calls cost more than plans, up to the latter."""
MUTATED = 0.7
"""Share of the children that are changed after they have inherited."""
CHANCE_OF_NEXT = 0.25
"""Of the nearest neighbor to be the other parent; else the next one, and so on."""


@dataclass(frozen=True, eq=False)
class Recombination:
    """Children of the plans of an archive.

    Attributes:
        setting: problem, request, archive.
        operators: sampling, crossover, mutation and repair.
        gains: linear model of the scenario, or None.
        limits: on the whole plan, or None.
    """

    setting: Setting
    operators: dict[str, Any]
    gains: LinearGains | None
    limits: LinearLimits | None

    def children(self, least_infeasible: IntArray | None, rng: np.random.Generator) -> IntArray:
        """Children of neighbors on the front, legal, shape (n_children, 2 n_villages).

        Args:
            least_infeasible: genomes in place of the front as long as it is empty.
            rng: random state.
        """
        problem = self.setting.problem
        children = self.operators["crossover"]._do(problem, self._pairs(least_infeasible, rng), random_state=rng)
        children = children.reshape(-1, children.shape[2])
        mutated = self.operators["mutation"]._do(problem, children, random_state=rng)
        children = np.where(rng.random((len(children), 1)) < MUTATED, mutated, children)
        return self._within_limits(self.operators["repair"]._do(problem, children, random_state=rng), rng)

    def drawn(self, rng: np.random.Generator) -> IntArray:
        """Random plans in their place, legal, shape (POP_SIZE, 2 n_villages)."""
        problem = self.setting.problem
        drawn = self.operators["sampling"]._do(problem, POP_SIZE, random_state=rng)
        repaired: IntArray = self.operators["repair"]._do(problem, drawn, random_state=rng)
        return repaired

    def _within_limits(self, genomes: IntArray, rng: np.random.Generator) -> IntArray:
        """Genomes with villages dropped, in random order, until the limits that add up hold; same shape.

        None is dropped where the quota must be met exactly.
        """
        if self.limits is None or self.gains is None or self.setting.model.exact_quota:
            return genomes
        starts, options = split(genomes)
        chance = rng.random(starts.shape)
        kept = [
            self.limits.trimmed(self.gains, start, option, worth)
            for start, option, worth in zip(starts, options, chance, strict=True)
        ]
        return join(np.stack(kept), options)

    def _pairs(self, least_infeasible: IntArray | None, rng: np.random.Generator) -> IntArray:
        """Neighbors on the front, shape (2, n_pairs, 2 n_villages); without a front, the least infeasible plans."""
        archive = self.setting.archive
        n_pairs = max(CHILDREN_PER_STEP, min(MOST_CHILDREN, self.setting.model.plans_at_once)) // 2
        genomes = archive.genomes if len(archive.F) else least_infeasible
        assert genomes is not None
        one = rng.integers(0, len(genomes), size=n_pairs)
        if len(archive.F) < 2:
            return np.stack([genomes[one], genomes[rng.integers(0, len(genomes), size=n_pairs)]])
        scaled = archive.F / archive.ranges
        distance = np.abs(scaled[one][:, None] - scaled[None]).sum(axis=2)
        distance[np.arange(n_pairs), one] = np.inf
        rank = np.minimum(rng.geometric(CHANCE_OF_NEXT, size=n_pairs) - 1, len(genomes) - 2)
        other = np.argsort(distance, axis=1)[np.arange(n_pairs), rank]
        return np.stack([genomes[one], genomes[other]])
