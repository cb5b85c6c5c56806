"""What a worker does: one run of a sweep, begun, resumed or found done; whatever happens is told, never raised."""

from __future__ import annotations

import contextlib
import hashlib
import io
import shutil
import tempfile
import time
import traceback
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import lru_cache
from pathlib import Path

from threadpoolctl import threadpool_limits

from agents.policy.policy_files import read_policy
from app.files.atomic import replaced, write_json
from app.runs.agreement_store import resolve_with_agreements
from app.runs.loading import check_scenario
from app.runs.names import CHECKPOINT_FILE, RunStatus
from app.runs.optimize import optimize_into
from app.runs.policy_plans import POLICY, PlanRequest, plan_into
from app.runs.record import bounds_digest, read_record
from app.runs.resume import GivenOptions, resume_run
from app.runs.title import LONGEST_TITLE, write_title
from app.sweeps.level_words import swept_title
from app.sweeps.names import SWEEP_FILE
from app.sweeps.sweep_folder import (
    WORK_FILE,
    claimed,
    forget_failure,
    is_done,
    keep_failure,
    note,
)
from app.sweeps.swept_run import SweptRun, determining_versions
from data.catalogue import Told, message, told
from data.city import City
from data.errors import InputError, printable, refuse
from data.files.cities import load_city
from data.parameter_book import load_book
from data.scenario_files import scenario_from_mapping
from envs.kernel import ResolvedScenario
from envs.rules.coherence import refuse_unreachable_bounds
from optimizers.algorithms.request import Budget, SearchRequest

CHECKPOINT_SECONDS = 10.0
MOST_KEPT = 4
"""Resolved scenarios that a worker keeps."""
LONGEST_DEFECT = 200
MOST_SENT_BYTES = 256 * 2**20
"""Of a run folder that is sent back from a machine that does not see the folder of the sweep."""


class RunEnding(StrEnum):
    """How a worker left a run."""

    DONE = "done"
    PRESENT = "present"  # it was done before
    BUSY = "busy"  # another worker is at it
    FAILED = "failed"
    INTERRUPTED = "interrupted"  # stopped by hand; its checkpoint is kept


@dataclass(frozen=True)
class RunEnd:
    """What a worker tells of a run.

    Attributes:
        run_id: of the run.
        ending: how it was left.
        seconds: that the worker took over it [s].
        reason: why it failed.
        files: name -> bytes of its folder, where the worker does not see the folder of the sweep.
    """

    run_id: str
    ending: RunEnding
    seconds: float = 0.0
    reason: Told | None = None
    files: dict[str, bytes] | None = None


@dataclass(frozen=True)
class Assignment:
    """Where and how a worker works.

    Attributes:
        out: folder of the sweep, absolute.
        token: size and content digest of its list, by which a worker knows whether it sees that folder.
        language: of the pictures and titles.
        checkpoint_seconds: between two states kept [s].
    """

    out: str
    token: str
    language: str
    checkpoint_seconds: float = CHECKPOINT_SECONDS


def carry_out(assignment: Assignment, run: SweptRun) -> RunEnd:
    """Do one run, unless it is done or another worker is at it.

    Args:
        assignment: where and how.
        run: what.
    """
    out = Path(assignment.out)
    if sweep_token(out) == assignment.token:
        return _in_folder(out, assignment, run)
    with tempfile.TemporaryDirectory(prefix="renewal-") as place:
        end = _in_folder(Path(place), assignment, run)
        if end.ending is not RunEnding.DONE:
            return end
        return replace(end, files=_files(Path(place) / run.run_id))


def sweep_token(out: Path) -> str:
    """Digest of the list of a sweep; empty where there is none."""
    try:
        return hashlib.sha256((out / SWEEP_FILE).read_bytes()).hexdigest()
    except OSError:
        return ""


def _in_folder(out: Path, assignment: Assignment, run: SweptRun) -> RunEnd:
    """Do one run in a folder that is seen from here."""
    if is_done(out, run.run_id):
        return RunEnd(run.run_id, RunEnding.PRESENT)
    with claimed(out, run.run_id) as is_mine:
        if not is_mine:
            return RunEnd(run.run_id, RunEnding.BUSY)
        if is_done(out, run.run_id):
            return RunEnd(run.run_id, RunEnding.PRESENT)
        return _told_run(out, assignment, run)


def _told_run(out: Path, assignment: Assignment, run: SweptRun) -> RunEnd:
    """Do a run that is claimed; a failure is kept and told."""
    began = time.perf_counter()
    details = ""
    reason: Told | None = None
    try:
        forget_failure(out, run.run_id)
        with threadpool_limits(1), contextlib.redirect_stderr(io.StringIO()):
            ending = _made(out, assignment, run)
    except KeyboardInterrupt:
        ending = RunEnding.INTERRUPTED
    except InputError as error:
        ending, reason = RunEnding.FAILED, told(error.text)
    except Exception as error:
        defect = printable(f"{type(error).__name__}: {error}", LONGEST_DEFECT)
        ending, reason = RunEnding.FAILED, told(message("sweep_run_defect", defect=defect).text)
        details = traceback.format_exc()
    seconds = time.perf_counter() - began
    if reason is not None:
        keep_failure(out, run.run_id, reason, details)
    if ending is RunEnding.DONE:
        with replaced(out / run.run_id / WORK_FILE) as draft:
            write_json(draft, {"worker_seconds": round(seconds, 3)})
        write_title(out / run.run_id, swept_title(run, assignment.language)[:LONGEST_TITLE])
    note(out, run.run_id, ending)
    return RunEnd(run.run_id, ending, seconds, reason)


