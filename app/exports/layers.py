"""One plan as GeoPackage, GeoJSON and table, with its exceptions."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import shapely

from app.compliance.matrix import Compliance
from app.compliance.tables import compliance_frame, exceptions_frame
from app.exports.layer_styles import layer_styles
from app.exports.workbook import targets_frame
from app.files.names import without_formulas
from app.plans.tables import PlanTables, assumptions_frame
from app.report.provenance import notes_frame, summary_record, synthetic_layers
from app.runs.run_folder import Run
from data.errors import refuse
from data.files.geopackage import city_layers
from envs.kernel.indicators.registry import INDICATORS

WGS84 = "EPSG:4326"


def write_geopackage(path: Path, run: Run, plan_id: str, tables: PlanTables, found: Compliance) -> None:
    """Layers villages and zones with their styles, and a table for every sheet of the workbook but the Gantt chart."""
    layers = city_layers(run.resolved.city)
    pyogrio.write_dataframe(_villages(run, tables), path, layer="villages", promote_to_multi=True)
    pyogrio.write_dataframe(layers.zones, path, layer="zones", promote_to_multi=True)
    for name, frame in (
        ("front", run.front),
        ("schedule", tables.schedule()),
        ("targets", targets_frame(tables)),
        ("cash_flow_by_year", tables.cash_flow_by_year()),
        ("cash_flow_by_village", tables.cash_flow_by_village()),
        ("indicators", _in_both_languages(tables.indicators())),
        ("indicators_by_district", tables.by_district()),
        ("yearly", tables.yearly()),
        ("assumptions", assumptions_frame(run.resolved)),
        ("compliance", compliance_frame(found)),
        *([("exceptions", exceptions_frame(found))] if found.exceptions else []),
        ("notes", notes_frame(run, plan_id)),
    ):
        pyogrio.write_dataframe(frame, path, layer=name)
    styles = layer_styles(run.resolved.scenario.plan_years)
    pyogrio.write_dataframe(styles, path, layer="layer_styles", FID="id")


def _in_both_languages(indicators: pd.DataFrame) -> pd.DataFrame:
    """Recipe and bias of every indicator in Chinese, too, as its labels are."""
    told = [INDICATORS[name] for name in indicators["indicator"]]
    return indicators.assign(
        recipe_zh=[item.recipe_in("zh") for item in told], bias_zh=[item.bias_in("zh") for item in told]
    )


def _villages(run: Run, tables: PlanTables) -> gpd.GeoDataFrame:
    """Every village with the plan's decision and outcomes."""
    frame = tables.village_outcomes()
    frame["synthetic"] = "villages" in run.resolved.city.synthetic
    return gpd.GeoDataFrame(frame, geometry=list(run.resolved.city.villages.geometry), crs=run.resolved.city.crs)


def write_geojson(path: Path, run: Run, plan_id: str, tables: PlanTables, found: Compliance) -> None:
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
    granted = exceptions_frame(found).to_dict(orient="records")
    metadata = summary_record(run, plan_id) | ({"exceptions": granted} if granted else {})
    content = {"type": "FeatureCollection", "metadata": metadata, "features": features}
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


def write_schedule(path: Path, run: Run, plan_id: str, tables: PlanTables, found: Compliance) -> None:
    """The schedule; `renewal evaluate` reads it back as a plan."""
    del plan_id
    schedule = tables.schedule()
    schedule["synthetic_data"] = synthetic_layers(run.resolved)
    schedule["estimated_parameters"] = len(run.resolved.book.estimates)
    if found.standing():
        schedule["exceptions"] = [_excepted(found, str(name)) for name in schedule["village_id"]]
    without_formulas(schedule).to_csv(path, index=False, encoding="utf-8-sig")


def _excepted(found: Compliance, village_id: str) -> str:
    """Rules from which a village, or the whole plan, has an exception that counts."""
    granted = [found.exceptions[number - 1][0] for number in found.standing()]
    return "; ".join(item.rule for item in granted if not item.villages or village_id in item.villages)
