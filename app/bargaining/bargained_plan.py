"""A plan bargained over: one draw told in full, the chances over many, and the plan that is agreed on."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from data.arrays import BoolArray, FloatArray, IntArray
from data.errors import refuse
from data.parameter import unknown_name
from envs.choices.options import option_space
from envs.kernel import Plans, ResolvedScenario
from envs.kernel.plans import canonical
from envs.people.bargaining.negotiation import Negotiation, negotiate
from envs.people.bargaining.pooling import Pools, pools_of
from envs.people.bargaining.projects import Projects, projects_of
from envs.people.bargaining.prospects import N_DRAWS, Prospects, prospects, share_of_draws
from envs.people.bargaining.protocol import NOBODY, Bargain


@dataclass(frozen=True, eq=False)
class PooledBargain:
    """What came of bargaining in pools.

    Attributes:
        pools: of neighbors.
        result: of the first draw, by pool.
        agrees: whether each pool agrees in each draw, shape (n_pools, n_draws).
    """

    pools: Pools
    result: Bargain
    agrees: BoolArray

    @property
    def agreed(self) -> BoolArray:
        """Whether the pool of each project agrees, shape (n_projects,)."""
        return self.pools.by_project(self.result.agreed)

    @property
    def package(self) -> IntArray:
        """Of each project: agreed on, or nearest to it; NOBODY where its pool has no legal one, (n_projects,)."""
        there = self.pools.by_project(self.result.package) != NOBODY
        return np.where(there, self.pools.package_of_projects(self.result.package), NOBODY)

    @property
    def probability(self) -> tuple[FloatArray, FloatArray]:
        """Share of the draws in which each pool agrees, and its standard error, shape (n_pools,) each."""
        return share_of_draws(self.agrees)

    @cached_property
    def agreed_plan(self) -> Plans:
        """The plan as the pools agreed on it, a batch of one."""
        delay_yr = self.pools.by_project(self.result.delay_yr)
        return self.pools.projects.agreed_plan(self.package, self.agreed, delay_yr)


@dataclass(frozen=True, eq=False)
class BargainedPlan:
    """What came of bargaining.

    Attributes:
        plan: as it was, a batch of one.
        negotiation: the first draw.
        n_draws: of the households.
        prospects: over all draws.
        pooled: neighbors that pool; None where every village is on its own.
    """

    plan: Plans
    negotiation: Negotiation
    n_draws: int
    prospects: Prospects
    pooled: PooledBargain | None = None

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
        """The plan as the first draw agreed on it, by pools where there are any; a batch of one."""
        if self.pooled is not None:
            return self.pooled.agreed_plan
        result = self.negotiation.result
        return self.projects.agreed_plan(result.package, result.agreed, result.delay_yr)


def bargain_plan(
    resolved: ResolvedScenario,
    plan: Plans,
    *,
    seed: int,
    n_draws: int = N_DRAWS,
    village_id: str | None = None,
    pool_size: int = 1,
) -> BargainedPlan:
    """Bargain over the villages that a plan renews.

    Args:
        resolved: scenario resolved against a city.
        plan: batch of one plan.
        seed: of the draws of households.
        n_draws: of the households.
        village_id: the only village that bargains; None = all.
        pool_size: most neighbors that pool; 1 = every village is on its own.

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
    ratios = projects.pivotal_ratios(seed, n_draws)
    pooled = None if pool_size == 1 else _bargain_pooled(projects, pool_size, ratios)
    return BargainedPlan(plan, negotiate(projects, seed), n_draws, prospects(projects.stakes, ratios), pooled)


def _bargain_pooled(projects: Projects, size: int, ratios: FloatArray) -> PooledBargain:
    """Bargain in pools of neighbors; ratios of the deciding households, shape (n_projects, n_draws)."""
    pools = pools_of(projects, size)
    agrees = np.stack([pools.agrees_at(ratio) for ratio in ratios.T], axis=1)
    return PooledBargain(pools, pools.bargain_at(ratios[:, 0]), agrees)


def _renewed_village(resolved: ResolvedScenario, plan: Plans, village_id: str) -> int:
    known = resolved.city.villages.village_id.tolist()
    if village_id not in known:
        raise refuse(unknown_name(village_id, known), layer="--village", file=f"city {resolved.city.name}")
    village = known.index(village_id)
    if not plan.start_year[0, village]:
        raise refuse("bargain_village_kept", layer="--village", village=village_id)
    return int(village)
