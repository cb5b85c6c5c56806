"""Goal seeking as a chart: what the best plan reaches at every value tried."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import plotly.graph_objects as go

from app.charts.colors import KEPT_COLOR, OKABE_ITO
from app.web.figures.charts_front import axis_title, shown_scale, yearly_title
from app.words.lever_text import lever_scale
from data.catalogue import text
from data.scenario import Target
from envs.kernel.indicators.registry import INDICATORS

Trials = Sequence[Mapping[str, Any]]


def tried_figure(
    trials: Trials, target: Target, lever: tuple[str, str], language: str, chosen: float | None = None
) -> Any:  # noqa: ANN401 - plotly is untyped
    """What the best plan reaches at every value tried; filled where all targets are met.

    Args:
        trials: records, ascending by value; their first output is the target's.
        target: the first target, drawn as a line.
        lever: its label and unit.
        language: zh or en.
        chosen: the value that was chosen.
    """
    (label, unit), name = lever, target.indicator
    factor, word = lever_scale(unit, language)
    limit = (target.at_least if target.at_most is None else target.at_most) or 0.0
    most = max([abs(limit), *(abs(t["targets"][0]["output"] or 0.0) for t in trials)])
    scale = shown_scale(name, language, most)[0]
    points = [(t["value"] / factor, t["targets"][0]["output"], t["met"], t["value"] == chosen) for t in trials]
    points = [(x, y / scale, met, best) for x, y, met, best in points if y is not None]
    figure = go.Figure(
        go.Scatter(
            x=[x for x, *_ in points],
            y=[y for _, y, *_ in points],
            mode="lines",
            line={"color": KEPT_COLOR},
            hoverinfo="skip",
            showlegend=False,
        )
    )
    looks = (("goal_met", True, "circle", OKABE_ITO[2]), ("goal_missed", False, "x", OKABE_ITO[4]))
    for key, is_met, symbol, color in looks:
        shown_points = [(x, y) for x, y, met, _ in points if met == is_met]
        if shown_points:
            marker = {"symbol": symbol, "size": 11, "color": color}
            xs, ys = [x for x, _ in shown_points], [y for _, y in shown_points]
            figure.add_scatter(x=xs, y=ys, mode="markers", name=text(key, language), marker=marker)
    ring = {"symbol": "circle-open", "size": 20, "color": "#000000", "line": {"width": 2}}
    for x, y, _, best in points:
        if best:
            figure.add_scatter(x=[x], y=[y], mode="markers", name=text("goal_chosen", language), marker=ring)
    sign = "≥" if target.at_most is None else "≤"
    words = f"{text('column_target', language)} {sign} {limit / scale:,.6g}"
    figure.add_hline(y=limit / scale, line={"dash": "dash", "color": "#000000"}, annotation_text=words)
    figure.update_layout(height=380, margin={"l": 0, "r": 0, "t": 8, "b": 0}, legend={"orientation": "h", "y": -0.25})
    figure.update_xaxes(title=f"{label} [{word}]".removesuffix(" [-]"), exponentformat="none")
    of_year = target.year is not None
    title = yearly_title(INDICATORS[name].yearly_name, language, most) if of_year else axis_title(name, language, most)
    figure.update_yaxes(title=title, exponentformat="none")
    return figure
