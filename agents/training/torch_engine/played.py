"""What an iteration played: decisions by row and slot, and the lists that they were taken from, on the device."""

from __future__ import annotations

from dataclasses import dataclass, field

import torch


@dataclass(eq=False)
class Lists:
    """Lists in the order in which they were drawn up, in parts.

    Attributes:
        villages: shape (n, most_villages, n_village_features) each.
        candidates: shape (n, most_villages x N_CANDIDATES, n_candidate_features) each.
        city: shape (n, n_city_features) each.
        n: lists so far.
    """

    villages: list[torch.Tensor] = field(default_factory=list)
    candidates: list[torch.Tensor] = field(default_factory=list)
    city: list[torch.Tensor] = field(default_factory=list)
    n: int = 0

    def add(self, villages: torch.Tensor, candidates: torch.Tensor, city: torch.Tensor) -> None:
        """Add some lists."""
        self.villages.append(villages)
        self.candidates.append(candidates)
        self.city.append(city)
        self.n += city.shape[0]

    def whole(self) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        """All of them: villages, candidates and city."""
        self.villages, self.candidates, self.city = (
            [torch.cat(parts)] for parts in (self.villages, self.candidates, self.city)
        )
        return self.villages[0], self.candidates[0], self.city[0]


@dataclass(eq=False)
class Decisions:
    """Decisions, shape (n_rows, n_steps + 1) each unless they say otherwise; the last slot holds nothing.

    Attributes:
        choice: place among the choices, closing last.
        list_of: position of the list that it was taken from.
        may: True for choices that were legal, shape (n_rows, n_steps + 1, n_choices).
        log_prob: of the choice.
        value: expected of the rest of the episode.
        reward: weighted anchor ranges.
        ends: True where the episode ended with it.
        slot: decisions so far, shape (n_rows,).
    """

    choice: torch.Tensor
    list_of: torch.Tensor
    may: torch.Tensor
    log_prob: torch.Tensor
    value: torch.Tensor
    reward: torch.Tensor
    ends: torch.Tensor
    slot: torch.Tensor

    @property
    def n_steps(self) -> int:
        """Decisions wanted of each row."""
        return self.choice.shape[1] - 1

    def put(self, acts: torch.Tensor, **values: torch.Tensor) -> None:
        """Write a decision of each row that acts; `values` by name, one per row."""
        row = torch.arange(len(self.slot), device=self.slot.device)
        at = row, torch.where(acts, self.slot, self.n_steps)
        for name, each in values.items():
            getattr(self, name)[at] = each.to(getattr(self, name).dtype)
        self.slot += acts

    def amend(self, rows: slice, reward: torch.Tensor) -> None:
        """Add to the reward of the last decision of some rows what became known later."""
        row = torch.arange(len(self.slot), device=self.slot.device)[rows]
        at = row, torch.where(self.slot[rows] > 0, self.slot[rows] - 1, self.n_steps)
        self.reward[at] += reward.to(self.reward.dtype)

    def end(self, rows: torch.Tensor) -> None:
        """The last decisions of some rows ended their episodes."""
        self.ends[rows, self.slot[rows] - 1] = True


def no_decisions(n_rows: int, n_steps: int, n_choices: int, device: torch.device) -> Decisions:
    """Room for the decisions of an iteration."""

    def room(dtype: torch.dtype, *more: int) -> torch.Tensor:
        return torch.zeros((n_rows, n_steps + 1, *more), dtype=dtype, device=device)

    return Decisions(
        choice=room(torch.int64),
        list_of=room(torch.int64),
        may=room(torch.bool, n_choices),
        log_prob=room(torch.float32),
        value=room(torch.float32),
        reward=room(torch.float32),
        ends=room(torch.bool),
        slot=torch.zeros(n_rows, dtype=torch.int64, device=device),
    )


def advantages(
    reward: torch.Tensor,
    value: torch.Tensor,
    ends: torch.Tensor,
    last_value: torch.Tensor,
    *,
    gamma: float,
    gae_lambda: float,
) -> torch.Tensor:
    """Generalized advantages (Schulman et al. 2016), shape (n_rows, n_steps).

    Args:
        reward: shape (n_rows, n_steps).
        value: expected at each decision, same shape.
        ends: True where the episode ended with the decision, same shape.
        last_value: expected after the last decision, shape (n_rows,).
        gamma: discount of a decision.
        gae_lambda: weight of later surprises.
    """
    found, following, later = torch.empty_like(reward), last_value, torch.zeros_like(last_value)
    for step in reversed(range(reward.shape[1])):
        goes_on = 1.0 - ends[:, step].to(reward.dtype)
        surprise = reward[:, step] + gamma * following * goes_on - value[:, step]
        later = surprise + gamma * gae_lambda * goes_on * later
        found[:, step], following = later, value[:, step]
    return found
