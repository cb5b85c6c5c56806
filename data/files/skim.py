"""Observed travel in a table: from_id, to_id, distance_km, minutes, from every place to every zone."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pandas as pd

from data.arrays import FloatArray, IntArray, TextArray
from data.catalogue import message
from data.city import City, Skim
from data.errors import InputError, reason_of, refuse
from data.files.parquet_tables import WIDEST_ROW_BYTES, read_parquet_table
from data.files.table_files import separator_of
from data.files.text_encodings import decoded
from data.layers.findings import Finding
from data.paths import exists
from data.table_cells import numbers, texts

SKIM_COLUMNS: tuple[str, ...] = ("from_id", "to_id", "distance_km", "minutes")
MAX_DISTANCE_KM = 2_000.0
MAX_MINUTES = 5_000.0
NEAREST_MEASURED_KM = 1.0
"""Pairs of places nearer than this, as the crow flies, say little about units."""
USUAL_DETOUR = (0.5, 5.0)
"""Travel distance over the crow's, median: 1.2 to 2.1 by country (Ballou, Rahardja and Sakai 2002), with margin."""
USUAL_SPEED_KMH = (3.0, 120.0)
"""Median speed: from below walking (5 km/h) to above driving on an empty motorway (120 km/h)."""


def skim_path(city_path: Path) -> Path | None:
    """The skim that lies beside a city file (same stem, `.skim.parquet` or `.skim.csv`), or None.

    Raises:
        InputError: both exist.
    """
    paths = [path for path in _candidates(city_path) if exists(path)]
    if len(paths) > 1:
        raise refuse("skim_twice", other=paths[1].name, file=paths[0])
    return paths[0] if paths else None


def _candidates(city_path: Path) -> tuple[Path, Path]:
    return city_path.with_suffix(".skim.parquet"), city_path.with_suffix(".skim.csv")


def remove_skims(city_path: Path) -> None:
    """Delete the skims beside a city file, which would win over its computed travel."""
    for path in _candidates(city_path):
        path.unlink(missing_ok=True)


def skim_frame(city: City, distance_km: FloatArray, minutes: FloatArray) -> pd.DataFrame:
    """Travel as a long table.

    Args:
        city: gives the ids.
        distance_km: shape (n_places, n_zones).
        minutes: shape (n_places, n_zones).

    Returns:
        One row per place and zone, columns SKIM_COLUMNS.
    """
    return pd.DataFrame(
        {
            "from_id": np.repeat(city.place_id, city.n_zones),
            "to_id": np.tile(city.zones.zone_id, city.n_places),
            "distance_km": distance_km.ravel(),
            "minutes": minutes.ravel(),
        }
    )


def read_skim(path: Path, place_id: TextArray, zone_id: TextArray) -> Skim:
    """Read a skim and put it in the order of the city's places and zones.

    Args:
        path: Parquet or CSV file with the columns SKIM_COLUMNS.
        place_id: zones, then villages; shape (n_places,).
        zone_id: shape (n_zones,).

    Raises:
        InputError: the file cannot be read, an id is unknown, a pair is missing or given twice, or a value is absurd.
    """
    frame = _read_table(path, len(place_id) * len(zone_id))
    missing = [name for name in SKIM_COLUMNS if name not in frame.columns]
    if missing:
        raise refuse("columns_missing", names=missing, file=path, layer="skim")
    origin = _positions(path, frame, "from_id", place_id)
    target = _positions(path, frame, "to_id", zone_id)
    _refuse_incomplete(path, origin * len(zone_id) + target, place_id, zone_id)
    shape = (len(place_id), len(zone_id))
    distance_km, minutes = np.zeros(shape), np.zeros(shape)
    distance_km[origin, target] = _believable(path, frame, "distance_km", MAX_DISTANCE_KM)
    minutes[origin, target] = _believable(path, frame, "minutes", MAX_MINUTES)
    empty = [name for name, values in (("distance_km", distance_km), ("minutes", minutes)) if not values.any()]
    if empty:
        raise refuse("skim_all_zero", names=empty, file=path, layer="skim")
    return Skim(distance_km, minutes)


