"""What goal seeking has found so far, read from its files; and the scenario that follows from it."""

from __future__ import annotations

import json
from typing import Any

from app.runs.names import SEEK_FILE
from app.web.documents.workspace import Workspace
from app.web.jobs.commands import GoalOrder
from app.web.jobs.job_record import Job, job_scenario_path, job_trials_path
from data.levers import with_lever
from data.parameter_book import load_book
from data.scenario import Scenario
from data.scenario_files import load_scenario


def seek_record(workspace: Workspace, run_id: str) -> dict[str, Any] | None:
    """seek.json; None where it is not written yet, or is not one."""
    try:
        content = json.loads((workspace.run_folder(run_id) / SEEK_FILE).read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return None
    return content if isinstance(content, dict) and "outcome" in content else None


def trials_so_far(workspace: Workspace, run_id: str) -> list[dict[str, Any]]:
    """What was noted while seeking, ascending by value; a line cut short is left out."""
    try:
        lines = job_trials_path(workspace, run_id).read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError):
        return []
    trials: dict[float, dict[str, Any]] = {}
    for line in lines:
        try:
            trial = json.loads(line)
            trials[float(trial["value"])] = trial
        except (ValueError, TypeError, KeyError):
            continue
    return [trials[value] for value in sorted(trials)]


def ordered_scenario(workspace: Workspace, job: Job) -> Scenario:
    """The scenario that a goal was sought for.

    Raises:
        InputError: it is not there or malformed.
    """
    return load_scenario(job_scenario_path(workspace, job.run_id))


def applied_scenario(scenario: Scenario, order: GoalOrder, value: float) -> Scenario:
    """The scenario with the lever at a value, under a name that says so.

    Raises:
        InputError: the value is not allowed.
    """
    moved = with_lever(scenario, load_book().override(scenario.parameters), order.lever, value)
    return moved.model_copy(update={"name": f"{scenario.name[:40]}-{order.lever}-{value:.6g}"})
