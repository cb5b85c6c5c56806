"""Episodes of one city as a policy observes them; its actions point at village and candidate of a shortlist."""

from __future__ import annotations

import numpy as np

from agents.policy.layout import CANDIDATE_FEATURES, CITY_FEATURES, N_CANDIDATES, OPEN
from agents.policy.shortlist import Outlook
from data.arrays import BoolArray, FloatArray, IntArray, SingleArray
from envs.environment_core import EnvironmentCore, Setup, StepResult
from envs.game.masks import fits
from envs.game.observation import VILLAGE_FEATURES


class Episodes:
    """Some episodes of one setup, side by side.

    A choice, the action of a policy, is village x N_CANDIDATES + candidate; the last one closes the year. The
    observation stays as it is until the list is drawn up anew: when a year opens, and after each part of its quota.

    Attributes:
        villages: as in Shortlist, one row per episode, like all that follow.
        candidates: as in Shortlist.
        city: as in Shortlist.
        option: as in Shortlist.
        weights: of the objectives, shape (n_envs, n_objectives).
    """

    def __init__(self, setup: Setup, outlook: Outlook, weights: FloatArray) -> None:
        """City and scenario, the outlook on it, and the preference weights of each episode, (n_envs, n_objectives)."""
        self.setup, self.outlook, self.game = setup, outlook, setup.game
        n_envs, n_villages = len(weights), setup.game.n_villages
        self.core = EnvironmentCore(setup, n_envs)
        self.weights = np.array(weights, dtype=np.float64)
        self.villages: SingleArray = np.zeros((n_envs, n_villages, len(VILLAGE_FEATURES)), dtype=np.float32)
        shape = (n_envs, n_villages, N_CANDIDATES)
        self.candidates: SingleArray = np.zeros((*shape, len(CANDIDATE_FEATURES)), dtype=np.float32)
        self.option: IntArray = np.zeros(shape, dtype=np.int64)
        self.city: SingleArray = np.zeros((n_envs, len(CITY_FEATURES)), dtype=np.float32)
        self._since: IntArray = np.zeros(n_envs, dtype=np.int64)
        self._prices = outlook.no_prices(n_envs)
        self._observe(np.arange(n_envs))

    @property
    def n_envs(self) -> int:
        """Episodes side by side."""
        return int(self._since.size)

    @property
    def close_choice(self) -> int:
        """The choice that closes the year."""
        return self.game.n_villages * N_CANDIDATES

    def reset(self, rows: IntArray, weights: FloatArray) -> None:
        """Start new episodes in some rows with preference weights of their own, shape (n_rows, n_objectives)."""
        self.weights[rows] = weights
        self.core.reset(rows)
        self._prices.put(rows, self.outlook.no_prices(rows.size))
        self._observe(rows)

    def _observe(self, rows: IntArray) -> None:
        if not rows.size:
            return
        core, prices = self.core, self._prices.take(rows)
        shortlist = self.outlook.observe(
            core.state.take(rows), core.village_features(rows), core.village_mask()[rows], self.weights[rows], prices
        )
        self._prices.put(rows, prices)
        self.villages[rows], self.candidates[rows] = shortlist.villages, shortlist.candidates
        self.option[rows], self.city[rows] = shortlist.option, shortlist.city
        self._since[rows] = 0

    def startable(self) -> BoolArray:
        """Candidates that may start but for limits on the whole plan, shape (n_envs, n_villages, N_CANDIDATES)."""
        listed = self.candidates[..., OPEN] > 0.0
        return listed & self.core.village_mask()[:, :-1, None]

    def mask(self) -> BoolArray:
        """True for choices that are legal now, shape (n_envs, n_villages x N_CANDIDATES + 1)."""
        may = self.startable()
        if self.game.has_plan_limits:
            env, village, k = np.nonzero(may)
            may[env, village, k] = fits(self.game, self.core.state, env, village, self.option[env, village, k])
        may = may.reshape(self.n_envs, -1)
        closable = self.outlook.may_close(self.core.village_mask()) | ~may.any(axis=1)
        return np.concatenate([may, closable[:, None]], axis=1)

    def actions(self, choices: IntArray) -> IntArray:
        """Actions of the game, both of shape (n_envs,)."""
        closes = choices == self.close_choice
        village, k = np.divmod(np.where(closes, 0, choices), N_CANDIDATES)
        action = village * self.game.n_options + self.option[np.arange(self.n_envs), village, k]
        return np.where(closes, self.game.close_action, action)

    def step(self, choices: IntArray) -> StepResult:
        """Take one choice in every episode; finished ones must be reset before the next step."""
        year = self.core.state.year.copy()
        stepped = self.core.step(self.actions(choices), [None] * self.n_envs)
        opened = self.core.state.year > year
        self._since += ~opened
        due = self.outlook.due(opened, self._since, self.core.village_mask()) | self._is_dry()
        self._observe(np.flatnonzero(due & ~stepped.over))
        return stepped

    def _is_dry(self) -> BoolArray:
        """Where villages may start, but nothing that is listed fits any more, shape (n_envs,)."""
        village_mask = self.core.village_mask()
        if not self.game.has_plan_limits:
            return np.zeros(self.n_envs, dtype=bool)
        return village_mask[:, :-1].any(axis=1) & (self._since > 0) & ~self.mask()[:, :-1].any(axis=1)
