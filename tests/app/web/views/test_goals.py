"""Goal seeking in the room: ordered, run in the background, stopped, read back by link, applied as a new scenario."""

from __future__ import annotations

import json

import pytest

from app.files.names import plain
from app.web.documents.goal_ranges import levers, offered_range, usual_side, with_target
from app.web.jobs.commands import GoalOrder
from app.web.jobs.goal_results import applied_scenario, seek_record, trials_so_far
from app.web.jobs.job_record import JobState, job_trials_path, ordered_jobs, read_job
from app.web.jobs.processes import job_arguments
from app.web.jobs.queue import advance_queue, cancel_job, job_state, submit_job
from data.catalogue import text
from data.parameter_book import load_book
from data.scenario import Target
from data.scenario_files import load_scenario
from room_fixtures import carry_out, shown, wait

REACHABLE = Target(indicator="service_accessibility", at_least=0.86)
ORDER = GoalOrder("tiny", "villages_per_year", 0.0, 3.0, 100, 0)


def wanted(target: Target = REACHABLE):  # type: ignore[no-untyped-def]
    return with_target(load_scenario("tiny"), target, others=False)


def test_ranges_that_are_offered_lie_around_the_present_value() -> None:
    scenario = load_scenario("balanced")
    known = levers(scenario, load_book())
    assert offered_range(known["facility_ratio.high"]) == (0.25, 0.5)
    assert offered_range(known["facility_ratio.low"]) == (0.0, 0.05)
    assert offered_range(known["villages_per_year"]) == (15.0, 60.0)
    assert offered_range(known["capital_limit_annual_cny"]) == (None, None)
    assert offered_range(known["finance.discount_rate"]) == (0.03, 0.08)
    for lever in known.values():
        low, high = offered_range(lever)
        assert low is None or high is None or low < high
        assert not lever.whole or low is None or low == round(low)


def test_a_target_takes_the_place_of_the_scenarios_on_the_same() -> None:
    own = (Target(indicator="service_accessibility", at_least=0.5), Target(indicator="mean_commute_km", at_most=13.0))
    scenario = load_scenario("tiny").model_copy(update={"targets": own})
    assert with_target(scenario, REACHABLE, others=True).targets == (REACHABLE, own[1])
    assert with_target(scenario, REACHABLE, others=False).targets == (REACHABLE,)
    assert (usual_side("mean_commute_km"), usual_side("net_present_value_cny")) == ("at_most", "at_least")


def test_the_order_is_the_command(workspace) -> None:  # type: ignore[no-untyped-def]
    name = submit_job(workspace, ORDER, wanted())
    job = read_job(workspace, name)
    assert job.order == ORDER
    words = job_arguments(workspace, job)
    assert words[0] == "seek"
    span = words.index("--range")
    assert words[span + 1 : span + 3] == ["0", "3"]
    assert [item.run_id for item in ordered_jobs(workspace, GoalOrder)] == [name]
    assert ordered_jobs(workspace) == []


def test_a_half_written_line_is_left_out_and_the_last_word_counts(workspace) -> None:  # type: ignore[no-untyped-def]
    path = job_trials_path(workspace, "goal-1")
    path.parent.mkdir(parents=True)
    lines = [{"value": 3.0, "met": False}, {"value": 1.0, "met": False}, {"value": 3.0, "met": True}]
    path.write_text("\n".join(json.dumps(line) for line in lines) + '\n{"value": 2.0, "m', encoding="utf-8")
    assert trials_so_far(workspace, "goal-1") == [lines[1], lines[2]]
    assert trials_so_far(workspace, "goal-2") == []


def test_the_scenario_applied_has_target_and_lever() -> None:
    moved = applied_scenario(wanted(), ORDER, 2.0)
    assert (moved.villages_per_year, moved.targets) == (2, (REACHABLE,))
    assert moved.name == "tiny-villages_per_year-2"


