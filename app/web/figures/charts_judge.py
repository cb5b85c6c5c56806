"""The ladder of mending as a chart: how the gap to the front closes with the number of changes."""

from __future__ import annotations

from typing import Any

import pandas as pd
import plotly.graph_objects as go

from app.charts.colors import OKABE_ITO
from data.catalogue import text

NEAR_CHANGES, NEAR_GAP = 0.08, 0.1
"""Parts of the width and the height within which the letters of two points would overlap."""


def ladder_figure(ladder: pd.DataFrame, language: str) -> Any:  # noqa: ANN401 - plotly is untyped
    """Gap to the front by villages changed; a cross where a hard rule is broken.

    Args:
        ladder: rows of ladder.csv.
        language: zh or en.
    """
    steps = ladder.drop_duplicates("changes", keep="last")
    gap = 100.0 * steps["gap_to_front"]
    broken = steps["n_rules_broken"] > 0
    marker = {
        "size": 12,
        "symbol": ["x" if wrong else "circle" for wrong in broken],
        "color": [OKABE_ITO[4] if wrong else OKABE_ITO[2] for wrong in broken],
    }
    figure = go.Figure(
        go.Scatter(
            x=steps["changes"],
            y=gap,
            mode="lines+markers+text",
            marker=marker,
            line={"color": OKABE_ITO[2]},
            text=[f"{value:.1f} %" for value in gap],
            textposition=_places(steps["changes"], gap),
            cliponaxis=False,
            showlegend=False,
        )
    )
    figure.add_hline(
        y=0.0, line={"dash": "dash", "color": "#000000"}, annotation_text=text("judge_front_line", language)
    )
    figure.update_layout(height=340, margin={"l": 0, "r": 48, "t": 24, "b": 0})
    figure.update_xaxes(title=text("judge_changes", language), rangemode="tozero")
    figure.update_yaxes(title=f"{text('judge_gap', language)} [%]")
    return figure


def _places(changes: pd.Series[int], gap: pd.Series[float]) -> list[str]:
    """Where the letters of each point stand: above it, but beside it where those of the point before it are near."""
    near = (changes.diff() < NEAR_CHANGES * changes.max()) & (gap.diff().abs() < NEAR_GAP * gap.max())
    places = ["top right"]
    for is_near in near.iloc[1:]:
        places.append("middle right" if is_near and places[-1] == "top right" else "top right")
    return places
