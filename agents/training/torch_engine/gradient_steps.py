"""The update of an iteration: clipped steps of PPO (Schulman et al. 2017), as Stable-Baselines3 takes them.

Decisions of a mini-batch that were taken from one list share its encoding.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import torch

from agents.training.learner import TrainingSetting
from agents.training.open_candidates import decide_open
from agents.training.torch_engine.play import log_probabilities


@dataclass(frozen=True, eq=False)
class Batch:
    """All decisions of an iteration, one below the other, and the lists that they were taken from.

    Attributes:
        villages: of the lists, shape (n_lists, n_villages, n_village_features).
        candidates: shape (n_lists, n_villages x n_candidates, n_candidate_features).
        city: shape (n_lists, n_city_features).
        list_of: list of each decision, shape (n,), as all that follow.
        choice: place among the choices.
        may: legal choices, shape (n, n_choices).
        log_prob: when it was taken.
        advantage: of it.
        returns: what the value should have foretold.
    """

    villages: torch.Tensor
    candidates: torch.Tensor
    city: torch.Tensor
    list_of: torch.Tensor
    choice: torch.Tensor
    may: torch.Tensor
    log_prob: torch.Tensor
    advantage: torch.Tensor
    returns: torch.Tensor


@dataclass(frozen=True, eq=False)
class Steps:
    """What the gradient steps of an iteration were like; means over steps, as in agents.training.learner.Update."""

    entropy: float
    value_loss: float
    policy_loss: float
    loss: float
    kl: float
    clip_fraction: float


def gradient_steps(
    network: Mapping[str, torch.nn.Parameter],
    adam: torch.optim.Optimizer,
    batch: Batch,
    epochs: Iterable[Iterable[torch.Tensor]],
    setting: TrainingSetting,
) -> Steps:
    """Take the steps; they end when the policy has changed by more than 1.5 times the target.

    One number a step is read by the host: how far the policy has changed.

    Args:
        network: parameters by name.
        adam: optimizer of these.
        batch: decisions.
        epochs: for each epoch the positions of its mini-batches.
        setting: of the training.
    """
    told: list[torch.Tensor] = []
    changes: list[torch.Tensor] = []
    for minibatches in epochs:
        changes, ended = [], False
        for some in minibatches:
            loss, numbers = _loss(network, batch, some, setting)
            told.append(numbers)
            changes.append(numbers[-1])
            ended = float(numbers[-1]) > 1.5 * setting.target_kl
            if ended:
                break
            adam.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]
            torch.nn.utils.clip_grad_norm_(list(network.values()), setting.max_grad_norm)
            adam.step()
        if ended:
            break
    entropy, value_loss, policy_loss, clipped = torch.stack(told).mean(dim=0)[:4].tolist()
    loss_of_last, kl = float(told[-1][4]), float(torch.stack(changes).mean())
    return Steps(entropy, value_loss, policy_loss, loss_of_last, kl, clipped)


def _loss(
    network: Mapping[str, torch.nn.Parameter], batch: Batch, some: torch.Tensor, setting: TrainingSetting
) -> tuple[torch.Tensor, torch.Tensor]:
    """Loss of some decisions; and entropy, value loss, policy loss, share clipped, loss and change of the policy."""
    lists, list_of = torch.unique(batch.list_of[some], return_inverse=True)
    score, value = decide_open(network, batch.villages[lists], batch.candidates[lists], batch.city[lists])
    may = batch.may[some]
    logs = log_probabilities(score[list_of], may)
    log_prob = logs.gather(1, batch.choice[some, None])[:, 0]
    entropy = -torch.where(may, logs * logs.exp(), 0.0).sum(dim=1).mean()
    advantage = batch.advantage[some]
    advantage = (advantage - advantage.mean()) / (advantage.std() + 1e-8)
    log_ratio = log_prob - batch.log_prob[some]
    ratio, clip = log_ratio.exp(), setting.clip_range
    policy_loss = -torch.min(advantage * ratio, advantage * ratio.clamp(1.0 - clip, 1.0 + clip)).mean()
    value_loss = torch.nn.functional.mse_loss(value[list_of, 0], batch.returns[some])
    loss = policy_loss - setting.ent_coef * entropy + setting.vf_coef * value_loss
    with torch.no_grad():
        clipped = ((ratio - 1.0).abs() > clip).float().mean()
        change = (ratio - 1.0 - log_ratio).mean()
        numbers = torch.stack([entropy, value_loss, policy_loss, clipped, loss, change])
    return loss, numbers


def explained_variance(value: torch.Tensor, returns: torch.Tensor) -> float:
    """Share of the variance of the returns that the values foretold; NaN where these do not vary."""
    spread = returns.var(correction=0)
    return float(1.0 - (returns - value).var(correction=0) / spread) if float(spread) > 0.0 else float("nan")
