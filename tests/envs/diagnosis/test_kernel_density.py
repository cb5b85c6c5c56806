"""Kernel density of points: against SciPy and plain loops to 1e-9, and its integral."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import gaussian_kde

from envs.diagnosis import kernel_density
from envs.diagnosis.kernel_density import KERNELS, kernel_density_per_km2
from oracles import diagnosis as oracle

RNG = np.random.default_rng(3)
POINTS, AT = RNG.normal(0.0, 4000.0, (60, 2)), RNG.normal(0.0, 5000.0, (25, 2))


def test_equal_to_scipy() -> None:
    """SciPy scales its kernel by the points' covariance; whitened points have one of 1, so that it is ours."""
    centered = RNG.normal(size=(80, 2))
    centered -= centered.mean(axis=0)
    white = centered @ np.linalg.inv(np.linalg.cholesky(np.cov(centered.T))).T
    at, bandwidth_m = RNG.normal(size=(30, 2)), 0.4
    ours = kernel_density_per_km2(at, white, bandwidth_m)
    theirs = gaussian_kde(white.T, bw_method=bandwidth_m)(at.T) * len(white) * 1e6
    np.testing.assert_allclose(ours, theirs, rtol=1e-9)


@pytest.mark.parametrize("kernel", KERNELS)
def test_against_plain_loops(kernel: str) -> None:
    ours = kernel_density_per_km2(AT, POINTS, 1500.0, kernel=kernel)  # type: ignore[arg-type]
    by_loops = [oracle.density(list(at), POINTS.tolist(), 1500.0, kernel) for at in AT]
    np.testing.assert_allclose(ours, by_loops, rtol=0, atol=1e-9)
    weights = RNG.random(len(POINTS))
    ours = kernel_density_per_km2(AT, POINTS, 1500.0, kernel=kernel, weights=weights)  # type: ignore[arg-type]
    alone = [[oracle.density(list(at), [point], 1500.0, kernel) for point in POINTS.tolist()] for at in AT]
    np.testing.assert_allclose(
        ours, [sum(w * x for w, x in zip(weights, row, strict=True)) for row in alone], atol=1e-9
    )


@pytest.mark.parametrize("kernel", KERNELS)
def test_its_integral_is_the_number_of_points(kernel: str) -> None:
    """Three points, one of them counting twice: the density sums to 4 over the plane."""
    side = np.arange(-6_000.0, 6_001.0, 25.0)
    grid = np.column_stack([axis.ravel() for axis in np.meshgrid(side, side)])
    points = np.array([[0.0, 0.0], [500.0, -300.0], [-900.0, 700.0]])
    density = kernel_density_per_km2(grid, points, 1000.0, kernel=kernel, weights=np.array([1.0, 1.0, 2.0]))  # type: ignore[arg-type]
    assert density.sum() * 0.025**2 == pytest.approx(4.0, abs=1e-4)


def test_blocks_change_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = kernel_density_per_km2(AT, POINTS, 800.0)
    monkeypatch.setattr(kernel_density, "CELLS_PER_BLOCK", 130)
    np.testing.assert_allclose(kernel_density_per_km2(AT, POINTS, 800.0), whole, rtol=1e-13)


def test_limits() -> None:
    """Nothing where there are no points; a wide kernel tells no place from another; a width of 0 is an error."""
    assert kernel_density_per_km2(AT, np.zeros((0, 2)), 1000.0).tolist() == [0.0] * len(AT)
    wide = kernel_density_per_km2(AT, POINTS, 1e7)
    assert np.ptp(wide) / wide.mean() < 1e-5
    with pytest.raises(ValueError, match="bandwidth"):
        kernel_density_per_km2(AT, POINTS, 0.0)
