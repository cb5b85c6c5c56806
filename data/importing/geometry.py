"""Import, the geometries: repair, and cells around points; every row that is touched is counted."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import shapely

from data.arrays import GeometryArray
from data.catalogue import message
from data.dictionary import POLYGON_LAYERS
from data.errors import refuse
from data.importing.draft import Draft
from data.layers.attribute_checks import row_ids
from data.layers.containment import largest_overlap
from data.layers.geometry_checks import geometries, overlapping_pairs, sound_mask

NOTED_BORDER_SHARE = 0.01
"""Part of a village outside its zone that is worth a word."""
MOST_SHOWN = 5
MAX_REPAIR_SHARE = 0.001
"""Largest change of area by which a self-crossing polygon is repaired rather than refused."""


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
        draft.note("note_no_points", n=int(other.sum()))
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
        draft.note("note_polygons_mended", n=int(small.sum()), share=f"{100.0 * MAX_REPAIR_SHARE:.1f} %")
        _replace(draft, shapes)


def note_villages_across_borders(villages: Draft, zones: Draft) -> None:
    """Say which villages lie in several zones, or partly in none, and how much of each lies in the zone it goes to."""
    sound = sound_mask(villages.frame, "villages")
    if not sound_mask(zones.frame, "zones").all() or not len(zones.frame):
        return
    overlap = largest_overlap(geometries(villages.frame)[sound], geometries(zones.frame))
    across = (overlap.zone_idx >= 0) & (overlap.share < 1.0 - NOTED_BORDER_SHARE)
    if not across.any():
        return
    ids, zone_ids = (
        row_ids(villages.frame, "villages", sound),
        row_ids(zones.frame, "zones", np.ones(len(zones.frame), bool)),
    )
    shown = [
        message("note_across_one", village=ids[row], share=overlap.share[row], zone=zone_ids[overlap.zone_idx[row]])
        for row in np.flatnonzero(across)[np.argsort(overlap.share[across], kind="stable")]
    ]
    first: object = shown[:MOST_SHOWN]
    if len(shown) > MOST_SHOWN:
        first = message("note_and_more", shown=first, n=len(shown) - MOST_SHOWN)
    villages.note("note_across_borders", n=len(shown), shown=first)


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
        cut_m2 = float(overlap_m2[small].sum())
        draft.note("note_overlaps_cut", n=int(small.sum()), area=cut_m2, share=cut_m2 / float(area_m2.sum()))
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
    draft.note("note_cells_around_points", n=len(points))
    draft.synthetic[f"{draft.layer}.geometry"] = "cells around points (Voronoi), not surveyed borders"
