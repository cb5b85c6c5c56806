"""Ways to come to terms, side by side: the plan, the bargain, the largest product, take it or leave it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from app.bargaining.bargained_plan import BargainedPlan
from data.arrays import BoolArray, FloatArray, IntArray


@dataclass(frozen=True, eq=False)
class Way:
    """A way to come to terms.

    Attributes:
        name: of a text, `bargain_way_{name}`.
        package: of each project, NOBODY where it has none, shape (n_projects,).
        agrees: whether nobody with a veto loses by it, shape (n_projects,).
    """

    name: str
    package: IntArray
    agrees: BoolArray


@dataclass(frozen=True, eq=False)
class Sums:
    """What some projects come to.

    Attributes:
        n_projects: how many.
        means: of what is rebuilt: floor-area ratio, multiplier, on-site share; of all: facility ratio. NaN of none.
        gains_cny: in all, in the order of PARTIES.
    """

    n_projects: int
    means: dict[str, float]
    gains_cny: FloatArray


def ways_of(bargained: BargainedPlan) -> tuple[Way, ...]:
    """The bargain and the others."""
    negotiation = bargained.negotiation
    agreed, plan = negotiation.result.agreed, np.zeros_like(negotiation.result.package)
    return (
        Way("bargained", negotiation.result.package, agreed),
        Way("largest_product", negotiation.largest_product, agreed),
        Way("plan", plan, negotiation.plan_acceptable),
        Way("take_it_or_leave_it", negotiation.take_it_or_leave_it, agreed),
    )


def before_and_after(bargained: BargainedPlan) -> tuple[Way, ...]:
    """The plan in all projects, the plan in those that agree, and what these agree on."""
    result = bargained.negotiation.result
    plan = np.zeros_like(result.package)
    return (
        Way("plan_of_all", plan, np.ones_like(result.agreed)),
        Way("plan_of_agreed", plan, result.agreed),
        Way("as_agreed", result.package, result.agreed),
    )


def sums_of(bargained: BargainedPlan, way: Way) -> Sums:
    """What the projects that agree come to."""
    projects, project = bargained.projects, np.flatnonzero(way.agrees)
    package, village = way.package[project], projects.village_idx[project]
    area_m2 = bargained.resolved.constants.base.site_area_m2[village]
    plans = projects.packages.plans
    is_rebuilt = projects.stakes.veto[project, projects.stakes.villagers]
    means = {
        "floor_area_ratio": _mean(plans.floor_area_ratio[package, village][is_rebuilt]),
        "facility_ratio": _mean(plans.facility_ratio[package, village]),
        "compensation_multiplier": _mean(projects.multiplier[project, package][is_rebuilt]),
        "onsite_share": _mean(projects.onsite_share[project, package][is_rebuilt]),
    }
    return Sums(project.size, means, area_m2 @ bargained.negotiation.utility[project, package])


def missing_cny(bargained: BargainedPlan, project: int) -> float:
    """What the party that blocks is short of, over the whole site, at the package nearest to agreement."""
    result, village = bargained.negotiation.result, bargained.projects.village_idx[project]
    short = -bargained.negotiation.utility[project, result.package[project], result.blocker[project]]
    return float(short * bargained.resolved.constants.base.site_area_m2[village])


def _mean(values: FloatArray) -> float:
    return float(values.mean()) if values.size else float("nan")
