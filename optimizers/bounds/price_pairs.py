r"""What villages of a district earn from each other through prices, bounded by products of sums.

While a village is away its district has less housing and sells dearer; once its new housing stands the price gives
way. On or below a chord $a - k N$ of the price factor, a plan's sales are worth at most $a$ times their present value
plus k times a sum over ordered pairs of villages,

$$ B = \sum_{v, v'} s_v (m_{v'} D_{y y'} - n_{v'} C_{y y'}) $$

with s the sales, m the demolished and n the new housing, and D and C the present value of the sale years of a village
started in y before which one started in y' is demolished, and completed. With e = m - n, K = D - C >= 0 and symmetric
and antisymmetric parts marked s and a,

$$ B = \sum s m' K^s + \sum s e' C^s + \sum s m' D^a - \sum s n' C^a $$

A village sells dearer for one demolished after it, never both ways: the symmetric part counts a pair once, and the
antisymmetric part is small where neighbors sell alike, for with any rates g and h

$$ \sum s m' D^a \leq \sum |s - g m| m' |D^a|, \quad - \sum s n' C^a \leq \sum |s - h n| n' |C^a| $$

Vectors whose products lie at or above the matrices, $u u^T \geq K^s$ and so on, turn every sum over pairs into a
product of two sums over villages. All of it holds for every plan; the plan at hand only says which rates and vectors
are tight.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from data.arrays import FloatArray, IntArray
from envs.kernel.plans import Plans
from envs.kernel.resolved_scenario import ResolvedScenario
from optimizers.bounds.amounts import AMOUNTS, COMPARED, ChoiceTable, plan_amounts
from optimizers.bounds.capital_terms import discount, extremes, price_factor
from optimizers.bounds.column_generation import Products

NEW_HOUSING = ("commodity", "rental", "resettlement")
FIRST_GUESSES = (0.0, 0.25, 0.5, 0.75, 1.0, 1.5, 2.0)
"""Powers of the column means from which a cover starts."""


@dataclass(frozen=True, eq=False)
class SaleKernels:
    """Present value of a village's sale years, by start years of two villages, shape (plan_years, plan_years).

    Attributes:
        demolished: D, before which the second is demolished.
        completed: C, before which the second is completed.
        whole: Omega, of all sale years, shape (plan_years,).
    """

    demolished: FloatArray
    completed: FloatArray
    whole: FloatArray


def sale_kernels(resolved: ResolvedScenario) -> SaleKernels:
    """Kernels of a resolved scenario's calendar, growth of prices included."""
    profiles = {name: resolved.clock.flow_profiles[name][1:] for name in ("sale", "standing", "operation")}
    growth = (1.0 + resolved.book.number("price.growth")) ** np.arange(profiles["sale"].shape[1], dtype=np.float64)
    sale = profiles["sale"] * (discount(resolved) * growth)
    return SaleKernels(
        demolished=sale[:, 1:] @ profiles["standing"][:, :-1].T,
        completed=sale[:, 1:] @ profiles["operation"][:, :-1].T,
        whole=sale.sum(axis=1),
    )


