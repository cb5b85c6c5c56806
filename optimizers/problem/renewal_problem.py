"""The search problem: genomes in, signed objectives and constraint violations out, on one model."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from pymoo.core.problem import Problem

from data.arrays import FloatArray, IntArray
from data.errors import refuse
from envs.models.model import Evaluation, Model
from optimizers.problem.operators import split

Runner = Callable[[Callable[[IntArray], dict[str, Any]], IntArray], list[dict[str, Any]]]
"""Calls a function with every row, in any process, and gives the answers in order."""
PENALTY = 1.0
"""A penalized rule exceeded by 100 % costs one anchor range in every objective."""


class RenewalProblem(Problem):  # type: ignore[misc]
    """Minimize the objectives of a model (signs changed here, and only here) under its hard rules.

    Args:
        model: what plans are worth.
        objectives: names, all or some of the model's; None = all.
        scale: one anchor range per objective, for penalties, shape (n_objectives,).
        threads: worker threads of the search.
        elementwise_runner: evaluates plans one by one in pymoo's way, as a pool of processes does
            (pymoo.parallelization); None = whole batches on the threads, which is faster. The problem can be pickled;
            where it arrives it has no runner.
    """

    def __init__(
        self,
        model: Model,
        *,
        objectives: tuple[str, ...] | None = None,
        scale: FloatArray | None = None,
        threads: int = 1,
        elementwise_runner: Runner | None = None,
    ) -> None:
        """See the class."""
        self.objectives = model.objectives if objectives is None else objectives
        self.model, self.threads = model.narrowed(self.objectives), threads
        self.columns = [self.model.objectives.index(name) for name in self.objectives]
        self.signs = -np.asarray(self.model.signs, dtype=np.float64)[self.columns]
        self.scale = np.zeros(len(self.objectives)) if scale is None else scale
        n_villages, n_starts = model.start_mask.shape
        upper = np.repeat([n_starts - 1, max(model.n_options - 1, 0)], n_villages)
        super().__init__(
            n_var=2 * n_villages,
            n_obj=len(self.objectives),
            n_ieq_constr=len(model.rules) + int(not model.counts_quota),
            xl=np.zeros(2 * n_villages, dtype=np.int64),
            xu=upper,
            vtype=int,
            elementwise=elementwise_runner is not None,
            elementwise_runner=elementwise_runner,
            exclude_from_serialization=["elementwise_runner"],
        )

    def natural_weights(self, weights: FloatArray) -> FloatArray:
        """Weights of the model's objectives in natural units, more is better, from those of F per unit of `ranges`.

        Args:
            weights: of the objectives as they are minimized, shape (n, n_objectives).

        Returns:
            shape (n, objectives of the model); 0 for those that are not searched.
        """
        natural = np.zeros((len(weights), len(self.model.objectives)))
        natural[:, self.columns] = -weights * self.signs
        return natural

    def _evaluate(self, X: IntArray, out: dict[str, Any], *_: Any, **__: Any) -> None:  # noqa: ANN401
        """Fill `out` with F and G of genomes, shape (n_plans, 2 n_villages); of one genome where elementwise."""
        values = self._measured(np.atleast_2d(X))
        out |= values if X.ndim == 2 else {name: rows[0] for name, rows in values.items()}

    def _measured(self, X: IntArray) -> dict[str, FloatArray]:
        """F, and G where there are hard rules, one row per genome."""
        start, option = split(np.asarray(X, dtype=np.int64))
        reached = Evaluation(*self.model.evaluate(start, option))
        penalized = np.zeros(len(X)) if reached.penalized is None else reached.penalized
        F = np.asarray(reached.objectives, dtype=np.float64)[:, self.columns] * self.signs
        F = F + PENALTY * self.scale * penalized[:, None]
        if not np.isfinite(F).all():
            bad = [name for name, column in zip(self.objectives, F.T, strict=True) if not np.isfinite(column).all()]
            raise refuse("objective_not_searchable", layer="objectives", objectives=bad)
        if self.n_ieq_constr == 0:
            return {"F": F}
        return {"F": F, "G": broken_rules(self.model, start, reached.violations)}


def broken_rules(model: Model, start_year: IntArray, violations: FloatArray) -> FloatArray:
    """Violations of the rules of a model, and last of its quota where no rule counts it, shape (n_plans, n)."""
    violations = np.asarray(violations, dtype=np.float64)
    if model.counts_quota:
        return violations
    n_years = model.start_mask.shape[1] - 1
    count = np.stack([(start_year == year).sum(axis=1) for year in range(1, n_years + 1)], axis=1)
    beyond = np.abs(count - model.quota) if model.exact_quota else np.maximum(count - model.quota, 0)
    return np.column_stack([violations, beyond.sum(axis=1) / max(int(model.quota.sum()), 1)])