def check_skim(city: City) -> list[Finding]:
    """Warn of a skim in other units, and of zones that are no distance from themselves, so that nobody commutes there.

    Args:
        city: with a skim; without one there is nothing to warn of.
    """
    if city.skim is None:
        return []
    rows = tuple(city.zones.zone_id[np.diagonal(city.skim.distance_km) <= 0.0].tolist())
    findings = [Finding("warning", "skim", rows, "zero_diagonal", message("skim_zero_diagonal"))] if rows else []
    return [*findings, *_check_units(city, city.skim)]


def _check_units(city: City, skim: Skim) -> list[Finding]:
    """Kilometers by the straight line between the places, then minutes by the speed that follows."""
    crow_km = np.hypot(
        city.place_x_km[:, None] - city.zones.x_km[None, :], city.place_y_km[:, None] - city.zones.y_km[None, :]
    )
    far = crow_km >= NEAREST_MEASURED_KM
    if not far.any():
        return []
    detour = float(np.median(skim.distance_km[far] / crow_km[far]))
    findings = []
    if not USUAL_DETOUR[0] <= detour <= USUAL_DETOUR[1]:
        findings.append(_warning("distance_unit", "skim_detour", ratio=detour))
    path_km = crow_km if findings else skim.distance_km
    timed = far & (skim.minutes > 0.0)
    speed_kmh = float(np.median(60.0 * path_km[timed] / skim.minutes[timed])) if timed.any() else np.inf
    if speed_kmh < USUAL_SPEED_KMH[0]:
        findings.append(_warning("time_unit", "skim_slow", speed=speed_kmh))
    elif speed_kmh > USUAL_SPEED_KMH[1]:
        findings.append(_warning("time_unit", "skim_fast", speed=speed_kmh))
    n_timeless = int((far & (skim.minutes <= 0.0)).sum())
    return [*findings, *([_warning("zero_minutes", "skim_no_time", n=n_timeless)] if n_timeless else [])]


def _warning(check: str, key: str, **values: object) -> Finding:
    return Finding("warning", "skim", (), check, message(key, **values))


def _read_table(path: Path, n_rows: int) -> pd.DataFrame:
    """The table as it stands in the file, if it can be one of that many rows."""
    if path.suffix.lower() != ".csv":
        return read_parquet_table(path, SKIM_COLUMNS, 2 * n_rows, layer="skim")  # doubled pairs are told by name
    try:
        most = WIDEST_ROW_BYTES * (n_rows + 1)
        if path.stat().st_size > most:
            raise refuse("table_too_large", most=most, n=n_rows, file=path, layer="skim")
        text, _ = decoded(path.read_bytes())
        ids = {"from_id": str, "to_id": str}
        return pd.read_csv(io.StringIO(text), sep=separator_of(text), dtype=ids, keep_default_na=False)
    except InputError as error:
        raise (error if error.refusals[0].file else error.within(file=path, layer="skim")) from error
    except (OSError, ValueError) as error:
        raise refuse("csv_unreadable", reason=reason_of(error), file=path, layer="skim") from error


def _positions(path: Path, frame: pd.DataFrame, column: str, ids: TextArray) -> IntArray:
    position = {text: idx for idx, text in enumerate(ids.tolist())}
    cells = texts(frame[column])
    unknown = sorted({str(cell) for cell in cells if cell not in position})
    if unknown:
        raise refuse("skim_place_unknown", column=column, file=path, layer="skim", rows=unknown)
    return np.array([position[cell] for cell in cells], dtype=np.int64)


def _refuse_incomplete(path: Path, pair: IntArray, place_id: TextArray, zone_id: TextArray) -> None:
    count = np.bincount(pair, minlength=len(place_id) * len(zone_id))
    wrong = np.flatnonzero(count != 1)
    if len(wrong):
        rows = [f"{place_id[p // len(zone_id)]} to {zone_id[p % len(zone_id)]}" for p in wrong.tolist()]
        raise refuse("skim_pairs_once", file=path, layer="skim", rows=rows)


def _believable(path: Path, frame: pd.DataFrame, column: str, high: float) -> FloatArray:
    values = numbers(frame[column])
    wrong = ~((values >= 0.0) & (values <= high))
    if wrong.any():
        cells = frame.loc[wrong, ["from_id", "to_id"]]
        rows = [f"{a} to {b}" for a, b in zip(cells["from_id"], cells["to_id"], strict=True)]
        raise refuse(f"skim_{column}_within", high=high, file=path, layer="skim", rows=rows)
    return values
