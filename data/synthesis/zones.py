"""Zones of a synthetic city: a disc of square cells, and fields that fall with distance from its centers."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely

from data.arrays import FloatArray, GeometryArray, IntArray


@dataclass(frozen=True)
class Centers:
    """Centers of activity; each adds weight x exp(-d^2 / (2 spread^2)) to a field.

    Attributes:
        x_km: shape (n_centers,).
        y_km: shape (n_centers,).
        spread_km: standard deviation of the bump, shape (n_centers,).
        weight: height of the bump, shape (n_centers,).
    """

    x_km: FloatArray
    y_km: FloatArray
    spread_km: FloatArray
    weight: FloatArray

    def field(self, x_km: FloatArray, y_km: FloatArray) -> FloatArray:
        """Sum of the bumps at points; shape of x_km."""
        squared = (x_km[..., None] - self.x_km) ** 2 + (y_km[..., None] - self.y_km) ** 2
        return (self.weight * np.exp(-squared / (2.0 * self.spread_km**2))).sum(axis=-1)


def apportion(weights: FloatArray, total: int) -> FloatArray:
    """Split an integer total into integers in proportion to weights (largest remainder, Hamilton's method).

    Args:
        weights: shape (n,), non-negative, not all zero.
        total: what is split.

    Returns:
        shape (n,), whole numbers that add up to total exactly.
    """
    exact = weights * (total / weights.sum())
    whole = np.floor(exact)
    missing = int(total - whole.sum())
    whole[np.argsort(whole - exact, kind="stable")[:missing]] += 1.0
    return whole


def spread_log_normal(rng: np.random.Generator, log_sd: float, n: int) -> FloatArray:
    """Log-normal factors with mean 1; shape (n,)."""
    return np.exp(rng.normal(-0.5 * log_sd**2, log_sd, n))


def disc_of_cells(n_cells: int) -> IntArray:
    """The n lattice cells nearest to the origin, nearest first; shape (n, 2), column and row."""
    half = int(np.ceil(np.sqrt(n_cells / np.pi))) + 2
    column, row = (axis.ravel() for axis in np.meshgrid(np.arange(-half, half + 1), np.arange(-half, half + 1)))
    order = np.lexsort((np.arctan2(row, column), column**2 + row**2))[:n_cells]
    return np.column_stack([column[order], row[order]]).astype(np.int64)


def square_cells(cells: IntArray, side_m: float, origin_m: tuple[float, float]) -> FloatArray:
    """Bounds of lattice cells whose cell (0, 0) is centered on the origin; shape (n, 4), xmin ymin xmax ymax [m]."""
    low = np.array(origin_m) + (cells - 0.5) * side_m
    return np.column_stack([low, low + side_m])


def boxes(bounds_m: FloatArray) -> GeometryArray:
    """Rectangles from bounds of shape (n, 4)."""
    return np.asarray(shapely.box(bounds_m[:, 0], bounds_m[:, 1], bounds_m[:, 2], bounds_m[:, 3]))


def draw_sub_centers(rng: np.random.Generator, radius_km: float, n_centers: int) -> Centers:
    """One main center at the origin and sub-centers between half and four fifths of the radius, evenly turned."""
    turn = rng.uniform(0.0, 2.0 * np.pi) + 2.0 * np.pi * np.arange(n_centers) / max(n_centers, 1)
    turn = turn + rng.uniform(-0.3, 0.3, n_centers)
    away_km = radius_km * rng.uniform(0.5, 0.8, n_centers)
    return Centers(
        x_km=np.append(0.0, away_km * np.cos(turn)),
        y_km=np.append(0.0, away_km * np.sin(turn)),
        spread_km=np.append(0.5, rng.uniform(0.08, 0.14, n_centers)) * radius_km,
        weight=np.append(1.0, rng.uniform(0.25, 0.5, n_centers)),
    )


def price_at(distance_km: FloatArray, center_price: float, gradient_per_km: float, least_price: float) -> FloatArray:
    """Price that changes by gradient_per_km (negative) with each km from the center, never below least_price."""
    return np.maximum(center_price * np.exp(gradient_per_km * distance_km), least_price)


def sector_of(x_km: FloatArray, y_km: FloatArray, n_sectors: int) -> IntArray:
    """Compass sector of points, 0 = north, clockwise; shape (n,)."""
    turn = np.arctan2(x_km, y_km) / (2.0 * np.pi) * n_sectors
    return np.floor(turn + 0.5).astype(np.int64) % n_sectors
