"""A plan on the map: villages by phase, start year, land use, density, consent or intensity, ready to be played."""

from __future__ import annotations

import itertools
from functools import lru_cache

import numpy as np

from app.charts.colors import (
    CIVIDIS,
    KEPT_COLOR,
    OKABE_ITO,
    PHASE_COLORS,
    REHABILITATED_COLOR,
    VIRIDIS,
    sequence,
)
from app.charts.village_map import MapClass, Timeline, VillageMap, city_ground
from app.plans.phases import phases
from app.plans.tables import PlanTables
from app.words.console import percent_text
from data.arrays import BoolArray, FloatArray
from data.catalogue import text
from data.scenario import INTENSITIES, LAND_USES, REBUILT_SHARE

COLORINGS = ("phase", "start_year", "land_use", "floor_area_ratio", "consent_share", "intensity")
DENSITY_BOUNDS = (1.0, 1.5, 2.0, 2.5, 3.0)
CONSENT_BOUNDS = (0.5, 2.0 / 3.0, 0.75, 0.9)


@lru_cache(maxsize=16)
def plan_map(tables: PlanTables, language: str, *, coloring: str = "phase") -> VillageMap:
    """Villages as the plan leaves them.

    Args:
        tables: of the plan.
        language: zh or en.
        coloring: one of COLORINGS.
    """
    kept = tables.plan.start_year[0] == 0
    groups = [(text("map_kept", language), KEPT_COLOR, kept), *_groups(tables, coloring, language)]
    return VillageMap(
        ground=city_ground(tables.resolved.city),
        classes=[MapClass(f"{label} ({int(mask.sum()):,})", color, mask) for label, color, mask in groups],
        title=text(f"coloring_{coloring}", language),
        lines=plan_lines(tables, language),
        timeline=_timeline(tables),
    )


def plan_lines(tables: PlanTables, language: str) -> list[str]:
    """What the plan decides on each village, in a line."""
    plan, kept = tables.plan, text("map_kept", language)
    ways = [text(f"word_{word}", language) for word in INTENSITIES]
    return [
        text("map_decision", language, way=ways[way], first=start, last=int(last)) if start else kept
        for way, start, last in zip(
            plan.intensity[0].tolist(), plan.start_year[0].tolist(), tables.trace.completion_year[0], strict=True
        )
    ]


def _timeline(tables: PlanTables) -> Timeline:
    floor = np.asarray(tables.trace.form.new_floor[0], dtype=np.float64)
    return Timeline(
        start_year=tables.plan.start_year[0],
        completion_year=np.asarray(tables.trace.completion_year[0], dtype=np.int64),
        new_floor_m2=floor,
        new_density=floor / tables.resolved.city.villages.site_area_m2,
        last_year=int(tables.resolved.clock.last_change_year),
    )


def _groups(tables: PlanTables, coloring: str, language: str) -> list[tuple[str, str, BoolArray]]:
    plan = tables.plan
    renewed = plan.start_year[0] > 0
    rebuilt = renewed & (np.array(REBUILT_SHARE)[plan.intensity[0]] > 0.0)
    nothing_new = (text("map_rehabilitated", language), REHABILITATED_COLOR, renewed & ~rebuilt)
    if coloring == "phase":
        return [
            (phase.label(language), PHASE_COLORS[phase.name], phase.begins(plan.start_year[0]))
            for phase in phases(tables.resolved.scenario.plan_years)
        ]
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
        return [nothing_new, *bins(consent, CONSENT_BOUNDS, CIVIDIS, rebuilt, percent=True)]
    return [nothing_new, *bins(np.asarray(plan.floor_area_ratio[0]), DENSITY_BOUNDS, VIRIDIS, rebuilt, percent=False)]


def bins(
    values: FloatArray,
    bounds: tuple[float, ...],
    palette: tuple[str, ...],
    among: BoolArray,
    *,
    percent: bool,
) -> list[tuple[str, str, BoolArray]]:
    """Label, color and villages of each class between bounds, rising; the first is what lies below them.

    Args:
        values: shape (n_villages,).
        bounds: rising.
        palette: from low to high.
        among: villages that have a value, shape (n_villages,).
        percent: values are shares, said in percent.
    """
    words = [percent_text(bound, digits=0) if percent else f"{bound:g}" for bound in bounds]
    labels = [f"< {words[0]}", *(f"{a.removesuffix(' %')}-{b}" for a, b in itertools.pairwise(words)), f"≥ {words[-1]}"]
    group = np.digitize(values, np.array(bounds) - 1e-9)
    return [
        (label, color, among & (group == k))
        for k, (label, color) in enumerate(zip(labels, sequence(palette, len(labels)), strict=True))
    ]
