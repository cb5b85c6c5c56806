"""The best plan under linear limits and with products of sums: a linear program by column generation.

The program chooses one column (start year and choice) in each village. It is solved with HiGHS, but nothing is proven
by the solver: its dual values only propose multipliers, and the bound is recomputed for them village by village
(Lagrangian duality holds for any multipliers that are not negative). A wrong dual makes a bound loose, never false.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import highspy
import numpy as np

from data.arrays import FloatArray, IntArray
from optimizers.bounds.amounts import ChoiceTable

COLUMNS_PER_VILLAGE = 3
"""Columns that a village may add in one round."""
MONEY = 1e-9
"""Scale of money in the program: billions of CNY."""
ROUNDING = 1e-9
"""Relative slack of limits when whole villages are placed."""
BREACH = 1e4
"""Price of a unit of a limit that is not kept [bn CNY]: bounds the multipliers, which stay valid."""


@dataclass(frozen=True, eq=False)
class Limits:
    """Linear limits: amounts times weights, summed over the villages of a plan, at most a limit.

    Attributes:
        names: of each limit.
        weights: shape (n_limits, n_districts, plan_years, n_amounts), scaled so that numbers are moderate.
        limit: shape (n_limits,).
    """

    names: tuple[str, ...]
    weights: FloatArray
    limit: FloatArray


@dataclass(frozen=True, eq=False)
class Envelopes:
    """Revenues that lie below a few planes over two sums of a district's villages.

    Attributes:
        district: of each envelope, shape (n_envelopes,).
        weights: of the two sums, shape (2, n_envelopes, plan_years, n_amounts).
        envelope: to which each plane belongs, shape (n_planes,); every envelope has one.
        slopes: of each plane by the two sums, shape (2, n_planes) [CNY per unit].
        constants: of each plane, shape (n_planes,) [CNY].
    """

    district: IntArray
    weights: FloatArray
    envelope: IntArray
    slopes: FloatArray
    constants: FloatArray

    def even_mix(self) -> FloatArray:
        """All planes of an envelope alike, shape (n_planes,)."""
        return np.asarray(1.0 / np.bincount(self.envelope, minlength=self.district.size)[self.envelope])

    def mixed(self, prices: FloatArray) -> FloatArray:
        """Prices of the planes as shares of each envelope, shape (n_planes,)."""
        total = np.bincount(self.envelope, prices, minlength=self.district.size)[self.envelope]
        return np.where(total > 0.0, prices / np.where(total > 0.0, total, 1.0), self.even_mix())

    def sums(self, district: IntArray, year: IntArray, amounts: FloatArray) -> tuple[IntArray, IntArray, FloatArray]:
        """The two sums of every envelope, of columns.

        Args:
            district: of each column, shape (n,).
            year: index of its start year, same shape.
            amounts: shape (n, n_amounts).

        Returns:
            Columns and envelopes that meet, shape (n_pairs,), and what the column adds, shape (2, n_pairs).
        """
        columns, envelopes, values = [], [], []
        for place in np.unique(self.district):
            column, envelope = np.flatnonzero(district == place), np.flatnonzero(self.district == place)
            added = np.zeros((2, column.size, envelope.size))
            for y in np.unique(year[column]):
                now = year[column] == y
                added[:, now] = amounts[column[now]] @ self.weights[:, envelope, y].transpose(0, 2, 1)
            columns.append(np.repeat(column, envelope.size))
            envelopes.append(np.tile(envelope, column.size))
            values.append(added.reshape(2, -1))
        if not columns:
            return np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64), np.zeros((2, 0))
        return np.concatenate(columns), np.concatenate(envelopes), np.concatenate(values, axis=1)


@dataclass(frozen=True, eq=False)
class Multipliers:
    """Prices of the limits, and the mix of the planes of each envelope.

    Attributes:
        limits: >= 0, shape (n_limits,), per unit of the (scaled) limit [bn CNY].
        planes: share of each plane, >= 0, adding up to 1 in each envelope, shape (n_planes,).
    """

    limits: FloatArray
    planes: FloatArray


@dataclass(frozen=True, eq=False)
class Solution:
    """The solution of a program.

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


