"""The one map, its villages colored by what they break, or by what one clause is about."""

from __future__ import annotations

import numpy as np

from app.charts.colors import BROKEN_COLORS, HELD_COLOR, KEPT_COLOR
from app.charts.plan_map import plan_lines
from app.charts.village_map import MapClass, VillageMap, city_ground
from app.compliance.matrix import Compliance, Line
from app.compliance.places import Concerned, concerned, is_placed
from app.plans.tables import PlanTables
from data.arrays import BoolArray
from data.catalogue import text
from data.scenario import RuleMode

KINDS = ("reported", "penalized", "excepted", "hard")
"""Of what is broken, the gravest last; a village has the color of the gravest."""


def kind_of(line: Line) -> str:
    """Which of KINDS a broken line is; a hard rule with an exception is not `hard`."""
    if line.scope is RuleMode.HARD:
        return "excepted" if line.verdict == "excepted" else "hard"
    return line.scope.value


def compliance_map(found: Compliance, tables: PlanTables, language: str, *, chosen: Line | None = None) -> VillageMap:
    """Villages by the gravest rule that they, their district or their year breaks.

    Args:
        found: the plan against its rules.
        tables: of the plan.
        language: zh or en.
        chosen: a line; then the map tells only the villages that it is about.
    """
    renewed = found.plan.start_year[0] > 0
    places = [(line, concerned(found, line, tables)) for line in found.broken]
    if chosen is None:
        groups = _by_gravity(places, renewed, language)
        title = text("compliance_map_title", language)
    else:
        mask = concerned(found, chosen, tables).mask
        groups = [(text("compliance_map_concerned", language), BROKEN_COLORS["hard"], mask)]
        title = chosen.rule.label[language]
    base = [
        (text("map_kept", language), KEPT_COLOR, ~renewed),
        (text("compliance_map_fine", language), HELD_COLOR, renewed),
    ]
    covered = np.any([mask for _, _, mask in groups], axis=0) if groups else np.zeros_like(renewed)
    shown = [*((label, color, mask & ~covered) for label, color, mask in base), *groups]
    return VillageMap(
        ground=city_ground(found.resolved.city),
        classes=[MapClass(f"{label} ({int(mask.sum()):,})", color, mask) for label, color, mask in shown],
        title=title,
        lines=_lines(places, tables, language),
        note=text("compliance_map_note", language) if chosen is None else "",
    )


def _by_gravity(
    places: list[tuple[Line, Concerned]], renewed: BoolArray, language: str
) -> list[tuple[str, str, BoolArray]]:
    """Label, color and villages of each of KINDS that is there; a village is in the gravest alone."""
    masks = {kind: np.zeros_like(renewed) for kind in KINDS}
    for line, where in places:
        if is_placed(where):
            masks[kind_of(line)] = masks[kind_of(line)] | where.mask
    graver = np.zeros_like(renewed)
    groups = []
    for kind in reversed(KINDS):
        mask, graver = masks[kind] & ~graver, graver | masks[kind]
        if mask.any():
            groups.append((text(f"compliance_map_{kind}", language), BROKEN_COLORS[kind], mask))
    return groups[::-1]


def _lines(places: list[tuple[Line, Concerned]], tables: PlanTables, language: str) -> list[str]:
    """What the plan decides on each village, and the rules that it is concerned by."""
    lines = plan_lines(tables, language)
    rules: list[list[str]] = [[] for _ in lines]
    for line, where in places:
        if is_placed(where):
            for k in np.flatnonzero(where.mask):
                rules[int(k)].append(line.rule.label[language])
    return [
        text("compliance_map_line", language, decision=decision, rules=broken) if broken else decision
        for decision, broken in zip(lines, rules, strict=True)
    ]


def whole_plan_lines(found: Compliance, tables: PlanTables) -> list[Line]:
    """Broken lines about the whole plan, which no village of the map shows."""
    return [line for line in found.broken if concerned(found, line, tables).how == "whole"]
