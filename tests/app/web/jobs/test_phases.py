"""Phases and first plans of a search as its file tells them, however that file looks."""

from __future__ import annotations

import json
from pathlib import Path

from app.runs.phases import Phase
from app.web.documents.workspace import Workspace
from app.web.jobs.job_record import job_phases_path
from app.web.jobs.phases import read_phases


def written(tmp_path: Path, *events: object) -> Workspace:
    workspace = Workspace(tmp_path)
    path = job_phases_path(workspace, "run-1")
    path.parent.mkdir(parents=True)
    path.write_text("\n".join(item if isinstance(item, str) else json.dumps(item) for item in events), "utf-8")
    return workspace


def test_seconds_of_phases_by_hand(tmp_path: Path) -> None:
    workspace = written(
        tmp_path,
        {"at": 100.0, "phase": "reading"},
        {"at": 103.0, "phase": "first_plans"},
        {"at": 105.5, "plans": {"net_present_value_cny": [1.0], "renewed_villages": [3]}},
        {"at": 106.0, "plans": {"net_present_value_cny": [1.0, 2.0], "renewed_villages": [3, 4]}},
        {"at": 107.0, "phase": "anchors"},
    )
    phases = read_phases(workspace, "run-1")
    assert phases.current is Phase.ANCHORS
    assert phases.seconds_of(Phase.READING) == 3.0
    assert phases.seconds_of(Phase.FIRST_PLANS) == 4.0
    assert phases.seconds_of(Phase.ANCHORS) is None
    assert phases.seconds_of(Phase.POLICY) is None
    assert phases.first_plans_s == 5.5
    assert phases.first_plans["net_present_value_cny"].tolist() == [1.0, 2.0]


def test_a_search_that_is_gone_on_with_begins_anew(tmp_path: Path) -> None:
    workspace = written(
        tmp_path,
        {"at": 1.0, "phase": "reading"},
        {"at": 2.0, "plans": {"renewed_villages": [3]}},
        {"at": 50.0, "phase": "reading"},
        {"at": 52.0, "phase": "searching"},
    )
    phases = read_phases(workspace, "run-1")
    assert phases.first_plans.empty
    assert phases.begun == {Phase.READING: 0.0, Phase.SEARCHING: 2.0}


def test_lines_that_are_cut_short_or_spoiled_are_left_out(tmp_path: Path) -> None:
    spoiled = ('{"at": 1.0, "pha', "[]", '{"at": "x", "phase": "reading"}', '{"at": 1, "phase": "dreaming"}', "null")
    workspace = written(tmp_path, {"at": 1.0, "phase": "reading"}, *spoiled, {"at": 3.0, "plans": {"a": ["x"]}})
    phases = read_phases(workspace, "run-1")
    assert (phases.current, len(phases.first_plans)) == (Phase.READING, 0)
    assert read_phases(Workspace(tmp_path / "absent"), "run-1").current is None
