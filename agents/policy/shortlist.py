"""The observation of a policy: a shortlist of candidate actions, a few options of every village, and their gains.

At the plan so far the marginal gain of every open choice is known (envs.choices.marginal_gain). For every village the
list holds the option that gains most under the preference weights, and those that gain most when the weights are moved
halfway towards one objective. Its features are shares, signs and ranks, so that they mean the same in a city of thirty
villages and in one of thousands, and villages stand in it in any order.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from agents.objectives import OBJECTIVES
from data.errors import refuse
from envs.choices.marginal_gain import MarginalGains, marginal_gains
from envs.environment_core import Setup
from envs.game.constants import GameConstants, game_constants
from envs.game.dynamics import initial_state
from envs.game.observation import GLOBAL_FEATURES, OPTION_FEATURES, Observer, make_observer, option_features
from envs.game.state import State
from envs.kernel.computing.backend import Array, array_namespace, device, like
from envs.kernel.plans import canonical

N_CANDIDATES = 1 + len(OBJECTIVES)
OWN_FEATURES = (
    "open",
    *(f"gain_{name}" for name in OBJECTIVES),
    "gain",
    "gain_later",
    "rank_in_year",
    "rank_in_programme",
    "favorite",
)
"""Of a candidate: may it start; its weighted gains now, relative to the mean of those the open year has room for; the
largest weighted gain of a later start; the village's rank, relative to the room of the year and of the years left; is
it the option that gains most."""
CANDIDATE_FEATURES = (*OWN_FEATURES, *OPTION_FEATURES)
OPEN, GAIN, FAVORITE = (OWN_FEATURES.index(name) for name in ("open", "gain", "favorite"))
CITY_FEATURES = (
    *GLOBAL_FEATURES,
    *(f"change_{name}" for name in OBJECTIVES),
    *(f"weight_{name}" for name in OBJECTIVES),
    "promise_of_year",
    "promise_of_programme",
)
"""As the environment's overview; then the weights, and the sums of the largest gains there is room for."""
NUDGE = 0.5
FAR = 5.0
"""Features lie within -FAR..FAR."""
LISTS_PER_YEAR, LISTS_IN_LARGE_CITY, LARGE_CITY = 3, 2, 500
"""The list is drawn up when a year opens, and again after each third of its quota; half of it above 500 villages."""
ROWS_AT_ONCE = 16


@dataclass(frozen=True, eq=False)
class Shortlist:
    """Observations of some environments, and the options that their candidates stand for.

    Attributes:
        option: of each candidate, shape (n_envs, n_villages, N_CANDIDATES).
        villages: shape (n_envs, n_villages, n_village_features), float32.
        candidates: shape (n_envs, n_villages, N_CANDIDATES, n_candidate_features), float32.
        city: shape (n_envs, n_city_features), float32.
    """

    option: Array
    villages: Array
    candidates: Array
    city: Array


