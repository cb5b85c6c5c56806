"""What the bench of searches measured, kept run by run in a JSON file, so that it can be measured in parts."""

from __future__ import annotations

import json
import os
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from data.arrays import FloatArray
from data.errors import reason_of, refuse
from envs.choices.anchors import Anchors
from optimizers.problem.front import hypervolume

Rows = tuple[tuple[float, ...], ...]


@dataclass(frozen=True)
class BenchRun:
    """One search of the bench.

    Attributes:
        digest: of city, scenario, parameters and objectives (envs.choices.anchors.anchor_digest).
        algorithm: name.
        seed: of its random choices.
        minutes: its budget.
        threads: worker threads.
        machine: processor and cores.
        load: jobs that ran or waited on the machine, mean of a minute, before and after.
        best: best anchors, natural units; the hypervolumes of the curve rest on them.
        worst: worst anchors.
        evaluations: plans it evaluated.
        values: objectives of its front in natural units at report precision, one row per plan.
        curve: rows of evaluations, seconds and hypervolume while it ran.
    """

    digest: str
    algorithm: str
    seed: int
    minutes: float
    threads: int
    machine: str
    load: tuple[float, float]
    best: tuple[float, ...]
    worst: tuple[float, ...]
    evaluations: int
    values: Rows
    curve: Rows

    def normalized(self, anchors: Anchors) -> FloatArray:
        """Front in anchor units, 1 = best, shape (n_plans, n_objectives)."""
        return anchors.normalized(np.array(self.values))

    def volume(self, anchors: Anchors) -> float:
        """Hypervolume of the front."""
        return hypervolume(1.0 - self.normalized(anchors))

    def volume_at(self, evaluations: float) -> float:
        """Hypervolume of the archive after so many evaluations; 0 before the first."""
        return max((volume for done, _, volume in self.curve if done <= evaluations), default=0.0)


@dataclass
class BenchRuns:
    """Runs measured so far, and certified bounds by digest with the seconds they took.

    Attributes:
        path: file that follows; None = none.
        runs: in the order they were measured.
        bounds: digest -> bound and seconds.
    """

    path: Path | None = None
    runs: list[BenchRun] = field(default_factory=list)
    bounds: dict[str, tuple[float, float]] = field(default_factory=dict)

    def find(self, digest: str, *, algorithm: str, seed: int, minutes: float, threads: int) -> BenchRun | None:
        """The run of this kind, if it was measured."""
        wanted = (digest, algorithm, seed, minutes, threads)
        equal = (run for run in self.runs if wanted == (run.digest, run.algorithm, run.seed, run.minutes, run.threads))
        return next(equal, None)

    def add(self, run: BenchRun) -> None:
        """Keep a run."""
        self.runs.append(run)
        self._write()

    def add_bound(self, digest: str, value: float, seconds: float) -> None:
        """Keep a bound."""
        self.bounds[digest] = (value, seconds)
        self._write()

    def _write(self) -> None:
        if self.path is None:
            return
        content = {"runs": [asdict(run) for run in self.runs], "bounds": self.bounds}
        partial = self.path.with_name(f"{self.path.name}.{os.getpid()}.tmp")
        try:
            partial.write_text(json.dumps(content) + "\n", encoding="utf-8")
            partial.replace(self.path)
        except OSError as error:
            with suppress(OSError):
                partial.unlink()
            raise refuse("not_writable", file=self.path, reason=reason_of(error)) from None


def read_bench_runs(path: Path) -> BenchRuns:
    """Runs kept in a file; none where there is no such file yet.

    Raises:
        InputError: the file does not hold runs of the bench.
    """
    if not path.exists():
        return BenchRuns(path)
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        runs = [_run(entry) for entry in content["runs"]]
        bounds = {str(digest): (float(value), float(seconds)) for digest, (value, seconds) in content["bounds"].items()}
    except (OSError, ValueError, LookupError, TypeError, AttributeError) as error:
        reason = f"{type(error).__name__}: {error}"
        raise refuse("bench_runs_spoiled", file=path, reason=reason) from None
    return BenchRuns(path, runs, bounds)


def _run(entry: dict[str, Any]) -> BenchRun:
    before, after = map(float, entry["load"])
    return BenchRun(
        digest=entry["digest"],
        algorithm=entry["algorithm"],
        seed=entry["seed"],
        minutes=entry["minutes"],
        threads=entry["threads"],
        machine=entry["machine"],
        load=(before, after),
        best=tuple(map(float, entry["best"])),
        worst=tuple(map(float, entry["worst"])),
        evaluations=entry["evaluations"],
        values=_rows(entry["values"]),
        curve=_rows(entry["curve"]),
    )


def _rows(entry: list[list[float]]) -> Rows:
    return tuple(tuple(map(float, row)) for row in entry)
