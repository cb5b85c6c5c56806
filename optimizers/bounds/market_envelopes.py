r"""What sales are worth in markets that answer, bounded by concave functions of sums over villages.

In district d and year t the plan sells M m2 for S at base prices, after a supply of N m2; the price falls by the stock
factor s(N) and the flow factor h(M). With one common price p, S = p M + U, where U is what villages sell above or below
it, and a chord $a - k N$ that lies on or above s(N) within the range of N,

$$ s h S \leq p (a - k N) M h(M) + s h U $$

The first part is expanded around a known plan's factors, c and g: $M h(M)$ is concave, so its tangents lie above it
(flow); $-k g N M$ is a quadratic form of what starts in each year, concave but for a part that the curvature of
$M h(M)$ outweighs (stock); what is left of the product is small, and its largest value over the ranges counts.
In the second part the factor counts at its largest where U is positive, at its least where it is negative.
All of it holds for every plan within the ranges; the plan at hand only says where it is tight.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from data.arrays import BoolArray, FloatArray
from envs.kernel.plans import Plans
from envs.kernel.resolved_scenario import ResolvedScenario
from optimizers.bounds.amounts import AMOUNTS, DEARER, ChoiceTable, plan_amounts
from optimizers.bounds.capital_terms import (
    at,
    capital_objective,
    discount,
    extremes,
    factor,
    growth,
    ranges_by_year,
    sale_years,
    sold_floor_weights,
    sums_of,
    supply_weights,
)
from optimizers.bounds.column_generation import Envelopes

STOCK_DIRECTIONS = 6
"""Directions of a district's quadratic form that count; leaving out others keeps the bound valid."""
FIRST_POINTS = (0.0, 0.4, 0.8, 1.0, 1.3, 1.8, 3.0)
"""Tangents first lie at these multiples of what the known plan starts."""


@dataclass(frozen=True, eq=False)
class MarketSums:
    """Ranges of three sums by flow year and district, least and largest; each of shape (2, n_flow_years, n_districts).

    Attributes:
        supply: of housing to the year before, N [m2].
        sold: commodity floor sold in the year, M [m2].
        other: supply beyond what goes with the commodity floor of the year before [m2].
    """

    supply: FloatArray
    sold: FloatArray
    other: FloatArray


@dataclass(frozen=True, eq=False)
class MarketModel:
    """The bounding functions, before ranges are known.

    Attributes:
        resolved: scenario resolved against a city.
        table: choices with what they sell above the common price.
        price: common price of each district, net of the cost of selling, shape (n_districts,) [CNY/m2].
        ratio: supply per m2 of commodity floor, same shape.
        supply: weights of N, shape (n_flow_years, plan_years, n_amounts).
        sold: weights of M, same shape.
        other: weights of the other supply, shape (n_flow_years, n_districts, plan_years, n_amounts).
        known_supply: N of the known plan, shape (n_flow_years, n_districts).
        known_sold: M of it, same shape.
        known_start: commodity floor that it starts, shape (n_districts, plan_years).
    """

    resolved: ResolvedScenario
    table: ChoiceTable
    price: FloatArray
    ratio: FloatArray
    supply: FloatArray
    sold: FloatArray
    other: FloatArray
    known_supply: FloatArray
    known_sold: FloatArray
    known_start: FloatArray

    def ranges(self) -> MarketSums:
        """Ranges that villages may add up to, each for itself."""
        sums = (self.supply, self.sold, self.other)
        return MarketSums(*(ranges_by_year(self.resolved, self.table, weights) for weights in sums))


