r"""Futures of prices, costs and rents as matrices, so that money in all of them is a few matrix products.

Sales of a district in a year are $S I (1 + s/b)^{-e}$: at the price index I of the future, of which b lies beside the
expected path, the floor sold s relative to normal sales, elasticity e. With $z = s / (s + c)$, which maps every
s >= 0 into 0..1,

$$ (1 + s/b)^{-e} = (1 - z)^e \, (1 + z (c/b - 1))^{-e} $$

and the last factor is smooth on the whole of 0..1: its Chebyshev series converges by the factor
$(\sqrt q + 1) / (\sqrt q - 1)$ a term, where q = sqrt(largest b / smallest b) and c = sqrt(largest b x smallest b)
(Trefethen 2013, ch. 8). A plan is what it brings to each term, a future what each term is worth in it.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from data.arrays import FloatArray
from data.parameter_book import Book
from data.scenario import FuturesSample
from envs.kernel.computing.backend import Array, array_namespace
from envs.kernel.futures.market_paths import FUTURES_PER_BLOCK, MarketModel, MarketPaths, block_of_paths, market_model
from envs.kernel.markets import DistrictMarkets

MOST_TERMS = 64
"""Of the series; indices that spread wider than that needs are no market."""


@dataclass(frozen=True, eq=False)
class PriceFutures:
    """Some futures of the prices, costs and rents of a city.

    Attributes:
        cost: index beside its expected path, shape (n_years, n_futures).
        rent: index, same shape.
        price_terms: worth of each term of the series in each future, price index in it, shape (n_years, n_districts x
            n_terms, n_futures).
        elasticity: of sale prices by what is sold in the year.
        center: c of the module's page [-].
        n_terms: of the series.
    """

    cost: Array
    rent: Array
    price_terms: Array
    elasticity: float
    center: float
    n_terms: int

    @property
    def n_futures(self) -> int:
        """Number of futures."""
        return int(self.cost.shape[1])

    def terms(self, sold_share: Array) -> Array:
        """What sales of one yuan bring to each term, (...) to (..., n_terms).

        Args:
            sold_share: commodity floor sold / normal sales, 0 or more.
        """
        xp = array_namespace(sold_share)
        rest, series, _ = self._series(sold_share)
        return xp.stack([rest**self.elasticity * each for each in series], axis=-1)

    def terms_by_share(self, sold_share: Array) -> Array:
        """Derivative of `terms` by the share sold, same shapes."""
        xp = array_namespace(sold_share)
        rest, series, slopes = self._series(sold_share)
        falling = -self.elasticity / self.center * rest ** (self.elasticity + 1.0)
        moving = 2.0 / self.center * rest ** (self.elasticity + 2.0)
        return xp.stack([falling * each + moving * slope for each, slope in zip(series, slopes, strict=True)], axis=-1)

    def _series(self, sold_share: Array) -> tuple[Array, list[Array], list[Array]]:
        """1 - z, Chebyshev polynomials of 2z - 1, and their derivatives."""
        xp = array_namespace(sold_share)
        rest = self.center / (sold_share + self.center)
        x = 1.0 - 2.0 * rest
        series, slopes = [xp.ones_like(x), x], [xp.zeros_like(x), xp.ones_like(x)]
        for _ in range(2, self.n_terms):
            slopes.append(2.0 * series[-1] + 2.0 * x * slopes[-1] - slopes[-2])
            series.append(2.0 * x * series[-1] - series[-2])
        return rest, series[: self.n_terms], slopes[: self.n_terms]


@dataclass(frozen=True, eq=False)
class FuturesOfCity:
    """What futures are made of, from which `price_futures` follow at any precision.

    Attributes:
        paths: of the sample.
        expected_price: index of sale prices without shocks, shape (n_years,).
        expected_cost: of costs, same shape.
        elasticity: of sale prices by what is sold in the year.
    """

    paths: MarketPaths
    expected_price: FloatArray
    expected_cost: FloatArray
    elasticity: float

    @cached_property
    def beside(self) -> FloatArray:
        """Index of sale prices beside the expected path, shape (n_years, n_districts, n_futures)."""
        return np.asarray(np.moveaxis(self.paths.price / self.expected_price, 0, -1).swapaxes(0, 1))

    def price_futures(self, tolerance: float) -> PriceFutures:
        """The matrices; the series is cut where a term is below the tolerance, relative to sales."""
        beside = self.beside
        low, high = float(beside.min()), float(beside.max())
        n_terms, center = n_terms_for(low, high, tolerance), math.sqrt(low * high)
        node = np.cos(np.pi * (np.arange(n_terms) + 0.5) / n_terms)
        z = 0.5 * (node + 1.0)
        to_terms = np.cos(np.outer(np.arange(n_terms), np.arccos(node))) * (2.0 / n_terms)
        to_terms[0] *= 0.5
        at_nodes = (1.0 + z[:, None, None, None] * (center / beside - 1.0)) ** -self.elasticity
        terms = np.tensordot(to_terms, at_nodes, axes=1) * (beside * self.expected_price[:, None, None])
        n_years, n_districts, n_futures = beside.shape
        terms = np.ascontiguousarray(np.moveaxis(terms, 0, 2)).reshape(n_years, n_districts * n_terms, n_futures)
        return PriceFutures(
            cost=np.ascontiguousarray((self.paths.cost / self.expected_cost).T),
            rent=np.ascontiguousarray(self.paths.rent.T),
            price_terms=terms,
            elasticity=self.elasticity,
            center=center,
            n_terms=n_terms,
        )


def n_terms_for(low: float, high: float, tolerance: float) -> int:
    """Terms of the series for indices between two bounds beside their path.

    Example:
        >>> n_terms_for(1.0, 1.0, 1e-13), n_terms_for(0.6, 1.6, 1e-7), n_terms_for(0.6, 1.6, 1e-13)
        (2, 9, 16)
    """
    q = math.sqrt(high / low)
    if q - 1.0 < tolerance:
        return 2
    factor = (math.sqrt(q) + 1.0) / (math.sqrt(q) - 1.0)
    return min(MOST_TERMS, max(2, math.ceil(-math.log(tolerance) / math.log(factor)) + 1))


def sampled_paths(model: MarketModel, sample: FuturesSample, *, n_districts: int, n_years: int) -> MarketPaths:
    """The first futures of a seed, as `renewal stress` draws them."""
    blocks = [
        block_of_paths(model, sample.seed, block, n_districts=n_districts, n_years=n_years)
        for block in range(-(-sample.number // FUTURES_PER_BLOCK))
    ]

    def first(name: str) -> FloatArray:
        return np.concatenate([getattr(block, name) for block in blocks])[: sample.number]

    return MarketPaths(first("price"), first("cost"), first("rent"))


def futures_of_city(book: Book, markets: DistrictMarkets, sample: FuturesSample, n_years: int) -> FuturesOfCity:
    """What the futures of a scenario are made of.

    Args:
        book: with the scenario's overrides.
        markets: of each district, on NumPy.
        sample: which futures.
        n_years: of the cash flow, year 0 among them.
    """
    year = np.arange(n_years, dtype=np.float64)
    return FuturesOfCity(
        paths=sampled_paths(market_model(book), sample, n_districts=len(markets.flow.size), n_years=n_years),
        expected_price=(1.0 + markets.price_growth_per_yr) ** year,
        expected_cost=(1.0 + markets.cost_growth_per_yr) ** year,
        elasticity=markets.flow.elasticity,
    )
