"""What a heading means: which of our columns it names, in which unit. One table, `synonyms.yaml`, serves all readers.

A heading is read as written ("gross_floor_area_m2"), by a label or a synonym ("现状建筑面积", "GFA"), with a unit in it
("建筑面积（万㎡）", "area_ha", "人口/万人"), and where a Shapefile has cut it at ten bytes ("legal_shar", "建筑面").
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Literal

import yaml

from data.dictionary import LAYERS, Column, import_columns, table_columns
from data.headings.units import read_unit

PLAN = "plan"
"""The table's layer of plans made elsewhere, which no city file has."""
EXCEPTIONS = "exceptions"
"""The same of exceptions from rules."""
ACTUALS = "actuals"
"""The same of what came of a plan."""
OF_DICTIONARY = {PLAN: ("evidence", "plan"), EXCEPTIONS: ("compliance", "exceptions"), ACTUALS: ("record", "actuals")}
"""Tables of the dictionary whose labels these layers read: what a room hands out can be brought back."""
CUT_BYTES = 10
"""Bytes of a column's name that a Shapefile keeps."""
_IN_BRACKETS = re.compile(r"\(([^()]*)\)|\[([^\[\]]*)\]|【([^【】]*)】")
_BETWEEN = "_/,:·- "
_YEAR = re.compile(r"^(?:19|20)\d\d年?|(?:19|20)\d\d年?$")
_NOT_KEPT = re.compile(r"[\s_\-./·'\"()\[\]【】*]")
_TOO_SHORT = frozenset(["1", "-", "a", "m", "mo"])
"""Units that are no unit at the end of a name: `area_1` is the second of two, not an area in ones."""

How = Literal["name", "synonym", "cut"]


@dataclass(frozen=True)
class Heading:
    """What a heading was understood as.

    Attributes:
        column: ours.
        unit: as it is written in the heading; "" where none is.
        how: by our own name, by a label or synonym, or by a name cut at ten bytes.
        remark: what stands in brackets and is no unit.
    """

    column: str
    unit: str
    how: How
    remark: str = ""


@cache
def read_heading(words: str, layer: str) -> Heading | None:
    """Which column a heading names; None where it is none that we know.

    Args:
        words: the heading as it stands in the file.
        layer: one of the dictionary's layers, PLAN, EXCEPTIONS or ACTUALS.

    Example:
        >>> read_heading("建筑面积（万㎡）", "villages")
        Heading(column='gross_floor_area_m2', unit='万㎡', how='synonym', remark='')
    """
    if words in _own_names(layer):
        return Heading(words, "", "name")
    half_width = "".join(_half_width(letter) for letter in words).strip()
    return _whole(half_width, "", layer) or _with_unit(half_width, layer) or _cut(half_width, layer)


def remark_in_brackets(words: str) -> str:
    """What stands in brackets of a heading; "" where nothing does."""
    words = "".join(_half_width(letter) for letter in words)
    return ", ".join("".join(groups) for groups in _IN_BRACKETS.findall(words))


def synonyms(layer: str) -> dict[str, tuple[str, ...]]:
    """Column -> every name that it has: its own, its labels, what people call it.

    Args:
        layer: one of the dictionary's layers, PLAN, EXCEPTIONS or ACTUALS.
    """
    found: dict[str, tuple[str, ...]] = {}
    for column, name in _names(layer):
        found[column] = (*found.get(column, ()), name)
    return found


def our_word(column: str, cell: str) -> str | None:
    """The word of ours that a cell means, as 教育 means education; None where it is none that we know.

    Args:
        column: whose words, as `values` in the table lists them.
        cell: as it stands in the file.
    """
    return _words(column).get(_plain(cell))


def _whole(words: str, unit: str, layer: str) -> Heading | None:
    column = _table(layer).get(_plain(words))
    return None if column is None else Heading(column, unit, "synonym")