def market_model(resolved: ResolvedScenario, table: ChoiceTable, plan: Plans) -> MarketModel:
    """The functions that are tight at a plan; they bound every plan.

    Args:
        resolved: scenario resolved against a city.
        table: choices.
        plan: a good one, batch of one.
    """
    start, amounts = np.asarray(plan.start_year)[0], plan_amounts(resolved, plan)
    net, floor = table.amount("commodity_sales") - table.amount("sales_cost"), table.amount("commodity")
    rooms = resolved.constants.markets.rooms_as_housing
    price, ratio = np.zeros((2, table.n_districts))
    for district, villages in enumerate(table.villages_of):
        taken = amounts[villages][start[villages] > 0]
        if taken[:, AMOUNTS.index("commodity")].sum() <= 0.0 and villages.size:  # any choice will do
            most = floor[villages].argmax(axis=1)
            taken = table.amounts[villages, most]
        sales, cost, sold, owed, gone = taken[
            :, at("commodity_sales", "sales_cost", "commodity", "resettlement", "demolished")
        ].sum(axis=0)
        if sold > 0.0 and _answers(resolved)[district]:
            price[district], ratio[district] = (sales - cost) / sold, (sold + owed - rooms * gone) / sold
    with_dearer = table.amounts.copy()
    with_dearer[:, :, AMOUNTS.index(DEARER)] = np.maximum(net - price[table.district_idx, None] * floor, 0.0)
    supply, sold = supply_weights(resolved), sold_floor_weights(resolved)
    other = np.repeat(supply[:, None], table.n_districts, axis=1)
    built = resolved.clock.flow_profiles["operation"][1:, :-1].T
    other[1:, :, :, AMOUNTS.index("commodity")] -= ratio[None, :, None] * built[:, None, :]
    started = np.zeros((table.n_districts, table.n_years))
    on = start > 0
    np.add.at(started, (table.district_idx[on], start[on] - 1), amounts[on, AMOUNTS.index("commodity")])
    return MarketModel(
        resolved=resolved,
        table=replace(table, amounts=with_dearer),
        price=price,
        ratio=ratio,
        supply=supply,
        sold=sold,
        other=other,
        known_supply=sums_of(table, supply, start, amounts),
        known_sold=sums_of(table, sold, start, amounts),
        known_start=started,
    )


def _answers(resolved: ResolvedScenario) -> BoolArray:
    """Whether a district's prices answer to its own sums alone, in a way whose tangents lie above."""
    markets = resolved.constants.markets
    own = np.ones(len(resolved.city.districts), dtype=bool)
    for market in (markets.stock, markets.flow):
        own &= np.ones_like(own) if market.without is None else ~np.asarray(market.without)
    return own & (markets.flow.elasticity <= 1.0)


def market_terms(model: MarketModel, sums: MarketSums, points: FloatArray) -> tuple[FloatArray, Envelopes | None]:
    """The value of every plan within ranges lies below a linear objective and envelopes.

    Args:
        model: the functions.
        sums: ranges of the sums.
        points: commodity floor started, where tangents touch, shape (n_points, n_districts, plan_years) [m2].

    Returns:
        Weights of the objective, shape (n_districts, plan_years, n_amounts) [CNY], and the envelopes; None where
        prices answer to nothing.
    """
    objective = capital_objective(model.resolved)
    builder = _Builder(model, sums)
    for district, villages in enumerate(model.table.villages_of):
        if villages.size:
            objective[district] += builder.sales(district, points[:, district])
    return objective, builder.envelopes()


