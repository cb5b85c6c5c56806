"""Training by masked PPO on generated cities, evaluated on held-out ones, with checkpoints that survive a kill.

The policy starts as the greedy one: its scores start as the marginal gains (agents.policy.network.GREED). Every
iteration plays new cities; at its end everything that decides the next one is in the checkpoint.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import torch
from safetensors.numpy import save
from sb3_contrib import MaskablePPO
from stable_baselines3.common.logger import configure

from agents.policy.network import GREED, Parameters, initial
from agents.policy.plan_value import Judge
from agents.policy.policy_files import parameters_digest, read_numbers, replace_bytes, write_policy
from agents.training.cities import Draw
from agents.training.environments import CitiesVecEnv
from agents.training.masked_policy import ShortlistPolicy
from data.errors import InputError, reason_of, refuse

CHECKPOINT_NUMBERS, CHECKPOINT_RECORD = "checkpoint.safetensors", "checkpoint.json"


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
        target_kl: change of the policy at which an iteration's epochs end.
        gae_lambda: of the advantages; nothing is discounted.
        greed: what a marginal gain weighs before training; 0 = the policy begins without any idea.
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
    gae_lambda: float = 0.97
    greed: float = GREED
    judge_every: int = 8
    patience: int = 12


@dataclass
class Progress:
    """Where a training stands."""

    iterations: int = 0
    steps: int = 0
    seconds: float = 0.0
    best: float = -np.inf
    since_best: int = 0
    rows: list[dict[str, float]] = field(default_factory=list)


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
    device: str = "cpu",
    first: Parameters | None = None,
    resume: bool = False,
    stop: Callable[[], bool] | None = None,
    report: Callable[[dict[str, float]], None] | None = None,
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
        device: for the network.
        first: parameters to begin with; None = the greedy policy's.
        resume: go on from the checkpoint in `folder`.
        stop: asked between iterations.
        report: called with every judgement.

    Returns:
        Where it stands and why it ended.

    Raises:
        InputError: no checkpoint to resume from, or one of another setting; a folder that cannot be made.
    """
    env = CitiesVecEnv(
        draw, n_cities=setting.n_cities, n_episodes=setting.n_episodes, n_villages=setting.n_villages, seed=setting.seed
    )
    model = _model(env, setting, device)
    model.set_logger(configure(str(folder), ["tensorboard"]))
    session = _Session(folder=folder, model=model, env=env, judge=judge, setting=setting, record=record)
    if resume:
        session.restore()
    elif first is not None:
        session.load_parameters(first)
    reason = session.go(steps, minutes, stop, report)
    return Trained(session.progress, reason)


def _model(env: CitiesVecEnv, setting: TrainingSetting, device: str) -> MaskablePPO:
    return MaskablePPO(
        ShortlistPolicy,
        env,
        n_steps=setting.n_steps,
        batch_size=setting.batch_size,
        n_epochs=setting.n_epochs,
        gamma=1.0,
        gae_lambda=setting.gae_lambda,
        ent_coef=0.0,
        learning_rate=setting.learning_rate,
        target_kl=setting.target_kl,
        seed=setting.seed,
        device=device,
        policy_kwargs={"start_seed": setting.seed, "greed": setting.greed},
    )


