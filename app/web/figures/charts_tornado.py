"""Tornado of a plan: how far each parameter with a range moves an indicator, the widest on top."""

from __future__ import annotations

import plotly.graph_objects as go

from app.charts.colors import OKABE_ITO
from app.files.names import chart_text
from app.studies.tornado_file import Tornado
from app.studies.tornado_text import WIDEST
from app.web.figures.charts_front import axis_title, largest, shown_scale
from data.catalogue import text
from data.parameter_book import Book


def tornado_figure(tornado: Tornado, book: Book, name: str, language: str) -> go.Figure:
    """Bars from the scenario's value to either end, the widest on top."""
    bars = [bar for bar in tornado.bars(name) if bar.swing > 0.0][:WIDEST][::-1]
    most = largest([tornado.base.outcomes[name], *(end for bar in bars for end in (bar.at_low, bar.at_high))])
    factor = shown_scale(name, language, most)[0]
    center = tornado.base.outcomes[name] / factor
    labels = [chart_text(parameter_label(book, bar.key, language)) + (" *" if bar.n_broken else "") for bar in bars]
    figure = go.Figure()
    for color, word, values, ends in (
        (OKABE_ITO[0], "tornado_low", [bar.at_low for bar in bars], [bar.low for bar in bars]),
        (OKABE_ITO[1], "tornado_high", [bar.at_high for bar in bars], [bar.high for bar in bars]),
    ):
        figure.add_bar(
            y=labels,
            x=[value / factor - center for value in values],
            base=center,
            orientation="h",
            name=text(word, language),
            marker={"color": color},
            text=[f"{end:g}" for end in ends],
            textposition="auto",
            hovertemplate="%{y}<br>%{x:.6g}<extra></extra>",
        )
    figure.update_layout(
        barmode="overlay",
        height=120 + 32 * len(bars),
        margin={"l": 0, "r": 0, "t": 8, "b": 0},
        legend={"orientation": "h"},
    )
    figure.add_vline(x=center, line={"color": "#000000", "width": 1})
    figure.update_xaxes(title=axis_title(name, language, most), exponentformat="none")
    return figure


def parameter_label(book: Book, key: str, language: str) -> str:
    """Name of a parameter in a language."""
    return book[key].label_zh if language == "zh" else book[key].label_en
