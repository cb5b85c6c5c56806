"""Edits of a plan by hand: a decision for each village that a planner changed, kept apart from the plan they change."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
from pydantic import ValidationError

from app.plans.tables import front_frame
from app.runs.folder import Run
from data.city import City
from data.errors import refusal
from data.parameter import unknown_name
from data.scenario import CANONICAL_LAND_USE, INTENSITIES, LAND_USES, FixedVillage, Intensity, Scenario
from envs.choices.options import FAR_STEP, far_range
from envs.kernel import Plans, ResolvedScenario
from envs.kernel.plans import canonical, concatenate

Edits = Mapping[str, FixedVillage]
"""Village id -> the decision that replaces the plan's."""
EDITED_SUFFIX = "-edited"


def decision(plan: Plans, village_idx: int) -> FixedVillage:
    """What a plan (batch of one) decides on a village."""
    return FixedVillage(
        start_year=int(plan.start_year[0, village_idx]),
        intensity=INTENSITIES[int(plan.intensity[0, village_idx])],
        land_use=LAND_USES[int(plan.land_use[0, village_idx])],
        floor_area_ratio=float(plan.floor_area_ratio[0, village_idx]),
        facility_ratio=float(plan.facility_ratio[0, village_idx]),
    )


def settled(given: FixedVillage) -> FixedVillage:
    """The decision with meaningless choices written in one way, as `envs.kernel.plans.canonical` writes them."""
    if given.start_year == 0:
        return FixedVillage(start_year=0)
    if given.intensity is Intensity.REHABILITATE:
        return given.model_copy(update={"land_use": CANONICAL_LAND_USE, "floor_area_ratio": 0.0})
    return given


def village_idx(city: City, village_id: str) -> int:
    """Position of a village.

    Raises:
        InputError: the city has no such village.
    """
    found = np.flatnonzero(city.villages.village_id == village_id)
    if len(found) == 0:
        raise refusal(f"in city {city.name}, {unknown_name(village_id, city.villages.village_id)}", layer="village_id")
    return int(found[0])


def apply_edits(plan: Plans, city: City, edits: Edits) -> Plans:
    """The plan with the edited villages decided otherwise; a canonical batch of one.

    Raises:
        InputError: the city has no such village.
    """
    columns = [np.array(column) for column in plan.columns]
    for village_id, given in edits.items():
        idx = village_idx(city, village_id)
        values = (
            given.start_year,
            INTENSITIES.index(given.intensity),
            LAND_USES.index(given.land_use),
            given.floor_area_ratio,
            given.facility_ratio,
        )
        for column, value in zip(columns, values, strict=True):
            column[0, idx] = value
    return canonical(Plans(*columns))


def with_edit(plan: Plans, city: City, edits: Edits, village_id: str, given: FixedVillage) -> dict[str, FixedVillage]:
    """The edits with one more; an edit that says what the plan says anyway is none."""
    others = {key: value for key, value in edits.items() if key != village_id}
    if settled(given) == decision(canonical(plan), village_idx(city, village_id)):
        return others
    return others | {village_id: settled(given)}


def edits_digest(edits: Edits) -> str:
    """SHA-256 of the edits, whatever their order; empty for none."""
    if not edits:
        return ""
    return hashlib.sha256(json.dumps(edits_record(edits), sort_keys=True).encode()).hexdigest()


def edits_record(edits: Edits) -> dict[str, Any]:
    """Edits as plain data."""
    return {village_id: given.model_dump(mode="json") for village_id, given in edits.items()}


def read_edits(record: Mapping[str, Any]) -> dict[str, FixedVillage]:
    """Edits from plain data.

    Raises:
        InputError: they are malformed.
    """
    try:
        return {
            str(key): FixedVillage.model_validate_json(json.dumps(value), strict=True) for key, value in record.items()
        }
    except (ValidationError, TypeError, ValueError, AttributeError) as error:
        raise refusal(f"is no set of decisions ({str(error).splitlines()[0]})", layer="edits") from None


def far_limits(
    resolved: ResolvedScenario, idx: int, intensity: Intensity, facility_ratio: float
) -> tuple[float, float]:
    """Legal floor-area ratios of a village for an intensity and facility ratio; low above high = none is legal."""
    low, high = far_range(resolved, intensity, facility_ratio)
    return float(np.round(low[idx] / FAR_STEP) * FAR_STEP), float(np.round(high[idx] / FAR_STEP) * FAR_STEP)


def fixed_by_edits(scenario: Scenario, edits: Edits) -> Scenario:
    """The scenario with every edited village decided, so that a search goes around the edits."""
    fixed = {**scenario.fixed, **edits}
    return scenario.model_copy(
        update={
            "fixed": fixed,
            "locked": tuple(name for name in scenario.locked if name not in edits),
            "forbidden": tuple(name for name in scenario.forbidden if name not in edits),
        }
    )


def edited_run(run: Run, plan_id: str, plan: Plans) -> tuple[Run, str]:
    """The run with the edited plan as one more row of its front, for exports; and that row's id."""
    edited_id = plan_id + EDITED_SUFFIX
    row = front_frame(run.resolved, plan, [edited_id])
    front = pd.concat([run.front, row[run.front.columns]], ignore_index=True)
    plans = concatenate([run.plans, plan])
    return replace(run, plan_ids=(*run.plan_ids, edited_id), plans=plans, front=front), edited_id
