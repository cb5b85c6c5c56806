"""What a search or a policy has written, for the message at the end."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from app.plans.recommendation import recommended_plans
from app.plans.tables import front_frame
from app.runs.record import RunRecord
from data.arrays import FloatArray
from envs.choices.anchors import Anchors
from envs.kernel import ResolvedScenario
from envs.kernel.plans import empty_plan


@dataclass(frozen=True, eq=False)
class SearchReport:
    """What was written.

    Attributes:
        front: front.csv.
        recommended: preset -> plan id.
        anchors: of the scenario.
        base: indicators of the empty plan, a frame of one row.
        interrupted: True if the search was stopped by hand.
        record: run.json.
    """

    front: pd.DataFrame
    recommended: dict[str, str]
    anchors: Anchors
    base: pd.Series[Any]
    interrupted: bool
    record: RunRecord


def recommended_ids(resolved: ResolvedScenario, front: pd.DataFrame, reference: Anchors) -> dict[str, str]:
    """Plan of the front that each preset would take."""
    values: FloatArray = front[list(resolved.scenario.objectives)].to_numpy(np.float64)
    ids: Sequence[str] = front["plan_id"].tolist()
    best, worst = np.asarray(reference.best), np.asarray(reference.worst)
    return recommended_plans(resolved.scenario, values, ids, best=best, worst=worst)


def base_row(resolved: ResolvedScenario) -> pd.Series[Any]:
    """Indicators of the empty plan."""
    return front_frame(resolved, empty_plan(resolved.city.n_villages), ["empty"]).iloc[0]
