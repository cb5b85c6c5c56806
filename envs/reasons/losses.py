"""What a plan loses without a village, for every village: foretold a group of distant villages at a time.

Villages of a group lie far apart, so that each meets its neighbors as the plan has them while its group grows from
nothing: in one panel, the share of a village on that path is nearly what taking it out alone would lose, its own
facilities and caps included. The whole path shares out what all do together; the slope at its end is blind to caps.
"""

from __future__ import annotations

import numpy as np

from data.arrays import BoolArray, FloatArray, IntArray
from envs.kernel.computing.parallel_chunks import in_parallel
from envs.kernel.plans import Plans, canonical
from envs.kernel.resolved_scenario import ResolvedScenario
from envs.reasons.attribution import CORE, Shares, path_shares
from envs.reasons.path import Contributions, PathTrace, contributions, nothing

N_GROUPS = 8
"""Groups of distant villages: more are closer and take longer."""
END_STEP = 1e-3
"""Part of the path at its end over which the marginal value is taken."""


def foretold_losses(
    resolved: ResolvedScenario, plan: Plans, shares: dict[str, Shares], *, n_groups: int = N_GROUPS, threads: int = 1
) -> dict[str, FloatArray]:
    """What the plan loses if a village is kept as it is, foretold for every village.

    Args:
        resolved: scenario resolved against a city.
        plan: batch of one plan, on NumPy.
        shares: outcome -> its shares; a sum over villages loses what the village has.
        n_groups: groups of distant villages.
        threads: worker threads.

    Returns:
        Outcome -> shape (n_villages,), the plan's value less that without the village; 0 where it is kept.
    """
    plan = canonical(plan)
    end = contributions(resolved, plan)
    renewed = np.flatnonzero(plan.start_year[0] > 0)
    groups = distant_groups(_positions_km(resolved), renewed, n_groups)
    names = [name for name in shares if name in CORE]

    def of_group(group: IntArray) -> dict[str, FloatArray]:
        grows = np.zeros(plan.n_villages, dtype=bool)
        grows[group] = True
        return _growing(resolved, plan, end, grows, names)

    losses = {name: np.zeros(plan.n_villages) if name in CORE else of.by_village for name, of in shares.items()}
    for group, found in zip(groups, in_parallel(of_group, groups, threads=threads), strict=True):
        for name in names:
            losses[name][group] = found[name][group]
    return losses


def marginal_losses(resolved: ResolvedScenario, plan: Plans, shares: dict[str, Shares]) -> dict[str, FloatArray]:
    """The same to first order: what a village contributes times what a unit is worth at the plan as it is."""
    plan = canonical(plan)
    end = contributions(resolved, plan)
    path = PathTrace(resolved, plan, (nothing(end), end), np.array([1.0 - END_STEP, 1.0]))
    return {
        name: np.sum(list(path_shares(path, name).values()), axis=0) / END_STEP if name in CORE else of.by_village
        for name, of in shares.items()
    }


def distant_groups(positions_km: FloatArray, villages: IntArray, n_groups: int) -> list[IntArray]:
    """Villages in groups of about one size, each put where the nearest member is farthest.

    Args:
        positions_km: of all villages, shape (n_villages, 2).
        villages: positions to group.
        n_groups: most groups.

    Returns:
        Positions by group; no group is empty.

    Example:
        >>> place = np.array([[0.0, 0.0], [0.1, 0.0], [9.0, 0.0], [9.1, 0.0]])
        >>> [group.tolist() for group in distant_groups(place, np.arange(4), 2)]
        [[0, 2], [1, 3]]
    """
    n_groups = max(1, min(n_groups, villages.size))
    most = -(-villages.size // n_groups)
    members: list[list[int]] = [[] for _ in range(n_groups)]
    nearest = np.full((n_groups, len(positions_km)), np.inf)  # of every village to each group
    for village in villages.tolist():
        distance = np.where([len(group) < most for group in members], nearest[:, village], -1.0)
        group = int(np.argmax(distance))
        members[group].append(village)
        nearest[group] = np.minimum(nearest[group], np.hypot(*(positions_km - positions_km[village]).T))
    return [np.array(group, dtype=np.int64) for group in members if group]


def _positions_km(resolved: ResolvedScenario) -> FloatArray:
    city = resolved.city
    return np.column_stack([city.place_x_km, city.place_y_km])[city.n_zones :]


def _growing(
    resolved: ResolvedScenario, plan: Plans, end: Contributions, grows: BoolArray, names: list[str]
) -> dict[str, FloatArray]:
    """Shares of villages that grow in one panel from nothing, all others being as in the plan."""
    points = np.stack([np.where(grows, 0.0, 1.0), np.ones(plan.n_villages)])
    path = PathTrace(resolved, plan, (nothing(end), end), points)
    return {name: np.sum(list(path_shares(path, name).values()), axis=0) for name in names}
