"""A plan to explain: what each of its chapters is made from, computed when it is first asked for, and once."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from data.arrays import FloatArray
from data.errors import refuse
from envs.kernel import Plans, ResolvedScenario
from envs.reasons.attribution import Shares, attributable, attribute
from envs.reasons.by_choice import attribute_choices
from envs.reasons.losses import foretold_losses
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
    """

    resolved: ResolvedScenario
    plan: Plans
    plan_id: str
    threads: int = 1

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
        return attribute(self.resolved, self.plan, self.outcomes)

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
    def trust(self) -> Trust:
        """What removals say of the shares."""
        return trust_of(self.resolved, self.plan, self.objective_shares, self.losses, threads=self.threads)


def refuse_nothing_renewed(plan: Plans, plan_id: str) -> None:
    """Refuse a plan that keeps every village: there is nothing to explain.

    Raises:
        InputError: it does.
    """
    if not (plan.start_year > 0).any():
        raise refuse("explain_nothing_renewed", layer="--plan", plan=plan_id)
