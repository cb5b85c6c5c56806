"""The observation of a policy: a shortlist of candidate actions, a few options of every village, and their gains.

At the plan so far the marginal gain of every open choice is known (envs.choices.marginal_gain), and what it pays for
the limits on the whole plan (agents.policy.prices). For every village the list holds the option that gains most under
the preference weights, those that gain most when the weights are moved halfway towards one objective, and the
thriftiest that fits. What does not fit the limits is not offered, nor what gains nothing where nothing asks for it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from agents.objectives import FEWEST_ASKED, KNOWN_OBJECTIVES, MOST_ASKED, policy_knows
from agents.policy.candidate_features import Candidates, candidate_features
from agents.policy.layout import FAR, N_CANDIDATES, N_NUDGED
from agents.policy.prices import Ahead, Prices, corner_options, move_limit_prices, move_year_prices, no_prices
from agents.policy.rule_use import RuleUse, rule_use
from data.errors import refuse
from envs.choices.linear_model import LinearGains
from envs.choices.marginal_gain import MarginalGains, marginal_gains
from envs.environment_core import Setup
from envs.game.constants import GameConstants, game_constants
from envs.game.dynamics import initial_state
from envs.game.masks import cheapest_fitting, fits
from envs.game.observation import GLOBAL_FEATURES, OPTION_FEATURES, Observer, make_observer, option_features
from envs.game.state import State
from envs.kernel.computing.backend import Array, array_namespace, device, like, to_numpy
from envs.kernel.plans import canonical

NUDGE = 0.5
DENSITY = OPTION_FEATURES.index("density_level")
"""Before it stands what kind an option is of, from it on its levels."""
LISTS_PER_YEAR, LISTS_IN_LARGE_CITY, LARGE_CITY = 3, 2, 500
"""The list is drawn up when a year opens, and again after each third of its quota; half of it above 500 villages."""
ROWS_AT_ONCE = 16
MOST_SLOPES = 50_000_000
"""Of the slopes of environments that a device observes at once: 200 MB."""


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
class Foreseen:
    """What the candidates of some environments gain, before years have prices.

    Attributes:
        state: of these environments.
        mask: envs.game.masks.village_mask of the state.
        year: open year, the last where the episode is over, shape (n_envs,).
        option: of the candidates, shape (n_envs, n_villages, n_candidates).
        by_objective: weighted gains now, shape (n_envs, n_villages, n_candidates, n_objectives).
        price: what they pay for limits, shape (n_envs, n_villages, n_candidates).
        by_year: gains less prices by start year, shape (n_envs, n_villages, n_candidates, plan_years).
        use: as in Candidates.
    """

    state: State
    mask: Array
    year: Array
    option: Array
    by_objective: Array
    price: Array
    by_year: Array
    use: Array | None


@dataclass(frozen=True, eq=False)
class Outlook:
    """What observes the environments of one city and scenario for a policy, in the array library of the game.

    It holds all that stays the same in every episode; `observe` draws up the shortlists.

    Attributes:
        game: constants of the game.
        observer: of its state.
        gains: linear model.
        priced_by: the linear model of the options with which prices of limits are found.
        uses: limits on the whole plan, as the linear model foretells them; None = there are none.
        per_unit: anchor ranges per natural unit of each objective, positive = better, shape (n_objectives,).
        slots: place of each objective among KNOWN_OBJECTIVES.
        quantities: of `gains`, shape (n_villages, n_quantities, n_options), float32.
        by_option: the same by village and option, shape (n_villages, n_options, n_quantities).
        options: what every option is, shape (n_options, n_option_features), float32.
    """

    game: GameConstants
    observer: Observer
    gains: MarginalGains
    priced_by: LinearGains
    uses: RuleUse | None
    per_unit: np.ndarray
    slots: tuple[int, ...]
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

    def may_close(self, mask: Array) -> Array:
        """Where closing the year is offered, shape (n_envs,): not while locked villages that may start bar the others.

        Args:
            mask: envs.game.masks.village_mask of the state.
        """
        closable = mask[:, -1]
        if not (self.game.has_plan_limits and self.game.has_locked):
            return closable
        return closable & ~array_namespace(mask).any(mask[:, :-1] & self.game.locked, axis=1)

    def no_prices(self, n_envs: int) -> Prices:
        """Prices of episodes that begin."""
        n_limits = 0 if self.uses is None else self.uses.limits.n_limits
        return no_prices(n_envs, n_limits, self.game.plan_years)

    def observe(self, state: State, features: Array, mask: Array, weights: Array, prices: Prices) -> Shortlist:
        """Observe some environments: draw up their shortlists.

        Args:
            state: of these environments; years that are over count as the last.
            features: of their villages, from the observer, shape (n_envs, n_villages, n_village_features).
            mask: envs.game.masks.village_mask of the state, shape (n_envs, n_villages + 1).
            weights: of the objectives, shape (n_envs, n_objectives), sum 1.
            prices: of these environments as they last stood; they are renewed in place.
        """
        xp = array_namespace(features)
        n_envs, batches = int(features.shape[0]), []
        at_once = self._rows_at_once(on_host=isinstance(features, np.ndarray))
        for first in range(0, n_envs, at_once):
            some = slice(first, min(first + at_once, n_envs))
            rows = xp.arange(some.start, some.stop, device=device(features))
            kept = prices.take(np.arange(some.start, some.stop))
            batches.append(self._observe_rows(state.take(rows), mask[rows], weights[rows], kept))
            prices.put(np.arange(some.start, some.stop), kept)
        option, candidates, promise = (xp.concat(arrays, axis=0) for arrays in zip(*batches, strict=True))
        return Shortlist(option, features, candidates, self.city_features(state, weights, promise))

    def city_features(self, state: State, weights: Array, promise: Array) -> Array:
        """Features of the city, shape (n_envs, n_city_features).

        Args:
            state: of the environments.
            weights: of the objectives, shape (n_envs, n_objectives).
            promise: from candidate_features, shape (n_envs, 4).
        """
        xp = array_namespace(promise)
        overview = self.observer.overview(state)
        n_global = len(GLOBAL_FEATURES)
        change, asked = self._in_slots(overview[:, n_global:]), self._in_slots(xp.astype(weights, xp.float32))
        return xp.clip(xp.concat([overview[:, :n_global], change, asked, promise], axis=1), -FAR, FAR)

    def _rows_at_once(self, *, on_host: bool) -> int:
        """Environments observed at once: few fit a processor's cache, a device takes what its memory holds."""
        if on_host:
            return ROWS_AT_ONCE
        n_villages, n_years, n_quantities = self.gains.slopes_shape
        return max(ROWS_AT_ONCE, MOST_SLOPES // (len(self.slots) * n_villages * n_years * max(n_quantities, 1)))

    def _in_slots(self, values: Array) -> Array:
        """Values of the objectives in their places among KNOWN_OBJECTIVES, 0 elsewhere; the last axis."""
        xp = array_namespace(values)
        if self.slots == tuple(range(len(KNOWN_OBJECTIVES))):
            return values
        none = xp.zeros_like(values[..., 0])
        places = {slot: values[..., k] for k, slot in enumerate(self.slots)}
        return xp.stack([places.get(slot, none) for slot in range(len(KNOWN_OBJECTIVES))], axis=-1)

    def _observe_rows(self, state: State, mask: Array, weights: Array, prices: Prices) -> tuple[Array, Array, Array]:
        """Options, candidate features and promise of a few environments; their prices are renewed."""
        seen = self.foreseen(state, mask, weights, prices)
        if isinstance(mask, np.ndarray):
            return self.listed(seen, self._host_year_prices(seen, prices))
        from agents.policy.year_price_batches import batched_year_prices  # needs torch, as these arrays do

        return self.listed(seen, batched_year_prices(*self.left_to_decide(seen)))

    def foreseen(self, state: State, mask: Array, weights: Array, prices: Prices) -> Foreseen:
        """What the candidates of some environments gain, now and in years to come; their prices of limits are renewed.

        Args:
            state: of these environments; years that are over count as the last.
            mask: envs.game.masks.village_mask of the state, shape (n_envs, n_villages + 1).
            weights: of the objectives, shape (n_envs, n_objectives), sum 1.
            prices: of these environments as they last stood.
        """
        xp, game = array_namespace(mask), self.game
        row = xp.arange(mask.shape[0], device=device(mask))
        plans = canonical(game.space.decode(state.start_year, state.option))
        year = xp.clip(state.year, None, game.plan_years)
        slopes = self.gains.slopes_by_objective(
            plans,
            self.per_unit,
            from_year=int(xp.min(year)),
            threads=game.threads if plans.n_plans == 1 else 1,  # many plans are split among the threads instead
        )
        weights = xp.astype(weights, xp.float32)
        weighted = xp.sum(slopes * xp.permute_dims(weights, (1, 0))[:, :, None, None, None], axis=0)
        used, paid = self._paid(state, year, weighted, prices)
        now, paid_now = slopes[:, row, :, year - 1], None if paid is None else paid[row, :, year - 1]
        option = self._options(state, mask, now, paid_now, weights)
        chosen = self.by_option[xp.arange(game.n_villages, device=device(mask))[None, :, None], option]
        by_objective = chosen @ xp.permute_dims(now, (0, 2, 3, 1)) * weights[:, None, None, :]
        price = xp.zeros_like(by_objective[..., 0]) if paid_now is None else (chosen @ paid_now[..., None])[..., 0]
        return Foreseen(
            state=state,
            mask=mask,
            year=year,
            option=option,
            by_objective=by_objective,
            price=price,
            by_year=chosen @ xp.permute_dims(weighted if paid is None else weighted - paid, (0, 1, 3, 2)),
            use=None if self.uses is None or used is None else self.uses.relative(chosen, year, used),
        )

    def listed(self, seen: Foreseen, year_price: Array) -> tuple[Array, Array, Array]:
        """Options, candidate features and promise of some environments.

        Args:
            seen: from `foreseen`.
            year_price: of a start in each year, shape (n_envs, plan_years).
        """
        xp, game = array_namespace(seen.mask), self.game
        gain = xp.sum(seen.by_objective, axis=3) - seen.price
        candidates = Candidates(
            option=seen.option,
            is_open=self._open(seen.state, seen.mask, seen.option, gain),
            by_objective=self._in_slots(seen.by_objective),
            price=seen.price,
            gain=gain,
            later=self._later(seen.by_year, seen.year),
            waiting=self._waiting(xp.max(seen.by_year, axis=2), seen.year, xp.astype(year_price, xp.float32)),
            use=seen.use,
        )
        return seen.option, *candidate_features(game, seen.state, seen.year, candidates, self.options)

    def left_to_decide(self, seen: Foreseen) -> tuple[Array, Array, Array, Array]:
        """Best gains, what may still start when, the open year and the room of each: see batched_year_prices."""
        xp, game, state = array_namespace(seen.mask), self.game, seen.state
        still = xp.arange(game.plan_years + 1, device=device(seen.mask)) >= seen.year[:, None]
        free = (state.start_year == 0)[:, :, None] & game.startable.T[None] & still[:, None, :]
        keep = ~xp.any(free, axis=2) | ~game.locked
        may = xp.concat([keep[:, :, None], free[:, :, 1:]], axis=2)
        room = xp.clip(xp.where(still, game.quota - state.started, 0)[:, 1:], 0, None)
        in_play = (seen.year < game.plan_years)[:, None]  # in the last year there is nothing to wait for
        return xp.max(seen.by_year, axis=2), may, seen.year, xp.where(in_play, room, 0)

    def _host_year_prices(self, seen: Foreseen, prices: Prices) -> Array:
        """Prices of a start in each year by NumPy, one environment after another; they are kept in `prices`."""
        if bool(np.any(seen.year < self.game.plan_years)):
            move_year_prices(prices, np.max(seen.by_year, axis=2), self._ahead(seen.state, seen.year))
        return prices.years

    def _ahead(self, state: State, year: Array) -> Ahead:
        """What is still to be decided, on the host."""
        game = self.game
        open_year, start_year = to_numpy(year), to_numpy(state.start_year)
        years = np.arange(game.plan_years + 1)
        still = years >= open_year[:, None]
        free = (start_year == 0)[:, :, None] & to_numpy(game.startable).T[None] & still[:, None, :]
        decided = ~free.any(axis=2)
        free[..., 0] = decided | ~to_numpy(game.locked)
        room = np.where(still, game.yearly_quota - to_numpy(state.started), 0)[:, 1:]
        return Ahead(open_year, free, np.maximum(room, 0))

    def _paid(
        self, state: State, year: Array, weighted: Array, prices: Prices
    ) -> tuple[np.ndarray | None, Array | None]:
        """Use of each limit so far, (n_envs, n_limits), and what a unit of each quantity pays, shaped as `weighted`."""
        if self.uses is None:
            return None, None
        limits, ahead = self.uses.limits, self._ahead(state, year)
        start_year, option = to_numpy(state.start_year), to_numpy(state.option)
        used = np.stack([limits.use(self.gains, *plan).sum(axis=0) for plan in zip(start_year, option, strict=True)])
        move_limit_prices(prices, self.priced_by, to_numpy(weighted), limits, ahead, used)
        return used, like(self.uses.paid(prices.limits), weighted)

    def _options(self, state: State, mask: Array, now: Array, paid_now: Array | None, weights: Array) -> Array:
        """Options of the candidates, shape (n_envs, n_villages, n_candidates)."""
        xp = array_namespace(now)
        best = self._best_options(now, paid_now, weights)
        thrifty = xp.asarray(best[:, :, 0], copy=True)
        if self.game.has_plan_limits:
            env, village = xp.nonzero(mask[:, :-1])
            fitting = cheapest_fitting(self.game, state, env, village)
            thrifty[env, village] = xp.where(fitting >= 0, fitting, thrifty[env, village])
        return xp.concat([best, thrifty[:, :, None]], axis=2)

    def _best_options(self, now: Array, paid_now: Array | None, weights: Array) -> Array:
        """Options that gain most under the weights and under nudged ones, shape (n_envs, n_villages, 1 + N_NUDGED)."""
        xp = array_namespace(now)
        eye = xp.eye(weights.shape[1], dtype=xp.float32, device=device(weights))
        towards = eye[xp.argsort(-weights, axis=1, stable=True)[:, :N_NUDGED]]
        nudged = (1.0 - NUDGE) * weights[:, None, :] + NUDGE * towards
        every = xp.concat([weights[:, None, :], nudged], axis=1)
        n_envs, n_villages, n_weights = now.shape[0], now.shape[2], every.shape[1]
        slope = every @ xp.reshape(now, (n_envs, now.shape[1], -1))
        slope = xp.reshape(slope, (n_envs, n_weights, n_villages, -1))
        if paid_now is not None:
            slope = slope - paid_now[:, None]
        slope = xp.reshape(xp.permute_dims(slope, (2, 0, 1, 3)), (n_villages, n_envs * n_weights, -1))
        gain = slope @ self.quantities
        gain = xp.where(self.game.space.option_mask[:, None, :], gain, -xp.inf)
        best = xp.permute_dims(xp.reshape(xp.argmax(gain, axis=2), (n_villages, n_envs, n_weights)), (1, 0, 2))
        missing = best[:, :, :1][:, :, [0] * (1 + N_NUDGED - n_weights)]
        return xp.concat([best, missing], axis=2)

    def _later(self, by_year: Array, year: Array) -> Array:
        """Largest gain of a start after the open year, at least 0; (n_envs, n_villages, n_candidates)."""
        xp = array_namespace(by_year)
        gain = xp.where(self._may_later(year)[:, :, None, :], by_year, -xp.inf)
        return xp.clip(xp.max(gain, axis=3), 0.0, None)

    def _may_later(self, year: Array) -> Array:
        """True where a village may start in a year after the open one, shape (n_envs, n_villages, plan_years)."""
        xp = array_namespace(year)
        years = xp.arange(self.game.plan_years, device=device(year))
        return self.game.startable[1:].T[None] & (years >= year[:, None])[:, None, :]

    def _waiting(self, best: Array, year: Array, year_price: Array) -> Array:
        """What waiting is worth: the largest gain of a later start less the price of its year; (n_envs, n_villages).

        At least 0, as the village may be kept; where it must be renewed there is no such choice.
        """
        xp = array_namespace(best)
        gain = xp.max(xp.where(self._may_later(year), best - year_price[:, None, :], -xp.inf), axis=2)
        return xp.clip(gain, 0.0, None)

    def _open(self, state: State, mask: Array, option: Array, gain: Array) -> Array:
        """True for legal candidates of open villages that fit, gain or must be, and stand in the list first."""
        xp, game = array_namespace(option), self.game
        village = xp.arange(option.shape[1], device=device(option))[None, :, None]
        must = game.locked[None, :] | ~self.may_close(mask)[:, None]
        is_open = mask[:, :-1, None] & game.space.option_mask[village, option] & ((gain > 0.0) | must[:, :, None])
        for k in range(1, N_CANDIDATES):
            is_open[:, :, k] &= ~xp.any(option[:, :, :k] == option[:, :, k : k + 1], axis=2)
        if game.has_plan_limits:
            at = xp.nonzero(is_open)
            is_open[at] = fits(game, state, at[0], at[1], option[at])
        return is_open


def outlook(setup: Setup, reference: Array | None = None) -> Outlook:
    """The outlook on a city: what observes its environments for a policy.

    Args:
        setup: city and scenario, on NumPy.
        reference: an array whose library and device the outlook shall use, for example on a GPU; None = NumPy.

    Raises:
        InputError: the scenario's objectives are not those the features speak of.
    """
    game, observer = setup.game, setup.observer
    asked = game.objectives
    if not policy_knows(asked):
        raise refuse(
            "policy_objectives",
            layer="objectives",
            least=FEWEST_ASKED,
            most=MOST_ASKED,
            planned=KNOWN_OBJECTIVES,
            objectives=asked,
        )
    gains = marginal_gains(game.resolved, game.space, asked, with_limits=game.has_plan_limits, threads=game.threads)
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
        priced_by=corner_options(gains, options[:, :DENSITY], options[:, DENSITY:]),
        uses=rule_use(gains, on_device) if game.has_plan_limits else None,
        per_unit=setup.scale.per_unit,
        slots=tuple(KNOWN_OBJECTIVES.index(name) for name in asked),
        quantities=like(gains.quantities, on_device),
        by_option=like(np.ascontiguousarray(gains.quantities.transpose(0, 2, 1)), on_device),
        options=like(options, on_device),
    )
