"""The cash flow of every village of one plan, from the same amounts, profiles and prices as the city's."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from envs.kernel.capital import ITEMS, PRICED_ITEMS, REVENUE
from envs.kernel.trace import Trace

FloatArray = NDArray[np.float64]


def village_flows(trace: Trace, plan: int = 0) -> dict[str, FloatArray]:
    """Every item of the account by village and year, signed: revenues above zero, costs below.

    Args:
        trace: of a batch on NumPy.
        plan: position in the batch.

    Returns:
        Item name -> shape (n_villages, n_flow_years) [CNY]. Over all items and villages they sum to `trace.net_flow`.
    """
    start_year = trace.plans.start_year[plan]
    price = trace.price_factor[plan][trace.constants.base.district_idx]
    flows: dict[str, FloatArray] = {}
    for item in ITEMS:
        sign = 1.0 if item.kind == REVENUE else -1.0
        flow: Any = sign * trace.amounts[item.name][plan][:, None] * trace.profile(item.profile)[start_year]
        flows[item.name] = (flow * price if item.name in PRICED_ITEMS else flow) + 0.0  # no negative zeros
    return flows


def net_village_flow(flows: dict[str, FloatArray]) -> FloatArray:
    """Net cash flow by village and year, shape (n_villages, n_flow_years) [CNY]."""
    return np.sum(list(flows.values()), axis=0)
