"""A plan bargained over: one draw told in full, the chances over many, and the plan that is agreed on.

What is agreed on moves prices, so it may be bargained over again at the prices it makes, until nothing changes.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from data.arrays import BoolArray, FloatArray, IntArray
from data.catalogue import message
from data.errors import refuse
from data.parameter import unknown_id
from envs.choices.options import option_space
from envs.kernel import Plans, ResolvedScenario
from envs.kernel.plans import canonical
from envs.people.bargaining.negotiation import Negotiation, negotiate
from envs.people.bargaining.pooling import Pools, neighbors_in_pools, pools_of
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
    def of_several(self) -> list[int]:
        """Positions of the pools that have more than one member."""
        return np.flatnonzero((self.pools.members != NOBODY).sum(axis=1) > 1).tolist()

    @property
    def package(self) -> IntArray:
        """Of each project: agreed on, or nearest to it; NOBODY where its pool has no legal one, (n_projects,)."""
        there = self.pools.by_project(self.result.package) != NOBODY
        return np.where(there, self.pools.package_of_projects(self.result.package), NOBODY)

    @property
    def probability(self) -> tuple[FloatArray, FloatArray]:
        """Share of the draws in which each pool agrees, and its standard error, shape (n_pools,) each."""
        return share_of_draws(self.agrees)


@dataclass(frozen=True, eq=False)
class Round:
    """Bargaining at the prices of a plan, and the plan that is agreed on.

    Attributes:
        n_agreed: projects that agree.
        n_changed: projects that agree on something else than in the round before, in the first than the plan.
        plan: agreed on, a batch of one.
        gains_cny: of the parties in all that agree, at the prices bargained at, in the order of PARTIES.
    """

    n_agreed: int
    n_changed: int
    plan: Plans
    gains_cny: FloatArray


@dataclass(frozen=True, eq=False)
class BargainedPlan:
    """What came of bargaining.

    Attributes:
        plan: as it was, a batch of one.
        negotiation: the first draw, in the last round.
        n_draws: of the households.
        prospects: over all draws, in the last round.
        rounds: each at the prices of the plan agreed on before, the first at those of the plan.
        has_left: projects that agreed in one round and not in a later one, at prices that they had helped to make;
            they do not come back; shape (n_projects,).
        pooled: neighbors that pool; None where every village is on its own.
    """

    plan: Plans
    negotiation: Negotiation
    n_draws: int
    prospects: Prospects
    rounds: tuple[Round, ...]
    has_left: BoolArray
    pooled: PooledBargain | None = None

    @property
    def projects(self) -> Projects:
        """Who bargained over what."""
        return self.negotiation.projects

    @property
    def resolved(self) -> ResolvedScenario:
        """Scenario resolved against a city."""
        return self.projects.resolved

    @property
    def agreed_plan(self) -> Plans:
        """The plan as the first draw agreed on it, by pools where there are any; a batch of one."""
        return self.rounds[-1].plan

    @property
    def is_settled(self) -> bool:
        """Whether the last round changed nothing: the terms hold at the prices that they make."""
        return self.rounds[-1].n_changed == 0


@dataclass(frozen=True)
class Table:
    """How it is bargained.

    Attributes:
        seed: of the draws of households.
        n_draws: of the households.
        village_id: the only village that bargains; None = all.
        pool_size: most neighbors that pool; 1 = every village is on its own.
        most_rounds: bargaining at the prices of what was agreed on, until nothing changes or so many times.
    """

    seed: int
    n_draws: int = N_DRAWS
    village_id: str | None = None
    pool_size: int = 1
    most_rounds: int = 1


def bargain_plan(resolved: ResolvedScenario, plan: Plans, table: Table) -> BargainedPlan:
    """Bargain over the villages that a plan renews.

    Args:
        resolved: scenario resolved against a city.
        plan: batch of one plan.
        table: how it is bargained.

    Raises:
        InputError: there is no such village, or the plan renews none.
    """
    plan = canonical(plan)
    villages = _bargaining_villages(resolved, plan, table.village_id)
    options = option_space(resolved)
    projects = projects_of(resolved, plan, options, villages)
    members = None if table.pool_size == 1 else neighbors_in_pools(projects, table.pool_size)
    ratios = projects.pivotal_ratios(table.seed, table.n_draws)
    terms = np.zeros(villages.size, dtype=np.int64)  # package of each project, NOBODY without agreement
    has_left, rounds = np.zeros(villages.size, dtype=bool), list[Round]()
    while len(rounds) < table.most_rounds and (not rounds or rounds[-1].n_changed):
        if rounds:
            projects = projects_of(resolved, plan, options, villages, market_plan=rounds[-1].plan)
        agreed, package, delay_yr = _first_draw(projects, members, ratios[:, 0])
        if rounds:
            has_left |= (terms != NOBODY) & ~agreed
        agreed = agreed & ~has_left
        before, terms = terms, np.where(agreed, package, NOBODY)
        agreed_plan = projects.agreed_plan(package, agreed, delay_yr)
        gains_cny = _gains_cny(projects, ratios[:, 0], terms)
        rounds.append(Round(int(agreed.sum()), int(np.count_nonzero(terms != before)), agreed_plan, gains_cny))
    return BargainedPlan(
        plan=plan,
        negotiation=negotiate(projects, table.seed),
        n_draws=table.n_draws,
        prospects=prospects(projects.stakes, ratios),
        rounds=tuple(rounds),
        has_left=has_left,
        pooled=None if members is None else _bargain_pooled(pools_of(projects, members), ratios),
    )


def _gains_cny(projects: Projects, ratio: FloatArray, package: IntArray) -> FloatArray:
    """What each party gains in all projects that take a package, NOBODY = none; shape (n_parties,)."""
    taken = np.flatnonzero(package != NOBODY)
    area_m2 = projects.resolved.constants.base.site_area_m2[projects.village_idx[taken]]
    gains: FloatArray = area_m2 @ projects.stakes.utility_at(ratio)[taken, package[taken]]
    return gains


def _first_draw(
    projects: Projects, members: IntArray | None, ratio: FloatArray
) -> tuple[BoolArray, IntArray, FloatArray]:
    """Whether each project agrees, on which package, how late; alone, or with its pool."""
    if members is None:
        result = projects.stakes.bargain_at(ratio)
        return result.agreed, result.package, result.delay_yr
    pooled = _bargain_pooled(pools_of(projects, members), ratio[:, None])
    return pooled.agreed, pooled.package, pooled.pools.by_project(pooled.result.delay_yr)


def _bargain_pooled(pools: Pools, ratios: FloatArray) -> PooledBargain:
    """Bargain in pools; ratios of the deciding households, shape (n_projects, n_draws)."""
    agrees = np.stack([pools.agrees_at(ratio) for ratio in ratios.T], axis=1)
    return PooledBargain(pools, pools.bargain_at(ratios[:, 0]), agrees)


def _bargaining_villages(resolved: ResolvedScenario, plan: Plans, village_id: str | None) -> IntArray:
    """Positions of the villages that the plan renews, or of the one that is asked for."""
    renewed = plan.start_year[0] > 0
    if not renewed.any():
        raise refuse("bargain_nothing_renewed", layer="--plan")
    if village_id is None:
        return np.flatnonzero(renewed)
    known = resolved.city.villages.village_id.tolist()
    if village_id not in known:
        city = message("refusal_city", name=resolved.city.name)
        raise refuse(unknown_id(village_id, known), layer="--village").within(layer=city)
    village = known.index(village_id)
    if not renewed[village]:
        raise refuse("bargain_village_kept", layer="--village", village=village_id)
    return np.array([village])
