"""Numbers in another unit than ours: which one would make them believable, to be asked of whoever made the file."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from data.catalogue import Message, message
from data.dictionary import columns
from data.headings.units import factor_to, usual_units


def unit_guesses(layer: str, name: str, fits: Callable[[float], bool]) -> list[Message]:
    """Units in which a column's numbers would be believable.

    Args:
        layer: of the dictionary.
        name: of the column.
        fits: whether the numbers times a factor would be.
    """
    ours = columns(layer)[name].unit
    usual = [(unit, factor_to(unit, ours)) for unit in usual_units(ours)]
    return [message("unit_guess", column=name, unit=unit) for unit, factor in usual if factor and fits(factor)]


def unit_remedy(guesses: Sequence[Message]) -> Message:
    """What to do about numbers that cannot be right."""
    return message("remedy_units", guesses=tuple(guesses)) if guesses else message("remedy_columns")
