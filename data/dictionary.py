"""The data dictionary: what every column of a city is, of residents, their day, bargaining, reasons, diagnosis.

Read from `dictionary.yaml` by loader, validation, writers and docs.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Annotated, Any, Literal, Self

import yaml
from pydantic import BaseModel, ConfigDict, Field, model_validator

LAYERS: tuple[str, ...] = ("zones", "villages", "facilities", "stations")
"""Layers of a city file, in the order in which they are written."""

ID_COLUMN: dict[str, str] = {
    "zones": "zone_id",
    "villages": "village_id",
    "facilities": "facility_id",
    "stations": "station_id",
}
"""Identity column of each layer."""

POLYGON_LAYERS: tuple[str, ...] = ("zones", "villages")
"""Layers of polygons; the others are points."""

TABLES: Mapping[str, tuple[str, ...]] = {
    "people": ("persons", "households"),
    "compliance": ("clauses", "places", "exceptions"),
    "evidence": (
        "plan",
        "indicators",
        "yearly",
        "cash_flow",
        "indicators_by_district",
        "parameters",
        "sources",
        "notes",
        "dictionary",
    ),
    "effects": ("effects", "flows"),
    "day": ("trips", "present", "doing"),
    "diagnosis": ("villages", "weights", "answers", "areas", "density", "cases", "nearest", "plan"),
    "record": ("actuals", "compared", "villages", "years"),
    "bargain": ("projects", "offers", "packages", "terms", "rounds", "pools", "statements"),
    "agreements": ("options", "villages"),
    "explain": (
        "outcomes",
        "attribution",
        "quantities",
        "choices",
        "sums",
        "removals",
        "path",
        "alternatives",
        "path_edges",
    ),
    "robust": ("villages", "plans", "samples"),
    "stress": ("spread", "chances", "ranks", "fan", "indicator_fan", "worst_years", "causes", "rules", "price"),
    "whatif": ("differences", "rules", "neighbors", "levers", "smallest"),
}
"""Tables that commands write, by chapter: residents, effects, day, diagnosis, record, bargaining, reasons, what if not.

After the columns of `rounds` stand indicators; among those of `neighbors`, `path` and `alternatives`,
`OBJECTIVE_change` for each objective."""

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
"""The file is our own; libyaml reads it eight times as fast."""

POLYGON_AREA = "polygon_area_m2"
"""Name under which `default_ratio` refers to the area of the row's own polygon."""


class DefaultRatio(BaseModel):
    """A default in proportion to another column of the same row, by a key of the book; without one, equal to it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    of: str
    times: str | None = None
    over: str | None = None


class DefaultEach(BaseModel):
    """A default by the word that another column of the same row holds: the key `book.word` of the book."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    of: str
    book: str


class Column(BaseModel):
    """One column of one layer.

    Attributes:
        type: text, number (float64) or flag (bool).
        unit: unit of a number; "1" for shares.
        low: least believable value, inclusive.
        high: largest believable value, inclusive.
        choices: allowed texts; empty = any.
        default: constant that the import fills in.
        letter: how sure that constant is, as in the parameter book.
        default_book: the import fills in this key of the book.
        default_each: the import fills in a key of the book for each word of another column.
        default_ratio: the import fills in a multiple of another column.
        default_zone: the import fills in this column of the containing zone.
        from_nearest: where any row has a value, the import fills in that of the nearest row that has one.
        optional: a city file may lack the column; then the default holds everywhere, or nothing is known.
        marks: the import writes true where it filled this column of the same row from the containing zone.
        label: short name, en and zh.
        description: what it means.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    type: Literal["text", "number", "flag"]
    unit: str = ""
    low: float | None = None
    high: float | None = None
    choices: tuple[str, ...] = ()
    default: str | bool | float | None = None
    letter: Literal["S", "C", "M", "E"] | None = None
    default_book: str | None = None
    default_each: DefaultEach | None = None
    default_ratio: DefaultRatio | None = None
    default_zone: str | None = None
    from_nearest: bool = False
    optional: bool = False
    marks: str | None = None
    label: dict[Literal["en", "zh"], Annotated[str, Field(min_length=1)]]
    description: Annotated[str, Field(min_length=1)]

    @model_validator(mode="after")
    def _coherent(self) -> Self:
        bounded = self.low is not None and self.high is not None and bool(self.unit)
        if (self.type == "number") != bounded:
            raise ValueError("a number, and only a number, has unit, low and high")
        if len(self._defaults) > 1:
            raise ValueError("give at most one default")
        return self

    @property
    def bounds(self) -> tuple[float, float]:
        """Least and largest believable value of a number; unbounded for other types."""
        return (-math.inf if self.low is None else self.low, math.inf if self.high is None else self.high)

    @property
    def required(self) -> bool:
        """Whether the import refuses a layer without it."""
        return not (self.optional or self._is_filled)

    @property
    def may_be_empty(self) -> bool:
        """Whether an empty cell stays empty and means that nothing is known."""
        return self.optional and not self._is_filled

    @property
    def _is_filled(self) -> bool:
        return bool(self._defaults)

    @property
    def _defaults(self) -> list[object]:
        """The defaults that are given; one at most."""
        given = (self.default, self.default_book, self.default_each, self.default_ratio, self.default_zone)
        return [default for default in given if default is not None]


@cache
def dictionary() -> Mapping[str, Mapping[str, Column]]:
    """Layer -> column name -> column, in the order in which they are stored."""
    return {layer: _read(_file()[layer]) for layer in LAYERS}


@cache
def helpers() -> Mapping[str, Mapping[str, Column]]:
    """Layer -> columns that an import reads to make others of the layer, and that no city file has."""
    return {layer: _read(_file()["helpers"].get(layer, {})) for layer in LAYERS}


def columns(layer: str) -> Mapping[str, Column]:
    """Columns of one layer.

    Args:
        layer: one of LAYERS.

    Raises:
        KeyError: there is no such layer.
    """
    return dictionary()[layer]


def import_columns(layer: str) -> Mapping[str, Column]:
    """Columns of one layer, and its helpers.

    Args:
        layer: one of LAYERS.

    Raises:
        KeyError: there is no such layer.
    """
    return {**dictionary()[layer], **helpers()[layer]}


@cache
def table_columns(chapter: str, table: str) -> Mapping[str, Column]:
    """Columns of a table that a command writes, in the order in which they are stored.

    Args:
        chapter: one of TABLES.
        table: of that chapter.

    Raises:
        KeyError: there is no such table.
    """
    return _read(_file()[chapter][table])


def _read(entries: Mapping[str, Any]) -> dict[str, Column]:
    return {name: Column.model_validate(entry) for name, entry in entries.items()}


@cache
def _file() -> dict[str, Any]:
    content: dict[str, Any] = yaml.load(Path(__file__).with_name("dictionary.yaml").read_bytes(), _LOADER)
    return content
