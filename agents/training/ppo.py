"""Training by masked PPO on generated cities, evaluated on held-out ones, with checkpoints that survive a kill.

How it is played and learned is up to an engine (agents.training.engines); the course of a training is the same. The
policy starts as the greedy one: its scores start as the marginal gains (agents.policy.network.GREED). Every iteration
plays new cities; at its end everything that decides the next one is in the checkpoint.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from safetensors.numpy import save

from agents.policy.network import Parameters
from agents.policy.plan_value import Judge
from agents.policy.policy_files import parameters_digest, read_numbers, replace_bytes, write_policy
from agents.training.cities import Draw
from agents.training.engines import DEFAULT_ENGINE, ENGINES
from agents.training.learner import Learner, TrainingSetting, Update
from agents.training.training_log import TrainingLog
from data.errors import InputError, reason_of, refuse

CHECKPOINT_NUMBERS, CHECKPOINT_RECORD = "checkpoint.safetensors", "checkpoint.json"


@dataclass
class Progress:
    """Where a training stands.

    Attributes:
        iterations: so far.
        steps: decisions so far.
        seconds: wall time so far, judgements included [s].
        best: value over greedy of the best policy judged.
        since_best: judgements since then.
        rows: of every judgement, in order.
        updates: of every iteration, in order (agents.training.learner.Update.row).
    """

    iterations: int = 0
    steps: int = 0
    seconds: float = 0.0
    best: float = -np.inf
    since_best: int = 0
    rows: list[dict[str, float]] = field(default_factory=list)
    updates: list[dict[str, float | None]] = field(default_factory=list)


@dataclass(frozen=True, eq=False)
class Trained:
    """What a training ends with.

    Attributes:
        progress: where it stands.
        reason: why it ended: "steps", "minutes", "patience" or "stopped".
    """

    progress: Progress
    reason: str


def train(
    folder: Path,
    draw: Draw,
    judge: Judge,
    setting: TrainingSetting,
    *,
    record: dict[str, Any],
    steps: int | None = None,
    minutes: float | None = None,
    engine: str = DEFAULT_ENGINE,
    device: str = "cpu",
    first: Parameters | None = None,
    resume: bool = False,
    stop: Callable[[], bool] | None = None,
    report: Callable[[dict[str, float]], None] | None = None,
    watch: Callable[[Update], None] | None = None,
) -> Trained:
    """Train a policy; the best one so far lies in `folder` as policy.safetensors and policy.json.

    Args:
        folder: of policy, checkpoint and TensorBoard log.
        draw: draws the cities.
        judge: says how good a policy is.
        setting: see TrainingSetting.
        record: kept beside the policy: the command and what it was given.
        steps: budget in decisions; None = no limit.
        minutes: budget in wall time, judgements included; None = no limit.
        engine: one of agents.training.engines.ENGINES.
        device: for what the engine moves there.
        first: parameters to begin with; None = the greedy policy's.
        resume: go on from the checkpoint in `folder`.
        stop: asked between iterations.
        report: called with every judgement.
        watch: called with every iteration's update.

    Returns:
        Where it stands and why it ended.

    Raises:
        InputError: no checkpoint to resume from, or one of another setting; a folder that cannot be made.
    """
    learner = ENGINES[engine].learner(draw, setting, device)
    session = _Session(folder, learner, engine, judge, setting, record)
    if resume:
        session.restore()
    elif first is not None:
        learner.load_parameters(first)
    with TrainingLog(folder, after=session.progress.steps if resume else None) as log:
        reason = session.go(_Asked(steps, minutes, stop, report, watch), log)
    return Trained(session.progress, reason)


@dataclass(frozen=True, eq=False)
class _Asked:
    """Budgets and callbacks, as in `train`."""

    steps: int | None
    minutes: float | None
    stop: Callable[[], bool] | None
    report: Callable[[dict[str, float]], None] | None
    watch: Callable[[Update], None] | None


@dataclass
class _Session:
    folder: Path
    learner: Learner
    engine: str
    judge: Judge
    setting: TrainingSetting
    record: dict[str, Any]
    progress: Progress = field(default_factory=Progress)
    began: float = field(default_factory=time.perf_counter)
    before: float = 0.0

    def go(self, asked: _Asked, log: TrainingLog) -> str:
        """Iterate until a budget is spent, nothing gets better, or somebody asks to stop."""
        while True:
            if self.progress.iterations % self.setting.judge_every == 0:
                self._judge(asked, log)
            self.save()
            reason = self._end(asked)
            if reason:
                self._judge(asked, log)
                self.save()
                return reason
            self._iterate(asked, log)

    def _end(self, asked: _Asked) -> str:
        """Why training ends now; empty if it does not."""
        if asked.stop is not None and asked.stop():
            return "stopped"
        if asked.steps is not None and self.progress.steps >= asked.steps:
            return "steps"
        if asked.minutes is not None and self.progress.seconds >= 60.0 * asked.minutes:
            return "minutes"
        return "patience" if self.progress.since_best >= self.setting.patience else ""

    def _iterate(self, asked: _Asked, log: TrainingLog) -> None:
        update = self.learner.iterate()
        self.progress.iterations, self.progress.steps = update.iteration, update.steps
        self._tick()
        self.progress.updates.append(update.row())
        log.update(update)
        if asked.watch is not None:
            asked.watch(update)

    def _tick(self) -> None:
        self.progress.seconds = self.before + time.perf_counter() - self.began

    def _judge(self, asked: _Asked, log: TrainingLog) -> None:
        if any(row["iterations"] == self.progress.iterations for row in self.progress.rows):
            return
        values = self.judge.weighted_values(self.learner.parameters())
        if not self.progress.rows:
            greedy = self.judge.weighted_values(self.setting.greedy_parameters())
            self.record["greedy_value"] = greedy.tolist()
        value = float(np.mean(values)) / self._greedy_value()  # one mean of all: in some cities there is little to gain
        self._tick()
        row = {
            "iterations": float(self.progress.iterations),
            "steps": float(self.progress.steps),
            "seconds": self.progress.seconds,
            "value_over_greedy": value,
        }
        self.progress.rows.append(row)
        log.judgement(self.progress.steps, value)
        # the judgement of an end is no test of patience
        self.progress.since_best += int(self.progress.iterations % self.setting.judge_every == 0)
        if value > self.progress.best:
            self.progress.best, self.progress.since_best = value, 0
            made = {"steps": self.progress.steps, "minutes": round(self.progress.seconds / 60.0, 2)}
            write_policy(self.folder, self.learner.parameters(), self.record | made | {"value_over_greedy": value})
        if asked.report is not None:
            asked.report(row)

    def _greedy_value(self) -> float:
        """What the greedy policy is worth over all cities that judge.

        Raises:
            InputError: nothing, so that no policy can be told as a share of it.
        """
        value = float(np.mean(self.record["greedy_value"]))
        if not value > 0.0:
            raise refuse("training_nothing_to_gain", value=value)
        return value

    # --- checkpoint -----------------------------------------------------------------------------------------------

    def save(self) -> None:
        """Everything that decides what comes next; the record last, with the digest of the numbers it belongs to."""
        numbers = {f"network_{name}": values for name, values in self.learner.parameters().items()}
        numbers |= self.learner.numbers()
        digest = parameters_digest({n: v for n, v in numbers.items() if v.dtype == np.float32})
        record = {
            "engine": self.engine,
            "setting": asdict(self.setting),
            "record": self.record,
            "progress": asdict(self.progress) | {"best": float(self.progress.best)},
            "numbers": digest,
        } | self.learner.states()
        current = self.folder / f"{digest[:16]}.{CHECKPOINT_NUMBERS}"
        replace_bytes(current, save(numbers))
        replace_bytes(self.folder / CHECKPOINT_RECORD, json.dumps(record).encode())
        for old in self.folder.glob(f"*.{CHECKPOINT_NUMBERS}"):
            if old != current:
                old.unlink()

    def restore(self) -> None:
        """Go on from the checkpoint.

        Raises:
            InputError: there is none, it is malformed, or of another setting.
        """
        path = self.folder / CHECKPOINT_RECORD
        try:
            record = json.loads(path.read_text(encoding="utf-8"))
            numbers = read_numbers(self.folder / f"{record['numbers'][:16]}.{CHECKPOINT_NUMBERS}")
            differing = self._differing(record)
            if differing:
                command = record["record"].get("command")
                if command is None:
                    raise refuse("training_setting_other_unrecorded", file=path, differing=differing)
                raise refuse("training_setting_other", file=path, command=command, differing=differing)
            self._restore(record, numbers)
        except InputError:
            raise
        except OSError as error:
            raise refuse("training_checkpoint_unreadable", file=path, reason=reason_of(error)) from None
        except (AttributeError, KeyError, TypeError, ValueError, RuntimeError) as error:
            reason = f"{type(error).__name__}: {error}"
            raise refuse("training_checkpoint_malformed", file=path, reason=reason) from None

    def _differing(self, record: dict[str, Any]) -> list[str]:
        """What a checkpoint has otherwise: cities, scenario, beginning (if one is given), engine, settings; by name."""
        kept, theirs = record["record"], asdict(TrainingSetting(**record["setting"]))
        names = [name for name in ("cities", "scenario") if kept.get(name) != self.record.get(name)]
        if self.record.get("began_with") not in (None, kept.get("began_with")):
            names.append("begin")
        if record.get("engine", DEFAULT_ENGINE) != self.engine:
            names.append("engine")
        return names + [name for name, value in asdict(self.setting).items() if theirs[name] != value]

    def _restore(self, record: dict[str, Any], numbers: dict[str, np.ndarray]) -> None:
        prefix = "network_"
        self.learner.load_parameters({n.removeprefix(prefix): v for n, v in numbers.items() if n.startswith(prefix)})
        self.record = record["record"]
        progress = record["progress"]
        self.progress = Progress(
            iterations=progress["iterations"],
            steps=progress["steps"],
            seconds=progress["seconds"],
            best=progress["best"],
            since_best=progress["since_best"],
            rows=progress["rows"],
            updates=progress.get("updates", []),
        )
        done = {"iterations": self.progress.iterations, "steps": self.progress.steps}
        self.learner.restore(numbers, record, **done)
        self.before, self.began = self.progress.seconds, time.perf_counter()
