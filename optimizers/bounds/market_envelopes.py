r"""What sales are worth in markets that answer, bounded by concave functions of sums over villages.

In district d and year t the plan sells M m2 for S at base prices, after a supply of N m2; the price falls by the stock
factor s(N) and the flow factor h(M). With one common price p let S = p (M + U), where U is what villages sell above or
below it, and $Z = M + U / 2$. For $\phi(x) = x h(x)$, concave, and $i(M) = h - M h'$,

$$ (M + U) h(M) \leq \phi(Z) + i(M) U / 2 + f U^2 / (4\,normal) $$

for $|\phi''| \leq 2 f / normal$. i hardly moves with M: it is taken at its largest where U is positive and at its least
where U is negative. A chord $c(N) = a - k N$ lies on or above s(N) within the range of N. The product with it is
expanded around a known plan's c and h: what is left of it is small, and counts at its largest over the ranges.
$-k N Z$ is a quadratic form of what starts in each year, concave but for a part that the curvature of $\phi$ outweighs.
Concave functions lie below their tangents. All of it holds for every plan within the ranges; the plan at hand only says
where it is tight.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from data.arrays import BoolArray, FloatArray, IntArray
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
MULTIPLES, SPREAD_MULTIPLES = (0.0, 0.5, 0.8, 1.0, 1.25, 1.6), (0.1, 0.3, 0.6, 1.0, 2.0, 4.0)
"""Where tangents first touch, in what the known plan starts and in what may start, spread evenly over the years."""
NEAR = 0.01
"""Supply, as a share of the stock, over which the stock factor is taken as a line when a plan is sought."""


@dataclass(frozen=True, eq=False)
class MarketSums:
    """Ranges of three sums by flow year and district, least and largest; each of shape (2, n_flow_years, n_districts).

    Attributes:
        supply: of housing to the year before, N [m2].
        sold: commodity floor sold in the year, M [m2].
        even: the same, each village's half by floor and half by worth, Z [m2].
        other: supply beyond what goes with the even floor completed by the year before [m2].
    """

    supply: FloatArray
    sold: FloatArray
    even: FloatArray
    other: FloatArray


@dataclass(frozen=True, eq=False)
class MarketModel:
    """The bounding functions, before ranges are known.

    Attributes:
        resolved: scenario resolved against a city.
        table: choices with what they sell above the common price, U where positive [CNY].
        price: common price of each district, net of the cost of selling, shape (n_districts,) [CNY/m2].
        ratio: supply per m2 of even floor, same shape.
        even_by_amount: even floor of a choice as weights of its amounts, shape (n_districts, n_amounts).
        supply: weights of N, shape (n_flow_years, plan_years, n_amounts).
        sold: weights of M, same shape.
        even: weights of Z, shape (n_flow_years, n_districts, plan_years, n_amounts).
        other: weights of the other supply, same shape.
        uneven: largest of |U|, each village for itself, shape (n_flow_years, n_districts) [m2].
        known_supply: N of the known plan, shape (n_flow_years, n_districts).
        known_sold: M of it, same shape.
        known_start: even floor that it starts, shape (n_districts, plan_years).
    """

    resolved: ResolvedScenario
    table: ChoiceTable
    price: FloatArray
    ratio: FloatArray
    even_by_amount: FloatArray
    supply: FloatArray
    sold: FloatArray
    even: FloatArray
    other: FloatArray
    uneven: FloatArray
    known_supply: FloatArray
    known_sold: FloatArray
    known_start: FloatArray

    def ranges(self) -> MarketSums:
        """Ranges that villages may add up to, each for itself."""
        return MarketSums(*(ranges_by_year(self.resolved, self.table, weights) for weights in self.weights))

    @property
    def weights(self) -> tuple[FloatArray, ...]:
        """Weights of the sums, in the order of MarketSums."""
        return self.supply, self.sold, self.even, self.other

    def started(self, start_year: IntArray, amounts: FloatArray, village: IntArray) -> FloatArray:
        """Even floor that villages start, shape (n_districts, plan_years); amounts of shape (n, n_amounts)."""
        district = self.table.district_idx[village]
        started = np.zeros((self.table.n_districts, self.table.n_years))
        np.add.at(started, (district, start_year - 1), (self.even_by_amount[district] * amounts).sum(axis=1))
        return started


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
    even_by_amount = _even_by_amount(price)
    with_dearer = table.amounts.copy()
    with_dearer[:, :, AMOUNTS.index(DEARER)] = np.maximum(net - price[table.district_idx, None] * floor, 0.0)
    supply, sold = supply_weights(resolved), sold_floor_weights(resolved)
    built = _built(resolved)
    even = resolved.clock.flow_profiles["sale"][1:].T[:, None, :, None] * even_by_amount[None, :, None, :]
    other = supply[:, None] - ratio[None, :, None, None] * built[:, None, :, None] * even_by_amount[None, :, None, :]
    uneven = 2.0 * (even - sold[:, None]) * (price > 0.0)[None, :, None, None]
    on = np.flatnonzero(start)
    model = MarketModel(
        resolved=resolved,
        table=replace(table, amounts=with_dearer),
        price=price,
        ratio=ratio,
        even_by_amount=even_by_amount,
        supply=supply,
        sold=sold,
        even=even,
        other=other,
        uneven=np.abs(ranges_by_year(resolved, table, uneven)).max(axis=0),
        known_supply=sums_of(table, supply, start, amounts),
        known_sold=sums_of(table, sold, start, amounts),
        known_start=np.zeros((table.n_districts, table.n_years)),
    )
    return replace(model, known_start=model.started(start[on], amounts[on], on))


def _even_by_amount(price: FloatArray) -> FloatArray:
    """Half by floor, half by worth, shape (n_districts, n_amounts); nothing where there is no common price."""
    weights, some = np.zeros((price.size, len(AMOUNTS))), price > 0.0
    per_cny = np.where(some, 0.5 / np.where(some, price, 1.0), 0.0)
    weights[:, at("commodity")], weights[:, at("commodity_sales")] = 0.5 * some[:, None], per_cny[:, None]
    weights[:, at("sales_cost")] = -per_cny[:, None]
    return weights


def _answers(resolved: ResolvedScenario) -> BoolArray:
    """Whether a district's prices answer to its own sums alone, in a way whose tangents lie above."""
    markets = resolved.constants.markets
    own = np.ones(len(resolved.city.districts), dtype=bool)
    for market in (markets.stock, markets.flow):
        own &= np.ones_like(own) if market.without is None else ~np.asarray(market.without)
    return own & (markets.flow.elasticity <= 1.0)


