"""Slopes of the mean commute: people and jobs that move, through the balanced commuting matrix."""

from __future__ import annotations

from envs.kernel.adjoint.people import over_start_years, people_slope
from envs.kernel.computing.backend import Array, product
from envs.kernel.indicators.resources import commuting_carbon_tco2e_per_km_yr
from envs.kernel.trace import Trace


def commute_slope(trace: Trace) -> dict[str, Array]:
    """D mean_commute_km by what a village contributes if it starts in a year.

    Returns:
        As capital_slope [km per unit].
    """
    by_origin, by_destination = _commute_adjoint(trace)
    rates = trace.employment_rates
    slope = people_slope(trace, by_origin, rates)
    slope |= _jobs_slope(trace, by_destination)
    return over_start_years(trace, slope)


def commuting_carbon_slope(trace: Trace) -> dict[str, Array]:
    """D commuting_carbon_tco2e_per_yr, which follows the mean commute; as capital_slope [tCO2e/yr per unit]."""
    per_km = commuting_carbon_tco2e_per_km_yr(trace)
    return {name: per_km * each for name, each in commute_slope(trace).items()}


def _commute_adjoint(trace: Trace) -> tuple[Array, Array]:
    """D mean km by workers of each place and by jobs of each zone, (n_places, n_columns) and (n_zones, n_columns)."""
    xp, model, balanced = trace.xp, trace.constants.gravity, trace.balance
    workers, jobs = trace.columns(trace.workers), trace.columns(trace.jobs)
    total = xp.sum(workers, axis=0)
    km = trace.commute_by_place("kernel_km")
    leaving = workers / balanced.reach
    kernel_km_t = xp.permute_dims(model.kernel_km, (1, 0))
    pull = product(kernel_km_t, leaving) - product(model.kernel_t, leaving * km)
    by_weight = balanced.weight * pull / total  # d mean km / d ln b
    step_t = xp.permute_dims(model.newton_step, (1, 0))
    some_jobs = xp.where(jobs > 0.0, jobs, xp.ones_like(jobs))
    left, per_job = by_weight, xp.zeros_like(jobs)
    for _ in range(trace.precision.rounds):  # chord steps, as in the balancing: one answers as the base year would
        per_job = per_job + product(step_t, left) / some_jobs
        moved = product(model.kernel, balanced.weight * per_job) / balanced.reach
        if trace.precision.rounds == 1:
            break
        left = by_weight - per_job * some_jobs + balanced.weight * product(model.kernel_t, leaving * moved)
        if float(xp.max(xp.abs(left))) <= trace.precision.tolerance * float(xp.max(xp.abs(by_weight))):
            break
    return km / total - moved, per_job


def _jobs_slope(trace: Trace, per_job: Array) -> dict[str, Array]:
    """Slopes by jobs lost and new in a village, which draw on the jobs of all zones; (n_villages, n_columns)."""
    xp, base = trace.xp, trace.constants.base
    standing, kept = trace.columns(trace.standing_jobs_by_zone), trace.columns(trace.standing_jobs_kept[None])[0]
    scale = float(xp.sum(base.workers)) / float(xp.sum(base.jobs))
    mean = xp.sum(per_job * standing, axis=0) / xp.sum(standing, axis=0)
    zone = base.zone_idx
    above_mean = xp.take(per_job, zone, axis=0) - mean
    new = scale * above_mean
    return {"jobs_new": new, "jobs_converted": new, "jobs_lost": -scale * kept * above_mean}
