"""`renewal optimize --resume`: what a run folder says of its search, and whether the options given agree with it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from app.runs.checkpoint import read_checkpoint
from app.runs.folder import digests, read_record, resolve_run
from app.runs.loading import load_resolved
from app.runs.names import CHECKPOINT_FILE, RunStatus
from app.runs.optimize import SearchRequest, budget_record, resume_into
from app.runs.search_report import SearchReport
from app.runs.working_folder import RunLock, WorkingFolder
from data.errors import InputError, refusal
from envs.kernel import ResolvedScenario
from optimizers.algorithms.registry import ALGORITHMS


@dataclass(frozen=True)
class GivenOptions:
    """Options of the command line; None = not given.

    Attributes:
        city: name or path; where the city lies now, if it was moved.
        scenario: preset or path.
        objectives: names, empty if not given.
        algorithm: name.
        seed: of the generator.
        evaluations: budget; any budget given replaces the run's.
        minutes: budget, with the minutes before.
        threads: worker threads.
    """

    city: str | None = None
    scenario: str | None = None
    objectives: tuple[str, ...] = ()
    algorithm: str | None = None
    seed: int | None = None
    evaluations: int | None = None
    minutes: float | None = None
    threads: int | None = None


def resume_run(
    out: Path, given: GivenOptions, *, language: str, checkpoint_seconds: float
) -> tuple[ResolvedScenario, SearchReport] | None:
    """Continue the search of a run folder.

    Args:
        out: the folder.
        given: options, which may change the budget and must not contradict the run.
        language: of the charts.
        checkpoint_seconds: time between two states kept [s].

    Returns:
        The scenario and what was found; None where the run is complete already.

    Raises:
        InputError: not the folder of a search, an option contradicts it, another process works in it, or its checkpoint
            cannot be read.
    """
    record = _search_record(out)
    if record["status"] == RunStatus.COMPLETED:
        _request(out, record, given)
        _refuse_contradictions(out, record, given)
        with suppress(OSError):
            (out / CHECKPOINT_FILE).unlink()  # left by a process that was killed after its last word
        return None
    lock = RunLock(out)
    try:
        record = _search_record(out)  # as the process that had the lock before left it
        if record["status"] == RunStatus.COMPLETED:
            lock.release(out)
            return None
        resolved = resolve_run(out, record, city=given.city)
        request = _request(out, record, given)
        _refuse_contradictions(out, record, given)
        state = read_checkpoint(out / CHECKPOINT_FILE)
        kept = {name: value for name, value in record.items() if name not in ("format_version", "digests")}
        working = WorkingFolder(out, resolved, kept | budget_record(request), lock)
    except BaseException:
        lock.release(out)
        raise
    report = resume_into(working, request, state, language=language, checkpoint_seconds=checkpoint_seconds)
    return resolved, report


def _search_record(out: Path) -> dict[str, Any]:
    """run.json with what a search needs in it."""
    record = read_record(out)
    try:
        checks: tuple[Callable[[], bool], ...] = (
            lambda: record["command"] == "optimize",
            lambda: isinstance(record["status"], str),
            lambda: record["algorithm"] in ALGORITHMS,
            lambda: isinstance(record["objectives"], list) and all(isinstance(n, str) for n in record["objectives"]),
            lambda: isinstance(record["city"], dict) and isinstance(record["digests"], dict),
            lambda: _is_count(record["seed"]) and _is_count(record["threads"]) and record["threads"] > 0,
            lambda: record["evaluations_wanted"] is None or _is_count(record["evaluations_wanted"]),
            lambda: record["minutes_wanted"] is None or float(record["minutes_wanted"]) > 0.0,
        )
        whole = all(check() for check in checks)
    except (LookupError, TypeError, ValueError):
        whole = False
    if not whole:
        raise refusal("run.json is not the record of a search, which alone can be resumed", file=out, layer="--resume")
    return record


def _is_count(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def _request(out: Path, record: Mapping[str, Any], given: GivenOptions) -> SearchRequest:
    """The search as it was; a budget that is given replaces the old one."""
    for name in ("algorithm", "seed"):
        if getattr(given, name) not in (None, record[name]):
            raise _contradiction(out, name, record[name], getattr(given, name))
    keeps = given.evaluations is None and given.minutes is None
    return SearchRequest(
        given.city or record["city"].get("embedded") or record["city"].get("path"),
        record["algorithm"],
        record["seed"],
        record["evaluations_wanted"] if keeps else given.evaluations,
        record["minutes_wanted"] if keeps else given.minutes,
        given.threads or record["threads"],
    )


def _refuse_contradictions(out: Path, record: Mapping[str, Any], given: GivenOptions) -> None:
    """Refuse a scenario or objectives other than the run's; another city was refused by its digest."""
    if given.objectives and list(given.objectives) != record["objectives"]:
        raise _contradiction(out, "objectives", ",".join(record["objectives"]), ",".join(given.objectives))
    if given.scenario is None:
        return
    city = given.city or record["city"].get("embedded") or record["city"].get("path")
    wanted = digests(load_resolved(city, given.scenario, objectives=record["objectives"] if given.objectives else ()))
    for name in ("scenario", "parameters"):
        if wanted[name] != record["digests"][name]:
            raise _contradiction(out, name, record["digests"][name][:12], f"{given.scenario} ({wanted[name][:12]})")


def _contradiction(out: Path, name: str, before: object, given: object) -> InputError:
    rule = f"the run has {name} {before}, but {given} is given; leave it out, or begin a run in another folder"
    return refusal(rule, file=out, layer="--resume")
