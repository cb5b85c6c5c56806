"""What each option of each village brings: money by item group, housing, and its share of the additive hard rules."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

import numpy as np

from data.arrays import BoolArray, FloatArray
from envs.choices.additive_limits import AdditiveLimit
from envs.choices.options import CELLS_PER_CHUNK, OptionSpace
from envs.kernel.computing.backend import Array
from envs.kernel.computing.parallel_chunks import chunks, in_parallel
from envs.kernel.project_account import COST, ITEMS, PRICED_ITEMS
from envs.kernel.resolved_scenario import ResolvedScenario
from envs.kernel.timing import Clock
from envs.kernel.trace import SEARCH, Trace


@dataclass(frozen=True)
class ItemGroup:
    """Items of the account that follow the same years and the same price: one column of the tables.

    Attributes:
        kind: cost or revenue.
        profile: years they follow (timing.Clock.flow_profiles).
        priced: whether they follow the sale price of their year.
    """

    kind: str
    profile: str
    priced: bool


ITEM_GROUPS: tuple[ItemGroup, ...] = tuple(
    dict.fromkeys(ItemGroup(item.kind, item.profile, item.name in PRICED_ITEMS) for item in ITEMS)
)


@dataclass(frozen=True, eq=False)
class OptionTables:
    """Amounts by village and option; rows that `option_mask` forbids mean nothing.

    Attributes:
        amounts: by item group at base-year prices, positive, shape (n_villages, n_options, n_groups) [CNY].
        new_housing_m2: housing that completion adds, shape (n_villages, n_options).
        demolished_m2: floor torn down, same shape.
        needs: what counts against each additive limit, shape (n_villages, n_options, n_limits), in its unit.
    """

    amounts: Array
    new_housing_m2: Array
    demolished_m2: Array
    needs: Array


def option_tables(
    resolved: ResolvedScenario, space: OptionSpace, limits: tuple[AdditiveLimit, ...] = (), *, threads: int = 1
) -> OptionTables:
    """Trace every option of every village, a few options at a time.

    Args:
        resolved: scenario resolved against a city.
        space: its options.
        limits: additive hard rules.
        threads: worker threads.

    Returns:
        The tables, float64 NumPy.
    """
    n_villages = space.option_mask.shape[0]
    shape = (n_villages, space.n_options)
    tables = OptionTables(
        amounts=np.empty((*shape, len(ITEM_GROUPS))),
        new_housing_m2=np.empty(shape),
        demolished_m2=np.empty(shape),
        needs=np.empty((*shape, len(limits))),
    )
    some_options = chunks(space.n_options, CELLS_PER_CHUNK // max(n_villages, 1))
    in_parallel(partial(_fill, tables, resolved, space, limits), some_options, threads=threads)
    return tables


def _fill(
    tables: OptionTables,
    resolved: ResolvedScenario,
    space: OptionSpace,
    limits: tuple[AdditiveLimit, ...],
    columns: slice,
) -> None:
    """Write the columns of some options."""
    options = np.arange(columns.start, columns.stop)
    shape = (options.size, space.option_mask.shape[0])
    plans = space.decode(np.ones(shape, dtype=np.int64), np.broadcast_to(options[:, None], shape))
    trace = Trace(resolved, plans, SEARCH)  # floors, moves and money are float64 at any precision
    form = trace.form
    tables.new_housing_m2[:, columns] = (form.commodity + form.rental + form.resettlement).T
    tables.demolished_m2[:, columns] = form.demolished.T
    for k, group in enumerate(ITEM_GROUPS):
        tables.amounts[:, columns, k] = group_total(trace, group).T
    for k, limit in enumerate(limits):
        tables.needs[:, columns, k] = limit.need(trace).T


def group_total(trace: Trace, group: ItemGroup) -> Array:
    """Amount of a group of items by village, shape (n_plans, n_villages) [CNY]."""
    members = [
        item.name for item in ITEMS if ItemGroup(item.kind, item.profile, priced=item.name in PRICED_ITEMS) == group
    ]
    total = trace.amounts_cny[members[0]]
    for name in members[1:]:
        total = total + trace.amounts_cny[name]
    return total


@dataclass(frozen=True, eq=False)
class GroupProfiles:
    """Year by year what a start year makes of each group of items; every array begins with the start year.

    Attributes:
        net: at base-year prices, cost negative, shape (plan_years + 1, n_groups, n_flow_years).
        cost: costs, positive, same shape.
        sales: of the priced revenue, same shape; zero for other groups.
        sales_cost: of the priced cost, same shape.
        completed: 1 from completion on, shape (plan_years + 1, n_flow_years).
        demolished: 1 from the start on, same shape.
    """

    net: Array
    cost: Array
    sales: Array
    sales_cost: Array
    completed: Array
    demolished: Array


def group_profiles(clock: Clock) -> GroupProfiles:
    """Profiles of the item groups, from the clock's."""
    profile = clock.flow_profiles
    years = np.stack([profile[group.profile] for group in ITEM_GROUPS], axis=1)
    cost = np.array([group.kind == COST for group in ITEM_GROUPS])
    priced = np.array([group.priced for group in ITEM_GROUPS])

    def only(chosen: BoolArray) -> FloatArray:
        return years * chosen[:, None]

    return GroupProfiles(
        net=only(~cost & ~priced) - only(cost & ~priced),
        cost=only(cost & ~priced),
        sales=only(~cost & priced),
        sales_cost=only(cost & priced),
        completed=profile["operation"],
        demolished=profile["standing"],
    )
