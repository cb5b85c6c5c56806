"""Levers: the single numbers of a scenario that may be moved, one at a time, to reach a target."""

from __future__ import annotations

from dataclasses import dataclass

from data.catalogue import LANGUAGES, text
from data.errors import InputError, refuse
from data.parameter import Parameter, unknown_name
from data.parameter_book import Book
from data.scenario import Scenario
from data.scenario_files import scenario_from_mapping


@dataclass(frozen=True)
class Lever:
    """One number of a scenario.

    Attributes:
        key: field of the scenario (`floor_area_ratio.high`) or key of the parameter book.
        unit: as shown.
        label: en, zh.
        whole: True where only whole numbers mean something.
        adds_plans: True where a larger value only allows more plans and changes no outcome, so that whatever meets a
            target at one value meets it at every larger one.
        current: value in the scenario; None where it sets no limit.
        low: least plausible value; None where none is stated.
        high: largest plausible value; None where none is stated.
    """

    key: str
    unit: str
    label: dict[str, str]
    whole: bool
    adds_plans: bool
    current: float | None
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True)
class _Field:
    unit: str
    whole: bool = False
    adds_plans: bool = False


FIELDS: dict[str, _Field] = {
    "plan_years": _Field("years", whole=True),
    "villages_per_year": _Field("villages/yr", whole=True, adds_plans=True),
    "renewal_ratio.low": _Field("share"),
    "renewal_ratio.high": _Field("share", adds_plans=True),
    "floor_area_ratio.low": _Field("-"),
    "floor_area_ratio.high": _Field("-"),
    "floor_area_ratio_share.low": _Field("share"),
    "floor_area_ratio_share.high": _Field("share"),
    "facility_ratio.low": _Field("share"),
    "facility_ratio.high": _Field("share"),
    "onsite_resettlement_share": _Field("share"),
    "commodity_housing_cap_m2": _Field("m2", adds_plans=True),
    "least_commodity_area_m2": _Field("m2"),
    "least_rental_area_m2": _Field("m2"),
    "capital_limit_annual_cny": _Field("CNY/yr", adds_plans=True),
    "capital_limit_peak_cny": _Field("CNY", adds_plans=True),
    "displaced_tenants_cap_persons": _Field("persons", adds_plans=True),
}
"""Fields of a scenario that are one number or the end of a range; how finely options are divided is no lever."""


ANY_SHARE = {"low": 0.0, "high": 1.0}
"""A range of shares that a scenario leaves out."""


def lever_label(field: str, language: str) -> str:
    """Name of a field of FIELDS."""
    return text(f"lever_{field.replace('.', '_')}", language)


def find_lever(scenario: Scenario, book: Book, key: str) -> Lever:
    """Look up a lever.

    Args:
        scenario: holds the current value of a field.
        book: parameters with the scenario's overrides.
        key: field of the scenario or key of the book.

    Raises:
        InputError: unknown, or not a single number; the message names the nearest lever.
    """
    if key in FIELDS:
        field = FIELDS[key]
        return Lever(
            key,
            field.unit,
            label={language: lever_label(key, language) for language in LANGUAGES},
            whole=field.whole,
            adds_plans=field.adds_plans,
            current=_current(scenario, book, key),
        )
    numbers = {name: entry for name, entry in book.items() if isinstance(entry.value, float)}
    if key in numbers:
        return _parameter_lever(numbers[key])
    if key in book:
        raise refuse("lever_no_number", key=key, layer="--lever")
    raise refuse("lever_unknown", problem=unknown_name(key, [*FIELDS, *numbers]), bounds=tuple(FIELDS), layer="--lever")


def _parameter_lever(entry: Parameter) -> Lever:
    label = {"en": entry.label_en, "zh": entry.label_zh}
    current = entry.value if isinstance(entry.value, float) else None
    whole = entry.limits.whole
    return Lever(
        entry.key, entry.unit, label, whole=whole, adds_plans=False, current=current, low=entry.low, high=entry.high
    )


def _current(scenario: Scenario, book: Book, key: str) -> float | None:
    name, _, end = key.partition(".")
    value = getattr(scenario, name)
    value = getattr(value, end) if end and value is not None else value
    if value is None and key == "onsite_resettlement_share":
        return book.number("comp.return_share")
    return None if value is None else float(value)


def with_lever(scenario: Scenario, book: Book, key: str, value: float) -> Scenario:
    """The scenario with one number changed and checked again.

    Args:
        scenario: everything else.
        book: names the facts behind second names of parameters.
        key: a lever of `find_lever`.
        value: in the lever's unit.

    Raises:
        InputError: the value is not allowed, alone or beside the others.
    """
    content = scenario.model_dump(mode="json")
    name, _, end = key.partition(".")
    if key not in FIELDS:
        fact = book[key].same_as or key
        others = {k: v for k, v in content["parameters"].items() if (book[k].same_as or k) != fact}
        content["parameters"] = others | {fact: value}
    elif end:
        content[name] = (content[name] or ANY_SHARE) | {end: value}
    else:
        content[name] = int(value) if FIELDS[key].whole and value == round(value) else value
    try:
        return scenario_from_mapping(content, file="")
    except InputError as error:
        raise error.within(file="--range", layer=f"{key} = {value:.12g}") from None
