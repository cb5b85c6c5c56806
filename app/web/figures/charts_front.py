"""Charts of a front: scatter in two and three dimensions, parallel coordinates, progress of a search."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go
from numpy.typing import NDArray

from app.charts.colors import KEPT_COLOR
from app.files.names import chart_text
from app.plans.front_view import FrontView
from app.plans.quantities import Quantity
from app.words.console import axis_scale
from data.arrays import BoolArray, FloatArray
from envs.kernel.indicators.registry import INDICATORS, YEARLY

HEIGHT = 460
EYE = {"x": 1.6, "y": 1.6, "z": 1.0}
"""Far enough for the titles of three axes."""
TRADEOFF = "high_tradeoff"
TRADEOFF_LOOK = {"color": "#E69F00", "symbol": "triangle-up", "size": 11}
LETTER_SHARE = 0.075
"""Of the range of an axis: letters that are nearer to each other cover each other, where the chart is narrow."""
LETTER_COLOR = "#D55E00"


def largest(values: object) -> float:
    """Size of the largest of some numbers; 0 where none is known."""
    sizes = np.abs(np.asarray(values, dtype=np.float64))
    return float(np.max(sizes, where=np.isfinite(sizes), initial=0.0))


def shown_scale(name: str, language: str, most: float = 0.0) -> tuple[float, str]:
    """What an indicator is divided by on a chart, and the unit that it then has.

    Args:
        name: of the indicator.
        language: zh or en.
        most: size of the largest number shown; 0 where it is not known.
    """
    return scale_of(INDICATORS[name], language, most)


def scale_of(quantity: Quantity, language: str, most: float = 0.0) -> tuple[float, str]:
    """What a quantity is divided by on a chart, and the unit that it then has."""
    return axis_scale(quantity.unit, language, most)


def axis_title(name: str, language: str, most: float = 0.0) -> str:
    """Label, unit and better side of an indicator."""
    return title_of(INDICATORS[name], language, most)


def title_of(quantity: Quantity, language: str, most: float = 0.0) -> str:
    """Label, unit and better side."""
    arrow = {"max": " ↑", "min": " ↓", "": ""}[quantity.sense]
    return _with_unit(quantity.label[language], scale_of(quantity, language, most)[1]) + arrow


def yearly_title(name: str, language: str, most: float = 0.0) -> str:
    """Title of a yearly series, with its unit and, where it is the indicator's own, its better side."""
    item = YEARLY[name]
    arrow = {"max": " ↑", "min": " ↓", "": ""}[item.sense if item.yearly_name == item.name else ""]
    return _with_unit(item.yearly_label[language], axis_scale(item.unit, language, most)[1]) + arrow


def _with_unit(label: str, unit: str) -> str:
    return f"{label} [{unit}]".replace(" [-]", "").replace(" []", "")


def scaled(view: FrontView, name: str, language: str) -> FloatArray:
    """Values of a column as the chart shows them."""
    return view.front[name].to_numpy(np.float64) / front_scale(view, name, language)[0]


def front_scale(view: FrontView, name: str, language: str) -> tuple[float, str]:
    """What a column of a front is divided by on its charts, and the unit that it then has."""
    return scale_of(view.quantities[name], language, largest(view.front[name]))


def front_title(view: FrontView, name: str, language: str) -> str:
    """Title of an axis of a front."""
    return title_of(view.quantities[name], language, largest(view.front[name]))


def scatter_figure(
    view: FrontView, axes: Sequence[str], inside: BoolArray, chosen: str, labels: dict[str, str], language: str
) -> Any:  # noqa: ANN401 - plotly is untyped
    """Plans on two or three axes; those outside the limits are gray. Named plans get their letters by `add_letters`.

    Args:
        view: the front.
        axes: two or three columns.
        inside: plans within the limits.
        chosen: id of the plan in hand.
        labels: mark or "chosen", "inside", "outside" -> text of the legend.
        language: zh or en.
    """
    data = [scaled(view, name, language) for name in axes]
    ids = np.array(view.plan_ids, dtype=object)
    figure = go.Figure()
    for mask, name, color, size in (
        (~inside, labels["outside"], KEPT_COLOR, 5.0),
        (inside, labels["inside"], "#31688e", 7.0),
    ):
        figure.add_trace(_points(data, ids, mask, name, {"color": color, "size": size}))
    tradeoff = np.isin(ids, view.high_tradeoff)
    if tradeoff.any():
        symbol = {"symbol": "diamond-open"} if len(axes) == 3 else {}
        figure.add_trace(_points(data, ids, tradeoff, labels[TRADEOFF], TRADEOFF_LOOK | symbol))
    in_hand = ids == chosen
    if in_hand.any():
        ring = {"color": "#000000", "symbol": "circle-open", "size": 18, "line": {"width": 3}}
        figure.add_trace(_points(data, ids, in_hand, f"{labels['chosen']} {chosen}", ring))
    titles = [front_title(view, name, language) for name in axes]
    figure.update_layout(
        height=HEIGHT, margin={"l": 0, "r": 0, "t": 8, "b": 0}, legend={"orientation": "h", "y": -0.15}
    )
    if len(axes) == 3:
        keys = ("xaxis", "yaxis", "zaxis")
        scene = {key: {"title": {"text": text}} for key, text in zip(keys, titles, strict=True)}
        figure.update_layout(scene=scene | {"camera": {"eye": EYE}})
    else:
        figure.update_xaxes(title=titles[0], exponentformat="none")
        figure.update_yaxes(title=titles[1], exponentformat="none")
    return figure


