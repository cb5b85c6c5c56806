"""A run folder while a search works in it: it appears whole, is locked, and follows at every checkpoint."""

from __future__ import annotations

import fcntl
import os
import shutil
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from app.files.atomic import new_folder
from app.runs.checkpoint import write_checkpoint
from app.runs.names import CANCEL_FILE, CHECKPOINT_FILE, LOCK_FILE, RunStatus
from app.runs.record import RunRecord, write_record
from app.runs.run_folder import write_progress, write_scenario
from data.catalogue import message
from data.errors import InputError, reason_of, refuse
from envs.kernel import ResolvedScenario
from optimizers.search.search_state import SearchState


@dataclass
class WorkingFolder:
    """The folder of a search that works.

    Attributes:
        out: the folder; a new one appears with the first checkpoint.
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
        if not self.saved:
            (self.out / CANCEL_FILE).unlink(missing_ok=True)  # meant for an earlier process; from now on, for this one
        done = {name: state.record[name] for name in ("evaluations", "seconds")}
        self.record = self.record.model_copy(update={"status": RunStatus.RUNNING} | done)
        if self.lock is None:
            with new_folder(self.out) as draft:
                lock = RunLock(draft)
                try:
                    self._write_inputs(draft)
                    self._write(draft, state)
                except BaseException:
                    lock.release(draft)
                    raise
            self.lock, self.is_new = lock, True
        else:
            self._write(self.out, state)
        self.saved = True

    def _write_inputs(self, folder: Path) -> None:
        """What is searched, where it can be written down."""

    def _write(self, folder: Path, state: SearchState) -> None:
        write_progress(folder, state.record["progress"])
        write_record(folder, self.record)
        write_checkpoint(folder / CHECKPOINT_FILE, state)

    def cancelled(self) -> bool:
        """Whether somebody asked to stop by a file `cancel`; it is removed as it is obeyed."""
        path = self.out / CANCEL_FILE
        if self.saved and path.exists():
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
        """Say in run.json how the search ended; a new folder in which nothing was evaluated vanishes again.

        Args:
            status: for run.json.
            by_defect: keep even an empty folder, as a trace of what went wrong.
        """
        if not self.saved:
            return
        if self.is_new and self.record.evaluations == 0 and not by_defect:
            shutil.rmtree(self.out, ignore_errors=True)
            return
        with suppress(InputError):  # a full disk: the last checkpoint says enough
            write_record(self.out, self.record.model_copy(update={"status": status}))

    def close(self) -> None:
        """Give the folder back."""
        if self.lock is not None:
            self.lock.release(self.out)


@dataclass(kw_only=True)
class ScenarioFolder(WorkingFolder):
    """The folder of the search of a scenario.

    Attributes:
        resolved: what is searched.
    """

    resolved: ResolvedScenario

    def _write_inputs(self, folder: Path) -> None:
        write_scenario(folder, self.resolved)


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
