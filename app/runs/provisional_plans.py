"""The first plans of a search as a run that opens, read-only: the search's own front takes their place."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from app.plans.recommendation import recommended_plans
from app.plans.tables import front_frame
from app.runs.working_folder import ScenarioFolder
from envs.kernel import Plans, ResolvedScenario
from envs.kernel.indicators.registry import objective_signs
from envs.kernel.plans import concatenate

FIRST_PLAN = "f"
"""Ids of first plans begin so, that nobody takes p001 of the front for one of them."""


def first_plan_id(position: int) -> str:
    """Id of a first plan: f001, f002, ...

    Example:
        >>> first_plan_id(0)
        'f001'
    """
    return f"{FIRST_PLAN}{position + 1:03d}"


def is_first_plan(plan_id: str) -> bool:
    """Whether an id is that of a first plan, which is gone once its search has ended."""
    return plan_id.startswith(FIRST_PLAN) and plan_id[len(FIRST_PLAN) :].isdigit()


@dataclass
class FirstPlansFolder:
    """Takes in first plans one by one and lets the run folder open with those that keep every hard rule.

    Attributes:
        working: the folder of the search.
        plans: kept so far, in the order of their ids.
        rows: front.csv of each.
    """

    working: ScenarioFolder
    plans: list[Plans] = field(default_factory=list)
    rows: list[pd.DataFrame] = field(default_factory=list)

    def keep(self, plan: Plans) -> None:
        """Measure a plan exactly and write it; one that renews nothing or breaks a hard rule is left out.

        Args:
            plan: batch of one.

        Raises:
            InputError: the folder is in use, or the disk refuses.
        """
        if not (np.asarray(plan.start_year) > 0).any():
            return
        resolved = self.working.resolved
        row = front_frame(resolved, plan, [first_plan_id(len(self.plans))])
        if not bool(row["valid"].iloc[0]):
            return
        self.plans.append(plan)
        self.rows.append(row)
        front = pd.concat(self.rows, ignore_index=True)
        self.working.show_first(concatenate(self.plans), front, recommended_first(resolved, front))


Keep = Callable[[Plans], None]
"""Called with each first plan, a batch of one, as it is found."""


def recommended_first(resolved: ResolvedScenario, front: pd.DataFrame) -> dict[str, str]:
    """Preset -> first plan that it prefers; each objective runs from the worst to the best of the plans themselves.

    Args:
        resolved: says the objectives.
        front: front.csv of the plans.
    """
    names = resolved.scenario.objectives
    values = front[list(names)].to_numpy(np.float64)
    is_max = np.array(objective_signs(names)) > 0.0
    low, high = values.min(axis=0), values.max(axis=0)
    best, worst = np.where(is_max, high, low), np.where(is_max, low, high)
    return recommended_plans(resolved.scenario, values, front["plan_id"].tolist(), best=best, worst=worst)
