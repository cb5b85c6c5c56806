"""Charts of what came of a plan: planned and actual by year."""

from __future__ import annotations

from typing import Any

import plotly.graph_objects as go

from app.charts.colors import OKABE_ITO
from app.record.comparison import Comparison
from app.words.console import money_scale
from data.catalogue import text


def cost_by_year_figure(shown: Comparison, language: str) -> Any:  # noqa: ANN401 - plotly is untyped
    """Cost by year, planned beside actual.

    Args:
        shown: the plan and what came of it.
        language: zh or en.
    """
    frame = shown.by_year()
    scale, unit = money_scale("CNY", language)
    figure = go.Figure(
        [
            go.Bar(
                x=frame["year"],
                y=frame[f"{which}_cost_cny"] / scale,
                name=text(f"compared_{which}", language),
                marker_color=OKABE_ITO[color],
            )
            for which, color in (("planned", 0), ("actual", 1))
        ]
    )
    figure.update_layout(
        barmode="group",
        height=300,
        margin={"l": 8, "r": 8, "t": 8, "b": 8},
        xaxis={"title": text("compared_column_year", language), "dtick": 1},
        yaxis={"title": text("compared_axis_cost", language, unit=unit)},
        legend={"orientation": "h", "y": 1.12},
    )
    return figure
