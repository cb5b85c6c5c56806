"""Tables of plans in futures: spreads, who is best how often, fans of the cash flow and of indicators, worst years."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from app.stress.stress_of_run import COMPARED, Stress, more_is_better
from data.arrays import FloatArray, IntArray
from envs.futures.spread import QUANTILES, Estimate, chance, design_effect, spread_of
from envs.futures.stress import best_share, regret
from envs.kernel.indicators.registry import INDICATORS


def spread_frame(stress: Stress) -> pd.DataFrame:
    """A row for each plan and indicator that moves."""
    rows = []
    for plan, plan_id in enumerate(stress.plan_ids):
        for name, values in stress.measured.items():
            world = stress.world_of(name)
            told = spread_of(values[plan], more_is_better=more_is_better(name), world=world)
            estimates = {"mean": told.mean, "tail_mean": told.tail_mean}
            estimates |= {f"p{100 * q:.0f}": one for q, one in zip(QUANTILES, told.quantiles, strict=True)}
            rows.append(
                {
                    "plan_id": plan_id,
                    "indicator": name,
                    "unit": INDICATORS[name].unit,
                    "without_shocks": float(stress.stressed.expected[name][plan]),
                    "n_futures": told.n,
                    "n_undefined": told.n_undefined,
                    "worlds_share": told.worlds_share,
                    **_columns(estimates),
                }
            )
    return pd.DataFrame(rows)


def ranks_frame(stress: Stress) -> pd.DataFrame:
    """A row for each plan: in how many futures it is the best, and what it falls short of the best."""
    values = stress.stressed.measures[COMPARED]
    short, better = regret(values, more_is_better=True), best_share(values, more_is_better=True)
    world = stress.world_of(COMPARED)
    return pd.DataFrame(
        {
            "plan_id": stress.plan_ids,
            "best_share": better.mean(axis=1),
            "best_share_se": [_error_of_mean(each, world) for each in better],
            "mean_regret_cny": short.mean(axis=1),
            "p90_regret_cny": np.quantile(short, 0.9, axis=1),
            "largest_regret_cny": short.max(axis=1),
        }
    )


def _error_of_mean(values: FloatArray, world: IntArray | None) -> float:
    """Standard error of the mean of one value a future; futures of one world count as fewer."""
    effect = 1.0 if world is None else design_effect(values, world)[1]
    return float(np.sqrt(effect * np.var(values) / values.size))


def fan_frame(stress: Stress) -> pd.DataFrame:
    """A row for each plan, flow year and quantity: quantiles and mean over the first futures."""
    flows = stress.stressed.flows_cny
    quantities = {"net_cash_flow_cny": flows, "cumulative_cash_flow_cny": np.cumsum(flows, axis=2)}
    frames = [
        pd.DataFrame({"plan_id": plan_id, "quantity": name, **_fan(values[plan])})
        for plan, plan_id in enumerate(stress.plan_ids)
        for name, values in quantities.items()
    ]
    return pd.concat(frames, ignore_index=True)


def indicator_fan_frame(stress: Stress) -> pd.DataFrame:
    """A row for each plan, indicator with a yearly series and state year: quantiles and mean over worlds."""
    columns = ["plan_id", "indicator", "unit", "n_worlds", "year", "p10", "p50", "p90", "mean"]
    frames = [
        pd.DataFrame(
            {
                "plan_id": plan_id,
                "indicator": name,
                "unit": INDICATORS[name].unit,
                "n_worlds": values.shape[1],
                **_fan(values[plan]),
            }
        )
        for plan, plan_id in enumerate(stress.plan_ids)
        for name, values in stress.stressed.yearly.items()
    ]
    return pd.concat(frames, ignore_index=True) if frames else pd.DataFrame(columns=columns)


def worst_years_frame(stress: Stress) -> pd.DataFrame:
    """A row for each plan and flow year that is the worst of some future: in how many, and what is lost in it then."""
    rows, world = [], stress.world_of(COMPARED)
    for plan, plan_id in enumerate(stress.plan_ids):
        flows = stress.stressed.flows_cny[plan]
        worst, lowest = flows.argmin(axis=1), flows.min(axis=1)
        for year in np.unique(worst).tolist():
            told = chance(worst == year, None if world is None else world[: worst.size])
            row = {"plan_id": plan_id, "year": year, "worst_share": told.value, "worst_share_se": told.error}
            rows.append({**row, "mean_cny": lowest[worst == year].mean()})
    return pd.DataFrame(rows)


def error_bars(spread: pd.DataFrame, plan_ids: Sequence[str], indicators: Sequence[str]) -> dict[str, FloatArray]:
    """How far P10 and P90 of indicators lie below and above the value without shocks, where futures move them.

    Args:
        spread: as `spread_frame` has it.
        plan_ids: in the order wanted; a plan that was not measured has NaN.
        indicators: names.

    Returns:
        Indicator -> shape (2, n_plans): below, above, each 0 or more.
    """
    bars = {}
    for name in indicators:
        rows = spread[spread["indicator"] == name].set_index("plan_id").reindex(list(plan_ids))
        if rows["p10"].notna().any():
            middle = rows["without_shocks"].to_numpy(np.float64)
            low, high = rows["p10"].to_numpy(np.float64), rows["p90"].to_numpy(np.float64)
            bars[name] = np.maximum(np.stack([middle - low, high - middle]), 0.0)
    return bars


def _fan(values: FloatArray) -> dict[str, FloatArray | np.ndarray]:
    low, middle, high = np.quantile(values, QUANTILES, axis=0)
    years = np.arange(values.shape[1])
    return {"year": years, "p10": low, "p50": middle, "p90": high, "mean": values.mean(axis=0)}


def _columns(estimates: dict[str, Estimate]) -> dict[str, float]:
    columns = {name: one.value for name, one in estimates.items()}
    return columns | {f"{name}_se": one.error for name, one in estimates.items()}
