"""The queue: one search at a time, kept in files, stopped, failed and found again."""

from __future__ import annotations

import os
import signal
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from app.runs.run_folder import load_run
from app.web.documents.workspace import Workspace, checked_id
from app.web.jobs.commands import SearchOrder
from app.web.jobs.job_record import JobState, job_error, job_log, read_job
from app.web.jobs.processes import _CHILDREN, job_arguments
from app.web.jobs.progress import live_front, progress
from app.web.jobs.queue import (
    _lock,
    advance_queue,
    cancel_job,
    has_front,
    is_resumable,
    job_state,
    resume_job,
    run_status,
    submit_job,
)
from data.errors import InputError
from data.scenario_files import load_scenario
from room_fixtures import carry_out, until, wait

ORDER = SearchOrder("tiny", "nsga2", 3, 200, None)


@pytest.fixture
def empty(tmp_path: Path) -> Workspace:
    return Workspace(tmp_path / "runs")


def state(workspace: Workspace, run_id: str) -> JobState:
    job = read_job(workspace, run_id)
    assert job is not None
    return job_state(workspace, job)


def test_two_searches_run_one_after_the_other_and_outlive_their_room(
    empty: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = (submit_job(empty, ORDER, load_scenario("tiny")) for _ in range(2))
    advance_queue(empty)
    assert (state(empty, first), state(empty, second)) == (JobState.RUNNING, JobState.WAITING)
    assert wait(empty, first) is JobState.COMPLETED
    advance_queue(empty)
    mine = dict(_CHILDREN)
    monkeypatch.setattr("app.web.jobs.processes._CHILDREN", {})  # a room opened again knows no child
    assert state(empty, second) is JobState.RUNNING
    for child in mine.values():
        child.wait(120)
    assert state(empty, second) is JobState.COMPLETED
    runs = [load_run(empty.run_folder(name)) for name in (first, second)]
    assert runs[0].front.equals(runs[1].front)
    assert empty.run_ids() == [second, first]


def test_the_policy_plans_and_a_search_goes_on_from_its_plans(empty: Workspace) -> None:
    planned = submit_job(
        empty, replace(ORDER, algorithm="policy", evaluations=8, command="policy"), load_scenario("tiny")
    )
    carry_out(empty, planned)
    assert state(empty, planned) is JobState.COMPLETED
    run = load_run(empty.run_folder(planned))
    assert (run.record.command, run.record.algorithm, run.record.evaluations) == ("plan", "policy", 8)
    both = submit_job(empty, replace(ORDER, seed_run=planned), load_scenario("tiny"))
    carry_out(empty, both)
    assert state(empty, both) is JobState.COMPLETED
    values = load_run(empty.run_folder(both)).front["net_present_value_cny"]
    assert values.max() >= run.front["net_present_value_cny"].max()


def test_a_waiting_search_can_be_taken_off_the_queue(empty: Workspace) -> None:
    name = submit_job(empty, ORDER, load_scenario("tiny"))
    cancel_job(empty, name)
    advance_queue(empty)
    assert state(empty, name) is JobState.CANCELED


def test_a_stopped_search_keeps_what_was_found_and_goes_on(empty: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    """Stop a search of half an hour twice: each time its front is there, and the second has evaluated more."""
    often = ["--checkpoint-seconds", "0.2"]  # progress is told with every state that is kept
    monkeypatch.setattr("app.web.jobs.processes.job_arguments", lambda *of: [*job_arguments(*of), *often])
    name = submit_job(empty, replace(ORDER, evaluations=None, minutes=30.0), load_scenario("tiny"))
    evaluated = [0]
    for _ in range(2):
        advance_queue(empty)
        until(lambda: run_status(empty, name) == "running" and evaluations_so_far(empty, name) > evaluated[-1])
        cancel_job(empty, name)
        assert state(empty, name) is JobState.STOPPING
        assert wait(empty, name) is JobState.INTERRUPTED, job_log(empty, name)
        found = load_run(empty.run_folder(name))
        assert found.record.status == "interrupted"
        assert has_front(empty, name)
        evaluated.append(found.record.evaluations)
        assert is_resumable(empty, name)
        resume_job(empty, name)
        assert state(empty, name) is JobState.WAITING
    assert evaluated[2] > evaluated[1] > 0


def evaluations_so_far(workspace: Workspace, name: str) -> int:
    """As the run's table of progress has them; 0 where there is none yet."""
    steps = progress(workspace, read_job(workspace, name)).steps
    return 0 if steps.empty else int(steps["evaluations"].max())


def test_a_failure_is_told_in_the_words_of_the_program(empty: Workspace) -> None:
    name = submit_job(empty, replace(ORDER, city="nowhere"), load_scenario("tiny"))
    carry_out(empty, name)
    assert state(empty, name) is JobState.FAILED
    assert "no such city" in job_error(empty, name)


def test_a_failure_is_told_in_the_language_of_whoever_ordered(empty: Workspace) -> None:
    name = submit_job(empty, replace(ORDER, city="nowhere"), load_scenario("tiny"), "zh")
    advance_queue(empty)
    assert wait(empty, name) is JobState.FAILED
    assert job_error(empty, name).startswith("nowhere：")


def test_an_order_of_an_older_version_is_read_and_a_spoiled_one_is_not(empty: Workspace) -> None:
    name = submit_job(empty, replace(ORDER, command="policy"), load_scenario("tiny"))
    document = empty.read("job", name) or {}
    document["order"]["way"] = document["order"].pop("command")
    empty.write("job", name, document)
    job = read_job(empty, name)
    assert job is not None
    assert job.order == replace(ORDER, command="policy")
    empty.write("job", name, document | {"pid": "many"})
    assert read_job(empty, name) is None
    empty.write("job", name, document | {"order": ["nothing"]})
    assert read_job(empty, name) is None


def test_a_process_nobody_saw_end_is_not_running(empty: Workspace) -> None:
    name = submit_job(empty, ORDER, load_scenario("tiny"))
    job = read_job(empty, name)
    assert job is not None
    ghost = replace(job, started=job.submitted, pid=2**22 - 3)
    assert job_state(empty, ghost) is JobState.FAILED


def test_a_killed_search_is_told_and_goes_on(empty: Workspace) -> None:
    name = submit_job(empty, replace(ORDER, evaluations=600), load_scenario("tiny"))
    advance_queue(empty)
    job = read_job(empty, name)
    assert job is not None
    while not is_resumable(empty, name):
        assert state(empty, name) is JobState.RUNNING, job_log(empty, name)
        time.sleep(0.02)
    os.kill(job.pid, signal.SIGKILL)
    assert wait(empty, name) is JobState.FAILED
    with ThreadPoolExecutor(4) as people:  # and each of them wants it to go on
        list(people.map(lambda _: (resume_job(empty, name), advance_queue(empty)), range(4)))
    advance_queue(empty)
    assert state(empty, name) is JobState.RUNNING
    resumed = read_job(empty, name)
    assert resumed is not None
    resume_job(empty, name)  # of a search that runs: nothing
    assert read_job(empty, name) == resumed
    assert wait(empty, name) is JobState.COMPLETED
    assert job_log(empty, name).count("another process") == 0


def test_stopping_and_resuming_wait_for_the_queue(empty: Workspace) -> None:
    name = submit_job(empty, ORDER, load_scenario("tiny"))
    with ThreadPoolExecutor(1) as person:
        with _lock(empty) as mine:
            assert mine
            asked = person.submit(cancel_job, empty, name)
            time.sleep(0.2)
            assert not asked.done()
            assert state(empty, name) is JobState.WAITING
        asked.result(timeout=10)
    assert state(empty, name) is JobState.CANCELED


def test_a_search_needs_a_budget(empty: Workspace) -> None:
    with pytest.raises(InputError, match="budget"):
        submit_job(empty, replace(ORDER, evaluations=None), load_scenario("tiny"))


def test_progress_is_read_from_the_run_folder(empty: Workspace) -> None:
    name = submit_job(empty, ORDER, load_scenario("tiny"))
    job = read_job(empty, name)
    assert job is not None
    known = progress(empty, job)
    assert (known.share, known.live_front, len(known.steps)) == (None, None, 0)
    folder = empty.run_folder(name)
    folder.mkdir(parents=True)
    (folder / "progress.csv").write_text("evaluations,seconds,hypervolume,front_size\n50,1.0,0.2,7\n", encoding="utf-8")
    np.savez(folder / "checkpoint.npz", archive_values=np.array([[1.0, 2.0], [3.0, 1.0]]))
    known = progress(empty, job)
    assert known.share == pytest.approx(0.25)
    assert known.live_front is not None
    assert known.live_front.tolist() == [[1.0, 2.0], [3.0, 1.0]]


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04broken", b"not a zip"])
def test_a_broken_checkpoint_is_no_front(empty: Workspace, content: bytes) -> None:
    folder = empty.run_folder("run-1")
    folder.mkdir(parents=True)
    (folder / "checkpoint.npz").write_bytes(content)
    assert live_front(empty, "run-1") is None


@pytest.mark.parametrize("name", ["", "..", "../x", "a/b", ".hidden", "a\\b", "x" * 81, "a..b", "a\nb"])
def test_ids_cannot_leave_the_workspace(name: str) -> None:
    with pytest.raises(InputError):
        checked_id(name)
