"""A search from the command line: run it, keep what it found, write the run folder."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import pandas as pd

from app.files.atomic import replaced
from app.plans.recommendation import compromise_plan
from app.plans.tables import front_indicators
from app.runs.first_plans import Preparation, prepared
from app.runs.interruption import Interruption
from app.runs.names import FRONT_CHART_FILE, MAP_FILE, RunStatus
from app.runs.phases import Phase, begin_phase
from app.runs.provisional_plans import FirstPlansFolder
from app.runs.record import (
    Replanned,
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
from app.runs.search_work import given_up, search_work, was_stopped
from app.runs.working_folder import ScenarioFolder
from envs.kernel import Plans, ResolvedScenario
from optimizers.algorithms.registry import refuse_unknown_algorithm
from optimizers.algorithms.request import SearchRequest
from optimizers.search.loop import CHECKPOINT_SECONDS, Hooks
from optimizers.search.run_search import SearchResult, search
from optimizers.search.search_state import SearchState


@dataclass(frozen=True, eq=False)
class SeedRun:
    """A run whose plans a search begins with.

    Attributes:
        name: of its folder.
        plans: its front, or the rest of one of its plans.
        replanned: the plan whose rest is planned again; None = a search begins with its front.
    """

    name: str
    plans: Plans
    replanned: Replanned | None = None


def optimize_into(
    out: Path,
    resolved: ResolvedScenario,
    request: SearchRequest,
    *,
    city: str,
    language: str,
    seed_run: SeedRun | None = None,
    with_policy: bool = True,
    checkpoint_seconds: float = CHECKPOINT_SECONDS,
) -> SearchReport:
    """Search from the beginning, evaluate the front exactly, and fill the run folder.

    Args:
        out: new or empty folder.
        resolved: what is searched.
        request: how.
        city: name or path, as given.
        language: of the charts, where a Chinese font is found.
        seed_run: run whose plans it begins with.
        with_policy: whether the default search begins with the plans of the shipped policy, where that knows the
            objectives (app.runs.first_plans).
        checkpoint_seconds: time between two states kept [s].

    Raises:
        InputError: unknown algorithm, a folder in use, or no plan that respects every hard rule was found.
    """
    refuse_unknown_algorithm(request.algorithm)
    record = _first_record(resolved, request, city=city, seed_run=seed_run)
    working = ScenarioFolder(out, record, resolved=resolved)
    with Interruption() as is_stopped:
        with given_up(working, is_stopped):
            ready = prepared(
                resolved,
                request,
                seed_plans=None if seed_run is None else seed_run.plans,
                with_policy=with_policy,
                is_stopped=is_stopped,
                keep=FirstPlansFolder(working).keep,
            )
        working.record = _prepared_record(working.record, ready)
        asked = measured_in_full(replace(request, budget=ready.budget), resolved)

        def begun(hooks: Hooks) -> SearchResult:
            return search(resolved, asked, hooks=hooks, known_anchors=ready.anchors, seed_plans=ready.plans)

        return _work(
            working,
            request,
            begun,
            language=language,
            checkpoint_seconds=checkpoint_seconds,
            is_stopped=is_stopped,
        )


def resume_into(
    working: ScenarioFolder,
    request: SearchRequest,
    state: SearchState,
    *,
    language: str,
    checkpoint_seconds: float = CHECKPOINT_SECONDS,
) -> SearchReport:
    """Go on with a search that was killed, interrupted or failed; see optimize_into.

    Args:
        working: its folder, locked.
        request: as it was, or with another budget.
        state: its checkpoint.
        language: of the charts.
        checkpoint_seconds: time between two states kept [s].
    """

    def resumed(hooks: Hooks) -> SearchResult:
        return search(working.resolved, measured_in_full(request, working.resolved), hooks=hooks, resume=state)

    return _work(working, request, resumed, language=language, checkpoint_seconds=checkpoint_seconds)


def measured_in_full(request: SearchRequest, resolved: ResolvedScenario) -> SearchRequest:
    """The request with every indicator that front.csv shows."""
    return replace(request, indicators=tuple(front_indicators(resolved)))


def _work(
    working: ScenarioFolder,
    request: SearchRequest,
    run: Callable[[Hooks], SearchResult],
    *,
    language: str,
    checkpoint_seconds: float,
    is_stopped: Callable[[], bool] = lambda: False,
) -> SearchReport:
    """Search and write; whatever ends it is told in run.json."""
    begin_phase(Phase.SEARCHING)
    with search_work(working, request.budget, checkpoint_seconds, is_stopped=is_stopped) as hooks:
        return _write(working, run(hooks), hooks, language=language)


def _write(working: ScenarioFolder, result: SearchResult, hooks: Hooks, *, language: str) -> SearchReport:
    """The front, its pictures, and last the record that says so."""
    from app.charts.front_chart import write_front_chart
    from app.charts.maps import write_map

    resolved, reference = working.resolved, result.anchors
    plans, front = result.plans, _front_of(resolved, result)
    recommended = recommended_ids(resolved, front, reference)
    compromise = compromise_plan(recommended)
    chosen = front["plan_id"].tolist().index(compromise)
    working.hide_first()
    write_progress(working.out, result.progress)
    write_front(working.out, resolved, plans, front)
    with replaced(working.out / FRONT_CHART_FILE) as partial:
        write_front_chart(partial, resolved, front, recommended, language=language)
    with replaced(working.out / MAP_FILE) as partial:
        write_map(partial, resolved, plans[chosen : chosen + 1], compromise, language=language)
    interrupted = was_stopped(hooks) or result.interrupted
    record = working.record.model_copy(
        update={
            "status": RunStatus.INTERRUPTED if interrupted else RunStatus.COMPLETED,
            "evaluations": int(result.evaluations),
            "seconds": float(result.seconds),
            "n_plans": len(front),
            "anchors": anchor_ranges(resolved.scenario.objectives, reference),
            "recommended": recommended,
        }
    )
    working.end(record)
    return SearchReport(
        front=front,
        recommended=recommended,
        anchors=reference,
        base=base_row(resolved),
        interrupted=interrupted,
        record=working.record,
    )


def _front_of(resolved: ResolvedScenario, result: SearchResult) -> pd.DataFrame:
    """front.csv of what a search returns: valid plans only, the best first objective first."""
    ids = [plan_id_of(k) for k in range(result.plans.n_plans)]
    columns = {name: result.indicators[name] for name in front_indicators(resolved)}
    return pd.DataFrame(
        {"plan_id": ids, **columns, "valid": True, "n_violations": 0, "n_reported_broken": result.n_reported_broken}
    )


def _first_record(
    resolved: ResolvedScenario, request: SearchRequest, *, city: str, seed_run: SeedRun | None
) -> RunRecord:
    """run.json of a search that begins."""
    record = begun_record(
        command="optimize",
        city=recorded_city(resolved.city, city),
        scenario=resolved.scenario.name,
        objectives=resolved.scenario.objectives,
        algorithm=request.algorithm,
        seed=request.seed,
        seed_plans=None if seed_run is None else seed_run.name,
        threads=request.threads,
        evaluations_wanted=request.budget.evaluations,
        minutes_wanted=request.budget.minutes,
        digests=digests(resolved),
    )
    if seed_run is None or seed_run.replanned is None:
        return record
    return record.model_copy(update={"replanned": seed_run.replanned})


def _prepared_record(record: RunRecord, ready: Preparation) -> RunRecord:
    """run.json of a search whose rounds begin."""
    first = ready.first
    return record.model_copy(
        update={
            "policy": None if first is None else first.policy,
            "policy_plans": None if first is None else 0 if first.plans is None else first.plans.n_plans,
            "policy_seconds": None if first is None else first.seconds,
            "anchors_seconds": ready.anchors_seconds,
        }
    )
