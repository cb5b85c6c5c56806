"""A sweep whose workers are killed with -9 again and again: nothing lost, nothing done twice, one table."""

from __future__ import annotations

import json
import random
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import pandas as pd
import pytest

import sweep_fixtures
from app.sweeps.sweep_folder import read_journal
from app.sweeps.sweep_table import CLOCK_COLUMNS

pytest.importorskip("distributed")
N_KILLS, N_WORKERS, N_RUNS = 10, 3, 24
PROGRAM = "import sys; from app.cli.main import main; sys.exit(main())"
STUDY = """\
name: kills
cities: [tiny]
scenarios: [tiny]
bounds: {villages_per_year: [1, 2]}
methods: [nsga2, random]
seeds: [0, 1, 2, 3, 4, 5]
budget: {evaluations: 1200}
"""


def start_sweep(file: Path, out: Path, *options: str) -> subprocess.Popen[bytes]:
    """Begin a sweep; what it says lies beside its folder."""
    command = [sys.executable, "-c", PROGRAM, "sweep", str(file), "--out", str(out), "--checkpoint-seconds", "0.5"]
    with said_by(out).open("wb") as said:
        return subprocess.Popen([*command, *options], cwd=sweep_fixtures.HOUSE, stdout=said, stderr=said)


def said_by(out: Path) -> Path:
    return out.with_suffix(".log")


@pytest.fixture(scope="module")
def local(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the same sweep, done here and left alone."""
    place = tmp_path_factory.mktemp("kills")
    (place / "kills.yaml").write_text(STUDY, encoding="utf-8")
    here = start_sweep(place / "kills.yaml", place / "local", "--workers", "1")
    assert here.wait() == 0, said_by(place / "local").read_text(encoding="utf-8")
    return place / "local"


def table_of(out: Path) -> pd.DataFrame:
    return pd.read_parquet(out / "table.parquet").drop(columns=list(CLOCK_COLUMNS))


def events(out: Path) -> dict[str, Counter[str]]:
    found: dict[str, Counter[str]] = {}
    for line in read_journal(out):
        found.setdefault(line["run_id"], Counter())[line["event"]] += 1
    return found


def at_work(out: Path) -> list[int]:
    """Processes that have begun or resumed a run and not ended it."""
    busy = []
    for journal in (out / ".journal").glob("*.jsonl"):
        last = journal.read_text(encoding="utf-8").splitlines()[-1:]
        if last and json.loads(last[0])["event"] in ("begun", "resumed"):
            busy.append(int(journal.stem.rpartition("-")[2]))
    return busy


def kill_one(made: sweep_fixtures.Cluster, out: Path, draw: random.Random, typical_s: float) -> bool:
    """Kill a worker that is at work at a random moment of its run, and begin another one."""
    time.sleep(draw.uniform(0.0, typical_s))
    busy = at_work(out)
    alive = [worker for worker in made.workers if worker.poll() is None and worker.pid in busy]
    if not alive:
        return False
    draw.choice(alive).kill()
    made.start_worker()
    return True


@pytest.mark.slow
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("kills_scheduler", [False, True], ids=["workers", "scheduler"])
def test_kills(kills_scheduler: bool, local: Path, tmp_path: Path) -> None:
    typical_s = 0.7 * float(pd.read_parquet(local / "table.parquet")["worker_seconds"].median())
    draw, n_killed, n_schedulers, out = random.Random(20261130), 0, 0, tmp_path / "cluster"
    with sweep_fixtures.cluster(tmp_path / "dask", N_WORKERS) as made:
        there = start_sweep(local.parent / "kills.yaml", out, "--scheduler", made.address)
        while there.poll() is None:
            time.sleep(0.1)
            n_killed += n_killed < N_KILLS and kill_one(made, out, draw, typical_s)
            if kills_scheduler and not n_schedulers and n_killed == 2 and made.scheduler is not None:
                n_schedulers = 1
                made.scheduler.kill()
                made.scheduler.wait()
                made.start_scheduler()
                for _ in range(N_WORKERS):  # those of before end with their scheduler
                    made.start_worker()
        assert there.returncode == 0, said_by(out).read_text(encoding="utf-8")
    found = events(out)
    again = sum(count["begun"] + count["resumed"] for count in found.values()) - N_RUNS
    assert n_killed == N_KILLS
    assert len(found) == N_RUNS
    assert all(count["done"] == 1 for count in found.values())
    assert N_KILLS // 2 <= again <= N_KILLS + N_WORKERS * (1 + n_schedulers)
    assert n_schedulers == kills_scheduler
    pd.testing.assert_frame_equal(table_of(out), table_of(local))
