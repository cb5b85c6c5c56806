"""Which conditions of villages there are: the indicators from which need is told, and their senses."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from data.arrays import BoolArray
from data.city import CATEGORIES


@dataclass(frozen=True)
class Condition:
    """One indicator of a village as it is.

    Attributes:
        name: with its unit; its words are `condition_NAME` in data/texts.
        dimension: one of DIMENSIONS.
        unit: of the value.
        worse: the sense: "more" where more of it is more need (negative indicator), "less" where less is (positive).
        averaged_over: extent over which the condition of an area is averaged, so that it is the ratio of its sums.
    """

    name: str
    dimension: str
    unit: str
    worse: Literal["more", "less"]
    averaged_over: str


DIMENSIONS = ("services", "housing", "travel", "environment")
"""First level of the weights."""
GREEN = "green_space"
CONDITIONS: tuple[Condition, ...] = (
    *(Condition(f"met_share_{name}", "services", "share", "less", "residents") for name in CATEGORIES if name != GREEN),
    Condition("nearest_facilities_km", "services", "km", "more", "residents"),
    Condition("floor_per_person_m2", "housing", "m2/person", "less", "residents"),
    Condition("residents_per_ha", "housing", "persons/ha", "more", "site_area_m2"),
    Condition("illegal_share", "housing", "share", "more", "floor_m2"),
    Condition("rent_burden_share", "housing", "share", "more", "tenants"),
    Condition("commute_min", "travel", "min", "more", "workers"),
    Condition("rail_km", "travel", "km", "more", "residents"),
    Condition(f"met_share_{GREEN}", "environment", "share", "less", "residents"),
    Condition("nearest_green_km", "environment", "km", "more", "residents"),
)
"""In the order of every array with an axis of conditions."""
NAMES = tuple(item.name for item in CONDITIONS)


def more_is_worse() -> BoolArray:
    """Sense of each condition, shape (n_conditions,)."""
    return np.array([item.worse == "more" for item in CONDITIONS])


def members_of(dimension: str) -> BoolArray:
    """Conditions of a dimension, shape (n_conditions,)."""
    return np.array([item.dimension == dimension for item in CONDITIONS])
