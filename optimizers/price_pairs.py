r"""What villages of a district earn from each other through prices, bounded by products of sums.

While a village is away its district has less housing and sells dearer; once its new housing stands the price gives
way. On or below a chord $\psi(N) = a - k N$ of the price factor, a plan's sales are worth at most $a$ times their
present value plus k times a sum over ordered pairs of villages,

$$ \sum_{v, v'} s_v (m_{v'} H^2_{y y'} - n_{v'} H^1_{y y'}) $$

with s the sales, m the demolished and n the new housing, and $H^2$, $H^1$ the present value of the sale years of a
village started in y before which one started in y' is demolished, and completed. Let $n = r m - e$ and
$K = H^2 - r H^1 \geq 0$. For any two choices and any rate g

$$ s m' K_{yy'} + s' m K_{y'y} \leq (s m' + s' m) \frac{K_{yy'} + K_{y'y}}{2}
 + (|s - g m| m' + |s' - g m'| m) \frac{|K_{yy'} - K_{y'y}|}{2}, \quad s e' H^1_{yy'} \leq s e'^+ \Omega_y $$

and with $u u^T$, $w w^T$ at or above the two symmetric matrices the sum over all pairs is at most
$\sum u s \cdot \sum u m + \sum w |s - g m| \cdot \sum w m + \sum \Omega s \cdot \sum e^+$. A village started early
gains from one demolished after it, never both ways: symmetry halves what a bound year by year would count twice.
The inequalities hold for any r in 0..1 and g >= 0; the plan at hand only says which make them tight.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linprog

from envs.kernel.resolved import ResolvedScenario
from optimizers.capital_terms import discount, extremes, price_factor
from optimizers.choice_amounts import AMOUNTS, HOUSING_LOST, UNEVEN_SALES, ChoiceTable
from optimizers.choice_program import Products

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
NEW_HOUSING = ("commodity", "rental", "resettlement")
RATIOS = np.linspace(0.5, 1.0, 11)
"""New per demolished housing r that are tried."""


@dataclass(frozen=True, eq=False)
class SaleKernels:
    """Present value of a village's sale years, by start years of two villages, shape (plan_years, plan_years).

    Attributes:
        demolished: H2, before which the second is demolished.
        completed: H1, before which the second is completed.
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


def rank_one_cover(matrix: FloatArray, weight: FloatArray) -> FloatArray:
    """Vector u with u u^T at or above a symmetric matrix everywhere, small where the weight is large.

    Args:
        matrix: symmetric, >= 0, shape (n, n).
        weight: of the entries of ln u, > 0, shape (n,).

    Returns:
        u, shape (n,), >= 0.
    """
    top = float(matrix.max(initial=0.0))
    if top == 0.0:
        return np.zeros(len(matrix))
    floored = np.maximum(matrix, 0.05 * top * np.eye(len(matrix)))
    row, column = np.nonzero(np.triu(floored))
    rows = np.zeros((row.size, len(matrix)))
    np.add.at(rows, (np.arange(row.size), row), -1.0)
    np.add.at(rows, (np.arange(row.size), column), -1.0)
    found = linprog(weight, A_ub=rows, b_ub=-np.log(floored[row, column]), bounds=(None, None))
    u = np.exp(found.x)
    return np.asarray(u * np.sqrt(np.max(matrix / np.outer(u, u))))


