"""Which polygon contains which point, and which zone holds most of which village; by a spatial index."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely

from data.arrays import FloatArray, GeometryArray, IntArray


def containing_idx(points: GeometryArray, polygons: GeometryArray) -> IntArray:
    """Position of the polygon that contains each point; on a shared border, the first one.

    Args:
        points: shapely points, shape (n_points,).
        polygons: shapely polygons, shape (n_polygons,).

    Returns:
        shape (n_points,); -1 where no polygon contains the point.
    """
    first_idx = np.full(len(points), len(polygons), dtype=np.int64)
    point_idx, polygon_idx = shapely.STRtree(polygons).query(points, predicate="intersects")
    np.minimum.at(first_idx, point_idx, polygon_idx)
    return np.where(first_idx == len(polygons), -1, first_idx)


@dataclass(frozen=True)
class Overlap:
    """Which zone holds the largest part of each polygon.

    Attributes:
        zone_idx: -1 where no zone holds any; of equal parts the first. Shape (n_polygons,).
        share: of the polygon's area that lies in that zone. Shape (n_polygons,).
        covered_share: of its area that lies in any zone. Shape (n_polygons,).
    """

    zone_idx: IntArray
    share: FloatArray
    covered_share: FloatArray


def largest_overlap(polygons: GeometryArray, zones: GeometryArray) -> Overlap:
    """The zone that holds the largest part of each polygon, and how much of it.

    Args:
        polygons: valid polygons, shape (n_polygons,).
        zones: valid polygons that do not overlap, shape (n_zones,).
    """
    row, zone = shapely.STRtree(zones).query(polygons, predicate="intersects")
    common_m2 = shapely.area(shapely.intersection(polygons[row], zones[zone]))
    area_m2 = np.maximum(shapely.area(polygons), np.finfo(np.float64).tiny)
    n = len(polygons)
    largest_m2, covered_m2 = np.zeros(n), np.zeros(n)
    np.maximum.at(largest_m2, row, common_m2)
    np.add.at(covered_m2, row, common_m2)
    zone_idx = np.full(n, len(zones), dtype=np.int64)
    decides = (common_m2 == largest_m2[row]) & (common_m2 > 0.0)
    np.minimum.at(zone_idx, row[decides], zone[decides])
    zone_idx[zone_idx == len(zones)] = -1
    return Overlap(zone_idx, largest_m2 / area_m2, covered_m2 / area_m2)
