"""Plans in futures in the room: ordered as a job, then what the folder holds, on the pages Plan and Front."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from app.cli.main import main
from app.files.names import plain
from app.runs.run_folder import load_run
from app.stress.known_stress import known_front_stress, known_stress
from app.web.documents.workspace import Workspace
from app.web.figures.charts_stress import fan_figure
from app.web.jobs.commands import StressOrder
from app.web.jobs.job_record import JobState, ordered_jobs, read_job
from app.web.jobs.processes import job_arguments
from app.web.jobs.queue import job_state, submit_job
from room_fixtures import choose, shown


@pytest.fixture(scope="module")
def written(tiny_run: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Two plans in worlds, and the whole front under prices alone, as the room's own jobs would write them."""
    folder = tmp_path_factory.mktemp("stress")
    first, second = load_run(tiny_run).plan_ids[:2]
    common = ["stress", "--run", str(tiny_run), "--futures", "40"]
    of_plans = ["--plan", first, "--plan", second, "--worlds", "2"]
    assert main([*common, *of_plans, "--out", str(folder / "plans")]) == 0
    assert main([*common, "--sobol", "4", "--out", str(folder / "front")]) == 0
    return {"plans": folder / "plans", "front": folder / "front"}


def measured(workspace: Workspace, source: Path) -> Path:
    """The folder in the workspace."""
    out = workspace.folder / "stress-made"
    shutil.copytree(source, out)
    return out


@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_plan_is_shown_in_futures(  # type: ignore[no-untyped-def]
    open_page, workspace: Workspace, written: dict[str, Path], language: str
) -> None:
    measured(workspace, written["plans" if language == "zh" else "front"])
    run = load_run(workspace.folder / "first")
    plan_id = run.plan_ids[0]
    app = open_page("plan", lang=language, run="first", plan=plan_id)
    choose(app, "plan_section", "futures")
    assert not app.exception
    known = known_stress(run, plan_id)
    assert known is not None
    page = shown(app)
    assert plain(known.rule(plan_id, language)) in page
    assert {"en": "largest net present value", "zh": "净现值最大"}[language] in page
    fan = known.of_plan("fan", plan_id)
    figure = fan_figure(fan[fan["quantity"] == "net_cash_flow_cny"], "CNY", "x", language)
    assert len(figure.data) == 4
    assert (known_front_stress(run) is None) == (language == "zh")


def test_a_plan_is_measured_when_asked_for(open_page, workspace: Workspace) -> None:  # type: ignore[no-untyped-def]
    run = load_run(workspace.folder / "first")
    plan_id = run.plan_ids[0]
    app = open_page("plan", lang="en", run="first", plan=plan_id)
    choose(app, "plan_section", "futures")
    assert f"{plan_id} was not measured" in shown(app)
    button = next(item for item in app.button if item.label == "Measure")
    button.click().run()
    (job,) = ordered_jobs(workspace, StressOrder)
    assert isinstance(job.order, StressOrder)
    assert (job.order.seed_run, job.order.plans, job.order.futures) == ("first", (plan_id,), 10_000)
    arguments = job_arguments(workspace, job)
    assert arguments[:3] == ["stress", "--run", str(workspace.folder / "first")]
    assert arguments[arguments.index("--plan") + 1] == plan_id
    assert read_job(workspace, job.run_id) is not None


def test_the_front_is_shown_in_the_same_futures(  # type: ignore[no-untyped-def]
    open_page, workspace: Workspace, written: dict[str, Path]
) -> None:
    measured(workspace, written["front"])
    app = open_page("front", lang="en", run="first")
    choose(app, "front_tools", "futures")
    assert not app.exception
    assert "40 futures" in shown(app)


def test_what_speaks_of_another_scenario_is_passed_over(workspace: Workspace, written: dict[str, Path]) -> None:
    out = measured(workspace, written["front"])
    run = load_run(workspace.folder / "first")
    assert known_front_stress(run) is not None
    about = json.loads((out / "about.json").read_text(encoding="utf-8"))
    (out / "about.json").write_text(json.dumps(about | {"resolved_digest": "other"}), encoding="utf-8")
    assert known_front_stress(run) is None
    (out / "about.json").write_text("{", encoding="utf-8")
    assert known_stress(run, run.plan_ids[0]) is None


def test_a_job_has_ended_when_its_folder_is_there(workspace: Workspace) -> None:
    run = load_run(workspace.folder / "first")
    name = submit_job(workspace, StressOrder("tiny", "first", run.plan_ids[:1], futures=20), run.resolved.scenario)
    job = read_job(workspace, name)
    assert job is not None
    assert job_state(workspace, job) is JobState.WAITING
    assert main([*job_arguments(workspace, job)]) == 0
    assert job_state(workspace, replace(job, started="now", exit_code=0)) is JobState.COMPLETED
