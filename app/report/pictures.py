"""The pictures of a report: maps, money, the front. They hold numbers and marks; words stand beside them."""

from __future__ import annotations

import io
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import pandas as pd
from matplotlib import rc_context
from matplotlib.figure import Figure

from app.charts.colors import OKABE_ITO
from app.charts.maps import draw_map
from app.charts.village_map import VillageMap
from data.arrays import FloatArray

DPI = 190
SANS: Any = {"font.family": "sans-serif", "font.sans-serif": ["DejaVu Sans"], "axes.unicode_minus": False}
THIS_COLOR, BASE_COLOR, FRONT_COLOR = "#d55e00", "#000000", "#b6c0c9"


def plan_map_png(shown: VillageMap) -> tuple[bytes, float]:
    """The map of the room without its legend, districts by number, from 1, in the order of city.districts.

    Args:
        shown: what is on it.

    Returns:
        PNG and height / width.
    """
    window = shown.ground.window_m
    aspect = float((window[3] - window[1]) / (window[2] - window[0]))
    with rc_context(SANS):
        figure = Figure(figsize=(5.2, 5.2 * aspect))
        axes = figure.add_axes((0.0, 0.0, 1.0, 1.0))
        draw_map(axes, shown, language="en", names=[str(k + 1) for k in range(len(shown.ground.area_names))])
        return _png(figure), aspect


def money_colors(names: Iterable[str]) -> dict[str, str]:
    """Color of each group of the account."""
    return dict(zip(names, OKABE_ITO, strict=False))


def money_png(table: pd.DataFrame, factor: float) -> tuple[bytes, float]:
    """Bars of the groups by year above, the cumulative cash flow below.

    Args:
        table: app.plans.measures.money_table [CNY].
        factor: what amounts are divided by.
    """
    names = [name for name in table.columns if name not in ("year", "net", "cumulative")]
    colors = money_colors(names)
    year = table["year"].to_numpy()
    with rc_context(SANS):
        figure = Figure(figsize=(7.6, 4.6), layout="constrained")
        above, below = figure.subplots(2, 1, sharex=True, height_ratios=[3, 2])
        low, high = np.zeros(len(table)), np.zeros(len(table))
        for name in names:
            values = table[name].to_numpy(np.float64) / factor
            above.bar(year, values, bottom=np.where(values < 0, low, high), color=colors[name], width=0.8)
            low, high = low + np.minimum(values, 0.0), high + np.maximum(values, 0.0)
        above.plot(year, table["net"] / factor, color="black", linewidth=1.2)
        cumulative = table["cumulative"].to_numpy(np.float64) / factor
        below.plot(year, cumulative, color="black", linewidth=1.4, linestyle="--")
        below.fill_between(year, np.minimum(cumulative, 0.0), 0.0, color="#e8d3c6")
        for axes in (above, below):
            axes.axhline(0.0, color="#555555", linewidth=0.6)
            axes.grid(visible=True, axis="y", linewidth=0.3)
            axes.ticklabel_format(axis="y", useOffset=False, style="plain")
            axes.tick_params(labelsize=8)
            axes.spines[["top", "right"]].set_visible(False)
        below.set_xlim(-0.7, float(year[-1]) + 0.7)
        return _png(figure), 4.6 / 7.6


def fan_png(rows: pd.DataFrame, factor: float) -> tuple[bytes, float]:
    """A fan by year: P10 to P90 as a band, P50 as a line, the mean dotted.

    Args:
        rows: columns year, p10, p50, p90, mean.
        factor: what amounts are divided by.
    """
    year = rows["year"].to_numpy()
    with rc_context(SANS):
        figure = Figure(figsize=(7.6, 2.8), layout="constrained")
        axes = figure.subplots()
        axes.fill_between(year, rows["p10"] / factor, rows["p90"] / factor, color="#bcd7ea", linewidth=0.0)
        axes.plot(year, rows["p50"] / factor, color="#0072b2", linewidth=1.4)
        axes.plot(year, rows["mean"] / factor, color=THIS_COLOR, linewidth=1.2, linestyle=":")
        axes.axhline(0.0, color="#555555", linewidth=0.6)
        axes.grid(visible=True, axis="y", linewidth=0.3)
        axes.ticklabel_format(axis="y", useOffset=False, style="plain")
        axes.tick_params(labelsize=8)
        axes.spines[["top", "right"]].set_visible(False)
        return _png(figure), 2.8 / 7.6


def front_png(
    points: FloatArray, marked: Mapping[str, tuple[float, float]], this: tuple[float, float], base: Any,  # noqa: ANN401
) -> tuple[bytes, float]:  # fmt: skip
    """Two objectives of every plan of the front, the alternatives by their letters, this plan and doing nothing.

    Args:
        points: shape (n_plans, 2), in shown units.
        marked: letter -> point.
        this: point of the plan.
        base: point of the empty plan.
    """
    with rc_context(SANS):
        figure = Figure(figsize=(2.7, 2.6), layout="constrained")
        axes = figure.subplots()
        axes.scatter(points[:, 0], points[:, 1], s=7, color=FRONT_COLOR)
        axes.scatter(base[0], base[1], marker="x", color=BASE_COLOR, s=28)
        axes.scatter(this[0], this[1], marker="D", color=THIS_COLOR, s=30, zorder=5)
        for point in dict.fromkeys(marked.values()):
            letters = ",".join(letter for letter, other in marked.items() if other == point)
            axes.scatter(*point, s=30, facecolors="none", edgecolors="#0072b2", linewidths=1.3, zorder=4)
            axes.annotate(
                letters, point, xytext=(4, 4), textcoords="offset points", fontsize=7, color="#0b5c8f", zorder=6
            )
        axes.grid(visible=True, linewidth=0.3)
        axes.ticklabel_format(useOffset=False, style="plain")
        axes.tick_params(labelsize=6.5)
        axes.locator_params(axis="x", nbins=4)
        axes.spines[["top", "right"]].set_visible(False)
        return _png(figure), 2.6 / 2.7


def _png(figure: Figure) -> bytes:
    content = io.BytesIO()
    figure.savefig(content, format="png", dpi=DPI)
    return content.getvalue()
