"""The plan so far on a map: villages by start year, size by what is rebuilt."""

from __future__ import annotations

from typing import Any

import numpy as np
import shapely
from matplotlib import colormaps
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.collections import PolyCollection
from matplotlib.colors import Normalize
from matplotlib.figure import Figure
from numpy.typing import NDArray

from data.arrays import FloatArray, GeometryArray
from data.catalogue import message, text
from envs.game.constants import GameConstants
from envs.game.state import State

LANGUAGE = "en"
"""The figure's font has Latin letters only."""
SIZE_INCHES, DOTS_PER_INCH = (8.0, 6.4), 80
GROUND, EDGE, KEPT = "#f4f4f2", "#d9d9d6", "#b5b5b5"
SMALL, LARGE = 9.0, 26.0
"""Area of the marks [points^2]: rehabilitated and wholly rebuilt; kept ones are smaller still."""


def draw(game: GameConstants, state: State, row: int) -> Figure:
    """Draw one environment.

    Args:
        game: constants.
        state: environments.
        row: which of them.

    Returns:
        A figure of fixed size.
    """
    city = game.resolved.city
    figure = Figure(figsize=SIZE_INCHES, dpi=DOTS_PER_INCH)
    axes = figure.add_axes((0.02, 0.02, 0.84, 0.86))
    outlines = [np.asarray(polygon.exterior.coords) / 1000.0 for polygon in _polygons(city.zones.geometry)]
    axes.add_collection(PolyCollection(outlines, facecolors=GROUND, edgecolors=EDGE, linewidths=0.4))
    plans = game.space.decode(state.start_year[row][None], state.option[row][None])
    start, intensity = np.asarray(plans.start_year[0]), np.asarray(plans.intensity[0])
    x, y = _centers_km(city.villages.geometry)
    kept = start == 0
    axes.scatter(x[kept], y[kept], s=4.0, color=KEPT, linewidths=0)
    share = np.asarray(game.resolved.constants.base.rebuilt_share)[intensity]
    marks = axes.scatter(
        x[~kept],
        y[~kept],
        c=start[~kept],
        s=SMALL + (LARGE - SMALL) * share[~kept],
        cmap=colormaps["viridis"],
        norm=Normalize(1, max(game.plan_years, 2)),
        edgecolors="white",
        linewidths=0.3,
    )
    axes.autoscale()
    axes.set_aspect("equal")
    axes.axis("off")
    bar = figure.add_axes((0.88, 0.15, 0.02, 0.6))
    figure.colorbar(marks, cax=bar, label=text("viewer_start_year", LANGUAGE))
    figure.suptitle(_title(game, state, row), fontsize=9, x=0.02, ha="left")
    return figure


def _title(game: GameConstants, state: State, row: int) -> str:
    year = int(state.year[row])
    when = message("viewer_year", year=year, years=game.plan_years)
    city = game.resolved.city.name
    title = text(
        "viewer_title",
        LANGUAGE,
        city=city if city.isascii() else message("viewer_city"),
        when=when if year <= game.plan_years else message("viewer_all_closed"),
        n=int(state.started[row].sum()),
        villages=game.n_villages,
    )
    values = (f"{name} {value:,.4g}" for name, value in zip(game.objectives, state.objectives[row], strict=True))
    return title + "\n" + "   ".join(values)


def _polygons(geometry: GeometryArray) -> list[Any]:
    """Polygons, multipolygons taken apart."""
    return [item for item in shapely.get_parts(geometry) if item.geom_type == "Polygon"]


def _centers_km(geometry: GeometryArray) -> tuple[FloatArray, FloatArray]:
    center = shapely.centroid(geometry)
    return shapely.get_x(center) / 1000.0, shapely.get_y(center) / 1000.0


def show(figure: Figure, *, human: bool) -> NDArray[np.uint8] | None:
    """Show a figure in a window where there is a screen, or turn it into an image.

    Args:
        figure: from `draw`.
        human: window instead of image.

    Returns:
        shape (height, width, 3), or None for a window.
    """
    canvas = FigureCanvasAgg(figure)
    canvas.draw()  # type: ignore[no-untyped-call]
    image = np.asarray(canvas.buffer_rgba())[:, :, :3].copy()  # type: ignore[no-untyped-call]
    if not human:
        return image
    from matplotlib import pyplot

    window = pyplot.figure(_window(), figsize=SIZE_INCHES, dpi=DOTS_PER_INCH)
    window.clear()
    window.figimage(image)
    if getattr(window.canvas, "required_interactive_framework", None):
        pyplot.pause(0.001)
    else:  # no screen: the window's canvas is drawn all the same
        window.canvas.draw()
    return None


def _window() -> str:
    return text("viewer_window", LANGUAGE)


def close_window() -> None:
    """Close the window of mode "human"."""
    from matplotlib import pyplot

    pyplot.close(_window())
