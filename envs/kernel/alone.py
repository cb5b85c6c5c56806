"""Prices that a village makes by itself: the markets of its district as if the others were kept."""

from __future__ import annotations

from data.arrays import FloatArray
from envs.kernel.computing.backend import array_namespace
from envs.kernel.markets import housing_rent_index, rent_factor, sale_price_factor, yearly_index
from envs.kernel.project_account import COSTS, FIXED, HOUSING_RENT, SALE_PRICE
from envs.kernel.timing import Clock
from envs.kernel.trace import Trace


def profiles_from(clock: Clock, start_year: int) -> dict[str, FloatArray]:
    """Flow profiles of works that begin in a year, shape (n_flow_years,) each."""
    return {name: table[start_year] for name, table in clock.flow_profiles.items()}


def indices_alone(trace: Trace, profiles: dict[str, FloatArray]) -> dict[str, FloatArray]:
    """What moves the items of the account where each village is renewed alone.

    Args:
        trace: of plans, on NumPy; who else starts does not matter.
        profiles: of the years in which they begin; one for all villages, or by village, (n_villages, n_flow_years).

    Returns:
        Index -> by year, or by plan, village and year, relative to the base year; as `Trace.indices`.
    """
    form, moves = trace.form, trace.moves
    markets = trace.resolved.constants.markets.rows(trace.resolved.city.villages.district_idx)

    def by_year(amount: FloatArray, profile: str) -> FloatArray:
        return amount[..., None] * profiles[profile]

    supply_m2 = by_year(form.commodity + form.resettlement, "operation")
    supply_m2 = supply_m2 - markets.rooms_as_housing * by_year(form.demolished, "standing")
    places = by_year(moves.rental_places, "operation") - by_year(moves.tenants_left, "standing")
    start = profiles["start"]
    years = start.reshape(-1, start.shape[-1])[0]
    return {
        COSTS: yearly_index(markets.cost_growth_per_yr, years),
        FIXED: array_namespace(years).ones_like(years),
        SALE_PRICE: sale_price_factor(supply_m2, by_year(form.commodity, "sale"), markets),
        HOUSING_RENT: housing_rent_index(rent_factor(places, markets)),
    }
