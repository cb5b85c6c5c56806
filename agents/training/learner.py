"""What any engine of training offers: a learner that plays and learns, one iteration after another.

The course of a training (budgets, judgements, checkpoints, what is logged) is the same for all engines and stands in
agents.training.ppo; agents.training.engines lists them.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np

from agents.policy.network import GREED, HEADS, PATIENCE, WIDTH, Parameters, initial


@dataclass(frozen=True)
class TrainingSetting:
    """What decides the course of a training.

    Attributes:
        seed: of cities, weights, actions and mini-batches.
        n_villages: most villages of a city.
        n_cities: cities at once.
        n_episodes: episodes at once in each.
        n_steps: of every episode in an iteration.
        batch_size: of a gradient step.
        n_epochs: over the steps of an iteration.
        learning_rate: of Adam.
        target_kl: change of the policy at which an iteration's epochs end [nat].
        gamma: discount of a decision; 1 = none, as a plan is worth.
        gae_lambda: of the advantages.
        clip_range: how far a ratio of probabilities counts from 1.
        ent_coef: weight of the entropy in the loss.
        vf_coef: weight of the value's error in the loss.
        max_grad_norm: longest gradient.
        adam_epsilon: of Adam.
        width: of the encodings.
        heads: of the attention.
        greed: what a marginal gain weighs before training; 0 = the policy begins without any idea.
        waiting: what waiting weighs against a gain before training.
        judge_every: iterations between two judgements.
        patience: judgements without a better one before training stops.
    """

    seed: int = 0
    n_villages: int = 60
    n_cities: int = 6
    n_episodes: int = 6
    n_steps: int = 64
    batch_size: int = 576
    n_epochs: int = 4
    learning_rate: float = 2.5e-3
    target_kl: float = 0.03
    gamma: float = 1.0
    gae_lambda: float = 0.97
    clip_range: float = 0.2
    ent_coef: float = 0.0
    vf_coef: float = 0.5
    max_grad_norm: float = 0.5
    adam_epsilon: float = 1e-5
    width: int = WIDTH
    heads: int = HEADS
    greed: float = GREED
    waiting: float = PATIENCE
    judge_every: int = 8
    patience: int = 12

    def first_parameters(self) -> dict[str, np.ndarray]:
        """The network before it learns, float32."""
        return initial(self.seed, greed=self.greed, waiting=self.waiting, width=self.width, heads=self.heads)

    def greedy_parameters(self) -> dict[str, np.ndarray]:
        """The greedy policy, over whose value every judgement is, whatever the network begins with; float32."""
        return initial(self.seed, width=self.width, heads=self.heads)


@dataclass(frozen=True)
class Update:
    """What one iteration did: its play, and the update that followed.

    Attributes:
        iteration: how many there were, this one included.
        steps: decisions so far.
        n_decisions: decisions of this iteration.
        n_episodes: episodes that ended in it.
        episode_return: mean of what these gained, in weighted anchor ranges; NaN where none ended.
        entropy: mean of the choices' distributions [nat].
        value_loss: mean squared error of the value [anchor ranges squared].
        explained_variance: share of the variance of the returns that the value foretold.
        policy_loss: mean of the clipped objective, negative = better.
        loss: of the last gradient step.
        kl: mean change of the policy in the last epoch (Schulman's estimate) [nat].
        clip_fraction: share of decisions whose ratio was clipped, 0..1.
        seconds: wall time by part: "cities" (drawn and set up), "play", "update" [s].
        processor_seconds: of all threads, the same parts [s].
    """

    iteration: int
    steps: int
    n_decisions: int
    n_episodes: int
    episode_return: float
    entropy: float
    value_loss: float
    explained_variance: float
    policy_loss: float
    loss: float
    kl: float
    clip_fraction: float
    seconds: dict[str, float] = field(default_factory=dict)
    processor_seconds: dict[str, float] = field(default_factory=dict)

    def row(self) -> dict[str, float | None]:
        """All of it as numbers by name; None where there is none."""
        numbers = {name: value for name, value in vars(self).items() if not isinstance(value, dict)}
        numbers["decisions_per_second"] = self.decisions_per_second
        numbers |= {f"{part}_seconds": seconds for part, seconds in self.seconds.items()}
        return {name: float(value) if math.isfinite(value) else None for name, value in numbers.items()}

    @property
    def decisions_per_second(self) -> float:
        """Decisions of the iteration per second of wall time."""
        return self.n_decisions / max(sum(self.seconds.values()), 1e-9)

    @property
    def decisions_per_processor_second(self) -> float:
        """Decisions of the iteration per processor second."""
        return self.n_decisions / max(sum(self.processor_seconds.values()), 1e-9)


class Learner(Protocol):
    """An engine at work: it holds the network, the games and the random states."""

    def iterate(self) -> Update:
        """Play other cities for the steps of an iteration, and learn from them."""
        ...

    def parameters(self) -> dict[str, np.ndarray]:
        """Numbers of the network as it is, float32."""
        ...

    def load_parameters(self, parameters: Parameters) -> None:
        """Load numbers into the network."""
        ...

    def numbers(self) -> dict[str, np.ndarray]:
        """What decides the next iteration besides the parameters, as arrays: moments of Adam, random states."""
        ...

    def states(self) -> dict[str, Any]:
        """The rest of it, as JSON has it."""
        ...

    def restore(self, numbers: dict[str, np.ndarray], states: dict[str, Any], *, iterations: int, steps: int) -> None:
        """Go on where another learner stood; the parameters are loaded already.

        Args:
            numbers: from `numbers`.
            states: from `states`.
            iterations: so far.
            steps: decisions so far.
        """
        ...
