"""The log of a training for TensorBoard: every update and every judgement, at the decisions they were made after."""

from __future__ import annotations

import math
from pathlib import Path
from types import TracebackType
from typing import Self

from torch.utils.tensorboard import SummaryWriter

from agents.training.learner import Update


class TrainingLog:
    """Event files in a folder, closed on leaving.

    Args:
        folder: of the training.
        after: decisions after which a training goes on; what was logged beyond them, before a kill, counts no more.
            None = it begins.
    """

    def __init__(self, folder: Path, *, after: int | None = None) -> None:
        """See the class."""
        self._writer = SummaryWriter(str(folder), purge_step=None if after is None else after + 1)

    def __enter__(self) -> Self:
        """Begin."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close the files."""
        self._writer.close()

    def update(self, update: Update) -> None:
        """Write what an iteration did."""
        values = {
            "rollout/ep_rew_mean": update.episode_return,
            "train/approx_kl": update.kl,
            "train/clip_fraction": update.clip_fraction,
            "train/entropy": update.entropy,
            "train/explained_variance": update.explained_variance,
            "train/loss": update.loss,
            "train/policy_gradient_loss": update.policy_loss,
            "train/value_loss": update.value_loss,
            "time/decisions_per_second": update.decisions_per_second,
        } | {f"time/{part}_seconds": seconds for part, seconds in update.seconds.items()}
        for name, value in values.items():
            if math.isfinite(value):
                self._writer.add_scalar(name, value, update.steps)
        self._writer.flush()

    def judgement(self, steps: int, value_over_greedy: float) -> None:
        """Write a judgement."""
        self._writer.add_scalar("judge/value_over_greedy", value_over_greedy, steps)
        self._writer.flush()