def market_terms(
    model: MarketModel, sums: MarketSums, points: FloatArray, base: FloatArray | None = None
) -> tuple[FloatArray, Envelopes | None]:
    """The value of every plan within ranges lies below a linear objective and envelopes.

    Args:
        model: the functions.
        sums: ranges of the sums.
        points: even floor started, where tangents touch, shape (n_points, n_districts, plan_years) [m2].
        base: weights of what is not sold; None = with housing rents at the largest index there can be.

    Returns:
        Weights of the objective, shape (n_districts, plan_years, n_amounts) [CNY], and the envelopes; None where
        prices answer to nothing.
    """
    objective = capital_objective(model.resolved) if base is None else base.copy()
    builder = _Builder(model, sums)
    for district, villages in enumerate(model.table.villages_of):
        if villages.size:
            objective[district] += builder.sales(district, points[:, district])
    return objective, builder.envelopes()


def around_plan(model: MarketModel, sums: MarketSums) -> tuple[MarketModel, MarketSums]:
    """The functions near the known plan: no bound, but what a better plan may be found with.

    Args:
        model: the functions.
        sums: ranges that villages may add up to.
    """
    stock = np.asarray(model.resolved.constants.markets.stock.size)
    supply = np.stack([model.known_supply - NEAR * stock, model.known_supply + NEAR * stock])
    started = np.einsum("tdy,dy->td", _built(model.resolved)[:, None], model.known_start)
    other = model.known_supply - model.ratio * started
    local = MarketSums(supply, np.stack([model.known_sold] * 2), sums.even, np.stack([other] * 2))
    return replace(model, uneven=np.zeros_like(model.uneven)), local


def first_points(model: MarketModel) -> FloatArray:
    """Where tangents touch at first: multiples of what the known plan starts, and of what may start, spread evenly."""
    table = model.table
    even = np.maximum((table.amounts * model.even_by_amount[table.district_idx][:, None]).sum(axis=2).max(axis=1), 0.0)
    spread = np.bincount(table.district_idx, even, minlength=table.n_districts) / table.n_years
    spread_by_year = np.repeat(spread[:, None], table.n_years, axis=1)
    of_known = np.multiply.outer(np.array(MULTIPLES), model.known_start)
    return np.concatenate([of_known, np.multiply.outer(np.array(SPREAD_MULTIPLES), spread_by_year)])


def _built(resolved: ResolvedScenario) -> FloatArray:
    """1 where a village started in a year was completed by the year before, shape (n_flow_years, plan_years)."""
    operation = resolved.clock.flow_profiles["operation"][1:]
    return np.concatenate([np.zeros((1, len(operation))), operation[:, :-1].T])


