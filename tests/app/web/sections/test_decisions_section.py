"""Decisions on the page Plan, and firm villages on the pages Front and Compare: what they show is what was computed."""

from __future__ import annotations

import shutil
from dataclasses import replace

import numpy as np
import pytest

from app.cli.main import main
from app.decisions.path_map import path_map
from app.decisions.path_sentences import step_sentence
from app.decisions.path_text import summary_sentences
from app.decisions.told_path import tell_path
from app.files.names import plain
from app.reasons.explained import Explained, attributed_gain
from app.robust.robust_text import standing_sentences
from app.robust.robust_villages import of_front
from app.robust.told_villages import known_villages
from app.runs.run_folder import Run, load_run
from app.web.documents.workspace import Workspace
from app.web.figures.charts_decisions import YEARS_ROW, decisions_figure, dot_positions
from app.web.jobs.commands import RobustOrder
from app.web.jobs.job_record import JobState, ordered_jobs
from app.web.jobs.processes import job_arguments
from app.web.jobs.queue import job_state
from app.whatif.asked_plan import asked_plan
from envs.models.kernel_model import KernelModel
from envs.reasons.decisions.open_choices import NONE
from room_fixtures import choose, shown


@pytest.fixture
def made(run: Run, workspace) -> tuple[Run, str]:  # type: ignore[no-untyped-def]
    """The run as it lies in the room, and the plan that renews most."""
    shutil.copytree(run.folder, workspace.folder / "made")
    plan_id = run.plan_ids[int(np.argmax((run.plans.start_year > 0).sum(axis=1)))]
    return load_run(workspace.folder / "made"), plan_id


@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_plan_is_retold(open_page, made: tuple[Run, str], language: str) -> None:  # type: ignore[no-untyped-def]
    run, plan_id = made
    app = open_page("plan", lang=language, run="made", plan=plan_id)
    choose(app, "plan_section", "decisions")
    assert not app.exception
    asked = asked_plan(run, plan_id, KernelModel(run.resolved, run.record.objectives))
    explained = Explained(run.resolved, asked.plan, plan_id)
    told = tell_path(asked, score=attributed_gain(explained, asked), n_exact=5)
    page = shown(app)
    first, judged_by, *_ = summary_sentences(told, language)
    assert plain(first) in page
    assert plain(judged_by) in page
    assert plain(step_sentence(told, 0, language)) in page
    assert any(len(table.value) > 1 for table in app.dataframe)
    assert f"--plan {plan_id} --chapters path" in app.code[0].value


def test_the_picture_has_every_village_once(run: Run) -> None:
    plan_id = run.plan_ids[int(np.argmax((run.plans.start_year > 0).sum(axis=1)))]
    told = tell_path(asked_plan(run, plan_id, KernelModel(run.resolved, run.record.objectives)))
    figure = decisions_figure(told, int(told.path.village[0]), "en")
    dots = [name for trace in figure.data if trace.customdata is not None for name in trace.customdata]
    assert sorted(dots) == sorted(run.resolved.city.villages.village_id[told.path.village].tolist())
    at = dot_positions(told)
    assert len(np.unique(at, axis=0)) == told.path.n_steps
    assert (np.abs(at[:, 0] - told.path.year) < 0.5).all()
    lines = [trace for trace in figure.data if trace.mode == "lines"]
    ends = [y for trace in lines for y in trace.y[1::3]]
    assert YEARS_ROW in ends  # its place of the year
    without = decisions_figure(told, NONE, "zh")
    assert not [trace for trace in without.data if trace.mode == "lines"]


def test_the_map_draws_ties_on_demand(run: Run) -> None:
    plan_id = run.plan_ids[int(np.argmax((run.plans.start_year > 0).sum(axis=1)))]
    told = tell_path(asked_plan(run, plan_id, KernelModel(run.resolved, run.record.objectives)))
    assert path_map(told, "en").flows is None
    tied = [edge for edge in told.edges if edge.target != NONE]
    if tied:
        flows = path_map(told, "en", chosen=tied[0].source).flows
        assert flows is not None
        assert len(flows.texts) == len(flows.to_m)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_firm_villages_stand_on_the_front_and_in_comparisons(  # type: ignore[no-untyped-def]
    open_page, made: tuple[Run, str], language: str
) -> None:
    run, plan_id = made
    said = [plain(line) for line in standing_sentences(of_front(run), language)]
    front = choose(open_page("front", lang=language, run="made"), "front_tools", "often")
    assert not front.exception
    assert all(line in shown(front) for line in said)
    other = next(name for name in run.plan_ids if name != plan_id)
    pair = f"made~{plan_id},made~{other}"
    compared = open_page("compare", lang=language, run="made", plan=plan_id, compare=pair)
    choose(compared, "compare_section", "robust")
    assert not compared.exception
    assert all(line in shown(compared) for line in said)


def test_more_good_plans_are_counted_when_asked_for(open_page, workspace: Workspace) -> None:  # type: ignore[no-untyped-def]
    run = load_run(workspace.folder / "first")
    app = choose(open_page("front", lang="en", run="first"), "front_tools", "often")
    next(item for item in app.button if item.label == "Count").click().run()
    assert not app.exception
    (job,) = ordered_jobs(workspace, RobustOrder)
    assert job.order == RobustOrder("tiny", "first", within=0.02, walks=8, samples=12)
    arguments = job_arguments(workspace, job)
    assert arguments[:3] == ["robust", "--run", str(workspace.folder / "first")]
    few = replace(job, order=RobustOrder("tiny", "first", walks=1, samples=0))
    assert main(job_arguments(workspace, few)) == 0
    assert job_state(workspace, replace(job, started="now", exit_code=0)) is JobState.COMPLETED
    app = choose(open_page("front", lang="zh", run="first"), "front_tools", "often")
    assert not app.exception
    known = known_villages(run)
    assert known is not None
    assert plain(known.basis["zh"][1]) in shown(app)
    assert "无悔村" in shown(app)
