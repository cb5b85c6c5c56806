"""Point in polygon: which polygon contains which point, by a spatial index."""

from __future__ import annotations

import numpy as np
import shapely

from data.arrays import GeometryArray, IntArray


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


def inner_points(polygons: GeometryArray) -> GeometryArray:
    """A point inside each polygon (the centroid of a bent polygon may lie outside). Shape (n_polygons,)."""
    return np.asarray(shapely.point_on_surface(polygons), dtype=object)
