"""What an import filled in, in words: with what, how much of a city's data, and how sure it is."""

from __future__ import annotations

from collections import Counter
from typing import Protocol

from app.words.console import listed
from data.catalogue import catalogue, text
from data.city import City
from data.dictionary import ID_COLUMN, LAYERS, columns, import_columns
from data.parameter import CONFIDENCES, letter_texts


class Origin(Protocol):
    """Whence a value comes: a record of what was filled in, or what would be."""

    @property
    def rule(self) -> str:
        """As in data.city.Fill."""

    @property
    def value(self) -> str:
        """The number or word; "" where it differs by row."""

    @property
    def key(self) -> str:
        """Of the book."""

    @property
    def of(self) -> str:
        """The column that it is taken from."""


def column_label(layer: str, name: str, language: str) -> str:
    """What a column is called; its own name where the dictionary has none."""
    known = import_columns(layer)
    return dict(known[name].label)["zh" if language == "zh" else "en"] if name in known else name


def origin_text(layer: str, origin: Origin, language: str) -> str:
    """What a column is filled with.

    Args:
        layer: of the column.
        origin: whence the value comes.
        language: of the words.
    """
    of = column_label("zones" if origin.rule == "zone" else layer, origin.of, language)
    word = f"fill_word_{origin.value}"
    value = text(word, language) if word in catalogue() else origin.value
    said = text(f"fill_{origin.rule}", language, of=of, value=value)
    return text("fill_with_key", language, words=said, key=origin.key) if origin.key else said


def n_values(city: City) -> int:
    """Cells of a city that describe its places: all but ids and what need not be known."""
    described = {
        layer: [name for name, column in columns(layer).items() if name != ID_COLUMN[layer] and not column.optional]
        for layer in LAYERS
    }
    return sum(len(getattr(city, layer)) * len(names) for layer, names in described.items())


def filled_counts(city: City) -> dict[str, int]:
    """Letter of confidence -> cells that an import filled in with such values; letters without any are left out."""
    count: Counter[str] = Counter()
    for fill in city.fills:
        count[fill.letter] += fill.n_filled
    return {letter: count[letter] for letter in CONFIDENCES if count[letter]}


def fills_line(city: City, language: str) -> str:
    """How much of a city's data was filled in, in one line; "" where nothing was."""
    counts = filled_counts(city)
    if not counts:
        return ""
    letters = listed(letter_texts(counts, language), language)
    return text("fills_line", language, n=sum(counts.values()), m=n_values(city), letters=letters)


def fill_rows(city: City, language: str) -> list[tuple[str, str, str, str, str]]:
    """Layer, column, cells filled of all, with what, letter: one row for each filling, in the order of the layers."""
    return [
        (
            text(f"layer_{fill.layer}", language),
            column_label(fill.layer, fill.column, language),
            text("fill_share", language, n=fill.n_filled, m=fill.n_rows),
            origin_text(fill.layer, fill, language),
            fill.letter,
        )
        for fill in sorted(city.fills, key=lambda fill: LAYERS.index(fill.layer))
    ]


def fill_header(language: str) -> list[str]:
    """Names of the columns of `fill_rows`."""
    return [text(f"fill_column_{name}", language) for name in ("layer", "column", "share", "origin", "letter")]