class _Builder:
    """Gathers the envelopes of one district after another."""

    def __init__(self, model: MarketModel, sums: MarketSums) -> None:
        self.model, self.sums, self.years = model, sums, sale_years(model.resolved)
        markets, profiles = model.resolved.constants.markets, model.resolved.clock.flow_profiles
        self.markets = markets
        self.worth = discount(model.resolved) * growth(model.resolved)
        self.sale = profiles["sale"][1:].T
        self.built = np.concatenate([np.zeros((1, self.sale.shape[1])), profiles["operation"][1:, :-1].T])
        # factors at the ends of the ranges, growth left out; the first is the highest
        self.stock = np.stack([factor(markets.stock, sums.supply[side]) for side in (0, 1)])
        self.flow = np.stack([factor(markets.flow, sums.sold[side]) for side in (0, 1)])
        self.known_flow = factor(markets.flow, model.known_sold)
        self.district: list[int] = []
        self.weights: list[tuple[FloatArray, FloatArray]] = []
        self.planes: list[tuple[FloatArray, FloatArray]] = []

    def envelopes(self) -> Envelopes | None:
        if not self.district:
            return None
        counts = [constants.size for _, constants in self.planes]
        return Envelopes(
            district=np.array(self.district),
            weights=np.stack([np.stack([pair[k] for pair in self.weights]) for k in (0, 1)]),
            envelope=np.repeat(np.arange(len(counts)), counts),
            slopes=np.concatenate([slopes for slopes, _ in self.planes], axis=1),
            constants=np.concatenate([constants for _, constants in self.planes]),
        )

    def _add(self, district: int, first: FloatArray, second: FloatArray, slopes: FloatArray, const: FloatArray) -> None:
        self.district.append(district)
        self.weights.append((first, second))
        self.planes.append((slopes, const))

    def _of_started(self, by_year: FloatArray) -> FloatArray:
        """Weights of commodity floor by start year."""
        weights = np.zeros((by_year.size, len(AMOUNTS)))
        weights[:, AMOUNTS.index("commodity")] = by_year
        return weights

    def chords(self, district: int) -> tuple[FloatArray, FloatArray]:
        """Intercept and slope of each year's chord on the stock factor, shape (n_flow_years,)."""
        low, high = self.sums.supply[:, :, district]
        market, width = self.markets.stock, high - low
        least = 1.0 + low * float(np.asarray(market.per_unit)[district])
        convex = (least > market.least_share) & (width > 0.0) & _answers(self.model.resolved)[district]
        highest, lowest = self.stock[:, :, district]
        slope = np.where(convex, (highest - lowest) / np.where(convex, width, 1.0), 0.0)
        return highest + slope * low, slope

    def sales(self, district: int, points: FloatArray) -> FloatArray:
        """Linear part of a district's sales, shape (plan_years, n_amounts) [CNY]; the rest goes to the envelopes."""
        t, price = self.years, self.model.price[district]
        intercept, slope = (values[t] for values in self.chords(district))
        low, high = self.sums.supply[:, t, district]
        c_high, c_low = intercept - slope * low, intercept - slope * high
        h_high, h_low = self.flow[:, t, district]
        known = np.clip(self.model.known_supply[t, district], low, high)
        c = intercept - slope * known
        g = np.clip(self.known_flow[t, district], h_low, h_high)
        left = np.max([(x - c) * (y - g) for x in (c_low, c_high) for y in (h_low, h_high)], axis=0)
        worth = self.worth[t]
        q_high, q_low = c_high * h_high, self.stock[1, t, district] * h_low
        by_floor = worth * price * ((intercept - c) * g + left - q_low)
        linear = np.zeros((self.sale.shape[1], len(AMOUNTS)))
        linear[:, AMOUNTS.index("commodity")] = by_floor @ self.sale[t]
        linear[:, AMOUNTS.index("commodity_sales")] = (worth * q_low) @ self.sale[t]
        linear[:, AMOUNTS.index("sales_cost")] = -(worth * q_low) @ self.sale[t]
        linear[:, AMOUNTS.index(DEARER)] = (worth * (q_high - q_low)) @ self.sale[t]
        if price > 0.0:
            spare = self._stock(district, worth * price * slope * g, worth * price * c, points)
            self._flow(district, worth * price * c, spare, points)
        return linear

    def _flow(self, district: int, worth: FloatArray, spare: FloatArray, points: FloatArray) -> None:
        """Tangents of worth x M h(M) + spare x M^2, concave within the range of M."""
        for k, year in enumerate(self.years):
            low, high = self.sums.sold[:, year, district]
            touch = np.unique(np.clip(np.concatenate([[low, high], points @ self.sale[year]]), low, high))
            value, slope = self._sold(district, touch)
            value, slope = worth[k] * value + spare[k] * touch**2, worth[k] * slope + 2.0 * spare[k] * touch
            weights = self.model.sold[year]
            slopes = np.stack([slope, np.zeros(slope.size)])
            self._add(district, weights, np.zeros_like(weights), slopes, value - slope * touch)

    def _sold(self, district: int, sold: FloatArray) -> tuple[FloatArray, FloatArray]:
        """M h(M) and its derivative."""
        market = self.markets.flow
        x, f = sold * float(np.asarray(market.per_unit)[district]), market.elasticity
        return sold * (1.0 + x) ** -f, (1.0 + x) ** (-f - 1.0) * (1.0 + (1.0 - f) * x)

    def _stock(self, district: int, burden: FloatArray, worth: FloatArray, points: FloatArray) -> FloatArray:
        """Envelopes of -burden x N M by year; returns the curvature that the flow gave for it, by sale year."""
        spare = np.zeros(self.years.size)
        if not burden.any():
            return spare
        t, sold = self.years, self.sums.sold[1, self.years, district]
        for k, year in enumerate(t):  # what does not go with the commodity floor
            (v_low, v_high), (m_low, m_high) = self.sums.other[:, year, district], self.sums.sold[:, year, district]
            slopes = -burden[k] * np.array([[m_low, m_high], [v_low, v_high]])
            constants = burden[k] * np.array([v_low * m_low, v_high * m_high])
            self._add(district, self.model.other[year, district], self.model.sold[year], slopes, constants)
        form = (burden * self.model.ratio[district] * self.built[t].T) @ self.sale[t]
        form = 0.5 * (form + form.T)
        x, f = sold * float(np.asarray(self.markets.flow.per_unit)[district]), self.markets.flow.elasticity
        bend = f * np.asarray(self.markets.flow.per_unit)[district] * (1.0 + x) ** (-f - 2.0) * (2.0 + (1.0 - f) * x)
        curved = 0.5 * worth * bend
        share = _share_needed(form, (curved * self.sale[t].T) @ self.sale[t])
        spare = share * curved
        self._quadratic(district, form + (spare * self.sale[t].T) @ self.sale[t], points)
        return spare

    def _quadratic(self, district: int, form: FloatArray, points: FloatArray) -> None:
        """Tangents of -x'Fx in the main directions of F, chords where it bends the other way."""
        values, vectors = np.linalg.eigh(form)
        for k in [*np.flatnonzero(values < 0.0), *np.argsort(-values)[:STOCK_DIRECTIONS]]:
            weights = self._of_started(vectors[:, k])
            if values[k] < 0.0:
                low, high = self._ends(district, weights)
                slope, constant = np.array([-values[k] * (low + high)]), np.array([values[k] * low * high])
            else:
                touch = np.unique(points @ vectors[:, k])
                slope, constant = -2.0 * values[k] * touch, values[k] * touch**2
            slopes = np.stack([slope, np.zeros(slope.size)])
            self._add(district, weights, np.zeros_like(weights), slopes, constant)

    def _ends(self, district: int, weights: FloatArray) -> FloatArray:
        return extremes(self.model.table, np.array([district]), weights[None])[:, 0]


def _share_needed(form: FloatArray, curvature: FloatArray) -> float:
    """Least share of a curvature that makes a form bend one way; 0 where no share does."""
    if np.linalg.eigvalsh(form)[0] >= 0.0:
        return 0.0
    scale = float(np.abs(curvature).max())
    if scale <= 0.0 or np.linalg.eigvalsh(curvature)[0] <= 1e-9 * scale:
        return 0.0
    root = np.linalg.cholesky(curvature)
    seen = np.linalg.solve(root, np.linalg.solve(root, form).T)
    share = max(0.0, -float(np.linalg.eigvalsh(0.5 * (seen + seen.T))[0])) * (1.0 + 1e-9)
    return share if share <= 1.0 else 0.0
