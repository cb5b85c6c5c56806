"""The programme that the parties would agree on if they could choose: whose prices the table of agreements takes."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from data.arrays import BoolArray, FloatArray, IntArray
from envs.kernel.agreements import Agreements

LIKELY = 0.5
"""Probability from which on an option is likelier agreed on than not."""


def agreed_programme(
    table: Agreements, site_area_m2: FloatArray, start_mask: BoolArray, yearly_quotas: Sequence[int]
) -> tuple[IntArray, IntArray]:
    """Every village takes the likely option by which all parties together gain most; those that gain most come first.

    Args:
        table: what bargaining brings, at the prices that villages make by themselves.
        site_area_m2: of the villages, shape (n_villages,).
        start_mask: True where a village may start in a year (column 0 = keep), shape (n_villages, plan_years + 1).
        yearly_quotas: villages that may start in each year 1..plan_years.

    Returns:
        Start year (0 = keep) and option of each village, shape (n_villages,) each.
    """
    gain_cny = np.nan_to_num(table.gain_cny_per_m2).sum(axis=0) * site_area_m2[:, None]
    likely = table.legal & (table.probability >= LIKELY)
    option = np.argmax(np.where(likely, gain_cny, -np.inf), axis=1)
    gains = np.take_along_axis(gain_cny, option[:, None], axis=1)[:, 0]
    start_year, left = np.zeros(option.size, dtype=np.int64), np.array([0, *yearly_quotas])
    for village in np.argsort(-gains, kind="stable"):
        open_years = np.flatnonzero(start_mask[village] & (left > 0))
        if likely[village].any() and open_years.size:
            start_year[village] = open_years[0]
            left[open_years[0]] -= 1
    return start_year, option