def _with_unit(words: str, layer: str) -> Heading | None:
    """A heading that ends in a unit, or holds one in brackets; other words in brackets are remarks."""
    bare = _IN_BRACKETS.sub(" ", words).strip()
    if bare != words:
        inner, unit = read_heading(bare, layer), unit_in_brackets(words)
        if inner is None:
            return None
        remark = "" if unit else remark_in_brackets(words)
        return Heading(inner.column, unit or inner.unit, "synonym" if inner.how == "name" else inner.how, remark)
    for end in range(1, len(words)):
        between = words[end] in _BETWEEN
        unit = words[end:].lstrip(_BETWEEN) if between else words[end:]
        if (between or not words[end].isascii()) and _is_unit(unit):
            found = _whole(words[:end], unit, layer)
            if found is not None:
                return Heading(found.column, unit.replace("_", "/"), found.how)
    return None


def _is_unit(words: str) -> bool:
    is_number = words.replace(",", "").isdigit()
    return words not in _TOO_SHORT and not is_number and read_unit(words.replace("_", "/")) is not None


def unit_in_brackets(words: str) -> str:
    """The first unit among the words in brackets; "" where none is.

    Args:
        words: a heading, "总量（万㎡，现状）".
    """
    words = "".join(_half_width(letter) for letter in words)
    for groups in _IN_BRACKETS.findall(words):
        for part in re.split(r"[,;、，；]", "".join(groups)):
            unit = re.sub(r"^(单位|unit)\s*[:：]?", "", part.strip())
            if unit and read_unit(unit) is not None:
                return unit
    return ""


def _cut(words: str, layer: str) -> Heading | None:
    """The one column whose name, label or synonym begins so, where the words are as long as a Shapefile's names."""
    found = {
        column
        for column, name in _names(layer)
        for coding in ("utf-8", "gb18030")
        if len(name.encode(coding)) > CUT_BYTES
        and name.encode(coding)[:CUT_BYTES].decode(coding, errors="ignore").lower() == words.lower()
    }
    return Heading(found.pop(), "", "cut") if len(found) == 1 else None


def bilingual(column: Column) -> str:
    """The label of a column in both languages, as the templates head it."""
    return f"{column.label['zh']} {column.label['en']}"


def _names(layer: str) -> Iterator[tuple[str, str]]:
    """Column and each of its names: its own, its labels, what people call it."""
    for column in _own_names(layer):
        yield column, column
    yield from _labels(layer)
    for column, names in _content()["layers"][layer].items():
        for name in names:
            yield column, name


def _labels(layer: str) -> Iterator[tuple[str, str]]:
    """Column and each of its labels in the dictionary."""
    if layer in LAYERS:
        for column, entry in import_columns(layer).items():
            for label in (*entry.label.values(), bilingual(entry)):
                yield column, label
    else:
        known = table_columns(*OF_DICTIONARY[layer])
        for column in _own_names(layer):
            if column in known:
                for label in known[column].label.values():
                    yield column, label


def _own_names(layer: str) -> tuple[str, ...]:
    return tuple(import_columns(layer)) if layer in LAYERS else tuple(_content()["layers"][layer])


@cache
def _table(layer: str) -> dict[str, str]:
    """Plain form of every name -> column.

    Raises:
        ValueError: a name stands for two columns.
    """
    table: dict[str, str] = {}
    for column, name in _names(layer):
        if table.setdefault(_plain(name), column) != column:
            raise ValueError(f"{layer}: {name} names both {table[_plain(name)]} and {column}")
    return table


@cache
def _words(column: str) -> dict[str, str]:
    """Plain form of a cell -> our word."""
    ours = _content()["values"].get(column, {})
    return {_plain(word): own for own, words in ours.items() for word in (own, *words)}


def _plain(words: str) -> str:
    """Words as they are compared: half width, lower case, without year, spaces and underscores."""
    kept = _NOT_KEPT.sub("", unicodedata.normalize("NFKC", words).lower())
    return _YEAR.sub("", kept) or kept


def _half_width(letter: str) -> str:
    """Brackets and signs in half width; ㎡ and ² stay what they are, as a unit is quoted as it was written."""
    return unicodedata.normalize("NFKC", letter) if "\uff00" <= letter <= "\uffef" else letter


@cache
def _content() -> dict[str, Any]:
    content: dict[str, Any] = yaml.safe_load(Path(__file__).with_name("synonyms.yaml").read_text(encoding="utf-8"))
    return content
