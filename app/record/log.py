"""The log of a run: JSON lines of which each holds the SHA-256 of the one before, so that a later change shows.

A line is written by replacing the whole file under a lock (written beside it, brought to the disk, renamed): whoever is
killed leaves the old log or the new one, never a part of a line. The SHA-256 of the last line is the head. It is
printed on what leaves the house; a log that was cut or written anew has another head and does not lead through the
printed one.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import Any

from app.files.atomic import replaced
from data.errors import InputError, reason_of, refuse

RECORD_FOLDER = "record"
"""In the folder of a run; whatever belongs to its record lies there."""
LOG_FILE, LOCK_FILE = "log.jsonl", "lock"
BEFORE_THE_FIRST = "0" * 64
"""Stands in the first line where others have the digest of the line before."""
MOST_LINES, LARGEST_BYTES = 10_000, 20_000_000
LONGEST_WAIT_S, PAUSE_S = 10.0, 0.02
"""For somebody else who is writing."""
SHORTEST_HEAD = 12
"""Digits of a printed head with which it may be asked for."""


@dataclass(frozen=True)
class Log:
    """The lines of a log whose chain holds.

    Attributes:
        lines: in their order, without line ends.
    """

    lines: tuple[str, ...]

    @cached_property
    def digests(self) -> tuple[str, ...]:
        """SHA-256 of each line."""
        return tuple(map(line_digest, self.lines))

    @property
    def head(self) -> str:
        """SHA-256 of the last line; empty where there is none."""
        return self.digests[-1] if self.lines else ""


def canonical_json(content: Mapping[str, Any]) -> str:
    """JSON in the one spelling that a log has: sorted keys, no spaces, no NaN."""
    return json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False)


def line_digest(line: str) -> str:
    """SHA-256 of a line, without its end."""
    return hashlib.sha256(line.encode()).hexdigest()


def log_path(run: Path) -> Path:
    """Where the log of a run lies."""
    return run / RECORD_FOLDER / LOG_FILE


def head_and_lines(run: Path) -> tuple[str, tuple[str, ...]]:
    """The head of a run's log (empty where nothing is recorded) and its lines, for whoever hands them on.

    Raises:
        InputError: as read_log.
    """
    log = read_log(run)
    return log.head, log.lines


def read_log(run: Path) -> Log:
    """Read the log of a run, and check its chain.

    Args:
        run: folder of the run.

    Raises:
        InputError: it cannot be read, is too large, or a line is torn, changed, missing or out of its order.
    """
    path = log_path(run)
    try:
        size = path.stat().st_size
        if size > LARGEST_BYTES:
            raise refuse("file_too_large", file=path, most=LARGEST_BYTES)
        content = path.read_bytes().decode()
    except FileNotFoundError:
        return Log(())
    except InputError:
        raise
    except (OSError, ValueError) as error:
        raise refuse("record_log_unreadable", file=path, reason=reason_of(error)) from None
    if content and not content.endswith("\n"):
        raise refuse("record_line_torn", file=path, n=content.count("\n") + 1)
    lines = tuple(content.split("\n")[:-1])
    _refuse_broken_chain(path, lines)
    return Log(lines)


def _refuse_broken_chain(path: Path, lines: tuple[str, ...]) -> None:
    before = BEFORE_THE_FIRST
    for n, line in enumerate(lines, start=1):
        try:
            content = json.loads(line)
            is_ours = isinstance(content, dict) and canonical_json(content) == line
        except (ValueError, RecursionError):
            is_ours = False
        if not is_ours:
            raise refuse("record_line_changed", file=path, n=n)
        if content.get("n") != n or content.get("previous") != before:
            raise refuse("record_chain_broken", file=path, n=n)
        before = line_digest(line)


def lines_since(log: Log, head: str, *, file: object = "") -> int:
    """How many lines came after a printed head; 0 = it is the head still.

    Args:
        log: of the run.
        head: as it is printed; its first digits (SHORTEST_HEAD at least) are enough.
        file: of the log, for the refusal.

    Raises:
        InputError: the log does not lead through it: it was changed, cut or written anew.
    """
    digits = head.strip().lower()
    if len(digits) < SHORTEST_HEAD or set(digits) - set("0123456789abcdef"):
        raise refuse("record_head_malformed", layer="--head", head=head[:80], n=SHORTEST_HEAD)
    for n, digest in enumerate(log.digests, start=1):
        if digest.startswith(digits):
            return len(log.lines) - n
    raise refuse("record_head_unknown", file=file, layer="--head", head=digits, n=len(log.lines))


def append_line(run: Path, make: Callable[[Log], Mapping[str, Any]]) -> Log:
    """Add a line, alone at work on the log.

    Args:
        run: folder of the run.
        make: what the line says, from the log as it is then; it may refuse, and then nothing is written.

    Returns:
        The log with the line.

    Raises:
        InputError: the log is broken or full, somebody else is writing for longer than LONGEST_WAIT_S, or the disk
            refuses.
    """
    with _alone(run):
        log = read_log(run)
        said = {
            **make(log),
            "n": len(log.lines) + 1,
            "previous": log.head or BEFORE_THE_FIRST,
            "at": f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}",
        }
        longer = Log((*log.lines, canonical_json(said)))
        content = "".join(f"{line}\n" for line in longer.lines).encode()
        if len(longer.lines) > MOST_LINES or len(content) > LARGEST_BYTES:
            raise refuse("record_log_full", file=log_path(run), most=MOST_LINES, most_bytes=LARGEST_BYTES)
        with replaced(log_path(run)) as partial:
            partial.write_bytes(content)
        _bring_names_to_disk(log_path(run).parent)
        return longer


@contextmanager
def _alone(run: Path) -> Iterator[None]:
    """Hold the lock of the record; the system gives back that of a process that was killed."""
    path = run / RECORD_FOLDER / LOCK_FILE
    try:
        path.parent.mkdir(exist_ok=True)
        file = path.open("a", encoding="ascii")
    except OSError as error:
        raise refuse("not_writable", file=path, reason=reason_of(error)) from None
    with file:
        patience = time.monotonic() + LONGEST_WAIT_S
        while True:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if time.monotonic() > patience:
                    raise refuse("record_busy", file=path, seconds=LONGEST_WAIT_S) from None
                time.sleep(PAUSE_S)
        yield


def _bring_names_to_disk(folder: Path) -> None:
    """The new name of a file that was replaced, on the disk for good."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
