"""Values of levers, as a planner reads them."""

from __future__ import annotations

from app.words.console import shown_scale, unit_text

M2_OF_FORM = 1e4


def lever_scale(unit: str, language: str) -> tuple[float, str]:
    """What a lever's value is divided by to read well, and its unit then; areas as the scenario's form has them."""
    return (M2_OF_FORM, unit_text("10,000 m2", language)) if unit == "m2" else shown_scale(unit, language)


def lever_text(value: float, unit: str, language: str) -> str:
    """A lever's value with its unit, in full; a share is a bare number, as it is typed."""
    factor, word = lever_scale(unit, language)
    number = f"{value / factor:,.9g}"
    return number if unit in ("-", "share") else f"{number} {word}"
