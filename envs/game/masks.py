"""Masks: which decisions leave the plan so far legal under every hard rule that a step can know.

The village mask, the option mask of one village and the joint mask tell one story at three sizes: 1,000 villages x 255
options are a quarter of a million decisions, so the joint mask is built only when it is asked for. The rule checker
(rules.py) knows nothing of this module.

Every prefix of a masked episode is itself a legal plan, but for locked villages that are still to come, and for the
population of a district in which zones send newcomers at their yearly limit. Where limits on the whole plan bind, a
village may start as long as the cheapest option of one kind (intensity and land use) fits, and locked villages come
first, so that nothing takes their place.
"""

from __future__ import annotations

from functools import partial

import numpy as np

from envs.game.account import Ledger, entry_of
from envs.game.constants import Board
from envs.game.state import State
from envs.kernel.backend import Array, array_namespace, device

PAIRS_PER_CHUNK = 50_000
"""Decisions whose money is weighed at once."""
ROUNDING = 1e-9
"""Relative slack for sums that were added in another order; the checker allows a thousand times as much."""


def village_mask(board: Board, state: State) -> Array:
    """True for villages that may start now with at least one option; last column: the year may be closed.

    Args:
        board: constants.
        state: environments.

    Returns:
        shape (n_envs, n_villages + 1).
    """
    xp = array_namespace(state.year)
    room = _room(board, state)
    startable = _startable(board, state, room)
    closable = _may_close(board, state, room) | ~xp.any(startable, axis=1)
    return xp.concat([startable, closable[:, None]], axis=1)


def _startable(board: Board, state: State, room: Array) -> Array:
    xp = array_namespace(state.year)
    startable = may_start(board, state, room)
    if board.has_plan_limits and bool(xp.any(startable)):
        env, village = xp.nonzero(startable)
        startable = xp.asarray(startable, copy=True)
        startable[env, village] = _some_kind_fits(board, state, env, village)
    return startable


def option_mask(board: Board, state: State, village: Array) -> Array:
    """True for the options that one village of each environment may start with now.

    Args:
        board: constants.
        state: environments.
        village: index, shape (n_envs,).

    Returns:
        shape (n_envs, n_options); all False where the village may not start.
    """
    xp = array_namespace(state.year)
    env = xp.arange(state.n_envs, device=device(state.year))
    legal = may_start(board, state, _room(board, state))[env, village]
    if board.has_plan_limits:
        legal = legal & _some_kind_fits(board, state, env, village)
    return _that_fit(board, state, env, village, board.space.option_mask[village] & legal[:, None])


def action_mask(board: Board, state: State) -> Array:
    """The joint mask, shape (n_envs, n_villages x n_options + 1)."""
    xp = array_namespace(state.year)
    room = _room(board, state)
    startable = _startable(board, state, room)
    env, village = xp.nonzero(startable)
    joint = startable[:, :, None] & board.space.option_mask
    if board.has_plan_limits and env.shape[0]:
        joint[env, village] = _that_fit(board, state, env, village, joint[env, village])
    joint = xp.reshape(joint, (state.n_envs, -1))
    closable = _may_close(board, state, room) | ~xp.any(joint, axis=1)
    return xp.concat([joint, closable[:, None]], axis=1)


