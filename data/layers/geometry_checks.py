"""Checks of reference systems and geometries. One function per check; areas and distances are in meters."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pyproj
import shapely

from data.arrays import BoolArray, FloatArray, GeometryArray, IntArray
from data.catalogue import Message, message
from data.dictionary import POLYGON_LAYERS
from data.layers.attribute_checks import row_ids
from data.layers.containment import containing_idx, largest_overlap
from data.layers.findings import Finding
from data.table_cells import numbers

OVERLAP_TOLERANCE_M2 = 1.0
LEAST_AREA_M2 = 1.0
OVERLAP_TOLERANCE_SHARE = 1e-6
AREA_MISMATCH_FACTOR = 3.0
LARGEST_COORDINATE_M = 5e7
"""More than once around the Earth."""
LEAST_COVERED_SHARE = 0.5
"""Of a village's area that zones must cover."""
FARTHEST_STATION_M = 20_000.0
"""From the nearest zone; a line that serves the city ends earlier."""
DISTORTION_WARNING_SHARE = 0.02
DISTORTION_ERROR_SHARE = 0.10


def geometries(frame: gpd.GeoDataFrame) -> GeometryArray:
    """Shapely geometries of a frame, None where there is none. Shape (n_rows,)."""
    return np.asarray(frame.geometry.array, dtype=object)


def check_crs(frame: gpd.GeoDataFrame, layer: str) -> list[Finding]:
    """The reference system is declared, projected, in meters, and known by its EPSG code."""

    def error(check: str, problem: Message) -> list[Finding]:
        return [Finding("error", layer, (), check, problem)]

    crs = frame.crs
    if crs is None:
        return error("crs_missing", message("crs_undeclared"))
    if crs.is_geographic:
        return error("crs_geographic", message("crs_in_degrees", crs=crs.name))
    if not crs.is_projected or {axis.unit_name for axis in crs.axis_info} != {"metre"}:
        return error("crs_units", message("crs_not_in_meters", crs=crs.name))
    if crs.to_authority() is None:
        return error("crs_unnamed", message("crs_without_code", crs=crs.name))
    return []


def check_degrees_as_meters(frame: gpd.GeoDataFrame, layer: str) -> list[Finding]:
    """Coordinates of a projected system are not all within 180 by 90."""
    shapes = geometries(frame)
    if frame.crs is None or not frame.crs.is_projected or not len(shapes) or not _within_degrees(shapes):
        return []
    return [
        Finding(
            "error", layer, (), "degrees_as_meters", message("crs_meters_are_degrees", crs=frame.crs.name, wanted=layer)
        )
    ]


def check_meters_as_degrees(frame: gpd.GeoDataFrame, layer: str) -> list[Finding]:
    """Coordinates of a geographic system are within 180 by 90."""
    shapes = geometries(frame)
    if frame.crs is None or not frame.crs.is_geographic or not len(shapes) or _within_degrees(shapes):
        return []
    return [
        Finding(
            "error", layer, (), "meters_as_degrees", message("crs_degrees_are_none", crs=frame.crs.name, wanted=layer)
        )
    ]


def sound_mask(frame: gpd.GeoDataFrame, layer: str) -> BoolArray:
    """Rows whose geometry is there, of the layer's type, finite and valid. Shape (n_rows,)."""
    shapes = geometries(frame)
    present = _present(shapes) & _typed(shapes, layer)
    sound = present & _finite(shapes)
    sound[sound] = shapely.is_valid(shapes[sound])
    return sound


def check_geometry(frame: gpd.GeoDataFrame, layer: str) -> list[Finding]:
    """A geometry is a polygon with an area (zones, villages) or a point, is finite and does not cross itself."""
    shapes = geometries(frame)
    wanted = message("geometry_polygon_needed" if layer in POLYGON_LAYERS else "geometry_point_needed")
    missing = ~_present(shapes)
    wrong_type = ~missing & ~_typed(shapes, layer)
    infinite = ~missing & ~wrong_type & ~_finite(shapes)
    flat = ~missing & ~wrong_type & ~infinite & _without_area(frame, layer)
    crossing = ~missing & ~wrong_type & ~infinite & ~flat
    crossing[crossing] = ~shapely.is_valid(shapes[crossing])
    reason = str(shapely.is_valid_reason(shapes[np.argmax(crossing)])) if crossing.any() else ""
    failed = {
        "geometry_missing": (missing, message("geometry_empty")),
        "geometry_type": (wrong_type, wanted),
        "geometry_not_finite": (infinite, message("geometry_infinite", most_m=LARGEST_COORDINATE_M)),
        "zero_area": (flat, message("geometry_without_area", least_m2=LEAST_AREA_M2)),
        "self_crossing": (crossing, message("geometry_crosses_itself", reason=reason)),
    }
    return [
        Finding("error", layer, row_ids(frame, layer, mask), check, problem)
        for check, (mask, problem) in failed.items()
        if mask.any()
    ]


