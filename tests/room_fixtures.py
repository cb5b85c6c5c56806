"""Driving the pages of the room in tests."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import replace

from streamlit.testing.v1 import AppTest

from app.cli.main import main
from app.web.documents.workspace import Workspace
from app.web.jobs.job_record import ACTIVE, JobState, job_log, job_log_path, read_job, write_job
from app.web.jobs.processes import job_arguments
from app.web.jobs.queue import advance_queue, job_state
from app.web.sections.questions.plan_questions import QUESTIONS, question_of

NOBODY = 2**22 - 3
"""No process has this number."""


def choose(app: AppTest, name: str, value: str) -> AppTest:
    """Choose in a segmented control; a section of a plan, after the question that it answers."""
    if name == "plan_section":
        question = question_of(value)
        choose(app, "plan_question", question)
        if len(QUESTIONS[question]) == 1:
            return app
    control = next(item for item in app.get("button_group") if name in (item.key or ""))
    control.set_value(value)
    return app.run()


def shown(app: AppTest) -> str:
    """Every text on the page."""
    kinds = (app.title, app.markdown, app.caption, app.info, app.error, app.warning, app.success)
    return "\n".join(str(item.value) for kind in kinds for item in kind)


def until(holds: Callable[[], bool], *, seconds: float = 120.0) -> None:
    """Wait for something."""
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.05)


def carry_out(workspace: Workspace, run_id: str) -> None:
    """What the process of a job would do, in this one: for tests in which the process is not the point."""
    job = read_job(workspace, run_id)
    assert job is not None
    with job_log_path(workspace, run_id).open("w") as log, redirect_stdout(log), redirect_stderr(log):
        code = main(job_arguments(workspace, job))
    write_job(workspace, replace(job, started=job.submitted, pid=NOBODY, exit_code=code))


def wait(workspace: Workspace, run_id: str, *, seconds: float = 240.0) -> JobState:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        advance_queue(workspace)
        job = read_job(workspace, run_id)
        assert job is not None
        if job_state(workspace, job) not in ACTIVE:
            return job_state(workspace, job)
        time.sleep(0.05)
    raise AssertionError(job_log(workspace, run_id))
