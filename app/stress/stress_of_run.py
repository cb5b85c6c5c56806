"""Plans of a run against futures: measured once, for all that is said of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

from app.runs.run_folder import Run
from data.arrays import FloatArray, IntArray
from data.errors import refuse
from data.scenario import Target
from envs.futures.stress import StressedPlans, stress_plans
from envs.kernel import Plans, ResolvedScenario
from envs.kernel.indicators.registry import INDICATORS
from envs.kernel.plans import concatenate
from envs.rules.targets import refuse_unknown_targets, target_name, target_output

MOST_CELLS = 10_000_000
"""Plans x futures: what finds room in memory."""
COMPARED = "net_present_value_cny"
"""By what plans are ranked in a future: no other objective of the core is moved by prices."""


@dataclass(frozen=True, eq=False)
class Stress:
    """Plans of a run in futures.

    Attributes:
        resolved: scenario resolved against a city.
        plan_ids: of the plans.
        plans: themselves.
        stressed: what they are worth.
    """

    resolved: ResolvedScenario
    plan_ids: tuple[str, ...]
    plans: Plans
    stressed: StressedPlans

    @property
    def targets(self) -> tuple[Target, ...]:
        """Targets of the scenario, each once whatever its mode."""
        return tuple({target_name(target): target for target in self.resolved.scenario.targets}.values())

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
        n_worlds: of delays, households, events and parameters; 0 = prices move alone.
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
    refuse_unknown_targets(run.resolved.scenario, run.resolved.clock)
    plans = concatenate([run.plan(plan_id) for plan_id in chosen])
    outputs = {target_name(target): partial(target_output, target=target) for target in run.resolved.scenario.targets}
    stressed = stress_plans(
        run.resolved, plans, n_futures=n_futures, seed=seed, n_worlds=n_worlds, threads=threads, also=outputs
    )
    return Stress(run.resolved, chosen, plans, stressed)


def more_is_better(indicator: str) -> bool:
    """Which side of an indicator is the good one."""
    return INDICATORS[indicator].sense == "max"