def cover(matrix: FloatArray, weight: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Vectors f and h with f h^T at or above a matrix everywhere, small where the weight is large.

    Each is the least that the other leaves, from a few first guesses; the pair with the least product of weighted sums.

    Args:
        matrix: >= 0, shape (n, n).
        weight: >= 0, shape (n,).

    Returns:
        f and h, shape (n,) each; zero where a row or column of the matrix is.
    """
    pairs = []
    for power in FIRST_GUESSES:
        h = matrix.mean(axis=0) ** power
        for _ in range(4):
            f = _least_factor(matrix, h)
            h = _least_factor(matrix.T, f)
        pairs.append((f, h))
    f, h = min(pairs, key=lambda pair: float(weight @ pair[0]) * float(weight @ pair[1]))
    return f * (1.0 + 1e-12), h


def _least_factor(matrix: FloatArray, other: FloatArray) -> FloatArray:
    """Least f with f other^T at or above the matrix; a column of zeros asks for nothing."""
    return np.asarray((matrix / np.where(other > 0.0, other, 1.0)).max(axis=1))


def even_cover(matrix: FloatArray, weight: FloatArray) -> FloatArray:
    """Vector u with u u^T at or above a symmetric matrix: the geometric mean of a cover's two vectors, scaled."""
    u = np.sqrt(np.prod(cover(matrix, weight), axis=0))
    outer = np.outer(u, u)
    return np.asarray(u * np.sqrt(np.max(matrix / np.where(outer > 0.0, outer, 1.0), initial=0.0)) * (1.0 + 1e-12))


@dataclass(frozen=True, eq=False)
class PricePairs:
    """The bounding products, before their ranges are known.

    Attributes:
        table: choices with the amounts that compare neighbors.
        district: of each product, six per district, shape (n_products,).
        weights: of the two sums, shape (2, n_products, plan_years, n_amounts).
    """

    table: ChoiceTable
    district: IntArray
    weights: FloatArray

    def ranges(self) -> FloatArray:
        """Ranges that villages may add up to, shape (2, 2, n_products)."""
        return np.stack([extremes(self.table, self.district, weights) for weights in self.weights])

    def products(self, slope_per_m2: FloatArray, ranges: FloatArray) -> Products:
        """The products at the slope of each district's chord [1/m2], within ranges."""
        return Products(self.district, slope_per_m2[self.district], self.weights, ranges)


def price_pairs(resolved: ResolvedScenario, table: ChoiceTable, plan: Plans) -> PricePairs:
    """The products that are tight at a plan.

    Args:
        resolved: scenario resolved against a city.
        table: choices.
        plan: a good one, batch of one.

    Returns:
        The products; they bound every plan.
    """
    demolished, new = table.amount("demolished"), table.amount(*NEW_HOUSING)
    sales = table.amount("commodity_sales") - table.amount("sales_cost")
    taken = _Taken(table, np.asarray(plan.start_year)[0], plan_amounts(resolved, plan))
    amounts = table.amounts.copy()
    compared = (
        np.abs(sales - taken.sales_per("demolished")[:, None] * demolished),
        np.abs(sales - taken.sales_per("new")[:, None] * new),
        np.abs(demolished - new),
    )
    for name, amount in zip(COMPARED, compared, strict=True):
        amounts[:, :, AMOUNTS.index(name)] = amount
    pairs = _pairs_of_sums(sale_kernels(resolved), taken.by_year())
    weights = np.stack([np.stack([sum_weights(*pair[side]) for pair in pairs]) for side in (0, 1)])
    district = np.flatnonzero([villages.size > 0 for villages in table.villages_of])
    return PricePairs(
        table=replace(table, amounts=amounts),
        district=np.repeat(district, len(pairs)),
        weights=np.tile(weights, (1, district.size, 1, 1)),
    )


Sum = tuple[FloatArray, str]
"""Weights by start year, and what is summed with them."""


def _pairs_of_sums(kernels: SaleKernels, by_year: FloatArray) -> list[tuple[Sum, Sum]]:
    """The six products of one district; by_year weighs start years, shape (plan_years,)."""
    D, C = kernels.demolished, kernels.completed
    pipeline = even_cover(0.5 * ((D - C) + (D - C).T), by_year)
    stands = 0.5 * (C + C.T)
    logarithm = np.log(np.maximum(stands, 1e-9))
    typical = np.exp(logarithm.mean(axis=1) - 0.5 * logarithm.mean())
    around = even_cover(np.abs(stands - np.outer(typical, typical)), by_year)
    earlier_stands = even_cover(0.5 * np.abs(C - C.T), by_year)
    early, late = cover(np.triu(0.5 * np.abs(D - D.T)), by_year)
    by_demolished, by_new, change = COMPARED
    return [
        ((pipeline, "sales"), (pipeline, "demolished")),
        ((typical, "sales"), (typical, "change")),
        ((around, "sales"), (around, change)),
        ((earlier_stands, by_new), (earlier_stands, "new")),
        ((early, by_demolished), (late, "demolished")),
        ((late, by_demolished), (early, "demolished")),
    ]


COMPOSED = {
    "sales": {"commodity_sales": 1.0, "sales_cost": -1.0},
    "new": dict.fromkeys(NEW_HOUSING, 1.0),
    "change": {"demolished": 1.0} | dict.fromkeys(NEW_HOUSING, -1.0),
}
"""Sums of several amounts."""


def sum_weights(by_year: FloatArray, name: str) -> FloatArray:
    """Weights of a sum by start year, shape (plan_years, n_amounts); its name is an amount or among COMPOSED."""
    weights = np.zeros((by_year.size, len(AMOUNTS)))
    for amount, sign in COMPOSED.get(name, {name: 1.0}).items():
        weights[:, AMOUNTS.index(amount)] = sign * by_year
    return weights


@dataclass(frozen=True, eq=False)
class _Taken:
    """A plan's start years and amounts: it chooses the free numbers of the bound."""

    table: ChoiceTable
    start_year: IntArray
    amounts: FloatArray

    def sum(self, name: str) -> FloatArray:
        """An amount of each village, shape (n_villages,); its name is an amount or among COMPOSED."""
        return self.amounts @ sum_weights(np.ones(1), name)[0]

    def sales_per(self, floor_name: str) -> FloatArray:
        """Median of sales per floor in each village's district, weighted by floor; shape (n_villages,)."""
        rates, sales, floor = np.zeros(self.start_year.size), self.sum("sales"), self.sum(floor_name)
        for villages in self.table.villages_of:
            some = villages[(self.start_year[villages] > 0) & (floor[villages] > 0.0)]
            if some.size:
                each = sales[some] / floor[some]
                order = np.argsort(each)
                half = int(np.searchsorted(np.cumsum(floor[some][order]), 0.5 * floor[some].sum()))
                rates[villages] = each[order][min(half, some.size - 1)]
        return rates

    def by_year(self) -> FloatArray:
        """Share of the plan's villages by start year, and a little of all, shape (plan_years,)."""
        count = np.bincount(self.start_year, minlength=self.table.n_years + 1)[1:]
        return 0.02 + count / max(1, int(count.sum()))


def chord(resolved: ResolvedScenario, net_range: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Line at or above each district's price factor over its range of net new housing, growth left out.

    Args:
        resolved: scenario resolved against a city.
        net_range: least and largest net new housing, shape (2, n_districts) [m2].

    Returns:
        Intercept and slope k >= 0 [1/m2], shape (n_districts,) each.
    """
    highest, lowest = (price_factor(resolved, net_range[side][None, :])[0] for side in (0, 1))
    stock = np.asarray(resolved.constants.base.housing_stock_m2)
    width = net_range[1] - net_range[0]
    convex = (stock > 0.0) & (net_range[0] >= -0.95 * stock) & (width > 0.0)
    slope = np.where(convex, (highest - lowest) / np.where(convex, width, 1.0), 0.0)
    return highest + slope * net_range[0], slope
