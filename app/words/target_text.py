"""Targets as the command line takes and shows them: `indicator>=value[@year]`."""

from __future__ import annotations

import math
import re

from app.words.console import RATE, axis_scale, number_scale, value_text
from data.errors import InputError, refuse
from data.scenario import Target
from envs.kernel.indicators.registry import INDICATORS, indicator

_PATTERN = re.compile(r"\s*([A-Za-z0-9_]+)\s*(>=|<=)\s*([^@\s]+)\s*(?:@\s*([0-9]{1,3})\s*)?")


def parse_target(text: str) -> Target:
    """Read a target.

    Args:
        text: for example `service_accessibility>=0.85@10`; the year may be left out.

    Raises:
        InputError: it has another form, the value is no finite number, or the indicator is unknown or has no series.
    """
    match = _PATTERN.fullmatch(text)
    value = _number(match[3]) if match else None
    if match is None or value is None:
        raise refuse("target_form", layer="--target", found=text[:60])
    name, sign, _, year = match.groups()
    try:
        item = indicator(name)
    except InputError as error:
        raise error.within(layer="--target") from None
    if year is not None and not item.has_years:
        raise refuse("target_not_yearly", layer="--target", indicator=name)
    return Target(
        indicator=name,
        year=None if year is None else int(year),
        at_least=value if sign == ">=" else None,
        at_most=value if sign == "<=" else None,
    )


def _number(text: str) -> float | None:
    if not text.isascii() or "_" in text:
        return None
    try:
        value = float(text)
    except ValueError:
        return None
    return value if math.isfinite(value) else None


def target_text(target: Target, language: str) -> str:
    """A target in words, with unit and year."""
    item = INDICATORS[target.indicator]
    sign, value = ("≥", target.at_least) if target.at_most is None else ("≤", target.at_most)
    year = "" if target.year is None else f" @ {value_text(float(target.year), 'year', language)}"
    label = item.label if target.year is None else item.yearly_label
    return f"{label[language]} {sign} {limit_text(value or 0.0, item.unit, language)}{year}"


def limit_text(value: float, unit: str, language: str) -> str:
    """A limit with all the digits it was given, unlike an outcome."""
    if unit == "year":
        return value_text(value, unit, language)
    scale, word = axis_scale(unit, language, 1.0) if unit in ("share", RATE) else number_scale(value, unit, language)
    word = "" if unit in ("0..1", "-") else f" {word}"
    return f"{value / scale:,.9g}{word}"
