"""What one plan does better or worse than another, measure by measure, in words and as a share of what is possible."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from app.plans.quantities import Quantity
from app.words.console import value_text
from data.catalogue import text

UNNOTICEABLE_SHARE = 0.005
"""Of the range of a measure: what differs by less is said to be no noticeable difference."""
BETTER, WORSE, SAME, OTHER = "better", "worse", "same", "other"
HIGHER_UNITS = ("0..1", "share", "1/yr", "x", "-", "")
"""Units of which one says higher and lower, and not more and less."""


@dataclass(frozen=True)
class Difference:
    """One measure of a plan less that of the plan it is held against.

    Attributes:
        kind: BETTER, WORSE, SAME (not to be noticed, or one of both is undefined), or OTHER where neither side is
            better.
        change: the difference, in the measure's unit.
        share: of the range, -1..1; positive where the plan is higher. 0 where it is SAME.
    """

    kind: str
    change: float
    share: float


def difference(value: float, against: float, span: float, sense: str) -> Difference:
    """How a value differs.

    Args:
        value: of the plan.
        against: of the plan it is held against.
        span: of the measure, what is possible at most [its unit].
        sense: better side of the measure, max or min; empty where neither is better.

    Example:
        >>> difference(90.0, 100.0, 40.0, "min")
        Difference(kind='better', change=-10.0, share=-0.25)
        >>> difference(99.9, 100.0, 40.0, "min").kind
        'same'
    """
    change = value - against
    if not math.isfinite(change) or abs(change) < UNNOTICEABLE_SHARE * abs(span) or change == 0.0:
        return Difference(SAME, 0.0, 0.0)
    share = max(-1.0, min(1.0, change / abs(span))) if span else math.copysign(1.0, change)
    if not sense:
        return Difference(OTHER, change, share)
    return Difference(BETTER if (change > 0.0) == (sense == "max") else WORSE, change, share)


def difference_text(found: Difference, quantity: Quantity, language: str) -> str:
    """The difference in words: how much more or less, and whether that is better."""
    if found.kind == SAME:
        return text("difference_same", language)
    way = ("higher" if found.change > 0 else "lower") if quantity.unit in HIGHER_UNITS else _more_or_less(found)
    amount = value_text(abs(found.change), quantity.unit, language, signed=quantity.unit == "share").lstrip("+")
    said = text(f"difference_{way}", language, amount=amount)
    return text(f"difference_{found.kind}", language, said=said)


def _more_or_less(found: Difference) -> str:
    return "more" if found.change > 0 else "less"


def measure_spans(
    columns: Mapping[str, tuple[float, float]], anchors: Mapping[str, tuple[float, float]]
) -> dict[str, float]:
    """Measure -> its range: between its anchors where it has them, else over the plans looked at [its unit].

    Args:
        columns: measure -> least and largest value over the plans.
        anchors: objective -> worst and best value known.
    """
    return {
        name: abs(anchors[name][1] - anchors[name][0]) if name in anchors else high - low
        for name, (low, high) in columns.items()
    }
