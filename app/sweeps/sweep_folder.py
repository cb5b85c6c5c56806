"""The folder of a sweep: its list of runs, a folder for each run, what failed and why, who works at what, the table."""

from __future__ import annotations

import fcntl
import json
import os
import socket
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from app.files.atomic import new_file, write_json
from app.runs.names import RunStatus
from app.runs.record import read_record
from app.sweeps.names import SWEEP_FILE
from app.sweeps.sweep_file import SweepFile
from app.sweeps.swept_run import SweptRun
from data.catalogue import LANGUAGES, Told
from data.errors import InputError, reason_of, refuse, system_reason

FAILED_FOLDER, CLAIMS_FOLDER, JOURNAL_FOLDER = "failed", ".claims", ".journal"
WORK_FILE = "sweep_work.json"
"""In the folder of a run: how long its worker took over it, all in all."""
FORMAT_VERSION = 1


@dataclass(frozen=True)
class ListedRun:
    """One run as the list of a sweep has it.

    Attributes:
        run_id: name of its folder.
        factors: factor -> level.
        digests: of city, scenario and parameters, as its record must have them.
        seed: of the search.
        algorithm: of the search, or `policy`.
    """

    run_id: str
    factors: dict[str, Any]
    digests: dict[str, str]
    seed: int
    algorithm: str


@dataclass(frozen=True)
class SweepList:
    """What sweep.json says.

    Attributes:
        name: of the sweep.
        label: by language.
        runs: in the order of the file.
    """

    name: str
    label: dict[str, str]
    runs: tuple[ListedRun, ...]

    @property
    def factors(self) -> tuple[str, ...]:
        """Names of what tells runs apart."""
        return tuple(self.runs[0].factors) if self.runs else ()


def write_sweep_list(out: Path, sweep: SweepFile, runs: Sequence[SweptRun]) -> None:
    """Write sweep.json; of the same file it has the same bytes.

    Raises:
        InputError: the disk refuses.
    """
    rows = [
        {
            "run_id": run.run_id,
            "digest": run.digest,
            "factors": run.factors,
            "digests": {
                "city": run.city_digest,
                "scenario": run.scenario_digest,
                "parameters": run.parameters_digest,
            },
            "seed": run.seed,
            "algorithm": run.algorithm,
        }
        for run in runs
    ]
    content = {"format_version": FORMAT_VERSION, "name": sweep.name, "label": sweep.label, "runs": rows}
    content["file"] = sweep.model_dump(mode="json", exclude_defaults=True)
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise refuse("not_writable", file=out, layer="--out", reason=system_reason(error)) from None
    with new_file(out / SWEEP_FILE) as draft:
        write_json(draft, content)


def read_sweep_list(out: Path) -> SweepList:
    """Read sweep.json.

    Raises:
        InputError: the folder is not one of a sweep, or the file is spoiled.
    """
    path = out / SWEEP_FILE
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        if content["format_version"] != FORMAT_VERSION:
            raise refuse("sweep_format", file=path, version=FORMAT_VERSION)
        runs = tuple(
            ListedRun(row["run_id"], dict(row["factors"]), dict(row["digests"]), row["seed"], row["algorithm"])
            for row in content["runs"]
        )
        return SweepList(str(content["name"]), dict(content["label"]), runs)
    except (OSError, ValueError, LookupError, TypeError, RecursionError) as error:
        if isinstance(error, InputError):
            raise
        raise refuse("sweep_unreadable", file=path, reason=reason_of(error)) from None


def is_done(out: Path, run_id: str) -> bool:
    """Whether a run is complete."""
    try:
        return read_record(out / run_id).status == RunStatus.COMPLETED
    except InputError:
        return False


@contextmanager
def claimed(out: Path, run_id: str) -> Iterator[bool]:
    """Whether this process alone works at a run as long as the block lasts; the system ends the claim of a dead one."""
    folder = out / CLAIMS_FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / run_id).open("a") as claim:
        try:
            fcntl.flock(claim, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
            return
        yield True


def note(out: Path, run_id: str, event: str) -> None:
    """Add a line to the journal of this process: it began, resumed, or ended a run."""
    folder = out / JOURNAL_FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    line = json.dumps({"run_id": run_id, "event": event, "time": datetime.now(UTC).isoformat()})
    with (folder / f"{socket.gethostname()}-{os.getpid()}.jsonl").open("a", encoding="utf-8") as journal:
        journal.write(line + "\n")


def read_journal(out: Path) -> list[dict[str, str]]:
    """Every line of all journals, by time; a line that was cut short is left out."""
    lines = []
    for path in sorted((out / JOURNAL_FOLDER).glob("*.jsonl")):
        for line in path.read_text(encoding="utf-8").splitlines():
            with suppress(ValueError):
                lines.append(dict(json.loads(line)))
    return sorted(lines, key=lambda line: line["time"])


def keep_failure(out: Path, run_id: str, reason: Told, details: str = "") -> None:
    """Keep why a run failed."""
    folder = out / FAILED_FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    content = {"reason": {name: reason.text(name) for name in LANGUAGES}, "details": details}
    with new_file(folder / f"{run_id}.json") as draft:
        write_json(draft, content)


def forget_failure(out: Path, run_id: str) -> None:
    """A run that failed before is tried again, or was done."""
    (out / FAILED_FOLDER / f"{run_id}.json").unlink(missing_ok=True)


def read_failure(out: Path, run_id: str) -> Told | None:
    """Why a run failed; None where it did not."""
    try:
        content: Mapping[str, Any] = json.loads((out / FAILED_FOLDER / f"{run_id}.json").read_text(encoding="utf-8"))
        return Told(**content["reason"])
    except (OSError, ValueError, LookupError, TypeError):
        return None
