"""What an import would read of a layer, before anything is imported: heading, unit, what is missing, what fills it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd

from data.dictionary import ID_COLUMN, Column, import_columns
from data.errors import InputError
from data.files.column_mapping import LayerMapping
from data.headings.synonyms import read_heading
from data.importing.columns import map_columns
from data.importing.defaults import COMPUTED, Default, default_of, least_sure
from data.importing.draft import Draft, keep_rows
from data.importing.facility_counts import split_counts
from data.importing.fills import blank_cells
from data.importing.readings import Reading, read_headings
from data.importing.village_people import TOTAL, split_residents


@dataclass(frozen=True)
class ColumnPreview:
    """One of our columns as an import would make it.

    Attributes:
        column: ours.
        reading: the file's column that it is read from, in its unit; None where none is.
        constant: what the mapping sets it to, as text; "" where it does not.
        n_missing: rows without a value.
        n_rows: rows of the layer.
        default: what fills those rows; None where they stay empty, or must not be.
        letter: how sure that is: no surer than what is filled into the column that it is taken from.
        is_needed: whether the import refuses a layer without it.
        ends: least and largest value, in our unit; None where there is no number.
        n_outside: values outside what the dictionary calls believable, which the import refuses: a wrong unit, mostly.
        n_twice: rows of an id that another row has, too, which the import refuses.
    """

    column: str
    reading: Reading | None
    constant: str
    n_missing: int
    n_rows: int
    default: Default | None
    letter: str
    is_needed: bool
    ends: tuple[float, float] | None = None
    n_outside: int = 0
    n_twice: int = 0

    @property
    def refuses(self) -> bool:
        """Whether the import would refuse the layer for what is missing here, or not believable."""
        return self.lacks or self.n_outside > 0 or self.n_twice > 0

    @property
    def lacks(self) -> bool:
        """Whether values are missing that nothing may fill in."""
        return self.is_needed and self.n_missing > 0


def preview_layer(frame: gpd.GeoDataFrame, layer: str, mapping: LayerMapping, file: str) -> list[ColumnPreview]:
    """What an import would make of each column of a layer; nothing is imported.

    Args:
        frame: the layer as it stands in the file.
        layer: ours.
        mapping: of the layer.
        file: what the file is called in a refusal.

    Raises:
        InputError: headings cannot be told apart, a unit does not fit, a cell is no number.
    """
    draft = Draft(layer, Path(file), mapping, frame)
    keep_rows(draft)
    split_counts(draft)
    readings = read_headings(draft.headings(), layer, mapping)
    map_columns(draft)
    if layer == "villages":
        split_residents(draft)
    previews: dict[str, ColumnPreview] = {}
    for name, column in import_columns(layer).items():
        if column.marks is None:
            n_rows = len(draft.frame)
            n_missing = 0 if name == TOTAL and name not in readings else int(blank_cells(draft, name).sum())
            default = Default("nearest", COMPUTED) if column.from_nearest and n_missing < n_rows else default_of(column)
            previews[name] = ColumnPreview(
                name,
                readings.get(name),
                str(mapping.constants.get(name, "")),
                n_missing,
                n_rows,
                default,
                "" if default is None else _letter(default, previews),
                column.required and name != TOTAL,
                *_plausibility(draft, name, column),
                _rows_twice(draft, name) if name == ID_COLUMN[layer] else 0,
            )
    return list(previews.values())


def _rows_twice(draft: Draft, name: str) -> int:
    """Rows whose id another row has, too."""
    if name not in draft.frame:
        return 0
    return int(draft.frame[name].dropna().astype(str).duplicated(keep=False).sum())


def _plausibility(draft: Draft, name: str, column: Column) -> tuple[tuple[float, float] | None, int]:
    """Least and largest value of a column, and how many values are not believable."""
    if column.type != "number" or name not in draft.frame:
        return None, 0
    values = pd.to_numeric(draft.frame[name], errors="coerce").to_numpy(np.float64)
    values = values[np.isfinite(values)]
    if not values.size:
        return None, 0
    low, high = (-np.inf if column.low is None else column.low), (np.inf if column.high is None else column.high)
    return (float(values.min()), float(values.max())), int(((values < low) | (values > high)).sum())


def _letter(default: Default, before: Mapping[str, ColumnPreview]) -> str:
    base = before.get(default.of) if default.rule != "zone" else None
    return least_sure([default.letter, *([base.letter] if base is not None and base.n_missing and base.letter else [])])


def suggested_headings(headings: Sequence[str], layer: str, mapping: LayerMapping) -> dict[str, Reading]:
    """Our column -> the file's column to begin with; of several that name one number, the first.

    Args:
        headings: names of the file's columns.
        layer: ours.
        mapping: of the layer.
    """
    try:
        return read_headings(headings, layer, mapping)
    except InputError:
        pass
    found: dict[str, Reading] = {}
    for heading in headings:
        meant = read_heading(heading, layer)
        if meant is not None and meant.column not in found:
            found[meant.column] = Reading(meant.column, heading, meant.how, meant.unit)
    return found | {ours: Reading(ours, theirs, "mapping") for ours, theirs in mapping.columns.items()}


def numbers_ids(layer: str, mapping: LayerMapping, readings: dict[str, Reading]) -> bool:
    """Whether rows are to be numbered: the mapping says so, or no column of the file names them."""
    return mapping.number_ids or (ID_COLUMN[layer] not in readings and ID_COLUMN[layer] not in mapping.constants)
