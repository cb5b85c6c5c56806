"""`renewal optimize --resume`: what a run folder says of its search, and whether the options given agree with it."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from app.runs.checkpoint import read_checkpoint
from app.runs.loading import load_resolved
from app.runs.names import CHECKPOINT_FILE, RunStatus
from app.runs.optimize import resume_into
from app.runs.record import RECORD_VERSION, RunRecord, digests, read_record, refuse_older_model
from app.runs.run_folder import refuse_other_digest, resolve_run
from app.runs.search_report import SearchReport
from app.runs.working_folder import RunLock, ScenarioFolder
from data.errors import InputError, printable, refuse
from data.files.cities import load_city
from envs.kernel import ResolvedScenario
from optimizers.algorithms.registry import ALGORITHMS
from optimizers.algorithms.request import NO_LIMIT, Budget, SearchRequest


@dataclass(frozen=True)
class GivenOptions:
    """Options of the command line; None = not given.

    Attributes:
        city: name or path; where the city lies now, if it was moved.
        scenario: preset or path.
        objectives: names, empty if not given.
        algorithm: name.
        seed: of the generator.
        budget: replaces the run's if it sets a limit; minutes include the minutes before.
        threads: worker threads.
    """

    city: str | None = None
    scenario: str | None = None
    objectives: tuple[str, ...] = ()
    algorithm: str | None = None
    seed: int | None = None
    budget: Budget = NO_LIMIT
    threads: int | None = None


def resume_run(
    out: Path, options: GivenOptions, *, language: str, checkpoint_seconds: float
) -> tuple[ResolvedScenario, SearchReport] | None:
    """Continue the search of a run folder.

    Args:
        out: the folder.
        options: of the command, which may change the budget and must not contradict the run.
        language: of the charts.
        checkpoint_seconds: time between two states kept [s].

    Returns:
        The scenario and what was found; None where the run is complete already.

    Raises:
        InputError: not the folder of a search, an option contradicts it, another process works in it, or its checkpoint
            cannot be read.
    """
    record = _search_record(out)
    if record.status == RunStatus.COMPLETED:
        _request(out, record, options)
        _refuse_contradictions(out, record, options)
        _refuse_other_city(record, options)
        with suppress(OSError):
            (out / CHECKPOINT_FILE).unlink()  # left by a process that was killed after its last word
        return None
    lock = RunLock(out)
    try:
        record = _search_record(out)  # as the process that had the lock before left it
        if record.status == RunStatus.COMPLETED:
            lock.release(out)
            return None
        resolved = resolve_run(out, record, city=options.city)
        request = _request(out, record, options)
        _refuse_contradictions(out, record, options)
        if record.provisional and not (out / CHECKPOINT_FILE).is_file():
            raise refuse("run_cut_early", file=out, layer="--resume", folder=out)
        state = read_checkpoint(out / CHECKPOINT_FILE)
        working = ScenarioFolder(out, _with_budget(record, request, resolved), lock, resolved=resolved)
    except BaseException:
        lock.release(out)
        raise
    report = resume_into(working, request, state, language=language, checkpoint_seconds=checkpoint_seconds)
    return resolved, report


def _search_record(out: Path) -> RunRecord:
    """run.json of a search."""
    record = read_record(out)
    if record.is_planned or record.algorithm not in ALGORITHMS:
        raise refuse("record_not_of_a_search", file=out, layer="--resume")
    if record.own_model is not None:
        raise refuse("resume_needs_model", file=out, layer="--resume", model=printable(record.own_model.source))
    refuse_older_model(out, record)
    return record


def _with_budget(record: RunRecord, request: SearchRequest, resolved: ResolvedScenario) -> RunRecord:
    """run.json of the search that goes on."""
    return record.model_copy(
        update={
            "record_version": RECORD_VERSION,
            "threads": request.threads,
            "evaluations_wanted": request.budget.evaluations,
            "minutes_wanted": request.budget.minutes,
            "digests": digests(resolved),
        }
    )


def _request(out: Path, record: RunRecord, options: GivenOptions) -> SearchRequest:
    """The search as it was; a budget that is given replaces the old one."""
    for name in ("algorithm", "seed"):
        if getattr(options, name) not in (None, getattr(record, name)):
            raise _contradiction(out, name, getattr(record, name), getattr(options, name))
    before = Budget(record.evaluations_wanted, record.minutes_wanted)
    return SearchRequest(
        algorithm=record.algorithm,
        seed=record.seed,
        budget=before if options.budget.is_open else options.budget,
        threads=options.threads or record.threads,
    )


def _refuse_other_city(record: RunRecord, options: GivenOptions) -> None:
    if options.city is None:
        return
    digest = load_city(options.city).digest
    if digest != record.digests.city:
        raise refuse_other_digest(options.city, "city", digest, record.digests.city)


def _refuse_contradictions(out: Path, record: RunRecord, options: GivenOptions) -> None:
    """Refuse a scenario or objectives other than the run's; another city was refused by its digest."""
    if options.objectives and options.objectives != record.objectives:
        raise _contradiction(out, "objectives", ",".join(record.objectives), ",".join(options.objectives))
    if options.scenario is None:
        return
    city = options.city or record.city.source
    wanted = digests(load_resolved(city, options.scenario, objectives=record.objectives if options.objectives else ()))
    for name in ("scenario", "parameters"):
        digest, recorded = getattr(wanted, name), getattr(record.digests, name)
        if digest != recorded:
            raise _contradiction(out, name, recorded[:12], f"{options.scenario} ({digest[:12]})")


def _contradiction(out: Path, name: str, before: object, after: object) -> InputError:
    return refuse("resume_contradiction", file=out, layer="--resume", name=name, before=before, given=after)
