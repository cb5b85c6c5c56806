"""Classes of villages on the map of a plan: start year, land use, density, consent or intensity, year by year."""

from __future__ import annotations

import itertools

import numpy as np

from app.plans.tables import PlanTables
from app.web.figures.map_figure import CIVIDIS, KEPT_COLOR, OKABE_ITO, VIRIDIS, MapClass, sequence
from data.arrays import BoolArray, FloatArray, IntArray
from data.catalogue import text
from data.scenario import INTENSITIES, LAND_USES, REBUILT_SHARE

COLORINGS = ("start_year", "land_use", "floor_area_ratio", "consent_share", "intensity")
DENSITY_BOUNDS = (1.0, 1.5, 2.0, 2.5, 3.0)
CONSENT_BOUNDS = (0.5, 2.0 / 3.0, 0.75, 0.9)


def completion_year(tables: PlanTables) -> IntArray:
    """Year in which the works of each village are done, shape (n_villages,); meaningless where it is kept."""
    return np.asarray(tables.trace.completion_year[0], dtype=np.int64)


def plan_classes(tables: PlanTables, coloring: str, year: int | None, language: str) -> tuple[list[MapClass], str]:
    """Classes of the villages and the title of their legend.

    Args:
        tables: of the plan.
        coloring: one of COLORINGS.
        year: villages that start later are still as they were, those under way are hollow; None = the end.
        language: zh or en.
    """
    start = tables.plan.start_year[0]
    begun = (start > 0) & (start <= (start.max() if year is None else year))
    done = begun if year is None else begun & (completion_year(tables) <= year)
    groups = _groups(tables, coloring, language)
    kept = MapClass(f"{text('map_kept', language)} ({int((~begun).sum())})", KEPT_COLOR, ~begun, size=4.0)
    classes = [kept]
    for label, color, mask in groups:
        classes.append(MapClass(f"{label} ({int((mask & begun).sum())})", color, mask & done, size=8.0))
        if year is not None and (mask & begun & ~done).any():
            works = f"{label}, {text('map_works', language)}"
            classes.append(MapClass(works, color, mask & begun & ~done, "circle-open", 8.0))
    return classes, text(f"coloring_{coloring}", language)


def _groups(tables: PlanTables, coloring: str, language: str) -> list[tuple[str, str, BoolArray]]:
    plan = tables.plan
    renewed = plan.start_year[0] > 0
    rebuilt = renewed & (np.array(REBUILT_SHARE)[plan.intensity[0]] > 0.0)
    nothing_new = (text("map_rehabilitated", language), "#7a7a72", renewed & ~rebuilt)
    if coloring == "start_year":
        years = range(1, tables.resolved.scenario.plan_years + 1)
        colors = sequence(VIRIDIS, len(years))
        return [(str(k), color, plan.start_year[0] == k) for k, color in zip(years, colors, strict=True)]
    if coloring == "intensity":
        return [
            (text(f"word_{word}", language), OKABE_ITO[k], renewed & (plan.intensity[0] == k))
            for k, word in enumerate(INTENSITIES)
        ]
    if coloring == "land_use":
        uses = [
            (text(f"word_{word}", language), OKABE_ITO[k], rebuilt & (plan.land_use[0] == k))
            for k, word in enumerate(LAND_USES)
        ]
        return [nothing_new, *uses]
    if coloring == "consent_share":
        consent = np.asarray(tables.trace.consent[0])
        return [nothing_new, *_bins(consent, CONSENT_BOUNDS, CIVIDIS, rebuilt, percent=True)]
    return [nothing_new, *_bins(np.asarray(plan.floor_area_ratio[0]), DENSITY_BOUNDS, VIRIDIS, rebuilt, percent=False)]


def _bins(
    values: FloatArray,
    bounds: tuple[float, ...],
    palette: tuple[str, ...],
    among: BoolArray,
    *,
    percent: bool,
) -> list[tuple[str, str, BoolArray]]:
    words = [f"{bound:.0%}" if percent else f"{bound:g}" for bound in bounds]
    labels = [f"< {words[0]}", *(f"{a}-{b}" for a, b in itertools.pairwise(words)), f"≥ {words[-1]}"]
    group = np.digitize(values, np.array(bounds) - 1e-9)
    return [
        (label, color, among & (group == k))
        for k, (label, color) in enumerate(zip(labels, sequence(palette, len(labels)), strict=True))
    ]
