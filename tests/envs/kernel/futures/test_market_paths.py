"""Paths of prices, costs and rents: by hand, in their distribution, and the same whatever else is drawn."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from data.parameter_book import load_book
from envs.kernel.futures.market_paths import FUTURES_PER_BLOCK, Index, MarketModel, block_of_paths, market_model

MODEL = MarketModel(
    price=Index(0.02, 0.1, 0.25),
    cost=Index(0.01, 0.05, 0.5),
    rent=Index(0.0, 0.04, 1.0),
    district_correlation=0.6,
    cost_correlation=0.3,
    rent_correlation=-0.5,
)


def test_an_index_by_hand() -> None:
    """Futures page, by hand 1: reversion 0.3, volatility 0.08, no growth, e = (1, -0.5, 0)."""
    path = Index(0.0, 0.08, 0.3).of_shocks(np.array([[1.0, -0.5, 0.0]]))
    assert path == pytest.approx(np.array([[1.0, 1.083287, 1.016129, 1.011263]]), abs=5e-7)


def test_without_volatility_only_growth_is_left() -> None:
    """ln I = t ln(1 + g), and a random walk where nothing reverts: deviations add up."""
    shocks = np.array([[1.0, 2.0, -4.0]])
    assert Index(0.02, 0.0, 0.3).of_shocks(shocks) == pytest.approx(1.02 ** np.arange(4.0)[None])
    walk = Index(0.0, 0.1, 0.0).of_shocks(shocks)
    assert np.log(walk) == pytest.approx(np.array([[0.0, 0.1, 0.3, -0.1]]))


def test_a_future_is_the_same_whatever_else_is_drawn() -> None:
    """By seed and number: other blocks, other volatilities and more districts' names move nothing of its shocks."""
    first = block_of_paths(MODEL, 7, 3, n_districts=4, n_years=10)
    again = block_of_paths(MODEL, 7, 3, n_districts=4, n_years=10)
    assert np.array_equal(first.price, again.price)
    wilder = block_of_paths(replace(MODEL, cost=Index(0.01, 0.2, 0.5)), 7, 3, n_districts=4, n_years=10)
    assert np.array_equal(first.price, wilder.price)
    assert not np.allclose(first.cost, wilder.cost)
    others = [block_of_paths(MODEL, seed, block, n_districts=4, n_years=10) for seed, block in ((7, 4), (8, 3))]
    assert not any(np.allclose(first.price, other.price) for other in others)


def test_moments_are_those_of_the_model() -> None:
    """Stationary variance of the deviation, lag-one autocorrelation and correlations, within four standard errors."""
    blocks = [block_of_paths(MODEL, 1, k, n_districts=3, n_years=41) for k in range(12)]
    n = 12 * FUTURES_PER_BLOCK
    price = np.log(np.concatenate([block.price for block in blocks])) - 0.0
    price -= np.log1p(0.02) * np.arange(41)
    cost = np.log(np.concatenate([block.cost for block in blocks])) - np.log1p(0.01) * np.arange(41)
    rent = np.log(np.concatenate([block.rent for block in blocks]))
    assert price.shape == (n, 3, 41)
    variance = 0.1**2 * (1.0 - 0.75 ** (2 * 40)) / (1.0 - 0.75**2)
    assert price[:, 0, 40].var() == pytest.approx(variance, rel=4.0 * np.sqrt(2.0 / n))
    assert np.corrcoef(price[:, 0, 39], price[:, 0, 40])[0, 1] == pytest.approx(0.75, abs=4.0 / np.sqrt(n))
    first = {"price": price[:, :, 1], "cost": cost[:, 1], "rent": rent[:, 1]}
    error = 4.0 / np.sqrt(n)
    assert np.corrcoef(first["price"][:, 0], first["price"][:, 2])[0, 1] == pytest.approx(0.6, abs=error)
    assert np.corrcoef(first["price"][:, 1], first["cost"])[0, 1] == pytest.approx(np.sqrt(0.6) * 0.3, abs=error)
    assert np.corrcoef(first["price"][:, 1], first["rent"])[0, 1] == pytest.approx(-np.sqrt(0.6) * 0.5, abs=error)
    assert np.abs(price.mean(axis=0)).max() < 4.0 * np.sqrt(variance / n)


def test_the_book_says_how_markets_move() -> None:
    model = market_model(load_book().override({"price.growth": 0.01, "futures.cost_correlation": 0.4}))
    assert (model.price.growth_per_yr, model.price.volatility, model.price.reversion) == (0.01, 0.08, 0.3)
    assert model.cost.growth_per_yr == 0.01  # cost.growth goes along
    assert (model.cost_correlation, model.rent.growth_per_yr) == (0.4, 0.0)
