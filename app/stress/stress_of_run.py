"""Plans of a run against futures: spreads, chances of targets, who is best how often, and fans of the cash flow."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from app.runs.run_folder import Run
from data.arrays import FloatArray
from data.errors import refuse
from data.scenario import Target
from envs.futures.money_measures import MEASURES
from envs.futures.spread import QUANTILES, Estimate, chance, spread_of
from envs.futures.stress import StressedPlans, best_share, regret, stress_plans
from envs.kernel import ResolvedScenario
from envs.kernel.indicators.registry import INDICATORS
from envs.kernel.plans import concatenate

MOST_CELLS = 10_000_000
"""Plans x futures: what finds room in memory."""
COMPARED = "net_present_value_cny"
"""By what plans are ranked in a future: no other objective of the core is moved by prices."""


@dataclass(frozen=True, eq=False)
class Stress:
    """Plans of a run in futures.

    Attributes:
        resolved: scenario resolved against the city.
        plan_ids: of the plans.
        stressed: what they are worth.
    """

    resolved: ResolvedScenario
    plan_ids: tuple[str, ...]
    stressed: StressedPlans

    @property
    def targets(self) -> tuple[Target, ...]:
        """Targets of the scenario that prices can miss or meet: of money, and of no single year."""
        return tuple(t for t in self.resolved.scenario.targets if t.indicator in MEASURES and t.year is None)


def stress_run(run: Run, plan_ids: Sequence[str], *, n_futures: int, seed: int, threads: int = 1) -> Stress:
    """Measure plans of a run in the same futures.

    Args:
        run: loaded.
        plan_ids: of its front; none = all.
        n_futures: how many.
        seed: of the futures.
        threads: worker threads.

    Raises:
        InputError: there is no such plan, one is named twice, or there are too many plans and futures for the memory.
    """
    chosen = tuple(plan_ids) or run.plan_ids
    if len(set(chosen)) < len(chosen):
        twice = next(name for name in chosen if chosen.count(name) > 1)
        raise refuse("stress_plan_twice", layer="--plan", plan=twice)
    if len(chosen) * n_futures > MOST_CELLS:
        most = MOST_CELLS // len(chosen)
        raise refuse("stress_too_many", layer="--futures", n=n_futures, plans=len(chosen), most=most)
    plans = concatenate([run.plan(plan_id) for plan_id in chosen])
    return Stress(
        run.resolved, chosen, stress_plans(run.resolved, plans, n_futures=n_futures, seed=seed, threads=threads)
    )


def more_is_better(indicator: str) -> bool:
    """Which side of an indicator is the good one."""
    return INDICATORS[indicator].sense == "max"


def spread_frame(stress: Stress) -> pd.DataFrame:
    """A row for each plan and indicator of money."""
    rows = []
    for plan, plan_id in enumerate(stress.plan_ids):
        for name, values in stress.stressed.measures.items():
            told = spread_of(values[plan], more_is_better=more_is_better(name))
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
                    **_columns(estimates),
                }
            )
    return pd.DataFrame(rows)


def chances_frame(stress: Stress) -> pd.DataFrame:
    """A row for each plan and each target that prices can miss or meet; that the project loses money is one of them."""
    rows = []
    npv = stress.stressed.measures[COMPARED]
    for plan, plan_id in enumerate(stress.plan_ids):
        rows.append({"plan_id": plan_id, **_chance_row(COMPARED, "at_least", 0.0, npv[plan] >= 0.0)})
        for target in stress.targets:
            values = stress.stressed.measures[target.indicator][plan]
            if target.at_least is not None:
                row = _chance_row(target.indicator, "at_least", target.at_least, values >= target.at_least)
            else:
                row = _chance_row(target.indicator, "at_most", float(target.at_most or 0.0), values <= target.at_most)
            rows.append({"plan_id": plan_id, **row})
    return pd.DataFrame(rows).drop_duplicates(ignore_index=True)


def ranks_frame(stress: Stress) -> pd.DataFrame:
    """A row for each plan: in how many futures it is the best, and what it falls short of the best."""
    values = stress.stressed.measures[COMPARED]
    short, better = regret(values, more_is_better=True), best_share(values, more_is_better=True)
    n = stress.stressed.n_futures
    return pd.DataFrame(
        {
            "plan_id": stress.plan_ids,
            "best_share": better,
            "best_share_se": np.sqrt(better * (1.0 - better) / n),
            "mean_regret_cny": short.mean(axis=1),
            "p90_regret_cny": np.quantile(short, 0.9, axis=1),
            "largest_regret_cny": short.max(axis=1),
        }
    )


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


def _fan(values: FloatArray) -> dict[str, FloatArray | np.ndarray]:
    low, middle, high = np.quantile(values, QUANTILES, axis=0)
    years = np.arange(values.shape[1])
    return {"year": years, "p10": low, "p50": middle, "p90": high, "mean": values.mean(axis=0)}


def _columns(estimates: dict[str, Estimate]) -> dict[str, float]:
    columns = {name: one.value for name, one in estimates.items()}
    return columns | {f"{name}_se": one.error for name, one in estimates.items()}


def _chance_row(indicator: str, side: str, limit: float, holds: np.ndarray) -> dict[str, object]:
    told = chance(holds)
    return {"indicator": indicator, "side": side, "limit": limit, "chance": told.value, "chance_se": told.error}
