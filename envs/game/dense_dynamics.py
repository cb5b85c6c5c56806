"""One decision in every environment with arrays of fixed shape: nothing is read back from the device.

The same game as envs.game.dynamics.step_in_place, for actions that are legal: every row is computed, and what a row
does not do counts 0 times. What closing a year needs of the whole city is measured later, by `measure_closed`, as long
as no row goes on before.
"""

from __future__ import annotations

from envs.game.account import Entry, Market, moved
from envs.game.constants import GameConstants
from envs.game.option_tables import CITY_SERIES, SERIES
from envs.game.state import State
from envs.game.year_end import measure_live, measure_year_end
from envs.kernel.computing.backend import Array, array_namespace, device


def decide_in_place(game: GameConstants, state: State, *, starts: Array, closes: Array, pair: Array) -> Array:
    """Start a village, close the year, or do nothing, in each environment, in place.

    Args:
        game: constants.
        state: environments; rows that act are not over.
        starts: True where a village starts, shape (n_envs,).
        closes: True where the year is closed, same shape; never both.
        pair: village and option, shape (2, n_envs); mean nothing where no village starts.

    Returns:
        Change of the objectives, natural units, shape (n_envs, n_objectives), float64: of those that move with every
        decision; what a closed year changes of the others `measure_closed` says.
    """
    xp = array_namespace(state.year)
    before = xp.asarray(state.objectives, copy=True)
    _start(game, state, starts, village=pair[0], option=pair[1])
    state.year += xp.astype(closes, state.year.dtype)
    following = xp.clip(state.year, None, game.plan_years)
    may = game.startable[following] & (state.start_year == 0)
    state.available[:] = xp.where(closes[:, None], may, state.available)
    return state.objectives - before


def _start(game: GameConstants, state: State, starts: Array, *, village: Array, option: Array) -> None:
    xp = array_namespace(state.year)
    row = xp.arange(state.n_envs, device=device(state.year))
    village, option = xp.where(starts, village, 0), xp.where(starts, option, 0)
    year = xp.clip(state.year, None, game.plan_years)
    times, count = xp.astype(starts, state.by_intensity.dtype), xp.astype(starts, state.started.dtype)
    state.start_year[row, village] = xp.where(starts, year, state.start_year[row, village])
    state.option[row, village] = xp.where(starts, option, state.option[row, village])
    state.available[row, village] = state.available[row, village] & ~starts
    state.started[row, year] += count
    state.unmeasured[:] = state.unmeasured | starts
    state.by_intensity[row, game.space.intensity[option]] += times
    _use_limits(game, state, starts, village=village, option=option)
    _enter(state, game.market, starts, village=village, option=option)
    measure_live(game, state, row)


def _use_limits(game: GameConstants, state: State, starts: Array, *, village: Array, option: Array) -> None:
    """As LimitUse.add."""
    xp, use, tables = array_namespace(state.year), state.limits, game.market.tables
    row = xp.arange(state.n_envs, device=device(state.year))
    if use.needs.shape[1]:
        at = row[:, None], tables.limit_of[village]
        times = xp.astype(starts, use.needs.dtype)[:, None]
        use.needs[at] += times * tables.needs[village, option]
        use.wholes[at] += times * tables.wholes[village, option]
    if use.least.shape[1]:
        least = xp.minimum(use.least, tables.values[village, option])
        use.least[:] = xp.where(starts[:, None], least, use.least)


def _enter(state: State, market: Market, starts: Array, *, village: Array, option: Array) -> None:
    """As envs.game.account.enter."""
    xp, account = array_namespace(state.year), state.account
    row = xp.arange(state.n_envs, device=device(state.year))
    tables = market.tables
    year = xp.clip(state.year, None, tables.n_starts - 1)
    if tables.calendar is not None:
        year = year + tables.calendar[village, option] * tables.n_starts
    amounts = tables.amounts[village, option] * xp.astype(starts, tables.amounts.dtype)[:, None]
    yearly = xp.reshape(amounts[:, None, :] @ tables.years[year], (state.n_envs, len(SERIES), -1))
    entry = Entry(yearly[:, 0], yearly[:, 1], yearly[:, len(CITY_SERIES) :], market.district_idx[village])
    account.net[:] = account.net + entry.net
    account.cost[:] = account.cost + entry.cost
    account.net_value[:] = account.net_value + market.present_value_cny(entry.net)
    at, after = moved(account, market, row, entry)
    account.sums[at] = after.sums
    account.price_factor[at], account.rent_factor[at] = after.price_factor, after.rent_factor
    account.market_cost[at], account.market_flow[at] = after.market_cost, after.market_flow
    account.market_value[at] = market.present_value_cny(after.market_flow)


def measure_closed(game: GameConstants, state: State, rows_by_year: dict[int, Array]) -> Array:
    """Measure what was decided in years that are closed since the last measurement, in place.

    Args:
        game: constants.
        state: environments; none has decided anything after that year.
        rows_by_year: closed year -> rows with decisions that are not measured, shape (n,).

    Returns:
        Change of the objectives, natural units, shape (n_envs, n_objectives), float64.
    """
    xp = array_namespace(state.year)
    before = xp.asarray(state.objectives, copy=True)
    for year, rows in sorted(rows_by_year.items()):
        measure_year_end(game, state, rows, from_year=year)
    return state.objectives - before
