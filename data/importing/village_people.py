"""Import, the people of villages: split from a total, and taken out of the zones that count them, too."""

from __future__ import annotations

import numpy as np

from data.arrays import BoolArray, FloatArray, IntArray
from data.errors import refuse
from data.importing.defaults import fill_book
from data.importing.draft import Draft
from data.layers.attribute_checks import row_ids
from data.layers.containment import largest_overlap
from data.layers.geometry_checks import geometries, sound_mask
from data.table_cells import numbers

TOTAL, REGISTERED, TENANTS = "all_residents", "registered_residents", "tenants"
RATIO = "import.tenants_per_registered"


def split_residents(villages: Draft) -> None:
    """Registered residents and tenants where a file gives all residents (常住人口) and one of them, or neither.

    Raises:
        InputError: a village has fewer residents than it has registered ones or tenants.
    """
    frame = villages.frame
    if TOTAL not in frame.columns:
        return
    total = numbers(frame[TOTAL])
    registered, tenants = (_part(villages, name) for name in (REGISTERED, TENANTS))
    neither = np.isfinite(total) & np.isnan(registered) & np.isnan(tenants)
    if neither.any():
        registered[neither] = total[neither] / (1.0 + fill_book().number(RATIO))
        tenants[neither] = total[neither] - registered[neither]
        _note_split(villages, neither)
    for name, part, other in ((TENANTS, tenants, registered), (REGISTERED, registered, tenants)):
        rest = np.isnan(part) & np.isfinite(total) & np.isfinite(other)
        part[rest] = total[rest] - other[rest]
        if rest.any():
            villages.note("note_less_others", column=name, n=int(rest.sum()), total=TOTAL)
        if (rest & (part < 0.0)).any():
            rows = row_ids(frame, "villages", rest & (part < 0.0))
            raise refuse("residents_fewer_than_part", part=name, file=villages.file, layer="villages", rows=rows)
    villages.frame[REGISTERED], villages.frame[TENANTS] = registered, tenants


def _note_split(villages: Draft, rows: BoolArray) -> None:
    entry = fill_book()[RATIO]
    value, letter = entry.value_text, entry.confidence
    for name in (REGISTERED, TENANTS):
        villages.fill(name, rows, letter, "times", value=value, key=RATIO, of=TOTAL)
    villages.note("note_split", n=int(rows.sum()), total=TOTAL, value=value, letter=letter)


def _part(villages: Draft, name: str) -> FloatArray:
    """A column, NaN where it is empty or no number."""
    if name not in villages.frame.columns:
        return np.full(len(villages.frame), np.nan)
    return numbers(villages.frame[name]).copy()


def subtract_villages(zones: Draft, villages: Draft) -> None:
    """Take the villages' residents and jobs out of the zones that contain them.

    What the import filled in itself never exceeds what the zone counts: it is scaled down to that. What files state is
    not touched.

    Raises:
        InputError: a zone would be left with less than nothing by what the files state.
    """
    sound, zone_sound = sound_mask(villages.frame, "villages"), sound_mask(zones.frame, "zones")
    if not zone_sound.all():
        return
    zone_idx = np.full(len(villages.frame), -1)
    zone_idx[sound] = largest_overlap(geometries(villages.frame)[sound], geometries(zones.frame)).zone_idx
    for name, counted in (("residents", (REGISTERED, TENANTS)), ("jobs", ("jobs",))):
        if name in zones.frame.columns:
            _subtract(
                zones, villages, zone_idx, name, [column for column in counted if column in villages.frame.columns]
            )


def _subtract(zones: Draft, villages: Draft, zone_idx: IntArray, name: str, counted: list[str]) -> None:
    available = numbers(zones.frame[name])
    _scale_filled(villages, zone_idx, counted, available)
    inside = sum((_by_zone(villages, column, zone_idx, len(available)) for column in counted), np.zeros(len(available)))
    left = available - inside
    left[np.abs(left) < 1e-9 * np.abs(available)] = 0.0
    if (left < 0.0).any():
        rows = row_ids(zones.frame, "zones", left < 0.0)
        raise refuse("zones_hold_less", name=name, file=zones.file, layer=zones.layer, rows=rows)
    zones.frame[name] = left
    zones.note("note_subtracted", column=name, amount=float(inside.sum()), n=int((inside > 0.0).sum()))


def _scale_filled(villages: Draft, zone_idx: IntArray, counted: list[str], available: FloatArray) -> None:
    """Scale filled cells down where they, with what is stated, exceed what their zone has."""
    inside = zone_idx >= 0
    filled = {
        column: villages.filled.get(column, np.zeros(len(zone_idx), dtype=np.bool_)) & inside for column in counted
    }
    amount = {column: np.nan_to_num(numbers(villages.frame[column])) for column in counted}
    by_fill = np.zeros(len(available))
    stated = np.zeros(len(available))
    for column in counted:
        np.add.at(by_fill, zone_idx[filled[column]], amount[column][filled[column]])
        given = inside & ~filled[column]
        np.add.at(stated, zone_idx[given], amount[column][given])
    room = np.clip(available - stated, 0.0, None)
    share = np.divide(room, by_fill, out=np.ones_like(room), where=by_fill > room)
    for column in counted:
        lowered = filled[column] & (np.where(inside, share[zone_idx], 1.0) < 1.0)
        if lowered.any():
            villages.frame[column] = np.where(
                lowered, amount[column] * share[zone_idx], numbers(villages.frame[column])
            )
            villages.note("note_lowered", column=column, n=int(lowered.sum()))


def _by_zone(villages: Draft, column: str, zone_idx: IntArray, n_zones: int) -> FloatArray:
    amount, inside = np.nan_to_num(numbers(villages.frame[column])), zone_idx >= 0
    return np.bincount(zone_idx[inside], weights=amount[inside], minlength=n_zones).astype(np.float64)
