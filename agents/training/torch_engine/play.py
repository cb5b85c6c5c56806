"""Play of an iteration: rounds of looks and decisions in all cities at once, padded to the largest."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import torch

from agents.policy.layout import N_CANDIDATES
from agents.policy.network import CLOSED
from agents.policy.shortlist import Foreseen, Shortlist
from agents.policy.year_price_batches import batched_year_prices
from agents.training.open_candidates import decide_open
from agents.training.torch_engine.city_games import CityGames
from agents.training.torch_engine.played import Decisions, Lists, no_decisions
from envs.kernel.computing.backend import Array
from envs.kernel.plans import Plans

ILLEGAL = -1e8
"""Logit of what may not be chosen, as in sb3-contrib."""


@dataclass(frozen=True, eq=False)
class Finished:
    """Plans that were finished, and the decisions that finished them.

    Attributes:
        games: of the city.
        plans: of the episodes.
        row: of each in the decisions, shape (n,).
        slot: of each, same shape.
    """

    games: CityGames
    plans: Plans
    row: torch.Tensor
    slot: torch.Tensor


class Play:
    """Some cities in play; rows of all of them stand one below the other.

    Args:
        cities: with as many rows each.
        network: parameters by name.
        n_steps: decisions wanted of each row.
        n_villages: most villages of a city.
        generator: of the choices, on the device.
    """

    def __init__(
        self,
        cities: Sequence[CityGames],
        network: Mapping[str, torch.Tensor],
        *,
        n_steps: int,
        n_villages: int,
        generator: torch.Generator,
    ) -> None:
        """See the class."""
        self.cities, self.network, self.generator = cities, network, generator
        self.n_villages, self.device = n_villages, generator.device
        self.n_rows_each = len(cities[0].row)
        n_rows, n_choices = len(cities) * self.n_rows_each, n_villages * N_CANDIDATES + 1
        self.decisions: Decisions = no_decisions(n_rows, n_steps, n_choices, self.device)
        self.lists = Lists()
        self.finished: list[Finished] = []
        self.score = torch.full((n_rows, n_choices), CLOSED, device=self.device)
        self.value = torch.zeros(n_rows, device=self.device)
        self.list_of = torch.zeros(n_rows, dtype=torch.int64, device=self.device)

    def rows_of(self, k: int) -> slice:
        """Rows of a city."""
        return slice(k * self.n_rows_each, (k + 1) * self.n_rows_each)

    @torch.no_grad()
    def go(self) -> torch.Tensor:
        """Play until every row has its decisions; the value expected after the last, shape (n_rows,)."""
        self.between_rounds()
        while bool((self.decisions.slot < self.decisions.n_steps).any()):
            self.round()
            self.between_rounds()
        return self.value.clone()

    # --- a round: nothing is read back ----------------------------------------------------------------------------

    def round(self) -> None:
        """Decisions until every list is due."""
        for step in range(max(games.decisions_per_round for games in self.cities)):
            self._decide([games for games in self.cities if step < games.decisions_per_round])

    def _decide(self, playing: Sequence[CityGames]) -> None:
        """One decision in each row that may take one."""
        may, acts = torch.zeros_like(self.score, dtype=torch.bool), torch.zeros_like(self.list_of, dtype=torch.bool)
        left = self.decisions.slot < self.decisions.n_steps
        at = [(self.rows_of(k), games) for k, games in enumerate(self.cities) if games in playing]
        for rows, games in at:
            offered = games.offered(there(left[rows], games))
            flat = here(offered.may).flatten(1)
            may[rows, : flat.shape[1]], may[rows, -1] = flat, here(offered.closable)
            acts[rows] = here(offered.acts)
        choice, log_prob = drawn(self.score, may, self.generator)
        closes = choice == may.shape[1] - 1
        village, k_th = choice // N_CANDIDATES, choice % N_CANDIDATES
        reward = torch.zeros(len(acts), dtype=torch.float64, device=self.device)
        for rows, games in at:
            if isinstance(games.reference, np.ndarray) and not acts[rows].any():
                continue  # to know this of a device would mean to wait for it
            chosen = there(village[rows], games), there(k_th[rows], games)
            reward[rows] = here(games.decide(*chosen, closes=there(closes[rows], games), acts=there(acts[rows], games)))
        self.decisions.put(
            acts, choice=choice, list_of=self.list_of, may=may, log_prob=log_prob, value=self.value, reward=reward
        )

    # --- between rounds -------------------------------------------------------------------------------------------

    def between_rounds(self) -> None:
        """Measure closed years, begin episodes anew where one ended, draw up the lists that are due."""
        marks = torch.cat([here(games.marks()) for games in self.cities]).tolist()
        looks: list[tuple[int, list[int]]] = []
        for k, games in enumerate(self.cities):
            year, to_measure, due = zip(*marks[self.rows_of(k)], strict=True)
            self.decisions.amend(self.rows_of(k), here(games.measure(year, to_measure)))
            self._end(k, [row for row, each in enumerate(year) if each > games.game.plan_years])
            rows = [row for row, each in enumerate(due) if each]
            if rows:
                looks.append((k, rows))
        if looks:
            self._look(looks)

    def _end(self, k: int, over: list[int]) -> None:
        """Episodes of a city that are over: remember their plans, and begin others."""
        if not over:
            return
        games = self.cities[k]
        rows = games.rows(over)
        at = torch.tensor(over, device=self.device) + self.rows_of(k).start
        self.decisions.end(at)
        self.finished.append(Finished(games, games.finished_plans(rows), at, self.decisions.slot[at] - 1))
        games.begin(rows)

    def _look(self, looks: Sequence[tuple[int, list[int]]]) -> None:
        """Draw up lists in several cities, and score them."""
        rows = [self.cities[k].rows(some) for k, some in looks]
        seen = [self.cities[k].foresee(some) for (k, _), some in zip(looks, rows, strict=True)]
        prices = _year_prices([(self.cities[k], each) for (k, _), each in zip(looks, seen, strict=True)])
        lists = [
            self.cities[k].list_anew(some, each, there(price, self.cities[k]))
            for (k, _), some, each, price in zip(looks, rows, seen, prices, strict=True)
        ]
        at = torch.tensor([self.rows_of(k).start + row for k, some in looks for row in some], device=self.device)
        villages, candidates, city = self._padded(lists)
        score, value = decide_open(self.network, villages, candidates, city)
        self.score[at], self.value[at] = score, value[:, 0]
        self.list_of[at] = self.lists.n + torch.arange(len(at), device=self.device)
        self.lists.add(villages, candidates, city)

    def _padded(self, lists: Sequence[Shortlist]) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        """Lists one below the other, padded to the most villages; padding is never open."""
        villages = torch.cat([_pad(here(each.villages), self.n_villages) for each in lists])
        candidates = torch.cat([_pad(here(each.candidates), self.n_villages) for each in lists])
        return villages, candidates.flatten(1, 2), torch.cat([here(each.city) for each in lists])


def here(array: Array) -> torch.Tensor:
    """An array of a city's games in torch; what NumPy holds is not copied."""
    return torch.from_numpy(array) if isinstance(array, np.ndarray) else array


