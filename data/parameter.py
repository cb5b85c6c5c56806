"""One entry of the parameter book: its value, range, unit, source, and what the value may physically be."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from data.catalogue import Message, message, text
from data.errors import LONGEST_NAME, printable, refuse

READERS = ("residents", "day", "bargaining", "diagnosis", "futures")
"""Who may alone read an entry beside the evaluator: the draw of residents, their day, bargaining, diagnosis."""
CONFIDENCES = ("S", "C", "M", "E")
"""Letters of confidence: stated by a source, computed, from memory, estimated."""
LARGEST_NUMBER = 1e12
SUM_TOLERANCE = 1e-4
LONGEST_VALUE = 60
"""Letters of a wrong value that are shown."""

Value = float | tuple[float, ...] | Mapping[str, float] | tuple[str, ...]


@dataclass(frozen=True)
class Limits:
    """What is physically possible, whatever the plausible range; shares also stay within 0..1."""

    at_least: float = 0.0
    above: float | None = None  # exclusive; for what the equations divide by or take the logarithm of
    at_most: float | None = None
    whole: bool = False

    def broken(self, value: float) -> Message | None:
        """What is wrong with `value`; None = nothing."""
        if self.above is not None and value <= self.above:
            return message("must_be_above", bound=self.above, found=value)
        if self.above is None and value < self.at_least:
            return message("must_be_at_least", bound=self.at_least, found=value)
        if self.at_most is not None and value > self.at_most:
            return message("must_be_at_most", bound=self.at_most, found=value)
        if self.whole and value != round(value):
            return message("must_be_whole", found=value)
        return None


@dataclass(frozen=True)
class Parameter:
    """One entry of the book."""

    key: str
    value: Value  # number, series (tuple), table (mapping) or names (tuple of text)
    low: float | None
    high: float | None
    unit: str
    year: int | None
    label_en: str
    label_zh: str
    source: str
    confidence: str  # S stated, C computed, M from memory, E estimate
    note: str = ""
    same_as: str = ""  # key of the fact that this is another name of
    follows: str = ""  # key of the fact that this equals unless it is given a value of its own
    limits: Limits = Limits()
    is_read: bool = True  # False: a check, evidence or reference that no equation reads
    read_by: str = ""  # who alone reads it, where that is not the evaluator: its results cannot depend on it

    @property
    def is_estimate(self) -> bool:
        """Whether the value is an estimate or a modeling choice rather than a finding."""
        return self.confidence == "E"

    @property
    def is_share(self) -> bool:
        """Whether the value is a part of a whole and stays within 0..1."""
        return self.unit.split("/")[0].split(" ")[0] == "share"

    @property
    def is_outside_range(self) -> bool:
        """Whether a number lies outside low..high (possible, but to be shown)."""
        if not isinstance(self.value, float):
            return False
        return (self.low is not None and self.value < self.low) or (self.high is not None and self.value > self.high)

    @property
    def value_text(self) -> str:
        """The value as one line of text."""
        if isinstance(self.value, Mapping):
            return ", ".join(f"{name} {number:.12g}" for name, number in self.value.items())
        if isinstance(self.value, tuple):
            return ", ".join(item if isinstance(item, str) else f"{item:.12g}" for item in self.value)
        return f"{self.value:.12g}"

    def with_value(self, raw: object) -> Parameter:
        """The same entry with another value of the same shape.

        Raises:
            InputError: another shape, not finite, or physically impossible.
        """
        value = checked_value(self, raw)
        if shape_of(value) != shape_of(self.value):
            raise refuse("value_shape", expected=shape_of(self.value), found=shape_of(value), layer=self.key)
        if isinstance(value, Mapping) and isinstance(self.value, Mapping):
            value = {name: value[name] for name in self.value}
        return replace(self, value=value)


def checked_value(entry: Parameter, raw: object) -> Value:
    """`raw` as a value of the book.

    Raises:
        InputError: it is no number, list or mapping of numbers, not finite, or physically impossible for `entry`.
    """
    value = _value(entry.key, raw)
    numbers = [item for item in items_of(value) if isinstance(item, float)]
    for number in numbers:
        broken = entry.limits.broken(number)
        if broken is not None:
            raise refuse(broken, layer=entry.key)
        if entry.is_share and number > 1.0:
            raise refuse("share_above_one", found=number, layer=entry.key)
    if entry.is_share and isinstance(value, Mapping) and abs(sum(numbers) - 1.0) > SUM_TOLERANCE:
        raise refuse("shares_not_one", found=sum(numbers), layer=entry.key)
    if entry.is_share and isinstance(value, tuple) and sum(numbers) > 1.0 + SUM_TOLERANCE:
        raise refuse("shares_above_one", found=sum(numbers), layer=entry.key)
    return value


def _value(key: str, raw: object) -> Value:
    if isinstance(raw, Mapping) and raw:
        return {str(name): checked_number(key, item) for name, item in raw.items()}
    if isinstance(raw, list | tuple) and raw:
        if all(isinstance(item, str) for item in raw):
            return tuple(str(item) for item in raw)
        return tuple(checked_number(key, item) for item in raw)
    return checked_number(key, raw)


def checked_number(key: str, raw: object) -> float:
    """`raw` as a finite float.

    Raises:
        InputError: it is not a number, or not below LARGEST_NUMBER.
    """
    number = raw.item() if isinstance(raw, np.generic) else raw
    if isinstance(number, bool) or not isinstance(number, int | float):
        raise refuse("number_needed", found=printable(str(raw), LONGEST_VALUE), layer=key)
    if not -LARGEST_NUMBER <= number <= LARGEST_NUMBER:  # refuses NaN too
        if isinstance(number, int):
            raise refuse("whole_number_too_large", most=LARGEST_NUMBER, layer=key)
        raise refuse("number_too_large", most=LARGEST_NUMBER, found=number, layer=key)
    return float(number) + 0.0  # zero has no sign, and one digest


def items_of(value: Value) -> tuple[float | str, ...]:
    """The numbers or names that a value holds."""
    if isinstance(value, Mapping):
        return tuple(value.values())
    return value if isinstance(value, tuple) else (value,)


def plain_value(value: Value) -> Any:  # noqa: ANN401 - what YAML and JSON hold
    """The value as number, list or dict."""
    if isinstance(value, Mapping):
        return dict(value)
    return list(value) if isinstance(value, tuple) else value


def shape_of(value: Value) -> Message:
    """The shape of a value, to be said; equal messages mean equal shapes."""
    if isinstance(value, Mapping):
        return message("shape_table", names=tuple(sorted(value)))
    if isinstance(value, tuple):
        return message("shape_names" if isinstance(value[0], str) else "shape_numbers", n=len(value))
    return message("shape_number")


def confidence_text(letter: str, language: str) -> str:
    """What a letter of confidence means."""
    return text(f"confidence_{letter}", language)


def letter_texts(counts: Mapping[str, int], language: str) -> list[str]:
    """Every letter of confidence with what it means and how many parameters have it."""
    return [
        text("letter_count", language, letter=letter, meaning=confidence_text(letter, language), n=n)
        for letter, n in counts.items()
    ]


def unknown_name(key: object, known: Iterable[str]) -> Message:
    """The message for a name that does not exist, with the nearest one that does."""
    name = printable(str(key), LONGEST_NAME)
    nearest = difflib.get_close_matches(name, list(known), n=1, cutoff=0.6)
    if nearest:
        return message("name_unknown_nearest", name=name, nearest=nearest[0])
    return message("name_unknown", name=name)


def unknown_id(key: object, known: Sequence[str]) -> Message:
    """The message for an id that no row has, with the nearest one and the first and last of those that exist."""
    problem = unknown_name(key, known)
    return message("id_unknown", problem=problem, first=known[0], last=known[-1]) if known else problem
