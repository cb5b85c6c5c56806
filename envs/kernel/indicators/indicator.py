"""An indicator: the function that measures it, with unit, time, better side, label, recipe, bias from the catalogue.

An indicator is one function, named as it is. What the function returns is said where it is gathered: a number for each
plan (`of_plans`), a yearly series whose mean over years is the indicator (`mean_over_years`), or a number for each
village, which are summed (`sum_over_villages`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from data.catalogue import read_texts
from envs.kernel.computing.backend import Array, array_namespace
from envs.kernel.people.timetable import place_first
from envs.kernel.trace import Trace

Measure = Callable[[Trace], Array]
TIMES = (
    "present_value",
    "whole_plan",
    "mean_of_years",
    "last_year",
    "largest_year",
    "base_year",
    "when_complete",
    "year_of_event",
)
"""What time a number may be of: discounted to year 0; summed or counted over the plan; mean over years 1..horizon; the
last state year; the year with most, or the deepest point; the base year; a year once all is built; the year of what it
tells."""


@dataclass(frozen=True)
class Indicator:
    """A measured quantity.

    Attributes:
        name: public name, with its unit.
        unit: unit as shown.
        time: what time its number is of, one of TIMES.
        sense: "max", "min" or "" where neither is better.
        label: by language.
        recipe: how it is computed, by language.
        bias: known bias, by language.
        yearly_name: of its yearly series: the indicator's, unless a year's value is another quantity.
        yearly_label: of that series, by language.
        value: trace -> shape (n_plans,).
        yearly: trace -> shape (n_plans, n_years) over the trace's state years, or None.
        flow: trace -> shape (n_plans, n_flow_years), or None.
        by_district: trace -> shape (n_plans, n_districts), or None.
    """

    name: str
    unit: str
    time: str
    sense: str
    label: Mapping[str, str]
    recipe: Mapping[str, str]
    bias: Mapping[str, str]
    yearly_name: str
    yearly_label: Mapping[str, str]
    value: Measure
    yearly: Measure | None = None
    flow: Measure | None = None
    by_district: Measure | None = None

    @property
    def has_years(self) -> bool:
        """Whether it has a yearly series."""
        return self.yearly is not None or self.flow is not None

    def recipe_in(self, language: str) -> str:
        """How it is computed, in en or zh."""
        return self.recipe[str(language)]

    def bias_in(self, language: str) -> str:
        """Known bias, in en or zh."""
        return self.bias[str(language)]


@dataclass(frozen=True)
class YearlyMean:
    """Mean over years 1..horizon of a yearly measure, which may be asked for alone."""

    yearly: Measure

    def __call__(self, trace: Trace) -> Array:
        """Shape (n_plans,)."""
        return trace.mean_over_years(self.yearly(trace))


@dataclass(frozen=True)
class VillageSum:
    """Sum over villages of a measure of shape (n_plans, n_villages)."""

    by_village: Measure

    def __call__(self, trace: Trace) -> Array:
        """Shape (n_plans,)."""
        return trace.xp.sum(self.by_village(trace), axis=1)


@dataclass(frozen=True)
class SumSince:
    """Yearly series: sum of a measure of shape (n_plans, n_villages) over the villages where it has happened by a year.

    Attributes:
        by_village: the measure.
        event: `started`, `completed` or `rehabilitated`, as the trace calls it.
    """

    by_village: Measure
    event: str

    def __call__(self, trace: Trace) -> Array:
        """Shape (n_plans, n_years)."""
        return sum_by_year(self.by_village(trace), getattr(trace, self.event))


def sum_by_year(by_village: Array, happened: Array) -> Array:
    """Sum over villages of what has happened, (n_plans, n_villages) x (n_villages, n_plans, n_years), float64.

    Example:
        >>> sum_by_year(np.array([[3.0, 5.0]]), np.array([[[0.0, 1.0]], [[1.0, 1.0]]]))
        array([[5., 8.]])
    """
    xp = array_namespace(by_village)
    return xp.sum(place_first(by_village, xp.float64) * happened, axis=0)


@dataclass(frozen=True)
class DistrictSums:
    """Sums by district of a measure of shape (n_plans, n_villages)."""

    by_village: Measure

    def __call__(self, trace: Trace) -> Array:
        """Shape (n_plans, n_districts)."""
        return trace.xp.sum(trace.by_start(self.by_village(trace)), axis=2)


@cache
def indicator_texts() -> Mapping[str, Mapping[str, Any]]:
    """Indicator name -> unit, time, sense, label, recipe and bias, in the order of the file."""
    return read_texts("indicators")


def of_plans(
    measure: Measure,
    *,
    name: str = "",
    yearly: Measure | None = None,
    flow: Measure | None = None,
    by_district: Measure | None = None,
) -> Indicator:
    """The indicator of a function that measures plans, shape (n_plans,).

    Args:
        measure: named as the indicator.
        name: of the indicator, where the measure is no named function.
        yearly: its series over state years, if it has one.
        flow: its series over the years of the cash flow, if it has one.
        by_district: the same by district, if it can be divided.

    Raises:
        ValueError: data/texts/indicators.yaml has no such indicator, not all that is said of one, or another time than
            TIMES has.
    """
    name = name or measure.__name__
    try:
        said = indicator_texts()[name]
        unit, time, sense = said["unit"], said["time"], said["sense"]
        label, recipe, bias = said["label"], said["recipe"], said["bias"]
        of_a_year = {"name": name, "label": label} | said.get("yearly", {})
        yearly_name, yearly_label = of_a_year["name"], of_a_year["label"]
    except KeyError as error:
        msg = f"data/texts/indicators.yaml: indicator {name} lacks {error}"
        raise ValueError(msg) from error
    if time not in TIMES:
        msg = f"data/texts/indicators.yaml: {name} is of time {time}, none of {TIMES}"
        raise ValueError(msg)
    return Indicator(
        name=name,
        unit=unit,
        time=time,
        sense=sense,
        label=label,
        recipe=recipe,
        bias=bias,
        value=measure,
        yearly=yearly,
        flow=flow,
        by_district=by_district,
        yearly_name=yearly_name,
        yearly_label=yearly_label,
    )


def mean_over_years(yearly: Measure, *, name: str = "", by_district: Measure | None = None) -> Indicator:
    """The indicator that is the mean over years 1..horizon of a yearly series.

    Args:
        yearly: trace -> shape (n_plans, n_years), named as the indicator.
        name: of the indicator, where the series is no named function.
        by_district: the mean by district, if it can be divided.
    """
    return of_plans(YearlyMean(yearly), name=name or yearly.__name__, yearly=yearly, by_district=by_district)


def sum_over_villages(by_village: Measure, *, yearly: Measure | None = None) -> Indicator:
    """The indicator that is a sum over villages, city-wide and by district.

    Args:
        by_village: trace -> shape (n_plans, n_villages), named as the indicator.
        yearly: its series over state years, if it has one.
    """
    return of_plans(
        VillageSum(by_village), name=by_village.__name__, yearly=yearly, by_district=DistrictSums(by_village)
    )
