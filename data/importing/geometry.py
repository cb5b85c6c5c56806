"""Import, the geometries: reference system, repair, and cells around points; every row that is touched is counted."""

from __future__ import annotations

import re

import geopandas as gpd
import numpy as np
import pyproj
import shapely

from data.arrays import GeometryArray
from data.dictionary import POLYGON_LAYERS
from data.errors import reason_of, refuse
from data.importing.draft import Draft
from data.layers.findings import raise_on_errors
from data.layers.geometry_checks import (
    check_crs,
    check_degrees_as_meters,
    check_distortion,
    check_meters_as_degrees,
    geometries,
    overlapping_pairs,
    sound_mask,
)

CRS_CODE = re.compile(r"[A-Za-z]+:\d+")
MAX_REPAIR_SHARE = 0.001
"""Largest change of area by which a self-crossing polygon is repaired rather than refused."""


def declare_crs(draft: Draft) -> None:
    """Settle which reference system the coordinates are in: the file's, else the mapping's, never a guess.

    Raises:
        InputError: neither says it, the two contradict each other, or the coordinates contradict them.
    """
    stated = None if draft.mapping.crs is None else parse_crs(draft.mapping.crs, f"mapping: {draft.layer}: crs")
    contradicted = bool(check_meters_as_degrees(draft.frame, draft.layer))
    if stated is not None and (draft.frame.crs is None or contradicted):
        if contradicted:
            draft.note(f"the coordinates are not in {draft.frame.crs.name}; {stated.name} taken from the mapping")
        draft.frame = draft.frame.set_crs(stated, allow_override=True)
    elif draft.frame.crs is None:
        raise refuse("crs_of_file_missing", wanted=draft.layer, file=draft.file, layer=draft.layer)
    elif stated is not None and stated != draft.frame.crs:
        declared = draft.frame.crs.name
        raise refuse("crs_of_file_differs", declared=declared, stated=stated.name, file=draft.file, layer=draft.layer)
    for check in (check_degrees_as_meters, check_meters_as_degrees):
        raise_on_errors(check(draft.frame, draft.layer), draft.file)


def city_crs(zones: Draft, wanted: str | None) -> pyproj.CRS:
    """The reference system of the city: the one wanted, else the zones' own if it is fit, else UTM.

    Raises:
        InputError: the one wanted is unknown or not in meters.
    """
    if wanted is not None:
        crs = parse_crs(wanted, "mapping: crs")
        raise_on_errors(check_crs(gpd.GeoDataFrame(geometry=[], crs=crs), "crs"), "mapping")
        return crs
    if zones.frame.empty:
        raise refuse("file_without_rows", file=zones.file, layer=zones.layer)
    sound = zones.frame[sound_mask(zones.frame, "zones")]
    if not check_crs(zones.frame, "zones") and not check_distortion(sound):
        return zones.frame.crs
    try:
        return zones.frame.estimate_utm_crs()
    except (RuntimeError, ValueError) as error:
        raise refuse("projection_unknown", reason=reason_of(error), file=zones.file, layer=zones.layer) from error


def parse_crs(text: str, where: str) -> pyproj.CRS:
    """A reference system by its code; a name such as "Beijing" would be a guess among several.

    Raises:
        InputError: it is no code, or there is none of that code.
    """
    try:
        if not CRS_CODE.fullmatch(text):
            raise pyproj.exceptions.CRSError(text)
        return pyproj.CRS.from_user_input(text)
    except pyproj.exceptions.CRSError as error:
        raise refuse("crs_unknown", name=text, file=where) from error


def project(draft: Draft, crs: pyproj.CRS) -> None:
    """Reproject to the city's reference system, in two dimensions."""
    shapes = geometries(draft.frame)
    if shapely.has_z(shapes).any():
        draft.note(f"heights of {int(shapely.has_z(shapes).sum())} rows dropped")
    with np.errstate(invalid="ignore"):
        flat = draft.frame.set_geometry(gpd.GeoSeries(shapely.force_2d(shapes), crs=draft.frame.crs))
        draft.frame = flat if flat.crs == crs else flat.to_crs(crs)
    draft.frame = draft.frame.set_crs(crs, allow_override=True)


def repair(draft: Draft) -> None:
    """Bring geometries to the layer's type where that changes next to nothing; the validation refuses the rest."""
    if draft.layer not in POLYGON_LAYERS:
        _points_inside(draft)
        return
    if draft.mapping.polygons_from_points:
        _cells_around_points(draft)
    _mend_polygons(draft)
    if draft.mapping.cut_overlaps_below_share > 0.0:
        _cut_overlaps(draft)


