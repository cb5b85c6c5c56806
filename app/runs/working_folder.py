"""A run folder while a search works in it: it appears whole, is locked, and follows at every checkpoint."""

from __future__ import annotations

import fcntl
import os
import shutil
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from app.files.atomic import new_folder
from app.runs.checkpoint import write_checkpoint
from app.runs.names import CANCEL_FILE, CHECKPOINT_FILE, LOCK_FILE, RunStatus
from app.runs.record import RunRecord, write_record
from app.runs.run_folder import write_front, write_progress, write_scenario
from data.catalogue import message
from data.errors import InputError, reason_of, refuse
from envs.kernel import Plans, ResolvedScenario
from optimizers.search.search_state import SearchState


@dataclass
class WorkingFolder:
    """The folder of a search that works.

    Attributes:
        out: the folder; a new one appears with the first checkpoint, or with first plans before it.
        record: run.json so far.
        lock: None as long as a new folder has not appeared.
        stopped: True once the cancel file was found.
        saved: True once this process has written a checkpoint.
        is_new: True if this process made the folder.
    """

    out: Path
    record: RunRecord
    lock: RunLock | None = None
    stopped: bool = False
    saved: bool = False
    is_new: bool = False

    def save(self, state: SearchState) -> None:
        """Keep the state of the search; run.json is written before it, so that it never lags behind.

        Raises:
            InputError: the folder is in use, or the disk refuses.
        """
        if not (self.saved or self.is_new):
            (self.out / CANCEL_FILE).unlink(missing_ok=True)  # meant for an earlier process; from now on, for this one
        done = {name: state.record[name] for name in ("evaluations", "seconds")}
        self.record = self.record.model_copy(update={"status": RunStatus.RUNNING} | done)
        if self.lock is None:
            self._appear(lambda draft: self._write(draft, state))
        else:
            self._write(self.out, state)
        self.saved = True

    def _appear(self, fill: Callable[[Path], None]) -> None:
        """Make the folder, locked, of its inputs and what fills it."""
        with new_folder(self.out) as draft:
            lock = RunLock(draft)
            try:
                self._write_inputs(draft)
                fill(draft)
            except BaseException:
                lock.release(draft)
                raise
        self.lock, self.is_new = lock, True

    def _write_inputs(self, folder: Path) -> None:
        """What is searched, where it can be written down."""

    def _write(self, folder: Path, state: SearchState) -> None:
        write_progress(folder, state.record["progress"])
        write_record(folder, self.record)
        write_checkpoint(folder / CHECKPOINT_FILE, state)

    def cancelled(self) -> bool:
        """Whether somebody asked to stop by a file `cancel`; it is removed as it is obeyed."""
        path = self.out / CANCEL_FILE
        if (self.saved or self.is_new) and path.exists():
            path.unlink(missing_ok=True)
            self.stopped = True
        return self.stopped

    def end(self, record: RunRecord) -> None:
        """Write run.json, after all else; the checkpoint of a complete run is then removed."""
        write_record(self.out, record)
        self.record = record
        if record.status == RunStatus.COMPLETED:
            (self.out / CHECKPOINT_FILE).unlink(missing_ok=True)

    def give_up(self, status: RunStatus, *, by_defect: bool) -> None:
        """Say in run.json how the search ended; a new folder without anything to look at vanishes again.

        Args:
            status: for run.json.
            by_defect: keep even an empty folder, as a trace of what went wrong.
        """
        if not (self.saved or self.record.provisional):
            return
        nothing = self.record.evaluations == 0 and not self.record.provisional
        if self.is_new and nothing and not by_defect:
            shutil.rmtree(self.out, ignore_errors=True)
            return
        with suppress(InputError):  # a full disk: the last checkpoint says enough
            write_record(self.out, self.record.model_copy(update={"status": status}))

    def close(self) -> None:
        """Give the folder back."""
        if self.lock is not None:
            self.lock.release(self.out)
            self.lock = None


@dataclass(kw_only=True)
class ScenarioFolder(WorkingFolder):
    """The folder of the search of a scenario.

    Attributes:
        resolved: what is searched.
    """

    resolved: ResolvedScenario

    def _write_inputs(self, folder: Path) -> None:
        write_scenario(folder, self.resolved)

    def show_first(self, plans: Plans, front: pd.DataFrame, recommended: dict[str, str]) -> None:
        """Let the folder open with the first plans of a search: all files of a run, marked as provisional.

        Args:
            plans: all so far, those of the last call first and unchanged.
            front: front.csv of them.
            recommended: preset -> plan that it prefers among them.

        Raises:
            InputError: the folder is in use, or the disk refuses.
        """
        told = {"provisional": True, "n_plans": len(front), "recommended": recommended}
        self.record = self.record.model_copy(update={"status": RunStatus.PROVISIONAL} | told)

        def fill(folder: Path) -> None:
            write_front(folder, self.resolved, plans, front)
            write_record(folder, self.record)

        if self.lock is None:
            self._appear(fill)
        else:
            fill(self.out)

    def hide_first(self) -> None:
        """Say that the front is about to be replaced, so that nobody reads half of each; see show_first."""
        if self.record.provisional:
            told = {"provisional": False, "status": RunStatus.RUNNING, "n_plans": None, "recommended": {}}
            self.record = self.record.model_copy(update=told)
            write_record(self.out, self.record)

    def complete(self, record: RunRecord, fill: Callable[[Path], None]) -> None:
        """Write what was found, then run.json: a new folder appears whole, first plans give way.

        Args:
            record: run.json of the complete run.
            fill: writes its other files into a folder.

        Raises:
            InputError: the folder is in use, or the disk refuses.
        """
        if self.lock is None:
            self.record = record
            with new_folder(self.out) as draft:
                self._write_inputs(draft)
                fill(draft)
                write_record(draft, record)
            return
        self.hide_first()
        fill(self.out)
        self.end(record.model_copy(update={"provisional": False}))


class RunLock:
    """The lock of a run folder; its file holds the process id."""

    def __init__(self, folder: Path) -> None:
        """Take it.

        Raises:
            InputError: another process has it, or nothing can be written there.
        """
        path = folder / LOCK_FILE
        try:
            self._file = path.open("a+", encoding="ascii", errors="replace")
        except OSError as error:
            raise refuse("not_writable", file=path, reason=reason_of(error)) from None
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if not os.path.samestat(os.fstat(self._file.fileno()), path.stat()):
                raise BlockingIOError
        except (BlockingIOError, FileNotFoundError):  # taken; or given back, and the file removed, just now
            self._file.seek(0)
            holder = self._file.read(20).strip()
            self._file.close()
            process = holder or message("process_beginning")
            raise refuse("folder_in_use", file=folder, layer="--out", process=process) from None
        try:
            self._file.truncate(0)
            os.write(self._file.fileno(), f"{os.getpid()}\n".encode())
        except OSError as error:
            self._file.close()
            raise refuse("not_writable", file=path, reason=reason_of(error)) from None

    def release(self, folder: Path) -> None:
        """Give it back; `folder` is where it lies now."""
        (folder / LOCK_FILE).unlink(missing_ok=True)
        self._file.close()


def is_worked_in(folder: Path) -> bool:
    """Whether the process that locked a folder still runs; one that was killed leaves its lock behind."""
    try:
        os.kill(int((folder / LOCK_FILE).read_text(encoding="ascii")), 0)
    except PermissionError:  # somebody else's
        return True
    except (OSError, ValueError, OverflowError):
        return False
    return True
