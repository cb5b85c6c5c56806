"""Tables of what if: differences of one change, its rules, all neighbors of a plan."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from app.whatif.change_text import change_words
from app.whatif.why_asked import WhyAsked, far_limit_of, price_of, quota_of
from data.dictionary import table_columns
from data.scenario import INTENSITIES, LAND_USES
from envs.changes.effects import Effects
from envs.changes.village_change import Change, decision_of
from envs.kernel import Plans, ResolvedScenario
from envs.kernel.indicators.registry import INDICATORS, told_indicators
from optimizers.whatif.lever import Answer
from optimizers.whatif.neighborhood import Neighborhood
from optimizers.whatif.smallest import Smallest

HOW = ("foretold", "search", "exact")
"""How a difference is known: by the linear model, at search precision, at report precision."""


def differences_frame(resolved: ResolvedScenario, plan: Plans, effects: Effects) -> pd.DataFrame:
    """A row for each change and indicator that the scenario tells: before, after, difference."""
    rows, told = [], told_indicators(resolved.scenario)
    for k, change in enumerate(effects.changes):
        for name, before, after in zip(effects.indicators, effects.before, effects.after[k], strict=True):
            if name not in told:
                continue
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


def levers_frame(asked: WhyAsked) -> pd.DataFrame:
    """A row for each lever asked about: the least value that grants the wish, the nearest one that does not."""
    resolved = asked.asked.model.resolved
    rows = []
    for answer in asked.answers:
        (scale, offset, unit), start = _natural(asked, answer), 1.0 if answer.lever in ("price", "density") else 0.0
        value = None if answer.value is None else offset + scale * answer.value
        below = None if answer.not_enough is None or answer.value is None else offset + scale * answer.not_enough
        is_share = answer.lever == "preference" and answer.value is not None
        rows.append(
            {
                "village_id": str(resolved.city.villages.village_id[asked.wish.village]),
                "wish": asked.wish.kind,
                "reason": asked.why.reason,
                "lever": answer.lever,
                "unit": unit,
                "now": offset + scale * start,
                "value": value,
                "not_enough": below,
                "least_tried": offset + scale * min((*answer.ends, start)),
                "most_tried": offset + scale * max((*answer.ends, start)),
                "year": answer.variant if answer.lever == "places" and answer.value is not None else None,
                "objective": asked.asked.preference.objectives[answer.variant] if is_share else "",
                "searched": answer.searched,
                "seconds": answer.seconds,
            }
        )
    return pd.DataFrame(rows, columns=list(table_columns("whatif", "levers")))


def _natural(asked: WhyAsked, answer: Answer) -> tuple[float, float, str]:
    """Scale, offset and unit that make a natural amount of a lever's value."""
    if answer.lever == "price":
        return price_of(asked), 0.0, "CNY/m2"
    if answer.lever == "density":
        return far_limit_of(asked), 0.0, "1"
    if answer.lever == "places":
        return 1.0, float(quota_of(asked, answer.variant)) if answer.value is not None else 0.0, "villages"
    return 1.0, 0.0, "share"


def smallest_frame(resolved: ResolvedScenario, plan: Plans, found: Smallest) -> pd.DataFrame:
    """A row for each village that the smallest change decides otherwise, those that help most first."""
    return pd.DataFrame(
        [
            {"order": k} | _who(resolved, plan, change) | _decision(change)
            for k, change in enumerate(found.changes, start=1)
        ]
    )
