"""Import, the columns: mapping, constants, tables and defaults; every row that is touched is counted in a note."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from data.arrays import BoolArray, FloatArray
from data.catalogue import message
from data.dictionary import ID_COLUMN, POLYGON_AREA, Column, columns
from data.errors import LONGEST_NAME, printable, refuse
from data.files.column_mapping import Cell, GroupMean, GroupTable, LayerMapping
from data.layers.attribute_checks import row_ids
from data.layers.containment import containing_idx, inner_points
from data.layers.geometry_checks import geometries, sound_mask
from data.table_cells import flags, is_missing, numbers, object_array, texts


@dataclass
class Draft:
    """One layer on its way in.

    Attributes:
        layer: our layer.
        file: where it comes from.
        mapping: how its columns are made.
        frame: its rows; at first with the source's columns, then with ours.
        notes: what was dropped, repaired or filled, one line each.
        synthetic: layer or column -> note.
    """

    layer: str
    file: Path
    mapping: LayerMapping
    frame: gpd.GeoDataFrame
    notes: list[str] = field(default_factory=list)
    synthetic: dict[str, str] = field(default_factory=dict)

    def note(self, text: str) -> None:
        """Add a line about this layer."""
        self.notes.append(f"{self.layer}: {text}")

    def source(self, name: str, asked_by: str) -> pd.Series[Any]:
        """A column of the source, by name."""
        if name not in self.frame.columns or name == self.frame.geometry.name:
            names = [str(column) for column in self.frame.columns if column != self.frame.geometry.name]
            listed = names or message("nothing_listed")
            raise refuse(
                "source_column_unknown",
                asked_by=asked_by, name=name, names=listed, file=self.file, layer=self.layer,
            )  # fmt: skip
        return self.frame[name]


def keep_rows(draft: Draft) -> None:
    """Drop the rows that the mapping does not keep, and those without geometry, and count both."""
    for name, wanted in draft.mapping.keep.items():
        allowed = set(texts(pd.Series(wanted if isinstance(wanted, list) else [wanted], dtype=object)))
        kept = np.array([cell in allowed for cell in texts(draft.source(name, "keep"))], dtype=np.bool_)
        if not kept.all():
            draft.note(f"{int((~kept).sum())} of {len(kept)} rows dropped by keep {name} = {wanted}")
        draft.frame = draft.frame[kept]
    shapes = geometries(draft.frame)
    present = ~(shapely.is_missing(shapes) | shapely.is_empty(shapes))
    if not present.all():
        draft.note(f"{int((~present).sum())} of {len(present)} rows dropped, they have no geometry")
    draft.frame = draft.frame[present].reset_index(drop=True)


def map_columns(draft: Draft) -> None:
    """Replace the source's columns by ours, as far as the mapping or equal names provide them."""
    mapping, made = draft.mapping, {}
    for name in columns(draft.layer):
        content = _content(draft, name)
        if content is None:
            continue
        if name in mapping.translate:
            content = _translated(content, mapping.translate[name])
        if name in mapping.scale:
            content = numbers(pd.Series(content)) * mapping.scale[name]
        if name in mapping.fill:
            content = _filled_by_group(draft, name, numbers(pd.Series(content)), mapping.fill[name])
        made[name] = content
    _note_unused(draft)
    geometry = draft.frame.geometry.array
    draft.frame = gpd.GeoDataFrame(pd.DataFrame(made, index=draft.frame.index), geometry=geometry)


