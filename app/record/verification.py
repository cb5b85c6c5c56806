"""The record looked through again: the chain, a printed head, the plans and the actuals that its lines name."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path, PurePath
from typing import TypeVar

from app.record.entries import ActualsEntry, Entry, entries_of
from app.record.log import RECORD_FOLDER, Log, lines_since, log_path, read_log
from app.record.subject import DIGITS, check_kept_exceptions, read_kept_plan, signed_digest
from data.errors import reason_of, refuse
from envs.kernel import ResolvedScenario

AnyPath = TypeVar("AnyPath", bound=PurePath)


@dataclass(frozen=True)
class Verified:
    """A record that holds.

    Attributes:
        log: its lines.
        entries: the same, read.
        n_plans: plans that were read again; None = they could not be, for an older model made the run.
        n_actuals: actuals that were read again.
        since: lines after the head that was asked for; None = none was.
    """

    log: Log
    entries: tuple[Entry, ...]
    n_plans: int | None
    n_actuals: int
    since: int | None


def verify(run: Path, resolved: ResolvedScenario | None, head: str | None = None) -> Verified:
    """Look through the record of a run.

    Args:
        run: its folder.
        resolved: what its plans are read with; None = an older model's run, whose plans are not read again.
        head: as it was printed; None = none is at hand.

    Raises:
        InputError: what does not hold, with file and line.
    """
    log = read_log(run)
    since = None if head is None else lines_since(log, head, file=log_path(run))
    entries = entries_of(log, run)
    plans = {entry.subject.plan: entry.subject for entry in entries}
    granted = {entry.subject.exceptions: entry.subject for entry in entries}
    for entry in entries:
        said = entry.subject
        basis = (said.plan, said.city, said.scenario, said.parameters, said.model_version, said.exceptions)
        if signed_digest(*basis) != said.digest:
            raise refuse("record_line_changed", file=log_path(run), n=entry.n)
    if resolved is not None:
        for subject in plans.values():
            read_kept_plan(run, resolved, subject)
        for subject in granted.values():
            check_kept_exceptions(run, resolved, subject)
    actuals = {entry.actuals.digest: entry.actuals for entry in entries if entry.actuals is not None}
    for reported in actuals.values():
        kept_actuals(run, reported)
    return Verified(log, entries, None if resolved is None else len(plans), len(actuals), since)


def kept_actuals_file(run: AnyPath, digest: str) -> AnyPath:
    """Where the record keeps actuals."""
    return run / RECORD_FOLDER / f"actuals-{digest[:DIGITS]}.csv"


def kept_actuals(run: Path, reported: ActualsEntry) -> Path:
    """The file of actuals that the log names.

    Raises:
        InputError: it is missing, or not what was reported.
    """
    path = kept_actuals_file(run, reported.digest)
    try:
        content = path.read_bytes()
    except OSError as error:
        raise refuse("file_unreadable", file=path, reason=reason_of(error)) from None
    if hashlib.sha256(content).hexdigest() != reported.digest:
        raise refuse("record_actuals_changed", file=path, digest=reported.digest[:12])
    return path
