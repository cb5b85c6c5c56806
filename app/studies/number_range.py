"""A number's range in words: how far it may lie elsewhere; until that was computed, where the plans of its run lie."""

from __future__ import annotations

import pandas as pd

from app.studies.tornado_file import Tornado
from app.studies.tornado_range import indicator_range
from app.words.console import value_text
from data.catalogue import text
from envs.kernel.indicators.registry import INDICATORS


def range_text(tornado: Tornado | None, front: pd.DataFrame, name: str, language: str) -> str:
    """From the lowest to the highest value of an indicator.

    Args:
        tornado: of the plan, if it was computed.
        front: front.csv of the plan's run.
        name: indicator.
        language: zh or en.
    """
    found = indicator_range(tornado, name)
    ends = found or (float(front[name].min()), float(front[name].max()))
    low, high = (value_text(end, INDICATORS[name].unit, language) for end in ends)
    return text(
        "glance_range" if found else "glance_front_range", language, low=without_unit(low, high), high=high
    )  # fmt: skip


def without_unit(low: str, high: str) -> str:
    """The low end as it is said before a high end that has the same unit."""
    number, space, unit = low.partition(" ")
    return number if high.endswith(space + unit) else low
