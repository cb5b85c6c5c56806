"""Markets that push back: how sale prices and rents of a district answer to a plan (model section 8).

Three markets answer alike, price relative to the base year = (1 + quantity / size) ^ -elasticity:

| market | quantity | size |
|---|---|---|
| stock | housing completed, less a share of the rooms torn down, to last year | housing and that share of rooms |
| flow | commodity floor sold in the same year | what the district sells in a normal year |
| rent | rental places completed less tenants who left, to last year | rented places |

Every function takes quantities of shape (..., n_districts, n_flow_years), or (n, n_flow_years) with the rows
`DistrictMarkets.rows` chose. Float64.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from envs.kernel.computing.backend import Array, array_namespace, device


@dataclass(frozen=True, eq=False)
class Market:
    """How one price answers to a quantity.

    Attributes:
        size: of the market in the base year, in the unit of the quantity, shape (n_districts,); the city's where the
            district has none.
        without: True where the district has none, so that the city's quantity counts, shape (n_districts,); None where
            every district has one.
        elasticity: [-].
        least_share: prices are not extrapolated below this share of the size.
    """

    size: Array
    without: Array | None
    elasticity: float
    least_share: float

    def rows(self, district: Array) -> Market:
        """The markets of some districts, shape (n,); their quantities must be the city's where they have no market."""
        return Market(self.size[district], None, self.elasticity, self.least_share)

    @cached_property
    def per_unit(self) -> Array:
        """What a unit of the quantity adds to the size, relative to it; 0 in a city that has no such market at all."""
        xp = array_namespace(self.size)
        exists = self.size > 0.0
        return xp.where(exists, 1.0 / xp.where(exists, self.size, 1.0), 0.0)


@dataclass(frozen=True, eq=False)
class DistrictMarkets:
    """The markets of every district and how prices and costs move by themselves.

    Attributes:
        stock: of housing [m2].
        flow: of yearly sales [m2/yr].
        rent: of rental places [persons].
        rooms_as_housing: share of village floor that counts as housing in the stock.
        price_growth_per_yr: real growth of sale prices.
        cost_growth_per_yr: real growth of costs.
    """

    stock: Market
    flow: Market
    rent: Market
    rooms_as_housing: float
    price_growth_per_yr: float
    cost_growth_per_yr: float

    @property
    def has_all(self) -> bool:
        """Whether every district has markets of its own, so that no district answers to another's quantities."""
        return all(market.without is None for market in (self.stock, self.flow, self.rent))

    def rows(self, district: Array) -> DistrictMarkets:
        """The markets of some districts, shape (n,), for quantities of shape (n, n_flow_years)."""
        growths = (self.rooms_as_housing, self.price_growth_per_yr, self.cost_growth_per_yr)
        return DistrictMarkets(self.stock.rows(district), self.flow.rows(district), self.rent.rows(district), *growths)


