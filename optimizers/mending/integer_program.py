"""A small integer program, solved by HiGHS: the relaxation first, then whole numbers among the columns that matter."""

from __future__ import annotations

from dataclasses import dataclass, replace

import highspy
import numpy as np
from scipy.sparse import csr_array

from data.arrays import FloatArray, IntArray

OPTIONS: dict[str, float | bool | str] = {
    "output_flag": False,
    "threads": 1,
    "parallel": "off",
    "mip_rel_gap": 0.01,
    "mip_max_nodes": 200,
    "time_limit": 30.0,
}
"""The linear model that makes the program errs by more than this gap.

Nodes end a program, the same on any load; the time is there in case they do not.
"""
USED = 1e-6


@dataclass(frozen=True, eq=False)
class Program:
    """Minimize cost x over lower <= x <= upper with low <= matrix x <= high.

    Attributes:
        cost: shape (n_columns,).
        lower: same shape.
        upper: same shape.
        matrix: shape (n_rows, n_columns).
        low: shape (n_rows,).
        high: same shape.
        n_whole: the first so many columns are whole numbers.
    """

    cost: FloatArray
    lower: FloatArray
    upper: FloatArray
    matrix: csr_array
    low: FloatArray
    high: FloatArray
    n_whole: int

    def among(self, columns: IntArray) -> Program:
        """The program with these of its whole columns, and all others."""
        kept = np.concatenate([columns, np.arange(self.n_whole, self.cost.size)])
        part = (self.cost[kept], self.lower[kept], self.upper[kept], self.matrix[:, kept].tocsr())
        return replace(self, cost=part[0], lower=part[1], upper=part[2], matrix=part[3], n_whole=columns.size)


def chosen_columns(program: Program, besides: int) -> IntArray:
    """Whole columns at 1 in the best solution found.

    Args:
        program: its whole columns are between 0 and 1.
        besides: columns considered besides those that the relaxation uses: those that it would use next.
    """
    relaxed, reduced_cost = _solved(program, relaxation=True)
    used = np.flatnonzero(relaxed[: program.n_whole] > USED)
    next_ones = np.argsort(np.abs(reduced_cost[: program.n_whole]), kind="stable")[: used.size + besides]
    columns = np.union1d(used, next_ones)
    values, _ = _solved(program.among(columns), relaxation=False)
    return columns[values[: columns.size] > 0.5]


@dataclass(frozen=True, eq=False)
class WholeSolution:
    """A program solved with all its whole columns.

    Attributes:
        values: of the columns in the best solution found, shape (n_columns,); all 0 where none was.
        bound: that no solution costs less than, proven; inf where there is none at all.
        is_feasible: whether a solution was found.
    """

    values: FloatArray
    bound: float
    is_feasible: bool


def solved_wholly(program: Program, *, seconds: float) -> WholeSolution:
    """Solve a program to the end, or for a time; the bound is proven either way.

    Args:
        program: its whole columns are between 0 and 1.
        seconds: by the solver's clock.
    """
    solver = _run(program, {"mip_rel_gap": 0.0, "mip_max_nodes": 10_000_000, "time_limit": seconds})
    info, nothing = solver.getInfo(), np.zeros(program.cost.size)
    if solver.getModelStatus() == highspy.HighsModelStatus.kInfeasible:
        return WholeSolution(nothing, np.inf, is_feasible=False)
    feasible = info.primal_solution_status == highspy.SolutionStatus.kSolutionStatusFeasible.value
    values = np.array(solver.getSolution().col_value) if feasible else nothing
    return WholeSolution(values, float(info.mip_dual_bound), feasible)


def _solved(program: Program, *, relaxation: bool) -> tuple[FloatArray, FloatArray]:
    """Values and reduced costs of the columns; all 0 where no solution is found."""
    solver = _run(program, {"solve_relaxation": relaxation})
    found, nothing = solver.getSolution(), np.zeros(program.cost.size)
    if solver.getInfo().primal_solution_status != highspy.SolutionStatus.kSolutionStatusFeasible.value:
        return nothing, nothing
    duals = np.array(found.col_dual)
    return np.array(found.col_value), duals if duals.size else nothing


def _run(program: Program, options: dict[str, float | bool]) -> highspy.Highs:
    """The solver after it has run."""
    whole = [highspy.HighsVarType.kInteger] * program.n_whole
    given = highspy.HighsLp()
    given.num_col_, given.num_row_ = program.cost.size, program.low.size
    given.col_cost_, given.col_lower_, given.col_upper_ = program.cost, program.lower, program.upper
    given.row_lower_, given.row_upper_ = program.low, program.high
    given.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
    given.a_matrix_.start_, given.a_matrix_.index_ = program.matrix.indptr, program.matrix.indices
    given.a_matrix_.value_ = program.matrix.data
    given.integrality_ = whole + [highspy.HighsVarType.kContinuous] * (program.cost.size - program.n_whole)
    solver = highspy.Highs()  # type: ignore[no-untyped-call]
    for name, value in (OPTIONS | options).items():
        solver.setOptionValue(name, value)
    solver.passModel(given)
    solver.run()
    return solver
