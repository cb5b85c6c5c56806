"""Findings of the checks of a city: what failed or is doubtful, its rows in a table and on a map."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
import shapely
import streamlit as st

from app.charts.colors import KEPT_COLOR
from app.charts.village_map import MapClass, MapGround, MapPoints, VillageMap, window_of
from app.files.names import plain
from app.web.sections.villages.village_map import show_village_map
from app.web.shell.page_frame import visit_key
from app.web.shell.session import language, say
from app.words.console import listed, said_of
from app.words.fill_words import fill_header, fill_rows, fills_line
from data.arrays import GeometryArray, IntArray
from data.catalogue import catalogue
from data.city import City
from data.dictionary import LAYERS
from data.files.geopackage import city_layers
from data.layers.assembly import Layers
from data.layers.attribute_checks import row_ids
from data.layers.findings import Finding
from data.layers.geometry_checks import geometries
from data.layers.validation import validate_layers

MOST_POINTS = 20_000
COLORS = {"error": "#D55E00", "warning": "#0072B2"}
"""Of the mark of a row, by severity; the legend says which finding it is."""


@st.cache_resource(show_spinner=False, max_entries=4)
def check_city(digest: str, _city: City) -> list[Finding]:
    """Every finding about a city that is in use: warnings, its errors having been refused."""
    del digest
    return validate_layers(city_layers(_city), _city.districts)


def show_check(city: City) -> None:
    """The report of a city in use: what the import changed, and what is doubtful where."""
    if city.fills:
        st.markdown(plain(fills_line(city, language())))
        rows = pd.DataFrame(fill_rows(city, language()), columns=fill_header(language()))
        st.dataframe(rows, hide_index=True, alt=fills_line(city, language()))
    for line in city.repairs:
        st.text(f"· {line.text(language())}")
    findings = check_city(city.digest, city)
    if not findings:
        st.success(say("check_clean"))
        return
    show_findings(findings, city_layers(city), "use")


def show_findings(findings: Sequence[Finding], layers: Layers | None, key: str) -> None:
    """The findings as a table, and the rows that they name on a map."""
    rows = [
        {
            say("column_severity"): say(f"severity_{item.severity}"),
            say("column_layer"): say(f"layer_{item.layer}") if item.layer in LAYERS else item.layer,
            say("column_rule"): check_name(item.check),
            say("column_rows"): len(item.rows),
            say("column_which"): listed(item.rows[:20], language()) + (" …" if len(item.rows) > 20 else ""),
            say("column_found"): item.said.text(language()),
        }
        for item in findings
    ]
    st.dataframe(pd.DataFrame(rows), hide_index=True, alt=say("check_table", n=len(rows)))
    if layers is None:
        return
    shown_map = findings_map(findings, layers)
    n_shown = sum(len(item.texts) for item in shown_map.points)
    if n_shown:
        show_village_map(shown_map, key=visit_key("check_map", key), alt=say("check_map", n=n_shown), height=480)
        st.caption(say("check_map", n=n_shown))


def check_name(check: str) -> str:
    """Name of a check in words; the engine's own where none are known."""
    return say(f"check_{check}") if f"check_{check}" in catalogue() else check


def findings_map(findings: Sequence[Finding], layers: Layers) -> VillageMap:
    """The zones, the villages, and a mark on every row that a finding names and whose place is known."""
    zones, _ = _polygons(geometries(layers["zones"]))
    shapes, drawn = _polygons(geometries(layers["villages"]))
    ids = np.array(row_ids(layers["villages"], "villages", np.ones(len(layers["villages"]), dtype=np.bool_)))[drawn]
    ground = MapGround(
        areas=zones,
        area_names=("",) * len(zones),
        village_id=ids.astype(np.str_),
        village_name=np.full(len(ids), "", dtype=np.str_),
        villages=shapes,
        center_m=shapely.get_coordinates(shapely.centroid(shapes)),
        area_idx=np.zeros(len(ids), dtype=np.int64),
        floor_m2=shapely.area(shapes),
        window_m=window_of(np.concatenate([zones, shapes])),
    )
    everything = MapClass(f"{say('layer_villages')} ({len(ids):,})", KEPT_COLOR, np.ones(len(ids), dtype=np.bool_))
    return VillageMap(
        ground=ground,
        classes=[everything],
        title="",
        lines=[""] * len(ids),
        points=[marks for item in findings if len((marks := finding_marks(item, layers)).texts)],
    )


def finding_marks(finding: Finding, layers: Layers) -> MapPoints:
    """The rows of a finding as marks; none where the geometry cannot be drawn."""
    rows, name = marked_points(finding, layers), check_name(finding.check)
    layer = say(f"layer_{finding.layer}") if finding.layer in LAYERS else finding.layer
    return MapPoints(
        label=f"{said_of(layer, name, language())} ({len(rows):,})",
        color=COLORS[finding.severity],
        xy_m=rows[["x_km", "y_km"]].to_numpy(np.float64) * 1e3,
        texts=[f"{row}\n{name}" for row in rows["row"]],
    )


def marked_points(finding: Finding, layers: Layers) -> pd.DataFrame:
    """A point on every row that a finding names: row, x_km, y_km; none where the geometry cannot be drawn."""
    empty = pd.DataFrame({"row": [], "x_km": [], "y_km": []})
    if finding.layer not in LAYERS or not finding.rows:
        return empty
    frame = layers[finding.layer]
    ids = np.array(row_ids(frame, finding.layer, np.ones(len(frame), dtype=np.bool_)), dtype=object)
    shapes = geometries(frame)
    named = np.isin(ids, list(finding.rows)) & ~(shapely.is_missing(shapes) | shapely.is_empty(shapes))
    x_km, y_km = shapely.get_x(points := shapely.centroid(shapes[named])) / 1e3, shapely.get_y(points) / 1e3
    drawn = np.isfinite(x_km) & np.isfinite(y_km)
    return pd.DataFrame({"row": ids[named][drawn], "x_km": x_km[drawn], "y_km": y_km[drawn]})


def _polygons(shapes: GeometryArray) -> tuple[GeometryArray, IntArray]:
    """Polygons that can be drawn, simplified until they have few enough points, and which rows they are."""
    usable = ~(shapely.is_missing(shapes) | shapely.is_empty(shapes)) & np.isin(shapely.get_type_id(shapes), (3, 6))
    rows = np.flatnonzero(usable & np.isfinite(shapely.area(shapes)))
    drawn = shapes[rows]
    if not len(drawn):
        return drawn, rows
    low_x, low_y, high_x, high_y = shapely.total_bounds(drawn)
    tolerance = max(high_x - low_x, high_y - low_y) / 4000.0
    while shapely.get_num_coordinates(drawn).sum() > MOST_POINTS and tolerance < high_x - low_x:
        drawn, tolerance = shapely.simplify(drawn, tolerance), 2.0 * tolerance
        kept = ~shapely.is_empty(drawn)
        drawn, rows = drawn[kept], rows[kept]
    return drawn, rows
