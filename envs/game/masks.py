"""Masks: which decisions leave the plan so far legal under every hard rule that a step can know.

The village mask, the option mask of one village and the joint mask tell one story at three sizes: 1,000 villages x 255
options are a quarter of a million decisions, so the joint mask is built only when it is asked for. The rule checker
(envs/rules) knows nothing of this module.

Every prefix of a masked episode is itself a legal plan, but for

- shares that villages still to come make up for; no step takes the last way to that (envs.game.making_up);
- locked villages that are still to come, and what only a finished plan can meet: least areas, the ratio of villages
  renewed, the shares of intensities. As long as the rest of the programme can still bring them, by the number of
  villages and by what their options give, no step takes the last way to them (envs.game.final_bounds); what other
  limits will then allow is not foreseen, so the finished plan may miss them, and the rule checker says so;
- the population of a district in which zones send newcomers at their yearly limit, or send leavers on for want of room;
- targets with a year, which are measured when a year closes.

Where limits on the whole plan bind, a village may start as long as the cheapest option of one kind (intensity and land
use) fits, and locked villages come first, so that nothing takes their place.
"""

from __future__ import annotations

import numpy as np

from envs.game.account import change_of_flow, city_rent_growth, deficit, entry_of, moved, yearly_growth
from envs.game.constants import GameConstants
from envs.game.final_bounds import FinalBounds, Prospect, keeps_a_way, prospect
from envs.game.making_up import MakingUp, Owed, leaves_room, owed
from envs.game.state import State
from envs.kernel.computing.backend import Array, array_namespace, device
from envs.kernel.computing.parallel_chunks import chunks

PAIRS_PER_CHUNK = 20_000
"""Districts that decisions move whose money is weighed at once."""
ROUNDING = 1e-9
"""Relative slack for sums that were added in another order; the checker allows a thousand times as much."""
SIZE = 1000.0
"""Of what is added up, in m2 or persons."""


def village_mask(game: GameConstants, state: State) -> Array:
    """True for villages that may start now with at least one option; last column: the year may be closed.

    Args:
        game: constants.
        state: environments.

    Returns:
        shape (n_envs, n_villages + 1).
    """
    xp = array_namespace(state.year)
    room = _room(game, state)
    startable = _startable(game, state, room)
    closable = _may_close(game, state, room) | ~xp.any(startable, axis=1)
    return xp.concat([startable, closable[:, None]], axis=1)


def _startable(game: GameConstants, state: State, room: Array) -> Array:
    xp = array_namespace(state.year)
    startable = may_start(game, state, room)
    if game.has_plan_limits and bool(xp.any(startable)):
        env, village = xp.nonzero(startable)
        startable = xp.asarray(startable, copy=True)
        startable[env, village] = _some_kind_fits(game, state, env, village)
    return startable


def option_mask(game: GameConstants, state: State, village: Array) -> Array:
    """True for the options that one village of each environment may start with now.

    Args:
        game: constants.
        state: environments.
        village: index, shape (n_envs,).

    Returns:
        shape (n_envs, n_options); all False where the village may not start.
    """
    xp = array_namespace(state.year)
    env = xp.arange(state.n_envs, device=device(state.year))
    legal = may_start(game, state, _room(game, state))[env, village]
    if game.has_plan_limits:
        legal = legal & _some_kind_fits(game, state, env, village)
    return _that_fit(game, state, env, village, game.space.option_mask[village] & legal[:, None])


def action_mask(game: GameConstants, state: State) -> Array:
    """The joint mask, shape (n_envs, n_villages x n_options + 1)."""
    xp = array_namespace(state.year)
    room = _room(game, state)
    startable = _startable(game, state, room)
    env, village = xp.nonzero(startable)
    joint = startable[:, :, None] & game.space.option_mask
    if game.has_plan_limits and env.shape[0]:
        joint[env, village] = _that_fit(game, state, env, village, joint[env, village])
    joint = xp.reshape(joint, (state.n_envs, -1))
    closable = _may_close(game, state, room) | ~xp.any(joint, axis=1)
    return xp.concat([joint, closable[:, None]], axis=1)