def district_markets(
    *,
    zone_housing_m2: Array,
    village_floor_m2: Array,
    tenants: Array,
    yearly_sales_m2: Array,
    rooms_as_housing: float,
    normal_share_of_stock: float,
    rented_share: float,
    housing_m2: float,
    price_elasticity: float,
    flow_elasticity: float,
    rent_elasticity: float,
    least_share: float,
    price_growth_per_yr: float,
    cost_growth_per_yr: float,
) -> DistrictMarkets:
    """The markets of the base year.

    Args:
        zone_housing_m2: housing of the zones, shape (n_districts,), as the three that follow.
        village_floor_m2: existing gross floor of the villages.
        tenants: of the villages [persons].
        yearly_sales_m2: commodity floor sold in a normal year [m2/yr]; NaN where it is not known.
        rooms_as_housing: share of village floor that counts as housing.
        normal_share_of_stock: normal sales of a year / stock, where they are not known [1/yr].
        rented_share: share of the zones' housing that is let.
        housing_m2: floor per person in it [m2/person].
        price_elasticity: of sale prices by the stock.
        flow_elasticity: of sale prices by the sales of the year.
        rent_elasticity: of rents by rental places.
        least_share: see Market.
        price_growth_per_yr: real growth of sale prices.
        cost_growth_per_yr: real growth of costs.

    Returns:
        The markets. A district without stock takes the city's stock and sales, one without rental places the city's.

    Example:
        A million m2 of flats, and half of 400,000 m2 of rooms: 24,000 m2 are sold in a year.

        >>> markets = district_markets(
        ...     zone_housing_m2=np.array([1e6]),
        ...     village_floor_m2=np.array([4e5]),
        ...     tenants=np.array([9000.0]),
        ...     yearly_sales_m2=np.array([np.nan]),
        ...     rooms_as_housing=0.5,
        ...     normal_share_of_stock=0.02,
        ...     rented_share=0.35,
        ...     housing_m2=35.0,
        ...     price_elasticity=0.35,
        ...     flow_elasticity=0.2,
        ...     rent_elasticity=0.5,
        ...     least_share=0.05,
        ...     price_growth_per_yr=0.0,
        ...     cost_growth_per_yr=0.0,
        ... )
        >>> markets.stock.size, markets.flow.size, markets.rent.size
        (array([1200000.]), array([24000.]), array([19000.]))
    """
    xp = array_namespace(zone_housing_m2)
    stock_m2 = zone_housing_m2 + rooms_as_housing * village_floor_m2
    normal_m2 = xp.where(xp.isnan(yearly_sales_m2), normal_share_of_stock * stock_m2, yearly_sales_m2)
    places = zone_housing_m2 * (rented_share / housing_m2) + tenants
    return DistrictMarkets(
        stock=_market(stock_m2, stock_m2 > 0.0, price_elasticity, least_share),
        flow=_market(normal_m2, (stock_m2 > 0.0) & (normal_m2 > 0.0), flow_elasticity, least_share),
        rent=_market(places, places > 0.0, rent_elasticity, least_share),
        rooms_as_housing=rooms_as_housing,
        price_growth_per_yr=price_growth_per_yr,
        cost_growth_per_yr=cost_growth_per_yr,
    )


def _market(size: Array, has: Array, elasticity: float, least_share: float) -> Market:
    xp = array_namespace(size)
    whole = bool(xp.all(has))
    return Market(xp.where(has, size, xp.sum(size)), None if whole else ~has, elasticity, least_share)


def market_quantity(quantity: Array, market: Market) -> Array:
    """The quantity each district's market answers to: its own, the city's where it has no market; same shape."""
    if market.without is None:
        return quantity
    xp = array_namespace(quantity)
    return xp.where(market.without[:, None], xp.sum(quantity, axis=-2, keepdims=True), quantity)


def market_ratio(quantity: Array, market: Market) -> Array:
    """Size of the market with the quantity over its size without, at least `least_share`.

    Args:
        quantity: that the markets answer to, shape (..., n_districts, n_flow_years).
        market: of each district.

    Returns:
        Same shape [-]; 1 in a city that has no such market at all.
    """
    xp = array_namespace(quantity)
    ratio = 1.0 + market_quantity(quantity, market) * market.per_unit[:, None]
    return xp.where(ratio > market.least_share, ratio, market.least_share)


