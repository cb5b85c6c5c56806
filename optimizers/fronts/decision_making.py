"""Choosing one plan of a front: extremes, knee, reference point, limits of loss, a walk from the worst corner.

Every function reads minimized objectives F of shape (n_plans, n_objectives), each in a unit of its own, and a scale of
shape (n_objectives,) by which differences are compared across objectives. Positions refer to the rows of F.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass

import numpy as np
from pymoo.decomposition.asf import ASF

from data.arrays import BoolArray, FloatArray, IntArray

DECIMALS = 9
"""To which distances from a plane are told apart, of objectives scaled to 0..1."""


def spread(F: FloatArray) -> FloatArray:
    """Largest less smallest value of each objective on the front; 1 where all plans are equal."""
    span = F.max(axis=0) - F.min(axis=0)
    return np.where(span > 0.0, span, 1.0)


def best_by_objective(F: FloatArray) -> IntArray:
    """Position of the best plan of each objective, shape (n_objectives,)."""
    return np.argmin(F, axis=0)


def high_tradeoff(F: FloatArray) -> IntArray:
    """Plans that cost much elsewhere to leave (Rachmawati & Srinivasan 2009, by pymoo); may be none.

    Objectives are scaled to 0..1 over the front. Fronts of fewer than four plans or of one objective have none.
    """
    if F.shape[1] < 2 or len(F) < 4 or not np.ptp(F, axis=0).any():
        return np.zeros(0, dtype=np.int64)
    scaled = (F - F.min(axis=0)) / spread(F)
    with warnings.catch_warnings(), np.errstate(all="ignore"):  # pymoo silences every warning of the process
        warnings.simplefilter("ignore")
        from pymoo.mcdm.high_tradeoff import HighTradeoffPoints

        chosen = HighTradeoffPoints().do(scaled)
    return np.zeros(0, dtype=np.int64) if chosen is None else np.sort(np.asarray(chosen, dtype=np.int64))


def knee(F: FloatArray) -> int:
    """Position of the plan farthest from the plane through the front's extremes, on the better side (Das 1999).

    Objectives are scaled to 0..1 over the front. Where the extremes span no plane that falls in every objective, the
    plane weighs the objectives alike. Of plans equally far, which the extremes themselves are, the first one counts.
    """
    scaled = (F - F.min(axis=0)) / spread(F)
    return int(np.argmin(np.round(scaled @ _plane_normal(scaled[best_by_objective(F)]), DECIMALS)))


def _plane_normal(extremes: FloatArray) -> FloatArray:
    """Unit normal of the plane through one point per objective, shape (n_objectives,)."""
    n_objectives = extremes.shape[1]
    alike = np.full(n_objectives, n_objectives**-0.5)
    if n_objectives == 1:
        return alike
    _, singular, rows = np.linalg.svd(extremes[1:] - extremes[0], full_matrices=True)
    normal = rows[-1] * (1.0 if rows[-1].sum() >= 0.0 else -1.0)
    spans = singular[-1] > 1e-9 * max(singular[0], 1e-9)
    return normal if spans and (normal > 0.0).all() else alike


def nearest_to(F: FloatArray, aspiration: FloatArray, scale: FloatArray) -> int:
    """The plan whose worst shortfall from an aspiration is least (Wierzbicki 1980, by pymoo's ASF).

    Args:
        F: minimized objectives.
        aspiration: wished value of each objective, shape (n_objectives,).
        scale: what a shortfall is divided by.
    """
    achieved = np.asarray(ASF().do(F, np.asarray(scale, dtype=np.float64), utopian_point=np.asarray(aspiration)))
    shortfall = achieved.reshape(-1)
    return int(np.lexsort((((F - aspiration) / scale).sum(axis=1), shortfall))[0])


def within_loss(F: FloatArray, current: int, allowed: FloatArray) -> BoolArray:
    """Plans that are nowhere worse than the current one by more than is allowed (NIMBUS, Miettinen & Mäkelä 2006).

    Args:
        F: minimized objectives.
        current: position of the plan in hand.
        allowed: largest loss of each objective in its unit; inf = free.
    """
    slack = 1e-12 * np.abs(F[current])
    return np.asarray((F - F[current] <= allowed + slack).all(axis=1))


def best_within_loss(F: FloatArray, current: int, allowed: FloatArray, improve: int, scale: FloatArray) -> int:
    """Of the plans within the allowed losses, the best of one objective; the least other loss settles ties."""
    inside = np.flatnonzero(within_loss(F, current, allowed))
    others = ((F[inside] - F[current]) / scale).sum(axis=1)
    return int(inside[np.lexsort((others, F[inside, improve]))[0]])


@dataclass(frozen=True, eq=False)
class Corner:
    """Where a walk from the worst corner stands.

    Attributes:
        point: value of each objective that is secured, shape (n_objectives,).
        best: best value of each objective still in reach from there.
        reachable: True for plans that are at least as good as the point in every objective.
        target: position of the plan that the walk heads for.
    """

    point: FloatArray
    best: FloatArray
    reachable: BoolArray
    target: int


def walk(F: FloatArray, wishes: FloatArray, steps: int, scale: FloatArray) -> Corner:
    """Walk a number of steps from the worst corner to the front (NAUTILUS, Miettinen et al. 2010).

    Every step improves all objectives at once; with step h of n the point moves 1/(n - h + 1) of the way to the plan
    that is nearest to the wish, among those still in reach.

    Args:
        F: minimized objectives.
        wishes: aspiration of each step, shape (steps taken, n_objectives); later wishes may differ from earlier ones.
        steps: number of steps from the corner to the front.
        scale: what shortfalls are divided by.
    """
    point, reachable = F.max(axis=0), np.ones(len(F), dtype=np.bool_)
    target = nearest_to(F, F.min(axis=0) if len(wishes) == 0 else wishes[0], scale)
    for taken, wish in enumerate(wishes[:steps]):
        inside = np.flatnonzero(reachable)
        target = int(inside[nearest_to(F[inside], wish, scale)])
        left = steps - taken
        point = point + (F[target] - point) / left
        reachable = np.asarray((point + 1e-12 * np.abs(point) >= F).all(axis=1))
        reachable[target] = True
    return Corner(point, F[reachable].min(axis=0), reachable, target)


def next_better(F: FloatArray, current: int, objective: int, scale: FloatArray) -> int | None:
    """The plan that improves one objective at the least loss of the others per improvement; None at the best one.

    Args:
        F: minimized objectives.
        current: position of the plan in hand.
        objective: which one to improve.
        scale: what losses and gains are divided by.
    """
    gain = (F[current, objective] - F[:, objective]) / scale[objective]
    better = np.flatnonzero(gain > 1e-9)
    if len(better) == 0:
        return None
    others = [k for k in range(F.shape[1]) if k != objective]
    loss = np.maximum(0.0, (F[better][:, others] - F[current, others]) / scale[others]).sum(axis=1)
    return int(better[np.lexsort((gain[better], loss / gain[better]))[0]])
