"""What is asked of a diagnosis beside the city: areas, points, cases, a plan; all of it answered together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from data.arrays import FloatArray
from data.catalogue import Message, text
from data.city import CATEGORIES, City
from data.diagnosis.cases import Case, documented_cases, read_cases
from data.diagnosis.map_files import box_area, read_areas, read_points
from data.errors import refuse
from data.parameter import unknown_id
from envs.diagnosis.answers import PlanAnswers, plan_answers
from envs.diagnosis.areas import Areas, district_areas, villages_area
from envs.diagnosis.diagnosis import AreaDiagnosis, Diagnosis, DiagnosisSetting, diagnose, diagnose_areas
from envs.diagnosis.kernel_density import Kernel, kernel_density_per_km2
from envs.diagnosis.nearest_cases import Likeness, case_features, likeness, village_features
from envs.kernel import Plans, ResolvedScenario

MOST_CASES_SHOWN = 5
STATIONS = "stations"
POINT_LAYERS = (*CATEGORIES, STATIONS)
"""Points that a city has itself."""


@dataclass(frozen=True)
class AskedAreas:
    """Areas by what names them; each may be there or not.

    Attributes:
        districts: names.
        villages: ids that make one area together.
        box: two corners, longitude and latitude each [degrees].
        file: of polygons.
        crs: of a file that states none; "" = not said.
    """

    districts: tuple[str, ...] = ()
    villages: tuple[str, ...] = ()
    box: tuple[float, float, float, float] | None = None
    file: Path | None = None
    crs: str = ""


@dataclass(frozen=True)
class AskedDensity:
    """Density of which points.

    Attributes:
        points: one of POINT_LAYERS, or a file.
        kernel: its shape.
        bandwidth_m: None = the book's.
        crs: of a file that states none; "" = not said.
    """

    points: str
    kernel: Kernel = "gaussian"
    bandwidth_m: float | None = None
    crs: str = ""


@dataclass(frozen=True, eq=False)
class PointDensity:
    """Density of points at every place.

    Attributes:
        points: what they are.
        n_points: how many.
        kernel: its shape.
        bandwidth_m: its width.
        by_place: zones, then villages, shape (n_places,) [1/km2].
    """

    points: str
    n_points: int
    kernel: Kernel
    bandwidth_m: float
    by_place: FloatArray


@dataclass(frozen=True, eq=False)
class CityDiagnosis:
    """Everything that one call answers.

    Attributes:
        villages: the diagnosis.
        cases: documented projects, the planner's own after those of the house.
        likeness: of the villages to them.
        areas: None = not asked.
        density: None = not asked.
        plan: what a plan does about it; None = not asked.
        start_year: of that plan, shape (n_villages,).
        notes: how files were read.
    """

    villages: Diagnosis
    cases: tuple[Case, ...]
    likeness: Likeness
    areas: AreaDiagnosis | None = None
    density: PointDensity | None = None
    plan: PlanAnswers | None = None
    start_year: FloatArray | None = None
    notes: tuple[Message, ...] = ()


def diagnose_city(
    resolved: ResolvedScenario,
    setting: DiagnosisSetting,
    *,
    areas: AskedAreas | None = None,
    density: AskedDensity | None = None,
    cases: Path | None = None,
    plan: Plans | None = None,
) -> CityDiagnosis:
    """Diagnose a city and answer what else is asked.

    Args:
        resolved: scenario resolved against the city.
        setting: weights and grades.
        areas: of the map.
        density: of points.
        cases: the planner's own table of projects.
        plan: a batch of one.

    Raises:
        InputError: any of it is wrong.
    """
    told = diagnose(resolved, setting)
    known = all_cases(cases)
    asked, notes = asked_areas(areas or AskedAreas(), resolved.city)
    counted, said = (None, []) if density is None else point_density(density, resolved)
    return CityDiagnosis(
        villages=told,
        cases=known,
        likeness=case_likeness(resolved, known),
        areas=None if asked is None else diagnose_areas(told, asked),
        density=counted,
        plan=None if plan is None else plan_answers(plan, told.weak, told.in_need),
        start_year=None if plan is None else np.asarray(plan.start_year[0], dtype=np.float64),
        notes=(*notes, *said),
    )


def all_cases(own: Path | None) -> tuple[Case, ...]:
    """Cases of the house, and the planner's own.

    Raises:
        InputError: the file is wrong, or names a case of the house.
    """
    if own is None:
        return documented_cases()
    brought, known = read_cases(own), {case.case_id for case in documented_cases()}
    twice = [case.case_id for case in brought if case.case_id in known]
    if twice:
        raise refuse("cases_ids_of_house", file=own, layer="case_id", rows=twice)
    return (*documented_cases(), *brought)


def case_likeness(resolved: ResolvedScenario, cases: Sequence[Case]) -> Likeness:
    """How like the villages are to cases."""
    return likeness(village_features(resolved.city, resolved.book), case_features(cases))


def asked_areas(asked: AskedAreas, city: City) -> tuple[Areas | None, list[Message]]:
    """The areas that are asked for, one after another, and how a file was read; None where none is.

    Raises:
        InputError: an unknown district or village, a box or file that is wrong.
    """
    parts: list[Areas] = []
    notes: list[Message] = []
    for name in asked.districts:
        if name not in city.districts:
            raise refuse("word_not_among", layer="--district", choices=city.districts, found=name)
        parts.append(district_areas(city, [city.districts.index(name)]))
    if asked.villages:
        ids = city.villages.village_id.tolist()
        for name in asked.villages:
            if name not in ids:
                raise refuse(unknown_id(name, ids), layer="--villages")
        name = "+".join(asked.villages[:3]) + ("..." if len(asked.villages) > 3 else "")
        parts.append(villages_area(city, name, [ids.index(village) for village in asked.villages]))
    if asked.box is not None:
        parts.append(Areas((",".join(f"{corner:g}" for corner in asked.box),), box_area(asked.box, city)))
    if asked.file is not None:
        names, shapes, notes = read_areas(asked.file, city, asked.crs)
        parts.append(Areas(names, shapes))
    if not parts:
        return None, notes
    together = Areas(tuple(name for part in parts for name in part.names), np.concatenate([p.shapes for p in parts]))
    return together, notes


def point_density(asked: AskedDensity, resolved: ResolvedScenario) -> tuple[PointDensity, list[Message]]:
    """Density of points at the middle of every place, and how a file was read.

    Raises:
        InputError: the city has no such points, or the file is wrong.
    """
    city, notes = resolved.city, list[Message]()
    if asked.points in POINT_LAYERS:
        points = city_points(asked.points, city)
    elif not Path(asked.points).suffix:
        raise refuse("points_unknown", layer="--points", choices=POINT_LAYERS, found=asked.points)
    else:
        points, notes = read_points(Path(asked.points), city, asked.crs)
    if not len(points):
        raise refuse("points_none", layer="--points", points=asked.points)
    return density_at_places(points, asked, resolved), notes


def density_at_places(points_m: FloatArray, asked: AskedDensity, resolved: ResolvedScenario) -> PointDensity:
    """Density of points, shape (n, 2) [m], at the middle of every place."""
    city = resolved.city
    bandwidth_m = asked.bandwidth_m or resolved.book.number("diagnosis.kernel_bandwidth_m")
    at_m = np.column_stack([city.place_x_km, city.place_y_km]) * 1e3
    density = kernel_density_per_km2(at_m, points_m, bandwidth_m, kernel=asked.kernel)
    return PointDensity(Path(asked.points).name, len(points_m), asked.kernel, bandwidth_m, density)


def city_points(layer: str, city: City) -> FloatArray:
    """Facilities of a category, or the stations, shape (n, 2) [m]."""
    if layer == STATIONS:
        return np.column_stack([city.stations.x_km, city.stations.y_km]) * 1e3
    chosen = city.facilities.category_idx == CATEGORIES.index(layer)
    return np.column_stack([city.facilities.x_km[chosen], city.facilities.y_km[chosen]]) * 1e3


def points_label(layer: str, language: str) -> str:
    """What the points are called; a file by its name."""
    return text(f"points_{layer}", language) if layer in POINT_LAYERS else layer
