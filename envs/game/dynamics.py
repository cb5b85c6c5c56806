"""The game behind the environment: many plans in the making, and what one decision does to each of them.

The functions run on NumPy and on torch, so that whole episodes may stay on a GPU. The Gymnasium classes are thin
shells around them. One action = village x n_options + option starts the village in the open year with that option;
`game.close_action` closes the year. An action that the mask forbids closes the year instead.
"""

from __future__ import annotations

import copy
from dataclasses import dataclass

from data.scenario import INTENSITIES
from envs.game.account import enter, open_account
from envs.game.constants import GameConstants
from envs.game.limit_use import limit_use
from envs.game.masks import is_legal, village_mask
from envs.game.state import State
from envs.game.year_end import measure_live, measure_year_end
from envs.kernel.computing.backend import Array, array_namespace, device
from envs.kernel.plans import canonical
from envs.kernel.trace import Trace


@dataclass(frozen=True, eq=False)
class Move:
    """What a batch of actions did.

    Attributes:
        obeyed: False where a forbidden action closed the year instead, shape (n_envs,).
        closed: rows whose year was closed, shape (n_closed,).
        started: rows in which a village was started, shape (n_started,).
        village: that village, same shape.
        change: objectives after less before, natural units, shape (n_envs, n_objectives), float64.
    """

    obeyed: Array
    closed: Array
    started: Array
    village: Array
    change: Array


def initial_state(game: GameConstants) -> State:
    """The state of one environment before the first decision: only fixed villages have one."""
    xp = array_namespace(game.locked)
    space = game.space
    start = xp.where(space.fixed_mask, space.fixed.start_year, 0)[None, :]
    plans = canonical(space.decode(start, xp.zeros_like(start)))
    trace = Trace(game.resolved, plans, game.precision)
    rows = xp.zeros_like(start[:, 0])
    n_years = game.resolved.clock.horizon + 1
    blank = trace.renewed[:, :1]
    state = State(
        year=rows + 1,
        start_year=start,
        option=xp.zeros_like(start),
        available=game.startable[1][None, :] & (start == 0),
        started=xp.stack(
            [xp.sum(xp.astype(start == y, start.dtype), axis=1) * (y > 0) for y in range(game.plan_years + 1)], axis=1
        ),
        by_intensity=xp.stack(
            [xp.sum(trace.chosen * (plans.intensity == i), axis=1) for i in range(len(INTENSITIES))], axis=1
        ),
        limits=limit_use(trace, game.limits, game.village_limits),
        targets=xp.zeros_like(xp.broadcast_to(blank, (1, len(game.targets)))),
        account=open_account(trace, game.market),
        series=xp.zeros_like(xp.broadcast_to(blank[:, :, None], (1, len(game.yearly), n_years))),
        objectives=xp.zeros_like(xp.broadcast_to(blank, (1, len(game.objectives)))),
        unmeasured=rows > 0,
    )
    measure_year_end(game, state, rows, from_year=1)
    return state


def reset(start: State, n_envs: int) -> State:
    """States at the start of an episode, shape (n_envs, ...), from `initial_state`."""
    xp = array_namespace(start.year)
    return start.take(xp.zeros(n_envs, dtype=xp.int64, device=device(start.year)))


def step(game: GameConstants, state: State, actions: Array) -> tuple[State, Move]:
    """What the actions lead to; the state given stays as it is. See step_in_place."""
    after = copy.deepcopy(state)
    return after, step_in_place(game, after, actions)


def step_in_place(
    game: GameConstants, state: State, actions: Array, *, mask: Array | None = None, acts: Array | None = None
) -> Move:
    """Take one action in each environment, in place.

    Args:
        game: constants.
        state: environments whose episode is not over.
        actions: shape (n_envs,), integers in 0..close_action.
        mask: envs.game.masks.village_mask of the state, if it is known already.
        acts: False where an environment stays as it is and its action is ignored, shape (n_envs,); None = all act.

    Returns:
        What they did.
    """
    xp = array_namespace(state.year)
    before = xp.asarray(state.objectives, copy=True)
    if acts is not None:
        actions = xp.where(acts, actions, game.close_action)
    legal = is_legal(game, state, actions, village_mask(game, state) if mask is None else mask)
    closes = (actions == game.close_action) | ~legal
    started, closed = xp.nonzero(~closes)[0], xp.nonzero(closes if acts is None else closes & acts)[0]
    village = actions[started] // game.n_options
    if started.shape[0]:
        _start(game, state, started, village, actions[started] % game.n_options)
    if closed.shape[0]:
        _close(game, state, closed)
    return Move(legal, closed, started, village, state.objectives - before)


def _start(game: GameConstants, state: State, rows: Array, village: Array, option: Array) -> None:
    year = state.year[rows]
    state.start_year[rows, village] = year
    state.option[rows, village] = option
    state.available[rows, village] = False
    state.started[rows, year] += 1
    state.unmeasured[rows] = True
    state.by_intensity[rows, game.space.intensity[option]] += 1.0
    state.limits.add(game.market.tables, rows, village, option)
    enter(state.account, game.market, rows, village=village, option=option, start_year=year)
    measure_live(game, state, rows)


def _close(game: GameConstants, state: State, rows: Array) -> None:
    """Measure what was decided in the year, one year at a time, and go on to the next."""
    xp = array_namespace(state.year)
    changed = rows[state.unmeasured[rows]]
    for year in sorted(set(state.year[changed].tolist())):
        measure_year_end(game, state, changed[state.year[changed] == year], from_year=year)
    state.year[rows] += 1
    following = xp.clip(state.year[rows], None, game.plan_years)
    state.available[rows] = game.startable[following] & (state.start_year[rows] == 0)


def is_over(game: GameConstants, state: State) -> Array:
    """True where the last year is closed, shape (n_envs,)."""
    return state.year > game.plan_years
