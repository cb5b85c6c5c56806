"""Plans of a run against futures: spreads, chances of targets, who is best how often, and fans of the cash flow."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from app.runs.run_folder import Run
from data.arrays import FloatArray, IntArray
from data.errors import refuse
from data.scenario import Target
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
        """Targets of the scenario that these futures can miss or meet, of no single year."""
        return tuple(t for t in self.resolved.scenario.targets if t.indicator in self.measured and t.year is None)

    @property
    def measured(self) -> dict[str, FloatArray]:
        """Indicator -> its value in each future, else in each world, shape (n_plans, n)."""
        return {**self.stressed.measures, **self.stressed.moved}

    def world_of(self, indicator: str) -> IntArray | None:
        """World of each value of an indicator, where several values share one."""
        shares = indicator in self.stressed.measures and self.stressed.n_worlds > 0
        return self.stressed.world if shares else None


def stress_run(
    run: Run, plan_ids: Sequence[str], *, n_futures: int, seed: int, n_worlds: int = 0, threads: int = 1
) -> Stress:
    """Measure plans of a run in the same futures.

    Args:
        run: loaded.
        plan_ids: of its front; none = all.
        n_futures: how many.
        seed: of the futures.
        n_worlds: of delays, households and parameters; 0 = prices move alone.
        threads: worker threads.

    Raises:
        InputError: there is no such plan, one is named twice, there are too many plans and futures for the memory, or
            fewer than two futures a world.
    """
    chosen = tuple(plan_ids) or run.plan_ids
    if len(set(chosen)) < len(chosen):
        twice = next(name for name in chosen if chosen.count(name) > 1)
        raise refuse("stress_plan_twice", layer="--plan", plan=twice)
    if len(chosen) * n_futures > MOST_CELLS:
        most = MOST_CELLS // len(chosen)
        raise refuse("stress_too_many", layer="--futures", n=n_futures, plans=len(chosen), most=most)
    if 2 * n_worlds > n_futures:
        raise refuse("stress_many_worlds", layer="--worlds", n=n_worlds, futures=n_futures)
    plans = concatenate([run.plan(plan_id) for plan_id in chosen])
    stressed = stress_plans(run.resolved, plans, n_futures=n_futures, seed=seed, n_worlds=n_worlds, threads=threads)
    return Stress(run.resolved, chosen, stressed)


def more_is_better(indicator: str) -> bool:
    """Which side of an indicator is the good one."""
    return INDICATORS[indicator].sense == "max"


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


def chances_frame(stress: Stress) -> pd.DataFrame:
    """A row for each plan and target that futures can miss or meet; that no money is lost is one of them."""
    rows = []
    wanted = [(COMPARED, "at_least", 0.0)]
    wanted += [(t.indicator, "at_least", t.at_least) for t in stress.targets if t.at_least is not None]
    wanted += [(t.indicator, "at_most", t.at_most) for t in stress.targets if t.at_most is not None]
    for plan, plan_id in enumerate(stress.plan_ids):
        for indicator, side, limit in dict.fromkeys(wanted):
            values = stress.measured[indicator][plan]
            told = chance(values >= limit if side == "at_least" else values <= limit, stress.world_of(indicator))
            row = {"plan_id": plan_id, "indicator": indicator, "side": side, "limit": limit}
            rows.append({**row, "chance": told.value, "chance_se": told.error})
    return pd.DataFrame(rows)


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
