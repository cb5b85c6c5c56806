"""Charts of bargaining: what each party has round by round, and what each has by several plans."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import plotly.graph_objects as go
from plotly.subplots import make_subplots

from app.bargaining.gains_by_round import GainsByRound
from app.charts.colors import OKABE_ITO
from data.arrays import FloatArray
from data.catalogue import text
from envs.people.bargaining.parties import PARTIES

PATTERNS = ("", "/", "x")


def rounds_figure(gains: GainsByRound, language: str) -> Any:  # noqa: ANN401 - plotly is untyped
    """A panel for each party: its own offer and the best of the others', from the plan to the end.

    Args:
        gains: of a project that agrees.
        language: zh or en.
    """
    steps = [text("bargain_step_plan", language), *map(str, range(len(gains.own))), text("bargain_step_end", language)]
    figure = make_subplots(
        rows=len(PARTIES),
        cols=1,
        shared_xaxes=True,
        vertical_spacing=0.07,
        subplot_titles=[text(f"bargain_party_{party}", language) for party in PARTIES],
    )
    lines = (
        ("own", gains.own, {"symbol": "circle", "size": 7}, "solid", OKABE_ITO[0]),
        ("others", gains.others, {"symbol": "diamond-open", "size": 8}, "dash", OKABE_ITO[4]),
    )
    for row in range(len(PARTIES)):
        for name, worth, marker, dash, color in lines:
            figure.add_scatter(
                x=steps[1:-1],
                y=worth[:, row].tolist(),
                mode="lines+markers",
                marker=marker,
                line={"color": color, "dash": dash},
                name=text(f"bargain_line_{name}", language),
                legendgroup=name,
                showlegend=row == 0,
                row=row + 1,
                col=1,
            )
        figure.add_scatter(
            x=[steps[0], steps[-1]],
            y=[gains.plan[row], gains.end[row]],
            mode="markers",
            marker={"symbol": "square", "size": 10, "color": "#000000"},
            name=text("bargain_line_ends", language),
            legendgroup="ends",
            showlegend=row == 0,
            row=row + 1,
            col=1,
        )
    figure.update_layout(
        height=620,
        margin={"l": 8, "r": 8, "t": 60, "b": 8},
        legend={"orientation": "h", "y": 1.05, "yanchor": "bottom"},
    )
    figure.update_xaxes(type="category", categoryorder="array", categoryarray=steps)
    figure.update_xaxes(title=text("bargain_axis_round", language), row=len(PARTIES), col=1)
    figure.update_yaxes(tickformat="+,.0f", nticks=5)
    return figure


def parties_figure(values: Mapping[str, FloatArray], axis: str, language: str) -> Any:  # noqa: ANN401
    """What each party has, side by side.

    Args:
        values: what is compared, in words -> gains in the order of PARTIES.
        axis: what they are counted in.
        language: zh or en.
    """
    figure = go.Figure(
        [
            go.Bar(
                x=[text(f"bargain_party_{party}", language) for party in PARTIES],
                y=gains.tolist(),
                name=name,
                marker={"color": color, "pattern": {"shape": pattern}},
            )
            for (name, gains), color, pattern in zip(values.items(), OKABE_ITO, PATTERNS, strict=False)
        ]
    )
    figure.update_layout(
        barmode="group",
        height=340,
        margin={"l": 8, "r": 8, "t": 8, "b": 8},
        yaxis={"title": axis, "exponentformat": "none"},
        legend={"orientation": "h", "y": 1.02, "yanchor": "bottom"},
    )
    return figure
