"""Searches and goals in the background: one process each, one at a time, with a record that outlives the browser.

Everything that is known of a search lies in files: the order (job document), the program's log, and the run folder that
`renewal optimize` writes. So a reload, a closed tab or a restarted room loses nothing.
"""

from __future__ import annotations

import contextlib
import os
import signal
from collections.abc import Iterator
from dataclasses import replace

from app.files.atomic import new_file
from app.runs.names import ABOUT_FILE, CANCEL_FILE, CHECKPOINT_FILE, FRONT_FILE, RUN_FILE, SEEK_FILE, RunStatus
from app.runs.record import PROVISIONAL_MARK, read_record
from app.web.documents.workspace import Workspace, new_id
from app.web.jobs.commands import GoalOrder, Order, RobustOrder, StressOrder
from app.web.jobs.job_record import ACTIVE, ORDERS, Job, JobState, all_jobs, job_scenario_path, read_job, write_job
from app.web.jobs.processes import is_alive, note_end, start_process, utc_now
from app.web.jobs.run_titles import keep_title
from data.errors import InputError, refuse, system_reason
from data.parameter_book import load_book
from data.scenario import Scenario
from data.scenario_files import scenario_to_yaml

AT_ONCE = 1
"""Searches that run at the same time on this machine; the others wait."""
WRITTEN_LAST = {GoalOrder: SEEK_FILE, StressOrder: ABOUT_FILE, RobustOrder: ABOUT_FILE}
"""In the folder of an order that is no run, which appears whole: by it the order is known to be completed."""


def submit_job(workspace: Workspace, order: Order, scenario: Scenario, language: str = "en") -> str:
    """Queue a search, or a goal to be sought.

    Args:
        workspace: folder of runs and documents.
        order: what is asked for.
        scenario: what is allowed and wanted.
        language: in which its program shall speak.

    Returns:
        Its run id.

    Raises:
        InputError: neither a number of evaluations nor a time is given, or the disk refuses.
    """
    if order.evaluations is None and order.minutes is None:
        raise refuse("budget_missing", layer="budget")
    prefix = next(name for name, kind in ORDERS.items() if isinstance(order, kind))
    job = Job(new_id(prefix), order, scenario.name, utc_now(), language=language)
    path = job_scenario_path(workspace, job.run_id)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise refuse("not_writable", file=path.parent, reason=system_reason(error)) from None
    with new_file(path) as draft:
        draft.write_text(scenario_to_yaml(scenario, load_book()), encoding="utf-8")
    write_job(workspace, job)  # last: an order without its scenario could not be carried out
    return job.run_id


def job_state(workspace: Workspace, job: Job) -> JobState:
    """Where a search stands."""
    if not job.started:
        return JobState.CANCELED if job.stop_wanted else JobState.WAITING
    if is_alive(job):
        return JobState.STOPPING if job.stop_wanted else JobState.RUNNING
    written = WRITTEN_LAST.get(type(job.order))
    if written and (workspace.run_folder(job.run_id) / written).is_file():
        return JobState.COMPLETED
    status = run_status(workspace, job.run_id)
    if status == RunStatus.PROVISIONAL and job.stop_wanted:
        return JobState.INTERRUPTED  # its first plans open
    if status in (JobState.COMPLETED, JobState.INTERRUPTED):
        return JobState(status)
    return JobState.CANCELED if job.stop_wanted else JobState.FAILED


def run_status(workspace: Workspace, run_id: str) -> str:
    """Status in run.json; empty where there is none yet."""
    try:
        return read_record(workspace.run_folder(run_id)).status
    except InputError:
        return ""


def run_city(workspace: Workspace, run_id: str) -> str:
    """Name or path of the city that a run is about; empty where its record does not say."""
    try:
        return read_record(workspace.run_folder(run_id)).city.source
    except InputError:
        return ""


def is_of_city(workspace: Workspace, run_id: str, city: str) -> bool:
    """Whether a run of the program's kernel is about the city of this name or path, as that is now."""
    try:
        record = read_record(workspace.run_folder(run_id))
    except InputError:
        return False
    return record.own_model is None and record.city.source == city


def has_front(workspace: Workspace, run_id: str) -> bool:
    """Whether the front of a run can be looked at and worked with; first plans of a search under way are none."""
    return opens(workspace, run_id) and not is_provisional(workspace, run_id)


def opens(workspace: Workspace, run_id: str) -> bool:
    """Whether there are plans to look at, be they the first ones of a search."""
    folder = workspace.run_folder(run_id)
    return (folder / FRONT_FILE).is_file() and (folder / RUN_FILE).is_file()


def is_provisional(workspace: Workspace, run_id: str) -> bool:
    """Whether the plans of a run are the first ones of a search; read without the whole record, for lists of runs."""
    try:
        return PROVISIONAL_MARK in (workspace.run_folder(run_id) / RUN_FILE).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return False


def advance_queue(workspace: Workspace) -> None:
    """Note which searches have ended, and start the next that waits if a place is free; safe to call at any time."""
    with _lock(workspace) as is_alone:
        if not is_alone:
            return
        jobs = [note_end(workspace, job) for job in all_jobs(workspace)]
        for job in jobs:
            keep_title(workspace, job)
        states = {job.run_id: job_state(workspace, job) for job in jobs}
        busy = sum(states[job.run_id] in (JobState.RUNNING, JobState.STOPPING) for job in jobs)
        waiting = [job for job in reversed(jobs) if states[job.run_id] is JobState.WAITING]
        for job in waiting[: max(0, AT_ONCE - busy)]:
            start_process(workspace, job)


def cancel_job(workspace: Workspace, run_id: str) -> None:
    """Ask a search to stop; what it found is kept, one that waits is taken off the queue."""
    with _lock(workspace, wait=True):
        job = read_job(workspace, run_id)
        if job is None or job_state(workspace, job) not in (JobState.WAITING, JobState.RUNNING):
            return
        write_job(workspace, replace(job, stop_wanted=True))
    if not job.started:
        return
    if run_status(workspace, run_id) == RunStatus.RUNNING:
        (workspace.run_folder(run_id) / CANCEL_FILE).touch()
    else:  # it has not yet come to the search, where it would look for the file
        with contextlib.suppress(ProcessLookupError):
            os.kill(job.pid, signal.SIGTERM)


def is_resumable(workspace: Workspace, run_id: str) -> bool:
    """Whether the search left a checkpoint to go on with."""
    return (workspace.run_folder(run_id) / CHECKPOINT_FILE).is_file()


def resume_job(workspace: Workspace, run_id: str) -> None:
    """Queue the rest of a stopped search."""
    with _lock(workspace, wait=True):
        job = read_job(workspace, run_id)
        if job is not None and is_resumable(workspace, run_id) and job_state(workspace, job) not in ACTIVE:
            (workspace.run_folder(run_id) / CANCEL_FILE).unlink(missing_ok=True)
            write_job(workspace, replace(job, started="", pid=0, exit_code=None, stop_wanted=False, resumed=True))


@contextlib.contextmanager
def _lock(workspace: Workspace, *, wait: bool = False) -> Iterator[bool]:
    """Whether this is the only one at work on the queue just now; with `wait`, it is in the end."""
    workspace.room.mkdir(parents=True, exist_ok=True)
    try:
        import fcntl
    except ImportError:  # where files cannot be locked, one room a workspace
        yield True
        return
    with (workspace.room / "queue.lock").open("w") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
        except OSError:
            yield False
            return
        yield True
