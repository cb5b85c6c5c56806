"""A number's range in words: how far it may lie elsewhere; until that was computed, where the plans of its run lie."""

from __future__ import annotations

import pandas as pd

from app.studies.tornado_file import Tornado
from app.studies.tornado_range import indicator_range
from app.words.console import value_text
from data.catalogue import text
from envs.kernel.indicators.registry import INDICATORS


def range_text(tornado: Tornado | None, front: pd.DataFrame, name: str, language: str) -> str:
    """From the lowest to the highest value of an indicator, and which range that is.

    Args:
        tornado: of the plan, if it was computed.
        front: front.csv of the plan's run.
        name: indicator.
        language: zh or en.
    """
    ends = ends_text(tornado, front, name, language)
    return text("glance_range" if is_uncertainty(tornado) else "glance_front_range", language, ends=ends)


def ends_text(tornado: Tornado | None, front: pd.DataFrame, name: str, language: str) -> str:
    """The same for a column whose head says which range it is."""
    found = indicator_range(tornado, name)
    ends = found or (float(front[name].min()), float(front[name].max()))
    larger = max(ends, key=abs)
    low, high = (value_text(end, INDICATORS[name].unit, language, beside=larger) for end in ends)
    return high if low == high else text("range_ends", language, low=without_unit(low, high), high=high)


def is_uncertainty(tornado: Tornado | None) -> bool:
    """Whether ranges are those of the parameters, not of the run's plans."""
    return tornado is not None and tornado.complete


def without_unit(low: str, high: str) -> str:
    """The low end as it is said before a high end that has the same unit, or any where it is nothing.

    Example:
        >>> without_unit("1.2 bn CNY", "3.4 bn CNY"), without_unit("0 元", "14 亿元"), without_unit("3 万元", "1 亿元")
        ('1.2', '0', '3 万元')
    """
    number, space, unit = low.partition(" ")
    return number if number == "0" or high.endswith(space + unit) else low
