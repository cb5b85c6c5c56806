"""Games of one city side by side, played in rounds: a look, then the decisions that its list is good for.

Within a round nothing is read back from the device: a row whose list is due, or whose year is closed, waits for the
others. Between rounds the host reads once which rows closed a year, ended or need a new list.

The arrays are torch's on the device. On the CPU they may be NumPy's instead, which share their memory with torch: its
calls take half as long on arrays as small as these.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from agents.policy.layout import N_CANDIDATES, OPEN
from agents.policy.shortlist import Foreseen, Shortlist, outlook
from data.arrays import FloatArray
from envs.environment_core import Setup
from envs.game.dense_dynamics import decide_in_place, measure_closed
from envs.game.dynamics import initial_state, reset
from envs.game.masks import fits, village_mask
from envs.game.observation import MAY_START
from envs.kernel.computing.backend import Array, array_namespace, device, like, to_numpy
from envs.kernel.plans import Plans, canonical


@dataclass(frozen=True, eq=False)
class Offered:
    """What may be chosen in each row.

    Attributes:
        may: True for candidates that may start, shape (n_rows, n_villages, N_CANDIDATES).
        closable: True where the year may be closed, shape (n_rows,).
        acts: True where a decision is taken: no list is due, no year closed in this round, shape (n_rows,).
    """

    may: Array
    closable: Array
    acts: Array


class CityGames:
    """Games of one city and scenario, a row each.

    Args:
        setup: city and scenario.
        weights: of the objectives in each episode that a row may come to play, (n_rows, n_episodes, n_objectives).
        reference: an array of the library, on the device, in which the games are played.
    """

    def __init__(self, setup: Setup, weights: FloatArray, reference: Array) -> None:
        """See the class."""
        self.setup, self.xp, self.reference = setup, array_namespace(reference), reference
        self.outlook = outlook(setup, None if isinstance(reference, np.ndarray) else reference)
        self.game = self.outlook.game
        self.first = setup.initial_state if isinstance(reference, np.ndarray) else initial_state(self.game)
        n_rows, n_villages = weights.shape[0], self.game.n_villages
        self.queue = like(weights, reference)
        self.row = self.xp.arange(n_rows, device=device(reference))
        self.state = reset(self.first, n_rows)
        self.features = self.outlook.observer.blank(n_rows)
        self.mask = village_mask(self.game, self.state)
        self.episode = self.xp.zeros_like(self.row)
        self.weights = self.xp.asarray(self.queue[:, 0], copy=True)
        self.since = self.xp.zeros_like(self.row)
        self.due = self.row >= 0
        self.closed = self.row < 0
        shape = (n_rows, n_villages, N_CANDIDATES)
        self.option = self.xp.zeros(shape, dtype=self.xp.int64, device=device(reference))
        self.listed = self.xp.zeros(shape, dtype=self.xp.bool, device=device(reference))
        self.per_unit = like(setup.scale.per_unit, reference)
        self.prices = self.outlook.no_prices(n_rows)

    @property
    def decisions_per_round(self) -> int:
        """Most decisions of a row between two looks: starts, and closing the year once its quota is used."""
        return self.outlook.refresh_every + 1

    def rows(self, positions: Sequence[int]) -> Array:
        """Positions of rows, in the library of the games."""
        return like(np.array(positions, dtype=np.int64), self.reference)

    # --- within a round -------------------------------------------------------------------------------------------

    def offered(self, left: Array) -> Offered:
        """What may be chosen now; rows of which nothing listed fits any more wait for a new list.

        Args:
            left: True where decisions are still wanted, shape (n_rows,).
        """
        xp = self.xp
        may = self.listed & self.mask[:, :-1, None]
        if self.game.has_plan_limits:
            row, village, k = xp.nonzero(may)
            may[row, village, k] = fits(self.game, self.state, row, village, self.option[row, village, k])
        any_may = xp.any(xp.reshape(may, (len(self.row), -1)), axis=1)
        closable = self.outlook.may_close(self.mask) | ~any_may
        if self.game.has_plan_limits:
            self.due |= xp.any(self.mask[:, :-1], axis=1) & (self.since > 0) & ~any_may
        return Offered(may, closable, left & ~self.due & ~self.closed)

    def decide(self, village: Array, k: Array, *, closes: Array, acts: Array) -> Array:
        """Take a choice in each row that acts: candidate k of a village, or closing the year; all of shape (n_rows,).

        Returns:
            Reward so far, weighted anchor ranges, shape (n_rows,), float64.
        """
        xp = self.xp
        starts, closes = acts & ~closes, acts & closes
        village, k = xp.where(starts, village, 0), xp.where(starts, k, 0)
        pair = xp.stack([village, self.option[self.row, village, k]])
        change = decide_in_place(self.game, self.state, starts=starts, closes=closes, pair=pair)
        self.mask = village_mask(self.game, self.state)
        self.closed |= closes
        self.since += xp.astype(starts, self.since.dtype)
        self.due |= self.outlook.due(closes, self.since, self.mask) & acts
        return self._reward(change)

    def _reward(self, change: Array) -> Array:
        return self.xp.sum(change * self.per_unit * self.weights, axis=1)

    # --- between rounds -------------------------------------------------------------------------------------------

    def marks(self) -> Array:
        """What the host must know of each row, shape (n_rows, 3): open year, a closed year to measure, a list due."""
        xp, dtype = self.xp, self.row.dtype
        marks = (self.state.year, self.closed & self.state.unmeasured, self.due | self.closed)
        return xp.stack([xp.astype(each, dtype) for each in marks], axis=1)

    def measure(self, year: Sequence[int], to_measure: Sequence[bool]) -> Array:
        """Measure closed years; what they bring to the decisions that closed them, shape (n_rows,).

        Args:
            year: open year of each row.
            to_measure: True where decisions of the year before are not measured.
        """
        by_year: dict[int, list[int]] = {}
        for row, (each, wanted) in enumerate(zip(year, to_measure, strict=True)):
            if wanted:
                by_year.setdefault(each - 1, []).append(row)
        change = measure_closed(self.game, self.state, {each: self.rows(some) for each, some in by_year.items()})
        self.closed[:] = False
        return self._reward(change)

    def finished_plans(self, rows: Array) -> Plans:
        """Plans of some rows."""
        return canonical(self.game.space.decode(self.state.start_year[rows], self.state.option[rows]))

    def begin(self, rows: Array) -> None:
        """Begin the next episode in some rows."""
        self.state.put(rows, reset(self.first, len(rows)))
        self.episode[rows] += 1
        self.weights[rows] = self.queue[rows, self.episode[rows]]
        self.mask = village_mask(self.game, self.state)
        self.prices.put(to_numpy(rows), self.outlook.no_prices(len(rows)))

    def foresee(self, rows: Array) -> Foreseen:
        """The first half of a look: what the candidates of some rows gain."""
        self.outlook.observer.refresh(self.features, self.state, rows)
        self.features[rows, :, MAY_START] = self.xp.astype(self.mask[rows, :-1], self.xp.float32)
        on_host = to_numpy(rows)
        prices = self.prices.take(on_host)
        seen = self.outlook.foreseen(self.state.take(rows), self.mask[rows], self.weights[rows], prices)
        self.prices.put(on_host, prices)
        return seen

    def list_anew(self, rows: Array, seen: Foreseen, year_price: Array) -> Shortlist:
        """The second half: the lists of these rows, which hold from now on."""
        option, candidates, promise = self.outlook.listed(seen, year_price)
        city = self.outlook.city_features(seen.state, self.weights[rows], promise)
        self.option[rows], self.listed[rows] = option, candidates[..., OPEN] > 0.0
        self.since[rows] = 0
        self.due[rows] = False
        return Shortlist(option, self.features[rows], candidates, city)
