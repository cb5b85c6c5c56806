"""Commuting along a path: what workers and jobs are worth, through the differences of the balance equations."""

from __future__ import annotations

import numpy as np

from data.arrays import FloatArray
from envs.kernel.commute import GravityModel
from envs.kernel.computing.backend import product
from envs.reasons.path import PathTrace
from envs.reasons.people import people_slope
from envs.reasons.secants import mean, over, share_below

ROUNDS = 200
TOLERANCE = 1e-14
"""Of the adjoint of the balance, relative to what it answers to."""
JOBS = (("jobs_lost", "started"), ("jobs_new", "completed"), ("jobs_converted", "rehabilitated"))


def commute_slope(path: PathTrace, weighted_kernel: str) -> dict[str, FloatArray]:
    """What a unit that a village contributes is worth to a mean over all workers and years.

    Args:
        path: between two plans.
        weighted_kernel: of the gravity model, whose mean over workers it is.

    Returns:
        Quantity -> shape (n_villages,) [the mean's unit per unit].
    """
    by_worker, by_job = _balance_slope(path, weighted_kernel)
    return people_slope(path, by_worker, path.employment_rates) | _jobs_slope(path, by_job)


def _balance_slope(path: PathTrace, weighted_kernel: str) -> tuple[FloatArray, FloatArray]:
    """Worth of a worker of each place and of a job of each zone, (n_places or n_zones, n_panels, n_years).

    With w = b D, r = K w, u = O / r and b y = 1, y = K' u: all but u r = O and w y = D are linear, so that between the
    ends of a panel D moves by mean(w) K' [(dO - mean(u) K dw) / mean(r)] + mean(y) dw.
    """
    model, shape = path.constants.gravity, (path.n_panels, path.n_years)
    of_pairs = getattr(model, weighted_kernel)
    weight, reach = (path.at_points(each) for each in (path.balance.weight, path.balance.reach))
    leaving = path.workers / reach
    attracted = path.at_points(product(model.kernel_t, path.columns(leaving)))
    pairs = path.at_points(product(of_pairs, path.columns(weight)))
    total = path.workers.sum(axis=0)
    outcome = (leaving * pairs).sum(axis=0) / total
    w, r, u, y, p = (mean(each).reshape(len(each), -1) for each in (weight, reach, leaving, attracted, pairs))
    by_weight = product(of_pairs.T, u) - product(model.kernel_t, u * p / r)
    by_job = _answer(model, (w, r, u, y), by_weight, mean(path.jobs).reshape(len(w), -1))
    of_all = mean(total[None])[0].reshape(-1)
    by_worker = (p - product(model.kernel, w * by_job)) / r
    by_worker = (by_worker - mean(outcome[None])[0].reshape(-1)) / of_all
    return by_worker.reshape(-1, *shape), (by_job / of_all).reshape(-1, *shape)


def _answer(model: GravityModel, means: tuple[FloatArray, ...], by_weight: FloatArray, jobs: FloatArray) -> FloatArray:
    """Worth of a job of each zone, given that of a weight, by chord steps as the balance itself is found.

    Args:
        model: constants.
        means: of both ends of panels: weight w, reach r, leaving u, attracted y; columns are panels and years.
        by_weight: (n_zones, n_columns).
        jobs: mean of both ends, same shape.

    Returns:
        Same shape.
    """
    w, r, u, y = means
    by_job, left = np.zeros_like(w), w * by_weight
    most_left = TOLERANCE * float(np.max(np.abs(left), initial=0.0))
    for _ in range(ROUNDS):
        by_job = by_job + over(product(model.newton_step.T, left), jobs)
        left = w * (by_weight - y * by_job + product(model.kernel_t, u / r * product(model.kernel, w * by_job)))
        if float(np.max(np.abs(left), initial=0.0)) <= most_left:
            break
    return by_job


def _jobs_slope(path: PathTrace, by_job: FloatArray) -> dict[str, FloatArray]:
    """Worth of jobs lost and new in a village, which draw on the jobs of all zones; (n_villages,)."""
    base = path.constants.base
    standing, new = path.standing_jobs_by_zone, path.new_jobs_by_zone
    kept = path.standing_jobs_kept[None]
    offered = standing * kept + new
    total = offered.sum(axis=0, keepdims=True)
    by_offer = (float(base.workers.sum()) * by_job - (by_job * mean(path.jobs)).sum(axis=0)) / mean(total)
    by_kept = (mean(standing) * by_offer).sum(axis=0)
    stand = standing.sum(axis=0, keepdims=True)
    left = (float(base.jobs.sum()) - new.sum(axis=0, keepdims=True)) / stand
    by_left = by_kept * (1.0 - share_below(left, 0.0)) / mean(stand)
    by_new = (by_offer - by_left)[base.zone_idx]
    by_lost = -(mean(kept) * by_offer - by_left * mean(left))[base.zone_idx]
    worth = {"jobs_lost": by_lost, "jobs_new": by_new, "jobs_converted": by_new}
    return {name: path.through_years(worth[name], table) for name, table in JOBS}
