"""Charts of several plans or runs: one map, yearly curves, fronts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from app.charts.colors import KEPT_COLOR, OKABE_ITO, REHABILITATED_COLOR, VIRIDIS, sequence
from app.charts.village_map import MapClass
from app.files.names import chart_text
from app.studies.run_comparison import Comparison
from app.web.documents.plan_comparison import (
    LETTERS,
    renewing_plan_count,
    start_differences,
    villages_by_renewing_plans,
)
from app.web.figures.charts_front import axis_title, largest, shown_scale, yearly_title
from data.arrays import BoolArray, IntArray
from data.catalogue import text
from envs.kernel.indicators.registry import INDICATORS, YEARLY
from optimizers.fronts.common_reference import on_front

SYMBOLS = ("circle", "square", "diamond", "cross", "x", "triangle-up", "star")
DASHES = ("solid", "dash", "dot", "dashdot", "longdash")
SHOWN_GROUPS = len(OKABE_ITO)
"""Combinations of plans with a color of their own; the rest share one."""
START_COLORS = {
    "only_first": "#0072B2",
    "only_second": "#D55E00",
    "same_year": "#009E73",
    "first_earlier": "#56B4E9",
    "second_earlier": "#E69F00",
}


def agreement_classes(start_years: IntArray, language: str) -> list[MapClass]:
    """Villages by how many of the plans renew them.

    Args:
        start_years: shape (n_plans, n_villages).
        language: zh or en.
    """
    count, n = renewing_plan_count(start_years), len(start_years)
    classes = [_kept(count == 0, language)]
    for k, color in zip(range(1, n + 1), sequence(VIRIDIS[:8][::-1], n), strict=True):
        label = text("agree_all", language) if k == n else text("agree_some", language, k=k, n=n)
        classes.append(MapClass(f"{label} ({int((count == k).sum()):,})", color, count == k))
    return classes


def renewing_plans_classes(start_years: IntArray, language: str) -> list[MapClass]:
    """Villages by which of the plans renew them."""
    groups = villages_by_renewing_plans(start_years)
    classes = [_kept(renewing_plan_count(start_years) == 0, language)]
    for k, (plans, mask) in enumerate(groups[:SHOWN_GROUPS]):
        label = "+".join(LETTERS[plan] for plan in plans)
        classes.append(MapClass(f"{label} ({int(mask.sum()):,})", OKABE_ITO[k], mask))
    if len(groups) > SHOWN_GROUPS:
        rest = np.logical_or.reduce([mask for _, mask in groups[SHOWN_GROUPS:]])
        label = f"{text('agree_rest', language)} ({int(rest.sum()):,})"
        classes.append(MapClass(label, REHABILITATED_COLOR, rest))
    return classes


def start_classes(one: IntArray, other: IntArray, letters: tuple[str, str], language: str) -> list[MapClass]:
    """Villages by how two plans differ in their start year."""
    classes = [_kept((one == 0) & (other == 0), language)]
    for name, mask in start_differences(one, other).items():
        label = text(f"start_{name}", language, a=letters[0], b=letters[1])
        classes.append(MapClass(f"{label} ({int(mask.sum()):,})", START_COLORS[name], mask))
    return classes


def _kept(mask: BoolArray, language: str) -> MapClass:
    return MapClass(f"{text('agree_none', language)} ({int(mask.sum()):,})", KEPT_COLOR, mask)


def years_figure(series: Sequence[pd.DataFrame], labels: Sequence[str], names: Sequence[str], language: str) -> Any:  # noqa: ANN401 - plotly is untyped
    """One panel per indicator, one curve per plan.

    Args:
        series: app.plans.tables.PlanTables.yearly of each plan.
        labels: of the plans, for the legend.
        names: indicators.
        language: zh or en.
    """
    most = {name: max(largest(frame[name]) for frame in series) for name in names}
    titles = [yearly_title(name, language, most[name]) for name in names]
    figure = make_subplots(rows=len(names), cols=1, vertical_spacing=0.3 / max(len(names), 1), subplot_titles=titles)
    for row, name in enumerate(names, start=1):
        for k, (frame, label) in enumerate(zip(series, labels, strict=True)):
            known = frame.dropna(subset=[name])
            figure.add_scatter(
                x=known["year"],
                y=known[name] / shown_scale(YEARLY[name].name, language, most[name])[0],
                row=row,
                col=1,
                name=chart_text(label),
                legendgroup=str(k),
                showlegend=row == 1,
                mode="lines+markers",
                line={"color": OKABE_ITO[k], "dash": DASHES[k]},
                marker={"symbol": SYMBOLS[k], "size": 5},
            )
    figure.update_layout(
        height=240 * len(names) + 80,
        margin={"l": 0, "r": 0, "t": 60, "b": 0},
        legend={"orientation": "h", "y": 1.0, "yanchor": "top", "yref": "container"},
    )
    figure.update_xaxes(title=text("state_year", language), row=len(names), col=1)
    figure.update_yaxes(exponentformat="none")
    return figure


def fronts_figure(comparison: Comparison, axes: tuple[str, str], language: str) -> Any:  # noqa: ANN401
    """Fronts of runs on two objectives; plans that are on the common front are filled, the others hollow."""
    most = {name: max(largest(run.values([name])) for run in comparison.runs) for name in axes}
    figure = go.Figure()
    for k, (run, front) in enumerate(zip(comparison.runs, comparison.fronts, strict=True)):
        held = on_front(front, comparison.common.points)
        data = [run.values([name])[:, 0] / shown_scale(name, language, most[name])[0] for name in axes]
        symbols = np.where(held, SYMBOLS[k % len(SYMBOLS)], f"{SYMBOLS[k % len(SYMBOLS)]}-open")
        figure.add_scatter(
            x=data[0],
            y=data[1],
            mode="markers",
            name=chart_text(run.label),
            marker={"color": OKABE_ITO[k % len(OKABE_ITO)], "symbol": symbols.tolist(), "size": 8},
            text=[chart_text(name) for name in run.front["plan_id"]],
            hovertemplate="%{text}: %{x:.6g}, %{y:.6g}",
        )
    figure.update_layout(height=460, margin={"l": 0, "r": 0, "t": 8, "b": 0}, legend={"orientation": "h", "y": -0.2})
    figure.update_xaxes(title=axis_title(axes[0], language, most[axes[0]]), exponentformat="none")
    figure.update_yaxes(title=axis_title(axes[1], language, most[axes[1]]), exponentformat="none")
    return figure


def sense_text(name: str, language: str) -> str:
    """Which direction is better, in words and with an arrow."""
    return text(
        {"max": "more_is_better", "min": "less_is_better", "": "neither_is_better"}[INDICATORS[name].sense], language
    )
