"""Plans from a policy on the command line: rolled out, evaluated exactly, written as a run folder."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from agents.policy.front import plan_for, plan_front
from agents.policy.network import initial
from agents.policy.policy_files import StoredPolicy
from agents.policy.shortlist import outlook
from app.files.atomic import check_new_folder
from app.plans.tables import front_frame
from app.runs.first_plans import provisional_plans
from app.runs.names import RunStatus
from app.runs.phases import Phase, begin_phase, is_watched
from app.runs.provisional_plans import FirstPlansFolder
from app.runs.record import (
    RunRecord,
    anchor_ranges,
    begun_record,
    digests,
    recorded_city,
)
from app.runs.run_folder import (
    plan_id_of,
    write_front,
    write_progress,
)
from app.runs.search_report import SearchReport, base_row, recommended_ids
from app.runs.search_work import given_up
from app.runs.working_folder import ScenarioFolder
from data.arrays import FloatArray, IntArray
from data.errors import refuse
from envs.environment_core import set_up_resolved
from envs.kernel import Plans, ResolvedScenario
from envs.kernel.indicators.registry import objective_signs
from optimizers.problem.front import hypervolume, non_dominated

POLICY, GREEDY = "policy", "greedy"
METHODS = (POLICY, GREEDY)


@dataclass(frozen=True)
class PlanRequest:
    """What was asked for.

    Attributes:
        city: name or path, as given.
        weights: one preference by name, or None.
        front: number of preferences, where no weights are given.
        method: POLICY, or GREEDY for the policy before it had learned anything.
        threads: worker threads.
    """

    city: str
    weights: FloatArray | None
    front: int
    method: str
    threads: int


def plan_into(out: Path, resolved: ResolvedScenario, policy: StoredPolicy | None, request: PlanRequest) -> SearchReport:
    """Plan, evaluate exactly, and write the run folder; it appears whole, or opens with first plans before it is.

    Args:
        out: new or empty folder.
        resolved: what is planned.
        policy: who plans; None where the method needs none.
        request: for which preferences.

    Raises:
        InputError: a folder in use, objectives the policy does not know, or no plan that respects every hard rule.
    """
    check_new_folder(out)
    working = ScenarioFolder(out, _first_record(resolved, policy, request), resolved=resolved)
    with given_up(working, lambda: False):
        if is_watched():
            provisional_plans(resolved, threads=request.threads, keep=FirstPlansFolder(working).keep)
        report = _planned(working, policy, request)
    working.close()
    return report


def _planned(working: ScenarioFolder, policy: StoredPolicy | None, request: PlanRequest) -> SearchReport:
    """The plans of the policy, measured and written; see plan_into."""
    resolved = working.resolved
    begin_phase(Phase.ANCHORS)
    setup = set_up_resolved(resolved, threads=request.threads)
    parameters = initial(0) if policy is None else policy.parameters
    begin_phase(Phase.POLICY)
    outlook_of_city = outlook(setup)
    if request.weights is None:
        planned = plan_front(outlook_of_city, parameters, setup.anchors, request.front)
    else:
        planned = plan_for(outlook_of_city, parameters, request.weights[None, :])
    begin_phase(Phase.MEASURING)
    order, front = _ordered_front(resolved, planned.plans, threads=request.threads)
    values = front[list(resolved.scenario.objectives)].to_numpy(np.float64)
    kept = non_dominated(-values * setup.game.signs)
    order, front = order[kept], front.iloc[kept].reset_index(drop=True)
    front["plan_id"] = [plan_id_of(k) for k in range(len(front))]
    volume = hypervolume(1.0 - setup.anchors.normalized(values))
    record = working.record.model_copy(
        update={
            "status": RunStatus.COMPLETED,
            "evaluations": planned.plans.n_plans,
            "seconds": planned.seconds,
            "n_plans": len(front),
            "n_invalid_dropped": planned.plans.n_plans - len(values),
            "n_dominated_dropped": len(values) - len(front),
            "has_plan_limits": setup.game.has_plan_limits,
            "preferences_planned": _rows(planned.weights),
            "preference_of_plan": dict(zip(front["plan_id"], _rows(planned.weights[order]), strict=True)),
            "anchors": anchor_ranges(resolved.scenario.objectives, setup.anchors),
            "anchors_source": setup.scale.source,
            "recommended": recommended_ids(resolved, front, setup.anchors),
        }
    )
    row = {"evaluations": planned.plans.n_plans, "seconds": planned.seconds, "hypervolume": volume}

    def fill(folder: Path) -> None:
        write_front(folder, resolved, planned.plans[order], front)
        write_progress(folder, [row | {"front_size": len(front)}])

    working.complete(record, fill)
    return SearchReport(
        front, record.recommended, setup.anchors, base_row(resolved), interrupted=False, record=working.record
    )


def _first_record(resolved: ResolvedScenario, policy: StoredPolicy | None, request: PlanRequest) -> RunRecord:
    """run.json of a planning that begins."""
    return begun_record(
        command="plan",
        city=recorded_city(resolved.city, request.city),
        scenario=resolved.scenario.name,
        objectives=resolved.scenario.objectives,
        algorithm=request.method,
        policy=None if policy is None else policy.digest,
        seed=0,
        threads=request.threads,
        digests=digests(resolved),
    )


def _ordered_front(resolved: ResolvedScenario, plans: Plans, *, threads: int) -> tuple[IntArray, pd.DataFrame]:
    """Rows of the valid plans from the best to the worst first objective, and their exact outcomes.

    Raises:
        InputError: none is valid.
    """
    front = front_frame(resolved, plans, [plan_id_of(k) for k in range(plans.n_plans)], threads=threads)
    names = resolved.scenario.objectives
    ranked = front[list(names)].to_numpy() * -np.array(objective_signs(names))
    order = np.lexsort(ranked.T[::-1])
    order = order[front["valid"].to_numpy()[order]]
    if len(order) == 0:
        raise refuse("no_valid_plan_planned", layer="scenario")
    return order, front.iloc[order].reset_index(drop=True)


def _rows(weights: FloatArray) -> tuple[tuple[float, ...], ...]:
    return tuple(tuple(row) for row in weights.tolist())