class _Builder:
    """Gathers the envelopes of one district after another."""

    def __init__(self, model: MarketModel, sums: MarketSums) -> None:
        self.model, self.sums, self.years = model, sums, sale_years(model.resolved)
        markets = self.markets = model.resolved.constants.markets
        self.worth = discount(model.resolved) * growth(model.resolved)
        self.sale = model.resolved.clock.flow_profiles["sale"][1:].T
        self.built = _built(model.resolved)
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
        worth = self.worth[t]
        if price <= 0.0:
            return self._sold_at(worth * c_high * h_high)
        known = np.clip(self.model.known_supply[t, district], low, high)
        c = intercept - slope * known
        g = np.clip(self.known_flow[t, district], h_low, h_high)
        left = np.max([(x - c) * (y - g) for x in (c_low, c_high) for y in (h_low, h_high)], axis=0)
        # of Z and of U / 2, what is linear; U at its largest and least factor
        by_sales = (intercept - c) * g + left
        m_low, m_high = self.sums.sold[:, t, district]
        bend = 0.5 * self.markets.flow.elasticity * self._per_unit(district) * self.model.uneven[t, district]
        up = c * (self._intercept(district, m_low) + bend) - slope * g * low
        down = c * (self._intercept(district, m_high) - bend) - slope * g * high
        linear = self._sold_at(worth * by_sales)
        linear += 0.5 * self._beyond(worth * down, price)
        linear[:, AMOUNTS.index(DEARER)] += 0.5 * (worth * (up - down)) @ self.sale[t]
        spare = self._stock(district, worth * price * slope * g, worth * price * c, points)
        self._flow(district, worth * price * c, spare, points)
        return linear

    def _sold_at(self, by_year: FloatArray) -> FloatArray:
        """Weights of net sales at a factor of each sale year."""
        linear = np.zeros((self.sale.shape[1], len(AMOUNTS)))
        linear[:, AMOUNTS.index("commodity_sales")] = by_year @ self.sale[self.years]
        linear[:, AMOUNTS.index("sales_cost")] = -by_year @ self.sale[self.years]
        return linear

    def _beyond(self, by_year: FloatArray, price: float) -> FloatArray:
        """Weights of net sales beyond those at the common price."""
        linear = self._sold_at(by_year)
        linear[:, AMOUNTS.index("commodity")] -= price * (by_year @ self.sale[self.years])
        return linear

    def _per_unit(self, district: int) -> float:
        return float(np.asarray(self.markets.flow.per_unit)[district])

    def _intercept(self, district: int, sold: FloatArray) -> FloatArray:
        """Of the tangent of the flow factor at M, h - M h'."""
        x, f = sold * self._per_unit(district), self.markets.flow.elasticity
        return (1.0 + x) ** (-f - 1.0) * (1.0 + (1.0 + f) * x)

    def _flow(self, district: int, worth: FloatArray, spare: FloatArray, points: FloatArray) -> None:
        """Tangents of worth x Z h(Z) + spare x Z^2, concave within the range of Z."""
        for k, year in enumerate(self.years):
            low, high = np.maximum(self.sums.even[:, year, district], 0.0)
            touch = np.unique(np.clip(np.concatenate([[low, high], points @ self.sale[year]]), low, high))
            value, slope = self._sold(district, touch)
            value, slope = worth[k] * value + spare[k] * touch**2, worth[k] * slope + 2.0 * spare[k] * touch
            weights = self.model.even[year, district]
            slopes = np.stack([slope, np.zeros(slope.size)])
            self._add(district, weights, np.zeros_like(weights), slopes, value - slope * touch)

    def _sold(self, district: int, sold: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Z h(Z) and its derivative."""
        x, f = sold * self._per_unit(district), self.markets.flow.elasticity
        return sold * (1.0 + x) ** -f, (1.0 + x) ** (-f - 1.0) * (1.0 + (1.0 - f) * x)

    def _stock(self, district: int, burden: FloatArray, worth: FloatArray, points: FloatArray) -> FloatArray:
        """Envelopes of -burden x N Z by year; returns the curvature that the flow gave for it, by sale year."""
        spare = np.zeros(self.years.size)
        if not burden.any():
            return spare
        t, even = self.years, self.sums.even[1, self.years, district]
        for k, year in enumerate(t):  # what does not go with the even floor
            (v_low, v_high), (z_low, z_high) = self.sums.other[:, year, district], self.sums.even[:, year, district]
            slopes = -burden[k] * np.array([[z_low, z_high], [v_low, v_high]])
            constants = burden[k] * np.array([v_low * z_low, v_high * z_high])
            self._add(district, self.model.other[year, district], self.model.even[year, district], slopes, constants)
        form = (burden * self.model.ratio[district] * self.built[t].T) @ self.sale[t]
        form = 0.5 * (form + form.T)
        per_unit, f = self._per_unit(district), self.markets.flow.elasticity
        x = np.maximum(even, 0.0) * per_unit
        bend = f * per_unit * (1.0 + x) ** (-f - 2.0) * (2.0 + (1.0 - f) * x)
        curved = 0.5 * worth * bend
        share = _share_needed(form, (curved * self.sale[t].T) @ self.sale[t])
        spare = share * curved
        self._quadratic(district, form + (spare * self.sale[t].T) @ self.sale[t], points)
        return spare

    def _quadratic(self, district: int, form: FloatArray, points: FloatArray) -> None:
        """Tangents of -x'Fx in the main directions of F, chords where it bends the other way."""
        values, vectors = np.linalg.eigh(form)
        for k in [*np.flatnonzero(values < 0.0), *np.argsort(-values)[:STOCK_DIRECTIONS]]:
            weights = vectors[:, k, None] * self.model.even_by_amount[district]
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
