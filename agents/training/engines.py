"""The engines of training: ways to play and to learn, with one interface (agents.training.learner)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from agents.training.cities import Draw
from agents.training.learner import Learner, TrainingSetting

MakeLearner = Callable[[Draw, TrainingSetting, str], Learner]
"""What draws the cities, the setting, and the device -> a learner."""


@dataclass(frozen=True)
class Engine:
    """A way to train.

    Attributes:
        learner: makes one; what it needs is imported then.
        method: how the record of a policy names it.
        needs: packages of the extra `train` that it imports.
    """

    learner: MakeLearner
    method: str
    needs: tuple[str, ...]


def _stable_baselines(draw: Draw, setting: TrainingSetting, device: str) -> Learner:
    from agents.training.sb3_learner import StableBaselinesLearner

    return StableBaselinesLearner(draw, setting, device)


def _one_device(draw: Draw, setting: TrainingSetting, device: str) -> Learner:
    from agents.training.torch_engine.torch_learner import TorchLearner

    return TorchLearner(draw, setting, device)


ENGINES: Mapping[str, Engine] = {
    "sb3": Engine(_stable_baselines, "MaskablePPO", ("torch", "sb3_contrib")),
    "torch": Engine(_one_device, "PPO on one device", ("torch",)),
}
"""Name -> engine, the default first."""
DEFAULT_ENGINE = next(iter(ENGINES))
