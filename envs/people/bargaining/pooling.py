"""Neighbors that pool (肥瘦搭配): one table, the same terms for all, one purse of developer and government.

The villagers of each member keep a veto of their own; what developer and government lose in a lean village they may win
in a fat one.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from data.arrays import BoolArray, FloatArray, IntArray
from envs.people.bargaining.parties import PARTIES
from envs.people.bargaining.projects import Projects
from envs.people.bargaining.protocol import NOBODY, Bargain, acceptable, bargain

SHARED = PARTIES[1:]
"""Parties that a pool has once."""


@dataclass(frozen=True, eq=False)
class Pools:
    """Projects in pools.

    Attributes:
        projects: of the members.
        members: positions of the projects, NOBODY where a pool has fewer, shape (n_pools, size).
        package: what a project takes where its pool takes a package, NOBODY where it cannot; (n_projects, n_packages).
    """

    projects: Projects
    members: IntArray
    package: IntArray

    @property
    def veto(self) -> BoolArray:
        """The villagers of each member, then the shared parties; shape (n_pools, size + 3)."""
        veto, is_there = self.projects.stakes.veto, self.members != NOBODY
        of_members = veto[self.members]
        shared = np.any(of_members[:, :, 1:] & is_there[:, :, None], axis=1)
        return np.concatenate([of_members[:, :, 0] & is_there, shared], axis=1)

    @property
    def legal(self) -> BoolArray:
        """Packages that every member can take, shape (n_pools, n_packages)."""
        return np.all((self.package[self.members] != NOBODY) | (self.members == NOBODY)[:, :, None], axis=1)

    def utility_at(self, pivotal_ratio: FloatArray) -> FloatArray:
        """Utilities where the deciding household of each project has a ratio, shape (n_projects,).

        Returns:
            Shape (n_pools, n_packages, size + 3): of each member's villagers per m2 of its site, of the shared parties
            per m2 of all sites.
        """
        projects, position = self.projects, np.maximum(self.package, 0)
        utility = np.take_along_axis(projects.stakes.utility_at(pivotal_ratio), position[:, :, None], axis=1)
        area_m2 = projects.resolved.constants.base.site_area_m2[projects.village_idx]
        weight = np.where(self.members == NOBODY, 0.0, area_m2[self.members])
        weight = weight / weight.sum(axis=1, keepdims=True)
        of_members = utility[self.members]
        shared = np.einsum("pm,pmkj->pkj", weight, of_members[:, :, :, 1:])
        return np.concatenate([of_members[:, :, :, 0].transpose(0, 2, 1), shared], axis=2)

    def bargain_at(self, pivotal_ratio: FloatArray) -> Bargain:
        """The protocol where the deciding household of each project has a ratio, shape (n_projects,)."""
        years = self.projects.stakes.full_concession_yr
        return bargain(self.utility_at(pivotal_ratio), veto=self.veto, legal=self.legal, full_concession_yr=years)

    def agrees_at(self, pivotal_ratio: FloatArray) -> BoolArray:
        """Whether each pool has an acceptable package, shape (n_pools,)."""
        return np.any(
            acceptable(self.utility_at(pivotal_ratio), veto=self.veto, legal=self.legal), axis=1, keepdims=True
        )[:, 0]

    def by_project(self, of_pool: IntArray | FloatArray | BoolArray) -> np.ndarray:
        """What the pool of each project has, shape (n_projects,)."""
        rows, _ = np.nonzero(self.members != NOBODY)
        values = np.empty(len(self.package), dtype=of_pool.dtype)
        values[self.members[self.members != NOBODY]] = of_pool[rows]
        return values

    def package_of_projects(self, package: IntArray) -> IntArray:
        """What each project takes where its pool takes a package, shape (n_pools,); shape (n_projects,)."""
        return self.package[np.arange(len(self.package)), np.maximum(self.by_project(package), 0)]


def pools_of(projects: Projects, members: IntArray) -> Pools:
    """Projects in given pools; positions of the members, NOBODY where a pool has fewer, shape (n_pools, size)."""
    return Pools(projects, members, _package_of_members(projects))


def neighbors_in_pools(projects: Projects, size: int) -> IntArray:
    """Neighbors of a district in pools of up to `size`, the leanest village first with those nearest to it.

    Args:
        projects: that bargain; lean is whose plan leaves the government least per m2.
        size: most villages of a pool, at least 1.

    Returns:
        Positions of the members, NOBODY where a pool has fewer, shape (n_pools, size).
    """
    city, village = projects.resolved.city, projects.city_position
    government = projects.stakes.utility[:, 0, PARTIES.index("government")]
    return grouped(
        x_km=city.place_x_km[village],
        y_km=city.place_y_km[village],
        district=city.villages.district_idx[projects.village_idx],
        order=np.argsort(government, kind="stable"),
        size=size,
    )


def grouped(*, x_km: FloatArray, y_km: FloatArray, district: IntArray, order: IntArray, size: int) -> IntArray:
    """Groups of neighbors of one district.

    Args:
        x_km: shape (n,), as the two that follow.
        y_km: north.
        district: nobody is grouped across its border.
        order: who begins a group, the first before the others; shape (n,).
        size: most members of a group.

    Returns:
        Positions, the beginner first, then by distance; NOBODY where a group has fewer. Shape (n_groups, size).

    Example:
        The third begins and takes its nearest neighbor, the second; the first is left with nobody.

        >>> x = np.array([0.0, 5.0, 6.0])
        >>> grouped(x_km=x, y_km=0 * x, district=np.zeros(3, int), order=np.array([2, 0, 1]), size=2)
        array([[ 2,  1],
               [ 0, -1]])
    """
    free, groups = np.ones(len(order), dtype=bool), []
    for first in order.tolist():
        if free[first]:
            near = np.flatnonzero(free & (district == district[first]))
            far_km = np.hypot(x_km[near] - x_km[first], y_km[near] - y_km[first])
            far_km[near == first] = -1.0
            group = near[np.argsort(far_km, kind="stable")[:size]]
            free[group] = False
            groups.append(np.pad(group, (0, size - group.size), constant_values=NOBODY))
    return np.array(groups, dtype=np.int64).reshape(-1, size)


def _package_of_members(projects: Projects) -> IntArray:
    """See Pools: the package itself; else the plan's option with its terms; where nothing is rebuilt, the plan."""
    legal, n_terms = projects.stakes.legal, projects.packages.n_terms
    package = np.arange(legal.shape[1])
    option_of_plan = package % n_terms  # the same terms with the plan's option, which comes first
    without_terms = package - option_of_plan  # the option with the plan's terms
    taken = np.full(legal.shape, NOBODY, dtype=np.int64)
    retained = ~projects.stakes.veto[:, 0]
    for candidate, who in ((0 * package, retained), (without_terms, retained), (option_of_plan, None), (package, None)):
        can = legal[:, candidate] if who is None else legal[:, candidate] & who[:, None]
        taken = np.where(can, candidate, taken)
    return taken