def _content(draft: Draft, name: str) -> NDArray[Any] | None:
    """The cells of one of our columns, or None where nothing provides it."""
    mapping, n_rows = draft.mapping, len(draft.frame)
    if name in mapping.constants:
        return np.full(n_rows, mapping.constants[name], dtype=object)
    if name in mapping.tables:
        return _spread(draft, name, mapping.tables[name])
    if mapping.number_ids and name == ID_COLUMN[draft.layer]:
        draft.note(f"{name} numbered from 1 to {n_rows} in the order of the file")
        return np.array([f"{draft.layer}-{row + 1}" for row in range(n_rows)], dtype=object)
    source = mapping.columns.get(name)
    if source is None:
        return draft.frame[name].to_numpy(dtype=object) if name in draft.frame.columns else None
    return draft.source(source, f"columns: {name}").to_numpy(dtype=object)


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
    draft.note(f"{name} spread from totals by {table.by}, in proportion to {table.spread_by}")
    draft.synthetic[f"{draft.layer}.{name}"] = f"totals by {table.by} spread in proportion to {table.spread_by}"
    return np.array([totals[str(text)] for text in names])[codes] * weight / total[codes]


def _translated(content: NDArray[Any], values: Mapping[str, Cell]) -> NDArray[Any]:
    cells = texts(pd.Series(content, dtype=object))
    return object_array([values.get(key, cell) if key else cell for key, cell in zip(cells, content, strict=True)])


def _filled_by_group(draft: Draft, name: str, values: FloatArray, fill: GroupMean) -> FloatArray:
    """Empty cells filled with the mean of their group, or with the value for groups without any."""
    empty = np.isnan(values)
    if not empty.any():
        return values
    group = pd.Series(texts(draft.source(fill.by, f"fill: {name}: by"))).fillna("")
    mean = pd.Series(values).groupby(group).transform("mean").to_numpy(dtype=np.float64)
    by_mean, otherwise = empty & ~np.isnan(mean), empty & np.isnan(mean)
    if by_mean.any():
        draft.note(f"{name}: {int(by_mean.sum())} rows filled with the mean of their {fill.by}")
    if otherwise.any() and fill.otherwise is not None:
        draft.note(f"{name}: {int(otherwise.sum())} rows filled with {fill.otherwise:g}, their {fill.by} has no value")
        mean = np.where(otherwise, fill.otherwise, mean)
    draft.synthetic[f"{draft.layer}.{name}"] = f"partly filled with the mean of the {fill.by}"
    return np.where(empty, mean, values)


def _note_unused(draft: Draft) -> None:
    mapping = draft.mapping
    used = {draft.frame.geometry.name, *mapping.columns.values(), *mapping.keep}
    used |= {table.by for table in mapping.tables.values()} | {table.spread_by for table in mapping.tables.values()}
    used |= {fill.by for fill in mapping.fill.values()}
    used |= set(columns(draft.layer)) - set(mapping.made_columns())
    unused = [str(name) for name in draft.frame.columns if name not in used]
    if unused:
        draft.note(f"columns not used: {', '.join(unused)}")


def require_columns(draft: Draft) -> None:
    """Refuse a layer, already in our columns, that lacks a required one."""
    absent = [name for name, c in columns(draft.layer).items() if c.required and name not in draft.frame.columns]
    if absent:
        raise refuse(
            "columns_missing_in_mapping",
            names=absent, wanted=draft.layer, example=absent[0], file=draft.file, layer=draft.layer,
        )  # fmt: skip


def subtract_villages(zones: Draft, villages: Draft) -> None:
    """Take the villages' residents and jobs out of the zones that contain them.

    Raises:
        InputError: a zone would be left with less than nothing.
    """
    sound, zone_sound = _sound(villages), _sound(zones)
    if not zone_sound.all():
        return
    zone_idx = containing_idx(inner_points(geometries(villages.frame)[sound]), geometries(zones.frame))
    for name, counted in (("residents", ("registered_residents", "tenants")), ("jobs", ("jobs",))):
        inside = np.zeros(len(zones.frame))
        for column in counted:
            if column in villages.frame.columns:
                amount = numbers(villages.frame[column])[sound]
                np.add.at(inside, zone_idx[zone_idx >= 0], np.nan_to_num(amount[zone_idx >= 0]))
        left = numbers(zones.frame[name]) - inside
        if (left < 0.0).any():
            rows = row_ids(zones.frame, "zones", left < 0.0)
            raise refuse("zones_hold_less", name=name, file=zones.file, layer=zones.layer, rows=rows)
        zones.frame[name] = left
        zones.note(f"{name}: {inside.sum():,.0f} of the villages subtracted from {int((inside > 0.0).sum())} rows")


