"""One layer on its way in, and what happened to it: every row that is touched is counted in a note."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from data.arrays import BoolArray
from data.catalogue import Message, message
from data.city import Fill
from data.errors import refuse
from data.files.column_mapping import LayerMapping
from data.layers.geometry_checks import geometries, outside_zones, sound_mask
from data.table_cells import texts

EXAMPLE = "示例 example"
"""A cell of the row that a template shows as an example, which is no data."""


@dataclass
class Draft:
    """One layer on its way in.

    Attributes:
        layer: our layer.
        file: where it comes from.
        mapping: how its columns are made.
        frame: its rows; at first with the source's columns, then with ours.
        notes: what was dropped, repaired or read in other words, one line each.
        synthetic: layer or column -> note.
        filled: column -> rows whose cell the import filled in, shape (n_rows,).
        fills: how many cells of which column were filled, and with what.
    """

    layer: str
    file: Path
    mapping: LayerMapping
    frame: gpd.GeoDataFrame
    notes: list[Message] = field(default_factory=list)
    synthetic: dict[str, str] = field(default_factory=dict)
    filled: dict[str, BoolArray] = field(default_factory=dict)
    fills: list[Fill] = field(default_factory=list)

    def note(self, key: str, /, **values: object) -> None:
        """Add a line about this layer: a text of data/texts/import_notes.yaml, its places filled in."""
        self.notes.append(message("note_of_layer", layer=self.layer, note=message(key, **values)))

    def note_column(self, column: str, key: str, /, **values: object) -> None:
        """Add a line about one of our columns."""
        self.notes.append(message("note_of_column", layer=self.layer, column=column, note=message(key, **values)))

    def source(self, name: str, asked_by: str) -> pd.Series[Any]:
        """A column of the source, by name."""
        if name not in self.headings():
            names = self.headings() or message("nothing_listed")
            raise refuse(
                "source_column_unknown",
                asked_by=asked_by, name=name, names=names, file=self.file, layer=self.layer,
            )  # fmt: skip
        return self.frame[name]

    def headings(self) -> list[str]:
        """Names of the columns but the geometry's."""
        geometry = self.frame.active_geometry_name
        return [str(column) for column in self.frame.columns if column != geometry]

    def fill(
        self, column: str, cells: BoolArray, letter: str, rule: str, *, value: str = "", key: str = "", of: str = ""
    ) -> None:
        """Record cells that were filled in.

        Args:
            column: ours.
            cells: which, shape (n_rows,); none at all are no record.
            letter: how sure the value is.
            rule: whence it came, as in Fill.
            value: the number or word filled in, where it is one for all.
            key: of the book.
            of: the column that it was taken from.
        """
        if not cells.any():
            return
        self.filled[column] = cells | self.filled.get(column, np.zeros(len(cells), dtype=np.bool_))
        n_filled, n_rows = int(cells.sum()), len(cells)
        self.fills.append(Fill(self.layer, column, n_filled, n_rows, letter, rule, value, key, of))

    def keep(self, kept: BoolArray) -> None:
        """Drop the other rows, and what is known of their cells.

        Args:
            kept: shape (n_rows,).
        """
        self.frame = self.frame[kept].reset_index(drop=True)
        self.filled = {column: cells[kept] for column, cells in self.filled.items()}


def keep_rows(draft: Draft) -> None:
    """Drop a template's example, rows that the mapping does not keep, and those without geometry; count them all."""
    words = draft.frame[draft.headings()].select_dtypes(include=["object", "string"]).to_numpy(dtype=object)
    example = np.array([any(type(cell) is str and cell == EXAMPLE for cell in row) for row in words], dtype=np.bool_)
    if example.any():
        draft.note("note_examples_dropped", n=int(example.sum()))
        draft.frame = draft.frame[~example]
    for name, wanted in draft.mapping.keep.items():
        allowed = set(texts(pd.Series(wanted if isinstance(wanted, list) else [wanted], dtype=object)))
        kept = np.array([cell in allowed for cell in texts(draft.source(name, "keep"))], dtype=np.bool_)
        if not kept.all():
            draft.note("note_keep", n=int((~kept).sum()), m=len(kept), column=name, wanted=str(wanted))
        draft.frame = draft.frame[kept]
    shapes = geometries(draft.frame)
    present = ~(shapely.is_missing(shapes) | shapely.is_empty(shapes))
    if not present.all():
        draft.note("note_without_geometry", n=int((~present).sum()), m=len(present))
    draft.frame = draft.frame[present].reset_index(drop=True)


def drop_outside(draft: Draft, zones: Draft) -> None:
    """Drop the rows that lie in no zone, where the mapping says so, and count them."""
    if not draft.mapping.drop_outside_zones:
        return
    sound = sound_mask(draft.frame, draft.layer)
    shapes = geometries(zones.frame)[sound_mask(zones.frame, "zones")]
    outside = np.zeros(len(sound), dtype=np.bool_)
    outside[sound] = outside_zones(geometries(draft.frame)[sound], draft.layer, shapes)
    if outside.any():
        draft.note("note_outside_zones", n=int(outside.sum()), m=len(outside))
        draft.keep(~outside)
