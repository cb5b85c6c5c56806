"""Section 8, the arithmetic of one cash flow; year 0 comes first and is not discounted.

Read where the pages leave room: the internal rate of return is absent (NaN) unless exactly one rate between -90 % and
1000 % makes the value 0; the payback year is absent where the cumulative flow ends below 0, and where nothing flows.
"""

from __future__ import annotations

import math
from collections.abc import Sequence


def net_present_value(flow: Sequence[float], rate: float) -> float:
    """Sum of F_t / (1 + rate)^t."""
    return sum(f / (1.0 + rate) ** t for t, f in enumerate(flow))


def internal_rate_of_return(flow: Sequence[float]) -> float:
    """The only rate in [-0.9, 10] that makes the value 0, by scan and bisection; NaN where none or several do."""
    if not (any(f > 0.0 for f in flow) and any(f < 0.0 for f in flow)):
        return math.nan
    grid = [-0.9 + 0.002 * i for i in range(951)] + [1.0 + 0.05 * i for i in range(1, 181)]
    values = [net_present_value(flow, rate) for rate in grid]
    crossings = [i for i in range(len(grid) - 1) if (values[i] > 0.0) != (values[i + 1] > 0.0)]
    if len(crossings) != 1:
        return math.nan
    low, high = grid[crossings[0]], grid[crossings[0] + 1]
    positive_low = values[crossings[0]] > 0.0
    for _ in range(200):
        middle = 0.5 * (low + high)
        if (net_present_value(flow, middle) > 0.0) == positive_low:
            low = middle
        else:
            high = middle
    return 0.5 * (low + high)


def cumulative(flow: Sequence[float]) -> list[float]:
    """Running sum."""
    total, sums = 0.0, []
    for f in flow:
        total += f
        sums.append(total)
    return sums


def payback_year(flow: Sequence[float]) -> float:
    """First year in which the cumulative flow is >= 0 and stays so; NaN where there is none."""
    if all(f == 0.0 for f in flow):
        return math.nan
    sums = cumulative(flow)
    for year in range(len(sums)):
        if all(s >= 0.0 for s in sums[year:]):
            return float(year)
    return math.nan


def loan_cover(flow: Sequence[float], rate: float) -> float:
    """Value at the deepest deficit of the flows after it, over that deficit; NaN where there never is one."""
    sums = cumulative(flow)
    deficit = -min(sums)
    if deficit <= 0.0:
        return math.nan
    peak_year = sums.index(-deficit)
    return sum(f / (1.0 + rate) ** (t - peak_year) for t, f in enumerate(flow) if t > peak_year) / deficit


def peak_funding(flow: Sequence[float]) -> float:
    """Deepest cumulative deficit as a positive number; 0 where there is none."""
    return max(0.0, -min(cumulative(flow)))
