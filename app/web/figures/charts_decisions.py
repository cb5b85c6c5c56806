"""The decision path as a picture: years as columns, districts as rows, a dot for each village, ties on demand."""

from __future__ import annotations

from typing import Any

import numpy as np
import plotly.graph_objects as go

from app.charts.colors import KEPT_COLOR, OKABE_ITO
from app.decisions.path_map import decided_by, deciding_colors, deciding_words
from app.decisions.told_path import ToldPath
from app.files.names import chart_text
from app.whatif.change_text import village_words
from data.arrays import FloatArray
from data.catalogue import text
from envs.reasons.decisions.open_choices import NONE
from envs.reasons.decisions.path_graph import CAPITAL, CATCHMENT, KINDS, MARKET, QUOTA

PER_ROW = 6
"""Dots beside each other in a cell."""
WIDTH, STEP = 0.72, 0.18
"""Of a cell's dots in years, and from one row of dots to the next in rows of districts."""
EDGE_COLORS = dict(zip((QUOTA, CAPITAL, CATCHMENT, MARKET), OKABE_ITO[3:7], strict=True))
ROW_PX, TOP_PX = 40, 150
YEARS_ROW = -1.0
"""Where the years stand as nodes, above the districts."""


def decisions_figure(told: ToldPath, chosen: int, language: str) -> Any:  # noqa: ANN401 - plotly is untyped
    """Every village of the path in the cell of its start year and district.

    Args:
        told: decisions.
        chosen: village whose ties are drawn; NONE = none.
        language: zh or en.
    """
    path, city = told.path, told.path.resolved.city
    at = dot_positions(told)
    figure = go.Figure()
    _draw_ties(figure, told, at, chosen, language)
    _draw_years(figure, told, language)
    by_step, colors = np.array(decided_by(told)), deciding_colors(told)
    for name, color in colors.items():
        steps = np.flatnonzero(by_step == name)
        if steps.size:
            figure.add_scatter(
                x=at[steps, 0],
                y=at[steps, 1],
                mode="markers",
                name=deciding_words(name, language),
                marker={
                    "color": color,
                    "size": 9,
                    "symbol": ["circle" if path.gain[k] >= 0.0 else "circle-open" for k in steps.tolist()],
                    "line": {"color": "#000000", "width": [2.5 if path.village[k] == chosen else 0.0 for k in steps]},
                },
                text=[_hover(told, int(step), language) for step in steps],
                customdata=[str(city.villages.village_id[path.village[step]]) for step in steps],
                hovertemplate="%{text}<extra></extra>",
            )
    rows = np.unique(city.villages.district_idx[path.village])
    figure.update_layout(
        height=TOP_PX + ROW_PX * max(3, rows.size + 1),
        margin={"l": 0, "r": 0, "t": 8, "b": 0},
        legend={"orientation": "h", "y": 1.02, "yanchor": "bottom"},
    )
    figure.update_xaxes(
        title=text("programme_year", language), dtick=1, range=[0.4, told.path.resolved.scenario.plan_years + 0.6]
    )
    labels = [text("decision_years_row", language), *(chart_text(city.districts[d]) for d in rows)]
    figure.update_yaxes(
        tickvals=[YEARS_ROW, *range(rows.size)],
        ticktext=labels,
        range=[rows.size - 0.4, YEARS_ROW - 0.5],
        showgrid=False,
    )
    return figure


def dot_positions(told: ToldPath) -> FloatArray:
    """Year and row of each step's dot, shape (n_steps, 2): in the order of the path within each cell."""
    path, city = told.path, told.path.resolved.city
    district = city.villages.district_idx[path.village]
    row = np.searchsorted(np.unique(district), district)
    at, seen = np.zeros((path.n_steps, 2)), dict[tuple[int, int], int]()
    for step, cell in enumerate(zip(path.year.tolist(), row.tolist(), strict=True)):
        k = seen.get(cell, 0)
        seen[cell] = k + 1
        at[step] = (
            cell[0] + WIDTH * ((k % PER_ROW + 0.5) / PER_ROW - 0.5),
            cell[1] - 0.2 + STEP * (k // PER_ROW),
        )
    return at


def _hover(told: ToldPath, step: int, language: str) -> str:
    village = chart_text(village_words(told.path.resolved, int(told.path.village[step])))
    return text("decision_hover", language, step=step + 1, village=village, gain=100.0 * float(told.path.gain[step]))


def _draw_years(figure: Any, told: ToldPath, language: str) -> None:  # noqa: ANN401
    """Years as nodes: filled where no place is left."""
    years = list(range(1, told.path.resolved.scenario.plan_years + 1))
    figure.add_scatter(
        x=years,
        y=[YEARS_ROW] * len(years),
        mode="markers",
        name=text("decision_year_nodes", language),
        marker={
            "color": "#404040",
            "size": 12,
            "symbol": ["square" if year in told.full_years else "square-open" for year in years],
        },
        hovertemplate="%{x}<extra></extra>",
    )


def _draw_ties(figure: Any, told: ToldPath, at: FloatArray, chosen: int, language: str) -> None:  # noqa: ANN401
    """Lines from the chosen village to what it shares something with."""
    place = {int(village): at[step] for step, village in enumerate(told.path.village)}
    if chosen not in place:
        return
    for kind in KINDS:
        x: list[float | None] = []
        y: list[float | None] = []
        for edge in told.edges:
            if edge.kind != kind or chosen not in (edge.source, edge.target):
                continue
            other = edge.source if edge.target == chosen else edge.target
            end = (float(edge.year), YEARS_ROW) if other == NONE else place.get(other)
            if end is not None:
                x += [float(place[chosen][0]), float(end[0]), None]
                y += [float(place[chosen][1]), float(end[1]), None]
        if x:
            figure.add_scatter(
                x=x, y=y, mode="lines", name=text(f"decision_kind_{kind}", language),
                line={"color": EDGE_COLORS.get(kind, KEPT_COLOR), "width": 1.5}, hoverinfo="skip",
            )  # fmt: skip
