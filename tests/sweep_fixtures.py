"""What tests of sweeps share: work that workers can be killed at, and clusters of dask of several processes."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from app.runs.interruption import Interruption

HOUSE = Path(__file__).resolve().parents[1]
SMALL = """\
name: small
cities: [tiny]
scenarios: [tiny]
bounds: {villages_per_year: [1, 2]}
methods: [random]
seeds: [0, 1]
budget: {evaluations: 60}
"""


def marked(task: tuple[str, str, float]) -> str:
    """Note that a task began, take its time, and note that it ended."""
    folder, name, seconds = task
    with (Path(folder) / f"{name}.log").open("a") as log:
        log.write(f"begun {os.getpid()}\n")
        log.flush()
        time.sleep(seconds)
        log.write("done\n")
    return name


def until_stopped(task: tuple[str, str, float]) -> str:
    """Note that a task began, look every moment whether to stop, and note how it ended."""
    folder, name, seconds = task
    with (Path(folder) / f"{name}.log").open("a") as log, Interruption() as interruption:
        log.write(f"begun {os.getpid()}\n")
        log.flush()
        until = time.monotonic() + seconds
        while not interruption() and time.monotonic() < until:
            time.sleep(0.05)
        log.write("stopped\n" if interruption() else "done\n")
    return name


def killed_once(task: tuple[str, str, float]) -> str:
    """The same, but the first worker that tries is killed at it."""
    folder, name, _ = task
    marker = Path(folder) / f"{name}.killed"
    if not marker.exists():
        marker.touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return marked(task)


def always_killed(task: tuple[str, str, float]) -> str:
    """Kills whoever tries."""
    os.kill(os.getpid(), signal.SIGKILL)
    return task[1]


@dataclass
class Cluster:
    """A scheduler and workers, a process each."""

    folder: Path
    port: int = 0
    scheduler: subprocess.Popen[bytes] | None = None
    workers: list[subprocess.Popen[bytes]] = field(default_factory=list)

    @property
    def address(self) -> str:
        return f"tcp://127.0.0.1:{self.port}"

    @property
    def file(self) -> Path:
        """In which the scheduler says where it is."""
        return self.folder / "scheduler.json"

    def start_scheduler(self) -> None:
        file = self.file
        file.unlink(missing_ok=True)
        self.scheduler = self._start("scheduler", "--port", str(self.port), "--scheduler-file", str(file))
        while not file.exists() or not file.read_text():
            time.sleep(0.05)
        self.port = int(json.loads(file.read_text())["address"].rpartition(":")[2])

    def start_worker(self) -> None:
        place = self.folder / f"worker{len(self.workers)}"
        options = ("--nthreads", "1", "--no-nanny", "--local-directory", str(place))
        self.workers.append(self._start("worker", self.address, *options))

    def _start(self, what: str, *options: str) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", "dask", what, "--host", "127.0.0.1", "--no-dashboard", *options]
        if what == "worker":
            command[4:6] = []
        paths = os.pathsep.join((str(HOUSE), str(HOUSE / "tests")))
        with (self.folder / f"{what}.log").open("ab") as log:
            return subprocess.Popen(
                command, stdout=log, stderr=log, env=os.environ | {"PYTHONPATH": paths}, cwd=self.folder
            )

    def end(self) -> None:
        for process in [*self.workers, *([self.scheduler] if self.scheduler else [])]:
            process.kill()
            process.wait()


@contextmanager
def cluster(folder: Path, n_workers: int) -> Iterator[Cluster]:
    """A cluster that is gone after the block."""
    folder.mkdir(parents=True, exist_ok=True)
    made = Cluster(folder)
    try:
        made.start_scheduler()
        for _ in range(n_workers):
            made.start_worker()
        yield made
    finally:
        made.end()
