"""How fast engines train: decisions per second, and where the time goes, all engines by turns in one process."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib.util import find_spec

import numpy as np
import torch

from agents.training.cities import Draw
from agents.training.engines import DEFAULT_ENGINE, ENGINES
from agents.training.learner import Learner, TrainingSetting, Update
from data.catalogue import Message, message

TURNS = 3
"""Iterations of each that are measured, after one that is not."""


@dataclass(frozen=True)
class TrainingRow:
    """A line of the table.

    Attributes:
        what: engine and device.
        value: decisions per second with their spread, and the share of each part of the time.
        gate: what it must reach.
        holds: whether it does; None where nothing is asked.
    """

    what: Message
    value: Message
    gate: Message | str = ""
    holds: bool | None = None


def training_bench(draw: Draw, setting: TrainingSetting, *, turns: int = TURNS) -> Iterator[TrainingRow]:
    """Measure every engine that is installed, on the CPU and, where there is one, on a GPU.

    Every engine plays an iteration in turn, cities set up included, so that what else the machine does meets all alike.

    Args:
        draw: draws the cities.
        setting: of all engines.
        turns: iterations measured of each.

    Yields:
        A row for each engine and device; then, on the CPU, how much faster each is than the default engine.
    """
    devices = ("cpu", "cuda") if torch.cuda.is_available() else ("cpu",)
    names = [name for name, engine in ENGINES.items() if all(find_spec(package) for package in engine.needs)]
    learners = {(name, device): ENGINES[name].learner(draw, setting, device) for name in names for device in devices}
    updates = _by_turns(learners, turns)
    for (name, device), measured in updates.items():
        yield TrainingRow(message("training_speed_of", engine=name, device=device), _told(measured))
    base = updates[DEFAULT_ENGINE, "cpu"]
    for name in names:
        if name != DEFAULT_ENGINE:
            yield _compared(name, updates[name, "cpu"], base)
    if len(devices) == 1:
        yield TrainingRow(message("training_speed_gpu"), message("training_speed_no_gpu"))


def _by_turns(learners: dict[tuple[str, str], Learner], turns: int) -> dict[tuple[str, str], list[Update]]:
    """Updates of every learner, an iteration each by turns; the first of each is not counted."""
    updates: dict[tuple[str, str], list[Update]] = {key: [] for key in learners}
    for _ in range(turns + 1):
        for key, learner in learners.items():
            updates[key].append(learner.iterate())
    return {key: measured[1:] for key, measured in updates.items()}


def _told(measured: Sequence[Update]) -> Message:
    """Decisions per second, and where the time goes."""
    rates = [update.decisions_per_second for update in measured]
    parts = {part: sum(update.seconds[part] for update in measured) for part in measured[0].seconds}
    whole = max(sum(parts.values()), 1e-9)
    return message(
        "training_speed",
        median=float(np.median(rates)),
        low=min(rates),
        high=max(rates),
        n=len(rates),
        processor=float(np.median([update.decisions_per_processor_second for update in measured])),
        parts=[message(f"training_part_{part}", share=seconds / whole) for part, seconds in parts.items()],
    )


def _compared(name: str, measured: Sequence[Update], base: Sequence[Update]) -> TrainingRow:
    """How much faster an engine is than the default one, turn by turn, in processor time."""
    ratios = [
        one.decisions_per_processor_second / other.decisions_per_processor_second
        for one, other in zip(measured, base, strict=True)
    ]
    ratio = float(np.median(ratios))
    return TrainingRow(
        message("training_speed_ratio", engine=name, base=DEFAULT_ENGINE),
        message("training_ratio", median=ratio, low=min(ratios), high=max(ratios), n=len(ratios)),
        message("training_ratio_gate"),
        ratio >= 1.0,
    )