def repeated(shapes: GeometryArray) -> BoolArray:
    """Rows whose outline, in any order of its corners, an earlier row has already. Shape (n_rows,)."""
    outlines = shapely.to_wkb(shapely.normalize(shapes))
    first = {outline: row for row, outline in reversed(list(enumerate(outlines.tolist())))}
    return np.array([first[outline] != row for row, outline in enumerate(outlines.tolist())], dtype=np.bool_)


def check_duplicate_geometry(frame: gpd.GeoDataFrame, layer: str) -> list[Finding]:
    """No two rows have the same outline."""
    again = repeated(geometries(frame))
    if not again.any():
        return []
    return [Finding("error", layer, row_ids(frame, layer, again), "duplicate_geometry", message("geometry_repeated"))]


def overlapping_pairs(polygons: GeometryArray) -> tuple[IntArray, IntArray, FloatArray]:
    """Pairs i < j of valid polygons that overlap by more than 1 m2 and 1e-6 of the smaller, and by how much [m2]."""
    left, right = shapely.STRtree(polygons).query(polygons, predicate="intersects")
    once = left < right
    left, right = left[once], right[once]
    overlap_m2 = shapely.area(shapely.intersection(polygons[left], polygons[right]))
    smaller_m2 = np.minimum(shapely.area(polygons[left]), shapely.area(polygons[right]))
    too_much = overlap_m2 > np.maximum(OVERLAP_TOLERANCE_M2, OVERLAP_TOLERANCE_SHARE * smaller_m2)
    order = np.lexsort((right[too_much], left[too_much]))
    return left[too_much][order], right[too_much][order], overlap_m2[too_much][order]


def check_overlap(frame: gpd.GeoDataFrame, layer: str) -> list[Finding]:
    """Polygons of a layer do not overlap; gaps are fine."""
    left, right, overlap_m2 = overlapping_pairs(geometries(frame))
    if not len(left):
        return []
    mask = np.zeros(len(frame), dtype=np.bool_)
    mask[left] = mask[right] = True
    ids = row_ids(frame, layer, np.ones(len(frame), dtype=np.bool_))
    worst = int(np.argmax(overlap_m2))
    problem = message(
        "polygons_overlap",
        layer=layer,
        n=len(left),
        first=ids[left[worst]],
        second=ids[right[worst]],
        overlap_m2=float(overlap_m2[worst]),
    )
    return [Finding("error", layer, row_ids(frame, layer, mask), "overlap", problem)]


def check_site_area(villages: gpd.GeoDataFrame) -> list[Finding]:
    """The stated site area resembles the polygon's area."""
    polygon_m2 = shapely.area(geometries(villages))
    site_m2 = numbers(villages["site_area_m2"])
    low, high = polygon_m2 / AREA_MISMATCH_FACTOR, polygon_m2 * AREA_MISMATCH_FACTOR
    wrong = np.isfinite(site_m2) & ((site_m2 < low) | (site_m2 > high))
    if not wrong.any():
        return []
    problem = message("site_area_differs", factor=AREA_MISMATCH_FACTOR)
    return [Finding("warning", "villages", row_ids(villages, "villages", wrong), "area_mismatch", problem)]


def check_distortion(zones: gpd.GeoDataFrame) -> list[Finding]:
    """A meter of the reference system is a meter on the ground (in Web Mercator it is not)."""
    distortion = abs(area_distortion(zones))
    if distortion <= DISTORTION_WARNING_SHARE:
        return []
    problem = message("crs_distorts", crs=zones.crs.name, distortion=distortion)
    severe = distortion > DISTORTION_ERROR_SHARE
    return [Finding("error" if severe else "warning", "zones", (), "crs_distorted", problem)]


