"""Calibration of the gravity model: one year balanced exactly, and the decay that meets an observed mean distance."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from scipy.optimize import brentq

from data.arrays import BoolArray, FloatArray
from data.errors import refuse
from data.scenario import Deterrence
from envs.kernel.computing.content_cache import cached_by_content


def deterring_distance(distance_km: FloatArray, form: Deterrence) -> FloatArray:
    """What the decay multiplies: the square root of the distance [km^0.5], or the distance [km]; same shape."""
    return np.sqrt(distance_km) if form == Deterrence.SQUARE_ROOT else distance_km


def deterrence(distance_km: FloatArray, decay: float, form: Deterrence) -> FloatArray:
    r"""How many commute to a place so far away, of those who would to one next door.

    $$ K = \exp(-\gamma \sqrt{d}) \quad or \quad K = \exp(-\beta d) $$

    Args:
        distance_km: any shape [km].
        decay: gamma [1/km^0.5] or beta [1/km].
        form: which of the two.

    Returns:
        The same shape, 0..1.
    """
    return np.exp(-decay * deterring_distance(distance_km, form))


def balance_exactly(
    origins: FloatArray,
    destinations: FloatArray,
    kernel: FloatArray,
    *,
    first: FloatArray | None = None,
    tolerance: float = 1e-12,
    max_rounds: int = 20_000,
) -> FloatArray:
    """Balancing factors b of one column by plain alternating rounds (Furness 1965), to a relative tolerance.

    Args:
        origins: shape (n_places,).
        destinations: shape (n_zones,), same sum.
        kernel: shape (n_places, n_zones).
        first: factors to begin with, of a similar kernel; None = all 1.
        tolerance: largest relative change of b in the last round.
        max_rounds: most rounds.

    Returns:
        b, shape (n_zones,).

    Raises:
        InputError: the margins cannot be balanced.
    """
    b = np.ones(destinations.size) if first is None else first
    for _ in range(max_rounds):
        following = 1.0 / (kernel.T @ (origins / (kernel @ (b * destinations))))
        following *= 1.0 / np.mean(following)
        change = np.max(np.abs(following / b - 1.0))
        b = following
        if change < tolerance:
            return b
    raise refuse("commuting_unbalanced", rounds=max_rounds, change=change)


def trips(origins: FloatArray, destinations: FloatArray, kernel: FloatArray) -> FloatArray:
    """Balanced matrix T of one year, shape (n_places, n_zones) [persons]; the kernel as `deterrence` gives it.

    Example:
        Two like places; at this decay a job 4 km away draws a fourth of what one 1 km away does.

        >>> half, distance_km = np.array([50.0, 50.0]), np.array([[1.0, 4.0], [4.0, 1.0]])
        >>> trips(half, half, deterrence(distance_km, np.log(4.0), Deterrence.SQUARE_ROOT)).round(6)
        array([[40., 10.],
               [10., 40.]])
    """
    weight = balance_exactly(origins, destinations, kernel) * destinations
    return origins[:, None] * kernel * weight / (kernel @ weight)[:, None]


BRACKET_STEP = 1.3
"""Factor by which the decay's bracket grows: first guesses are near."""


@cached_by_content(max_entries=16)
def calibrate_decay(
    origins: FloatArray,
    destinations: FloatArray,
    distance_km: FloatArray,
    target_mean_km: float,
    form: Deterrence,
    declared: BoolArray | None = None,
) -> float:
    """Decay at which the mean distance of the declared origins meets the observed one (Hyman 1969, by bracketing).

    Args:
        origins: shape (n_places,).
        destinations: shape (n_zones,), same sum.
        distance_km: shape (n_places, n_zones), in the metric of the target.
        target_mean_km: observed mean [km].
        form: of the deterrence.
        declared: True for the origins the target speaks of; None = all.

    Returns:
        gamma [1/km^0.5] or beta [1/km], as the form has it.

    Raises:
        InputError: no decay reaches the target.
    """
    chosen = origins > 0.0 if declared is None else declared & (origins > 0.0)
    factors: FloatArray | None = None
    deterring = deterring_distance(distance_km, form)

    def excess_km(decay: float) -> float:
        nonlocal factors
        kernel = np.exp(-decay * deterring)
        factors = balance_exactly(origins, destinations, kernel, first=factors)
        weight = factors * destinations
        leaving = origins[chosen] / (kernel[chosen] @ weight)
        km = leaving @ ((kernel[chosen] * distance_km[chosen]) @ weight)
        return float(km / np.sum(origins[chosen])) - target_mean_km

    first = 1.0 / float(deterring_distance(np.array(target_mean_km), form))
    low, high = _bracket(excess_km, deterring, target_mean_km, first)
    return float(brentq(excess_km, low, high, xtol=1e-12, rtol=1e-10))


def _bracket(
    excess_km: Callable[[float], float], deterring: FloatArray, target_mean_km: float, first: float
) -> tuple[float, float]:
    """Decays between which the target is met, from Hyman's first guess outwards."""
    scale = float(np.mean(deterring))
    least, longest = 1e-4 / scale, float(np.min(np.max(deterring, axis=1)))
    low = high = max(least, first)
    while (excess := excess_km(low)) <= 0.0:
        if low == least:
            longest_mean_km = excess + target_mean_km
            raise refuse("mean_commute_too_long", km=target_mean_km, longest_km=longest_mean_km)
        low, high = max(least, low / BRACKET_STEP), low
    while low == high or excess_km(high) > 0.0:
        if high > 20.0 / scale and high * longest > 600.0:
            raise refuse("mean_commute_too_short", km=target_mean_km)
        low, high = high, high * BRACKET_STEP
    return low, high
