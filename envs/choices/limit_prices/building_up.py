"""Plans that fall short of what a limit asks for at least get more villages, those first that lose least for it."""

from __future__ import annotations

import numpy as np

from data.arrays import IntArray, Quota, SingleArray, yearly
from envs.choices.limit_prices.linear_limits import CITY, LEAST_MARGIN, LinearLimits
from envs.choices.linear_model import LinearGains

LEAST_COST = 1e-3
"""What even the choice that gains most costs, as a share of the range of gains: of equals, the one that helps more."""


def built_up(
    limits: LinearLimits,
    gains: LinearGains,
    slopes: SingleArray,
    quota: Quota,
    start_year: IntArray,
    option: IntArray,
) -> tuple[IntArray, IntArray]:
    """A plan with villages added, as far as the quotas go, until it reaches each least area, number or target.

    Args:
        limits: on the whole plan; those with a limit below 0 must be built up to.
        gains: linear model.
        slopes: of the weighted objectives less the prices, shape (n_villages, plan_years, n_quantities).
        quota: villages per year, or of each year.
        start_year: shape (n_villages,).
        option: same shape.

    Returns:
        Start years and options, same shape each; limits may stay missed where nothing that may be added helps.
    """
    missing = limits.excess(limits.use(gains, start_year, option))
    least = np.flatnonzero((limits.limit < 0.0) & (missing > LEAST_MARGIN))
    if least.size == 0:
        return start_year, option
    start_year, option = start_year.copy(), option.copy()
    table = gains.table(slopes)
    for row in least[np.argsort(-missing[least], kind="stable")]:
        used = _used_by_choices(limits, gains, int(row))
        missed = float(limits.excess(limits.use(gains, start_year, option))[row])
        _add(table, -used, missed, yearly(quota, table.shape[1]), start_year, option, gains)
    return start_year, option


def _used_by_choices(limits: LinearLimits, gains: LinearGains, row: int) -> SingleArray:
    """What every choice uses of one limit, shape (n_villages, plan_years, n_options); negative = it helps."""
    n_rows = limits.rows.limit.size
    if row >= n_rows:
        assert limits.at_plan is not None
        return limits.at_plan.slope[row - n_rows] @ gains.quantities
    counts = (limits.rows.district[row] == CITY) | (limits.rows.district[row] == limits.village_district)
    used = limits.rows.slope[row].astype(np.float32) @ gains.quantities
    return np.where(counts[:, None, None], used, np.float32(0.0))


def _add(
    table: SingleArray,
    help_of: SingleArray,
    missed: float,
    quota: IntArray,
    start_year: IntArray,
    option: IntArray,
    gains: LinearGains,
) -> None:
    """Renew kept villages in place, those first that forgo least gain per help, until nothing is missed."""
    left = quota - np.bincount(start_year, minlength=quota.size + 1)[1:]
    legal = np.isfinite(table)
    open_to = (start_year == 0)[:, None, None] & ~gains.fixed_mask[:, None, None] & legal & (help_of > 0.0)
    gain = np.where(legal, table, 0.0)
    forgone = gain.max() - gain + LEAST_COST * (float(np.ptp(gain)) or 1.0)
    while missed > LEAST_MARGIN:
        open_to[:, left <= 0] = False
        if not open_to.any():
            return
        cost = np.where(open_to, forgone / np.where(open_to, help_of, 1.0).clip(None, missed), np.inf)
        village, year, chosen = np.unravel_index(int(np.argmin(cost)), cost.shape)
        start_year[village], option[village] = year + 1, chosen
        missed -= float(help_of[village, year, chosen])
        open_to[village] = False
        left[year] -= 1
