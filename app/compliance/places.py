"""Where a rule is broken: the villages that break it, or those of the districts and years that do."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from app.compliance.matrix import Compliance, Line
from app.plans.tables import PlanTables
from data.arrays import BoolArray
from envs.kernel.project_account import COST, ITEMS

How = Literal["own", "district", "start", "cost", "whole", "none"]
HOWS: tuple[How, ...] = ("own", "district", "start", "cost", "whole", "none")


@dataclass(frozen=True, eq=False)
class Concerned:
    """Villages to look at for a rule.

    Attributes:
        how: `own` = they break it themselves; `district`, `start`, `cost` = renewed in a district, begun or paid for
            in a year that breaks it; `whole` = all that are renewed, since the rule is about the whole plan; `none` =
            nothing is broken.
        mask: shape (n_villages,).
    """

    how: How
    mask: BoolArray


def concerned(found: Compliance, line: Line, tables: PlanTables) -> Concerned:
    """Villages that a broken rule is about.

    Args:
        found: the plan against its rules.
        line: one of its lines.
        tables: of the plan.
    """
    villages, renewed = found.resolved.city.villages, found.plan.start_year[0] > 0
    item = line.finding
    if item is None or item.holds:
        return Concerned("none", np.zeros_like(renewed))
    if item.villages:
        return Concerned("own", np.isin(villages.village_id, item.villages))
    if names := item.named("district"):
        return Concerned("district", renewed & np.isin(tables.district, names))
    years = [int(name) for name in item.named("year")]
    if not years:
        return Concerned("whole", renewed)
    if item.unit == "villages/yr":
        return Concerned("start", np.isin(found.plan.start_year[0], years))
    spent = np.sum([tables.flows[each.name] for each in ITEMS if each.kind == COST], axis=0)
    return Concerned("cost", np.asarray((spent[:, years] < 0.0).any(axis=1), dtype=np.bool_))


def is_placed(kind: Concerned) -> bool:
    """Whether it says more than that the whole plan is meant."""
    return kind.how not in ("whole", "none")