@dataclass(frozen=True, eq=False)
class Outlook:
    """What observes the environments of one city and scenario for a policy, in the array library of the game.

    It holds all that stays the same in every episode; `observe` draws up the shortlists.

    Attributes:
        game: constants of the game.
        observer: of its state.
        gains: linear model.
        per_unit: anchor ranges per natural unit of each objective, positive = better, shape (n_objectives,).
        quantities: of `gains`, shape (n_villages, n_quantities, n_options), float32.
        by_option: the same by village and option, shape (n_villages, n_options, n_quantities).
        options: what every option is, shape (n_options, n_option_features), float32.
    """

    game: GameConstants
    observer: Observer
    gains: MarginalGains
    per_unit: np.ndarray
    quantities: Array
    by_option: Array
    options: Array

    @property
    def refresh_every(self) -> int:
        """Starts after which a new list is due within a year."""
        lists = LISTS_PER_YEAR if self.game.n_villages <= LARGE_CITY else LISTS_IN_LARGE_CITY
        return max(1, -(-int(self.game.yearly_quota.max()) // lists))

    def due(self, opened: Array, since: Array, mask: Array) -> Array:
        """Where a new list is due, shape (n_envs,).

        Args:
            opened: True where a year was just opened, shape (n_envs,).
            since: starts since the last list, same shape.
            mask: envs.game.masks.village_mask of the state.
        """
        return opened | (since >= self.refresh_every) & array_namespace(mask).any(mask[:, :-1], axis=1)

    def observe(self, state: State, features: Array, open_village: Array, weights: Array) -> Shortlist:
        """Observe some environments: draw up their shortlists.

        Args:
            state: of these environments; years that are over count as the last.
            features: of their villages, from the observer, shape (n_envs, n_villages, n_village_features).
            open_village: True where a village may start now, shape (n_envs, n_villages).
            weights: of the objectives, shape (n_envs, n_objectives), sum 1.
        """
        xp = array_namespace(features)
        n_envs, batches = int(features.shape[0]), []
        for first in range(0, n_envs, ROWS_AT_ONCE):
            rows = xp.arange(first, min(first + ROWS_AT_ONCE, n_envs), device=device(features))
            batches.append(self._observe_rows(state.take(rows), open_village[rows], weights[rows]))
        option, candidates, promise = (xp.concat(arrays, axis=0) for arrays in zip(*batches, strict=True))
        overview = self.observer.overview(state)
        city = xp.concat([overview, xp.astype(weights, xp.float32), promise], axis=1)
        return Shortlist(option, features, candidates, xp.clip(city, -FAR, FAR))

    def _observe_rows(self, state: State, open_village: Array, weights: Array) -> tuple[Array, Array, Array]:
        """Options, candidate features and promise of a few environments."""
        xp, game = array_namespace(open_village), self.game
        row = xp.arange(open_village.shape[0], device=device(open_village))
        plans = canonical(game.space.decode(state.start_year, state.option))
        year = xp.clip(state.year, None, game.plan_years)
        slopes = self.gains.slopes_by_objective(
            plans,
            self.per_unit,
            from_year=int(xp.min(year)),
            threads=game.threads if plans.n_plans == 1 else 1,  # many plans are split among the threads instead
        )
        now = slopes[:, row, :, year - 1]  # (n_envs, n_objectives, n_villages, n_quantities)
        weights = xp.astype(weights, xp.float32)
        option = self._best_options(now, weights)
        village = xp.arange(open_village.shape[1], device=device(open_village))[None, :, None]
        chosen = self.by_option[village, option]  # (n_envs, n_villages, n_candidates, n_quantities)
        by_objective = chosen @ xp.permute_dims(now, (0, 2, 3, 1)) * weights[:, None, None, :]
        gain = xp.sum(by_objective, axis=3)
        later = self._later(slopes, weights, chosen, year)
        is_open = self._open(option, open_village)
        return option, *self._features(state, year, option, is_open, by_objective=by_objective, gain=gain, later=later)

    def _best_options(self, now: Array, weights: Array) -> Array:
        """Options that gain most under the weights and under nudged ones, shape (n_envs, n_villages, n_candidates)."""
        xp = array_namespace(now)
        eye = xp.eye(weights.shape[1], dtype=xp.float32, device=device(weights))
        nudged = (1.0 - NUDGE) * weights[:, None, :] + NUDGE * eye[None]
        every = xp.concat([weights[:, None, :], nudged], axis=1)
        n_envs, n_villages = now.shape[0], now.shape[2]
        slope = every @ xp.reshape(now, (n_envs, now.shape[1], -1))
        slope = xp.reshape(slope, (n_envs, N_CANDIDATES, n_villages, -1))
        slope = xp.reshape(xp.permute_dims(slope, (2, 0, 1, 3)), (n_villages, n_envs * N_CANDIDATES, -1))
        gain = slope @ self.quantities
        gain = xp.where(self.game.space.option_mask[:, None, :], gain, -xp.inf)
        best = xp.reshape(xp.argmax(gain, axis=2), (n_villages, n_envs, N_CANDIDATES))
        return xp.permute_dims(best, (1, 0, 2))

    def _later(self, slopes: Array, weights: Array, chosen: Array, year: Array) -> Array:
        """Largest weighted gain of a start after the open year, at least 0; (n_envs, n_villages, n_candidates)."""
        xp = array_namespace(slopes)
        n_years = slopes.shape[3]
        by_year = xp.sum(slopes * xp.permute_dims(weights, (1, 0))[:, :, None, None, None], axis=0)
        gain = chosen @ xp.permute_dims(by_year, (0, 1, 3, 2))  # (n_envs, n_villages, n_candidates, n_years)
        may = self.game.startable[1:].T[None] & (xp.arange(n_years, device=device(year)) >= year[:, None])[:, None, :]
        return xp.clip(xp.max(xp.where(may[:, :, None, :], gain, -xp.inf), axis=3), 0.0, None)

    def _open(self, option: Array, open_village: Array) -> Array:
        """True for legal candidates of open villages that stand in the list for the first time."""
        xp = array_namespace(option)
        n_villages = option.shape[1]
        village = xp.arange(n_villages, device=device(option))[None, :, None]
        is_open = open_village[:, :, None] & self.game.space.option_mask[village, option]
        for k in range(1, N_CANDIDATES):
            is_open[:, :, k] &= ~xp.any(option[:, :, :k] == option[:, :, k : k + 1], axis=2)
        return is_open

    def _features(
        self,
        state: State,
        year: Array,
        option: Array,
        is_open: Array,
        *,
        by_objective: Array,
        gain: Array,
        later: Array,
    ) -> tuple[Array, Array]:
        """Candidate features, and the promise of the open year and of the programme, (n_envs, 2)."""
        xp, game = array_namespace(gain), self.game
        best = xp.max(xp.where(is_open, gain, -xp.inf), axis=2)
        order = xp.argsort(-best, axis=1)
        rank = xp.argsort(order, axis=1)
        env = xp.arange(year.shape[0], device=device(year))
        room = xp.clip(game.quota[year] - state.started[env, year], 1, None)
        left = room + xp.sum(game.quota) - xp.cumulative_sum(game.quota)[year]
        positive = xp.clip(xp.take_along_axis(best, order, axis=1), 0.0, None)
        place = xp.arange(best.shape[1], device=device(year))[None]
        in_year, in_programme = (xp.sum(positive * (place < n[:, None]), axis=1) for n in (room, left))
        filled = xp.clip(xp.sum((positive > 0.0) & (place < room[:, None]), axis=1), 1, None)
        scale = in_year / filled
        scale = xp.where(scale > 0.0, scale, 1.0)[:, None, None]
        ones = xp.ones_like(gain)
        columns = [
            xp.astype(is_open, xp.float32),
            *(by_objective[..., k] / scale for k in range(len(OBJECTIVES))),
            gain / scale,
            later / scale,
            ones * (rank / room[:, None])[:, :, None],
            ones * (rank / left[:, None])[:, :, None],
            ones * (xp.arange(N_CANDIDATES, device=device(year)) == 0),
        ]
        values = xp.stack([xp.astype(column, xp.float32) for column in columns], axis=3)
        seen = xp.concat([xp.clip(values, -FAR, FAR), self.options[option]], axis=3)
        return seen, xp.astype(xp.stack([in_year, in_programme], axis=1), xp.float32)


def outlook(setup: Setup, reference: Array | None = None) -> Outlook:
    """The outlook on a city: what observes its environments for a policy.

    Args:
        setup: city and scenario, on NumPy.
        reference: an array whose library and device the outlook shall use, for example on a GPU; None = NumPy.

    Raises:
        InputError: the scenario's objectives are not those the features speak of.
    """
    game, observer = setup.game, setup.observer
    if game.objectives != OBJECTIVES:
        raise refuse("policy_objectives", layer="objectives", planned=OBJECTIVES, objectives=game.objectives)
    gains = marginal_gains(game.resolved, game.space, game.objectives, threads=game.threads)
    options = option_features(game).astype(np.float32)
    if reference is not None:
        static = np.asarray(observer.static)
        game = game_constants(game.resolved, precision=game.precision, threads=game.threads, reference=reference)
        observer = make_observer(game, setup.scale, initial_state(game), static)
    on_device = game.locked
    return Outlook(
        game=game,
        observer=observer,
        gains=gains,
        per_unit=setup.scale.per_unit,
        quantities=like(gains.quantities, on_device),
        by_option=like(np.ascontiguousarray(gains.quantities.transpose(0, 2, 1)), on_device),
        options=like(options, on_device),
    )
