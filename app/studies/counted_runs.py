"""Runs whose scenarios differ in what they do with bargaining alone: all are measured as it counts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from app.runs.names import PLANS_FILE, SCENARIO_FILE
from app.runs.run_folder import read_plans, resolve_run
from app.studies.compared_runs import ComparedRun
from data.scenario import Bargaining
from data.scenario_files import load_scenario
from envs.kernel import evaluate
from envs.kernel.model_version import MODEL_VERSION


def counts_bargaining(run: ComparedRun) -> bool:
    """Whether a run's outcomes are expected ones, each village by the probability that it is agreed on."""
    if run.record.own_model is not None or run.record.model_version != MODEL_VERSION:
        return False
    return load_scenario(run.folder / SCENARIO_FILE).bargaining is Bargaining.COUNTED


def measured_alike(runs: Sequence[ComparedRun]) -> tuple[tuple[ComparedRun, ...], tuple[str, ...]]:
    """Runs whose fronts are measured in one way: where bargaining counts in some, the others are measured again so.

    Args:
        runs: of the same city, parameters and objectives, and of the same scenario but for its bargaining.

    Returns:
        The runs, and the labels of those that were measured again.

    Raises:
        InputError: the city of the runs, or the plans of one, cannot be read any more.
    """
    counted = [run for run in runs if counts_bargaining(run)]
    again = tuple(run.label for run in runs if run not in counted) if counted else ()
    if not again:
        return tuple(runs), ()
    resolved = resolve_run(counted[0].folder, counted[0].record)
    alike = []
    for run in runs:
        if run.label in again:
            ids, plans = read_plans(run.folder / PLANS_FILE, resolved.city)
            found = evaluate(resolved, plans, indicators=run.record.objectives)
            front = run.front.set_index("plan_id").loc[list(ids)].reset_index()
            run = replace(run, front=front.assign(**{name: found[name] for name in run.record.objectives}))  # noqa: PLW2901
        alike.append(run)
    return tuple(alike), again
