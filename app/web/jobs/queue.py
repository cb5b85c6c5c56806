"""Searches and goals in the background: one process each, one at a time, with a record that outlives the browser.

Everything that is known of a search lies in files: the order (job document), the program's log, and the run folder that
`renewal optimize` writes. So a reload, a closed tab or a restarted room loses nothing.
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import asdict, dataclass, fields, replace
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Any

from app.files.atomic import new_file
from app.runs.folder import read_record
from app.runs.names import CANCEL_FILE, CHECKPOINT_FILE, FRONT_FILE, RUN_FILE, RunStatus
from app.studies.goal_files import SEEK_FILE
from app.web.documents.workspace import Workspace, new_id
from app.web.jobs.commands import WAYS, GoalOrder, Places, SearchOrder
from data.errors import InputError, refusal
from data.parameter_book import load_book
from data.scenario import Scenario
from data.scenario_files import scenario_to_yaml

AT_ONCE = 1
"""Searches that run at the same time on this machine; the others wait."""
NICENESS = 10
LARGEST_LOG = 20_000
_PROGRAM = "import sys; from app.cli.main import main; sys.exit(main())"
_CHILDREN: dict[int, subprocess.Popen[bytes]] = {}


class JobState(StrEnum):
    """Where a search stands."""

    WAITING = "waiting"
    RUNNING = "running"
    STOPPING = "stopping"
    COMPLETED = "completed"
    INTERRUPTED = "interrupted"
    CANCELED = "canceled"  # before anything was found
    FAILED = "failed"


ACTIVE = (JobState.WAITING, JobState.RUNNING, JobState.STOPPING)


ORDERS: dict[str, type[SearchOrder] | type[GoalOrder]] = {"run": SearchOrder, "goal": GoalOrder}
"""What ids begin with, and what was ordered under such an id."""


@dataclass(frozen=True)
class Job:
    """A search, or a goal sought, that was ordered.

    Attributes:
        run_id: names the run folder, the document and the log.
        order: what was asked for.
        scenario: name of the scenario.
        submitted: time, ISO 8601, UTC.
        started: time, empty while it waits.
        pid: process, 0 while it waits.
        exit_code: of the process; None while it runs, or if nobody saw it end.
        stop_wanted: someone asked it to stop.
        resumed: it goes on with a checkpoint.
    """

    run_id: str
    order: SearchOrder | GoalOrder
    scenario: str
    submitted: str
    started: str = ""
    pid: int = 0
    exit_code: int | None = None
    stop_wanted: bool = False
    resumed: bool = False


def submit(space: Workspace, order: SearchOrder | GoalOrder, scenario: Scenario) -> str:
    """Queue a search, or a goal to be sought.

    Returns:
        Its run id.

    Raises:
        InputError: neither a number of evaluations nor a time is given, or the disk refuses.
    """
    if order.evaluations is None and order.minutes is None:
        raise refusal("give a number of plans to evaluate, or minutes", layer="budget")
    prefix = next(name for name, kind in ORDERS.items() if isinstance(order, kind))
    job = Job(run_id=new_id(prefix), order=order, scenario=scenario.name, submitted=_now())
    path = scenario_path(space, job.run_id)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise refusal(f"cannot be written ({error.strerror})", file=path.parent) from None
    with new_file(path) as draft:
        draft.write_text(scenario_to_yaml(scenario, load_book()), encoding="utf-8")
    _write(space, job)  # last: an order without its scenario could not be carried out
    return job.run_id


def jobs(space: Workspace, kind: type[SearchOrder] | type[GoalOrder] = SearchOrder) -> list[Job]:
    """Every search (or goal) that was ordered, newest first; unreadable documents are left out."""
    return [job for job in _queue(space) if isinstance(job.order, kind)]


def _queue(space: Workspace) -> list[Job]:
    found = [job for name in space.names("job") if (job := read_job(space, name)) is not None]
    return sorted(found, key=lambda job: job.submitted, reverse=True)


def read_job(space: Workspace, run_id: str) -> Job | None:
    """The order of a run; None where it was not ordered in a room."""
    content = space.read("job", run_id)
    if content is None:
        return None
    try:
        kind = ORDERS.get(run_id.partition("-")[0], SearchOrder)
        order = kind(**content.pop("order"))
        return Job(order=order, **{item.name: content[item.name] for item in fields(Job) if item.name in content})
    except (TypeError, KeyError):
        return None


def state(space: Workspace, job: Job) -> JobState:
    """Where a search stands."""
    if not job.started:
        return JobState.CANCELED if job.stop_wanted else JobState.WAITING
    if _alive(job):
        return JobState.STOPPING if job.stop_wanted else JobState.RUNNING
    if isinstance(job.order, GoalOrder) and (space.run_folder(job.run_id) / SEEK_FILE).is_file():
        return JobState.COMPLETED
    status = run_status(space, job.run_id)
    if status in (JobState.COMPLETED, JobState.INTERRUPTED):
        return JobState(status)
    return JobState.CANCELED if job.stop_wanted else JobState.FAILED


def run_status(space: Workspace, run_id: str) -> str:
    """Status in run.json; empty where there is none yet."""
    try:
        return str(read_record(space.run_folder(run_id)).get("status", ""))
    except InputError:
        return ""


def city_of(space: Workspace, run_id: str) -> str:
    """Name or path of the city that a run is about; empty where its record does not say."""
    try:
        city = read_record(space.run_folder(run_id)).get("city") or {}
    except InputError:
        return ""
    return str(city.get("embedded") or city.get("path") or "")


def has_front(space: Workspace, run_id: str) -> bool:
    """Whether plans can be looked at."""
    folder = space.run_folder(run_id)
    return (folder / FRONT_FILE).is_file() and (folder / RUN_FILE).is_file()


def advance(space: Workspace) -> None:
    """Note which searches have ended, and start the next that waits if a place is free; safe to call at any time."""
    with _lock(space) as mine:
        if not mine:
            return
        known = [_reaped(space, job) for job in _queue(space)]
        states = {job.run_id: state(space, job) for job in known}
        busy = sum(states[job.run_id] in (JobState.RUNNING, JobState.STOPPING) for job in known)
        waiting = [job for job in reversed(known) if states[job.run_id] is JobState.WAITING]
        for job in waiting[: max(0, AT_ONCE - busy)]:
            _start(space, job)


def cancel(space: Workspace, run_id: str) -> None:
    """Ask a search to stop; what it found is kept, one that waits is taken off the queue."""
    with _lock(space, wait=True):
        job = read_job(space, run_id)
        if job is None or state(space, job) not in (JobState.WAITING, JobState.RUNNING):
            return
        _write(space, replace(job, stop_wanted=True))
    if not job.started:
        return
    if run_status(space, run_id) == RunStatus.RUNNING:
        (space.run_folder(run_id) / CANCEL_FILE).touch()
    else:  # it has not yet come to the search, where it would look for the file
        with contextlib.suppress(ProcessLookupError):
            os.kill(job.pid, signal.SIGTERM)


def resumable(space: Workspace, run_id: str) -> bool:
    """Whether the search left a checkpoint to go on with."""
    return (space.run_folder(run_id) / CHECKPOINT_FILE).is_file()


def resume(space: Workspace, run_id: str) -> None:
    """Queue the rest of a stopped search."""
    with _lock(space, wait=True):
        job = read_job(space, run_id)
        if job is not None and resumable(space, run_id) and state(space, job) not in ACTIVE:
            (space.run_folder(run_id) / CANCEL_FILE).unlink(missing_ok=True)
            _write(space, replace(job, started="", pid=0, exit_code=None, stop_wanted=False, resumed=True))


def log_text(space: Workspace, run_id: str) -> str:
    """The end of what the program said."""
    try:
        return _log_path(space, run_id).read_text(encoding="utf-8", errors="replace")[-LARGEST_LOG:].strip()
    except OSError:
        return ""


def complaint(space: Workspace, run_id: str) -> str:
    """The program's error message, if its log ends with one."""
    lines = log_text(space, run_id).splitlines()
    first = max((k for k, line in enumerate(lines) if line.startswith("error: ")), default=None)
    return "" if first is None else "\n".join(lines[first:]).removeprefix("error: ")