def _replace(draft: Draft, shapes: GeometryArray) -> None:
    draft.frame = draft.frame.set_geometry(gpd.GeoSeries(shapes, index=draft.frame.index, crs=draft.frame.crs))


def _points_inside(draft: Draft) -> None:
    """Replace lines and areas of a point layer by a point inside each."""
    shapes = geometries(draft.frame).copy()
    other = shapely.get_type_id(shapes) != int(shapely.GeometryType.POINT)
    if other.any():
        draft.note(f"{int(other.sum())} rows are no points; a point inside each is used")
        shapes[other] = shapely.point_on_surface(shapes[other])
        _replace(draft, shapes)


def _mend_polygons(draft: Draft) -> None:
    """Mend self-crossing polygons whose area barely changes."""
    shapes = geometries(draft.frame).copy()
    polygonal = np.isin(shapely.get_type_id(shapes), [3, 6])
    finite = np.isfinite(np.asarray(shapely.bounds(shapes))).all(axis=1)
    broken = np.flatnonzero(polygonal & finite)
    broken = broken[~shapely.is_valid(shapes[broken])]
    mended = np.array([_polygonal_part(shape) for shape in shapely.make_valid(shapes[broken])], dtype=object)
    before, after = shapely.area(shapes[broken]), shapely.area(mended)
    small = np.abs(after - before) < MAX_REPAIR_SHARE * before
    if small.any():
        shapes[broken[small]] = mended[small]
        draft.note(
            f"{int(small.sum())} self-crossing polygons mended (area changed by less than {MAX_REPAIR_SHARE:.1%})"
        )
        _replace(draft, shapes)


def _cut_overlaps(draft: Draft) -> None:
    """Cut small overlaps from the larger polygon of each pair."""
    if not sound_mask(draft.frame, draft.layer).all():
        return
    shapes = geometries(draft.frame).copy()
    area_m2 = shapely.area(shapes)
    left, right, overlap_m2 = overlapping_pairs(shapes)
    small = overlap_m2 <= draft.mapping.cut_overlaps_below_share * np.minimum(area_m2[left], area_m2[right])
    for a, b in zip(left[small], right[small], strict=True):
        larger, smaller = (a, b) if area_m2[a] > area_m2[b] else (b, a)
        shapes[larger] = _polygonal_part(shapely.difference(shapes[larger], shapes[smaller]))
    if small.any():
        text = f"{int(small.sum())} overlaps, {overlap_m2[small].sum():,.0f} m2 in all, cut from the larger polygon"
        draft.note(f"{text} ({overlap_m2[small].sum() / area_m2.sum():.2%} of the layer's area)")
        _replace(draft, shapes)


def _polygonal_part(shape: shapely.Geometry) -> shapely.Geometry:
    """The polygons of a geometry, without stray lines and points."""
    polygons = [piece for piece in shapely.get_parts(shape) if piece.geom_type == "Polygon" and piece.area > 0.0]
    if shape.geom_type == "GeometryCollection":
        inner = [_polygonal_part(piece) for piece in shapely.get_parts(shape)]
        polygons = [polygon for piece in inner for polygon in shapely.get_parts(piece)]
    return polygons[0] if len(polygons) == 1 else shapely.MultiPolygon(polygons)


def _cells_around_points(draft: Draft) -> None:
    """Replace points by Voronoi cells, clipped to the convex hull widened by half the mean spacing.

    Raises:
        InputError: a row is no point, or fewer than three distinct points span no area.
    """
    points = geometries(draft.frame)
    if (shapely.get_type_id(points) != int(shapely.GeometryType.POINT)).any():
        raise refuse("cells_need_points", file=draft.file, layer=draft.layer)
    coordinates = shapely.get_coordinates(points)
    if not np.isfinite(coordinates).all() or len(np.unique(coordinates, axis=0)) < max(3, len(points)):
        raise refuse("cells_need_three_points", file=draft.file, layer=draft.layer)
    hull = shapely.convex_hull(shapely.multipoints(points))
    if not hull.area > 0.0:
        raise refuse("cells_need_area", file=draft.file, layer=draft.layer)
    outline = hull.buffer(0.5 * np.sqrt(hull.area / len(points)))
    cells = shapely.voronoi_polygons(shapely.multipoints(points), extend_to=outline, ordered=True)
    _replace(draft, shapely.intersection(shapely.get_parts(cells), outline))
    draft.note(f"{len(points)} points replaced by the cells nearest to them (Voronoi), clipped to their hull")
    draft.synthetic[f"{draft.layer}.geometry"] = "cells around points (Voronoi), not surveyed borders"
