"""Zones as cells of a quadtree: small where many people live, clipped to the districts, without slivers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import shapely

from data.arrays import FloatArray, GeometryArray, IntArray


@dataclass(frozen=True)
class Raster:
    """Square cells on a lattice whose corner lies at the origin.

    Attributes:
        west_m: origin [m].
        south_m: origin [m].
        side_m: side of a raster cell [m].
        residents: shape (n_rows, n_columns), both a multiple of the root cell's.
    """

    west_m: float
    south_m: float
    side_m: float
    residents: FloatArray


@dataclass(frozen=True)
class Pieces:
    """Parts of cells within one district each.

    Attributes:
        polygons: shape (n,).
        district_idx: shape (n,).
        cell_m2: area of the whole cell, shape (n,).
    """

    polygons: GeometryArray
    district_idx: IntArray
    cell_m2: FloatArray


def quadtree_cells(
    raster: Raster, root: int, least: int, may_stay: Callable[[FloatArray, float], bool]
) -> list[tuple[int, int, int]]:
    """Split root cells in four until each may stay.

    Args:
        raster: residents.
        root: raster cells along a root cell, a power of two times `least`.
        least: raster cells along the smallest cell.
        may_stay: whether a cell with these bounds [m] and residents may stay whole.

    Returns:
        Row, column and size in raster cells.
    """
    n_rows, n_columns = raster.residents.shape
    todo = [(row, column, root) for row in range(0, n_rows, root) for column in range(0, n_columns, root)]
    done = []
    while todo:
        row, column, size = todo.pop()
        residents = float(raster.residents[row : row + size, column : column + size].sum())
        if size <= least or may_stay(cell_bounds_m(raster, row, column, size), residents):
            done.append((row, column, size))
        else:
            half = size // 2
            todo += [(row + i * half, column + j * half, half) for i in (0, 1) for j in (0, 1)]
    return sorted(done)


def cell_bounds_m(raster: Raster, row: int, column: int, size: int) -> FloatArray:
    """Bounds of a cell: xmin ymin xmax ymax [m]."""
    west, south = raster.west_m + column * raster.side_m, raster.south_m + row * raster.side_m
    return np.array([west, south, west + size * raster.side_m, south + size * raster.side_m])


def clip_to_districts(bounds_m: FloatArray, districts: GeometryArray) -> Pieces:
    """Cut cells at district borders; every connected part is a piece."""
    cells = shapely.box(*bounds_m.T)
    tree = shapely.STRtree(cells)
    polygons, district_idx, cell_m2 = [], [], []
    for idx, district in enumerate(districts):
        for cell_idx in np.sort(tree.query(district, predicate="intersects")):
            for polygon in shapely.get_parts(shapely.intersection(cells[cell_idx], district)):
                if polygon.geom_type == "Polygon" and polygon.area > 1.0:
                    polygons.append(polygon)
                    district_idx.append(idx)
                    cell_m2.append(cells[cell_idx].area)
    return Pieces(np.array(polygons, dtype=object), np.array(district_idx), np.array(cell_m2))


def merge_slivers(pieces: Pieces, least_share: float, keep_m2: float) -> Pieces:
    """Give each sliver, smallest first, to the neighbor in its district with the longest common border.

    Args:
        pieces: parts of cells.
        least_share: a piece below this share of its cell is a sliver,
        keep_m2: unless it is larger than this [m2].

    Returns:
        The pieces that are left; a district's only piece stays whatever its size.
    """
    polygons, alive = pieces.polygons.copy(), np.ones(len(pieces.polygons), dtype=bool)
    stuck = np.zeros(len(polygons), dtype=bool)
    while True:
        area = shapely.area(polygons)
        limit = np.minimum(least_share * pieces.cell_m2, keep_m2)
        sliver = np.flatnonzero(alive & ~stuck & (area < limit))
        if sliver.size == 0:
            return Pieces(polygons[alive], pieces.district_idx[alive], pieces.cell_m2[alive])
        smallest = sliver[np.argmin(area[sliver])]
        others = np.flatnonzero(alive & (pieces.district_idx == pieces.district_idx[smallest]))
        others = others[others != smallest]
        border = shapely.length(shapely.intersection(polygons[others], polygons[smallest]))
        if others.size == 0 or border.max() <= 1.0:
            stuck[smallest] = True
            continue
        taker = others[np.argmax(border)]
        polygons[taker] = shapely.union(polygons[taker], polygons[smallest])
        alive[smallest] = False
