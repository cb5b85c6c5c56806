"""Parallel coordinates, brushed by dragging a box over an axis: lines of a front, and what the boxes mean."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import plotly.graph_objects as go

from app.charts.colors import KEPT_COLOR, VIRIDIS, sequence
from app.plans.front_view import FrontView
from app.web.figures.charts_front import front_title, scaled
from data.arrays import BoolArray, FloatArray
from data.catalogue import text

Ranges = Mapping[str, tuple[float, float]]
"""Indicator -> lowest and highest value that plans may have, natural units."""
COLORS = 8
BRUSH_WIDTH = 0.08
TITLE_WIDTH = {"zh": 7, "en": 14}
"""Letters of a title's line, so that three axes fit on a telephone."""
BRUSH_COLOR = "#D55E00"


def span(view: FrontView, name: str) -> tuple[float, float]:
    """Lowest and highest value of an indicator on the front, natural units; NaN where no plan has one."""
    values = view.front[name].to_numpy(np.float64)
    known = values[np.isfinite(values)]
    return (float(known.min()), float(known.max())) if len(known) else (float("nan"), float("nan"))


def brushable(view: FrontView, names: Sequence[str]) -> list[str]:
    """The indicators that differ over the front, and so have an axis."""
    return [name for name in names if span(view, name)[0] < span(view, name)[1]]


def brushed_ranges(
    view: FrontView, names: Sequence[str], boxes: Iterable[Mapping[str, Any]]
) -> dict[str, tuple[float, float]]:
    """What boxes drawn over the axes mean.

    Args:
        view: the front.
        names: indicators of the axes, from left to right.
        boxes: as a chart's selection gives them: x over the axes 0, 1, ..., y over 0..1, two corners each.

    Returns:
        Ranges of the axes that a box crosses; of two boxes on one axis the later counts.
    """
    ranges = {}
    for box in boxes:
        left, right = sorted(float(value) for value in box["x"])
        bottom, top = (min(1.0, max(0.0, float(value))) for value in sorted(box["y"]))
        for k, name in enumerate(names):
            if left <= k <= right and bottom < top:
                low, high = span(view, name)
                ranges[name] = (low + bottom * (high - low), low + top * (high - low))
    return ranges


def parallel_figure(
    view: FrontView, names: Sequence[str], ranges: Ranges, inside: BoolArray, chosen: str, language: str
) -> Any:  # noqa: ANN401 - plotly is untyped
    """One line a plan: gray outside the ranges, else colored by the first objective; the plan in hand is black.

    Args:
        view: the front.
        names: indicators of the axes, all brushable.
        ranges: drawn on the axes.
        inside: plans within the ranges, shape (n_plans,).
        chosen: id of the plan in hand.
        language: zh or en.
    """
    heights = np.column_stack([_heights(view, name) for name in names])
    first = _heights(view, view.objectives[0])
    group = np.minimum((np.nan_to_num(first) * COLORS).astype(np.int64), COLORS - 1)
    figure = go.Figure()
    figure.add_trace(_lines(heights[~inside], KEPT_COLOR, 0.6, text("front_outside", language)))
    for k, color in enumerate(sequence(VIRIDIS, COLORS)):
        if (colored := inside & (group == k)).any():
            figure.add_trace(_lines(heights[colored], color, 1.2))
    in_hand = np.array(view.plan_ids) == chosen
    figure.add_trace(_lines(heights[in_hand], "#000000", 3.0, f"{text('front_chosen', language)} {chosen}"))
    figure.add_trace(_points(view, heights, inside, language))
    for k, name in enumerate(names):
        _add_axis(figure, view, axis_idx=k, name=name, ranges=ranges, language=language)
    figure.update_layout(
        height=430, margin={"l": 20, "r": 20, "t": 90, "b": 30}, dragmode="select", legend={"orientation": "h"}
    )
    figure.update_xaxes(visible=False, range=[-0.4, len(names) - 0.6], fixedrange=True)
    figure.update_yaxes(visible=False, range=[-0.12, 1.02], fixedrange=True)
    return figure


def _heights(view: FrontView, name: str) -> FloatArray:
    """Where plans cross an axis, 0 at its lowest and 1 at its highest value; NaN where undefined."""
    low, high = span(view, name)
    values = view.front[name].to_numpy(np.float64)
    return (values - low) / (high - low) if high > low else np.where(np.isfinite(values), 0.5, np.nan)


def _lines(heights: FloatArray, color: str, width: float, name: str = "") -> Any:  # noqa: ANN401
    """Lines one after another, a gap after each."""
    n_plans, n_axes = heights.shape
    x = np.tile(np.append(np.arange(n_axes, dtype=np.float32), np.nan), n_plans)
    y = np.column_stack([heights, np.full(n_plans, np.nan)]).ravel().astype(np.float32)
    look = {"color": color, "width": width}
    return go.Scatter(x=x, y=y, mode="lines", line=look, hoverinfo="skip", name=name, showlegend=bool(name))


def _points(view: FrontView, heights: FloatArray, inside: BoolArray, language: str) -> Any:  # noqa: ANN401
    """Marks where the lines cross the axes: what a box selects, and what the pointer reads."""
    shown = heights[inside]
    ids = [name for name, kept in zip(view.plan_ids, inside, strict=True) if kept]
    return go.Scatter(
        x=np.tile(np.arange(heights.shape[1], dtype=np.float32), len(shown)),
        y=shown.ravel().astype(np.float32),
        mode="markers",
        marker={"color": "#31688e", "size": 4},
        text=[name for name in ids for _ in range(heights.shape[1])],
        hovertemplate="%{text}<extra></extra>",
        name=text("front_inside", language),
    )


def _add_axis(figure: Any, view: FrontView, *, axis_idx: int, name: str, ranges: Ranges, language: str) -> None:  # noqa: ANN401
    """The axis with its title and ends, and the brush on it."""
    shown = scaled(view, name, language)
    low, high = span(view, name)
    figure.add_shape(type="line", x0=axis_idx, x1=axis_idx, y0=0, y1=1, line={"color": "#333333", "width": 1.5})
    label, unit, unit_text = front_title(view, name, language).partition(" [")
    lines = textwrap.wrap(label, TITLE_WIDTH[language]) + ([f"[{unit_text}"] if unit else [])
    title = "<br>".join([*lines, f"{np.nanmax(shown):,.5g}"])
    for y, words, anchor in ((1.0, title, "bottom"), (0.0, f"{np.nanmin(shown):,.5g}", "top")):
        figure.add_annotation(x=axis_idx, y=y, text=words, showarrow=False, yanchor=anchor, font={"size": 11})
    if name in ranges:
        y0, y1 = ((bound - low) / (high - low) for bound in ranges[name])
        edge = {"color": BRUSH_COLOR, "width": 2}
        figure.add_shape(
            type="rect",
            x0=axis_idx - BRUSH_WIDTH,
            x1=axis_idx + BRUSH_WIDTH,
            y0=y0,
            y1=y1,
            line=edge,
            fillcolor=BRUSH_COLOR,
            opacity=0.25,
        )
