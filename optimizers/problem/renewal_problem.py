"""The search problem: genomes in, signed objectives and constraint violations out, on the one evaluator."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
from pymoo.core.problem import Problem

from data.arrays import FloatArray, IntArray
from data.errors import refuse
from data.scenario import RuleMode
from envs.choices.options import OptionSpace
from envs.kernel.evaluate import measure_plans
from envs.kernel.indicators.registry import indicator, objective_signs
from envs.kernel.plans import Plans
from envs.kernel.resolved_scenario import ResolvedScenario
from envs.kernel.trace import SEARCH, Precision
from envs.rules.check import active_rules, excess_matrix
from optimizers.problem.operators import split

Runner = Callable[[Callable[[IntArray], dict[str, Any]], IntArray], list[dict[str, Any]]]
"""Calls a function with every row, in any process, and gives the answers in order."""
SMALL_CITY_PLACES = 200
PENALTY = 1.0
"""A penalized rule exceeded by 100 % costs one anchor range in every objective."""


def search_precision(n_places: int) -> Precision:
    """Single precision, but double in small cities, where it costs nothing and keeps near ties apart."""
    return SEARCH if n_places > SMALL_CITY_PLACES else replace(SEARCH, dtype="float64")


class RenewalProblem(Problem):  # type: ignore[misc]
    """Minimize the objectives (signs changed here, and only here) under the hard rules.

    Args:
        resolved: scenario resolved against a city.
        space: legal options.
        objectives: names.
        scale: one anchor range per objective, for penalties, shape (n_objectives,).
        threads: worker threads of the evaluator.
        elementwise_runner: evaluates plans one by one in pymoo's way, as a pool of processes does
            (pymoo.parallelization); None = whole batches on the threads, which is faster. The problem can be pickled;
            where it arrives it has no runner.
    """

    def __init__(
        self,
        resolved: ResolvedScenario,
        space: OptionSpace,
        *,
        objectives: tuple[str, ...],
        scale: FloatArray | None = None,
        threads: int = 1,
        elementwise_runner: Runner | None = None,
    ) -> None:
        """See the class."""
        self.resolved, self.space, self.threads = resolved, space, threads
        self.objectives = objectives
        self.precision = search_precision(resolved.city.n_places)
        self.signs = -np.array(objective_signs(objectives))
        self.scale = np.zeros(len(objectives)) if scale is None else scale
        # Single-village bounds hold by construction of the genome; the finished front is checked against all rules.
        self.hard = [rule for rule in active_rules(resolved, (RuleMode.HARD,)) if not rule.built_in]
        self.soft = active_rules(resolved, (RuleMode.PENALIZED,))
        n_villages, n_starts = space.start_mask.shape
        upper = np.repeat([n_starts - 1, max(space.n_options - 1, 0)], n_villages)
        super().__init__(
            n_var=2 * n_villages,
            n_obj=len(objectives),
            n_ieq_constr=len(self.hard),
            xl=np.zeros(2 * n_villages, dtype=np.int64),
            xu=upper,
            vtype=int,
            elementwise=elementwise_runner is not None,
            elementwise_runner=elementwise_runner,
            exclude_from_serialization=["elementwise_runner"],
        )

    def decode(self, genomes: IntArray) -> Plans:
        """Plans of genomes, shape (n_plans, 2 n_villages)."""
        return self.space.decode(*split(np.asarray(genomes, dtype=np.int64)))

    def _evaluate(self, X: IntArray, out: dict[str, Any], *_: Any, **__: Any) -> None:  # noqa: ANN401
        """Fill `out` with F and G of genomes, shape (n_plans, 2 n_villages); of one genome where elementwise."""
        values = self._measured(np.atleast_2d(X))
        out |= values if X.ndim == 2 else {name: rows[0] for name, rows in values.items()}

    def _measured(self, X: IntArray) -> dict[str, FloatArray]:
        """F, and G where there are hard rules, one row per genome."""
        plans = self.decode(X)
        measures = [indicator(name).value for name in self.objectives]
        measures += [rule.measured for rule in (*self.hard, *self.soft)]
        values = measure_plans(self.resolved, plans, measures, precision=self.precision, threads=self.threads)
        n_obj, n_hard = self.n_obj, len(self.hard)
        F = np.stack(values[:n_obj], axis=1) * self.signs
        excess = excess_matrix(self.resolved, (*self.hard, *self.soft), values[n_obj:], len(X))
        F = F + PENALTY * self.scale * excess[:, n_hard:].sum(axis=1, keepdims=True)
        if not np.isfinite(F).all():
            bad = [name for name, column in zip(self.objectives, F.T, strict=True) if not np.isfinite(column).all()]
            raise refuse("objective_not_searchable", layer="objectives", objectives=bad)
        return {"F": F, "G": excess[:, :n_hard]} if n_hard else {"F": F}
