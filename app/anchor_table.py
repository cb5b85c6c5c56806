"""Anchors of a (city, scenario, objectives) as text and as JSON."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from app.console import table_text, value_text
from envs.kernel.registry import indicator

if TYPE_CHECKING:
    from envs.anchors import Anchors


def anchor_text(objectives: Sequence[str], anchors: Anchors) -> str:
    """Base, best and worst by objective, in natural units."""
    rows = [
        (
            name,
            *(value_text(float(part[k]), indicator(name).unit) for part in (anchors.base, anchors.best, anchors.worst)),
        )
        for k, name in enumerate(objectives)
    ]
    return table_text(("objective", "base", "best", "worst"), rows)


def anchor_record(objectives: Sequence[str], anchors: Anchors) -> dict[str, dict[str, float]]:
    """Objective -> base, best, worst [its unit]."""
    return {
        name: {part: float(np.asarray(getattr(anchors, part))[k]) for part in ("base", "best", "worst")}
        for k, name in enumerate(objectives)
    }
