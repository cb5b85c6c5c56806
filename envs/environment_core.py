"""Where a year happens: a batch of environments, reset, stepped and observed, without any learner's interface."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from data.arrays import BoolArray, FloatArray, IntArray, SingleArray
from data.city import City
from data.errors import refuse
from data.files.cities import load_city
from data.scenario import RuleMode, Scenario
from data.scenario_files import load_scenario
from envs.choices.anchors import Anchors
from envs.choices.bargained_options import with_agreements
from envs.game.constants import GAME_PRECISION, GameConstants, game_constants
from envs.game.dynamics import initial_state, is_over, reset, step_in_place
from envs.game.masks import action_mask, option_mask, village_mask
from envs.game.observation import MAY_START, Observer, make_observer, static_features
from envs.game.quick_anchors import environment_anchors
from envs.game.reward import RewardScale, penalty, reward_scale
from envs.game.state import State
from envs.kernel import ResolvedScenario, resolve
from envs.kernel.plans import canonical
from envs.kernel.trace import Precision
from envs.plan_record import PlanRecord
from envs.rules.check import refuse_unknown_rules, rule_mode, violations


@dataclass(frozen=True, eq=False)
class Setup:
    """What all environments of one city and scenario share.

    Attributes:
        game: constants of the game.
        initial_state: of one environment, before the first decision.
        scale: of the reward.
        observer: of the state.
        anchors: in natural units.
    """

    game: GameConstants
    initial_state: State
    scale: RewardScale
    observer: Observer
    anchors: Anchors


def set_up(
    city: str | City,
    scenario: str | Scenario,
    *,
    anchors: Anchors | None = None,
    precision: Precision = GAME_PRECISION,
    threads: int = 1,
) -> Setup:
    """Read, resolve and prepare; the last few games are kept, since a large city takes long to resolve.

    Args:
        city: embedded name, GeoPackage, or city.
        scenario: preset name, YAML file, or scenario.
        anchors: scale of the reward; None = stored ones, else a quick set.
        precision: at which plans are measured at the end of a year.
        threads: worker threads of that measurement.

    Returns:
        The setup.

    Raises:
        InputError: either cannot be read, they do not fit, or an objective has no value where nothing is renewed.
    """
    scenario = load_scenario(scenario) if isinstance(scenario, str) else scenario
    refuse_unknown_rules(scenario)
    city = load_city(city) if isinstance(city, str) else city
    key = (city.digest, scenario.digest, precision, threads)
    if key not in _prepared:
        prepared = _prepare(resolve(scenario, city), precision, threads)
        while len(_prepared) >= MAX_PREPARED:
            _prepared.pop(next(iter(_prepared)))
        _prepared[key] = prepared
    return _with_scale(_prepared[key], anchors)


def set_up_resolved(
    resolved: ResolvedScenario,
    *,
    anchors: Anchors | None = None,
    precision: Precision = GAME_PRECISION,
    threads: int = 1,
) -> Setup:
    """Prepare a scenario that is resolved already; as set_up otherwise, but nothing is kept."""
    refuse_unknown_rules(resolved.scenario)
    return _with_scale(_prepare(resolved, precision, threads), anchors)


@dataclass(frozen=True, eq=False)
class _Prepared:
    """What takes long to make and is never changed: constants, initial state, static features of the villages."""

    game: GameConstants
    initial_state: State
    static: FloatArray


def _with_scale(prepared: _Prepared, anchors: Anchors | None) -> Setup:
    game = prepared.game
    if anchors is None:
        anchors, source = environment_anchors(game)
    elif anchors.objectives != game.objectives:
        raise refuse(
            "anchors_of_other_objectives", layer="anchors", anchors=anchors.objectives, objectives=game.objectives
        )
    else:
        source = "given"
    scale = reward_scale(anchors, source)
    observer = make_observer(game, scale, prepared.initial_state, prepared.static)
    return Setup(game=game, initial_state=prepared.initial_state, scale=scale, observer=observer, anchors=anchors)


def _prepare(resolved: ResolvedScenario, precision: Precision, threads: int) -> _Prepared:
    game = game_constants(with_agreements(resolved), precision=precision, threads=threads)
    start = initial_state(game)
    _refuse_undefined(game.resolved, start.objectives)
    return _Prepared(game, start, static_features(game))


_prepared: dict[tuple[str, str, Precision, int], _Prepared] = {}
MAX_PREPARED = 4
"""Games kept; that of 1,000 villages takes about 100 MB."""


def _refuse_undefined(resolved: ResolvedScenario, objectives: FloatArray) -> None:
    absent = np.flatnonzero(np.isnan(objectives).any(axis=0))
    if absent.size:
        names = [resolved.scenario.objectives[k] for k in absent]
        raise refuse("objective_undefined", layer="objectives", objectives=names)


@dataclass(frozen=True, eq=False)
class StepResult:
    """What one step of all environments gave.

    Attributes:
        reward: change of the objectives in anchor units less the penalty, shape (n_envs, n_objectives), float64.
        over: True where the episode ended, shape (n_envs,).
        obeyed: False where a forbidden action closed the year instead, shape (n_envs,).
        penalties: what each finished plan lost in every objective, by environment.
        records: finished plans, by environment.
    """

    reward: FloatArray
    over: BoolArray
    obeyed: BoolArray
    penalties: dict[int, float]
    records: dict[int, PlanRecord]


class EnvironmentCore:
    """Environments of one setup, stepped together: state, observation and reward, as arrays.

    Args:
        setup: what they share.
        n_envs: how many.
    """

    def __init__(self, setup: Setup, n_envs: int) -> None:
        """See the class."""
        self.setup = setup
        self.game = setup.game
        self.state = reset(setup.initial_state, n_envs)
        self._features = setup.observer.blank(n_envs)
        self._village_mask: BoolArray = np.zeros((n_envs, self.game.n_villages + 1), dtype=bool)
        self.reset(np.arange(n_envs))

    def reset(self, rows: IntArray) -> None:
        """Start new episodes in some environments."""
        self.state.put(rows, reset(self.setup.initial_state, rows.size))
        self.setup.observer.refresh(self._features, self.state, rows)
        self._update_mask()

    def _update_mask(self) -> None:
        """Compute the mask anew and write what changed of it into the features."""
        mask = village_mask(self.game, self.state)
        changed = np.flatnonzero(mask != self._village_mask)  # of one axis it is much quicker
        env, village = np.divmod(changed, self.game.n_villages + 1)
        env, village = (index[village < self.game.n_villages] for index in (env, village))
        self._features[env, village, MAY_START] = mask[env, village]
        self._village_mask = mask

    def step(self, actions: IntArray, seeds: list[int | None], acts: BoolArray | None = None) -> StepResult:
        """Take one action in every environment; none of them may be over.

        Args:
            actions: shape (n_envs,).
            seeds: of the episodes, for their records.
            acts: False where an environment stays as it is and its action is ignored, shape (n_envs,); None = all act.

        Raises:
            InputError: an objective has no value for a plan that was reached.
        """
        move = step_in_place(self.game, self.state, actions, mask=self._village_mask, acts=acts)
        observer = self.setup.observer
        if move.started.size:
            observer.mark(self._features, self.state, move.started, move.village)
        if move.closed.size:
            observer.refresh(self._features, self.state, move.closed)
        self._update_mask()
        _refuse_undefined(self.game.resolved, self.state.objectives)
        reward = self.setup.scale.vector(move.change)
        over = is_over(self.game, self.state)
        penalties: dict[int, float] = {}
        records: dict[int, PlanRecord] = {}
        if over.any():
            rows = np.flatnonzero(over)
            plan_records, lost = self._finish(rows, seeds)
            reward[rows] -= lost[:, None]
            penalties = dict(zip(rows.tolist(), lost.tolist(), strict=True))
            records = dict(zip(rows.tolist(), plan_records, strict=True))
        return StepResult(reward, over, move.obeyed, penalties, records)

    def _finish(self, rows: IntArray, seeds: list[int | None]) -> tuple[list[PlanRecord], FloatArray]:
        """Records of finished plans, and what broken rules cost them; the rule checker decides."""
        game = self.game
        plans = canonical(game.space.decode(self.state.start_year[rows], self.state.option[rows]))
        modes = (RuleMode.HARD, RuleMode.PENALIZED)
        names, excess = violations(game.resolved, plans, modes=modes, precision=game.precision, threads=game.threads)
        hard = np.array([rule_mode(game.resolved.scenario, name) is RuleMode.HARD for name in names], dtype=bool)
        valid = np.all(excess[:, hard] == 0.0, axis=1)
        records = [
            PlanRecord(
                plan=plans[i : i + 1],
                digest=game.resolved.digest,
                seed=seeds[row],
                objectives=dict(zip(game.objectives, self.state.objectives[row].tolist(), strict=True)),
                valid=bool(valid[i]),
                violations={n: float(e) for n, e in zip(names, excess[i], strict=True) if e > 0.0},
            )
            for i, row in enumerate(rows)
        ]
        return records, penalty(excess)

    def observe(self, weights: FloatArray) -> dict[str, Any]:
        """Fresh observation of every environment; weights (n_envs, n_objectives)."""
        n_envs = self.state.n_envs
        return {
            "global": self.setup.observer.overview(self.state),
            "villages": self._features.reshape(n_envs, -1).copy(),
            "weights": weights.astype(np.float32),
        }

    def village_features(self, rows: IntArray) -> SingleArray:
        """Features of the villages of some environments, shape (n_rows, n_villages, n_village_features)."""
        return self._features[rows]

    def village_mask(self) -> BoolArray:
        """True for villages that may start now; last column: the year may be closed. (n_envs, n_villages + 1)."""
        return self._village_mask.copy()

    def option_mask(self, village: IntArray) -> BoolArray:
        """True for the options of one village of each environment, (n_envs,) to (n_envs, n_options)."""
        return option_mask(self.game, self.state, village)

    def action_mask(self) -> BoolArray:
        """Joint mask, shape (n_envs, n_villages x n_options + 1)."""
        return action_mask(self.game, self.state)
