"""A factor of a sweep as a chart: every run a dot, medians with quartiles by level."""

from __future__ import annotations

from typing import Any

import pandas as pd
import plotly.graph_objects as go

from app.charts.colors import KEPT_COLOR, OKABE_ITO
from app.files.names import chart_text
from app.sweeps.level_ranks import FactorEffect
from app.sweeps.level_words import factor_label, level_label
from app.sweeps.sweep_text import measure_label, measure_scale
from data.catalogue import text


def levels_figure(effect: FactorEffect, table: pd.DataFrame, measure: str, language: str) -> Any:  # noqa: ANN401
    """Runs, medians and quartiles by level, the first level on top.

    Args:
        effect: of the factor.
        table: of the sweep.
        measure: column of the table.
        language: zh or en.
    """
    scale, unit = measure_scale(measure, language)
    names = {spread.level: chart_text(level_label(effect.factor, spread.level, language)) for spread in effect.levels}
    rows = table[table[measure].notna()]
    figure = go.Figure(
        go.Scatter(
            x=(rows[measure] / scale).tolist(),
            y=[names[level] for level in rows[effect.factor]],
            mode="markers",
            name=text("sweep_chart_runs", language),
            marker={"color": KEPT_COLOR, "size": 7, "opacity": 0.6},
            hovertemplate="%{x:.5g}<extra></extra>",
        )
    )
    figure.add_scatter(
        x=[spread.median / scale for spread in effect.levels],
        y=list(names.values()),
        mode="markers",
        name=text("sweep_chart_median", language),
        marker={"color": OKABE_ITO[0], "size": 13, "symbol": "diamond"},
        error_x={
            "type": "data",
            "symmetric": False,
            "array": [(spread.high_quartile - spread.median) / scale for spread in effect.levels],
            "arrayminus": [(spread.median - spread.low_quartile) / scale for spread in effect.levels],
            "thickness": 3,
            "width": 8,
        },
        hovertemplate="%{x:.5g}<extra></extra>",
    )
    figure.update_layout(
        height=150 + 44 * len(names), margin={"l": 0, "r": 0, "t": 8, "b": 0}, legend={"orientation": "h", "y": -0.4}
    )
    figure.update_xaxes(title=f"{measure_label(measure, language)} [{unit}]".removesuffix(" []"), exponentformat="none")
    figure.update_yaxes(
        title=factor_label(effect.factor, language), type="category", autorange="reversed", automargin=True
    )
    return figure
