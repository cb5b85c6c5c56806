"""What a clause says: fields of a scenario with their values, or what stands in the way of reading it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from data.catalogue import Message, message
from data.headings.units import factor_to
from data.sentences.lexicon import Mention, Thing, things
from data.sentences.tokens import Quantity, Token

SAID_TWICE_CLOSE = 5e-5
"""A share so near to the book's value is meant as it: two thirds are its 0.6667."""
LEAST_PERSONS_UNSAID = 1000
"""From here on a bare number of people can mean nothing but persons; a smaller one may be meant in 10,000."""
LONGEST_YEARS = 200
"""A larger number of years is a year of the calendar."""
_PLAIN, _MONEY = ("-", "m2/m2", "x"), ("CNY", "CNY/yr")
_SAME = (("pieces", "villages"), ("kilometers", "km"))
_COUNTED = ("years", "villages", "levels", "persons")


@dataclass(frozen=True)
class Claims:
    """Fields that a clause sets.

    Attributes:
        fields: path and value: `floor_area_ratio.high`, 2.5.
        is_about: whether the number was said to be about so much.
    """

    fields: tuple[tuple[str, Any], ...]
    is_about: bool = False


@dataclass(frozen=True)
class Problem:
    """Why a clause is not taken, though its words are known."""

    message: Message


Outcome = Claims | Problem


@dataclass(frozen=True)
class Chunk:
    """Words that are read together, fillers left out.

    Attributes:
        tokens: the words.
        n_borrowed: how many of them, the first, belong to the words before, which these go on with.
    """

    tokens: tuple[Token, ...]
    n_borrowed: int = 0

    @property
    def place(self) -> tuple[int, int]:
        """Where its own words begin and end in the sentence."""
        return self.tokens[self.n_borrowed].start, self.tokens[-1].end

    def of(self, *kinds: str) -> list[Token]:
        """The tokens of some kinds, in order."""
        return [token for token in self.tokens if token.kind in kinds]

    def has(self, *kinds: str) -> bool:
        """Whether any token is of these kinds."""
        return any(token.kind in kinds for token in self.tokens)

    def holds_only(self, *kinds: str) -> bool:
        """Whether every token is of these kinds."""
        return all(token.kind in kinds for token in self.tokens)


def things_meant(tokens: Sequence[Token]) -> list[Thing]:
    """The things of which all these words speak: whole words, or all parts of one way to say it."""
    mentioned: dict[str, list[list[Mention]]] = {}
    for token in tokens:
        for name in dict.fromkeys(mention.thing for mention in token.mentions):
            of_thing = [mention for mention in token.mentions if mention.thing == name]
            mentioned.setdefault(name, []).append(of_thing)
    return [things()[name] for name, words in mentioned.items() if len(words) == len(tokens) and _is_whole(words)]


def _is_whole(words: list[list[Mention]]) -> bool:
    if any(not mention.part for of_word in words for mention in of_word):
        return True
    ways = {mention.of for of_word in words for mention in of_word}
    return any(
        all(any(m.part == part and m.of == way for of_word in words for m in of_word) for part in way) for way in ways
    )


def value_in(quantity: Quantity, value: float, unit: str) -> float | Problem:
    """A number in a unit of ours.

    Args:
        quantity: says the unit in which the number was said.
        value: the number.
        unit: ours.

    Returns:
        The value, or the problem that the unit is missing or another one.
    """
    if unit.startswith(("share", "0..1", "1/yr")):
        return value if _is_share(quantity, value) else _needs("%")
    if quantity.is_share:
        return _needs(unit)
    if unit == "years" and value > LONGEST_YEARS:
        return Problem(message("sentence_calendar_years"))
    if unit in _PLAIN:
        is_plain = not quantity.unit and not quantity.is_multiple
        return value if is_plain or (quantity.unit == "times" and unit != "-") else _needs(unit)
    factor = _factor(quantity, value, unit)
    return _needs(unit) if factor is None else _whole(value * factor, unit)


def _is_share(quantity: Quantity, value: float) -> bool:
    """Whether a number is a share: said as one, or written between 0 and 1 with a decimal point."""
    is_plain = quantity.has_point and not quantity.is_multiple and 0.0 <= value <= 1.0
    return not quantity.unit and (quantity.is_share or is_plain)


def _factor(quantity: Quantity, value: float, unit: str) -> float | None:
    """What a number is multiplied by to be in our unit; None where its own is missing or measures something else."""
    is_zero = value == 0.0 and unit not in _COUNTED
    if not quantity.unit:
        is_money = unit in _MONEY and quantity.is_multiple
        are_people = unit == "persons" and value >= LEAST_PERSONS_UNSAID
        return 1.0 if is_zero or is_money or are_people else None
    if quantity.unit == unit or (quantity.unit, unit) in _SAME:
        return 1.0
    return factor_to(quantity.unit, "CNY" if unit in _MONEY else unit.split(" ", maxsplit=1)[0])


def _whole(value: float, unit: str) -> float | Problem:
    if unit in _COUNTED and value != int(value):
        return Problem(message("sentence_needs_whole"))
    return int(value) if unit in ("years", "villages", "levels") else value


def _needs(unit: str) -> Problem:
    return Problem(
        message("sentence_needs_unit", unit=message(f"sentence_unit_{_UNITS.get(unit, 'other')}", unit=unit))
    )


_UNITS = {
    "%": "share",
    "share": "share",
    "years": "years",
    "villages": "villages",
    "-": "plain",
    "m2/m2": "plain",
    "x": "plain",
    "CNY": "money",
    "CNY/yr": "money",
    "m2": "area",
    "m2 land": "area",
    "persons": "persons",
    "levels": "levels",
}
