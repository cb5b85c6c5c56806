"""One plan of a run as GeoPackage, GeoJSON, CSV, spreadsheet or report, with the numbers of the run and no others."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pyogrio
import shapely

from app.exports.workbook import write_workbook
from app.files.atomic import new_file
from app.files.names import without_formulas
from app.plans.tables import PlanTables, assumptions_frame, plan_tables
from app.report.provenance import notes_frame, summary_record, synthetic_layers
from app.runs.run_folder import Run
from data.catalogue import message
from data.errors import InputError, reason_of, refuse
from data.files.geopackage import city_layers

WGS84 = "EPSG:4326"


def export_plan(run: Run, plan_id: str, to: Path, *, language: str = "en") -> None:
    """Write one plan of a run.

    Args:
        run: read by app.runs.run_folder.load_run.
        plan_id: one of its plans.
        to: file; its suffix decides the format. An existing file is replaced.
        language: of a report, and of the labels in a spreadsheet.

    Raises:
        InputError: unknown suffix or plan, or the file cannot be written.
    """
    check_suffix(to)
    tables = plan_tables(run.resolved, run.plan(plan_id))
    with new_file(to) as draft:
        suffix = to.suffix.lower()
        if suffix in REPORTS:
            from app.report.compose import write_report

            write_report(draft, run, plan_id, tables, language=language)
        elif suffix == ".xlsx":
            write_workbook(draft, run, plan_id, tables, language=language)
        else:
            try:
                WRITERS[suffix](draft, run, plan_id, tables)
            except InputError as error:
                raise error.within(file=to) from error
            except (
                pyogrio.errors.DataSourceError,
                pyogrio.errors.FeatureError,
                pyogrio.errors.DataLayerError,
            ) as error:
                raise refuse("not_writable", file=to, reason=reason_of(error)) from error


def check_suffix(to: Path) -> None:
    """Refuse a format that is not written."""
    if to.suffix.lower() not in SUFFIXES:
        suffix = to.suffix or message("no_suffix")
        raise refuse("suffix_unsupported", file=to, layer="--to", suffix=suffix, suffixes=tuple(SUFFIXES))


def _write_geopackage(path: Path, run: Run, plan_id: str, tables: PlanTables) -> None:
    """Layers villages and zones; tables front, schedule, indicators, assumptions, notes."""
    layers = city_layers(run.resolved.city)
    pyogrio.write_dataframe(_villages(run, tables), path, layer="villages", promote_to_multi=True)
    pyogrio.write_dataframe(layers.zones, path, layer="zones", promote_to_multi=True)
    for name, frame in (
        ("front", run.front),
        ("schedule", tables.schedule()),
        ("indicators", tables.indicators()),
        ("assumptions", assumptions_frame(run.resolved)),
        ("notes", notes_frame(run, plan_id)),
    ):
        pyogrio.write_dataframe(frame, path, layer=name)


def _villages(run: Run, tables: PlanTables) -> gpd.GeoDataFrame:
    """Every village with the plan's decision and outcomes."""
    frame = tables.village_outcomes()
    frame["synthetic"] = "villages" in run.resolved.city.synthetic
    return gpd.GeoDataFrame(frame, geometry=list(run.resolved.city.villages.geometry), crs=run.resolved.city.crs)


def _write_geojson(path: Path, run: Run, plan_id: str, tables: PlanTables) -> None:
    """Villages as features in longitude and latitude, rings counter-clockwise (RFC 7946)."""
    frame = _in_degrees(_villages(run, tables))
    rows = frame.drop(columns="geometry").to_dict(orient="records")
    features = [
        {
            "type": "Feature",
            "id": row["village_id"],
            "properties": {name: _plain(value) for name, value in row.items()},
            "geometry": shapely.geometry.mapping(shapely.orient_polygons(geometry)),
        }
        for row, geometry in zip(rows, frame.geometry, strict=True)
    ]
    content = {"type": "FeatureCollection", "metadata": summary_record(run, plan_id), "features": features}
    path.write_text(json.dumps(content, ensure_ascii=False, allow_nan=False), encoding="utf-8")


def _in_degrees(frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """The frame in longitude and latitude.

    Raises:
        InputError: a coordinate has none, since the city lies outside what its reference system maps.
    """
    degrees = frame.to_crs(WGS84)
    if not np.isfinite(shapely.get_coordinates(degrees.geometry.array)).all():
        raise refuse("export_without_degrees", crs=frame.crs.name)
    return degrees


def _plain(value: Any) -> Any:  # noqa: ANN401 - a cell of any column
    """A cell as JSON holds it; an absent number is null."""
    if isinstance(value, np.generic):
        value = value.item()
    return None if isinstance(value, float) and not np.isfinite(value) else value


def _write_csv(path: Path, run: Run, plan_id: str, tables: PlanTables) -> None:
    """The schedule; `renewal evaluate` reads it back as a plan."""
    del plan_id
    schedule = tables.schedule()
    schedule["synthetic_data"] = synthetic_layers(run.resolved)
    schedule["estimated_parameters"] = len(run.resolved.book.estimates)
    without_formulas(schedule).to_csv(path, index=False, encoding="utf-8-sig")


WRITERS: dict[str, Callable[[Path, Run, str, PlanTables], None]] = {
    ".gpkg": _write_geopackage,
    ".geojson": _write_geojson,
    ".csv": _write_csv,
}
REPORTS = (".docx", ".pdf")
SUFFIXES: tuple[str, ...] = (*WRITERS, ".xlsx", *REPORTS)
