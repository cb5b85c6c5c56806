"""Tables of what if: differences of one change, its rules, all neighbors of a plan."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from app.whatif.change_text import change_words
from data.scenario import INTENSITIES, LAND_USES
from envs.changes.effects import Effects
from envs.changes.village_change import Change, decision_of
from envs.kernel import Plans, ResolvedScenario
from envs.kernel.indicators.registry import INDICATORS
from optimizers.whatif.neighborhood import Neighborhood

HOW = ("foretold", "search", "exact")
"""How a difference is known: by the linear model, at search precision, at report precision."""


def differences_frame(resolved: ResolvedScenario, plan: Plans, effects: Effects) -> pd.DataFrame:
    """A row for each change and indicator: before, after, difference."""
    rows = []
    for k, change in enumerate(effects.changes):
        for name, before, after in zip(effects.indicators, effects.before, effects.after[k], strict=True):
            values = {"unit": INDICATORS[name].unit, "before": before, "after": after, "difference": after - before}
            rows.append(_who(resolved, plan, change) | {"indicator": name} | values)
    return pd.DataFrame(rows)


def rules_frame(resolved: ResolvedScenario, plan: Plans, effects: Effects) -> pd.DataFrame:
    """A row for each change and rule or target: its limit, what the plan and the changed plan measure."""
    rows: list[dict[str, Any]] = []
    for k, change in enumerate(effects.changes):
        for r, rule in enumerate(effects.rules):
            rows.append(
                _who(resolved, plan, change)
                | {
                    "rule": rule.name,
                    "mode": effects.modes[r].value,
                    "unit": rule.unit,
                    "sense": rule.sense,
                    "limit": effects.limits[r],
                    "before": effects.measured_before[r],
                    "after": effects.measured_after[k, r],
                    "holds_before": bool(effects.excess_before[r] == 0.0),
                    "holds_after": bool(effects.excess_after[k, r] == 0.0),
                }
            )
    return pd.DataFrame(rows)


def neighbors_frame(resolved: ResolvedScenario, plan: Plans, found: Neighborhood) -> pd.DataFrame:
    """A row for each change, the best by the preference first, those that are only foretold or not allowed last."""
    order = np.lexsort((-found.worth, ~found.allowed, found.how == 0))
    signs = found.preference.signs
    worth = found.worth
    rows = []
    for rank, k in enumerate(order, start=1):
        change = found.changes[k]
        gains = zip(found.preference.objectives, found.gain[k] * signs, strict=True)
        rows.append(
            {"rank": rank}
            | _who(resolved, plan, change)
            | _decision(change)
            | {"preference_gain": worth[k]}
            | {f"{name}_change": value for name, value in gains}
            | {
                "allowed": bool(found.allowed[k]) if found.how[k] else None,
                "breaks": " ".join(found.breaks[k]),
                "meets": " ".join(found.keeps[k]),
                "how": HOW[found.how[k]],
            }
        )
    return pd.DataFrame(rows)


def _who(resolved: ResolvedScenario, plan: Plans, change: Change) -> dict[str, Any]:
    """Village, kind of change, and the change in English words."""
    villages = resolved.city.villages
    partner = str(villages.village_id[change.partner]) if change.partner >= 0 else ""
    return {
        "village_id": str(villages.village_id[change.village]),
        "district": resolved.city.districts[villages.district_idx[change.village]],
        "kind": change.kind,
        "change": change_words(resolved, plan, change, "en"),
        "start_year_before": decision_of(plan, change.village).start_year,
        "start_year": change.start_year,
        "partner_id": partner,
    }


def _decision(change: Change) -> dict[str, Any]:
    kept = change.start_year == 0
    return {
        "intensity": "" if kept else INTENSITIES[change.intensity].value,
        "land_use": "" if kept or change.floor_area_ratio == 0.0 else LAND_USES[change.land_use].value,
        "floor_area_ratio": change.floor_area_ratio,
        "facility_ratio": change.facility_ratio,
    }
