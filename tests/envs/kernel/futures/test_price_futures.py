"""Futures as matrices: the series is the market's answer, whatever is sold."""

from __future__ import annotations

import numpy as np
import pytest

from envs.kernel.futures.market_paths import MarketPaths
from envs.kernel.futures.price_futures import FuturesOfCity, n_terms_for

SHARES = np.array([0.0, 1e-3, 0.1, 0.5, 1.0, 3.0, 20.0, 400.0])


def city_of(low: float, high: float, elasticity: float) -> FuturesOfCity:
    rng = np.random.default_rng(3)
    growth = np.array([1.0, 1.01, 1.02, 1.03])
    price = np.exp(rng.uniform(np.log(low), np.log(high), (30, 2, 4))) * growth
    return FuturesOfCity(MarketPaths(price, np.ones((30, 4)), np.ones((30, 4))), growth, np.ones(4), elasticity)


@pytest.mark.parametrize(("low", "high"), [(1.0, 1.0), (0.6, 1.5), (0.1, 8.0)])
@pytest.mark.parametrize("elasticity", [0.0, 0.2, 1.5])
@pytest.mark.parametrize(("tolerance", "error"), [(1e-13, 1e-11), (1e-4, 1e-3)])
def test_the_series_is_the_power(low: float, high: float, elasticity: float, tolerance: float, error: float) -> None:
    city = city_of(low, high, elasticity)
    futures = city.price_futures(tolerance)
    terms = futures.price_terms.reshape(4, 2, futures.n_terms, 30)
    told = np.einsum("sk,ydkf->sydf", futures.terms(SHARES), terms)
    beside = city.beside  # (years, districts, futures)
    ratio = 1.0 + SHARES[:, None, None, None] / beside
    exact = beside * city.expected_price[:, None, None] * ratio**-elasticity
    np.testing.assert_allclose(told, exact, rtol=error, atol=error * exact.max())


def test_its_derivative_is_the_slope() -> None:
    futures = city_of(0.6, 1.5, 0.4).price_futures(1e-13)
    step = 1e-5
    ends = futures.terms(SHARES[1:] + step) - futures.terms(SHARES[1:] - step)
    np.testing.assert_allclose(futures.terms_by_share(SHARES[1:]), ends / (2.0 * step), rtol=1e-5, atol=1e-7)


def test_wider_markets_need_more_terms() -> None:
    assert n_terms_for(1.0, 1.0, 1e-13) < n_terms_for(0.8, 1.2, 1e-13) < n_terms_for(0.3, 3.0, 1e-13) <= 64
