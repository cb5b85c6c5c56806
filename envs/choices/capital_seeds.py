"""Plans that earn: each village's own present value by option starts a search at the capital end of the front."""

from __future__ import annotations

import numpy as np

from data.arrays import IntArray, Quota, yearly
from envs.choices.alone import village_value_cny
from envs.choices.options import OptionSpace
from envs.kernel.resolved_scenario import ResolvedScenario


def earning_genomes(
    resolved: ResolvedScenario, space: OptionSpace, n_plans: int, quota: Quota
) -> tuple[IntArray, IntArray]:
    """Plans that renew the villages that earn most, each with its best option, the best first.

    Args:
        resolved: scenario resolved against a city.
        space: legal options.
        n_plans: how many at most; they renew from a few villages up to all that earn.
        quota: villages per year, or of each year.

    Returns:
        Start years and options, shape (n_plans, n_villages) each; still to be repaired.
    """
    value = village_value_cny(resolved, space)
    option = np.argmax(value, axis=1)
    best = value[np.arange(len(value)), option]
    order = np.argsort(-best, kind="stable")
    filled = np.cumsum(yearly(quota, space.start_mask.shape[1] - 1))
    earning = min(int((best > 0.0).sum()), int(filled[-1]))
    n_plans = min(n_plans, earning)  # no two alike, and none where nothing earns
    rank = np.empty(len(value), dtype=np.int64)
    rank[order] = np.arange(len(value))
    chosen = np.ceil(earning * np.arange(1, n_plans + 1) / max(n_plans, 1)).astype(np.int64)
    year = 1 + np.searchsorted(filled, rank, side="right")
    start = np.where(rank[None, :] < chosen[:, None], year[None, :], 0)
    return start, np.broadcast_to(option, start.shape).copy()
