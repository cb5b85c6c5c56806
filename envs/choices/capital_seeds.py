"""Plans that earn: each village's own present value by option starts a search at the capital end of the front."""

from __future__ import annotations

import numpy as np

from data.arrays import FloatArray, IntArray, Quota, yearly


def earning_genomes(value_cny: FloatArray, n_plans: int, quota: Quota, plan_years: int) -> tuple[IntArray, IntArray]:
    """Plans that renew the villages that earn most, each with its best option, the best first.

    Args:
        value_cny: of each village and option alone (envs.choices.alone.village_value_cny), (n_villages, n_options).
        n_plans: how many at most; they renew from a few villages up to all that earn.
        quota: villages per year, or of each year.
        plan_years: in which villages may start.

    Returns:
        Start years and options, shape (n_plans, n_villages) each; still to be repaired.
    """
    option = np.argmax(value_cny, axis=1)
    best = value_cny[np.arange(len(value_cny)), option]
    order = np.argsort(-best, kind="stable")
    filled = np.cumsum(yearly(quota, plan_years))
    earning = min(int((best > 0.0).sum()), int(filled[-1]))
    n_plans = min(n_plans, earning)  # no two alike, and none where nothing earns
    rank = np.empty(len(value_cny), dtype=np.int64)
    rank[order] = np.arange(len(value_cny))
    chosen = np.ceil(earning * np.arange(1, n_plans + 1) / max(n_plans, 1)).astype(np.int64)
    year = 1 + np.searchsorted(filled, rank, side="right")
    start = np.where(rank[None, :] < chosen[:, None], year[None, :], 0)
    return start, np.broadcast_to(option, start.shape).copy()
