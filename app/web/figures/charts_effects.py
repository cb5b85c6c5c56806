"""Charts of who gains and who loses, and of what renters pay before and after."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import plotly.graph_objects as go

from app.charts.colors import GAINS_COLOR, LOSES_COLOR, OKABE_ITO, UNMOVED_COLOR
from app.files.names import chart_text
from app.people.effects_parts import NamedParts
from data.catalogue import text

ROW_PX, FRAME_PX = 30, 70
LEAST_WRITTEN = 0.07
"""Share from which on a bar has room for its number."""
SIDES = {"losers": LOSES_COLOR, "unmoved": UNMOVED_COLOR, "winners": GAINS_COLOR}
INKS = {"losers": "#000000", "unmoved": "#000000", "winners": "#ffffff"}


def shares_figure(blocks: Sequence[NamedParts], language: str) -> Any:  # noqa: ANN401 - plotly is untyped
    """Who loses, stays as he was and gains, of each part that has somebody: bars of 100 %.

    Args:
        blocks: parts with their names.
        language: zh or en.
    """
    rows = [
        (chart_text(labels[k]), float(parts.losers_share[k]), float(parts.winners_share[k]))
        for labels, parts in blocks
        for k in np.flatnonzero(parts.persons > 0.0).tolist()
    ]
    names = [name for name, _, _ in rows]
    losers, winners = (np.array([row[k] for row in rows]) for k in (1, 2))
    shares = {"losers": losers, "unmoved": 1.0 - losers - winners, "winners": winners}
    figure = go.Figure([
        go.Bar(
            y=names,
            x=(100.0 * shares[side]).tolist(),
            orientation="h",
            name=text(f"effects_bar_{side}", language),
            marker_color=color,
            text=[f"{100.0 * share:.0f} %" if share >= LEAST_WRITTEN else "" for share in shares[side]],
            textfont={"color": INKS[side]},
            insidetextanchor="middle",
            textangle=0,
            hovertemplate="%{y}: %{x:.1f} %",
        )
        for side, color in SIDES.items()
    ])  # fmt: skip
    figure.update_layout(barmode="stack", xaxis={"range": [0, 100], "title": text("effects_bar_axis", language)})
    return _in_rows(figure, len(rows))


def burden_figure(blocks: Sequence[NamedParts], language: str) -> Any:  # noqa: ANN401 - plotly is untyped
    """Rent over income before and after, of each part that rents.

    Args:
        blocks: parts with their names.
        language: zh or en.
    """
    rows = [
        (chart_text(labels[k]), 100.0 * float(parts.rent_burden_before[k]), 100.0 * float(parts.rent_burden_after[k]))
        for labels, parts in blocks
        for k in np.flatnonzero(~np.isnan(parts.rent_burden_before)).tolist()
    ]
    names, before, after = [row[0] for row in rows], [row[1] for row in rows], [row[2] for row in rows]
    figure = go.Figure()
    for name, low, high in rows:
        figure.add_scatter(
            x=[low, high], y=[name, name], mode="lines", line={"color": "#8a8a80", "width": 3}, showlegend=False,
            hoverinfo="skip",
        )  # fmt: skip
    states = {"before": (before, "circle-open"), "after": (after, "circle")}
    for state, (values, symbol) in states.items():
        figure.add_scatter(
            x=values, y=names, mode="markers", name=text(f"effects_burden_{state}", language),
            marker={"symbol": symbol, "size": 12, "color": OKABE_ITO[0], "line": {"width": 2.5}},
            hovertemplate="%{y}: %{x:.1f} %",
        )  # fmt: skip
    figure.update_layout(xaxis={"rangemode": "tozero", "title": text("effects_burden_axis", language)})
    return _in_rows(figure, len(rows))


def _in_rows(figure: Any, n_rows: int) -> Any:  # noqa: ANN401
    """Rows from above, as the table beside them."""
    figure.update_layout(
        height=FRAME_PX + ROW_PX * (n_rows + 1),
        margin={"l": 8, "r": 8, "t": 8, "b": 8},
        yaxis={"autorange": "reversed", "type": "category", "automargin": True},
        legend={"orientation": "h", "y": 1.0, "yanchor": "bottom", "traceorder": "normal"},
    )
    return figure
