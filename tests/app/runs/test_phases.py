"""Phases are noted in their order for who watches, with provisional plans, exactly evaluated; else nothing is."""

from __future__ import annotations

import json
import os
import signal
from pathlib import Path

import numpy as np
import pytest

from app.runs.first_plans import prepared, provisional_plans
from app.runs.loading import load_resolved
from app.runs.optimize import optimize_into
from app.runs.phases import Phase, begin_phase, is_watched, watched
from app.runs.policy_plans import PlanRequest, plan_into
from app.runs.record import read_record
from app.runs.run_folder import load_run
from envs.kernel import Plans, evaluate
from envs.rules.check import valid
from optimizers.algorithms.request import Budget, SearchRequest

TINY = load_resolved("tiny", "tiny")
FEW = SearchRequest(seed=3, budget=Budget(200))


def noted(path: Path) -> list[dict]:  # type: ignore[type-arg]
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def test_nothing_is_noted_or_made_where_nobody_watches(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.runs.first_plans.provisional_plans", lambda *_, **__: pytest.fail("made unwatched"))
    begin_phase(Phase.READING)
    assert not is_watched()
    prepared(TINY, FEW, seed_plans=None, with_policy=False)
    assert not list(tmp_path.iterdir())


def test_provisional_plans_are_shown_one_by_one_with_their_exact_numbers(tmp_path: Path) -> None:
    with watched(tmp_path / "p.jsonl"):
        plans = provisional_plans(TINY)
    assert plans is not None
    events = noted(tmp_path / "p.jsonl")
    assert events[0]["phase"] == "first_plans"
    shown = [event["plans"] for event in events if "plans" in event]
    assert [len(table["renewed_villages"]) for table in shown] == sorted(len(t["renewed_villages"]) for t in shown)
    renewing = (plans.start_year > 0).any(axis=1)
    outcomes = evaluate(TINY, plans, indicators=("total_cost_cny",))
    for name in (*TINY.scenario.objectives, "total_cost_cny"):
        np.testing.assert_allclose(shown[-1][name], outcomes[name][renewing])
    assert valid(TINY, plans).all()


def test_watching_changes_neither_anchors_nor_what_a_search_begins_with(tmp_path: Path) -> None:
    alone = prepared(TINY, FEW, seed_plans=None, with_policy=False)
    with watched(tmp_path / "p.jsonl"):
        seen = prepared(TINY, FEW, seed_plans=None, with_policy=False)
    assert (seen.anchors, seen.plans, seen.is_stopped) == (alone.anchors, alone.plans, False)
    assert [event["phase"] for event in noted(tmp_path / "p.jsonl") if "phase" in event] == ["first_plans", "anchors"]


def stop_at_the_third(_: object, plans: Plans) -> None:
    if plans.n_plans == 3:
        os.kill(os.getpid(), signal.SIGTERM)


def test_stopped_while_it_prepares_a_search_keeps_what_there_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.runs.first_plans.show_first_plans", stop_at_the_third)
    for drawn in ("front_chart.write_front_chart", "maps.write_map"):
        monkeypatch.setattr(f"app.charts.{drawn}", lambda path, *_, **__: path.touch())
    with watched(tmp_path / "p.jsonl"):
        report = optimize_into(tmp_path / "run", TINY, FEW, city="tiny", language="en")
    run = load_run(tmp_path / "run")
    assert report.interrupted
    assert (run.record.status, len(run.front)) == ("interrupted", len(report.front))
    assert (run.plans.start_year > 0).any()
    assert run.record.evaluations < 200
    assert [event["phase"] for event in noted(tmp_path / "p.jsonl") if "phase" in event][-2:] == [
        "searching",
        "measuring",
    ]


def test_stopped_before_any_plan_was_found_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.runs.first_plans.quick_plans", lambda *_, **__: os.kill(os.getpid(), signal.SIGTERM) or [])
    with watched(tmp_path / "p.jsonl"), pytest.raises(KeyboardInterrupt):
        optimize_into(tmp_path / "run", TINY, FEW, city="tiny", language="en")
    assert not (tmp_path / "run").exists()


def test_a_disk_that_refuses_ends_no_search(tmp_path: Path) -> None:
    with watched(tmp_path / "absent" / "p.jsonl"):
        begin_phase(Phase.READING)


def test_plans_of_the_policy_tell_their_phases(tmp_path: Path) -> None:
    with watched(tmp_path / "p.jsonl"):
        plan_into(tmp_path / "run", TINY, None, PlanRequest("tiny", None, 4, "greedy", 1))
    phases = [event["phase"] for event in noted(tmp_path / "p.jsonl") if "phase" in event]
    assert phases == ["first_plans", "anchors", "policy", "measuring"]
    assert read_record(tmp_path / "run").n_plans
