"""A cluster of several processes: a worker is killed with -9, the scheduler is begun again, and nothing is lost."""

from __future__ import annotations

import threading
import time
from pathlib import Path

import pytest

import sweep_fixtures
from app.sweeps.cluster_workers import by_cluster
from data.errors import InputError

pytest.importorskip("distributed")


def logs(folder: Path) -> dict[str, list[str]]:
    return {path.stem: [line.split()[0] for line in path.read_text().splitlines()] for path in folder.glob("*.log")}


def test_a_worker_is_killed(tmp_path: Path) -> None:
    """Of two workers one is killed at its first task: the other one does it, and no task that ended is done again."""
    place, marks = tmp_path / "cluster", tmp_path / "marks"
    marks.mkdir()
    with sweep_fixtures.cluster(place, 2) as made:

        def kill_first() -> None:
            while not any(marks.glob("*.log")):
                time.sleep(0.05)
            pid = int(next(marks.glob("*.log")).read_text().split()[1])
            next(worker for worker in made.workers if worker.pid == pid).kill()

        killer = threading.Thread(target=kill_first)
        killer.start()
        tasks = {name: (str(marks), name, 0.6) for name in ("a", "b", "c", "d")}
        ends = list(by_cluster(sweep_fixtures.marked, tasks, made.address))
        killer.join()
    found = logs(marks)
    assert sorted(ends) == ["a", "b", "c", "d"]
    assert [lines.count("done") for lines in found.values()] == [1, 1, 1, 1]
    assert sorted(lines.count("begun") for lines in found.values()) == [1, 1, 1, 2]


def test_nobody_answers() -> None:
    with pytest.raises(InputError, match="no scheduler of dask answers at nowhere"):
        list(by_cluster(sweep_fixtures.marked, {"a": ("", "a", 0.0)}, "nowhere"))


def test_whoever_stops_a_sweep_is_heard_by_its_workers(tmp_path: Path) -> None:
    """Two tasks at work hear it and end early, others are taken back and never begin; the scheduler is told by file."""
    marks = tmp_path / "marks"
    marks.mkdir()
    tasks = {name: (str(marks), name, 60.0) for name in "abcdefg"}
    with sweep_fixtures.cluster(tmp_path / "cluster", 2) as made:
        began = time.monotonic()
        ends = by_cluster(sweep_fixtures.until_stopped, tasks, str(made.file), lambda: len(logs(marks)) == 2)
        found = sorted(ends)
        assert time.monotonic() - began < 40.0
    assert found == sorted(logs(marks))
    assert all(lines == ["begun", "stopped"] for lines in logs(marks).values())
