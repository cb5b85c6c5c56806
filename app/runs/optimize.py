"""A search from the command line: run it, keep what it found, write the run folder."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pandas as pd
from tqdm import tqdm

from app.files.atomic import replaced
from app.plans.recommendation import compromise_plan
from app.plans.tables import front_indicators
from app.runs.anchor_store import known_anchors
from app.runs.folder import (
    plan_id_of,
    write_front,
    write_progress,
)
from app.runs.interruption import Interruption
from app.runs.names import FRONT_CHART_FILE, MAP_FILE, RunStatus
from app.runs.record import FORMAT_VERSION, RECORD_VERSION, RunRecord, anchor_ranges, digests, recorded_city, versions
from app.runs.search_report import SearchReport, base_row, recommended_ids
from app.runs.working_folder import WorkingFolder
from data.errors import InputError, refusal
from data.parameter import unknown_name
from envs.kernel import Plans, ResolvedScenario
from optimizers.algorithms.registry import ALGORITHMS
from optimizers.search.run_search import CHECKPOINT_SECONDS, SearchResult, search
from optimizers.search.search_state import SearchState


@dataclass(frozen=True)
class SearchRequest:
    """What was asked for.

    Attributes:
        city: name or path, as given.
        algorithm: name.
        seed: of the generator.
        evaluations: budget, or None.
        minutes: budget, or None.
        threads: worker threads.
        seed_plans: folder name of the run whose plans it begins with, or None.
    """

    city: str
    algorithm: str
    seed: int
    evaluations: int | None
    minutes: float | None
    threads: int
    seed_plans: str | None = None


def optimize_into(
    out: Path,
    resolved: ResolvedScenario,
    request: SearchRequest,
    *,
    language: str,
    seed_plans: Plans | None = None,
    checkpoint_seconds: float = CHECKPOINT_SECONDS,
) -> SearchReport:
    """Search from the beginning, evaluate the front exactly, and fill the run folder.

    Args:
        out: new or empty folder.
        resolved: what is searched.
        request: how.
        language: of the charts, where a Chinese font is found.
        seed_plans: plans of another run to begin with.
        checkpoint_seconds: time between two states kept [s].

    Raises:
        InputError: unknown algorithm, a folder in use, or no plan that respects every hard rule was found.
    """
    refuse_unknown_algorithm(request.algorithm)
    if sys.stderr.isatty():
        sys.stderr.write("anchors: read, or computed now and kept for the next search\n")
    began = time.perf_counter()
    reference = known_anchors(resolved, threads=request.threads)  # nothing is found yet: Ctrl-C ends at once
    begin = {"known_anchors": reference, "anchor_seconds": time.perf_counter() - began}
    begin |= {"seed_plans": seed_plans, "checkpoint_seconds": checkpoint_seconds}
    working = WorkingFolder(out, resolved, _first_record(resolved, request))
    return _work(working, request, language=language, begin=begin)


def resume_into(
    working: WorkingFolder,
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
    return _work(working, request, language=language, begin={"resume": state, "checkpoint_seconds": checkpoint_seconds})


def _work(working: WorkingFolder, request: SearchRequest, *, language: str, begin: Mapping[str, Any]) -> SearchReport:
    """Search and write; whatever ends it is told in run.json."""
    with Interruption() as interruption:

        def stop() -> bool:
            return interruption() or working.cancelled()

        try:
            result = _search(working.resolved, request, working, stop=stop, begin=begin)
            report = _write(working, result, stopped=stop(), language=language)
        except BaseException as error:
            by_hand = isinstance(error, KeyboardInterrupt) or stop()
            refused = isinstance(error, InputError)
            working.give_up(RunStatus.INTERRUPTED if by_hand else RunStatus.FAILED, by_defect=not (by_hand or refused))
            if by_hand and refused:
                raise KeyboardInterrupt from None  # stopped before anything valid was found
            raise
        finally:
            working.close()
    return report


def _write(working: WorkingFolder, result: SearchResult, *, stopped: bool, language: str) -> SearchReport:
    """The front, its pictures, and last the record that says so."""
    from app.charts.front_chart import write_front_chart
    from app.charts.maps import write_map

    resolved, reference = working.resolved, result.anchors
    plans, front = result.plans, _front_of(resolved, result)
    recommended = recommended_ids(resolved, front, reference)
    compromise = compromise_plan(recommended)
    chosen = front["plan_id"].tolist().index(compromise)
    write_progress(working.out, result.progress)
    write_front(working.out, resolved, plans, front)
    with replaced(working.out / FRONT_CHART_FILE) as partial:
        write_front_chart(partial, resolved, front, recommended, language=language)
    with replaced(working.out / MAP_FILE) as partial:
        write_map(partial, resolved, plans[chosen : chosen + 1], compromise, language=language)
    interrupted = stopped or result.interrupted
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
    return SearchReport(front, recommended, reference, base_row(resolved), interrupted, working.record)


def refuse_unknown_algorithm(name: str) -> None:
    """Refuse a misspelt algorithm before anything is computed."""
    if name not in ALGORITHMS:
        rule = f"algorithm {unknown_name(name, ALGORITHMS)}; algorithms are {', '.join(ALGORITHMS)}"
        raise refusal(rule, layer="--algorithm")


def _search(
    resolved: ResolvedScenario,
    request: SearchRequest,
    working: WorkingFolder,
    *,
    stop: Callable[[], bool],
    begin: Mapping[str, Any],
) -> SearchResult:
    with tqdm(total=request.evaluations, unit=" plans", disable=not sys.stderr.isatty(), file=sys.stderr) as bar:

        def show(row: Mapping[str, Any]) -> None:
            bar.n = int(row["evaluations"])
            bar.set_postfix(hypervolume=f"{row['hypervolume']:.4f}", front=row["front_size"], refresh=False)
            bar.refresh()

        return search(
            resolved,
            algorithm=request.algorithm,
            seed=request.seed,
            evaluations=request.evaluations,
            minutes=request.minutes,
            threads=request.threads,
            progress=show,
            stop=stop,
            checkpoint=working.save,
            indicators=front_indicators(resolved),
            **begin,
        )


def _front_of(resolved: ResolvedScenario, result: SearchResult) -> pd.DataFrame:
    """front.csv of what a search returns: valid plans only, the best first objective first."""
    ids = [plan_id_of(k) for k in range(result.plans.n_plans)]
    columns = {name: result.indicators[name] for name in front_indicators(resolved)}
    return pd.DataFrame({"plan_id": ids, **columns, "valid": True, "n_violations": 0})


def _first_record(resolved: ResolvedScenario, request: SearchRequest) -> RunRecord:
    """run.json of a search that begins."""
    return RunRecord(
        format_version=FORMAT_VERSION,
        record_version=RECORD_VERSION,
        command="optimize",
        status=RunStatus.RUNNING,
        created=datetime.now(UTC).isoformat(timespec="seconds"),
        versions=versions(),
        city=recorded_city(resolved.city, request.city),
        scenario=resolved.scenario.name,
        objectives=resolved.scenario.objectives,
        algorithm=request.algorithm,
        seed=request.seed,
        seed_plans=request.seed_plans,
        device="cpu",
        threads=request.threads,
        evaluations_wanted=request.evaluations,
        minutes_wanted=request.minutes,
        evaluations=0,
        seconds=0.0,
        digests=digests(resolved),
    )
