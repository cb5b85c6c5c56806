"""The one map as a picture, for files, reports and print: the colors, legend and rolled-up districts of the room's."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import shapely
from matplotlib import rc_context
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection, PolyCollection
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Wedge
from matplotlib.patheffects import withStroke
from mpl_toolkits.axes_grid1.anchored_artists import AnchoredSizeBar

from app.charts.colors import EDGE_COLOR, FLOW_COLOR
from app.charts.fonts import drawing, drawn_language, drawn_text
from app.charts.plan_map import plan_map
from app.charts.village_map import MapFlows, VillageMap, scale_bar_km
from app.plans.tables import plan_tables
from app.words.city_name import city_name, scenario_name
from app.words.console import unit_text
from data.arrays import FloatArray, GeometryArray
from data.catalogue import text
from data.city import City
from envs.kernel import Plans, ResolvedScenario

DPI = 150
MEDIAN_MARK_PT2, LARGEST_MARK_PT2 = 14.0, 110.0
REST_ALPHA = 0.45


@dataclass(frozen=True)
class Paper:
    """What a map is drawn on and with, beside the colors that say something."""

    ground: str
    land: str
    ink: str


LIGHT, DARK = Paper("#ffffff", "#f6f6f2", "#262730"), Paper("#171614", "#252930", "#f2f2f2")
"""The dark one is that of the room's map."""


def write_map(path: Path, resolved: ResolvedScenario, plan: Plans, plan_id: str, *, language: str) -> None:
    """Write the map of one plan.

    Args:
        path: PNG to write.
        resolved: its city.
        plan: batch of one plan.
        plan_id: for the title.
        language: wanted; English where no Chinese font is found.
    """
    language, city = drawn_language(language), resolved.city
    shown = plan_map(plan_tables(resolved, plan), language)
    scenario, where = scenario_name(resolved.scenario, language), city_name(city.name, language)
    title = text("plan_map_title", language, plan=plan_id, scenario=scenario, city=where)
    path.write_bytes(map_png(shown, language=language, title=title, note=_note(city, language)))


def map_png(shown: VillageMap, *, language: str, title: str = "", note: str = "", paper: Paper = LIGHT) -> bytes:
    """The map with its legend.

    Args:
        shown: what is on it.
        language: wanted; English where no Chinese font is found.
        title: above it.
        note: below it.
        paper: light or dark.
    """
    with drawing(), rc_context({"text.color": paper.ink, "figure.facecolor": paper.ground}):
        figure = Figure(figsize=(9.0, 8.0), layout="constrained")
        axes = figure.subplots()
        draw_map(axes, shown, language=drawn_language(language), paper=paper)
        title_of_legend = drawn_text(shown.title)
        figure.legend(
            handles=legend_handles(shown, paper.ink),
            title=title_of_legend,
            loc="outside right upper",
            fontsize=8,
            frameon=False,
        )
        axes.set_title(drawn_text(title), fontsize=11)
        figure.supxlabel(drawn_text(note), fontsize=8)
        content = io.BytesIO()
        figure.savefig(content, format="png", dpi=DPI)
    return content.getvalue()


def draw_map(
    axes: Axes, shown: VillageMap, *, language: str, names: Sequence[str] | None = None, paper: Paper = LIGHT
) -> None:
    """Everything inside the frame.

    Args:
        axes: to draw on.
        shown: what is on it.
        language: of the words in it, which a font can draw.
        names: of the districts instead of their own, such as numbers that a legend explains.
        paper: light or dark.
    """
    window = shown.ground.window_m
    outlines = _rings(shown.ground.areas)
    axes.add_collection(PolyCollection(outlines, facecolors=paper.land, edgecolors=EDGE_COLOR, linewidths=0.8))
    if shown.rolled_up:
        _draw_districts(axes, shown)
    else:
        _draw_villages(axes, shown, paper)
    if shown.flows:
        _draw_flows(axes, shown.flows)
    for outlined in shown.shapes:
        axes.add_collection(
            PolyCollection(
                _rings(outlined.shapes), facecolors="none", edgecolors=outlined.color, linewidths=1.8, zorder=5
            )
        )
    for item in shown.points:
        axes.scatter(
            item.xy_m[:, 0], item.xy_m[:, 1], s=22, color=item.color, edgecolors="white", linewidths=0.8, zorder=5
        )
    _name_districts(axes, shown, shown.ground.area_names if names is None else names, paper)
    axes.set(xlim=window[[0, 2]], ylim=window[[1, 3]], aspect="equal")
    axes.set_axis_off()
    _draw_scale(axes, float(window[2] - window[0]) / 1e3, language, paper)


def legend_handles(shown: VillageMap, ink: str) -> list[Line2D]:
    """A mark and a label for each class and what else is on the map."""
    keys = [(item.label, item.color, item.color) for item in shown.classes]
    keys += [(item.label, item.color, item.color) for item in shown.points]
    keys += [(item.label, "none", item.color) for item in shown.shapes]
    if shown.flows:
        keys.append((shown.flows.label, FLOW_COLOR, FLOW_COLOR))
    if shown.marked:
        keys.append((shown.marked[0], "none", ink))
    return [
        Line2D(
            [], [], linestyle="none", marker="o", markerfacecolor=face, markeredgecolor=edge, label=drawn_text(label)
        )
        for label, face, edge in keys
    ]


