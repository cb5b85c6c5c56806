"""The trace of a batch of plans through the model: every intermediate quantity, computed when it is first read.

States are place-first, shape (n_places, n_plans, n_years); outcomes are batch-first. Each chapter of the model is a
class of envs/kernel/tracing; none reads a chapter that it does not inherit.
"""

from __future__ import annotations

from envs.kernel.tracing.money_in_futures import MoneyInFutures
from envs.kernel.tracing.precision import REPORT, SEARCH, Precision
from envs.kernel.tracing.wellbeing import Wellbeing

__all__ = ["REPORT", "SEARCH", "Precision", "Trace"]


class Trace(Wellbeing, MoneyInFutures):
    """A batch of plans on its way through the model.

    Args:
        resolved: scenario resolved against a city.
        plans: canonical plans.
        precision: SEARCH or REPORT.
        keeps_access: keep the supply within reach of every place for further indicators.
        from_year: first state year held, where only the series from a year on are wanted; None = as `precision` says.
        last_start_year: latest start of these plans, where it is known to be earlier; None = plan_years.
        wellbeing_year: state year in which well-being is told; None = the last.
        counted_share: share 0..1 of every quantity that a village moves which counts, shape (n_plans, n_villages):
            people, jobs, floors, money and the village itself where villages are counted; not prices, ratios, consent,
            nor the terms and the calendar. None = all. Where the scenario counts bargaining, its probability besides.
    """
