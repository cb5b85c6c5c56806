"""What each option of each village brings: to yearly sums of money and markets, and to the limits on the whole plan."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np

from data.arrays import FloatArray, IntArray
from envs.choices.additive_limits import AdditiveLimit, VillageLimit
from envs.choices.options import CELLS_PER_CHUNK, OptionSpace
from envs.kernel.adjoint import calendar_of_choices, choice_clocks
from envs.kernel.computing.backend import Array
from envs.kernel.computing.parallel_chunks import chunks, in_parallel
from envs.kernel.markets import yearly_index
from envs.kernel.project_account import COST, COSTS, HOUSING_RENT, ITEMS, SALE_PRICE, FlowItem
from envs.kernel.resolved_scenario import ResolvedScenario
from envs.kernel.timing import Clock
from envs.kernel.trace import SEARCH, Trace

CITY_SERIES = ("net", "cost")
"""Yearly sums of the city that no market moves: cash flow, cost negative; cost alone, positive."""
DISTRICT_SERIES = ("sales", "sales_cost", "housing_rents", "supply", "sold", "places")
"""Yearly sums of a district that its markets move, or that move them: at base-year prices; net m2, m2, persons."""
SERIES = CITY_SERIES + DISTRICT_SERIES


@dataclass(frozen=True)
class Column:
    """Amounts that enter the same yearly sums over the same years: one column of the tables.

    Attributes:
        signs: series -> +1 or -1, how the amounts enter it.
        profile: years they fall in (timing.Clock.flow_profiles).
        grows: whether they move with the cost of building.
        amount: trace -> shape (n_plans, n_villages), positive.
    """

    signs: tuple[tuple[str, float], ...]
    profile: str
    grows: bool
    amount: Callable[[Trace], Array]

    @property
    def is_cost(self) -> bool:
        """Whether it is money to be paid."""
        return ("cost", 1.0) in self.signs or ("sales_cost", 1.0) in self.signs


def _signs(item: FlowItem) -> tuple[tuple[str, float], ...]:
    if item.index == SALE_PRICE:
        return (("sales_cost" if item.kind == COST else "sales", 1.0),)
    if item.index == HOUSING_RENT:
        return (("housing_rents", 1.0),)
    return (("net", -1.0), ("cost", 1.0)) if item.kind == COST else (("net", 1.0),)


def _columns() -> tuple[Column, ...]:
    alike: dict[tuple[tuple[tuple[str, float], ...], str, bool], list[str]] = {}
    for item in ITEMS:
        alike.setdefault((_signs(item), item.profile, item.index == COSTS), []).append(item.name)
    money = (Column(*like, amount=partial(_total, names=tuple(names))) for like, names in alike.items())
    return (
        *money,
        Column((("supply", 1.0),), "operation", grows=False, amount=lambda t: t.form.commodity + t.form.resettlement),
        Column((("supply", -1.0),), "standing", grows=False, amount=_rooms_torn_down),
        Column((("sold", 1.0),), "sale", grows=False, amount=lambda t: t.form.commodity),
        Column((("places", 1.0),), "operation", grows=False, amount=lambda t: t.moves.rental_places),
        Column((("places", -1.0),), "standing", grows=False, amount=lambda t: t.moves.tenants_left),
    )


def _total(trace: Trace, names: tuple[str, ...]) -> Array:
    total = trace.amounts_cny[names[0]]
    for name in names[1:]:
        total = total + trace.amounts_cny[name]
    return total


def _rooms_torn_down(trace: Trace) -> Array:
    return trace.constants.markets.rooms_as_housing * trace.form.demolished


COLUMNS: tuple[Column, ...] = _columns()


@dataclass(frozen=True, eq=False)
class OptionTables:
    """Amounts by village and option; rows that `option_mask` forbids mean nothing.

    Attributes:
        amounts: of every column, positive, shape (n_villages, n_options, n_columns) [CNY, m2 or persons].
        years: what a start year makes of each column: the share of its amounts that enters each series in each year,
            shape (n_rows, n_columns, n_series x n_flow_years); plan_years + 1 rows for each calendar that choices may
            follow, one after another.
        n_starts: rows of each calendar.
        calendar: position of the calendar that an option follows, shape (n_villages, n_options); None = all follow the
            scenario's.
        limit_of: the additive limit that a column of the two that follow counts against in each village, shape
            (n_villages, n_limit_columns); a rule with a limit for every district has one column.
        needs: what counts against it, shape (n_villages, n_options, n_limit_columns), in its unit.
        wholes: what it is a share of, same shape; 0 where it is no share.
        values: what each village limit looks at, shape (n_villages, n_options, n_village_limits).
    """

    amounts: Array
    years: Array
    n_starts: int
    calendar: Array | None
    limit_of: Array
    needs: Array
    wholes: Array
    values: Array


def option_tables(
    resolved: ResolvedScenario,
    space: OptionSpace,
    limits: tuple[AdditiveLimit, ...] = (),
    village_limits: tuple[VillageLimit, ...] = (),
    *,
    threads: int = 1,
) -> OptionTables:
    """Trace every option of every village, a few options at a time.

    Args:
        resolved: scenario resolved against a city.
        space: its options.
        limits: that add up over villages.
        village_limits: that single villages decide.
        threads: worker threads.

    Returns:
        The tables, float64 NumPy.
    """
    n_villages = space.option_mask.shape[0]
    shape, clocks = (n_villages, space.n_options), choice_clocks(resolved)
    of_columns, limit_of = limit_columns(limits, resolved.constants.base.district_idx)
    tables = OptionTables(
        amounts=np.empty((*shape, len(COLUMNS))),
        years=np.concatenate([column_years(resolved, clock) for clock in clocks]),
        n_starts=resolved.clock.plan_years + 1,
        calendar=None if len(clocks) == 1 else np.zeros(shape, dtype=np.int64),
        limit_of=limit_of,
        needs=np.empty((*shape, len(of_columns))),
        wholes=np.zeros((*shape, len(of_columns))),
        values=np.empty((*shape, len(village_limits))),
    )
    some_options = chunks(space.n_options, CELLS_PER_CHUNK // max(n_villages, 1))
    fill = partial(_fill, tables, resolved, space, of_columns, village_limits)
    in_parallel(fill, some_options, threads=threads)
    return tables


def _fill(
    tables: OptionTables,
    resolved: ResolvedScenario,
    space: OptionSpace,
    limits: list[AdditiveLimit],
    village_limits: tuple[VillageLimit, ...],
    columns: slice,
) -> None:
    """Write the columns of some options."""
    trace = Trace(resolved, space.every_option(columns), SEARCH)  # floors, moves and money are float64 at any precision
    if tables.calendar is not None:
        tables.calendar[:, columns] = calendar_of_choices(trace).T
    for k, column in enumerate(COLUMNS):
        tables.amounts[:, columns, k] = column.amount(trace).T
    for k, limit in enumerate(limits):
        tables.needs[:, columns, k] = limit.need(trace).T
        if limit.whole is not None:
            tables.wholes[:, columns, k] = limit.whole(trace).T
    for k, village_limit in enumerate(village_limits):
        tables.values[:, columns, k] = village_limit.value(trace).T


def limit_columns(limits: tuple[AdditiveLimit, ...], district_idx: IntArray) -> tuple[list[AdditiveLimit], IntArray]:
    """Columns of the tables: one for each limit, but one for all limits of a local rule.

    Args:
        limits: additive limits.
        district_idx: of the villages, shape (n_villages,).

    Returns:
        A limit for each column, and which limit the column counts against in each village, (n_villages, n_columns).
    """
    first = [k for k, limit in enumerate(limits) if not limit.local or limit.district == 0]
    limit_of = [district_idx * limits[k].local + k for k in first]
    columns = np.stack(limit_of, axis=1) if limit_of else np.zeros((district_idx.size, 0), dtype=np.int64)
    return [limits[k] for k in first], columns


def column_years(resolved: ResolvedScenario, clock: Clock) -> FloatArray:
    """See OptionTables.years; of one calendar."""
    profiles = clock.flow_profiles
    n_starts, n_years = profiles["start"].shape
    growth = yearly_index(resolved.constants.markets.cost_growth_per_yr, profiles["start"][0])
    years = np.zeros((n_starts, len(COLUMNS), len(SERIES), n_years))
    for k, column in enumerate(COLUMNS):
        for series, sign in column.signs:
            years[:, k, SERIES.index(series)] = sign * profiles[column.profile] * (growth if column.grows else 1.0)
    return years.reshape(n_starts, len(COLUMNS), -1)
