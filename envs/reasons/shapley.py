"""Shapley's values of the villages of a small plan, over all subsets of them: a second opinion beside the shares.

Shapley (1953) lets villages join one after another, whole, in every order; the path lets all grow together. Both share
out all of the change; they agree where an outcome is multilinear in what villages contribute.
"""

from __future__ import annotations

from math import factorial

import numpy as np

from data.arrays import FloatArray
from envs.kernel import evaluate
from envs.kernel.plans import Plans, canonical
from envs.kernel.resolved_scenario import ResolvedScenario
from envs.kernel.trace import REPORT

MOST_VILLAGES = 8
"""Of a plan for which all subsets are evaluated: 256 plans."""


def shapley_values(
    resolved: ResolvedScenario, plan: Plans, names: tuple[str, ...], *, threads: int = 1
) -> dict[str, FloatArray] | None:
    """Shapley's values of the villages that a plan renews.

    Args:
        resolved: scenario resolved against a city.
        plan: batch of one plan, on NumPy.
        names: of outcomes that are defined where nothing is renewed.
        threads: worker threads.

    Returns:
        Outcome -> shape (n_villages,), 0 where kept; None where the plan renews more than MOST_VILLAGES.
    """
    plan = canonical(plan)
    renewed = np.flatnonzero(plan.start_year[0] > 0)
    if renewed.size > MOST_VILLAGES:
        return None
    n = renewed.size
    members = (np.arange(2**n)[:, None] >> np.arange(n)) & 1  # (n_subsets, n), row = its members as bits
    start_year = np.zeros((2**n, plan.n_villages), dtype=plan.start_year.dtype)
    start_year[:, renewed] = members * plan.start_year[0, renewed]
    batch = plan[np.zeros(2**n, dtype=np.int64)]
    plans = canonical(Plans(start_year, *batch.columns[1:], **batch.given))
    values = evaluate(resolved, plans, indicators=names, precision=REPORT, threads=threads)
    size = members.sum(axis=1)
    weight = np.array([factorial(k) * factorial(n - k - 1) / factorial(n) for k in range(n)])
    found = {}
    for name in names:
        value, share = np.asarray(values[name]), np.zeros(plan.n_villages)
        for position, village in enumerate(renewed.tolist()):
            without = np.flatnonzero(members[:, position] == 0)
            joins = value[without | (1 << position)] - value[without]
            share[village] = float(weight[size[without]] @ joins)
        found[name] = share
    return found
