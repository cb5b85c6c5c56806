"""Findings of the checks of a city: what failed or is doubtful, its rows in a table and on a map."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go
import shapely
import streamlit as st

from app.files.names import chart_text, plain
from app.web.figures.map_figure import EDGE_COLOR, outlines_km
from app.web.shell.page_frame import show_chart, visit_key
from app.web.shell.session import language, say
from app.words.console import listed
from app.words.fill_words import fill_header, fill_rows, fills_line
from data.arrays import GeometryArray
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
LOOK = {"error": ("#D55E00", "x"), "warning": ("#0072B2", "circle-open")}
"""Color and mark of a row, by severity: told apart without color, too."""


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
        st.text(f"· {line}")
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
            say("column_found"): item.message.text(language()),
        }
        for item in findings
    ]
    st.dataframe(pd.DataFrame(rows), hide_index=True, alt=say("check_table", n=len(rows)))
    if layers is None:
        return
    figure, n_shown = findings_figure(findings, layers)
    if n_shown:
        show_chart(
            figure,
            key=visit_key("check_map", key),
            tools=True,
            alt=say("check_map", n=n_shown),
        )
        st.caption(say("check_map", n=n_shown))


def check_name(check: str) -> str:
    """Name of a check in words; the engine's own where none are known."""
    return say(f"check_{check}") if f"check_{check}" in catalogue() else check


def findings_figure(findings: Sequence[Finding], layers: Layers) -> tuple[Any, int]:
    """The zones, the villages, and a mark on every row that a finding names.

    Returns:
        The figure, and how many marks it has: rows without a usable geometry have none.
    """
    figure, n_shown = go.Figure(), 0
    for layer, color in (("zones", EDGE_COLOR), ("villages", "#b8b8b0")):
        x, y = outlines_km(_polygons(geometries(layers[layer])))
        line = {"color": color, "width": 0.7}
        name = say(f"layer_{layer}")
        figure.add_trace(go.Scatter(x=x, y=y, mode="lines", line=line, hoverinfo="skip", name=name))
    for item in findings:
        marks = marked_points(item, layers)
        if not len(marks):
            continue
        n_shown += len(marks)
        color, symbol = LOOK[item.severity]
        title = f"{say('layer_' + item.layer)}: {check_name(item.check)} ({len(marks)})"
        figure.add_trace(
            go.Scatter(
                x=marks["x_km"],
                y=marks["y_km"],
                mode="markers",
                name=chart_text(title),
                text=[chart_text(name) for name in marks["row"]],
                hovertemplate="%{text}<br>" + chart_text(check_name(item.check)) + "<extra></extra>",
                marker={"color": color, "symbol": symbol, "size": 10, "line": {"width": 2}},
            )
        )
    figure.update_layout(height=520, margin={"l": 0, "r": 0, "t": 8, "b": 0}, legend={"orientation": "h"})
    figure.update_xaxes(visible=False)
    figure.update_yaxes(visible=False, scaleanchor="x", scaleratio=1)
    return figure, n_shown


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


def _polygons(shapes: GeometryArray) -> GeometryArray:
    """Polygons that can be drawn, simplified until they have few enough points."""
    drawn = shapes[~(shapely.is_missing(shapes) | shapely.is_empty(shapes))]
    drawn = drawn[np.isin(shapely.get_type_id(drawn), (3, 6)) & np.isfinite(shapely.area(drawn))]
    if not len(drawn):
        return drawn
    low_x, low_y, high_x, high_y = shapely.total_bounds(drawn)
    tolerance = max(high_x - low_x, high_y - low_y) / 4000.0
    while shapely.get_num_coordinates(drawn).sum() > MOST_POINTS and tolerance < high_x - low_x:
        drawn, tolerance = shapely.simplify(drawn, tolerance), 2.0 * tolerance
        drawn = drawn[~shapely.is_empty(drawn)]
    return drawn