def is_legal(board: Board, state: State, actions: Array, mask: Array) -> Array:
    """True where the joint mask allows the action.

    Args:
        board: constants.
        state: environments.
        actions: shape (n_envs,), integers in 0..close_action.
        mask: village_mask of the state.

    Returns:
        shape (n_envs,).
    """
    xp = array_namespace(state.year)
    env = xp.arange(state.n_envs, device=device(state.year))
    closes = actions == board.close_action
    village = xp.where(closes, board.n_villages, actions // board.n_options)
    legal = mask[env, village]
    (starts,) = xp.nonzero(legal & ~closes)
    village, option = village[starts], actions[starts] % board.n_options
    legal[starts] = board.space.option_mask[village, option] & fits(board, state, starts, village, option)
    return legal


# --- quota and locked villages ------------------------------------------------------------------------------------


def may_start(board: Board, state: State, room: Array) -> Array:
    """True for villages that quota, years and locked villages allow to start now, shape (n_envs, n_villages)."""
    xp = array_namespace(state.year)
    free = state.available & (room[:, :1] > 0)
    if not board.has_locked:
        return free
    pending = _still_locked(board, state)
    spare = (pending == 0) if board.has_plan_limits else (xp.sum(room, axis=1) > pending)
    return free & (board.locked | spare[:, None])


def _may_close(board: Board, state: State, room: Array) -> Array:
    """True where the later years have room for every locked village, shape (n_envs,)."""
    xp = array_namespace(state.year)
    if not board.has_locked:
        return xp.ones_like(state.year, dtype=xp.bool)
    return xp.sum(room[:, 1:], axis=1) >= _still_locked(board, state)


def _still_locked(board: Board, state: State) -> Array:
    """Locked villages that can still start and have not, shape (n_envs,)."""
    xp = array_namespace(state.year)
    return xp.sum(xp.astype(state.available & board.locked, xp.int64), axis=1)


def _room(board: Board, state: State) -> Array:
    """Villages that may still start in the open year and in each year after it, shape (n_envs, plan_years)."""
    xp = array_namespace(state.year)
    ahead = xp.arange(board.plan_years, device=device(state.year))
    year = state.year[:, None] + ahead
    inside = year <= board.plan_years
    env = xp.arange(state.n_envs, device=device(state.year))[:, None]
    left = board.quota - state.started[env, xp.where(inside, year, 0)]
    return xp.where(inside & (left > 0), left, 0)


# --- rules about the whole plan -----------------------------------------------------------------------------------


def _some_kind_fits(board: Board, state: State, env: Array, village: Array) -> Array:
    """True where the cheapest option of some kind fits; (n,), (n,) to (n,). Most are decided by the cheapest of all."""
    xp = array_namespace(state.year)
    cheapest = board.cheapest[village]
    found = fits(board, state, env, village, xp.clip(cheapest[:, 0], 0, None)) & (cheapest[:, 0] >= 0)
    (missed,) = xp.nonzero(~found)
    if missed.shape[0]:
        others = cheapest[missed]
        legal = xp.zeros_like(board.space.option_mask[village[missed]])
        row, kind = xp.nonzero(others >= 0)
        legal[row, others[row, kind]] = True
        found[missed] = xp.any(_that_fit(board, state, env[missed], village[missed], legal), axis=1)
    return found


def _that_fit(board: Board, state: State, env: Array, village: Array, legal: Array) -> Array:
    """Of the legal options of some villages, those that fit; (n,), (n,), (n, n_options) to (n, n_options)."""
    xp = array_namespace(state.year)
    if not board.has_plan_limits:
        return legal
    row, option = xp.nonzero(legal)
    fitting = xp.zeros_like(legal)
    fitting[row, option] = fits(board, state, env[row], village[row], option)
    return fitting


def fits(board: Board, state: State, env: Array, village: Array, option: Array) -> Array:
    """True where the plan with one more decision keeps the hard rules about the whole plan, or breaks none further.

    Args:
        board: constants.
        state: environments.
        env: environment of each decision, shape (n,).
        village: index, same shape.
        option: index, same shape.

    Returns:
        shape (n,).
    """
    xp = array_namespace(state.year)
    if not board.has_plan_limits:
        return xp.ones_like(env, dtype=xp.bool)
    weigh = partial(_fits, board, state)
    bounds = range(0, int(env.shape[0]), PAIRS_PER_CHUNK)
    parts = [weigh(*(index[b : b + PAIRS_PER_CHUNK] for index in (env, village, option))) for b in bounds]
    return xp.concat(parts) if parts else xp.ones_like(env, dtype=xp.bool)


def _fits(board: Board, state: State, env: Array, village: Array, option: Array) -> Array:
    xp = array_namespace(state.year)
    holds = xp.ones_like(env, dtype=xp.bool)
    if board.limit_rules:
        before = state.needs[env]
        after = before + board.market.tables.needs[village, option]
        holds = xp.all(_within(after, before, board.limit_most), axis=1)
    if board.has_money_limits:
        holds = holds & _money_fits(board, state, env, village, option)
    return holds


def _within(after: Array, before: Array, most: Array | float) -> Array:
    return (after <= most + ROUNDING * (1000.0 + abs(most))) | (after <= before)


def _money_fits(board: Board, state: State, env: Array, village: Array, option: Array) -> Array:
    """Capital of each year, deepest deficit and growth of rents, exactly as the finished plan would have them."""
    xp, market, ledger = array_namespace(state.year), board.market, state.ledger
    entry = entry_of(market, village, option, state.year[env])
    district = market.district_idx[village]
    factor_before = ledger.factor[env, district]
    factor = market.price_factor(ledger.housing_m2[env, district] + entry.housing_m2, district)
    holds = xp.ones_like(env, dtype=xp.bool)
    sales, cost = ledger.sales[env, district], ledger.sales_cost[env, district]
    annual, peak, growth = board.money_limits
    if annual is not None:
        flow = ledger.cost_flow()
        after = flow[env] + entry.cost + (cost + entry.sales_cost) * factor - cost * factor_before
        holds &= _within(xp.max(after, axis=1), xp.max(flow, axis=1)[env], annual)
    if peak is not None:
        flow, priced = ledger.net_flow(), sales - cost
        gain = (priced + entry.sales - entry.sales_cost) * factor - priced * factor_before
        holds &= _within(_deficit(flow[env] + entry.net + gain), _deficit(flow)[env], peak)
    if growth is not None:
        holds &= _within(_growth(factor), _city_growth(ledger)[env], growth)
    return holds


def _deficit(flow: Array) -> Array:
    xp = array_namespace(flow)
    return xp.clip(-xp.min(xp.cumulative_sum(flow, axis=-1), axis=-1), 0.0, None)


def _growth(factor: Array) -> Array:
    return array_namespace(factor).max(factor[..., 1:] / factor[..., :-1] - 1.0, axis=-1)


def _city_growth(ledger: Ledger) -> Array:
    return array_namespace(ledger.factor).max(_growth(ledger.factor), axis=1)


# --- drawing ------------------------------------------------------------------------------------------------------


def draw_actions(board: Board, state: State, rng: np.random.Generator, *, close_chance: float = 0.0) -> Array:
    """A random legal action in each environment: a village, then one of its options.

    Args:
        board: constants, on NumPy.
        state: environments.
        rng: random state.
        close_chance: chance to close the year where that is allowed; it is closed anyway where nothing may start.

    Returns:
        Joint actions, shape (n_envs,).
    """
    mask = village_mask(board, state)
    startable = mask[:, :-1]
    village = np.argmax(startable * rng.random(startable.shape), axis=1)
    legal = option_mask(board, state, village)
    option = np.argmax(legal * rng.random(legal.shape), axis=1)
    closes = ~startable.any(axis=1) | (mask[:, -1] & (rng.random(state.n_envs) < close_chance))
    return np.where(closes, board.close_action, village * board.n_options + option)
