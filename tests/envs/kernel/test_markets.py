"""Markets by hand: case 7 of the worked numbers, districts without a market, single rows of districts."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from envs.kernel.markets import (
    DistrictMarkets,
    district_markets,
    flow_factor,
    housing_rent_index,
    market_ratio,
    rent_factor,
    sale_price_factor,
    stock_factor,
)


def markets(**changes: Any) -> DistrictMarkets:
    """Two districts; a million m2 of housing, a million m2 sold a year and a million rental places each."""
    given: dict[str, Any] = {
        "zone_housing_m2": np.array([1e6, 1e6]),
        "village_floor_m2": np.zeros(2),
        "tenants": np.array([9e5, 9e5]),
        "yearly_sales_m2": np.array([1e6, 1e6]),
        "rooms_as_housing": 0.5,
        "normal_share_of_stock": 0.02,
        "rented_share": 0.5,
        "housing_m2": 5.0,
        "price_elasticity": 0.5,
        "flow_elasticity": 0.2,
        "rent_elasticity": 0.5,
        "least_share": 0.05,
        "price_growth_per_yr": 0.0,
        "cost_growth_per_yr": 0.0,
    }
    return district_markets(**given | changes)


def years(*first: float) -> np.ndarray:
    """A quantity of the first district, nothing in the second; shape (1, 2, n_flow_years)."""
    return np.stack([np.array(first), np.zeros(len(first))])[None]


def test_a_market_swallows_only_so_much() -> None:
    factor = flow_factor(years(0.0, 5e5), markets())
    assert factor[0] == pytest.approx(np.array([[1.0, 0.922108], [1.0, 1.0]]), abs=5e-7)


def test_rents_follow_rooms_lost_a_year_later() -> None:
    factor = rent_factor(years(1e5 - 2e5, 0.0), markets())
    assert factor[0] == pytest.approx(np.array([[1.0, 1.054093], [1.0, 1.0]]), abs=5e-7)
    assert housing_rent_index(factor)[0] == pytest.approx(np.ones((2, 2)))


def test_new_housing_lowers_prices_a_year_later() -> None:
    factor = 50_000.0 * stock_factor(years(1e5, 0.0), markets())
    assert factor[0, 0] == pytest.approx([50_000.0, 47_673.13], abs=0.005)


def test_a_sale_price_has_three_factors() -> None:
    factor = sale_price_factor(years(1e5, 1e5), years(0.0, 5e5), markets(price_growth_per_yr=0.1))
    assert factor[0, 0] == pytest.approx([1.0, 1.1 * 1.1**-0.5 * 1.5**-0.2])
    assert factor[0, 1] == pytest.approx([1.0, 1.1])


def test_rooms_count_by_a_share_and_sales_are_given_or_a_share_of_the_stock() -> None:
    found = markets(village_floor_m2=np.array([4e5, 0.0]), yearly_sales_m2=np.array([np.nan, 7e5]))
    assert found.stock.size.tolist() == [1.2e6, 1e6]
    assert found.flow.size.tolist() == [0.02 * 1.2e6, 7e5]
    assert found.rent.size.tolist() == [1e6, 1e6]
    assert found.has_all


def test_a_district_without_stock_takes_the_factor_of_the_city() -> None:
    empty = markets(zone_housing_m2=np.array([1e6, 0.0]), tenants=np.array([9e5, 0.0]))
    assert not empty.has_all
    quantity = np.array([[[1e5, 0.0], [2e5, 0.0]]])
    for factor, size in ((stock_factor, 1e6), (rent_factor, 1e6)):
        own, city = factor(quantity, empty)[0, :, 1]
        assert own == pytest.approx((1.0 + 1e5 / size) ** -0.5)
        assert city == pytest.approx((1.0 + 3e5 / size) ** -0.5)
    assert flow_factor(quantity, empty)[0, :, 0] == pytest.approx([1.1**-0.2, (1.0 + 3e5 / 2e6) ** -0.2])


def test_a_city_without_housing_has_the_prices_it_has() -> None:
    none = markets(zone_housing_m2=np.zeros(2), tenants=np.zeros(2), yearly_sales_m2=np.full(2, np.nan))
    assert (sale_price_factor(years(1e5, 2e5), years(1e5, 2e5), none) == 1.0).all()
    assert (rent_factor(years(-1e5, 2e5), none) == 1.0).all()


def test_prices_are_not_extrapolated_beyond_the_least_share() -> None:
    assert market_ratio(years(-0.97e6, -1e6), markets().stock)[0, 0].tolist() == [0.05, 0.05]
    assert stock_factor(years(-1e6, 0.0), markets())[0, 0, 1] == pytest.approx(0.05**-0.5)


def test_rows_of_districts_are_the_batch() -> None:
    rng = np.random.default_rng(0)
    city = markets(zone_housing_m2=np.array([1e6, 3e6]), price_growth_per_yr=0.02)
    supply, sold, places = rng.uniform(-1e5, 3e5, (3, 4, 2, 5))
    plan, district = np.array([3, 0, 0, 2]), np.array([1, 0, 1, 1])
    rows = city.rows(district)
    np.testing.assert_array_equal(
        sale_price_factor(supply[plan, district], sold[plan, district].clip(0.0), rows),
        sale_price_factor(supply, sold.clip(0.0), city)[plan, district],
    )
    np.testing.assert_array_equal(rent_factor(places[plan, district], rows), rent_factor(places, city)[plan, district])


def test_torch_is_numpy() -> None:
    torch = pytest.importorskip("torch", reason="in the extra `train`")
    city = markets(zone_housing_m2=np.array([1e6, 0.0]), price_growth_per_yr=0.02)

    def there(market: Any) -> Any:
        without = None if market.without is None else torch.as_tensor(market.without)
        return replace(market, size=torch.as_tensor(market.size), without=without)

    twin = replace(city, **{name: there(getattr(city, name)) for name in ("stock", "flow", "rent")})
    supply, sold = years(1e5, 2e5, 3e5), years(0.0, 5e5, 1e5)
    other = sale_price_factor(torch.as_tensor(supply), torch.as_tensor(sold), twin)
    np.testing.assert_allclose(other.numpy(), sale_price_factor(supply, sold, city), rtol=1e-14)
