"""Year end: when a year closes, the objectives that need the whole city are measured by the kernel's own functions.

Decisions of a year change no state year before it, so those years are kept from the closing before.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial

from envs.game.constants import GameConstants
from envs.game.state import State
from envs.kernel import Plans
from envs.kernel.computing.backend import Array, array_namespace
from envs.kernel.computing.parallel_chunks import chunks, in_parallel
from envs.kernel.evaluate import LEAST_CELLS_PER_CHUNK, PLANS_PER_CHUNK, measure_plans
from envs.kernel.indicators.registry import indicator
from envs.kernel.plans import canonical
from envs.kernel.trace import Trace
from envs.rules.rule import Rule


def plans_of(game: GameConstants, state: State) -> Plans:
    """The plans so far, shape (n_envs, n_villages)."""
    return canonical(game.space.decode(state.start_year, state.option))


def measure_year_end(game: GameConstants, state: State, rows: Array, *, from_year: int) -> None:
    """Measure the plans so far of some environments and write their objectives, in place.

    Args:
        game: constants.
        state: all environments.
        rows: those to measure, shape (n,); what they decided before `from_year` is measured, and nothing after it.
        from_year: the year whose decisions are to be measured, 1..plan_years; no state year before it has changed.
    """
    measure_live(game, state, rows)
    state.unmeasured[rows] = False
    if game.yearly:
        _measure_yearly(game, state, rows, from_year)
    if game.whole or game.targets:
        _measure_whole(game, state, rows)


def _measure_whole(game: GameConstants, state: State, rows: Array) -> None:
    """Write the objectives that are no mean over years, and how far targets are met."""
    xp = array_namespace(state.year)
    plans = canonical(game.space.decode(state.start_year[rows], state.option[rows]))
    measures = [indicator(game.objectives[k]).value for k in game.whole]
    measures += [target.measured for target in game.targets]
    values = measure_plans(game.resolved, plans, measures, precision=game.precision, threads=game.threads)
    for k, value in zip(game.whole, values, strict=False):
        state.objectives[rows, k] = value
    for k, (target, value) in enumerate(zip(game.targets, values[len(game.whole) :], strict=True)):
        margin = relative_margin(target, value, float(target.limit(game.resolved) or 0.0))
        state.targets[rows, k] = xp.where(xp.isnan(margin), -1.0, margin)


def relative_margin(rule: Rule, measured: Array, limit: float) -> Array:
    """How far plans are on the right side of a limit, relative to its scale; negative beyond it."""
    margin = limit - measured if rule.sense == "at_most" else measured - limit
    return margin / (rule.scale or abs(limit) or 1.0)


def measure_live(game: GameConstants, state: State, rows: Array) -> None:
    """Write the objective that moves with every decision."""
    for k in game.live:
        state.objectives[rows, k] = state.account.net_present_value_cny()[rows]


def _measure_yearly(game: GameConstants, state: State, rows: Array, from_year: int) -> None:
    size = max(2 * PLANS_PER_CHUNK, LEAST_CELLS_PER_CHUNK // game.resolved.city.n_places)
    batches = [rows[chunk] for chunk in chunks(int(rows.shape[0]), size, threads=game.threads)]
    measured = in_parallel(partial(_yearly_series, game, state, from_year=from_year), batches, threads=game.threads)
    for chunk, series in zip(batches, measured, strict=True):
        for j, (k, values) in enumerate(zip(game.yearly, series, strict=True)):
            last = from_year + int(values.shape[1])
            state.series[chunk, j, from_year:last] = values
            state.series[chunk, j, last:] = values[:, -1:]
            state.objectives[chunk, k] = state.series[chunk, j, 1:].mean(-1)


def _yearly_series(game: GameConstants, state: State, rows: Array, *, from_year: int) -> Sequence[Array]:
    """Series of the yearly objectives from a year on, shape (n, n_years) each; the last year stands for all after."""
    plans = canonical(game.space.decode(state.start_year[rows], state.option[rows]))
    last_start_year = max(from_year, game.last_fixed_year)
    measured = partial(
        Trace, game.resolved, plans, keeps_access=False, from_year=from_year, last_start_year=last_start_year
    )
    trace = measured(game.precision)
    if trace.away.waiting and not game.precision.all_years:
        trace = measured(replace(game.precision, all_years=True))
    return [trace.xp.astype(measure(trace), trace.xp.float64) for measure in game.yearly_measures]