def add_letters(
    figure: Any,  # noqa: ANN401 - plotly is untyped
    named: Sequence[tuple[str, str, Mapping[str, float]]],
    axes: Sequence[tuple[str, float]],
    label: str,
) -> None:
    """Write the letters of named plans on a scatter; a line leads from one that had to make room to its plan.

    Args:
        figure: of `scatter_figure`.
        named: letter, plan id and values of each; one that has no value on an axis is left out.
        axes: those of the figure: column and what it is divided by.
        label: of the legend.
    """
    names, factors = [name for name, _ in axes], [factor for _, factor in axes]
    there = [item for item in named if all(np.isfinite(item[2].get(name, np.nan)) for name in names)]
    if not there:
        return
    columns = [[item[2][name] / factor for item in there] for name, factor in zip(names, factors, strict=True)]
    look = {"color": "#ffffff", "size": 20, "line": {"color": LETTER_COLOR, "width": 2}}
    common = {
        "mode": "markers+text",
        "name": chart_text(label),
        "text": [letter for letter, _, _ in there],
        "textfont": {"color": "#20202a", "size": 12},
        "customdata": [plan_id for _, plan_id, _ in there],
        "hovertemplate": "%{text}: %{customdata}<extra></extra>",
    }
    if len(columns) == 3:
        figure.add_trace(go.Scatter3d(x=columns[0], y=columns[1], z=columns[2], **common, marker=look | {"size": 12}))
    else:
        at = np.array(columns).T
        moved = letter_places(at, _ranges(figure))
        for (x, y), (to_x, to_y) in zip(at.tolist(), moved.tolist(), strict=True):
            if (x, y) != (to_x, to_y):
                line = {"color": LETTER_COLOR, "width": 1.5}
                figure.add_shape(type="line", x0=x, y0=y, x1=to_x, y1=to_y, line=line, layer="below")
        of_plans = dict(zip("xy", columns, strict=True))
        figure.add_trace(go.Scatter(x=moved[:, 0], y=moved[:, 1], meta=of_plans, **common, marker=look))


def _ranges(figure: Any) -> FloatArray:  # noqa: ANN401 - plotly is untyped
    """How far the plans of a scatter reach on either axis, shape (2,)."""
    every = [np.concatenate([np.asarray(trace[axis], np.float64) for trace in figure.data]) for axis in "xy"]
    return np.array([np.ptp(values) or 1.0 if values.size else 1.0 for values in every])


def letter_places(places: FloatArray, ranges: FloatArray) -> FloatArray:
    """Places of letters, each moved away from those before it that it would cover, as little as that takes.

    Args:
        places: shape (n, 2) [units of the axes].
        ranges: of the chart, shape (2,).
    """
    moved = places / ranges
    for k in range(1, len(moved)):
        for _ in range(k):
            gaps = moved[k] - moved[:k]
            distances = np.hypot(gaps[:, 0], gaps[:, 1])
            nearest = int(distances.argmin())
            if distances[nearest] >= LETTER_SHARE:
                break
            way = gaps[nearest] / distances[nearest] if distances[nearest] else np.array([1.0, 0.0])
            moved[k] = moved[nearest] + LETTER_SHARE * way
    return moved * ranges


def _points(
    data: Sequence[FloatArray],
    ids: NDArray[np.object_],
    mask: BoolArray,
    name: str,
    marker: dict[str, Any],
) -> Any:  # noqa: ANN401 - plotly is untyped
    columns = [column[mask] for column in data]
    common = {
        "mode": "markers",
        "name": chart_text(name),
        "marker": marker,
        "customdata": ids[mask].tolist(),
        "hovertemplate": "%{customdata}<br>"
        + "<br>".join(f"%{{{axis}:.6g}}" for axis in "xyz"[: len(data)])
        + "<extra></extra>",
    }
    if len(data) == 3:
        marker = {"symbol": "circle"} | marker | {"size": marker["size"] * 0.6}
        return go.Scatter3d(x=columns[0], y=columns[1], z=columns[2], **(common | {"marker": marker}))
    return go.Scatter(x=columns[0], y=columns[1], **common)


def live_figure(values: FloatArray, objectives: Sequence[str], language: str) -> Any:  # noqa: ANN401
    """The plans found so far on the first two objectives."""
    axes = list(objectives[:2]) if len(objectives) > 1 else [objectives[0]] * 2
    drawn = [values[:, objectives.index(name)] for name in axes]
    most = [largest(column) for column in drawn]
    columns = [column / shown_scale(name, language, m)[0] for name, column, m in zip(axes, drawn, most, strict=True)]
    figure = go.Figure(go.Scatter(x=columns[0], y=columns[1], mode="markers", marker={"color": "#31688e", "size": 6}))
    figure.update_layout(height=320, margin={"l": 0, "r": 0, "t": 8, "b": 0})
    figure.update_xaxes(title=axis_title(axes[0], language, most[0]), exponentformat="none")
    figure.update_yaxes(title=axis_title(axes[1], language, most[1]), exponentformat="none")
    return figure


def progress_figure(steps: pd.DataFrame, x_title: str, y_title: str) -> Any:  # noqa: ANN401
    """Hypervolume over evaluations."""
    line = {"color": "#0072B2"}
    figure = go.Figure(go.Scatter(x=steps["evaluations"], y=steps["hypervolume"], mode="lines+markers", line=line))
    figure.update_layout(height=240, margin={"l": 0, "r": 0, "t": 8, "b": 0}, xaxis_title=x_title, yaxis_title=y_title)
    return figure
