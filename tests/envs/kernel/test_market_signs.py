"""The signs a planner expects of the markets, over random small cities and plans: stock and flow factors alone."""

from __future__ import annotations

import sys
from dataclasses import replace
from functools import cache

import numpy as np
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from data.scenario import INTENSITIES, Intensity, Scenario
from data.synthesis.city import synthesize_city
from envs.choices.alone import value_alone_cny
from envs.kernel import REPORT, Plans, ResolvedScenario, resolve
from envs.kernel.indicators.capital import net_present_value_cny
from envs.kernel.markets import DistrictMarkets, district_markets, rent_factor, sale_price_factor
from envs.kernel.plans import canonical
from envs.kernel.trace import Trace
from plan_fixtures import random_plans

REHABILITATE = INTENSITIES.index(Intensity.REHABILITATE)
SEEDS = st.integers(0, 2**31)
N_CITIES = 4


@cache
def random_city(seed: int) -> ResolvedScenario:
    """A city of a few villages; the market takes as little in a year as the book's range allows."""
    scenario = Scenario(plan_years=5, density_levels=3, facility_levels=2)
    return resolve(scenario, synthesize_city(8 + 3 * seed, seed))


def random_markets(rng: np.random.Generator) -> DistrictMarkets:
    """Three districts, of which some may have no housing, no tenants, or sales of their own."""

    def some(low: float, high: float) -> np.ndarray:
        return rng.uniform(low, high, 3) * (rng.random(3) < 0.8)

    return district_markets(
        zone_housing_m2=some(1e5, 1e7),
        village_floor_m2=some(1e5, 1e6),
        tenants=some(1e2, 1e5),
        yearly_sales_m2=np.where(rng.random(3) < 0.5, np.nan, rng.uniform(1e3, 1e5, 3)),
        rooms_as_housing=rng.uniform(0.0, 0.3),
        normal_share_of_stock=0.012,
        rented_share=0.35,
        housing_m2=35.0,
        price_elasticity=rng.uniform(0.0, 0.8),
        flow_elasticity=rng.uniform(0.0, 0.8),
        rent_elasticity=rng.uniform(0.0, 1.0),
        least_share=0.05,
        price_growth_per_yr=rng.uniform(-0.02, 0.02),
        cost_growth_per_yr=0.0,
    )


def more(rng: np.random.Generator, shape: tuple[int, ...]) -> np.ndarray:
    """Something more in some districts and years."""
    return rng.uniform(0.0, 1e6, shape) * (rng.random(shape) < 0.5)


@settings(max_examples=40, deadline=None)
@given(seed=SEEDS)
def test_more_supply_never_raises_a_price_nor_a_rent(seed: int) -> None:
    rng = np.random.default_rng(seed)
    markets, shape = random_markets(rng), (2, 3, 6)
    supply, sold = rng.uniform(-1e6, 1e6, shape), rng.uniform(0.0, 1e6, shape)
    price = sale_price_factor(supply, sold, markets)
    above = price * (1.0 + 1e-12)
    assert (sale_price_factor(supply + more(rng, shape), sold, markets) <= above).all()
    assert (sale_price_factor(supply, sold + more(rng, shape), markets) <= above).all()
    rent = rent_factor(supply, markets)
    assert (rent_factor(supply + more(rng, shape), markets) <= rent * (1.0 + 1e-12)).all()


