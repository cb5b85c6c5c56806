"""The price of robustness: a robust and a plain front by their mean and how far their worst tenth lies beside it."""

from __future__ import annotations

from typing import Any

import numpy as np
import plotly.graph_objects as go

from app.charts.colors import OKABE_ITO
from app.files.names import chart_text
from app.stress.price_of_robustness import TENTH, PriceOfRobustness
from app.web.figures.charts_front import shown_scale
from data.arrays import FloatArray
from data.catalogue import text
from envs.futures.spread import tail_mean
from envs.kernel.indicators.registry import INDICATORS


def price_figure(price: PriceOfRobustness, language: str) -> Any:  # noqa: ANN401 - a Plotly figure
    """Both fronts; the plan of each that is best at what its front was searched for has a ring."""
    divisor, unit = shown_scale(price.measure, language)
    figure, ends = go.Figure(), price.ends()
    fronts = ((price.plain, price.plain_ids, ends[1], "plain"), (price.robust, price.robust_ids, ends[0], "robust"))
    for k, (values, ids, best, name) in enumerate(fronts):
        mean = values.mean(axis=1)
        x, y = price.sign * mean / divisor, (_tails(values) - mean) / divisor
        figure.add_scatter(
            x=x,
            y=y,
            mode="markers",
            name=text(f"price_front_{name}", language),
            marker={"color": OKABE_ITO[k], "symbol": ("circle-open", "diamond")[k], "size": 8},
            text=[chart_text(plan) for plan in ids],
            hovertemplate="%{text}: %{x:.6g}, %{y:.6g}",
        )
        figure.add_scatter(
            x=x[best : best + 1],
            y=y[best : best + 1],
            mode="markers+text",
            text=[chart_text(ids[best])],
            textposition=("bottom center", "top center")[k],
            showlegend=False,
            hoverinfo="skip",
            marker={"color": OKABE_ITO[k], "symbol": "circle-open", "size": 16, "line": {"width": 2}},
        )
    label = INDICATORS[price.measure].label[language]
    figure.update_layout(height=420, margin={"l": 0, "r": 0, "t": 8, "b": 0}, legend={"orientation": "h", "y": -0.25})
    figure.update_xaxes(title=f"{label}{text('price_axis_mean', language)} [{unit}]", exponentformat="none")
    figure.update_yaxes(title=f"{text('price_axis_tail', language)} [{unit}]", exponentformat="none")
    return figure


def _tails(values: FloatArray) -> FloatArray:
    return np.array([tail_mean(each, TENTH) for each in values])