@dataclass(frozen=True, eq=False)
class PricePairs:
    """The bounding products, before their ranges are known.

    Attributes:
        table: choices with the amounts that compare neighbors.
        district: of each product, three per district, shape (n_products,).
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


def price_pairs(resolved: ResolvedScenario, table: ChoiceTable, start_year: IntArray, choice: IntArray) -> PricePairs:
    """The products that are tight at a plan.

    Args:
        resolved: scenario resolved against a city.
        table: choices.
        start_year: of the plan's villages, 0 = keep, shape (n_villages,).
        choice: position of each village's choice, same shape.

    Returns:
        The products; they bound every plan.
    """
    kernels = sale_kernels(resolved)
    sales = table.amount("commodity_sales") - table.amount("sales_cost")
    demolished, new = table.amount("demolished"), table.amount(*NEW_HOUSING)
    at_plan = _AtPlan(table, start_year, choice, sales, demolished, new)
    rate = at_plan.rate()
    ratio = min(RATIOS, key=lambda r: at_plan.bound(kernels, r, rate))
    amounts = table.amounts.copy()
    amounts[:, :, AMOUNTS.index(UNEVEN_SALES)] = np.abs(sales - rate[table.district_idx][:, None] * demolished)
    amounts[:, :, AMOUNTS.index(HOUSING_LOST)] = np.clip(ratio * demolished - new, 0.0, None)
    even, odd = at_plan.covers(kernels, ratio)
    table = replace(table, amounts=amounts)
    one = np.ones(table.n_years)
    left = [(even, "sales"), (odd, UNEVEN_SALES), (kernels.whole, "sales")]
    right = [(even, "demolished"), (odd, "demolished"), (one, HOUSING_LOST)]
    three = np.stack([np.stack([sum_weights(*pair) for pair in pairs]) for pairs in (left, right)])
    district = np.flatnonzero([villages.size > 0 for villages in table.villages_of])
    return PricePairs(table, np.repeat(district, 3), np.tile(three, (1, district.size, 1, 1)))


def sum_weights(by_year: FloatArray, name: str) -> FloatArray:
    """Weights of one amount by start year, shape (plan_years, n_amounts)."""
    weights = np.zeros((by_year.size, len(AMOUNTS)))
    if name == "sales":
        weights[:, AMOUNTS.index("commodity_sales")] = by_year
        weights[:, AMOUNTS.index("sales_cost")] = -by_year
    else:
        weights[:, AMOUNTS.index(name)] = by_year
    return weights


@dataclass(frozen=True, eq=False)
class _AtPlan:
    """A plan's sales, demolished and new housing, to choose the free numbers of the bound."""

    table: ChoiceTable
    start_year: IntArray
    choice: IntArray
    sales: FloatArray
    demolished: FloatArray
    new: FloatArray

    def _picked(self, district: int) -> tuple[IntArray, FloatArray, FloatArray, FloatArray]:
        village = self.table.villages_of[district]
        village = village[self.start_year[village] > 0]
        return self.start_year[village] - 1, *(
            amount[village, self.choice[village]] for amount in (self.sales, self.demolished, self.new)
        )

    def rate(self) -> FloatArray:
        """g of each district: sales per demolished floor of half of what is demolished, shape (n_districts,)."""
        rates = np.zeros(self.table.n_districts)
        for district in range(rates.size):
            _, sales, demolished, _ = self._picked(district)
            some = demolished > 0.0
            if some.any():
                each = sales[some] / demolished[some]
                order = np.argsort(each)
                half = np.searchsorted(np.cumsum(demolished[some][order]), 0.5 * demolished[some].sum())
                rates[district] = each[order][min(int(half), each.size - 1)]
        return rates

    def covers(self, kernels: SaleKernels, ratio: float) -> tuple[FloatArray, FloatArray]:
        """u and w."""
        kernel = kernels.demolished - ratio * kernels.completed
        weight = 0.1 + np.bincount(self.start_year, minlength=self.table.n_years + 1)[1:] / max(1, self.start_year.size)
        return rank_one_cover(0.5 * (kernel + kernel.T), weight), rank_one_cover(0.5 * np.abs(kernel - kernel.T), weight)

    def bound(self, kernels: SaleKernels, ratio: float, rate: FloatArray) -> float:
        """The bound at this plan, in sales times floor."""
        u, w = self.covers(kernels, ratio)
        total = 0.0
        for district in range(rate.size):
            year, sales, demolished, new = self._picked(district)
            uneven = np.abs(sales - rate[district] * demolished)
            lost = np.clip(ratio * demolished - new, 0.0, None)
            total += float(u[year] @ sales) * float(u[year] @ demolished)
            total += float(w[year] @ uneven) * float(w[year] @ demolished)
            total += float(kernels.whole[year] @ sales) * float(lost.sum())
        return total


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