@settings(max_examples=25, deadline=None)
@given(
    seed=SEEDS,
    city=st.integers(0, N_CITIES - 1),
    rooms=st.sampled_from([0.0, 0.02, 0.1]),
    market=st.sampled_from(["stock", "flow"]),
    larger=st.floats(0.01, 0.6),
)
def test_a_larger_elasticity_never_raises_the_value_of_a_plan_that_adds_housing(
    seed: int, city: int, rooms: float, market: str, larger: float
) -> None:
    """Where the district's market housing to last year is not below the base year's in any year in which it sells."""
    resolved = random_city(city)
    constants = resolved.constants
    plans = canonical(random_plans(resolved, 3, seed))

    def with_markets(markets: DistrictMarkets) -> Trace:
        return Trace(replace(resolved, constants=replace(constants, markets=markets)), plans, REPORT)

    small = with_markets(replace(constants.markets, rooms_as_housing=rooms))
    one = getattr(small.constants.markets, market)
    large = with_markets(replace(small.constants.markets, **{market: replace(one, elasticity=one.elasticity + larger)}))
    to_last_year = np.concatenate([0.0 * small.housing_supply_m2[..., :1], small.housing_supply_m2[..., :-1]], axis=-1)
    adds = ((to_last_year >= 0.0) | (small.commodity_sold_m2 == 0.0)).all(axis=(1, 2))
    assume(adds.any())
    gain = (net_present_value_cny(large) - net_present_value_cny(small))[adds]
    assert (gain <= 1e-6 * np.abs(net_present_value_cny(small)[adds])).all()


@settings(max_examples=15, deadline=None)
@given(seed=SEEDS, city=st.integers(0, N_CITIES - 1))
def test_rooms_lost_and_leavers_never_lower_rents(seed: int, city: int) -> None:
    """One more village rehabilitated: its tenants leave, no place is built, and no sale price moves."""
    resolved = random_city(city)
    plans = canonical(random_plans(resolved, 2, seed))
    kept = np.flatnonzero((plans.start_year == 0).all(axis=0) & (resolved.city.villages.tenants > 0.0))
    assume(kept.size > 0)
    village = kept[seed % kept.size]
    start, intensity = plans.start_year.copy(), plans.intensity.copy()
    start[:, village], intensity[:, village] = 1 + seed % resolved.clock.plan_years, REHABILITATE
    before = Trace(resolved, plans, REPORT)
    after = Trace(resolved, canonical(replace(plans, start_year=start, intensity=intensity)), REPORT)
    district = resolved.city.villages.district_idx[village]
    others = np.arange(len(resolved.city.districts)) != district
    assert (after.rent_factor >= before.rent_factor).all()
    assert (after.rent_factor[:, district, -1] > before.rent_factor[:, district, -1]).all()
    np.testing.assert_array_equal(after.rent_factor[:, others], before.rent_factor[:, others])
    np.testing.assert_array_equal(after.price_factor, before.price_factor)


def far_values(resolved: ResolvedScenario, levels: int) -> tuple[np.ndarray, np.ndarray]:
    """Floor area ratios of each village from half its limit up, and what flats for sale are worth there alone.

    Shapes (levels, n_villages) each [-, CNY]; -inf where the villagers' own floor does not fit.
    """
    villages = resolved.city.villages
    far = np.linspace(0.5, 1.0, levels)[:, None] * villages.far_limit
    rebuild = np.full(far.shape, INTENSITIES.index(Intensity.REBUILD))
    plans = Plans(np.ones_like(rebuild), rebuild, np.zeros_like(rebuild), far, np.full(far.shape, 0.08))
    trace = Trace(resolved, canonical(plans), REPORT)
    values = np.where(trace.form.shortfall > 0.0, -np.inf, value_alone_cny(trace))
    return far, np.where(villages.rebuild_allowed & ~villages.rental_only, values, -np.inf)


def interior_share(far: np.ndarray, values: np.ndarray) -> float:
    """Share of villages whose best density is neither their least nor their largest."""
    best, buildable = np.argmax(values, axis=0), np.isfinite(values)
    least = np.argmax(buildable, axis=0)
    return float(((best > least) & (best < len(far) - 1))[buildable.any(axis=0)].mean())


def test_the_best_density_is_reported() -> None:
    """With density priced, flats at the limit of every village need not be worth most (`pytest -s` shows the share)."""
    far, values = far_values(random_city(0), levels=6)
    share = interior_share(far, values)
    sys.stdout.write(f"best density interior: {share:.0%} of {np.isfinite(values).any(axis=0).sum()} villages\n")
    assert 0.0 <= share <= 1.0
    assert np.isfinite(values).any()
