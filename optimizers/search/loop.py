"""A search that runs: budgets, progress, the archive, and its state from batch to batch."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np

from data.arrays import IntArray
from data.errors import refusal
from envs.choices.anchors import Anchors
from optimizers.algorithms.algorithm import Algorithm, AlgorithmState, Batch, count_in, genomes_in, numbers_in
from optimizers.problem.archive import Archive
from optimizers.problem.front import hypervolume
from optimizers.problem.renewal_problem import RenewalProblem
from optimizers.search.search_state import PROGRESS, SearchState, found_in


@dataclass
class RunningSearch:
    """A search from its first batch, or from a state, to the end of its budget.

    Attributes:
        problem: the search problem.
        algorithm: proposes and evaluates batches.
        identity: what a state must agree with to be gone on from: digest of the scenario, objectives, algorithm, seed.
        archive: takes in each batch.
        given: genomes it begins with, shape (n_given, 2 n_villages).
        anchors: of the hypervolume.
        evaluations: budget in plans; None = no limit.
        minutes: budget in wall time; None = no limit.
        progress_callback: called with every progress row.
        stop: asked between batches.
        checkpoint: called with the state, at most every `checkpoint_seconds`.
        checkpoint_seconds: between two states [s].
        began: clock when this process began [s].
        before: time of its preparations, as far as they count, or of the search before it was resumed [s].
        kept: clock when the last state was handed over [s].
        done: plans evaluated.
        progress: rows of PROGRESS.
        interrupted: True once somebody asked to stop.
    """

    problem: RenewalProblem
    algorithm: Algorithm
    identity: dict[str, Any]
    archive: Archive
    given: IntArray
    anchors: Anchors
    evaluations: int | None
    minutes: float | None
    progress_callback: Callable[[dict[str, float]], None] | None
    stop: Callable[[], bool] | None
    checkpoint: Callable[[SearchState], None] | None
    checkpoint_seconds: float
    began: float = field(default_factory=time.perf_counter)
    before: float = 0.0
    kept: float = field(default_factory=time.perf_counter)
    done: int = 0
    progress: list[dict[str, float]] = field(default_factory=list)
    interrupted: bool = False

    @property
    def seconds(self) -> float:
        """Search time so far, with that before it began or was resumed."""
        return self.before + time.perf_counter() - self.began

    def over(self) -> bool:
        """True when the budget is spent or somebody asked to stop."""
        if self.stop is not None and self.stop():
            self.interrupted = True
        late = self.minutes is not None and self.seconds >= 60.0 * self.minutes
        return self.interrupted or late or (self.evaluations is not None and self.done >= self.evaluations)

    def go(self) -> None:
        """Step until the budget is spent, somebody asks to stop, or there is nothing left to do."""
        self._keep(0.0)
        while not self.over():
            batch = self.algorithm.step(None if self.evaluations is None else self.evaluations - self.done)
            if batch is None:
                break
            self._take(batch)
            self._keep(self.checkpoint_seconds)
        self._keep(0.0)

    def _keep(self, after_seconds: float) -> None:
        """Hand the state over, if the last time is long enough ago."""
        if self.checkpoint is not None and time.perf_counter() - self.kept >= after_seconds:
            self.checkpoint(self.state())
            self.kept = time.perf_counter()

    def _take(self, batch: Batch) -> None:
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
        if self.progress_callback is not None:
            self.progress_callback(row)

    def state(self) -> SearchState:
        """Everything needed to go on."""
        own = self.algorithm.state()
        arrays = {f"algorithm_{name}": values for name, values in own.arrays.items()}
        arrays |= {
            "archive_genomes": self.archive.genomes,
            "archive_F": self.archive.F,
            "archive_values": self.archive.F * self.problem.signs,
            "given_genomes": self.given,
        }
        record = self.identity | {
            "evaluations": self.done,
            "seconds": self.seconds,
            "progress": list(self.progress),
            "known_anchors": asdict(self.anchors),
            "algorithm_record": own.record,
        }
        return SearchState(arrays, record)

    def restore(self, state: SearchState) -> None:
        """Go on from a state of the same search.

        Raises:
            InputError: it is of another city, scenario, algorithm or seed, or malformed.
        """
        for name, value in self.identity.items():
            if state.record.get(name) != value:
                raise refusal(f"{name} is {value!r} here, but {state.record.get(name)!r} there", layer="--resume")
        found_in(state, self._restore)

    def _restore(self, state: AlgorithmState) -> None:
        genomes = genomes_in(state, "archive_genomes", self.problem)
        F = numbers_in(state, "archive_F", (len(genomes), self.problem.n_obj))
        self.archive.genomes, self.archive.F = genomes, F
        own = {
            name.removeprefix("algorithm_"): values
            for name, values in state.arrays.items()
            if name.startswith("algorithm_")
        }
        self.algorithm.restore(AlgorithmState(own, state.record["algorithm_record"]))
        self.done, self.before = count_in(state, "evaluations"), float(state.record["seconds"])
        self.progress = [{name: float(row[name]) for name in PROGRESS} for row in state.record["progress"]]
        if not np.isfinite([self.before, *(value for row in self.progress for value in row.values())]).all():
            raise ValueError("seconds and progress must be finite")
