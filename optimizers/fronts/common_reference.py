"""Fronts of several runs against one common reference: what all of them together found.

Every front comes in the same units, minimized: 0 = the best anchor of an objective, 1 = its worst; shape (n_plans,
n_objectives). Hypervolume is `optimizers.problem.front.hypervolume`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import gamma, pi

import numpy as np
from pymoo.indicators.igd_plus import IGDPlus

from data.arrays import BoolArray, FloatArray, IntArray
from optimizers.problem.front import REFERENCE, non_dominated

DIGITS = 9
"""Anchor ranges are compared to this many digits, so that the rounding of a batch decides nothing."""
DIRECTIONS_BASE2 = 12
"""4,096 directions sample an attainment surface; a hypervolume from them is exact to about 0.001."""


@dataclass(frozen=True, eq=False)
class CommonFront:
    """The non-dominated set of all runs together.

    Attributes:
        points: shape (n_points, n_objectives), rounded to DIGITS.
        run: the first run that holds each point, shape (n_points,).
        row: its position in that run's front, shape (n_points,).
    """

    points: FloatArray
    run: IntArray
    row: IntArray


def common_front(fronts: Sequence[FloatArray]) -> CommonFront:
    """Unite fronts; of equal points the first is kept.

    Args:
        fronts: normalized, minimized, one per run; at least one plan in all.
    """
    points = np.round(np.concatenate(fronts), DIGITS).astype(np.float64)
    run = np.repeat(np.arange(len(fronts)), [len(front) for front in fronts])
    row = np.concatenate([np.arange(len(front)) for front in fronts])
    kept = non_dominated(points)
    return CommonFront(points[kept], run[kept], row[kept])


def on_front(front: FloatArray, reference: FloatArray) -> BoolArray:
    """True for plans of a front that are points of the reference, shape (n_plans,)."""
    same = np.round(front, DIGITS)[:, None, :] == reference[None, :, :]
    return np.asarray(same.all(axis=2).any(axis=1))


def attained(front: FloatArray, reference: FloatArray, *, slack: float = 0.0) -> BoolArray:
    """True for reference points that some plan of a front reaches or betters in every objective.

    Args:
        front: shape (n_plans, n_objectives).
        reference: shape (n_points, n_objectives).
        slack: what a plan may miss by in every objective [anchor ranges].

    Returns:
        shape (n_points,).
    """
    reached = np.round(front, DIGITS)[:, None, :] <= reference[None, :, :] + slack
    return np.asarray(reached.all(axis=2).any(axis=0))


def igd_plus(front: FloatArray, reference: FloatArray) -> float:
    """Mean distance of the reference points from what the front dominates (Ishibuchi et al. 2015) [anchor ranges]."""
    return float(IGDPlus(reference)(np.round(front, DIGITS)))


def attainment_radii(fronts: Sequence[FloatArray], directions: FloatArray) -> FloatArray:
    """How far each front reaches from the hypervolume's reference corner along each direction.

    Along a direction a front attains everything up to its radius and nothing beyond, so that the k-th
    largest radius is exactly the surface that k runs attain (Grunert da Fonseca et al. 2001).

    Args:
        fronts: one per run.
        directions: unit vectors above zero, shape (n_directions, n_objectives).

    Returns:
        shape (n_runs, n_directions); 0 where nothing better than the corner lies.
    """
    radii = [((REFERENCE - front)[:, None, :] / directions[None, :, :]).min(axis=2).max(axis=0) for front in fronts]
    return np.maximum(np.stack(radii), 0.0)


def attainment_directions(n_objectives: int) -> FloatArray:
    """Unit vectors spread evenly over the positive orthant, shape (4,096, n_objectives); the same every time."""
    from scipy.stats import norm, qmc

    spread = qmc.Sobol(n_objectives, scramble=False).random_base2(DIRECTIONS_BASE2) + 0.5 ** (DIRECTIONS_BASE2 + 1)
    normal = norm.ppf(0.5 * (1.0 + spread))
    return normal / np.linalg.norm(normal, axis=1, keepdims=True)


def volume_within(radii: FloatArray, n_objectives: int) -> float:
    """Share of the hypervolume box within a surface given by its radii, shape (n_directions,).

    A volume in polar coordinates: the mean of radius ** n over the directions, times the unit ball's share of the
    positive orthant.
    """
    ball = pi ** (n_objectives / 2.0) / gamma(n_objectives / 2.0 + 1.0) / 2.0**n_objectives
    return float(ball * np.mean(radii**n_objectives) / REFERENCE**n_objectives)


def attainment_volumes(fronts: Sequence[FloatArray]) -> dict[str, float]:
    """Hypervolume within the surfaces that all, half and at least one of several runs attain.

    Args:
        fronts: one per run, for example of several seeds.

    Returns:
        worst, median and best, as shares of the hypervolume box.
    """
    n_objectives = fronts[0].shape[1]
    radii = attainment_radii(fronts, attainment_directions(n_objectives))
    ranked = np.sort(radii, axis=0)
    surfaces = {"worst": ranked[0], "median": ranked[len(fronts) // 2], "best": ranked[-1]}
    return {name: volume_within(surface, n_objectives) for name, surface in surfaces.items()}


def renewed_by_all(start_years: Sequence[IntArray]) -> BoolArray:
    """True for villages that every one of several plans renews, shape (n_villages,).

    Args:
        start_years: one per plan, shape (n_villages,), 0 = keep.
    """
    return np.asarray((np.stack(start_years) > 0).all(axis=0))
