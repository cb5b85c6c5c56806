"""Titles of runs in a workspace: those beside finished runs, and those of searches that were only ordered."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace

from app.runs.names import RUN_FILE
from app.runs.title import checked_title, read_title, run_title, told_title, write_title
from app.web.documents.workspace import Workspace, city_label
from app.web.jobs.commands import SearchOrder
from app.web.jobs.job_record import Job, read_job, write_job
from data.catalogue import text
from data.errors import InputError


def workspace_run_title(workspace: Workspace, run_id: str, language: str) -> str:
    """What a run or an ordered search is called; its id where there is neither.

    Args:
        workspace: folder of runs and documents.
        run_id: of the run.
        language: of the reader.
    """
    folder = workspace.run_folder(run_id)
    given = read_title(folder)
    if given:
        return given
    job = read_job(workspace, run_id)
    if job is not None and ordered_title(job):
        return ordered_title(job)
    if (folder / RUN_FILE).is_file() or job is None:
        return run_title(folder, language)
    return told_title(job.scenario, city_label(job.order.city), job.submitted, language)


def ordered_title(job: Job) -> str:
    """The title that a search was ordered under; empty for none."""
    return job.order.title if isinstance(job.order, SearchOrder) else ""


def told_apart(titles: dict[str, str], language: str) -> dict[str, str]:
    """Titles that several runs share get the id behind them, so that a list has no two alike.

    Args:
        titles: by run id.
        language: of the reader.
    """
    times = Counter(titles.values())
    return {
        run: title if times[title] == 1 else text("run_alike", language, title=title, run=run)
        for run, title in titles.items()
    }


def workspace_run_titles(workspace: Workspace, run_ids: Sequence[str], language: str) -> dict[str, str]:
    """Run id -> what it is called, no two alike; see workspace_run_title."""
    return told_apart({run: workspace_run_title(workspace, run, language) for run in run_ids}, language)


def keep_title(workspace: Workspace, job: Job) -> None:
    """Put the title that a search was ordered under beside its run, as soon as that is there."""
    title, folder = ordered_title(job), workspace.run_folder(job.run_id)
    if title and (folder / RUN_FILE).is_file() and not read_title(folder):
        with suppress(InputError):  # a full disk or a spoiled record: the order still has the title
            write_title(folder, title)


def rename_run(workspace: Workspace, run_id: str, title: str) -> None:
    """Give a run, or a search that waits, another title; an empty one takes it away.

    Raises:
        InputError: it is too long, the disk refuses, or there is no such run.
    """
    line, job = checked_title(title), read_job(workspace, run_id)
    if job is not None and isinstance(job.order, SearchOrder) and job.order.title != line:
        write_job(workspace, replace(job, order=replace(job.order, title=line)))
    if job is None or (workspace.run_folder(run_id) / RUN_FILE).is_file():
        write_title(workspace.run_folder(run_id), line)
