"""The front as pictures: every pair of objectives, with the presets' plans and the empty plan marked."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from app.charts.fonts import drawing, drawn_language, drawn_text
from app.plans.recommendation import preset_label
from app.words.city_name import city_name, scenario_name
from app.words.console import axis_scale, with_remark
from data.arrays import FloatArray
from data.catalogue import text
from envs.kernel import ResolvedScenario, evaluate
from envs.kernel.indicators.registry import INDICATORS
from envs.kernel.plans import empty_plan

MOST_OBJECTIVES = 4
COLORS = ("#d1495b", "#00798c", "#66a182", "#edae49", "#8d6a9f")


def write_front_chart(
    path: Path,
    resolved: ResolvedScenario,
    front: pd.DataFrame,
    recommended: Mapping[str, str],
    *,
    language: str,
    error_bars: Mapping[str, FloatArray] | None = None,
) -> None:
    """Write scatter plots of every pair of the first objectives (one objective: against its rank).

    Args:
        path: PNG to write.
        resolved: names the objectives.
        front: app.plans.tables.front_frame.
        recommended: preset -> plan id.
        language: wanted; English where no Chinese font is found.
        error_bars: objective -> how far P10 and P90 over futures lie below and above each plan, shape (2, n_plans).
    """
    language = drawn_language(language)
    names = resolved.scenario.objectives[:MOST_OBJECTIVES]
    base = evaluate(resolved, empty_plan(resolved.city.n_villages), indicators=())
    pairs: list[tuple[str, ...]] = list(combinations(names, 2)) if len(names) > 1 else [(names[0],)]
    n_columns = min(3, len(pairs))
    n_rows = -(-len(pairs) // n_columns)
    with drawing():
        figure = Figure(figsize=(4.6 * n_columns, 4.0 * n_rows + 0.9), layout="constrained")
        for axes, pair in zip(figure.subplots(n_rows, n_columns, squeeze=False).flat, pairs, strict=False):
            values = {name: float(base[name][0]) for name in names}
            _draw_pair(axes, pair, front, base=values, recommended=recommended, language=language)
            _draw_bars(axes, pair, front, error_bars or {}, language)
        handles, labels = figure.axes[0].get_legend_handles_labels()
        figure.legend(handles, labels, loc="outside lower center", ncols=3, fontsize=8, frameon=False)
        figure.suptitle(drawn_text(_title(resolved, language)), fontsize=10)
        figure.savefig(path, dpi=150)


def _title(resolved: ResolvedScenario, language: str) -> str:
    """Scenario, city, whether any of its data are synthetic, and how far to trust it."""
    city = resolved.city
    where = city_name(city.name, language)
    if city.synthetic:
        where = with_remark(where, text("front_chart_synthetic", language), language)
    scenario = scenario_name(resolved.scenario, language)
    return text("front_chart_title", language, scenario=scenario, city=where, note=text("front_chart_note", language))


def _draw_pair(
    axes: Any,  # noqa: ANN401 - matplotlib's axes are untyped here
    pair: tuple[str, ...],
    front: pd.DataFrame,
    *,
    base: Mapping[str, float],
    recommended: Mapping[str, str],
    language: str,
) -> None:
    points = _points(front, pair, language)
    axes.scatter(*points, s=18, color="#9aa5b1", label=text("report_front_plans", language))
    rank_of_base = () if len(pair) == 2 else (0.0,)
    nothing = (base[name] / _scale(name, front, language)[0] for name in pair)
    axes.scatter(*rank_of_base, *nothing, marker="x", color="black", s=50, label=text("front_chart_base", language))
    ids = front["plan_id"].tolist()
    shown: list[str] = []
    for color, (preset, plan_id) in zip(COLORS, recommended.items(), strict=False):
        where, size = ids.index(plan_id), 64 * (1.0 + 0.6 * shown.count(plan_id)) ** 2
        shown.append(plan_id)
        label = f"{drawn_text(preset_label(preset, language))} ({plan_id})"
        axes.scatter(
            *(column[where] for column in points), s=size, facecolors="none", edgecolors=color, linewidths=2,
            label=label,
        )  # fmt: skip
    axes.set_ylabel(_axis_text(pair[-1], front, language))
    axes.set_xlabel(_axis_text(pair[0], front, language) if len(pair) == 2 else "rank")
    axes.grid(visible=True, linewidth=0.3)
    axes.ticklabel_format(useOffset=False)


def _draw_bars(
    axes: Any,  # noqa: ANN401 - matplotlib's axes are untyped here
    pair: tuple[str, ...],
    front: pd.DataFrame,
    error_bars: Mapping[str, FloatArray],
    language: str,
) -> None:
    """P10 to P90 over futures beside every plan, on the axes that futures move."""
    bars = [error_bars.get(name) for name in pair]
    shown = [
        None if bar is None else bar / _scale(name, front, language)[0] for name, bar in zip(pair, bars, strict=True)
    ]
    across, upright = shown if len(pair) == 2 else (None, shown[0])
    if across is not None or upright is not None:
        points, label = _points(front, pair, language), text("front_chart_futures", language)
        axes.errorbar(*points, xerr=across, yerr=upright, fmt="none", ecolor="#7a8794", elinewidth=0.7, label=label)


def _points(front: pd.DataFrame, pair: tuple[str, ...], language: str) -> list[np.ndarray[Any, np.dtype[np.float64]]]:
    values = [front[name].to_numpy(np.float64) / _scale(name, front, language)[0] for name in pair]
    return values if len(pair) == 2 else [np.arange(1.0, len(front) + 1.0), *values]


def _scale(name: str, front: pd.DataFrame, language: str) -> tuple[float, str]:
    """What a value is divided by, and the unit that it then has."""
    return axis_scale(INDICATORS[name].unit, language, float(front[name].abs().max()))


def _axis_text(name: str, front: pd.DataFrame, language: str) -> str:
    arrow = {"max": " →", "min": " ←"}.get(INDICATORS[name].sense, "")
    return f"{drawn_text(INDICATORS[name].label[language])} [{_scale(name, front, language)[1]}]{arrow}"
