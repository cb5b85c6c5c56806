"""Charts of plans in futures: fans of a quantity by year, shares of what moves a plan, bars beside a front."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from app.charts.colors import OKABE_ITO
from app.files.names import chart_text
from app.plans.front_view import FrontView
from app.stress.stress_text import group_label
from app.web.figures.charts_front import front_scale, largest
from app.words.console import axis_scale
from data.arrays import FloatArray
from data.catalogue import text
from envs.futures.variance_shares import NORMAL_QUANTILE

HEIGHT = 300
BAND, MIDDLE, MEAN = "rgba(0,114,178,0.22)", "#0072B2", "#D55E00"
MARGIN = {"l": 0, "r": 0, "t": 8, "b": 0}


def fan_figure(rows: pd.DataFrame, unit: str, title: str, language: str) -> Any:  # noqa: ANN401 - plotly is untyped
    """P10 to P90 as a band, P50 and mean as lines, by year.

    Args:
        rows: columns year, p10, p50, p90, mean.
        unit: of them.
        title: of the vertical axis, without unit.
        language: zh or en.
    """
    scale, word = axis_scale(unit, language, largest(rows[["p10", "p90"]]))
    year, shown = rows["year"].tolist(), {name: (rows[name] / scale).tolist() for name in ("p10", "p50", "p90", "mean")}
    figure = go.Figure()
    figure.add_scatter(x=year, y=shown["p90"], mode="lines", line={"width": 0}, showlegend=False, hoverinfo="skip")
    figure.add_scatter(
        x=year, y=shown["p10"], mode="lines", line={"width": 0}, fill="tonexty", fillcolor=BAND, name="P10 - P90"
    )
    figure.add_scatter(x=year, y=shown["p50"], mode="lines", line={"color": MIDDLE}, name="P50")
    mean = text("stress_column_mean", language)
    figure.add_scatter(x=year, y=shown["mean"], mode="lines", line={"color": MEAN, "dash": "dot"}, name=mean)
    figure.update_layout(height=HEIGHT, margin=MARGIN, legend={"orientation": "h", "y": 1.12}, hovermode="x unified")
    figure.update_xaxes(title=text("stress_axis_year", language), exponentformat="none")
    figure.update_yaxes(title=chart_text(f"{title} [{word}]".removesuffix(" [-]")), exponentformat="none")
    return figure


def causes_figure(rows: pd.DataFrame, language: str) -> Any:  # noqa: ANN401 - plotly is untyped
    """First and total Sobol index of each group with 95 % ranges, the largest on top."""
    ordered = rows.sort_values("total")
    labels = [chart_text(group_label(str(group), language)) for group in ordered["group"]]
    figure = go.Figure()
    for name, color in (("total", OKABE_ITO[1]), ("first", OKABE_ITO[0])):
        figure.add_bar(
            y=labels,
            x=(100.0 * ordered[name]).tolist(),
            error_x={
                "type": "data",
                "array": (100.0 * NORMAL_QUANTILE * ordered[f"{name}_se"]).tolist(),
                "thickness": 1,
            },
            orientation="h",
            name=text(f"stress_{name}_index", language),
            marker={"color": color},
        )
    figure.update_layout(height=110 + 34 * len(labels), margin=MARGIN, barmode="group", legend={"orientation": "h"})
    figure.update_xaxes(title=text("stress_axis_share", language))
    return figure


def add_error_bars(
    figure: Any,  # noqa: ANN401 - plotly is untyped
    view: FrontView,
    axes: Sequence[str],
    bars: Mapping[str, FloatArray],
    language: str,
) -> None:
    """P10 to P90 over futures beside every plan of a front in two dimensions, where futures move an axis.

    Args:
        figure: the scatter.
        view: the front.
        axes: two columns.
        bars: column -> how far P10 and P90 lie below and above, shape (2, n_plans).
        language: zh or en.
    """
    if len(axes) != 2 or not any(name in bars for name in axes):
        return
    ends: dict[str, Any] = {}
    points = []
    for axis, name in zip("xy", axes, strict=True):
        scale = front_scale(view, name, language)[0]
        points.append((view.front[name].to_numpy(np.float64) / scale).tolist())
        if name in bars:
            below, above = np.nan_to_num(bars[name] / scale)
            style = {"color": "rgba(90,100,110,0.45)", "thickness": 1, "width": 0}
            ends[f"error_{axis}"] = {
                "type": "data", "symmetric": False, "array": above.tolist(), "arrayminus": below.tolist(), **style,
            }  # fmt: skip
    figure.add_scatter(
        x=points[0],
        y=points[1],
        mode="markers",
        marker={"size": 1, "color": "rgba(90,100,110,0.45)"},
        name=text("front_chart_futures", language),
        hoverinfo="skip",
        **ends,
    )