def _made(out: Path, assignment: Assignment, run: SweptRun) -> RunEnding:
    """The folder of the run, from its checkpoint where there is one that fits."""
    folder = out / run.run_id
    for draft in out.glob(f".{run.run_id}-*"):
        shutil.rmtree(draft, ignore_errors=True)  # of a worker that was killed before its folder appeared
    if not ((folder / CHECKPOINT_FILE).is_file() and _resumed(folder, out, assignment, run)):
        if folder.exists():
            shutil.rmtree(folder)
        note(out, run.run_id, "begun")
        _begin(folder, assignment, run, resolved_run(run))
    return RunEnding.DONE if read_record(folder).status == RunStatus.COMPLETED else RunEnding.INTERRUPTED


def _resumed(folder: Path, out: Path, assignment: Assignment, run: SweptRun) -> bool:
    """Go on from the checkpoint; False where it cannot be used, so that the run begins anew."""
    note(out, run.run_id, "resumed")
    options, seconds = GivenOptions(city=run.city), assignment.checkpoint_seconds
    try:
        resume_run(folder, options, language=assignment.language, checkpoint_seconds=seconds)
    except InputError as error:
        if error.refusals[0].message.key == "folder_in_use":
            raise
        return False
    return True


def _begin(folder: Path, assignment: Assignment, run: SweptRun, resolved: ResolvedScenario) -> None:
    """Search, or let the policy plan."""
    if run.algorithm == POLICY:
        request = PlanRequest(run.city, None, run.plans, POLICY, threads=1)
        plan_into(folder, resolved, read_policy(), request)
        return
    budget = Budget(run.evaluations, run.minutes)
    optimize_into(
        folder,
        resolved,
        SearchRequest(algorithm=run.algorithm, seed=run.seed, budget=budget),
        city=run.city,
        language=assignment.language,
        with_policy=run.with_policy,
        checkpoint_seconds=assignment.checkpoint_seconds,
    )


def resolved_run(run: SweptRun) -> ResolvedScenario:
    """The scenario of a run against its city, as whoever planned the sweep saw both; some are kept.

    Raises:
        InputError: program, libraries, city, parameters or policy are others here.
    """
    _refuse_other_versions(run)
    if run.policy:
        _refuse_other("policy", read_policy().digest, run.policy)
    key = (run.city_digest, run.scenario_digest, run.parameters_digest, run.bargaining_digest)
    if key not in _KEPT:
        resolved = _resolve(run)
        while len(_KEPT) >= MOST_KEPT:
            _KEPT.pop(next(iter(_KEPT)))
        _KEPT[key] = resolved
    return _KEPT[key]


_KEPT: dict[tuple[str, ...], ResolvedScenario] = {}
"""What later runs of this worker may ask for, too; the oldest goes first."""


def _resolve(run: SweptRun) -> ResolvedScenario:
    city = _city(run.city)
    scenario = scenario_from_mapping(run.scenario, file=run.run_id)
    check_scenario(scenario)
    _refuse_other("city", city.digest, run.city_digest)
    _refuse_other("scenario", bounds_digest(scenario), run.scenario_digest)
    _refuse_other("parameters", load_book().override(scenario.parameters).digest, run.parameters_digest)
    resolved = resolve_with_agreements(scenario, city)
    refuse_unreachable_bounds(resolved)
    return resolved


@lru_cache(maxsize=1)
def _city(source: str) -> City:
    """The city of several runs, read once."""
    return load_city(source)


def _refuse_other(part: str, found: str, wanted: str) -> None:
    if found != wanted:
        raise refuse("digest_not_of_run", name=message(f"part_{part}"), digest=found[:12], recorded=wanted[:12])


def _refuse_other_versions(run: SweptRun) -> None:
    found = determining_versions()
    other = [name for name, version in run.versions.items() if found.get(name) != version]
    if other:
        name = other[0]
        raise refuse("sweep_other_versions", name=name, wanted=run.versions[name], found=found.get(name, "-"))


def _files(folder: Path) -> dict[str, bytes]:
    """The files of a run, to be sent.

    Raises:
        InputError: they are too large.
    """
    files = {path.name: path.read_bytes() for path in sorted(folder.iterdir()) if path.is_file()}
    size = sum(map(len, files.values()))
    if size > MOST_SENT_BYTES:
        raise refuse("sweep_run_too_large", file=folder.name, mb=size / 1e6, most_mb=MOST_SENT_BYTES / 1e6)
    return files