@dataclass(eq=False)
class ChoiceProgram:
    """Maximize objective weights x amounts + envelopes, under limits, over some villages.

    Attributes:
        table: choices.
        villages: which of them take part.
        objective: weights, shape (n_districts, plan_years, n_amounts) [CNY].
        limits: linear limits.
        envelopes: of sums; None = there are none.
        columns: village, year index and choice of every column generated so far, shape (3, n_columns).
    """

    table: ChoiceTable
    villages: IntArray
    objective: FloatArray
    limits: Limits
    envelopes: Envelopes | None = None
    columns: IntArray = field(default_factory=lambda: np.zeros((3, 0), dtype=np.int64))

    # --- the bound ------------------------------------------------------------------------------------------------

    def weights_at(self, multipliers: Multipliers) -> FloatArray:
        """Weights of the Lagrangian [bn CNY]."""
        weights = MONEY * self.objective - np.tensordot(multipliers.limits, self.limits.weights, axes=1)
        if self.envelopes is not None:
            e, mix = self.envelopes, MONEY * multipliers.planes
            slope = np.stack([np.bincount(e.envelope, mix * side, minlength=e.district.size) for side in e.slopes])
            np.add.at(weights, e.district, np.einsum("fe,feyk->eyk", slope, e.weights))
        return weights

    def constant_at(self, multipliers: Multipliers) -> float:
        """Constant of the Lagrangian [bn CNY]."""
        total = float(multipliers.limits @ self.limits.limit)
        if self.envelopes is not None:
            total += MONEY * float(multipliers.planes @ self.envelopes.constants)
        return total

    def best_by_village(self, score: FloatArray) -> FloatArray:
        """Largest score of each village, 0 where it may be kept and nothing is better; shape (n_villages,)."""
        best = score.max(axis=(1, 2)) if score.size else np.full(len(score), -np.inf)
        return np.where(self.table.keep_mask[self.villages], np.maximum(best, 0.0), best)

    def bound_at(self, multipliers: Multipliers) -> float:
        """Certified bound for any multipliers [bn CNY]."""
        score = self.table.scores(self.weights_at(multipliers), self.villages)
        return self.constant_at(multipliers) + float(self.best_by_village(score).sum())

    # --- the linear program ---------------------------------------------------------------------------------------

    def solve(self, *, gap: float = 1e-5, rounds: int = 60) -> Solution:
        """Generate columns until program and bound agree.

        Args:
            gap: relative difference at which to stop.
            rounds: most rounds.

        Returns:
            The best bound found and the last program's solution.
        """
        master = RestrictedMaster(self)
        multipliers = Multipliers(np.zeros(self.limits.limit.size), self._even_mix())
        bound, best, value = np.inf, multipliers, -np.inf
        for _ in range(rounds):
            score = self.table.scores(self.weights_at(multipliers), self.villages)
            lagrangian = self.constant_at(multipliers) + float(self.best_by_village(score).sum())
            if lagrangian < bound:
                bound, best = lagrangian, multipliers
            if bound - value <= gap * max(1.0, abs(bound)):
                break
            added = self._promising(score, master.village_price)
            if not added.shape[1]:
                break
            master.add(added)
            self.columns = np.concatenate([self.columns, added], axis=1)
            value, multipliers = master.run()
        used = np.flatnonzero(master.share > 1e-9)
        village, year, choice = self.columns[:, used]
        return Solution(
            bound=bound,
            value=value,
            multipliers=best,
            village=village,
            start_year=year + 1,
            choice=choice,
            share=master.share[used],
        )

    def whole_plan(self, solution: Solution) -> tuple[IntArray, IntArray]:
        """A plan of whole villages near a solution of this program.

        Villages that the solution does not split stay as they are. Each other takes the one of its columns whose
        district and year is furthest behind the solution and that fits the limits, and is kept where none does.

        Returns:
            Start year (0 = keep) and choice, shape (n_villages of the table,).
        """
        n_villages = self.table.district_idx.size
        start, option = np.zeros((2, n_villages), dtype=np.int64)
        behind = np.zeros((self.table.n_districts, self.table.n_years))
        room = self.limits.limit * (1.0 + np.sign(self.limits.limit) * ROUNDING) + ROUNDING
        order = np.lexsort((-solution.share, solution.village))
        groups = np.split(order, np.flatnonzero(np.diff(solution.village[order])) + 1) if order.size else []
        for columns in sorted(groups, key=lambda group: -float(solution.share[group[0]])):
            village, district = int(solution.village[columns[0]]), self.table.district_idx[solution.village[columns[0]]]
            year = solution.start_year[columns] - 1
            np.add.at(behind[district], year, solution.share[columns])
            kept = 1.0 - float(solution.share[columns].sum())
            used = [self._used(village, solution.start_year[k] - 1, solution.choice[k]) for k in columns]
            fits = np.array([bool(((use <= room) | (use <= 0.0)).all()) for use in used])
            if kept > solution.share[columns].max() and self.table.keep_mask[village]:
                continue
            if not fits.any():
                if self.table.keep_mask[village]:
                    continue
                fits[:] = True
            best = int(np.argmax(np.where(fits, behind[district, year], -np.inf)))
            room = room - used[best]
            behind[district, year[best]] -= 1.0
            start[village], option[village] = year[best] + 1, solution.choice[columns[best]]
        return start, option

    def _used(self, village: int, year: int, choice: int) -> FloatArray:
        """What a column takes from the limits, shape (n_limits,)."""
        district = self.table.district_idx[village]
        return np.asarray(self.limits.weights[:, district, year] @ self.table.amounts[village, choice])

    def _even_mix(self) -> FloatArray:
        return np.zeros(0) if self.envelopes is None else self.envelopes.even_mix()

    def _promising(self, score: FloatArray, village_price: FloatArray) -> IntArray:
        """Best choice of the best years of each village, where it is worth more than the village's price."""
        by_year = score.max(axis=2)
        choice = score.argmax(axis=2)
        order = np.argsort(-by_year, axis=1)[:, :COLUMNS_PER_VILLAGE]
        gain = np.take_along_axis(by_year, order, axis=1) - village_price[:, None]
        row, rank = np.nonzero(gain > 1e-9)
        year = order[row, rank]
        return np.stack([self.villages[row], year, choice[row, year]])

    def coefficients(self, columns: IntArray) -> tuple[FloatArray, FloatArray, tuple[IntArray, IntArray, FloatArray]]:
        """Objective, limits and planes of columns.

        Returns:
            Shapes (n,) and (n, n_limits); and columns, planes and values of what they take from the planes.
        """
        village, year, choice = columns
        amount, district = self.table.amounts[village, choice], self.table.district_idx[village]
        worth = MONEY * np.einsum("nk,nk->n", self.objective[district, year], amount)
        limited = np.einsum("rnk,nk->nr", self.limits.weights[:, district, year], amount)
        e = self.envelopes
        if e is None:
            return worth, limited, (np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64), np.zeros(0))
        column, envelope, added = e.sums(district, year, amount)
        order = np.argsort(e.envelope, kind="stable")
        n_planes = np.bincount(e.envelope, minlength=e.district.size)
        first = np.concatenate([[0], np.cumsum(n_planes)[:-1]])
        pair = np.repeat(np.arange(column.size), n_planes[envelope])
        rank = np.arange(pair.size) - np.repeat(np.cumsum(n_planes[envelope]) - n_planes[envelope], n_planes[envelope])
        plane = order[first[envelope[pair]] + rank]
        value = -MONEY * (e.slopes[:, plane] * added[:, pair]).sum(axis=0)
        return worth, limited, (column[pair], plane, value)


