"""Observed travel in a table: from_id, to_id, distance_km, minutes, from every place to every zone."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from data.arrays import FloatArray, IntArray, TextArray
from data.catalogue import message
from data.city import City, Skim
from data.errors import InputError, reason_of, refuse
from data.files.parquet_tables import WIDEST_ROW_BYTES, read_parquet_table
from data.layers.findings import Finding
from data.paths import exists
from data.table_cells import numbers, texts

SKIM_COLUMNS: tuple[str, ...] = ("from_id", "to_id", "distance_km", "minutes")
MAX_DISTANCE_KM = 2_000.0
MAX_MINUTES = 5_000.0


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
    return Skim(distance_km, minutes)


def check_skim(skim: Skim, zone_id: TextArray) -> list[Finding]:
    """Warn of zones that are no distance from themselves: it makes every worker who stays in the zone commute 0 km."""
    to_itself_km = np.diagonal(skim.distance_km)
    rows = tuple(zone_id[to_itself_km <= 0.0].tolist())
    return [Finding("warning", "skim", rows, "zero_diagonal", message("skim_zero_diagonal"))] if rows else []


def _read_table(path: Path, n_rows: int) -> pd.DataFrame:
    """The table as it stands in the file, if it can be one of that many rows."""
    if path.suffix.lower() != ".csv":
        return read_parquet_table(path, SKIM_COLUMNS, 2 * n_rows, layer="skim")  # doubled pairs are told by name
    try:
        most = WIDEST_ROW_BYTES * (n_rows + 1)
        if path.stat().st_size > most:
            raise refuse("table_too_large", most=most, n=n_rows, file=path, layer="skim")
        return pd.read_csv(path, dtype={"from_id": str, "to_id": str}, keep_default_na=False)
    except InputError:
        raise
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
        raise refuse("skim_number_within", column=column, high=high, file=path, layer="skim", rows=rows)
    return values
