"""A plan to explain: what each of its chapters is made from, computed when it is first asked for, and once."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from app.decisions.told_path import ToldPath, tell_path, worth_of
from app.runs.run_folder import Run
from app.whatif.asked_plan import AskedPlan, asked_plan
from data.arrays import FloatArray
from data.errors import refuse
from envs.kernel import Plans, ResolvedScenario
from envs.kernel.computing.parallel_chunks import in_parallel
from envs.models.kernel_model import KernelModel
from envs.reasons.attribution import Shares, attributable, attribute
from envs.reasons.by_choice import attribute_choices
from envs.reasons.decisions.decision_path import N_EXACT
from envs.reasons.losses import foretold_losses
from envs.reasons.shapley import shapley_values
from envs.reasons.trust import Trust, trust_of

BESIDE_OBJECTIVES = (
    "total_cost_cny",
    "peak_funding_cny",
    "displaced_registered_persons",
    "displaced_tenants_persons",
    "embodied_carbon_tco2e",
    "commuting_carbon_tco2e_per_yr",
)
"""Outcomes that are shared out besides the scenario's objectives."""


@dataclass(frozen=True, eq=False)
class Explained:
    """A plan and its reasons.

    Attributes:
        resolved: scenario resolved against a city.
        plan: canonical batch of one plan.
        plan_id: of the plan.
        threads: worker threads.
        run: of the plan; its decisions are told of a plan of a run only.
        weights: of the objectives by name, by which decisions are judged; None = sought.
        n_exact: alternatives of each decision that are measured exactly.
    """

    resolved: ResolvedScenario
    plan: Plans
    plan_id: str
    threads: int = 1
    run: Run | None = None
    weights: Mapping[str, float] | None = None
    n_exact: int = N_EXACT

    def compute(self, *, attribution: bool, path: bool) -> None:
        """Everything that these chapters read, side by side where there are threads; first the shares."""
        _ = self.shares
        work: list[Callable[[], object]] = []
        if attribution:
            work += [lambda: self.trust, lambda: self.choices]
        if path:
            work.insert(0, lambda: self.told_path)
        in_parallel(lambda one: one(), work, threads=self.threads)

    @property
    def objectives(self) -> tuple[str, ...]:
        """Objectives of the scenario that can be shared out."""
        return tuple(name for name in self.resolved.scenario.objectives if name in attributable())

    @property
    def not_shared(self) -> tuple[str, ...]:
        """Objectives that cannot: ratios without a value at the empty plan, measures of inequality."""
        return tuple(name for name in self.resolved.scenario.objectives if name not in attributable())

    @property
    def outcomes(self) -> tuple[str, ...]:
        """What is shared out: the objectives, then what stands beside them."""
        return tuple(dict.fromkeys((*self.objectives, *BESIDE_OBJECTIVES)))

    @cached_property
    def shares(self) -> dict[str, Shares]:
        """Outcome -> shares."""
        return attribute(self.resolved, self.plan, self.outcomes, threads=self.threads)

    @property
    def objective_shares(self) -> dict[str, Shares]:
        """The same of the objectives alone; of all outcomes where no objective can be shared out."""
        return {name: self.shares[name] for name in self.objectives or self.outcomes}

    @cached_property
    def choices(self) -> dict[str, dict[str, Shares]]:
        """Objective -> choice -> shares."""
        return attribute_choices(self.resolved, self.plan, tuple(self.objective_shares), threads=self.threads)

    @cached_property
    def losses(self) -> dict[str, FloatArray]:
        """Objective -> what the plan loses if a village is kept, foretold, shape (n_villages,)."""
        return foretold_losses(self.resolved, self.plan, self.objective_shares, threads=self.threads)

    @cached_property
    def shapley(self) -> dict[str, FloatArray] | None:
        """Objective -> Shapley's values over all subsets, (n_villages,); None of a plan of too many villages."""
        return shapley_values(self.resolved, self.plan, tuple(self.objective_shares), threads=self.threads)

    @cached_property
    def trust(self) -> Trust:
        """What removals say of the shares."""
        return trust_of(self.resolved, self.plan, self.objective_shares, self.losses, threads=self.threads)

    @cached_property
    def asked(self) -> AskedPlan:
        """The plan with what it is judged by."""
        if self.run is None:
            msg = "decisions are told of a plan of a run"
            raise ValueError(msg)
        model = KernelModel(self.resolved, self.run.record.objectives, threads=self.threads)
        return asked_plan(self.run, self.plan_id, model, plan=self.plan, weights=self.weights)

    @cached_property
    def told_path(self) -> ToldPath:
        """Its decisions, within a year by what each village contributes, or in the order of the policy that made it."""
        return tell_path(
            self.asked, score=attributed_gain(self, self.asked), n_exact=self.n_exact, threads=self.threads
        )


def attributed_gain(explained: Explained, asked: AskedPlan) -> FloatArray | None:
    """Share of each village in the objectives that can be shared out, weighted by the preference behind the plan.

    Returns:
        shape (n_villages,) [weighted anchor ranges]; None where no objective can be shared out.
    """
    worth, names = worth_of(asked), asked.preference.objectives
    known = [k for k, name in enumerate(names) if name in explained.objectives]
    parts = [worth.weights[k] * worth.per_unit[k] * explained.shares[names[k]].by_village for k in known]
    return np.sum(parts, axis=0) if parts else None


def refuse_nothing_renewed(plan: Plans, plan_id: str) -> None:
    """Refuse a plan that keeps every village: there is nothing to explain.

    Raises:
        InputError: it does.
    """
    if not (plan.start_year > 0).any():
        raise refuse("explain_nothing_renewed", layer="--plan", plan=plan_id)
