"""Import, what stands in for a column that a file does not give: value, letter and source, from dictionary and book."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from data.catalogue import Message, message
from data.dictionary import POLYGON_AREA, Column, DefaultEach, DefaultRatio
from data.parameter import CONFIDENCES
from data.parameter_book import PARAMETERS_FOLDER, Book, read_book

FILLS_FILE = Path(__file__).with_name("fills.yaml")
COMPUTED = "C"
"""Letter of what is taken from the files themselves: the zone's value, the polygon's area, the nearest row's."""


@cache
def fill_book() -> Book:
    """The parameter book and, beside it, the values that only an import fills in."""
    return read_book([*sorted(PARAMETERS_FOLDER.glob("*.yaml")), FILLS_FILE])


@dataclass(frozen=True)
class Default:
    """What a column is filled with.

    Attributes:
        rule: whence it comes, as in Fill.
        letter: how sure it is.
        value: the number or word, as text; "" where it differs by row.
        key: of the book.
        of: the column that it is taken from or is proportional to.
    """

    rule: str
    letter: str
    value: str = ""
    key: str = ""
    of: str = ""

    @property
    def words(self) -> Message:
        """The default as the record of an import says it."""
        return message(SAID.get(self.rule, "note_default_value"), of=self.of, key=self.key, value=self.value)


SAID = {
    "zone": "note_default_zone",
    "each": "note_default_each",
    "times": "note_default_times",
    "polygon": "note_default_times",
    "over": "note_default_over",
}
"""Rule of a default -> the text that says it."""


def default_of(column: Column) -> Default | None:
    """What fills a column where a file says nothing; None where nothing does, or it is left empty.

    Args:
        column: an entry of the dictionary.
    """
    if column.default_zone is not None:
        return Default("zone", COMPUTED, of=column.default_zone)
    if column.default_each is not None:
        return _by_word(column.default_each)
    if column.default_ratio is not None:
        return _in_proportion(column.default_ratio)
    if column.default_book is not None:
        entry = fill_book()[column.default_book]
        return Default("book", entry.confidence, entry.value_text, entry.key)
    if column.default is None or column.default == "":
        return None
    value = f"{column.default:g}" if isinstance(column.default, float) else str(column.default).lower()
    return Default("constant", column.letter or "E", value)


def _by_word(each: DefaultEach) -> Default:
    letters = [entry.confidence for key, entry in fill_book().items() if key.startswith(f"{each.book}.")]
    return Default("each", least_sure(letters), key=each.book, of=each.of)


def _in_proportion(ratio: DefaultRatio) -> Default:
    key = ratio.times or ratio.over
    if key is None:
        return Default("polygon" if ratio.of == POLYGON_AREA else "times", COMPUTED, "1", of=ratio.of)
    entry = fill_book()[key]
    return Default("over" if ratio.over else "times", entry.confidence, entry.value_text, key, ratio.of)


def least_sure(letters: Iterable[str]) -> str:
    """The letter of what is known least."""
    return max(letters, key=CONFIDENCES.index)
