"""The restricted linear program of a choice program in HiGHS."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import highspy
import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from optimizers.choice_program import ChoiceProgram

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
BoolArray = NDArray[np.bool_]
MONEY = 1e-9
"""Scale of money in the program: billions of CNY."""
WHOLE = 1.0 - 1e-6
"""Share from which a column is taken whole."""
MOST_NODES = 2_000
"""Of the mixed-integer program that places split villages."""
BREACH = 1e4
"""Price of a unit of a limit that is not kept [bn CNY]: bounds the multipliers, which stay valid."""


@dataclass(frozen=True, eq=False)
class Multipliers:
    """Prices of the limits, and the mix of the two McCormick sides of each product.

    Attributes:
        limits: >= 0, shape (n_limits,), per unit of the (scaled) limit [bn CNY].
        sides: share of the first side, within 0..1, shape (n_products,).
    """

    limits: FloatArray
    sides: FloatArray


@dataclass(frozen=True, eq=False)
class Solution:
    """What a program found.

    Attributes:
        bound: no choice of columns is worth more [bn CNY].
        value: of the linear program over the columns generated [bn CNY].
        multipliers: with which the bound holds.
        share: columns used: village, start year (1..), choice and share of each, shapes (n_used,).
    """

    bound: float
    value: float
    multipliers: Multipliers
    village: IntArray
    start_year: IntArray
    choice: IntArray
    share: FloatArray


class Master:
    """The restricted linear program in HiGHS: rows are villages, limits and sides, columns come one batch at a time."""

    def __init__(self, program: ChoiceProgram) -> None:
        """Rows, and the columns that the program has."""
        self.program = program
        self.position = np.full(program.table.district_idx.size, -1)
        self.position[program.villages] = np.arange(program.villages.size)
        self.n_villages = program.villages.size
        self.n_products = 0 if program.products is None else program.products.worth.size
        self.village_price = np.zeros(self.n_villages)
        self.share = np.zeros(0)
        self.highs: Any = highspy.Highs()  # type: ignore[no-untyped-call]
        self.highs.setOptionValue("output_flag", False)  # noqa: FBT003 - HiGHS has no keyword
        self.highs.setOptionValue("threads", 1)
        self._rows()
        if program.columns.shape[1]:
            self._columns(program.columns)

    def _rows(self) -> None:
        p = self.program
        keep = p.table.keep_mask[p.villages]
        upper = [np.ones(self.n_villages), p.limits.limit]
        if p.products is not None:
            upper += [MONEY * p.products.worth * p.products.constants(side) for side in (0, 1)]
        upper_row = np.concatenate(upper)
        lower_row = np.full(upper_row.size, -highspy.kHighsInf)
        lower_row[: self.n_villages] = np.where(keep, lower_row[: self.n_villages], 1.0)
        none = np.zeros(0, dtype=np.int32)
        starts = np.zeros(upper_row.size, dtype=np.int32)
        self.highs.addRows(upper_row.size, lower_row, upper_row, 0, starts, none, np.zeros(0))
        # what cannot hold yet holds at a price: villages that must be renewed, and limits, until columns fit
        must, limited = np.flatnonzero(~keep), self.n_villages + np.arange(p.limits.limit.size)
        soft = np.concatenate([must, limited])
        give = np.concatenate([np.ones(must.size), -np.ones(limited.size)])
        self.n_slack = soft.size + self.n_products
        self._add(np.full(soft.size, -BREACH), np.arange(soft.size), soft, give)
        if self.n_products:
            first = self.n_villages + p.limits.limit.size + np.arange(self.n_products)
            column = np.repeat(np.arange(self.n_products), 2)
            row = np.stack([first, first + self.n_products], axis=1).reshape(-1)
            self._add(np.ones(self.n_products), column, row, np.ones(row.size), lower=-highspy.kHighsInf)

    def _add(
        self,
        worth: FloatArray,
        column: IntArray,
        row: IntArray,
        value: FloatArray,
        *,
        lower: float = 0.0,
        upper: float = highspy.kHighsInf,
    ) -> None:
        """Columns from triplets sorted by column."""
        n = worth.size
        if not n:
            return
        starts = np.searchsorted(column, np.arange(n)).astype(np.int32)
        self.highs.addCols(
            n, -worth, np.full(n, lower), np.full(n, upper), row.size, starts, row.astype(np.int32), value
        )

    def add(self, columns: IntArray) -> None:
        """More columns: village, year index and choice, shape (3, n)."""
        self._columns(columns)

    def _columns(self, columns: IntArray) -> None:
        worth, limited, sides = self.program.coefficients(columns)
        table = np.concatenate([limited, sides], axis=1)
        table = np.where(np.abs(table) > 1e-12, table, 0.0)
        column, row = np.nonzero(table)
        own = np.arange(worth.size)
        column_all = np.concatenate([own, column])
        order = np.argsort(column_all, kind="stable")
        row_all = np.concatenate([self.position[columns[0]], self.n_villages + row])[order]
        value = np.concatenate([np.ones(worth.size), table[column, row]])[order]
        self._add(worth, column_all[order], row_all, value)

    def run(self) -> tuple[float, Multipliers]:
        """Solve; objective and multipliers."""
        self.highs.run()
        solution = self.highs.getSolution()
        dual = -np.asarray(solution.row_dual)
        n, m = self.n_villages, self.program.limits.limit.size
        self.village_price = np.where(
            self.program.table.keep_mask[self.program.villages], np.maximum(dual[:n], 0.0), dual[:n]
        )
        sides = np.full(0, 0.5)
        if self.n_products:
            first, second = np.clip(dual[n + m :], 0.0, None).reshape(2, self.n_products)
            total = first + second
            sides = np.where(total > 0.0, first / np.where(total > 0.0, total, 1.0), 0.5)
        self.share = np.asarray(solution.col_value)[self.n_slack :]
        value = -float(self.highs.getInfo().objective_function_value)
        return value, Multipliers(np.maximum(dual[n : n + m], 0.0), sides)

    def whole_columns(self, columns: IntArray, solution: Solution, split: BoolArray) -> BoolArray:
        """Which of the split villages' columns to take whole, with all others as in a solution; none where none fit."""
        whole = solution.share >= WHOLE
        taken = np.stack([solution.village, solution.start_year - 1, solution.choice])[:, whole]
        same = (columns[:, :, None] == taken[:, None, :]).all(axis=0).any(axis=1)
        value = same.astype(np.float64)
        position = np.arange(self.n_slack, self.n_slack + split.size, dtype=np.int32)
        self.highs.changeColsBounds(split.size, position, np.where(split, 0.0, value), np.where(split, 1.0, value))
        own = position[split]
        self.highs.changeColsIntegrality(own.size, own, np.full(own.size, highspy.HighsVarType.kInteger))
        self.highs.setOptionValue("mip_rel_gap", 1e-4)
        self.highs.setOptionValue("mip_max_nodes", MOST_NODES)
        self.highs.run()
        found = np.asarray(self.highs.getSolution().col_value)
        return found[own] > 0.5 if found.size > int(own.max()) else np.zeros(own.size, dtype=bool)
