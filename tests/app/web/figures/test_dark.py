"""Black lines are light on a dark page; words on colored bars and colored lines stay."""

from __future__ import annotations

import plotly.graph_objects as go

from app.web.figures.dark import WHITE, in_the_dark


def test_black_lines_alone_change() -> None:
    figure = go.Figure(go.Scatter(x=[1], y=[2], line={"color": "#000000"}, marker={"color": "#0072b2"}))
    figure.add_trace(
        go.Bar(x=[1], y=[2], textfont={"color": "#000000"}, marker={"line": {"color": ["#000000", "#fff"]}})
    )
    figure.add_vline(x=1, line={"color": "black"})
    dark = in_the_dark(figure)
    line, bar = dark["data"]
    assert line["line"]["color"] == WHITE
    assert line["marker"]["color"] == "#0072b2"
    assert bar["textfont"]["color"] == "#000000"
    assert list(bar["marker"]["line"]["color"]) == [WHITE, "#fff"]
    assert dark["layout"]["shapes"][0]["line"]["color"] == WHITE
    assert figure.data[0].line.color == "#000000"
