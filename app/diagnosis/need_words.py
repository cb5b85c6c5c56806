"""Need of a village in a few words: points, grade and rank, weak conditions, a condition with its unit."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from app.words.console import percent_text, unit_text
from data.catalogue import text
from envs.diagnosis.condition import Condition
from envs.diagnosis.graded_need import GradedNeed

MOST_WEAK_SAID = 3
"""Weak conditions that are named where there is little room."""


def condition_text(item: Condition, value: float, language: str) -> str:
    """A condition with its unit; a dash where it is not known."""
    if math.isnan(value):
        return "-"
    if item.unit == "share":
        return percent_text(value)
    digits = 0 if abs(value) >= 100.0 else 1 if abs(value) >= 10.0 else 2
    return f"{value:,.{digits}f} {unit_text(item.unit, language)}"


def headline(told: GradedNeed, village: int, language: str) -> str:
    """Points, grade and rank of a village, or that too little is known."""
    points = float(told.need.points[village])
    unknown = int(told.need.n_unknown[village])
    if math.isnan(points):
        return text("diagnosis_too_little_known", language, n=unknown)
    known = told.need.points[~np.isnan(told.need.points)]
    said = text(
        "diagnosis_headline",
        language,
        points=points,
        rank=1 + int((known > points).sum()),
        of=known.size,
        grade=int(told.grade[village]) + 1,
        n_grades=told.bounds.size + 1,
    )
    return said if not unknown else f"{said} {text('diagnosis_unknown', language, n=unknown)}"


def weak_text(names: Sequence[str], language: str) -> str:
    """The first few weak conditions by name, and how many there are."""
    if not names:
        return ""
    said = [text(f"condition_{name}", language) for name in names[:MOST_WEAK_SAID]]
    return text("diagnosis_weak_line", language, conditions=said, n=len(names))