def there(values: torch.Tensor, games: CityGames) -> Array:
    """Values in the library of a city's games; not copied."""
    return values.numpy() if isinstance(games.reference, np.ndarray) else values


def drawn(score: torch.Tensor, may: torch.Tensor, generator: torch.Generator) -> tuple[torch.Tensor, torch.Tensor]:
    """A choice in each row by the scores of what is legal, and its log-probability, shape (n_rows,) each."""
    log_prob = log_probabilities(score, may)
    waits = torch.empty_like(log_prob).exponential_(generator=generator)  # the first of exponential waits
    choice = torch.argmax(log_prob.exp() / waits, dim=1)
    return choice, log_prob.gather(1, choice[:, None])[:, 0]


def log_probabilities(score: torch.Tensor, may: torch.Tensor) -> torch.Tensor:
    """Log-probabilities of all choices, shape (n_rows, n_choices)."""
    return torch.log_softmax(torch.where(may, score, ILLEGAL), dim=1)


def _pad(values: torch.Tensor, n_villages: int) -> torch.Tensor:
    """Zeros below the villages there are, along the second axis."""
    missing = n_villages - values.shape[1]
    return values if not missing else torch.cat([values, values.new_zeros(len(values), missing, *values.shape[2:])], 1)


def _year_prices(looks: Sequence[tuple[CityGames, Foreseen]]) -> list[torch.Tensor]:
    """Prices of years of all looks at once, padded to the most villages and years."""
    problems = [[here(each) for each in games.outlook.left_to_decide(seen)] for games, seen in looks]
    n_villages, n_years = (max(gain.shape[axis] for gain, *_ in problems) for axis in (1, 2))
    gain, may, room = [], [], []
    for of_city, may_of_city, _, room_of_city in problems:
        more = n_villages - of_city.shape[1], n_years - of_city.shape[2]
        gain.append(torch.nn.functional.pad(of_city, (0, more[1], 0, more[0])))
        may.append(torch.nn.functional.pad(may_of_city, (0, more[1], 0, more[0])))
        room.append(torch.nn.functional.pad(room_of_city, (0, more[1])))
    year = torch.cat([p[2] for p in problems])
    last = torch.cat([torch.full_like(p[2], p[0].shape[2]) for p in problems])
    price = batched_year_prices(torch.cat(gain), torch.cat(may), year, torch.cat(room), last)
    sizes = [(len(p[0]), p[0].shape[2]) for p in problems]
    parts = torch.split(price, [n for n, _ in sizes])
    return [part[:, :n] for part, (_, n) in zip(parts, sizes, strict=True)]
