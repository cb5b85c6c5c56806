r"""Paths of prices, costs and rents: mean-reverting, correlated over districts, the same for every plan.

$$ \ln I_t = t \ln(1 + g) + x_t, \quad x_t = (1 - r) x_{t-1} + \sigma e_t, \quad x_0 = 0 $$

(Schwartz 1997, model 1, in discrete time.) The shock of a district's prices is one factor that all have in common and
one of its own; shocks of costs and of rents are correlated with the common one. A future is known by seed and number:
it is the same however many others are drawn.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from data.arrays import FloatArray
from data.parameter_book import Book

FUTURES_PER_BLOCK = 1024
"""Futures that share a counter of the generator; a block is drawn whole."""
LARGEST_SEED = 2**63 - 1


@dataclass(frozen=True)
class Index:
    """How one index moves by itself.

    Attributes:
        growth_per_yr: of its mean logarithm [1/yr].
        volatility: standard deviation of the yearly logarithmic shock.
        reversion: share of the deviation that a year takes away, 0..2.
    """

    growth_per_yr: float
    volatility: float
    reversion: float

    def of_shocks(self, shocks: FloatArray) -> FloatArray:
        """The index by year, 1 in year 0.

        Args:
            shocks: of the years 1, 2, ..., standard normal, shape (..., n_years).

        Returns:
            Shape (..., n_years + 1).

        Example:
            >>> Index(0.0, 0.08, 0.3).of_shocks(np.array([1.0, -0.5, 0.0])).round(6)
            array([1.      , 1.083287, 1.016129, 1.011263])
        """
        deviation = np.zeros((*shocks.shape[:-1], shocks.shape[-1] + 1))
        for year in range(1, deviation.shape[-1]):
            deviation[..., year] = (1.0 - self.reversion) * deviation[..., year - 1]
            deviation[..., year] += self.volatility * shocks[..., year - 1]
        deviation += np.log1p(self.growth_per_yr) * np.arange(deviation.shape[-1])
        return np.exp(deviation, out=deviation)


@dataclass(frozen=True)
class MarketModel:
    """How the markets of a city move.

    Attributes:
        price: of sale prices, in every district.
        cost: of costs.
        rent: of rents.
        district_correlation: of price shocks between districts, 0..1.
        cost_correlation: of cost shocks with the factor that all districts have in common, -1..1.
        rent_correlation: of rent shocks with it.
    """

    price: Index
    cost: Index
    rent: Index
    district_correlation: float
    cost_correlation: float
    rent_correlation: float


def market_model(book: Book) -> MarketModel:
    """The model of a parameter book; rents of the project do not grow of themselves, as in the account."""

    def index(growth_per_yr: float, volatility: str, reversion: str) -> Index:
        return Index(growth_per_yr, book.number(volatility), book.number(reversion))

    return MarketModel(
        price=index(book.number("price.growth"), "price.volatility", "price.reversion"),
        cost=index(book.number("cost.growth"), "futures.cost_volatility", "futures.cost_reversion"),
        rent=index(0.0, "futures.rent_volatility", "futures.rent_reversion"),
        district_correlation=book.number("futures.district_correlation"),
        cost_correlation=book.number("futures.cost_correlation"),
        rent_correlation=book.number("futures.rent_correlation"),
    )


@dataclass(frozen=True, eq=False)
class MarketPaths:
    """Indices in some futures, relative to the base year; flow years 0, 1, ...

    Attributes:
        price: shape (n_futures, n_districts, n_years).
        cost: shape (n_futures, n_years).
        rent: same shape.
    """

    price: FloatArray
    cost: FloatArray
    rent: FloatArray


def block_of_paths(model: MarketModel, seed: int, block: int, *, n_districts: int, n_years: int) -> MarketPaths:
    """The futures of one block: numbers block x FUTURES_PER_BLOCK and on.

    Args:
        model: how the markets move.
        seed: 0..LARGEST_SEED.
        block: its number, from 0.
        n_districts: of the city.
        n_years: of the cash flow, year 0 among them.
    """
    return paths_of(model, block_of_shocks(seed, block, n_districts=n_districts, n_years=n_years))


def paths_of(model: MarketModel, shocks: FloatArray) -> MarketPaths:
    """Indices of some futures from their shocks, as `block_of_shocks` draws them."""
    common, own = shocks[:, 0], shocks[:, 3:]
    shared = model.district_correlation
    return MarketPaths(
        price=model.price.of_shocks(np.sqrt(shared) * common[:, None] + np.sqrt(1.0 - shared) * own),
        cost=model.cost.of_shocks(_correlated(common, shocks[:, 1], model.cost_correlation)),
        rent=model.rent.of_shocks(_correlated(common, shocks[:, 2], model.rent_correlation)),
    )


def _correlated(common: FloatArray, own: FloatArray, correlation: float) -> FloatArray:
    return correlation * common + np.sqrt(1.0 - correlation**2) * own


def block_of_shocks(seed: int, block: int, *, n_districts: int, n_years: int) -> FloatArray:
    """Standard normal shocks of a block, keyed by seed and block (Philox 4x64, Salmon et al. 2011).

    Returns:
        Shape (FUTURES_PER_BLOCK, 3 + n_districts, n_years - 1): what all districts have in common, costs, rents, then
        each district's own.
    """
    key = np.array([seed, 0], dtype=np.uint64)
    counter = np.array([0, 0, 0, block], dtype=np.uint64)
    generator = np.random.Generator(np.random.Philox(key=key, counter=counter))
    return generator.standard_normal((FUTURES_PER_BLOCK, 3 + n_districts, n_years - 1))
