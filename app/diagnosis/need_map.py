"""Need, density of points or one condition on the one map of villages."""

from __future__ import annotations

import itertools
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from app.charts.colors import EMPTY_COLOR, VIRIDIS, sequence
from app.charts.village_map import MapClass, MapPoints, MapShapes, VillageMap, city_ground
from app.diagnosis.need_words import condition_text, weak_text
from data.arrays import FloatArray
from data.catalogue import text
from data.city import City
from envs.diagnosis.condition import CONDITIONS
from envs.diagnosis.graded_need import GradedNeed
from envs.diagnosis.grades import Grading, grade_bounds, grades_of

if TYPE_CHECKING:
    from envs.diagnosis.answers import PlanAnswers
    from envs.diagnosis.areas import Areas
    from envs.diagnosis.diagnosis import Diagnosis

MOST_POINTS_DRAWN = 500
POINT_COLOR, AREA_COLOR = "#b5361c", "#b5361c"


def need_map(
    told: GradedNeed, language: str, *, areas: Areas | None = None, plan: PlanAnswers | None = None
) -> VillageMap:
    """Villages by grade of need, the darkest the most in need.

    Args:
        told: need and grades of the villages.
        language: en or zh.
        areas: outlined on it.
        plan: villages most in need that it leaves out get a ring.
    """
    marked = None if plan is None else (text("diagnosis_left_out", language), plan.left_out)
    return VillageMap(
        ground=city_ground(told.city),
        classes=graded_classes(told.need.points, told.bounds, language, digits=0),
        title=text("diagnosis_map_need", language),
        lines=list(_need_lines(told, language)),
        marked=marked,
        shapes=_outlines(areas, language),
    )


def condition_map(told: Diagnosis, condition: int, language: str, *, areas: Areas | None = None) -> VillageMap:
    """Villages by one condition, the darkest the worst."""
    scaled, item = told.need.scaled[:, condition], CONDITIONS[condition]
    bounds = grade_bounds(scaled, told.setting.n_grades, told.setting.grading)
    values = [condition_text(item, float(value), language) for value in told.conditions.by_village[:, condition]]
    classes = graded_classes(100.0 * scaled, 100.0 * bounds, language, digits=0)
    return VillageMap(
        ground=city_ground(told.city),
        classes=classes,
        title=text("diagnosis_map_condition", language, condition=text(f"condition_{item.name}", language)),
        lines=values,
        shapes=_outlines(areas, language),
    )


def density_map(
    by_village: FloatArray,
    points_m: FloatArray,
    label: str,
    city: City,
    language: str,
    *,
    grading: Grading,
    n_grades: int,
) -> VillageMap:
    """Villages by the density of points around them, and the points, unless they are so many that they hide them.

    Args:
        by_village: shape (n_villages,) [1/km2].
        points_m: shape (n_points, 2) [m].
        label: what the points are.
        city: whose villages.
        language: en or zh.
        grading: of the density.
        n_grades: wanted.
    """
    bounds = grade_bounds(by_village, n_grades, grading)
    marks = MapPoints(label, POINT_COLOR, points_m, [label] * len(points_m))
    digits = 1 if not bounds.size or bounds.min() >= 0.1 else 3
    return VillageMap(
        ground=city_ground(city),
        classes=graded_classes(by_village, bounds, language, digits=digits),
        title=text("diagnosis_map_density", language, points=label),
        lines=[text("diagnosis_density_line", language, density=value) for value in by_village.tolist()],
        points=() if len(points_m) > MOST_POINTS_DRAWN else (marks,),
        note=text("diagnosis_points_hidden", language, n=len(points_m)) if len(points_m) > MOST_POINTS_DRAWN else "",
    )


def graded_classes(values: FloatArray, bounds: FloatArray, language: str, *, digits: int) -> list[MapClass]:
    """A class for each grade, light to dark, after one for what is not known."""
    grade = grades_of(values, bounds)
    words = [f"{bound:,.{digits}f}" for bound in bounds.tolist()]
    inner = [f"{low} … {high}" for low, high in itertools.pairwise(words)]
    labels = [f"< {words[0]}", *inner, f"≥ {words[-1]}"] if words else [text("diagnosis_all_alike", language)]
    colors = sequence(VIRIDIS[::-1], len(labels))
    unknown = np.isnan(values)
    first = MapClass(f"{text('diagnosis_not_known', language)} ({int(unknown.sum()):,})", EMPTY_COLOR, unknown)
    return [
        first,
        *(
            MapClass(f"{label} ({int((grade == k).sum()):,})", color, grade == k)
            for k, (label, color) in enumerate(zip(labels, colors, strict=True))
        ),
    ]


@lru_cache(maxsize=8)
def _need_lines(told: GradedNeed, language: str) -> tuple[str, ...]:
    """Points of each village, and its weak conditions."""
    grade, n_grades = told.grade.tolist(), told.bounds.size + 1
    lines = []
    for village, points in enumerate(told.need.points.tolist()):
        if np.isnan(points):
            lines.append(text("diagnosis_too_little_known", language, n=int(told.need.n_unknown[village])))
            continue
        said = text("diagnosis_need_line", language, points=points, grade=grade[village] + 1, n_grades=n_grades)
        lines.append("\n".join(filter(None, [said, weak_text(told.weak_names(village), language)])))
    return tuple(lines)


def _outlines(areas: Areas | None, language: str) -> tuple[MapShapes, ...]:
    if areas is None:
        return ()
    return (MapShapes(text("diagnosis_areas", language), AREA_COLOR, areas.shapes),)
