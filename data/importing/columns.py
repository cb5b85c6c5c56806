"""Import, the columns: mapping, headings, constants, tables, units; every row that is touched is counted in a note."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from data.arrays import FloatArray
from data.dictionary import ID_COLUMN, Column, columns, import_columns
from data.errors import LONGEST_NAME, InputError, printable, refuse
from data.files.column_mapping import SPLIT_COLUMNS, Cell, GroupMean, GroupTable
from data.headings.units import factor_to
from data.importing.cells import is_blank, read_cells
from data.importing.draft import Draft
from data.importing.readings import Reading, read_headings
from data.layers.attribute_checks import row_ids
from data.table_cells import flags, is_missing, numbers, object_array, texts


def map_columns(draft: Draft) -> None:
    """Replace the source's columns by ours, as far as the mapping or the headings provide them.

    Raises:
        InputError: a column that the mapping names is not there, or headings cannot be told apart.
    """
    readings = _readings(draft)
    made = {}
    for name, column in import_columns(draft.layer).items():
        content = _content(draft, name, readings.get(name))
        if content is not None:
            made[name] = _settled(draft, name, column, content, readings.get(name))
    _note_unused(draft, readings)
    geometry = draft.frame.geometry.array
    draft.frame = gpd.GeoDataFrame(pd.DataFrame(made, index=draft.frame.index), geometry=geometry)


def _readings(draft: Draft) -> dict[str, Reading]:
    try:
        readings = read_headings(draft.headings(), draft.layer, draft.mapping)
    except InputError as error:
        raise error.within(file=draft.file, layer=draft.layer) from None
    for name, reading in readings.items():
        note = reading.note(import_columns(draft.layer)[name].unit)
        if note is not None:
            draft.note("note_reading", note=note)
    return readings


def _content(draft: Draft, name: str, reading: Reading | None) -> NDArray[Any] | None:
    """The cells of one of our columns, or None where nothing provides it."""
    mapping, n_rows = draft.mapping, len(draft.frame)
    if name in mapping.constants:
        return np.full(n_rows, mapping.constants[name], dtype=object)
    if name in mapping.tables:
        return _spread(draft, name, mapping.tables[name])
    if mapping.number_ids and name == ID_COLUMN[draft.layer]:
        draft.note("note_numbered", column=name, n=n_rows)
        return np.array([f"{draft.layer}-{row + 1}" for row in range(n_rows)], dtype=object)
    if mapping.split and name in SPLIT_COLUMNS:
        return draft.frame[name].to_numpy(dtype=object)
    if reading is None:
        return None
    return draft.source(reading.heading, f"columns: {name}").to_numpy(dtype=object)


def _settled(draft: Draft, name: str, column: Column, content: NDArray[Any], reading: Reading | None) -> NDArray[Any]:
    """Cells in our words and our unit, empty ones filled where the mapping says how."""
    mapping = draft.mapping
    if name in mapping.translate:
        content = _translated(content, mapping.translate[name])
    if name in mapping.unknown:
        content = _without(draft, name, content, mapping.unknown[name])
    factor = mapping.scale.get(name, _unit_factor(draft, name, column, reading))
    content, n_read = read_cells(content, name, column, factor)
    if n_read:
        draft.note("note_other_words", column=name, n=n_read)
    if factor != 1.0 or name in mapping.scale:
        content = _scaled(draft, name, content, factor)
    if name in mapping.fill:
        content = _filled_by_group(draft, name, numbers(pd.Series(content)), mapping.fill[name])
    return content


def _unit_factor(draft: Draft, name: str, column: Column, reading: Reading | None) -> float:
    """Of the unit that the mapping or the heading states; 1 where none does."""
    if reading is not None:
        return reading.factor
    stated = draft.mapping.units.get(name)
    return 1.0 if stated is None else factor_to(stated, column.unit) or 1.0


def _scaled(draft: Draft, name: str, content: NDArray[Any], factor: float) -> FloatArray:
    """Numbers times a factor; a cell that is none is refused here, where it can still be shown."""
    scaled = numbers(pd.Series(content))
    lost = np.isnan(scaled) & np.array([not is_blank(cell) for cell in content], dtype=np.bool_)
    if lost.any():
        rows = row_ids(draft.frame, draft.layer, lost)
        raise refuse(
            "column_must_be_number",
            column=name, found=_shown(content, lost), file=draft.file, layer=draft.layer, rows=rows,
        )  # fmt: skip
    return scaled * factor


def _spread(draft: Draft, name: str, table: GroupTable) -> FloatArray:
    """Group totals spread over rows in proportion to a column."""
    group = texts(draft.source(table.by, f"tables: {name}: by"))
    weight = numbers(draft.source(table.spread_by, f"tables: {name}: spread_by"))
    if not (weight >= 0.0).all():
        rows = [f"#{idx + 1}" for idx in np.flatnonzero(~(weight >= 0.0))]
        raise refuse("spread_weight", name=name, column=table.spread_by, file=draft.file, layer=draft.layer, rows=rows)
    totals = dict(table.values)
    unknown = sorted({str(cell) for cell in group} ^ set(totals))
    if unknown:
        raise refuse("spread_groups", name=name, column=table.by, file=draft.file, layer=draft.layer, rows=unknown)
    codes, names = pd.factorize(group)
    total = np.bincount(codes, weights=weight, minlength=len(names))
    if not (total > 0.0).all():
        rows = [str(text) for text in names[total <= 0.0]]
        raise refuse(
            "spread_weight_zero", name=name, column=table.spread_by, file=draft.file, layer=draft.layer, rows=rows
        )
    draft.note("note_spread", column=name, by=table.by, to=table.spread_by)
    draft.synthetic[f"{draft.layer}.{name}"] = f"totals by {table.by} spread in proportion to {table.spread_by}"
    return np.array([totals[str(text)] for text in names])[codes] * weight / total[codes]


def _translated(content: NDArray[Any], values: Mapping[str, Cell]) -> NDArray[Any]:
    cells = texts(pd.Series(content, dtype=object))
    return object_array([values.get(key, cell) if key else cell for key, cell in zip(cells, content, strict=True)])


def _without(draft: Draft, name: str, content: NDArray[Any], values: Cell | list[Cell]) -> NDArray[Any]:
    """Cells that mean "not known" emptied."""
    meaning = set(texts(pd.Series(values if isinstance(values, list) else [values], dtype=object)))
    known = np.array([cell not in meaning for cell in texts(pd.Series(content, dtype=object))], dtype=np.bool_)
    if not known.all():
        draft.note("note_not_known", column=name, n=int((~known).sum()), m=len(known))
    return object_array([cell if kept else None for cell, kept in zip(content.tolist(), known, strict=True)])


def _filled_by_group(draft: Draft, name: str, values: FloatArray, fill: GroupMean) -> FloatArray:
    """Empty cells filled with the mean of their group, or with the value for groups without any."""
    empty = np.isnan(values)
    if not empty.any():
        return values
    group = pd.Series(texts(draft.source(fill.by, f"fill: {name}: by"))).fillna("")
    mean = pd.Series(values).groupby(group).transform("mean").to_numpy(dtype=np.float64)
    by_mean, otherwise = empty & ~np.isnan(mean), empty & np.isnan(mean)
    if by_mean.any():
        draft.note("note_filled_mean", column=name, n=int(by_mean.sum()), by=fill.by)
        draft.fill(name, by_mean, "C", "group", of=fill.by)
    if otherwise.any() and fill.otherwise is not None:
        draft.note("note_filled_otherwise", column=name, n=int(otherwise.sum()), value=fill.otherwise, by=fill.by)
        draft.fill(name, otherwise, "E", "constant", value=f"{fill.otherwise:g}")
        mean = np.where(otherwise, fill.otherwise, mean)
    draft.synthetic[f"{draft.layer}.{name}"] = f"partly filled with the mean of the {fill.by}"
    return np.where(empty, mean, values)


def _note_unused(draft: Draft, readings: Mapping[str, Reading]) -> None:
    mapping = draft.mapping
    used = {*mapping.keep, *mapping.columns.values(), *(reading.heading for reading in readings.values())}
    used |= {table.by for table in mapping.tables.values()} | {table.spread_by for table in mapping.tables.values()}
    used |= set(SPLIT_COLUMNS) if mapping.split else set()
    used |= {fill.by for fill in mapping.fill.values()} | {part.column for part in mapping.split.values()}
    unused = [name for name in draft.headings() if name not in used]
    if unused:
        draft.note("note_unused", names=unused)


def require_columns(draft: Draft) -> None:
    """Refuse a layer, already in our columns, that lacks a required one."""
    absent = [name for name, c in columns(draft.layer).items() if c.required and name not in draft.frame.columns]
    if absent:
        key = "id_missing_in_mapping" if absent == [ID_COLUMN[draft.layer]] else "columns_missing_in_mapping"
        raise refuse(key, names=absent, wanted=draft.layer, example=absent[0], file=draft.file, layer=draft.layer)


def set_types(draft: Draft) -> None:
    """Give every column its stored type, and leave out what no city file has; a cell that does not fit is refused."""
    reader: dict[str, Callable[[pd.Series[Any]], NDArray[Any]]] = {"number": numbers, "flag": flags, "text": texts}
    for name, column in columns(draft.layer).items():
        typed = reader[column.type](draft.frame[name])
        lost = np.array([is_missing(new) for new in typed], dtype=np.bool_)
        lost &= np.array([not is_missing(old) for old in draft.frame[name]], dtype=np.bool_)
        if lost.any():
            rows = row_ids(draft.frame, draft.layer, lost)
            found = _shown(draft.frame[name].to_numpy(dtype=object), lost)
            raise refuse(
                f"column_must_be_{column.type}", column=name, found=found, file=draft.file, layer=draft.layer, rows=rows
            )
        draft.frame[name] = typed
    draft.frame = draft.frame[[*columns(draft.layer), draft.frame.geometry.name]]


def _shown(content: NDArray[Any], lost: NDArray[np.bool_]) -> str:
    """The first of the cells that do not fit."""
    return printable(str(content[int(np.argmax(lost))]), LONGEST_NAME)
