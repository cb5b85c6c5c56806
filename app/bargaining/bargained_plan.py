"""A plan bargained over: one draw told in full, the chances over many, and the plan that is agreed on."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from data.errors import refuse
from data.parameter import unknown_name
from envs.choices.options import option_space
from envs.kernel import Plans, ResolvedScenario
from envs.kernel.plans import canonical
from envs.people.bargaining.negotiation import Negotiation, negotiate
from envs.people.bargaining.projects import Projects, projects_of
from envs.people.bargaining.prospects import N_DRAWS, Prospects, prospects


@dataclass(frozen=True, eq=False)
class BargainedPlan:
    """What came of bargaining.

    Attributes:
        plan: as it was, a batch of one.
        negotiation: the first draw.
        n_draws: of the households.
        prospects: over all draws.
    """

    plan: Plans
    negotiation: Negotiation
    n_draws: int
    prospects: Prospects

    @property
    def projects(self) -> Projects:
        """Who bargained over what."""
        return self.negotiation.projects

    @property
    def resolved(self) -> ResolvedScenario:
        """Scenario resolved against a city."""
        return self.projects.resolved

    @cached_property
    def agreed_plan(self) -> Plans:
        """The plan as the first draw agreed on it, a batch of one."""
        result = self.negotiation.result
        return self.projects.agreed_plan(result.package, result.agreed, result.delay_yr)


def bargain_plan(
    resolved: ResolvedScenario, plan: Plans, *, seed: int, n_draws: int = N_DRAWS, village_id: str | None = None
) -> BargainedPlan:
    """Bargain over the villages that a plan renews.

    Args:
        resolved: scenario resolved against a city.
        plan: batch of one plan.
        seed: of the draws of households.
        n_draws: of the households.
        village_id: the only village that bargains; None = all.

    Raises:
        InputError: there is no such village, or the plan renews none.
    """
    plan = canonical(plan)
    villages = np.flatnonzero(plan.start_year[0] > 0)
    if not villages.size:
        raise refuse("bargain_nothing_renewed", layer="--plan")
    if village_id is not None:
        villages = np.array([_renewed_village(resolved, plan, village_id)])
    projects = projects_of(resolved, plan, option_space(resolved), villages)
    chances = prospects(projects.stakes, projects.pivotal_ratios(seed, n_draws))
    return BargainedPlan(plan, negotiate(projects, seed), n_draws, chances)


def _renewed_village(resolved: ResolvedScenario, plan: Plans, village_id: str) -> int:
    known = resolved.city.villages.village_id.tolist()
    if village_id not in known:
        raise refuse(unknown_name(village_id, known), layer="--village", file=f"city {resolved.city.name}")
    village = known.index(village_id)
    if not plan.start_year[0, village]:
        raise refuse("bargain_village_kept", layer="--village", village=village_id)
    return int(village)
