"""What was ordered and how it stands: one document a job, beside it the scenario, the log and the trials."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter

from app.web.documents.workspace import Workspace
from app.web.jobs.commands import GoalOrder, Order, RobustOrder, SearchOrder, StressOrder
from data.catalogue import LANGUAGES, text

LARGEST_LOG = 20_000
"""Characters of a log that are shown, its last ones."""


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
ORDERS: dict[str, type[Order]] = {"run": SearchOrder, "goal": GoalOrder, "stress": StressOrder, "robust": RobustOrder}
"""What ids begin with, and what was ordered under such an id."""
ORDER_COMMANDS: dict[type[Order], str] = {
    SearchOrder: "search",
    GoalOrder: "goal",
    StressOrder: "stress",
    RobustOrder: "robust",
}
"""Row of COMMANDS for an order that does not say."""


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
        language: in which its program speaks: that of whoever ordered it.
    """

    run_id: str
    order: Order
    scenario: str
    submitted: str
    started: str = ""
    pid: int = 0
    exit_code: int | None = None
    stop_wanted: bool = False
    resumed: bool = False
    language: str = "en"


_ORDER_READERS: dict[type[Order], TypeAdapter[Any]] = {kind: TypeAdapter(kind) for kind in ORDERS.values()}
_JOB_READER: TypeAdapter[Job] = TypeAdapter(Job)


def ordered_jobs(workspace: Workspace, kind: type[Order] = SearchOrder) -> list[Job]:
    """Every search (or goal, or another order) that was ordered, newest first; unreadable documents are left out."""
    return [job for job in all_jobs(workspace) if isinstance(job.order, kind)]


def all_jobs(workspace: Workspace) -> list[Job]:
    """Searches and goals that were ordered, newest first; unreadable documents are left out."""
    jobs = [job for name in workspace.names("job") if (job := read_job(workspace, name)) is not None]
    return sorted(jobs, key=lambda job: job.submitted, reverse=True)


def read_job(workspace: Workspace, run_id: str) -> Job | None:
    """The order of a run; None where it was not ordered in a room."""
    content = workspace.read("job", run_id)
    if content is None:
        return None
    kind = ORDERS.get(run_id.partition("-")[0], SearchOrder)
    try:
        order = dict(content["order"])
        order.setdefault("command", order.pop("way", ORDER_COMMANDS[kind]))  # "way" until version 0.3
        return _JOB_READER.validate_python(content | {"order": _ORDER_READERS[kind].validate_python(order)})
    except (LookupError, TypeError, ValueError):
        return None


def write_job(workspace: Workspace, job: Job) -> None:
    """Replace the document of a job."""
    record: dict[str, Any] = asdict(job)
    workspace.write("job", job.run_id, record)


def job_log(workspace: Workspace, run_id: str) -> str:
    """The end of what the program said."""
    try:
        return job_log_path(workspace, run_id).read_text(encoding="utf-8", errors="replace")[-LARGEST_LOG:].strip()
    except OSError:
        return ""


def job_error(workspace: Workspace, run_id: str) -> str:
    """The program's error message, if its log ends with one."""
    lines = job_log(workspace, run_id).splitlines()
    prefixes = tuple(text("error_line", language, message="") for language in LANGUAGES)
    first = max((k for k, line in enumerate(lines) if line.startswith(prefixes)), default=None)
    if first is None:
        return ""
    error = "\n".join(lines[first:])
    return error.removeprefix(next(prefix for prefix in prefixes if error.startswith(prefix)))


def job_scenario_path(workspace: Workspace, run_id: str) -> Path:
    """The scenario of an order."""
    return workspace.document("job", run_id).with_suffix(".yaml")


def job_trials_path(workspace: Workspace, run_id: str) -> Path:
    """Where goal seeking notes what it has tried."""
    return workspace.document("job", run_id).with_suffix(".jsonl")


def job_phases_path(workspace: Workspace, run_id: str) -> Path:
    """Where a search notes its phases and its first plans."""
    return workspace.document("job", run_id).with_suffix(".phases.jsonl")


def job_log_path(workspace: Workspace, run_id: str) -> Path:
    """What the program of a job says."""
    return workspace.document("job", run_id).with_suffix(".log")
