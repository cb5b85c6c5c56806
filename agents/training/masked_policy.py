"""The policy for Stable-Baselines3: a masked categorical over the scores of agents.policy.network."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import torch
from sb3_contrib.common.maskable.distributions import MaskableDistribution
from sb3_contrib.common.maskable.policies import MaskableActorCriticPolicy
from stable_baselines3.common.type_aliases import PyTorchObs, Schedule

from agents.policy.layout import CANDIDATE_FEATURES, N_CANDIDATES, OPEN
from agents.policy.network import CLOSED, decide
from envs.game.observation import VILLAGE_FEATURES

ROWS_TOGETHER = 48
"""Observations that the network sees at once, about as many candidates open in each."""


class ShortlistPolicy(MaskableActorCriticPolicy):
    """Permutation-equivariant policy over the shortlist of any number of villages.

    Args:
        *args: as MaskableActorCriticPolicy.
        first: parameters of the network before it learns.
        **kwargs: as MaskableActorCriticPolicy.
    """

    def __init__(self, *args: Any, first: Mapping[str, np.ndarray], **kwargs: Any) -> None:  # noqa: ANN401 - those of the parent
        """See the class."""
        self._first = first
        super().__init__(*args, **kwargs)

    def _build(self, lr_schedule: Schedule) -> None:
        self.network = torch.nn.ParameterDict(
            {name: torch.nn.Parameter(torch.from_numpy(values)) for name, values in self._first.items()}
        )
        self.optimizer = self.optimizer_class(self.network.parameters(), lr=lr_schedule(1), **self.optimizer_kwargs)  # type: ignore[call-arg]

    def _decide(self, obs: PyTorchObs) -> tuple[torch.Tensor, torch.Tensor]:
        """Scores of all choices, shape (n, n_choices), and values, (n, 1).

        Closed candidates are left out before the network sees them: observations of about as many open ones stand
        together, so that little is encoded in vain.
        """
        assert isinstance(obs, dict)
        n = obs["city"].shape[0]
        villages = obs["villages"].reshape(n, -1, len(VILLAGE_FEATURES))
        candidates = obs["candidates"].reshape(n, -1, len(CANDIDATE_FEATURES))
        is_open = candidates[..., OPEN] > 0.0
        n_open = is_open.sum(dim=1)
        order = torch.argsort(n_open)
        network, parts, row, place = dict(self.network), [], [], []
        for rows in torch.tensor_split(order, max(1, n // ROWS_TOGETHER)):
            most = max(int(n_open[rows].max()), 1)
            first = torch.argsort(is_open[rows].byte(), dim=1, descending=True, stable=True)[:, :most]
            there = rows[:, None]
            seen = villages[there, first // N_CANDIDATES], candidates[there, first][:, :, None], obs["city"][rows]
            parts.append(decide(network, *seen))
            row.append(there.expand_as(first).reshape(-1))
            place.append(first.reshape(-1))
        score, close, value = (
            torch.cat([part.reshape(-1) for part in outcome]) for outcome in zip(*parts, strict=True)
        )
        scores = torch.full(is_open.shape, CLOSED, device=score.device)
        scores = scores.index_put((torch.cat(row), torch.cat(place)), score)
        back = torch.argsort(order)
        return torch.cat([scores, close[back, None]], dim=1), value[back, None]

    def _distribution(self, scores: torch.Tensor, action_masks: Any) -> MaskableDistribution:  # noqa: ANN401 - arrays
        distribution = self.action_dist.proba_distribution(action_logits=scores)
        if action_masks is not None:
            distribution.apply_masking(action_masks)
        return distribution

    def forward(
        self,
        obs: PyTorchObs,
        deterministic: bool = False,  # noqa: FBT001, FBT002 - the parent's
        action_masks: np.ndarray | None = None,
    ) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        """Actions, values and log probabilities."""
        scores, values = self._decide(obs)
        distribution = self._distribution(scores, action_masks)
        actions = distribution.get_actions(deterministic=deterministic)
        return actions, values, distribution.log_prob(actions)

    def evaluate_actions(
        self, obs: PyTorchObs, actions: torch.Tensor, action_masks: torch.Tensor | None = None
    ) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor | None]:
        """Values, log probabilities of the actions, and entropies."""
        scores, values = self._decide(obs)
        distribution = self._distribution(scores, action_masks)
        return values, distribution.log_prob(actions), distribution.entropy()

    def get_distribution(self, obs: PyTorchObs, action_masks: np.ndarray | None = None) -> MaskableDistribution:
        """The distribution over choices."""
        return self._distribution(self._decide(obs)[0], action_masks)

    def predict_values(self, obs: PyTorchObs) -> torch.Tensor:
        """The value expected of the rest of each episode, in anchor ranges of the weighted objectives."""
        return self._decide(obs)[1]
