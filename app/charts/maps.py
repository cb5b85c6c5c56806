"""One plan on a map: villages by start year and intensity, on the zones and districts."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import shapely
from matplotlib import colormaps
from matplotlib.collections import PolyCollection
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from mpl_toolkits.axes_grid1.anchored_artists import AnchoredSizeBar

from app.charts.fonts import drawing, drawn_language, drawn_text
from data.arrays import FloatArray, GeometryArray
from data.catalogue import text
from data.city import City
from data.scenario import INTENSITIES
from envs.kernel import Plans, ResolvedScenario

MARKERS = ("o", "^", "s")
KEPT_COLOR = "#c9c9c9"


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
    with drawing():
        figure = Figure(figsize=(9.0, 8.0), layout="constrained")
        axes = figure.subplots()
        draw_ground(axes, city)
        colors = year_colors(resolved.scenario.plan_years)
        draw_villages(axes, city, plan, colors)
        axes.legend(
            handles=_legend(colors, plan, language), title=text("plan_map_legend", language),
            loc="upper left", bbox_to_anchor=(1.0, 1.0), fontsize=8, title_fontsize=8, frameon=False,
        )  # fmt: skip
        window = map_window(city)
        axes.set(xlim=window[[0, 2]], ylim=window[[1, 3]], aspect="equal")
        draw_scale(axes, float(window[2] - window[0]) / 1e3)
        axes.set_axis_off()
        title = text("plan_map_title", language, plan=plan_id, scenario=resolved.scenario.name, city=city.name)
        axes.set_title(drawn_text(title), fontsize=11)
        figure.supxlabel(drawn_text(_note(city, language)), fontsize=8)
        figure.savefig(path, dpi=150)


def draw_ground(axes: Any, city: City) -> None:  # noqa: ANN401 - matplotlib's axes are untyped here
    """Zones in thin lines, districts in thick ones."""
    axes.add_collection(
        PolyCollection(_rings(city.zones.geometry), facecolors="#f7f7f4", edgecolors="#e2e2dc", linewidths=0.4)
    )
    districts = [
        shapely.union_all(city.zones.geometry[city.zones.district_idx == k]) for k in range(len(city.districts))
    ]
    axes.add_collection(
        PolyCollection(_rings(np.array(districts, dtype=object)), facecolors="none", edgecolors="#8a8a80")
    )
    axes.autoscale_view()


def draw_villages(axes: Any, city: City, plan: Plans, colors: list[Any]) -> None:  # noqa: ANN401
    """Each village's polygon and, since most are too small to see, a mark at its centroid."""
    year, intensity = plan.start_year[0], plan.intensity[0]
    center = shapely.get_coordinates(shapely.centroid(city.villages.geometry))
    polygons, owner = shapely.get_parts(city.villages.geometry, return_index=True)
    axes.add_collection(PolyCollection(_rings(polygons), facecolors=[colors[y] for y in year[owner]], alpha=0.6))
    kept = year == 0
    axes.scatter(*center[kept].T, s=4, color=KEPT_COLOR, zorder=3)
    for k, marker in enumerate(MARKERS):
        chosen = ~kept & (intensity == k)
        axes.scatter(
            *center[chosen].T, s=16, marker=marker, c=[colors[y] for y in year[chosen]], edgecolors="black",
            linewidths=0.2, zorder=4,
        )  # fmt: skip


def year_colors(plan_years: int) -> list[Any]:
    """Color by start year; position 0 is that of kept villages."""
    scale = colormaps["viridis"]
    return [KEPT_COLOR, *(scale(k / max(1, plan_years - 1)) for k in range(plan_years))]


def _legend(colors: list[Any], plan: Plans, language: str) -> list[Line2D]:
    def mark(label: str, color: object, marker: str = "o") -> Line2D:
        return Line2D([], [], linestyle="none", marker=marker, color=color, label=label)  # type: ignore[arg-type]

    count = np.bincount(plan.start_year[0], minlength=len(colors))
    kept = text("plan_map_kept", language)
    years = [mark(f"{k or kept} ({count[k]})", color) for k, color in enumerate(colors) if count[k] or not k]
    shapes = [
        mark(text(f"plan_map_{word}", language), "#555555", marker)
        for word, marker in zip(INTENSITIES, MARKERS, strict=True)
    ]
    return [*years, *shapes]


def map_window(city: City) -> FloatArray:
    """Bounds of the villages with a margin, within those of the zones: x and y low, x and y high [m]."""
    zones, villages = shapely.total_bounds(city.zones.geometry), shapely.total_bounds(city.villages.geometry)
    margin = 0.15 * max(villages[2] - villages[0], villages[3] - villages[1])
    low = np.maximum(zones[:2], villages[:2] - margin)
    return np.concatenate([low, np.minimum(zones[2:], villages[2:] + margin)])


def draw_scale(axes: Any, width_km: float) -> None:  # noqa: ANN401
    """A bar of a round length, at most a fifth of the width."""
    magnitude = 10.0 ** np.floor(np.log10(width_km / 5.0))
    length_km = max(step * magnitude for step in (1.0, 2.0, 5.0) if step * magnitude <= width_km / 5.0)
    axes.add_artist(AnchoredSizeBar(axes.transData, length_km * 1000.0, f"{length_km:g} km", "lower left", pad=0.5))


def _note(city: City, language: str) -> str:
    layers = ", ".join(sorted({name.split(".")[0] for name in city.synthetic}))
    return (text("plan_map_synthetic", language, layers=layers) if layers else "") + text("plan_map_note", language)


def _rings(geometry: GeometryArray) -> list[FloatArray]:
    """Outer rings of polygons and multipolygons, each of shape (n_points, 2) [m]."""
    return [shapely.get_coordinates(shapely.get_exterior_ring(polygon)) for polygon in shapely.get_parts(geometry)]
