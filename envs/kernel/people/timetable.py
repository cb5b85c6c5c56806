"""What villages do over the years: amounts that set in when their calendars say so.

A part is an amount of each village and plan, and the table of the calendar by which it counts over the years. Kept
villages bring nothing. NumPy therefore computes with the renewed ones alone, and spreads them over zones by the row of
their calendar, before the years; other libraries compute with all of them, so that nothing leaves their device.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, reduce
from operator import add
from typing import Any

import numpy as np
from scipy import sparse

from envs.kernel.computing.backend import Array, SparseMatrix, array_namespace, product

Part = tuple[Array, str]
"""An amount, shape (n_plans, n_villages), and the name of the table by which it counts."""


@dataclass(frozen=True, eq=False)
class Timetable:
    """Which calendar the villages of a batch of plans follow, and what it says of each year.

    Attributes:
        row: of each village in the tables, shape (n_plans, n_villages), integer.
        tables: name -> shape (n_rows, n_years), in the dtype of the states; a row of zeros = nothing happens.
    """

    row: Array
    tables: Mapping[str, Array]

    @property
    def n_years(self) -> int:
        """Years of the tables."""
        return int(next(iter(self.tables.values())).shape[1])

    def since(self, first: int) -> Timetable:
        """The same without the years before a position; itself where there are none."""
        return self if first == 0 else Timetable(self.row, {name: t[:, first:] for name, t in self.tables.items()})

    def by_village(self, parts: Sequence[Part]) -> Array:
        """Sum of the parts in each village, shape (n_villages, n_plans, n_years).

        Example:
            100 come in year 1; 30 of them leave from year 2 on. The second village is kept.

            >>> come, go = np.array([[0.0, 0.0, 0.0], [0.0, 1.0, 1.0]]), np.array([[0.0, 0.0, 0.0], [0.0, 0.0, 1.0]])
            >>> timetable = Timetable(np.array([[1, 0]]), {"come": come, "go": go})
            >>> timetable.by_village([(np.array([[100.0, 0.0]]), "come"), (np.array([[-30.0, 0.0]]), "go")])[:, 0]
            array([[  0., 100.,  70.],
                   [  0.,   0.,   0.]])
        """
        if not self._on_numpy:
            return reduce(add, (place_first(amount, self._dtype) * self._looked_up(name) for amount, name in parts))
        n_plans, n_villages = self.row.shape
        village, plan, _ = self._renewed
        ends = np.zeros(n_villages * n_plans + 1, dtype=np.int32)
        ends[village * n_plans + plan + 1] = len(parts)
        amounts, column, table = self._entries(parts)
        shape = (n_villages * n_plans, table.shape[0])
        courses = sparse.csr_array((amounts.ravel(), column.ravel(), np.cumsum(ends, dtype=np.int32)), shape=shape)
        return product(courses, table).reshape(n_villages, n_plans, table.shape[1])

    def over_places(self, share: Array, parts: Sequence[Part]) -> Array:
        """Sum of the parts, spread over other places by a dense share.

        Args:
            share: shape (n_places, n_villages), in the dtype of the states.
            parts: amounts of the villages.

        Returns:
            shape (n_places, n_plans, n_years).
        """
        if not self._on_numpy:
            return over_places(share, self.by_village(parts))
        n_plans, n_villages = self.row.shape
        village, plan, _ = self._renewed
        amounts, column, table = self._entries(parts)
        ends = np.cumsum(np.bincount(village + 1, minlength=n_villages + 1) * len(parts)).astype(np.int32)
        place = (column * n_plans + plan[:, None]).ravel()  # a row for each part, row of the tables and plan
        by_row = sparse.csc_array((amounts.ravel(), place, ends), shape=(table.shape[0] * n_plans, n_villages))
        by_row = product(by_row, share.T).reshape(table.shape[0], n_plans * share.shape[0])
        by_plan = product(by_row.T, table)
        return np.ascontiguousarray(by_plan.reshape(n_plans, share.shape[0], table.shape[1]).transpose(1, 0, 2))

    def over_zones(self, zone_of_village: SparseMatrix, parts: Sequence[Part]) -> Array:
        """Sum of the parts in each zone, shape (n_zones, n_plans, n_years).

        Args:
            zone_of_village: 1 where a village lies, shape (n_zones, n_villages); one entry in each column.
            parts: amounts of the villages.
        """
        if not self._on_numpy:
            state = self.by_village(parts)
            total = zone_of_village.product(state.reshape(state.shape[0], -1))
            return total.reshape(total.shape[0], *state.shape[1:])
        n_plans, (n_zones, _) = self.row.shape[0], zone_of_village.matrix.shape
        village, plan, _ = self._renewed
        amounts, column, table = self._entries(parts)
        place = np.repeat(zone_of_village.row_of_column[village] * n_plans + plan, len(parts))
        courses = sparse.coo_array(
            (amounts.ravel(), (place, column.ravel())), shape=(n_zones * n_plans, table.shape[0])
        )
        return product(courses.tocsr(), table).reshape(n_zones, n_plans, table.shape[1])

    @property
    def _dtype(self) -> Any:  # noqa: ANN401 - a dtype of any library
        return next(iter(self.tables.values())).dtype

    @property
    def _on_numpy(self) -> bool:
        return isinstance(self.row, np.ndarray)

    def _looked_up(self, name: str) -> Array:
        return by_year(self.tables[name], self.row)

    @cached_property
    def _renewed(self) -> tuple[Array, Array, Array]:
        """Village, plan and row of all that bring something, village by village, shape (n_renewed,) each."""
        happens = np.any([table.any(axis=1) for table in self.tables.values()], axis=0)
        village, plan = (index.astype(np.int32) for index in np.nonzero(happens[self.row].T))
        return village, plan, self.row[plan, village].astype(np.int32)

    def _entries(self, parts: Sequence[Part]) -> tuple[Array, Array, Array]:
        """Amounts of the renewed villages and their rows in the stacked tables, (n_renewed, n_parts), and these."""
        village, plan, row = self._renewed
        table = np.concatenate([self.tables[name] for _, name in parts])
        amounts = np.stack([amount[plan, village] for amount, _ in parts], axis=1).astype(table.dtype)
        n_rows = table.shape[0] // len(parts)
        return amounts, row[:, None] + n_rows * np.arange(len(parts), dtype=np.int32), table


def by_year(table: Array, row: Array) -> Array:
    """Look up a table (n_rows, n_years) for each village and plan; shape (n_villages, n_plans, n_years)."""
    xp = array_namespace(row)
    n_plans, n_villages = row.shape
    rows = xp.reshape(xp.permute_dims(row, (1, 0)), (-1,))
    return xp.reshape(xp.take(table, rows, axis=0), (n_villages, n_plans, table.shape[1]))


def place_first(values: Array, dtype: object) -> Array:
    """Turn (n_plans, n_villages) into (n_villages, n_plans, 1), ready to meet a yearly table."""
    xp = array_namespace(values)
    return xp.astype(xp.permute_dims(values, (1, 0)), dtype)[:, :, None]


def over_places(share: Array, state: Array) -> Array:
    """Product over places: (n_to, n_from) with (n_from, n_plans, n_years) gives (n_to, n_plans, n_years)."""
    xp = array_namespace(state)
    columns = xp.reshape(state, (state.shape[0], -1))
    return xp.reshape(product(share, columns), (share.shape[0], *state.shape[1:]))
