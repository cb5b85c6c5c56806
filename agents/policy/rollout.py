"""Greedy rollouts of a policy, one episode per vector of preference weights, in the array library of the outlook.

In NumPy it needs no torch; with torch arrays on a GPU nothing leaves the GPU.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass

from agents.policy.layout import N_CANDIDATES
from agents.policy.network import CLOSED, Parameters, decide
from agents.policy.shortlist import Outlook
from envs.game.dynamics import initial_state, is_over, reset, step_in_place
from envs.game.masks import fits, village_mask
from envs.game.observation import MAY_START
from envs.game.state import State
from envs.kernel.computing.backend import Array, array_namespace, device, to_numpy
from envs.kernel.computing.parallel_chunks import chunks, in_parallel
from envs.kernel.plans import Plans, canonical

ROWS_AT_ONCE = 8
"""Lists scored at once: what their encodings hold should fit a processor's cache."""


@dataclass(frozen=True, eq=False)
class Rollout:
    """Finished plans.

    Attributes:
        plans: in the order of the weights.
        objectives: as the game measured them, natural units, shape (n_plans, n_objectives).
    """

    plans: Plans
    objectives: Array


def rollout(outlook: Outlook, parameters: Parameters, weights: Array) -> Rollout:
    """One episode per vector of preference weights, always taking the action with the highest score.

    Args:
        outlook: on a city and scenario.
        parameters: of the network, in the library and on the device of the outlook.
        weights: of the objectives, sum 1, shape (n_plans, n_objectives).

    Returns:
        The plans and their objectives.
    """
    game = outlook.game
    state = reset(initial_state(game), int(weights.shape[0]))
    for _ in _steps(outlook, parameters, weights, state):
        pass
    return Rollout(canonical(game.space.decode(state.start_year, state.option)), state.objectives)


def seconds_by_first_year(outlook: Outlook, parameters: Parameters, weights: Array) -> float:
    """Wall time that `rollout` is going to take, by the time of its first year [s]; arguments as there."""
    began, state = time.perf_counter(), reset(initial_state(outlook.game), int(weights.shape[0]))
    xp = array_namespace(weights)
    first = xp.asarray(state.year, copy=True)
    for _ in _steps(outlook, parameters, weights, state):
        if bool(xp.all(state.year > first)):
            break
    return (time.perf_counter() - began) * outlook.game.plan_years


def _steps(outlook: Outlook, parameters: Parameters, weights: Array, state: State) -> Iterator[None]:
    """Play episodes to their end, decision by decision; the state changes in place."""
    game, xp = outlook.game, array_namespace(weights)
    shortlists = Shortlists(outlook, parameters, weights, state)
    mask = village_mask(game, state)
    shortlists.refresh(state, mask, None)
    while not bool(xp.all(is_over(game, state))):
        year = xp.asarray(state.year, copy=True)
        step_in_place(game, state, shortlists.best(state, mask), mask=mask)
        mask = village_mask(game, state)
        shortlists.refresh(state, mask, year)
        yield


class Shortlists:
    """The shortlists last drawn up, and the scores of their candidates."""

    def __init__(self, outlook: Outlook, parameters: Parameters, weights: Array, state: State) -> None:
        """Nothing is drawn up yet."""
        self.outlook, self.parameters, self.weights = outlook, parameters, weights
        xp, n_envs = array_namespace(weights), state.n_envs
        shape, same_device = (n_envs, outlook.game.n_villages, N_CANDIDATES), device(weights)
        self.features = outlook.observer.blank(n_envs)
        self.option = xp.zeros(shape, dtype=xp.int64, device=same_device)
        self.score = xp.full(shape, CLOSED, dtype=xp.float32, device=same_device)
        self.close = xp.zeros(n_envs, dtype=xp.float32, device=same_device)
        self.since = xp.zeros(n_envs, dtype=xp.int64, device=same_device)
        self.prices = outlook.no_prices(n_envs)

    def refresh(self, state: State, mask: Array, year_before: Array | None) -> None:
        """Draw up the lists that are due: where a year was opened, or a part of its quota used; None = all of them."""
        xp = array_namespace(mask)
        due = ~is_over(self.outlook.game, state)
        if year_before is not None:
            opened = state.year > year_before
            self.since = xp.where(opened, 0, self.since + 1)
            due = due & self.outlook.due(opened, self.since, mask)
        (rows,) = xp.nonzero(due)
        batches = [rows[chunk] for chunk in chunks(int(rows.shape[0]), ROWS_AT_ONCE)]
        in_parallel(lambda batch: self._observe(state, mask, batch), batches, threads=self.outlook.game.threads)

    def _observe(self, state: State, mask: Array, rows: Array) -> None:
        outlook, xp, on_host = self.outlook, array_namespace(mask), to_numpy(rows)
        outlook.observer.refresh(self.features, state, rows)
        self.features[rows, :, MAY_START] = xp.astype(mask[rows, :-1], xp.float32)
        prices = self.prices.take(on_host)
        shortlist = outlook.observe(state.take(rows), self.features[rows], mask[rows], self.weights[rows], prices)
        self.prices.put(on_host, prices)
        score, close, _ = decide(self.parameters, shortlist.villages, shortlist.candidates, shortlist.city)
        self.option[rows], self.score[rows], self.close[rows] = shortlist.option, score, close
        self.since[rows] = 0

    def best(self, state: State, mask: Array) -> Array:
        """Action of the game with the highest score; limits on the whole plan are asked of the best alone.

        A list of which nothing fits any more, where villages may still start, is drawn up anew.
        """
        action = self._best(state, mask)
        dry = self._dry(state, mask, action)
        if dry.shape[0]:
            self._observe(state, mask, dry)
            action = self._best(state, mask)
        return action

    def _dry(self, state: State, mask: Array, action: Array) -> Array:
        """Environments about to close a year though villages may start, because nothing listed fits any more."""
        game, xp = self.outlook.game, array_namespace(mask)
        closes = (action == game.close_action) & (self.since > 0) & xp.any(mask[:, :-1], axis=1)
        (rows,) = xp.nonzero(closes & game.has_plan_limits)
        listed = (self.score[rows] > CLOSED) & mask[rows, :-1][:, :, None]
        row, village, k = xp.nonzero(listed)
        fit = fits(game, state, rows[row], village, self.option[rows[row], village, k])
        some_fit = xp.zeros_like(rows, dtype=xp.bool)
        some_fit[row[fit]] = True
        return rows[~some_fit]

    def _best(self, state: State, mask: Array) -> Array:
        """Action of the game with the highest score that fits, shape (n_envs,)."""
        game, xp = self.outlook.game, array_namespace(mask)
        env = xp.arange(state.n_envs, device=device(mask))
        score = xp.where(mask[:, :-1, None], self.score, xp.full_like(self.score, CLOSED))
        score = xp.reshape(score, (state.n_envs, -1))
        stays = xp.where(self.outlook.may_close(mask), self.close, xp.full_like(self.close, CLOSED))
        while True:
            choice = xp.argmax(score, axis=1)
            best = score[env, choice]
            village, k = choice // N_CANDIDATES, choice % N_CANDIDATES
            option = self.option[env, village, k]
            starts = (best > CLOSED) & (best >= stays)
            (asked,) = xp.nonzero(starts)
            fit = fits(game, state, asked, village[asked], option[asked])
            missed = asked[~fit]
            if not missed.shape[0]:
                return xp.where(starts, village * game.n_options + option, game.close_action)
            score[missed, choice[missed]] = CLOSED