def revenue_slope(revenue: Array, quantity: Array, market: Market) -> Array:
    r"""What one unit more of a quantity does to revenues that a market's factor moves: $-e R / (size + quantity)$.

    Args:
        revenue: at the prices there are, shape (..., n_districts, n_flow_years).
        quantity: that the market answered to, in the year of the answer, same shape.
        market: of each district.

    Returns:
        Same shape [revenue per unit of the district's quantity]; 0 where the ratio is held at its least.

    Example:
        >>> market = Market(np.array([100.0]), None, elasticity=0.5, least_share=0.05)
        >>> revenue_slope(np.array([[250.0, 250.0]]), np.array([[25.0, -99.0]]), market)
        array([[-1.,  0.]])
    """
    xp = array_namespace(quantity)
    ratio = market_ratio(quantity, market)
    answers = (ratio > market.least_share) & (market.size > 0.0)[:, None]
    size = xp.where(market.size > 0.0, market.size, xp.ones_like(market.size))[:, None]
    slope = xp.where(answers, -market.elasticity * revenue / (size * ratio), xp.zeros_like(revenue))
    if market.without is None:
        return slope
    of_city = xp.sum(xp.where(market.without[:, None], slope, xp.zeros_like(slope)), axis=-2, keepdims=True)
    return xp.where(market.without[:, None], xp.zeros_like(slope), slope) + of_city


def stock_factor(supply_m2: Array, markets: DistrictMarkets) -> Array:
    r"""Sale price by the housing there is: $(1 + supply_{t-1}/stock)^{-elasticity}$.

    Args:
        supply_m2: commodity and resettlement floor completed less `rooms_as_housing` x village floor torn down, up to
            each year, shape (..., n_districts, n_flow_years), year 0 first.
        markets: of each district.

    Returns:
        Same shape [-].
    """
    return market_ratio(until_last_year(supply_m2), markets.stock) ** -markets.stock.elasticity


def flow_factor(sold_m2: Array, markets: DistrictMarkets) -> Array:
    r"""Sale price by what is sold in the same year: $(1 + sold_t/normal)^{-elasticity}$.

    Args:
        sold_m2: commodity floor sold in each year, shape (..., n_districts, n_flow_years).
        markets: of each district.

    Returns:
        Same shape [-].
    """
    return market_ratio(sold_m2, markets.flow) ** -markets.flow.elasticity


def rent_factor(net_places: Array, markets: DistrictMarkets) -> Array:
    r"""Rents by the rental places there are: $(1 + net_{t-1}/places)^{-elasticity}$.

    Args:
        net_places: rental places completed less tenants who left, up to each year, shape (..., n_districts,
            n_flow_years), year 0 first [persons].
        markets: of each district.

    Returns:
        Same shape [-].
    """
    return market_ratio(until_last_year(net_places), markets.rent) ** -markets.rent.elasticity


def sale_price_factor(supply_m2: Array, sold_m2: Array, markets: DistrictMarkets) -> Array:
    """Sale price relative to the base year: growth, the stock to last year and the sales of the year.

    Args:
        supply_m2: as in stock_factor.
        sold_m2: as in flow_factor, same shape.
        markets: of each district.

    Returns:
        Same shape [-].
    """
    growth = yearly_index(markets.price_growth_per_yr, supply_m2)
    return growth * stock_factor(supply_m2, markets) * flow_factor(sold_m2, markets)


def housing_rent_index(rent_factors: Array) -> Array:
    """Housing rents the project receives relative to the base year: scarcity it made itself earns it nothing.

    Example:
        >>> housing_rent_index(np.array([0.9, 1.2]))
        array([0.9, 1. ])
    """
    return array_namespace(rent_factors).clip(rent_factors, None, 1.0)


def yearly_index(growth_per_yr: float, years_like: Array) -> Array:
    """(1 + growth)^t over the last axis of an array, shape (n_flow_years,), year 0 first.

    Example:
        >>> yearly_index(0.1, np.zeros((5, 3))).round(9)
        array([1.  , 1.1 , 1.21])
    """
    xp = array_namespace(years_like)
    year = xp.arange(years_like.shape[-1], dtype=xp.float64, device=device(years_like))
    return (1.0 + growth_per_yr) ** year


def until_last_year(quantity: Array) -> Array:
    """A yearly quantity one year later; 0 in year 0.

    Example:
        >>> until_last_year(np.array([3.0, 4.0, 5.0]))
        array([0., 3., 4.])
    """
    xp = array_namespace(quantity)
    return xp.concat([xp.zeros_like(quantity[..., :1]), quantity[..., :-1]], axis=-1)