def fill_defaults(draft: Draft, zones: gpd.GeoDataFrame | None) -> None:
    """Fill absent columns and empty cells with the dictionary's defaults, and count them.

    Args:
        draft: the layer, with our columns.
        zones: the finished zones, for defaults taken from the containing zone.
    """
    of_zone: dict[str, BoolArray] = {}
    for name, column in columns(draft.layer).items():
        if column.required:
            continue
        there = name in draft.frame.columns
        cells = draft.frame[name].to_numpy(object, copy=True) if there else np.full(len(draft.frame), None)
        empty = np.array([is_missing(cell) or (isinstance(cell, str) and not cell) for cell in cells], dtype=np.bool_)
        if column.default_zone is not None:
            of_zone[name] = empty
        if column.marks is not None:
            cells[empty] = column.default
            cells[of_zone[column.marks]] = True
            draft.frame[name] = cells
            continue
        if column.may_be_empty:
            draft.frame[name] = cells
            continue
        if there and not empty.any():
            continue
        default, origin = _default(draft, column, zones)
        cells = np.where(empty, default, cells)
        if empty.any():
            draft.notes.append(f"{draft.layer}.{name}: {int(empty.sum())} rows {origin}")
        draft.frame[name] = cells
    _set_types(draft)


def _default(draft: Draft, column: Column, zones: gpd.GeoDataFrame | None) -> tuple[NDArray[Any], str]:
    """The default of every row, and how to say it."""
    n_rows = len(draft.frame)
    if column.default_ratio is not None:
        ratio = column.default_ratio
        base = _polygon_area_m2(draft) if ratio.of == POLYGON_AREA else numbers(draft.frame[ratio.of])
        return (base * ratio.factor).astype(object), f"filled with default {ratio.factor:g} x {ratio.of}"
    if column.default_zone is not None and zones is not None:
        return _of_zone(draft, zones, column.default_zone), f"filled with {column.default_zone} of their zone"
    origin = "left empty" if column.default == "" else f"filled with default {column.default}"
    return np.full(n_rows, column.default, dtype=object), origin


def _polygon_area_m2(draft: Draft) -> FloatArray:
    return np.where(_sound(draft), shapely.area(geometries(draft.frame)), np.nan)


def _of_zone(draft: Draft, zones: gpd.GeoDataFrame, name: str) -> NDArray[Any]:
    """A column of the zone that contains each row; None where there is none."""
    of_zone = np.full(len(draft.frame), None, dtype=object)
    sound, zone_sound = _sound(draft), sound_mask(zones, "zones")
    zone_idx = containing_idx(inner_points(geometries(draft.frame)[sound]), geometries(zones)[zone_sound])
    cells = zones[name].to_numpy(dtype=object)[zone_sound]
    of_zone[sound] = [cells[idx] if idx >= 0 else None for idx in zone_idx]
    return of_zone


def _sound(draft: Draft) -> BoolArray:
    return sound_mask(draft.frame, draft.layer)


def _set_types(draft: Draft) -> None:
    """Give every column its stored type; a cell that does not fit is refused."""
    reader: dict[str, Callable[[pd.Series[Any]], NDArray[Any]]] = {"number": numbers, "flag": flags, "text": texts}
    for name, column in columns(draft.layer).items():
        typed = reader[column.type](draft.frame[name])
        lost = np.array([is_missing(new) for new in typed], dtype=np.bool_)
        lost &= np.array([not is_missing(old) for old in draft.frame[name]], dtype=np.bool_)
        if lost.any():
            cell = printable(str(draft.frame[name].iloc[int(np.argmax(lost))]), LONGEST_NAME)
            rows = row_ids(draft.frame, draft.layer, lost)
            raise refuse(
                f"column_must_be_{column.type}", column=name, found=cell, file=draft.file, layer=draft.layer, rows=rows
            )
        draft.frame[name] = typed