def _draw_villages(axes: Axes, shown: VillageMap, paper: Paper) -> None:
    """Each village as its area and, since most are too small to see, a mark sized by its floor."""
    ground, group = shown.ground, shown.class_idx
    polygons, owner = shapely.get_parts(ground.villages, return_index=True)
    size = mark_sizes(ground.floor_m2)
    for k, item in enumerate(shown.classes):
        inside, alpha, above = group == k, 1.0 if k or shown.frames else REST_ALPHA, 3 + (k > 0)
        outlines = _rings(polygons[inside[owner]])
        axes.add_collection(PolyCollection(outlines, facecolors=item.color, alpha=alpha, zorder=above))
        if not ground.has_marks:
            continue
        x, y = ground.center_m[inside].T
        axes.scatter(
            x, y, s=size[inside], color=item.color, edgecolors=paper.ground, linewidths=0.3, alpha=alpha, zorder=above
        )
    if shown.marked:
        inside = shown.marked[1]
        x, y = ground.center_m[inside].T
        axes.scatter(x, y, s=4.0 * size[inside], facecolors="none", edgecolors=paper.ink, linewidths=1.3, zorder=5)


def _draw_flows(axes: Axes, flows: MapFlows) -> None:
    """Lines, and a ring where they begin."""
    lines = [np.stack([flows.from_m, end]) for end in flows.to_m]
    axes.add_collection(LineCollection(lines, linewidths=0.6 * flows.widths, colors=FLOW_COLOR, alpha=0.85, zorder=5))
    x, y = flows.from_m
    axes.scatter([x], [y], s=40, facecolors="white", edgecolors=FLOW_COLOR, linewidths=1.6, zorder=6)


def mark_sizes(floor_m2: FloatArray) -> FloatArray:
    """Area of the mark of each village: in proportion to its floor, none too small to see or too large [pt2]."""
    median = float(np.median(floor_m2)) if len(floor_m2) else 1.0
    return np.clip(MEDIAN_MARK_PT2 * floor_m2 / max(median, 1.0), 4.0, LARGEST_MARK_PT2)


def _draw_districts(axes: Axes, shown: VillageMap) -> None:
    """A ring of classes for each district, the number chosen inside."""
    ground, group, n = shown.ground, shown.class_idx, len(shown.classes)
    width = float(ground.window_m[2] - ground.window_m[0])
    counts = np.array([np.bincount(group[(ground.area_idx == k) & (group >= 0)], minlength=n)[:n]
                       for k in range(len(ground.areas))])  # fmt: skip
    for (x, y), row in zip(district_points(shown), counts, strict=True):
        if not row.sum():
            continue
        radius = width * (0.012 + 0.018 * np.sqrt(row.sum() / counts.sum(axis=1).max()))
        ends = np.concatenate([[0.0], np.cumsum(row) / row.sum()]) * 360.0
        for k, item in enumerate(shown.classes):
            wedge = Wedge((x, y), radius, 90.0 - ends[k + 1], 90.0 - ends[k], width=0.45 * radius, color=item.color)
            axes.add_patch(wedge)
        axes.text(x, y, f"{row[1:].sum()}", fontsize=6, ha="center", va="center", zorder=6)


def district_points(shown: VillageMap) -> FloatArray:
    """Where each district is named: amid its villages or, without any, inside it, shape (n_districts, 2) [m]."""
    ground = shown.ground
    inside = shapely.get_coordinates(shapely.point_on_surface(ground.areas))
    own = [ground.area_idx == k for k in range(len(ground.areas))]
    return np.array([
        ground.center_m[mask].mean(axis=0) if mask.any() else point for mask, point in zip(own, inside, strict=True)
    ]).reshape(-1, 2)  # fmt: skip


def _name_districts(axes: Axes, shown: VillageMap, names: Sequence[str], paper: Paper) -> None:
    """Names above everything, with a halo."""
    x_low, y_low, x_high, y_high = shown.ground.window_m
    drop = 0.045 * (x_high - x_low) if shown.rolled_up else 0.0
    for name, (x, y) in zip(names, district_points(shown), strict=True):
        if name and x_low < x < x_high and y_low < y < y_high:
            axes.text(
                x, y - drop, drawn_text(name), fontsize=9, color=paper.ink, ha="center", va="center", zorder=7,
                path_effects=[withStroke(linewidth=2.4, foreground=paper.ground)],
            )  # fmt: skip


def _draw_scale(axes: Axes, width_km: float, language: str, paper: Paper) -> None:
    """A bar of a round length and an arrow to the north."""
    length_km = scale_bar_km(width_km)
    said = f"{length_km:g} {unit_text('km', language)}"
    axes.add_artist(
        AnchoredSizeBar(axes.transData, length_km * 1000.0, said, "lower left", pad=0.5, color=paper.ink, frameon=False)
    )
    axes.annotate(
        text("map_north", language), (0.965, 0.985), (0.965, 0.915), xycoords="axes fraction", ha="center", va="top",
        fontsize=9, zorder=8, arrowprops={"arrowstyle": "-|>", "color": paper.ink, "shrinkA": 0, "shrinkB": 0},
    )  # fmt: skip


def _note(city: City, language: str) -> str:
    layers = ", ".join(sorted({name.split(".")[0] for name in city.synthetic}))
    return (text("plan_map_synthetic", language, layers=layers) if layers else "") + text("plan_map_note", language)


def _rings(geometry: GeometryArray) -> list[FloatArray]:
    """Outer rings of polygons and multipolygons, each of shape (n_points, 2) [m]."""
    return [shapely.get_coordinates(shapely.get_exterior_ring(polygon)) for polygon in shapely.get_parts(geometry)]
