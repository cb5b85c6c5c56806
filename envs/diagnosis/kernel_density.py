"""Kernel density of points on the map: how many of them, weighted by nearness, stand on a km2 around a place."""

from __future__ import annotations

from typing import Literal

import numpy as np

from data.arrays import FloatArray

Kernel = Literal["gaussian", "quartic"]
KERNELS: tuple[Kernel, ...] = ("gaussian", "quartic")
M2_PER_KM2 = 1e6
CELLS_PER_BLOCK = 4_000_000
"""Places x points computed at once: 32 MB."""


def kernel_density_per_km2(
    at_m: FloatArray,
    points_m: FloatArray,
    bandwidth_m: float,
    *,
    kernel: Kernel = "gaussian",
    weights: FloatArray | None = None,
) -> FloatArray:
    r"""Density of points around places (Silverman 1986, section 4.2).

    $$ f(x) = \sum_p w_p \frac{1}{h^2} K\left(\frac{|x - x_p|}{h}\right), \quad
    K_{gaussian}(u) = \frac{1}{2 \pi} e^{-u^2 / 2}, \quad K_{quartic}(u) = \frac{3}{\pi} (1 - u^2)^2, u < 1 $$
    Its integral over the plane is the number of points, or the sum of their weights. There is no correction at the
    edge: what stands beyond the points that are given is not known, so the density near the edge is too low.

    Args:
        at_m: where it is told, shape (n_places, 2) [m].
        points_m: shape (n_points, 2) [m].
        bandwidth_m: h: the standard deviation of the Gaussian, the reach of the quartic kernel [m].
        kernel: one of KERNELS.
        weights: of the points, shape (n_points,); None = 1 each.

    Returns:
        shape (n_places,) [points/km2, or weight/km2].

    Raises:
        ValueError: the bandwidth is not above 0.

    Example:
        On the point itself, 1 / (2 pi) per km2 with a bandwidth of 1 km.

        >>> kernel_density_per_km2(np.zeros((1, 2)), np.zeros((1, 2)), 1000.0).round(6)
        array([0.159155])
    """
    if not bandwidth_m > 0.0:
        msg = "the bandwidth must be above 0"
        raise ValueError(msg)
    weight = np.ones(len(points_m)) if weights is None else weights
    density = np.zeros(len(at_m))
    width = max(1, CELLS_PER_BLOCK // max(1, len(points_m)))
    for first in range(0, len(at_m), width):
        block = at_m[first : first + width]
        squared = ((block[:, None, :] - points_m[None, :, :]) ** 2).sum(axis=2) / bandwidth_m**2
        density[first : first + width] = _kernel(squared, kernel) @ weight
    return density * (M2_PER_KM2 / bandwidth_m**2)


def _kernel(squared: FloatArray, kernel: Kernel) -> FloatArray:
    """K of u squared."""
    if kernel == "gaussian":
        return np.exp(-0.5 * squared) / (2.0 * np.pi)
    return (3.0 / np.pi) * np.clip(1.0 - squared, 0.0, None) ** 2
