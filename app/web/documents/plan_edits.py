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

from app.plans.decisions import plan_decision
from app.plans.tables import front_frame
from app.runs.names import EDITED
from app.runs.run_folder import Run
from data.city import City
from data.errors import refuse
from data.parameter import unknown_name
from data.scenario import CANONICAL_LAND_USE, INTENSITIES, LAND_USES, FixedVillage, Intensity, Scenario
from envs.choices.options import FAR_STEP, far_range
from envs.kernel import Plans, ResolvedScenario
from envs.kernel.plans import OPTIONAL_COLUMNS, canonical, concatenate

Edits = Mapping[str, FixedVillage]
"""Village id -> the decision that replaces the plan's."""


def with_given(decision: FixedVillage, before: FixedVillage) -> FixedVillage:
    """The decision with the multiplier, on-site share and delay given before, which a form does not ask for."""
    return decision.model_copy(update={name: getattr(before, name) for name in OPTIONAL_COLUMNS})


def canonical_decision(decision: FixedVillage) -> FixedVillage:
    """The decision with meaningless choices written in one way, as `envs.kernel.plans.canonical` writes them."""
    if decision.start_year == 0:
        return FixedVillage(start_year=0)
    if decision.intensity is Intensity.REHABILITATE:
        nothing_new = {"land_use": CANONICAL_LAND_USE, "floor_area_ratio": 0.0}
        return decision.model_copy(update=nothing_new | {"compensation_multiplier": None, "onsite_share": None})
    return decision


def village_idx(city: City, village_id: str) -> int:
    """Position of a village.

    Raises:
        InputError: the city has no such village.
    """
    positions = np.flatnonzero(city.villages.village_id == village_id)
    if len(positions) == 0:
        problem = unknown_name(village_id, city.villages.village_id)
        raise refuse("village_not_in_city", layer="village_id", city=city.name, problem=problem)
    return int(positions[0])


def apply_edits(plan: Plans, city: City, edits: Edits) -> Plans:
    """The plan with the edited villages decided otherwise; a canonical batch of one.

    Raises:
        InputError: the city has no such village.
    """
    columns = [np.array(column) for column in plan.columns]
    nothing = np.full(plan.start_year.shape, np.nan)
    given = {name: np.array(plan.given.get(name, nothing)) for name in OPTIONAL_COLUMNS}
    for village_id, decision in edits.items():
        idx = village_idx(city, village_id)
        values = (
            decision.start_year,
            INTENSITIES.index(decision.intensity),
            LAND_USES.index(decision.land_use),
            decision.floor_area_ratio,
            decision.facility_ratio,
        )
        for column, value in zip(columns, values, strict=True):
            column[0, idx] = value
        for name, column in given.items():
            value = getattr(decision, name)
            column[0, idx] = np.nan if value is None else value
    return canonical(Plans(*columns, **given))


def with_edit(
    plan: Plans, city: City, edits: Edits, village_id: str, decision: FixedVillage
) -> dict[str, FixedVillage]:
    """The edits with one more; an edit that says what the plan says anyway is none."""
    others = {key: value for key, value in edits.items() if key != village_id}
    if canonical_decision(decision) == plan_decision(canonical(plan), village_idx(city, village_id)):
        return others
    return others | {village_id: canonical_decision(decision)}


def edits_between(before: Plans, after: Plans, city: City) -> dict[str, FixedVillage]:
    """The edits that make one plan (batch of one) of another.

    Example:
        `apply_edits(before, city, edits_between(before, after, city))` is `after`, in canonical form.
    """
    before, after = canonical(before), canonical(after)
    decided = {
        str(village_id): (plan_decision(before, idx), plan_decision(after, idx))
        for idx, village_id in enumerate(city.villages.village_id)
    }
    return {village_id: canonical_decision(new) for village_id, (old, new) in decided.items() if new != old}


def edits_digest(edits: Edits) -> str:
    """SHA-256 of the edits, whatever their order; empty for none."""
    if not edits:
        return ""
    return hashlib.sha256(json.dumps(edits_record(edits), sort_keys=True).encode()).hexdigest()


def edits_record(edits: Edits) -> dict[str, Any]:
    """Edits as plain data; what is left to the model is not written."""
    return {village_id: decision.model_dump(mode="json", exclude_none=True) for village_id, decision in edits.items()}


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
        raise refuse("edits_malformed", layer="edits", reason=str(error).splitlines()[0]) from None


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
    edited_id = plan_id + EDITED
    row = front_frame(run.resolved, plan, [edited_id])
    front = pd.concat([run.front, row[run.front.columns]], ignore_index=True)
    plans = concatenate([run.plans, plan])
    return replace(run, plan_ids=(*run.plan_ids, edited_id), plans=plans, front=front), edited_id