def is_legal(game: GameConstants, state: State, actions: Array, mask: Array) -> Array:
    """True where the joint mask allows the action.

    Args:
        game: constants.
        state: environments.
        actions: shape (n_envs,), integers in 0..close_action.
        mask: village_mask of the state.

    Returns:
        shape (n_envs,).
    """
    xp = array_namespace(state.year)
    env = xp.arange(state.n_envs, device=device(state.year))
    closes = actions == game.close_action
    village = xp.where(closes, game.n_villages, actions // game.n_options)
    legal = mask[env, village]
    (starts,) = xp.nonzero(legal & ~closes)
    village, option = village[starts], actions[starts] % game.n_options
    legal[starts] = game.space.option_mask[village, option] & fits(game, state, starts, village, option)
    return legal


# --- quota and locked villages ------------------------------------------------------------------------------------


def may_start(game: GameConstants, state: State, room: Array) -> Array:
    """True for villages that quota, years and locked villages allow to start now, shape (n_envs, n_villages)."""
    xp = array_namespace(state.year)
    free = state.available & (room[:, :1] > 0)
    if not game.has_locked:
        return free
    pending = _still_locked(game, state)
    spare = (pending == 0) if game.has_plan_limits else (xp.sum(room, axis=1) > pending)
    return free & (game.locked | spare[:, None])


def _may_close(game: GameConstants, state: State, room: Array) -> Array:
    """True where later years can hold every locked village and meet what a plan must reach, shape (n_envs,)."""
    xp = array_namespace(state.year)
    closable = xp.ones_like(state.year, dtype=xp.bool)
    if game.has_locked:
        closable = closable & (xp.sum(room[:, 1:], axis=1) >= _still_locked(game, state))
    if game.final_bounds is not None:
        closable = closable & _prospect(state, game.final_bounds, room).may_close
    if game.making_up is not None:
        closable = closable & _owed(game, state, game.making_up, room).may_close
    return closable


def _owed(game: GameConstants, state: State, making: MakingUp, room: Array) -> Owed:
    return owed(making, available=state.available, room=room, beyond=_beyond(state.limits.needs, game.kept_most))


def _prospect(state: State, bounds: FinalBounds, room: Array) -> Prospect:
    return prospect(
        bounds,
        year=state.year,
        start_year=state.start_year,
        room=room,
        by_intensity=state.by_intensity,
        built_m2=-state.limits.needs[:, bounds.areas],
    )


def _still_locked(game: GameConstants, state: State) -> Array:
    """Locked villages that can still start and have not, shape (n_envs,)."""
    xp = array_namespace(state.year)
    return xp.sum(xp.astype(state.available & game.locked, xp.int64), axis=1)


def _room(game: GameConstants, state: State) -> Array:
    """Villages that may still start in the open year and in each year after it, shape (n_envs, plan_years)."""
    xp = array_namespace(state.year)
    ahead = xp.arange(game.plan_years, device=device(state.year))
    year = state.year[:, None] + ahead
    inside = year <= game.plan_years
    env = xp.arange(state.n_envs, device=device(state.year))[:, None]
    year = xp.where(inside, year, 0)
    left = game.quota[year] - state.started[env, year]
    return xp.where(inside & (left > 0), left, 0)


# --- rules about the whole plan -----------------------------------------------------------------------------------


def cheapest_fitting(game: GameConstants, state: State, env: Array, village: Array) -> Array:
    """The first of the options by which a village is opened that fits, cheapest first; most villages have that one.

    Args:
        game: constants.
        state: environments.
        env: environment of each village, shape (n,).
        village: index, same shape.

    Returns:
        Option, shape (n,); -1 where none fits.
    """
    xp = array_namespace(state.year)
    cheapest = game.cheapest[village]
    first = xp.clip(cheapest[:, 0], 0, None)
    chosen = xp.where(fits(game, state, env, village, first) & (cheapest[:, 0] >= 0), first, -1)
    (missed,) = xp.nonzero(chosen < 0)
    if missed.shape[0]:
        others = cheapest[missed]
        row, kind = xp.nonzero(others >= 0)
        fitting = xp.zeros_like(others, dtype=xp.bool)
        fitting[row, kind] = fits(game, state, env[missed][row], village[missed][row], others[row, kind])
        best = xp.argmax(xp.astype(fitting, xp.int64), axis=1)
        place = xp.arange(best.shape[0], device=device(best))
        chosen[missed] = xp.where(xp.any(fitting, axis=1), others[place, best], -1)
    return chosen


def _some_kind_fits(game: GameConstants, state: State, env: Array, village: Array) -> Array:
    """True where the cheapest option of some kind fits; (n,), (n,) to (n,)."""
    return cheapest_fitting(game, state, env, village) >= 0


def _that_fit(game: GameConstants, state: State, env: Array, village: Array, legal: Array) -> Array:
    """Of the legal options of some villages, those that fit; (n,), (n,), (n, n_options) to (n, n_options)."""
    xp = array_namespace(state.year)
    if not game.has_plan_limits:
        return legal
    row, option = xp.nonzero(legal)
    fitting = xp.zeros_like(legal)
    fitting[row, option] = fits(game, state, env[row], village[row], option)
    return fitting


def fits(game: GameConstants, state: State, env: Array, village: Array, option: Array) -> Array:
    """True where the plan with one more decision keeps the hard rules about the whole plan, or breaks none further.

    Args:
        game: constants.
        state: environments.
        env: environment of each decision, shape (n,).
        village: index, same shape.
        option: index, same shape.

    Returns:
        shape (n,).
    """
    xp = array_namespace(state.year)
    if not game.has_plan_limits:
        return xp.ones_like(env, dtype=xp.bool)
    making = game.making_up
    due = None if making is None else _owed(game, state, making, _room(game, state))
    fitting = [
        _fits(game, state, due, env[chunk], village[chunk], option[chunk])
        for chunk in chunks(int(env.shape[0]), PAIRS_PER_CHUNK // game.districts_moved)
    ]
    holds = xp.concat(fitting) if fitting else xp.ones_like(env, dtype=xp.bool)
    return holds if game.final_bounds is None else holds & _leads_on(game, state, env, village, option)


def _leads_on(game: GameConstants, state: State, env: Array, village: Array, option: Array) -> Array:
    """True where the decision leaves a way to what the finished plan must reach, shape (n,)."""
    bounds = game.final_bounds
    assert bounds is not None
    return keeps_a_way(
        bounds,
        _prospect(state, bounds, _room(game, state)),
        env,
        village,
        intensity=game.space.intensity[option],
        area_m2=-game.market.tables.needs[village, option][:, bounds.area_columns],
    )


def _fits(game: GameConstants, state: State, due: Owed | None, env: Array, village: Array, option: Array) -> Array:
    xp = array_namespace(state.year)
    holds = xp.ones_like(env, dtype=xp.bool)
    if game.has_kept_limits:
        limit_of = game.market.tables.limit_of[village]
        before = state.limits.needs[env[:, None], limit_of]
        after = before + game.market.tables.needs[village, option]
        most = game.kept_most[limit_of]
        within = _within(after, before, most)
        if game.making_up is not None and due is not None:
            shares = list(game.making_up.columns)
            later = leaves_room(game.making_up, due, env, village, _beyond(after, most)[:, shares])
            within[:, shares] = xp.where(due.is_lost[env][:, None], within[:, shares], later[:, None])
        holds = xp.all(within, axis=1)
    if game.has_money_limits:
        holds = holds & _money_fits(game, state, env, village, option)
    return holds


def _beyond(sums: Array, most: Array) -> Array:
    """How far sums exceed their limits, but for rounding."""
    xp = array_namespace(sums)
    finite = xp.where(xp.isinf(most), 0.0, most)
    return xp.where(xp.isinf(most), 0.0, sums - finite - ROUNDING * (SIZE + abs(finite)))


def _within(after: Array, before: Array, most: Array | float, *, size: float = SIZE) -> Array:
    """True where a sum keeps its limit or breaks it no further; size: of the addends, in the unit of the limit."""
    return (after <= most + ROUNDING * (size + abs(most))) | (after <= before)


def _money_fits(game: GameConstants, state: State, env: Array, village: Array, option: Array) -> Array:
    """Capital of each year, deepest deficit and growth of rents, exactly as the finished plan would have them."""
    xp, market, account = array_namespace(state.year), game.market, state.account
    entry = entry_of(market, village, option, state.year[env])
    at, after = moved(account, market, env, entry)
    holds = xp.ones_like(env, dtype=xp.bool)
    annual, peak, growth = game.money_limits
    if annual is not None:
        flow = account.cost_flow()
        change = change_of_flow(after.market_cost, account.market_cost[at])
        holds &= _within(xp.max(flow[env] + entry.cost + change, axis=1), xp.max(flow, axis=1)[env], annual)
    if peak is not None:
        flow = account.net_flow()
        change = change_of_flow(after.market_flow, account.market_flow[at])
        holds &= _within(deficit(flow[env] + entry.net + change), deficit(flow)[env], peak)
    if growth is not None:
        grown = yearly_growth(after.rent_factor)
        grown = grown if grown.ndim == 1 else xp.max(grown, axis=1)
        holds &= _within(grown, city_rent_growth(account)[env], growth, size=0.0)
    return holds


# --- drawing ------------------------------------------------------------------------------------------------------


def draw_actions(game: GameConstants, state: State, rng: np.random.Generator, *, close_chance: float = 0.0) -> Array:
    """A random legal action in each environment: a village, then one of its options.

    Args:
        game: constants, on NumPy.
        state: environments.
        rng: random state.
        close_chance: chance to close the year where that is allowed; it is closed anyway where nothing may start.

    Returns:
        Joint actions, shape (n_envs,).
    """
    mask = village_mask(game, state)
    startable = mask[:, :-1]
    village = np.argmax(startable * rng.random(startable.shape), axis=1)
    legal = option_mask(game, state, village)
    option = np.argmax(legal * rng.random(legal.shape), axis=1)
    closes = ~startable.any(axis=1) | (mask[:, -1] & (rng.random(state.n_envs) < close_chance))
    return np.where(closes, game.close_action, village * game.n_options + option)
