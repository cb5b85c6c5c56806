"""The pictures of a report: maps, money, the front. They hold numbers and marks; words stand beside them."""

from __future__ import annotations

import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import shapely
from matplotlib import rc_context
from matplotlib.colors import to_hex
from matplotlib.figure import Figure

from app.charts.fonts import OKABE_ITO
from app.charts.maps import KEPT_COLOR, draw_ground, draw_scale, draw_villages, map_window, year_colors
from data.arrays import FloatArray
from data.city import City
from envs.kernel import Plans

DPI = 190
SANS: Any = {"font.family": "sans-serif", "font.sans-serif": ["DejaVu Sans"], "axes.unicode_minus": False}
EARLIER_COLOR = "#8f8f8f"
MARKS = ("●", "▲", "■")
"""Of the intensities, as the maps draw them."""
THIS_COLOR, BASE_COLOR, FRONT_COLOR = "#d55e00", "#000000", "#b6c0c9"


def map_png(city: City, plan: Plans, plan_years: int, years: tuple[int, int], *, numbers: bool) -> tuple[bytes, float]:
    """Villages begun from one year to another in the color of their year, those begun before in gray.

    Args:
        city: its polygons.
        plan: batch of one.
        plan_years: length of the programme.
        years: first and last.
        numbers: whether each district has its number, from 1, in the order of city.districts.

    Returns:
        PNG and height / width.
    """
    first, last = years
    start = np.where(plan.start_year <= last, plan.start_year, 0)
    colors = [c if k == 0 or k >= first else EARLIER_COLOR for k, c in enumerate(year_colors(plan_years))]
    window = map_window(city)
    aspect = float((window[3] - window[1]) / (window[2] - window[0]))
    with rc_context(SANS):
        figure = Figure(figsize=(5.2, 5.2 * aspect))
        axes = figure.add_axes((0.0, 0.0, 1.0, 1.0))
        draw_ground(axes, city)
        draw_villages(axes, city, replace(plan, start_year=start), colors)
        axes.set(xlim=window[[0, 2]], ylim=window[[1, 3]], aspect="equal")
        draw_scale(axes, float(window[2] - window[0]) / 1e3)
        axes.set_axis_off()
        if numbers:
            _number_districts(axes, city, window)
        return _png(figure), aspect


def year_keys(plan_years: int, counts: Sequence[int]) -> list[tuple[str, str]]:
    """Color and label of every year in which something begins."""
    colors = year_colors(plan_years)
    return [(to_hex(colors[k]), f"{k} ({counts[k]})") for k in range(1, plan_years + 1) if counts[k]]


def kept_color() -> str:
    """Color of villages that are kept, or not begun yet."""
    return KEPT_COLOR


def _number_districts(axes: Any, city: City, window: FloatArray) -> None:  # noqa: ANN401
    frame = shapely.box(*window)
    for k in range(len(city.districts)):
        seen = shapely.intersection(shapely.union_all(city.zones.geometry[city.zones.district_idx == k]), frame)
        if not shapely.is_empty(seen):
            point = shapely.point_on_surface(seen)
            axes.text(
                point.x, point.y, str(k + 1), fontsize=9, color="#33312c", ha="center", va="center", zorder=6,
                bbox={"boxstyle": "round,pad=0.2", "facecolor": "white", "edgecolor": "none", "alpha": 0.75},
            )  # fmt: skip


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
