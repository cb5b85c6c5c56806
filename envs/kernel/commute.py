"""Commute: doubly constrained gravity model (Wilson 1967), balanced for whole batches (model section 6)."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from math import log, sqrt

import numpy as np
from scipy import special

from data.arrays import FloatArray
from data.scenario import Deterrence
from envs.kernel.commute_calibration import balance_exactly, deterrence
from envs.kernel.computing.backend import Array, array_namespace, product
from envs.kernel.computing.content_cache import cached_by_content
from envs.kernel.computing.parallel_chunks import chunks

ROWS_AT_ONCE = 1_000


@dataclass(frozen=True, eq=False)
class GravityModel:
    """Constants of the balancing, for origins i (places) and destinations j (zones).

    Attributes:
        kernel: deterrence K by distance, shape (n_places, n_zones).
        kernel_t: its transpose, shape (n_zones, n_places).
        kernel_km: kernel x distance [km].
        kernel_min: kernel x minutes [min].
        kernel_over_45: kernel x share of the pair's commuters above 45 minutes.
        kernel_over_60: the same above 60 minutes.
        base_balance: b of the base year, shape (n_zones, 1).
        newton_step: inverse Jacobian of the column residuals at the base year, shape (n_zones, n_zones).
        km_gradient: d mean_km / d ln b at the base year, shape (1, n_zones).
    """

    kernel: Array
    kernel_t: Array
    kernel_km: Array
    kernel_min: Array
    kernel_over_45: Array
    kernel_over_60: Array
    base_balance: Array
    newton_step: Array
    km_gradient: Array


@dataclass(frozen=True, eq=False)
class Balance:
    """A balanced (or nearly balanced) matrix T_ij = origins_i kernel_ij weight_j / reach_i.

    Attributes:
        weight: b_j D_j, shape (n_zones, n_columns).
        reach: sum_j kernel_ij weight_j, shape (n_places, n_columns); the origins' margin is exact.
        residual: ln of column sum over D, shape (n_zones, n_columns); None if it was not computed.
    """

    weight: Array
    reach: Array
    residual: Array | None


def balance(
    origins: Array,
    destinations: Array,
    model: GravityModel,
    *,
    rounds: int,
    tolerance: float = 0.0,
    residual: bool = True,
) -> Balance:
    """Balance by chord Newton steps on ln b, starting from the base year.

    A plain balancing round (b = 1 / y) is the step with the identity in place of `newton_step`; with the inverse
    Jacobian of the base year the error shrinks by the size of the plan's change at each round.

    Args:
        origins: workers by place, shape (n_places, n_columns), sums equal to the destinations'.
        destinations: jobs by zone, shape (n_zones, n_columns).
        model: constants.
        rounds: most rounds.
        tolerance: stop when every column sum is within this relative error; 0 = always do all rounds.
        residual: compute the residual that is left (one more product).

    Returns:
        The balance after the last round.
    """
    xp = array_namespace(origins)
    b = model.base_balance + xp.zeros_like(destinations)
    for _ in range(rounds):
        weight, reach, error = _round(origins, destinations, b, model)
        if tolerance and float(xp.max(xp.abs(xp.where(destinations > 0.0, error, xp.zeros_like(error))))) < tolerance:
            return Balance(weight, reach, error)
        b = b * xp.exp(-product(model.newton_step, error))
    if residual:
        return Balance(*_round(origins, destinations, b, model))
    weight = b * destinations
    return Balance(weight, product(model.kernel, weight), None)


def _round(origins: Array, destinations: Array, b: Array, model: GravityModel) -> tuple[Array, Array, Array]:
    xp = array_namespace(origins)
    weight = b * destinations
    reach = product(model.kernel, weight)
    return weight, reach, xp.log(b * product(model.kernel_t, origins / reach))


def mean_by_place(balanced: Balance, weighted_kernel: Array) -> Array:
    """Mean of a pair quantity over the commuters of each place.

    Args:
        balanced: result of balance.
        weighted_kernel: kernel x quantity, shape (n_places, n_zones).

    Returns:
        shape (n_places, n_columns), in the quantity's unit.
    """
    return product(weighted_kernel, balanced.weight) / balanced.reach


def mean_over_workers(by_place: Array, workers: Array) -> Array:
    """Mean weighted by workers; NaN where there are none. Shapes (n_places, n_columns) to (n_columns,)."""
    xp = array_namespace(workers)
    total = xp.sum(workers, axis=0)
    has_workers = total > 0.0
    mean = xp.sum(by_place * workers, axis=0) / xp.where(has_workers, total, xp.ones_like(total))
    return xp.where(has_workers, mean, xp.full_like(mean, float("nan")))


def mean_km_corrected(km_by_place: Array, balanced: Balance, model: GravityModel, workers: Array) -> Array:
    """Mean distance of all workers, with the first-order effect of the residual that is left taken out [km].

    Args:
        km_by_place: mean_by_place of the distance, shape (n_places, n_columns) [km].
        balanced: result of balance.
        model: constants.
        workers: shape (n_places, n_columns).

    Returns:
        shape (n_columns,) [km].
    """
    mean_km = mean_over_workers(km_by_place, workers)
    if balanced.residual is None:
        return mean_km
    return mean_km - (model.km_gradient @ balanced.residual)[0]


def share_above(minutes: FloatArray, limit_min: float, log_sd: float) -> FloatArray:
    """Share of a pair's commuters above a limit, log-normal around the pair's mean minutes.

    Args:
        minutes: mean of the pair, any shape [min].
        limit_min: limit [min].
        log_sd: standard deviation of the logarithm [-].

    Returns:
        The same shape [0..1].

    Example:
        >>> share_above(np.array([30.0, 45.0, 90.0]), 45.0, log_sd=0.35).round(3)
        array([0.091, 0.431, 0.964])
    """
    location = np.log(minutes) - 0.5 * log_sd**2
    return 0.5 * special.erfc((log(limit_min) - location) / (log_sd * sqrt(2.0)))


@cached_by_content(max_entries=3)
def gravity_model(
    *,
    origins: FloatArray,
    destinations: FloatArray,
    distance_km: FloatArray,
    minutes: FloatArray,
    decay: float,
    form: Deterrence,
    log_sd: float,
) -> GravityModel:
    """Balance the base year and prepare everything that batches need.

    Args:
        origins: workers of the base year, shape (n_places,).
        destinations: jobs scaled to the workers, shape (n_zones,).
        distance_km: shape (n_places, n_zones).
        minutes: shape (n_places, n_zones).
        decay: gamma [1/km^0.5] or beta [1/km].
        form: of the deterrence.
        log_sd: spread of minutes within a pair [-].

    Returns:
        The model, float64.
    """
    kernel = deterrence(distance_km, decay, form)
    with ThreadPoolExecutor(1) as beside:  # the shares need the kernel alone, not its balance
        over = beside.map(lambda limit_min: _kernel_above(kernel, minutes, limit_min, log_sd), (45.0, 60.0))
        b = balance_exactly(origins, destinations, kernel)
        weight = b * destinations
        reach = kernel @ weight
        trip_share = kernel * weight / reach[:, None]  # share of i's workers who go to j
        newton_step = _inverse_jacobian(trip_share, origins, kernel, b, reach)
        mean_km = np.sum(trip_share * distance_km, axis=1)
        gradient = origins @ (trip_share * (distance_km - mean_km[:, None])) / np.sum(origins)
        del trip_share  # hundreds of megabytes in a large city
        over_45, over_60 = over
    return GravityModel(
        kernel=kernel,
        kernel_t=np.ascontiguousarray(kernel.T),
        kernel_km=kernel * distance_km,
        kernel_min=kernel * minutes,
        kernel_over_45=over_45,
        kernel_over_60=over_60,
        base_balance=b[:, None],
        newton_step=newton_step,
        km_gradient=(gradient @ newton_step)[None, :],
    )


def where_distance_deters(
    model: GravityModel, factor: float, *, origins: FloatArray, destinations: FloatArray
) -> GravityModel:
    """The model of the same pairs where distance deters so many times as much: the decay times a factor.

    Args:
        model: of the base year, float64; its pairs keep their distances and minutes.
        factor: of the decay, above 0.
        origins: as it was balanced with, shape (n_places,).
        destinations: likewise, shape (n_zones,).

    Returns:
        The model balanced again, as `gravity_model` has it with that decay.
    """
    changed = model.kernel ** (factor - 1.0)
    kernel, kernel_km = model.kernel * changed, model.kernel_km * changed
    b = balance_exactly(origins, destinations, kernel, first=model.base_balance[:, 0])
    weight = b * destinations
    reach = kernel @ weight
    leaving = origins / reach
    mean_km = (kernel_km @ weight) / reach
    gradient = weight * (leaving @ kernel_km - (leaving * mean_km) @ kernel) / np.sum(origins)
    newton_step = _inverse_jacobian(kernel * weight / reach[:, None], origins, kernel, b, reach)
    return GravityModel(
        kernel=kernel,
        kernel_t=np.ascontiguousarray(kernel.T),
        kernel_km=kernel_km,
        kernel_min=model.kernel_min * changed,
        kernel_over_45=model.kernel_over_45 * changed,
        kernel_over_60=model.kernel_over_60 * changed,
        base_balance=b[:, None],
        newton_step=newton_step,
        km_gradient=(gradient @ newton_step)[None, :],
    )


def _kernel_above(kernel: FloatArray, minutes: FloatArray, limit_min: float, log_sd: float) -> FloatArray:
    """Kernel times the share above a limit, some rows at a time: the steps of the share need memory."""
    above = np.empty_like(kernel)
    for rows in chunks(len(kernel), ROWS_AT_ONCE):
        above[rows] = kernel[rows] * share_above(minutes[rows], limit_min, log_sd)
    return above


def _inverse_jacobian(
    trip_share: FloatArray, origins: FloatArray, kernel: FloatArray, b: FloatArray, reach: FloatArray
) -> FloatArray:
    """Inverse of d ln(b y) / d ln b; the free scale of b is fixed by a rank-one term."""
    attracted = kernel * (origins / reach)[:, None]  # u_i K_ij; its column sum is y_j
    attracted = attracted / np.sum(attracted, axis=0)
    jacobian = np.eye(b.size) - attracted.T @ trip_share
    destination_share = origins @ trip_share / np.sum(origins)
    return np.linalg.inv(jacobian + destination_share[None, :])
