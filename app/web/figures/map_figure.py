"""Maps of a city and a plan: outlines and marks in kilometers, drawn without any tile from outside."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
import plotly.graph_objects as go
import shapely

from app.charts import fonts as palettes
from app.files.names import chart_text
from data.arrays import BoolArray, FloatArray, GeometryArray, SingleArray
from data.city import City

KEPT_COLOR, EDGE_COLOR = "#c9c9c9", "#8a8a80"
OKABE_ITO = palettes.OKABE_ITO
VIRIDIS = ("#440154", "#482878", "#3e4989", "#31688e", "#26828e", "#1f9e89", "#35b779", "#6ece58", "#b5de2b", "#fde725")
CIVIDIS = ("#00224e", "#35456c", "#666970", "#948e77", "#c8b866", "#fee838")
SIMPLIFIED_M = 150.0


@dataclass(frozen=True, eq=False)
class MapClass:
    """Villages of one color.

    Attributes:
        label: for the legend.
        color: of the marks.
        mask: which villages, shape (n_villages,).
        symbol: shape of the marks.
        size: of the marks [pixels].
    """

    label: str
    color: str
    mask: BoolArray
    symbol: str = "circle"
    size: float = 7.0


def sequence(colors: Sequence[str], n: int) -> list[str]:
    """Some colors, evenly spaced over a palette."""
    if n <= 1:
        return [colors[len(colors) // 2]]
    position = np.linspace(0, len(colors) - 1, n)
    return [colors[round(float(p))] if n <= len(colors) else _between(colors, float(p)) for p in position]


def map_figure(
    city: City, classes: Sequence[MapClass], hover: Sequence[str], *, height: int = 560, legend_title: str = ""
) -> Any:  # noqa: ANN401 - plotly is untyped
    """Villages by class on the outlines of the districts.

    Args:
        city: its polygons.
        classes: in the order of the legend; a village may be in none.
        hover: one text per village, already safe for a chart.
        height: of the figure [pixels].
        legend_title: over the classes.
    """
    x_km, y_km, window = city.villages.x_km, city.villages.y_km, _window(city.digest, city)
    figure = go.Figure(_ground(city.digest, city))
    texts = np.array(hover, dtype=object)
    for item in classes:
        figure.add_trace(
            go.Scatter(
                x=x_km[item.mask].astype(np.float32),
                y=y_km[item.mask].astype(np.float32),
                mode="markers",
                name=chart_text(item.label),
                marker={"color": item.color, "size": item.size, "symbol": item.symbol, "line": {"width": 0.4}},
                customdata=city.villages.village_id[item.mask].tolist(),
                text=texts[item.mask].tolist(),
                hovertemplate="%{text}<extra></extra>",
            )
        )
    figure.update_layout(
        height=height,
        margin={"l": 0, "r": 0, "t": 8, "b": 0},
        legend={"orientation": "h", "y": -0.02, "title": {"text": legend_title}},
        dragmode="pan",
        uirevision="map",
    )
    figure.update_xaxes(visible=False, range=window[[0, 2]].tolist())
    figure.update_yaxes(visible=False, range=window[[1, 3]].tolist(), scaleanchor="x", scaleratio=1)
    return figure


@lru_cache(maxsize=4)
def _ground(digest: str, city: City) -> tuple[Any, ...]:
    """Outlines of districts, with their names, and of villages."""
    del digest
    districts = [
        shapely.union_all(city.zones.geometry[city.zones.district_idx == k]) for k in range(len(city.districts))
    ]
    outline = outlines_km(shapely.simplify(np.array(districts, dtype=object), SIMPLIFIED_M))
    villages = outlines_km(shapely.simplify(city.villages.geometry, SIMPLIFIED_M / 5))
    common = {"mode": "lines", "hoverinfo": "skip", "showlegend": False}
    center = shapely.get_coordinates([shapely.point_on_surface(shape) for shape in districts]) / 1e3
    return (
        go.Scatter(x=outline[0], y=outline[1], line={"color": EDGE_COLOR, "width": 1}, **common),
        go.Scatter(x=villages[0], y=villages[1], line={"color": "#b8b8b0", "width": 0.5}, **common),
        go.Scatter(
            x=center[:, 0],
            y=center[:, 1],
            mode="text",
            text=[chart_text(name) for name in city.districts],
            textfont={"size": 10, "color": "#5a5a52"},
            hoverinfo="skip",
            showlegend=False,
        ),
    )


def outlines_km(polygons: GeometryArray) -> SingleArray:
    """Rings one after another, a gap (NaN) after each, shape (2, n_points) [km].

    An array, not a list: plotly checks and copies a list number by number, which took most of the time of an edit.
    """
    rings = shapely.get_exterior_ring(shapely.get_parts(polygons))
    if not len(rings):
        return np.zeros((2, 0), dtype=np.float32)
    points, ring_idx = shapely.get_coordinates(rings, return_index=True)
    ends = np.flatnonzero(np.diff(ring_idx, append=len(rings))) + 1
    return np.insert(points / 1e3, ends, np.nan, axis=0).T.astype(np.float32)


@lru_cache(maxsize=4)
def _window(digest: str, city: City) -> FloatArray:
    """Bounds of the villages with a margin [km]."""
    del digest
    villages = shapely.total_bounds(city.villages.geometry) / 1e3
    margin = 0.12 * max(villages[2] - villages[0], villages[3] - villages[1])
    return villages + margin * np.array([-1.0, -1.0, 1.0, 1.0])


def _between(colors: Sequence[str], position: float) -> str:
    low = int(position)
    high, share = min(low + 1, len(colors) - 1), position - low
    pair = [[int(colors[k][c : c + 2], 16) for c in (1, 3, 5)] for k in (low, high)]
    return "#" + "".join(f"{round(a + (b - a) * share):02x}" for a, b in zip(*pair, strict=True))
