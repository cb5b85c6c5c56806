"""The network over open candidates alone: a seventh of a list is open on average, the rest is never encoded."""

from __future__ import annotations

from collections.abc import Mapping

import torch

from agents.policy.layout import N_CANDIDATES, OPEN
from agents.policy.network import CLOSED, decide

ROWS_TOGETHER = 48
"""Lists that the network sees at once, about as many candidates open in each."""


def decide_open(
    network: Mapping[str, torch.Tensor], villages: torch.Tensor, candidates: torch.Tensor, city: torch.Tensor
) -> tuple[torch.Tensor, torch.Tensor]:
    """Scores of all choices, shape (n, n_choices), and values, (n, 1).

    Closed candidates are left out before the network sees them: lists of about as many open ones stand together.

    Args:
        network: parameters by name.
        villages: shape (n, n_villages, n_village_features).
        candidates: shape (n, n_villages x n_candidates, n_candidate_features).
        city: shape (n, n_city_features).
    """
    n = city.shape[0]
    is_open = candidates[..., OPEN] > 0.0
    n_open = is_open.sum(dim=1)
    order = torch.argsort(n_open)
    parts, row, place = [], [], []
    for rows in torch.tensor_split(order, max(1, n // ROWS_TOGETHER)):
        most = max(int(n_open[rows].max()), 1)
        first = torch.argsort(is_open[rows].byte(), dim=1, descending=True, stable=True)[:, :most]
        there = rows[:, None]
        seen = villages[there, first // N_CANDIDATES], candidates[there, first][:, :, None], city[rows]
        parts.append(decide(network, *seen))
        row.append(there.expand_as(first).reshape(-1))
        place.append(first.reshape(-1))
    score, close, value = (torch.cat([part.reshape(-1) for part in outcome]) for outcome in zip(*parts, strict=True))
    scores = torch.full(is_open.shape, CLOSED, device=score.device)
    scores = scores.index_put((torch.cat(row), torch.cat(place)), score)
    back = torch.argsort(order)
    return torch.cat([scores, close[back, None]], dim=1), value[back, None]
