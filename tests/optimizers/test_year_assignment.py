"""Assignment of villages to years against SciPy's exact assignment, on any gains, masks and quotas."""

from __future__ import annotations

import numpy as np
from hypothesis import example, given, settings
from hypothesis import strategies as st
from scipy.optimize import linear_sum_assignment

from optimizers.year_assignment import assign_years


def gains(
    n: int, n_years: int, seed: int, *, masked: float = 0.0, must: int = 0, given_year: int = 0, tilt: float = 0.0
) -> np.ndarray:
    """Gains of mixed signs; the first villages must start: `given_year` of them in one year, `must` in any."""
    rng = np.random.default_rng(seed)
    gain = rng.normal(0.3, 1.0, (n, 1)) * rng.lognormal(0.0, 1.0, (n, 1)) + 0.3 * rng.normal(size=(n, n_years))
    gain = gain - tilt * np.arange(n_years)
    gain[rng.random((n, n_years)) < masked] = -np.inf
    whole = np.concatenate([np.zeros((n, 1)), gain], axis=1)
    n_given, n_must = min(given_year, n), min(given_year + must, n)
    whole[:n_must, 1:] = np.where(np.isfinite(whole[:n_must, 1:]), whole[:n_must, 1:], -1.0)
    whole[:n_must, 0] = -np.inf
    year = 1 + np.arange(n_given) % n_years
    for village in range(n_given):
        whole[village, 1:] = np.where(np.arange(1, n_years + 1) == year[village], 0.0, -np.inf)
    return whole


def best_value(gain: np.ndarray, quota: int) -> float:
    """Largest sum of gains under the quota; -inf where no assignment exists."""
    slots = np.concatenate([np.repeat(gain[:, 1:], quota, axis=1), np.repeat(gain[:, :1], len(gain), axis=1)], axis=1)
    low = 1e6
    rows, columns = linear_sum_assignment(-np.where(np.isfinite(slots), slots, -low))
    return float(slots[rows, columns].sum())


def assert_good(gain: np.ndarray, quota: int, year: np.ndarray, price: np.ndarray) -> None:
    n_years = gain.shape[1] - 1
    own = gain[np.arange(len(gain)), year]
    assert np.isfinite(own).all()
    assert price.shape == (n_years,)
    assert (price >= 0.0).all()
    assert np.isfinite(price).all()
    count = np.bincount(year, minlength=n_years + 1)[1:]
    best = best_value(gain, quota)
    if not np.isfinite(best):
        return  # villages that must start exceed the quota
    assert (count <= quota).all()
    scale = np.clip(np.where(np.isfinite(gain), gain, 0.0).max(axis=1), 0.0, None).sum()
    assert best - own.sum() <= 0.01 * scale + 1e-9


cases = given(
    n=st.integers(1, 60),
    n_years=st.integers(1, 8),
    quota=st.integers(1, 12),
    seed=st.integers(0, 2**32 - 1),
    masked=st.sampled_from([0.0, 0.2, 0.7]),
    must=st.integers(0, 6),
    given_year=st.integers(0, 4),
    tilt=st.sampled_from([0.0, 0.05, 1.0]),
)


@settings(max_examples=300, deadline=None)
@cases
def test_an_assignment_is_legal_and_near_the_best(
    n: int, n_years: int, quota: int, seed: int, masked: float, must: int, given_year: int, tilt: float
) -> None:
    gain = gains(n, n_years, seed, masked=masked, must=must, given_year=given_year, tilt=tilt)
    year, price = assign_years(gain, quota)
    assert_good(gain, quota, year, price)


@settings(max_examples=150, deadline=None)
@cases
def test_prices_of_a_similar_assignment_are_a_good_beginning(
    n: int, n_years: int, quota: int, seed: int, masked: float, must: int, given_year: int, tilt: float
) -> None:
    gain = gains(n, n_years, seed, masked=masked, must=must, given_year=given_year, tilt=tilt)
    rng = np.random.default_rng(seed)
    similar = gain + np.where(rng.random((n, 1)) < 0.3, 0.2, 0.0) * rng.normal(size=gain.shape)
    _, price = assign_years(similar, quota)
    kept = price.copy()
    year, following = assign_years(gain, quota, price)
    np.testing.assert_array_equal(price, kept)
    assert_good(gain, quota, year, following)
