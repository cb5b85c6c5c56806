"""The policy for Stable-Baselines3: a masked categorical over the scores of agents.policy.network."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import torch
from sb3_contrib.common.maskable.distributions import MaskableDistribution
from sb3_contrib.common.maskable.policies import MaskableActorCriticPolicy
from stable_baselines3.common.type_aliases import PyTorchObs, Schedule

from agents.policy.layout import CANDIDATE_FEATURES
from agents.training.open_candidates import decide_open
from envs.game.observation import VILLAGE_FEATURES


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
        """Scores of all choices, shape (n, n_choices), and values, (n, 1)."""
        assert isinstance(obs, dict)
        n = obs["city"].shape[0]
        villages = obs["villages"].reshape(n, -1, len(VILLAGE_FEATURES))
        candidates = obs["candidates"].reshape(n, -1, len(CANDIDATE_FEATURES))
        return decide_open(dict(self.network), villages, candidates, obs["city"])

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