def command(space: Workspace, job: Job) -> list[str]:
    """The program's arguments, without the interpreter."""
    seed_run = job.order.seed_run
    places = Places(
        scenario=scenario_path(space, job.run_id),
        out=space.run_folder(job.run_id),
        trials=trials_path(space, job.run_id),
        seed_run=space.run_folder(seed_run) if seed_run else None,
    )
    way = WAYS[job.order.way]
    return (way.go_on if job.resumed else way.begin)(job.order, places)


def _start(space: Workspace, job: Job) -> None:
    environment = os.environ | dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
    with _log_path(space, job.run_id).open("ab") as log:
        process = subprocess.Popen(
            [sys.executable, "-c", _PROGRAM, *command(space, job)],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            env=environment,
            start_new_session=True,
        )
    with contextlib.suppress(OSError, AttributeError):
        os.setpriority(os.PRIO_PROCESS, process.pid, NICENESS)
    _CHILDREN[process.pid] = process
    _write(space, replace(job, started=_now(), pid=process.pid))


def _reaped(space: Workspace, job: Job) -> Job:
    """The job, its exit code noted if its process was ours and has ended."""
    child = _CHILDREN.get(job.pid)
    if child is None or job.exit_code is not None or child.poll() is None:
        return job
    del _CHILDREN[job.pid]
    ended = replace(read_job(space, job.run_id) or job, exit_code=child.returncode)
    _write(space, ended)
    return ended


def _alive(job: Job) -> bool:
    """Whether the process still runs: not merely some process of that number, nor one that waits to be reaped."""
    if job.exit_code is not None or job.pid <= 0:
        return False
    child = _CHILDREN.get(job.pid)
    if child is not None:
        return child.poll() is None
    if Path("/proc/self/cmdline").exists():
        try:
            return job.run_id.encode() in Path(f"/proc/{job.pid}/cmdline").read_bytes()
        except OSError:
            return False
    try:
        os.kill(job.pid, 0)
    except OSError:
        return False
    return True


@contextlib.contextmanager
def _lock(space: Workspace, *, wait: bool = False) -> Iterator[bool]:
    """Whether this is the only one at work on the queue just now; with `wait`, it is in the end."""
    space.room.mkdir(parents=True, exist_ok=True)
    try:
        import fcntl
    except ImportError:  # where files cannot be locked, one room a workspace
        yield True
        return
    with (space.room / "queue.lock").open("w") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
        except OSError:
            yield False
            return
        yield True


def _write(space: Workspace, job: Job) -> None:
    record: dict[str, Any] = asdict(job)
    space.write("job", job.run_id, record)


def scenario_path(space: Workspace, run_id: str) -> Path:
    """The scenario of an order."""
    return space.document("job", run_id).with_suffix(".yaml")


def trials_path(space: Workspace, run_id: str) -> Path:
    """Where goal seeking notes what it has tried."""
    return space.document("job", run_id).with_suffix(".jsonl")


def _log_path(space: Workspace, run_id: str) -> Path:
    return space.document("job", run_id).with_suffix(".log")


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds")