@dataclass
class _Session:
    folder: Path
    model: MaskablePPO
    env: CitiesVecEnv
    judge: Judge
    setting: TrainingSetting
    record: dict[str, Any]
    progress: Progress = field(default_factory=Progress)
    began: float = field(default_factory=time.perf_counter)
    before: float = 0.0

    def go(
        self,
        steps: int | None,
        minutes: float | None,
        stop: Callable[[], bool] | None,
        report: Callable[[dict[str, float]], None] | None,
    ) -> str:
        """Iterate until a budget is spent, nothing gets better, or somebody asks to stop."""
        while True:
            if self.progress.iterations % self.setting.judge_every == 0:
                self._judge(report)
            self.save()
            reason = self._end(steps, minutes, stop)
            if reason:
                self._judge(report)
                self.save()
                return reason
            self._iterate()

    def _end(self, steps: int | None, minutes: float | None, stop: Callable[[], bool] | None) -> str:
        """Why training ends now; empty if it does not."""
        if stop is not None and stop():
            return "stopped"
        if steps is not None and self.progress.steps >= steps:
            return "steps"
        if minutes is not None and self.progress.seconds >= 60.0 * minutes:
            return "minutes"
        return "patience" if self.progress.since_best >= self.setting.patience else ""

    def _iterate(self) -> None:
        model = self.model
        model._last_obs = None
        model.learn(self.env.num_envs * self.setting.n_steps, reset_num_timesteps=self.progress.iterations == 0)
        self.progress.iterations += 1
        self.progress.steps = int(model.num_timesteps)
        self._tick()

    def _tick(self) -> None:
        self.progress.seconds = self.before + time.perf_counter() - self.began

    @property
    def network(self) -> dict[str, torch.nn.Parameter]:
        """Parameters by name."""
        policy = self.model.policy
        assert isinstance(policy, ShortlistPolicy)
        return dict(policy.network)

    def load_parameters(self, parameters: Parameters) -> None:
        """Load parameters into the network."""
        with torch.no_grad():
            for name, parameter in self.network.items():
                parameter.copy_(torch.from_numpy(parameters[name]))

    def parameters(self) -> dict[str, np.ndarray]:
        """Numbers of the network as it is."""
        return {name: p.detach().cpu().numpy().copy() for name, p in self.network.items()}

    def _judge(self, report: Callable[[dict[str, float]], None] | None) -> None:
        if any(row["iterations"] == self.progress.iterations for row in self.progress.rows):
            return
        values = self.judge.weighted_values(self.parameters())
        if not self.progress.rows:
            greedy = self.judge.weighted_values(initial(self.setting.seed))
            self.record["greedy_value"] = greedy.tolist()
        value = float(np.mean(values) / np.mean(self.record["greedy_value"]))  # in some cities there is little to gain
        self._tick()
        row = {
            "iterations": float(self.progress.iterations),
            "steps": float(self.progress.steps),
            "seconds": self.progress.seconds,
            "value_over_greedy": value,
        }
        self.progress.rows.append(row)
        self.model.logger.record("judge/value_over_greedy", value)
        self.model.logger.dump(self.progress.steps)
        # the judgement of an end is no test of patience
        self.progress.since_best += int(self.progress.iterations % self.setting.judge_every == 0)
        if value > self.progress.best:
            self.progress.best, self.progress.since_best = value, 0
            made = {"steps": self.progress.steps, "minutes": round(self.progress.seconds / 60.0, 2)}
            write_policy(self.folder, self.parameters(), self.record | made | {"value_over_greedy": value})
        if report is not None:
            report(row)

    # --- checkpoint -----------------------------------------------------------------------------------------------

    def save(self) -> None:
        """Everything that decides what comes next; the record last, with the digest of the numbers it belongs to."""
        numbers = {f"network_{name}": values for name, values in self.parameters().items()}
        for name, parameter in self.network.items():
            for moment, values in self.model.policy.optimizer.state.get(parameter, {}).items():
                numbers[f"adam_{moment}_{name}"] = values.detach().cpu().numpy().astype(np.float32).copy()
        legacy = np.random.get_state(legacy=False)  # noqa: NPY002 - Stable-Baselines3 shuffles with it
        numbers["torch_state"] = torch.get_rng_state().numpy()
        numbers["numpy_key"] = np.asarray(legacy["state"]["key"], dtype=np.uint32)
        digest = parameters_digest({n: v for n, v in numbers.items() if v.dtype == np.float32})
        record = {
            "setting": asdict(self.setting),
            "record": self.record,
            "progress": asdict(self.progress) | {"best": float(self.progress.best)},
            "env_rng": self.env.rng.bit_generator.state,
            "numpy_pos": int(legacy["state"]["pos"]),
            "numbers": digest,
        }
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
            if not self._is_same(record):
                command = record["record"].get("command")
                if command is None:
                    raise refuse("training_setting_other_unrecorded", file=path)
                raise refuse("training_setting_other", file=path, command=command)
            self._restore(record, numbers)
        except InputError:
            raise
        except OSError as error:
            raise refuse("training_checkpoint_unreadable", file=path, reason=reason_of(error)) from None
        except (AttributeError, KeyError, TypeError, ValueError, RuntimeError) as error:
            reason = f"{type(error).__name__}: {error}"
            raise refuse("training_checkpoint_malformed", file=path, reason=reason) from None

    def _is_same(self, record: dict[str, Any]) -> bool:
        """Whether a checkpoint is of this setting, these cities, this scenario and this beginning, if one is given."""
        kept = record["record"]
        same = all(kept.get(name) == self.record.get(name) for name in ("cities", "scenario"))
        begun = self.record.get("began_with") in (None, kept.get("began_with"))
        return same and begun and record["setting"] == asdict(self.setting)

    def _restore(self, record: dict[str, Any], numbers: dict[str, np.ndarray]) -> None:
        policy = self.model.policy
        device = self.model.device
        self.load_parameters({name: numbers[f"network_{name}"] for name in self.network})
        for name, parameter in self.network.items():
            moments = {m: f"adam_{m}_{name}" for m in ("step", "exp_avg", "exp_avg_sq")}
            if moments["step"] in numbers:
                policy.optimizer.state[parameter] = {
                    m: torch.from_numpy(numbers[key]).to(device if m != "step" else "cpu") for m, key in moments.items()
                }
        torch.set_rng_state(torch.from_numpy(numbers["torch_state"]))
        state = np.random.get_state(legacy=False)  # noqa: NPY002
        state["state"] = {"key": numbers["numpy_key"], "pos": record["numpy_pos"]}
        np.random.set_state(state)  # noqa: NPY002
        self.env.rng.bit_generator.state = record["env_rng"]
        self.record = record["record"]
        progress = record["progress"]
        self.progress = Progress(
            iterations=progress["iterations"],
            steps=progress["steps"],
            seconds=progress["seconds"],
            best=progress["best"],
            since_best=progress["since_best"],
            rows=progress["rows"],
        )
        self.model.num_timesteps = self.progress.steps
        self.before, self.began = self.progress.seconds, time.perf_counter()