@pytest.mark.parametrize("language", ["zh", "en"])
def test_seeking_is_shown_and_applied(open_page, workspace, language: str, request) -> None:  # type: ignore[no-untyped-def]
    """In Chinese by a process of its own, as always; in English by this one."""
    if language == "en":
        request.getfixturevalue("no_process")
    draft = {"city": "tiny", "preset": "tiny", "content": load_scenario("tiny").model_dump(mode="json")}
    workspace.write("draft", "draft-1", draft)
    app = open_page("goals", lang=language, draft="draft-1")
    assert text("goals_none", language) in shown(app)
    assert app.button(key="goal_start").disabled
    assert text("goal_needs_range", language) in shown(app)
    box(app, "goal_lever").select("villages_per_year").run()
    number(app, "goal_value").set_value(0.86)
    number(app, "goal_evaluations").set_value(100)
    number(app, "goal_low").set_value(0.0).run()
    app.button(key="goal_start").click().run()
    assert not app.exception
    (job,) = ordered_jobs(workspace, GoalOrder)
    assert (job.order.lever, job.order.low, job.order.city) == ("villages_per_year", 0.0, "tiny")
    if language == "en":
        carry_out(workspace, job.run_id)
    assert wait(workspace, job.run_id) is JobState.COMPLETED
    record = seek_record(workspace, job.run_id)
    assert [row["value"] for row in record["tried"]] == [row["value"] for row in trials_so_far(workspace, job.run_id)]

    app = open_page("goals", lang=language, draft="draft-1", goal=job.run_id)  # a link leads back
    assert plain(record["said"][language][0]) == app.success[0].value
    rows = next(item.value for item in app.dataframe)
    assert len(rows) == len(record["tried"])
    app.button(key="goal_apply").click().run()
    assert not app.exception
    assert app.title[0].value == text("page_scenario", language)
    applied = workspace.read("draft", app.query_params["draft"])
    assert applied["content"]["villages_per_year"] == record["value"]
    assert applied["content"]["targets"][0]["at_least"] == 0.86
    assert app.query_params["draft"] != "draft-1"


@pytest.mark.parametrize("language", ["zh", "en"])
def test_impossible_is_told_with_its_proof(open_page, workspace, language: str) -> None:  # type: ignore[no-untyped-def]
    name = submit_job(workspace, ORDER, wanted(Target(indicator="service_accessibility", at_least=1.2)))
    carry_out(workspace, name)
    assert job_state(workspace, read_job(workspace, name)) is JobState.COMPLETED
    app = open_page("goals", lang=language, goal=name)
    assert {"zh": "已证明范围内不可能", "en": "Proved impossible in range"}[language] in app.error[0].value
    assert not [item for item in app.button if item.key == "goal_apply"]


def test_a_goal_can_be_stopped_while_it_waits_or_runs(open_page, workspace) -> None:  # type: ignore[no-untyped-def]
    long = GoalOrder("tiny", "facility_ratio.high", 0.1, 0.9, 1_000_000, 0)
    running, waiting = (
        submit_job(workspace, long, wanted(Target(indicator="service_accessibility", at_least=0.99))) for _ in range(2)
    )
    advance_queue(workspace)
    app = open_page("goals", lang="en", goal=running)
    assert text("state_running", "en") in shown(app)
    app.button(key=f"stop_{running}").click().run()
    cancel_job(workspace, waiting)
    assert wait(workspace, running) is JobState.CANCELED
    assert wait(workspace, waiting) is JobState.CANCELED
    assert not workspace.run_folder(running).exists()


def test_a_goal_that_cannot_be_sought_is_refused_at_once_or_told(open_page, workspace) -> None:  # type: ignore[no-untyped-def]
    name = submit_job(workspace, GoalOrder("nowhere", "villages_per_year", 0.0, 3.0, 100, 0), wanted())
    carry_out(workspace, name)
    assert job_state(workspace, read_job(workspace, name)) is JobState.FAILED
    app = open_page("goals", lang="en", goal=name)
    assert "no such city" in app.error[0].value


def box(app, name: str):  # type: ignore[no-untyped-def]
    return next(item for item in app.selectbox if item.key.startswith(f"{name}:"))


def number(app, name: str):  # type: ignore[no-untyped-def]
    return next(item for item in app.number_input if item.key.startswith(f"{name}:"))
