"""Assignment of villages to years against SciPy's exact assignment, on any gains, masks and quotas."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linear_sum_assignment

from envs.choices.year_assignment import EXACT_CELLS, assign_years


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


def assert_good(gain: np.ndarray, quota: int, year: np.ndarray, price: np.ndarray, *, within: float) -> None:
    """Every village has a year it may have, no year more than the quota, and the sum is near the best."""
    n_years = gain.shape[1] - 1
    own = gain[np.arange(len(gain)), year]
    assert np.isfinite(own).all()
    assert price.shape == (n_years,)
    assert (price >= 0.0).all()
    assert np.isfinite(price).all()
    best = best_value(gain, quota)
    if not np.isfinite(best):
        return  # villages that must start exceed the quota
    assert (np.bincount(year, minlength=n_years + 1)[1:] <= quota).all()
    positive = np.clip(np.where(np.isfinite(gain), gain, 0.0).max(axis=1), 0.0, None).sum()
    assert best - own.sum() <= within * positive + 1e-6


kinds = {
    "seed": st.integers(0, 2**32 - 1),
    "masked": st.sampled_from([0.0, 0.2, 0.7]),
    "must": st.integers(0, 6),
    "given_year": st.integers(0, 4),
    "tilt": st.sampled_from([0.0, 0.05, 1.0]),
}
many = {"n": st.integers(180, 300), "n_years": st.integers(4, 8), "quota": st.integers(30, 40)}


@settings(max_examples=200, deadline=None)
@given(n=st.integers(1, 60), n_years=st.integers(1, 8), quota=st.integers(0, 12), **kinds)
def test_few_villages_get_the_best_years(n: int, n_years: int, quota: int, seed: int, **kind: Any) -> None:
    gain = gains(n, n_years, seed, **kind)
    assert_good(gain, quota, *assign_years(gain, quota), within=0.0)


@settings(max_examples=60, deadline=None)
@given(
    n=st.integers(1, 20),
    quotas=st.lists(st.integers(0, 4), min_size=1, max_size=5),
    seed=kinds["seed"],
    masked=kinds["masked"],
    tilt=kinds["tilt"],
)
def test_years_with_quotas_of_their_own_get_the_best_villages(
    n: int, quotas: list[int], seed: int, **kind: Any
) -> None:
    """The common quota is that of the largest year; smaller years are places taken by villages fixed there."""
    gain = gains(n, len(quotas), seed, **kind)
    most, must = max(quotas), np.full((0, len(quotas) + 1), -np.inf)
    for year, quota in enumerate(quotas, start=1):
        taken = np.full((most - quota, len(quotas) + 1), -np.inf)
        taken[:, year] = 0.0
        must = np.concatenate([must, taken])
    year, _ = assign_years(gain, np.array(quotas))
    common, _ = assign_years(np.concatenate([gain, must]), most)
    rows = np.arange(n)
    assert gain[rows, year].sum() == pytest.approx(gain[rows, common[:n]].sum(), rel=1e-9, abs=1e-9)


@settings(max_examples=40, deadline=None)
@given(**many, **kinds)
def test_many_villages_get_nearly_the_best_years(n: int, n_years: int, quota: int, seed: int, **kind: Any) -> None:
    assert n * n_years * quota > EXACT_CELLS
    gain = gains(n, n_years, seed, **kind)
    assert_good(gain, quota, *assign_years(gain, quota), within=0.01)


@settings(max_examples=30, deadline=None)
@given(**many, **kinds)
def test_prices_of_a_similar_assignment_are_a_good_beginning(
    n: int, n_years: int, quota: int, seed: int, **kind: Any
) -> None:
    gain = gains(n, n_years, seed, **kind)
    rng = np.random.default_rng(seed)
    _, price = assign_years(gain + 0.2 * rng.normal(size=gain.shape) * (rng.random((n, 1)) < 0.3), quota)
    before = price.copy()
    assert_good(gain, quota, *assign_years(gain, quota, price), within=0.01)
    np.testing.assert_array_equal(price, before)


@pytest.mark.parametrize("gain", [1.0, -1.0])
@pytest.mark.parametrize("n", [3, 400])
def test_where_everybody_or_nobody_gains(n: int, gain: float) -> None:
    whole = np.concatenate([np.zeros((n, 1)), np.full((n, 5), gain)], axis=1)
    year, price = assign_years(whole, 20)
    count = np.bincount(year, minlength=6)
    assert count[1:].sum() == (min(n, 100) if gain > 0.0 else 0)
    assert count[1:].max() <= 20
    assert (price >= 0.0).all()


@pytest.mark.parametrize("keep", [0.0, -2.0])
def test_a_quota_of_zero_starts_only_who_must(keep: float) -> None:
    gain = np.array([[keep, 5.0, 3.0], [-np.inf, 1.0, 2.0], [keep, 4.0, -np.inf], [-np.inf, 1.0, -np.inf]])
    assert assign_years(gain, 0)[0].tolist() == [0, 2, 0, 1]


@pytest.mark.parametrize("n", [3, 400])
def test_who_must_start_starts_even_beyond_the_quota(n: int) -> None:
    gain = np.concatenate([np.full((n, 1), -np.inf), np.arange(3.0) + np.zeros((n, 1))], axis=1)
    year, _ = assign_years(gain, n // 4)
    assert (year > 0).all()


def test_villages_that_must_start_push_out_those_that_gain_most() -> None:
    gain = np.tile([0.0, 10.0, 9.0, 8.0], (300, 1))
    gain[:60, 0], gain[:60, 1:] = -np.inf, [-1.0, -2.0, -3.0]
    year, _ = assign_years(gain, 25)
    assert EXACT_CELLS < 300 * 75
    assert (year[:60] > 0).all()
    assert np.bincount(year, minlength=4)[1:].tolist() == [25, 25, 25]


def best_exactly(gain: np.ndarray, quota: int) -> float:
    """Largest sum with every place taken: keeping is offered only so often as places leave villages over."""
    places = quota * (gain.shape[1] - 1)
    kept = np.repeat(gain[:, :1], len(gain) - places, axis=1)
    slots = np.concatenate([np.repeat(gain[:, 1:], quota, axis=1), kept], axis=1)
    rows, columns = linear_sum_assignment(-np.where(np.isfinite(slots), slots, -1e6))
    return float(slots[rows, columns].sum())


@settings(max_examples=60, deadline=None)
@given(
    size=st.one_of(
        st.tuples(st.integers(8, 60), st.integers(1, 6), st.integers(0, 8)),
        st.tuples(st.integers(260, 320), st.integers(5, 8), st.integers(20, 30)),
    ),
    seed=kinds["seed"],
    level=st.sampled_from([-3.0, 0.0, 3.0]),
    again=st.booleans(),
)
def test_places_that_must_be_taken_go_to_the_best(
    size: tuple[int, int, int], seed: int, level: float, again: bool
) -> None:
    n, n_years, quota = size
    quota = min(quota, n // n_years)
    gain = gains(n, n_years, seed)
    gain[:, 1:] += level
    first = assign_years(gain[:, ::1], quota, exactly=True)[1] if again else None
    year, _ = assign_years(gain, quota, first, exactly=True)
    assert (np.bincount(year, minlength=n_years + 1)[1:] == quota).all()
    own = gain[np.arange(n), year].sum()
    within = 0.0 if n * n_years * quota <= EXACT_CELLS else 0.01
    spread = np.abs(gain[:, 1:] - level).max(axis=1).sum()
    assert best_exactly(gain, quota) - own <= within * spread + 1e-6