class RestrictedMaster:
    """The restricted linear program in HiGHS: rows are villages, limits and planes, columns come in batches."""

    def __init__(self, program: ChoiceProgram) -> None:
        """Rows, and the columns that the program has."""
        self.program = program
        self.position = np.full(program.table.district_idx.size, -1)
        self.position[program.villages] = np.arange(program.villages.size)
        self.n_villages = program.villages.size
        self.n_envelopes = 0 if program.envelopes is None else program.envelopes.district.size
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
        if p.envelopes is not None:
            upper.append(MONEY * p.envelopes.constants)
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
        self.n_slack = soft.size + self.n_envelopes
        self._add(np.full(soft.size, -BREACH), np.arange(soft.size), soft, give)
        if p.envelopes is not None:
            plane = np.argsort(p.envelopes.envelope, kind="stable")
            row = self.n_villages + p.limits.limit.size + plane
            column = p.envelopes.envelope[plane]
            self._add(np.ones(self.n_envelopes), column, row, np.ones(row.size), lower=-highspy.kHighsInf)

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
        worth, limited, (plane_column, plane, taken) = self.program.coefficients(columns)
        limited = np.where(np.abs(limited) > 1e-12, limited, 0.0)
        column, row = np.nonzero(limited)
        some = np.abs(taken) > 1e-12
        position = np.arange(worth.size)
        column_all = np.concatenate([position, column, plane_column[some]])
        order = np.argsort(column_all, kind="stable")
        first_plane = self.n_villages + limited.shape[1]
        row_all = np.concatenate([self.position[columns[0]], self.n_villages + row, first_plane + plane[some]])[order]
        value = np.concatenate([np.ones(worth.size), limited[column, row], taken[some]])[order]
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
        envelopes, planes = self.program.envelopes, np.zeros(0)
        if envelopes is not None:
            planes = envelopes.mixed(np.clip(dual[n + m :], 0.0, None))
        self.share = np.asarray(solution.col_value)[self.n_slack :]
        value = -float(self.highs.getInfo().objective_function_value)
        return value, Multipliers(np.maximum(dual[n : n + m], 0.0), planes)