def area_distortion(frame: gpd.GeoDataFrame) -> float:
    """Share by which the area of the largest polygon exceeds the one on the ground; 0 where it cannot be told."""
    polygons = geometries(frame)
    if not len(polygons):
        return 0.0
    largest = polygons[int(np.argmax(shapely.area(polygons)))]
    ground_m2 = _ground_area_m2(largest, frame.crs)
    return float(largest.area) / ground_m2 - 1.0 if ground_m2 > 0.0 else 0.0


def check_within_zones(frame: gpd.GeoDataFrame, layer: str, zones: gpd.GeoDataFrame) -> list[Finding]:
    """Villages (half of them at least) and facilities lie in zones."""
    outside = outside_zones(geometries(frame), layer, geometries(zones))
    if not outside.any():
        return []
    check = {"villages": "village_outside_zones", "facilities": "facility_outside_zones"}[layer]
    problem = message(f"inside_zone_{layer}")
    return [Finding("error", layer, row_ids(frame, layer, outside), check, problem)]


def check_near_zones(stations: gpd.GeoDataFrame, zones: gpd.GeoDataFrame) -> list[Finding]:
    """Stations lie in the city or not far from it; one at 0, 0 has lost its coordinates."""
    shapes, zone_shapes = geometries(stations), geometries(zones)
    if not len(shapes) or not len(zone_shapes):
        return []
    (row, _), distance_m = shapely.STRtree(zone_shapes).query_nearest(shapes, return_distance=True, all_matches=False)
    far = np.zeros(len(shapes), dtype=np.bool_)
    far[row] = distance_m > FARTHEST_STATION_M
    if not far.any():
        return []
    problem = message("station_far", most_km=FARTHEST_STATION_M / 1e3)
    return [Finding("warning", "stations", row_ids(stations, "stations", far), "station_far", problem)]


def outside_zones(shapes: GeometryArray, layer: str, zones: GeometryArray) -> BoolArray:
    """Points that no zone contains, and polygons of which zones cover less than half. Shape (n_rows,)."""
    if layer in POLYGON_LAYERS:
        return np.asarray(largest_overlap(shapes, zones).covered_share < LEAST_COVERED_SHARE)
    return np.asarray(containing_idx(shapes, zones) < 0)


def _ground_area_m2(polygon: shapely.Geometry, crs: pyproj.CRS) -> float:
    to_degrees = pyproj.Transformer.from_crs(crs, crs.geodetic_crs, always_xy=True)
    geod = crs.get_geod()
    outline = shapely.transform(polygon, to_degrees.transform, interleaved=False)
    if geod is None or not np.isfinite(shapely.get_coordinates(outline)).all():
        return float("nan")
    return abs(float(geod.geometry_area_perimeter(outline)[0]))


def _present(shapes: GeometryArray) -> BoolArray:
    return ~(shapely.is_missing(shapes) | shapely.is_empty(shapes))


def _typed(shapes: GeometryArray, layer: str) -> BoolArray:
    allowed = (
        (shapely.GeometryType.POLYGON, shapely.GeometryType.MULTIPOLYGON)
        if layer in POLYGON_LAYERS
        else (shapely.GeometryType.POINT,)
    )
    return np.isin(shapely.get_type_id(shapes), [int(kind) for kind in allowed])


def _without_area(frame: gpd.GeoDataFrame, layer: str) -> BoolArray:
    """Polygons that are a line or a point drawn as an area; in degrees nothing can be said."""
    if layer not in POLYGON_LAYERS or (frame.crs is not None and frame.crs.is_geographic):
        return np.zeros(len(frame), dtype=np.bool_)
    shapes = geometries(frame)
    with np.errstate(invalid="ignore"):
        flat = np.asarray(shapely.area(shapes) < LEAST_AREA_M2) & _finite(shapes)
        flat[flat] = shapely.area(shapely.make_valid(shapes[flat])) < LEAST_AREA_M2  # a bow tie's halves cancel out
    return flat


def _finite(shapes: GeometryArray) -> BoolArray:
    coordinates, row = shapely.get_coordinates(shapes, return_index=True)
    with np.errstate(invalid="ignore"):
        wild = ~(np.abs(coordinates) <= LARGEST_COORDINATE_M).all(axis=1)
    finite = np.ones(len(shapes), dtype=np.bool_)
    finite[row[wild]] = False
    return finite


def _within_degrees(shapes: GeometryArray) -> bool:
    coordinates = shapely.get_coordinates(shapes)
    with np.errstate(invalid="ignore"):
        return bool(len(coordinates)) and bool((np.abs(coordinates) <= np.array([180.0, 90.0])).all())
