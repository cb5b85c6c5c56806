"""The loop of a search: step an algorithm until the budget is spent; archive, progress and checkpoints between."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np

from data.errors import refuse
from envs.choices.anchors import Anchors
from optimizers.algorithms.algorithm import Algorithm, AlgorithmState, Batch, Setting, count_in, genomes_in, numbers_in
from optimizers.problem.archive import Archive
from optimizers.problem.front import hypervolume
from optimizers.problem.renewal_problem import RenewalProblem
from optimizers.search.search_state import PROGRESS, SearchState, read_state

CHECKPOINT_SECONDS = 10.0


@dataclass(frozen=True)
class Hooks:
    """What a search calls while it runs.

    Attributes:
        progress: called with every row of PROGRESS.
        stop: asked between batches; True ends the search and keeps the work. Ctrl-C does the same.
        checkpoint: called with the state of the search before the first batch, between batches, and at the end.
        checkpoint_seconds: between batches at most this often [s].
        measuring: called when the last batch is done, before the front is measured exactly.
    """

    progress: Callable[[dict[str, float]], None] | None = None
    stop: Callable[[], bool] | None = None
    checkpoint: Callable[[SearchState], None] | None = None
    checkpoint_seconds: float = CHECKPOINT_SECONDS
    measuring: Callable[[], None] | None = None


NO_HOOKS = Hooks()


@dataclass(kw_only=True)
class SearchLoop:
    """A search from its first batch, or from a state, to the end of its budget.

    Attributes:
        setting: problem, request, archive that takes in each batch, and genomes the search begins with.
        algorithm: proposes and evaluates batches.
        anchors: of the hypervolume.
        hooks: called while it runs.
        began: by the clock of the budget, when this process began [s].
        earlier_seconds: time of its preparations, as far as they count, or of the search before it was resumed.
        kept: clock when the last state was handed over [s].
        done: plans evaluated.
        progress: rows of PROGRESS.
        interrupted: True once somebody asked to stop.
    """

    setting: Setting
    algorithm: Algorithm
    anchors: Anchors
    hooks: Hooks
    began: float
    earlier_seconds: float = 0.0
    kept: float = field(default_factory=time.perf_counter)
    done: int = 0
    progress: list[dict[str, float]] = field(default_factory=list)
    interrupted: bool = False

    @property
    def problem(self) -> RenewalProblem:
        """The search problem."""
        return self.setting.problem

    @property
    def archive(self) -> Archive:
        """All valid non-dominated plans so far."""
        return self.setting.archive

    @property
    def identity(self) -> dict[str, Any]:
        """What a state must agree with to be gone on from."""
        return {
            "resolved": self.problem.model.digest,
            "objectives": list(self.problem.objectives),
            "algorithm": self.setting.request.algorithm,
            "seed": self.setting.request.seed,
            "anchors": self.anchors.digest,
        }

    @property
    def seconds(self) -> float:
        """Search time so far, with that before it began or was resumed."""
        return self.earlier_seconds + self.setting.request.budget.clock() - self.began

    @property
    def evaluations_left(self) -> int | None:
        """Of the budget in plans; None = no limit."""
        evaluations = self.setting.request.budget.evaluations
        return None if evaluations is None else evaluations - self.done

    def is_over(self) -> bool:
        """True when the budget is spent or somebody asked to stop."""
        if self.hooks.stop is not None and self.hooks.stop():
            self.interrupted = True
        minutes, evaluations_left = self.setting.request.budget.minutes, self.evaluations_left
        is_late = minutes is not None and self.seconds >= 60.0 * minutes
        return self.interrupted or is_late or (evaluations_left is not None and evaluations_left <= 0)

    def run(self) -> None:
        """Step until the budget is spent, somebody asks to stop, or there is nothing left to do."""
        self._keep(0.0)
        while not self.is_over():
            batch = self.algorithm.step(self.evaluations_left)
            if batch is None:
                break
            self._archive(batch)
            self._keep(self.hooks.checkpoint_seconds)
        self._keep(0.0)

    def _keep(self, after_seconds: float) -> None:
        """Hand the state over, if the last time is long enough ago."""
        if self.hooks.checkpoint is not None and time.perf_counter() - self.kept >= after_seconds:
            self.hooks.checkpoint(self.state())
            self.kept = time.perf_counter()

    def _archive(self, batch: Batch) -> None:
        """Archive a batch and report progress."""
        self.archive.add(batch.genomes, batch.F, batch.feasible)
        self.done += batch.evaluations
        row = {
            "evaluations": float(self.done),
            "seconds": self.seconds,
            "hypervolume": hypervolume(1.0 - self.anchors.normalized(self.archive.F * self.problem.signs)),
            "front_size": float(len(self.archive.F)),
        }
        self.progress.append(row)
        if self.hooks.progress is not None:
            self.hooks.progress(row)

    def state(self) -> SearchState:
        """Everything needed to go on."""
        algorithm_state = self.algorithm.state()
        arrays = {f"algorithm_{name}": values for name, values in algorithm_state.arrays.items()}
        arrays |= {
            "archive_genomes": self.archive.genomes,
            "archive_F": self.archive.F,
            "archive_values": self.archive.F * self.problem.signs,
            "given_genomes": self.setting.seed_genomes,
        }
        record = self.identity | {
            "evaluations": self.done,
            "seconds": self.seconds,
            "progress": list(self.progress),
            "known_anchors": asdict(self.anchors),
            "algorithm_record": algorithm_state.record,
        }
        return SearchState(arrays, record)

    def restore(self, state: SearchState) -> None:
        """Go on from a state of the same search.

        Raises:
            InputError: it is of another city, scenario, algorithm or seed, or malformed.
        """
        for name, value in self.identity.items():
            kept = state.record.get(name)
            if kept != value:
                raise refuse("search_state_of_another", layer="--resume", name=name, wanted=value, found=kept)
        read_state(state, self._restore)

    def _restore(self, state: AlgorithmState) -> None:
        genomes = genomes_in(state, "archive_genomes", self.problem)
        F = numbers_in(state, "archive_F", (len(genomes), self.problem.n_obj))
        self.archive.genomes, self.archive.F = genomes, F
        arrays = {
            name.removeprefix("algorithm_"): values
            for name, values in state.arrays.items()
            if name.startswith("algorithm_")
        }
        self.algorithm.restore(AlgorithmState(arrays, state.record["algorithm_record"]))
        self.done, self.earlier_seconds = count_in(state, "evaluations"), float(state.record["seconds"])
        self.progress = [{name: float(row[name]) for name in PROGRESS} for row in state.record["progress"]]
        if not np.isfinite([self.earlier_seconds, *(value for row in self.progress for value in row.values())]).all():
            raise ValueError("seconds and progress must be finite")
