"""One process a job: started at low priority, watched, and known again after the server was restarted."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from app.web.documents.workspace import Workspace
from app.web.jobs.commands import COMMANDS, JobPaths
from app.web.jobs.job_record import (
    Job,
    job_log_path,
    job_phases_path,
    job_scenario_path,
    job_trials_path,
    read_job,
    write_job,
)

NICENESS = 10
_PROGRAM = "import sys; from app.cli.main import main; sys.exit(main())"
_CHILDREN: dict[int, subprocess.Popen[bytes]] = {}


def job_arguments(workspace: Workspace, job: Job) -> list[str]:
    """The program's arguments, without the interpreter."""
    seed_run = job.order.seed_run
    paths = JobPaths(
        scenario=job_scenario_path(workspace, job.run_id),
        out=workspace.run_folder(job.run_id),
        trials=job_trials_path(workspace, job.run_id),
        seed_run=workspace.run_folder(seed_run) if seed_run else None,
        phases=job_phases_path(workspace, job.run_id),
    )
    command = COMMANDS[job.order.command]
    arguments = (command.resume if job.resumed else command.begin)(job.order, paths)
    return [*arguments, "--lang", job.language]


def start_process(workspace: Workspace, job: Job) -> None:
    """Start the program of a job, one thread to each linear algebra library, and note it in the job's document."""
    environment = os.environ | dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
    with job_log_path(workspace, job.run_id).open("ab") as log:
        process = subprocess.Popen(
            [sys.executable, "-c", _PROGRAM, *job_arguments(workspace, job)],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            env=environment,
            start_new_session=True,
        )
    with contextlib.suppress(OSError, AttributeError):
        os.setpriority(os.PRIO_PROCESS, process.pid, NICENESS)
    _CHILDREN[process.pid] = process
    write_job(workspace, replace(job, started=utc_now(), pid=process.pid))


def note_end(workspace: Workspace, job: Job) -> Job:
    """The job, its exit code noted if its process was ours and has ended."""
    child = _CHILDREN.get(job.pid)
    if child is None or job.exit_code is not None or child.poll() is None:
        return job
    del _CHILDREN[job.pid]
    ended = replace(read_job(workspace, job.run_id) or job, exit_code=child.returncode)
    write_job(workspace, ended)
    return ended


def is_alive(job: Job) -> bool:
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


def utc_now() -> str:
    """The time as documents have it: ISO 8601, UTC."""
    return datetime.now(UTC).isoformat(timespec="milliseconds")
