"""One process per run folder: a lock that vanishes with the process that holds it, however that ends."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path

from data.errors import refusal

LOCK_FILE = "lock"


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
            raise refusal(f"cannot be written ({error.strerror})", file=path) from None
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if not os.path.samestat(os.fstat(self._file.fileno()), path.stat()):
                raise BlockingIOError
        except (BlockingIOError, FileNotFoundError):  # taken; or given back, and the file removed, just now
            self._file.seek(0)
            holder = self._file.read(20).strip()
            self._file.close()
            rule = f"another process ({holder or 'just beginning'}) is at work in this folder"
            raise refusal(rule, file=folder, layer="--out") from None
        try:
            self._file.truncate(0)
            os.write(self._file.fileno(), f"{os.getpid()}\n".encode())
        except OSError as error:
            self._file.close()
            raise refusal(f"cannot be written ({error.strerror})", file=path) from None

    def release(self, folder: Path) -> None:
        """Give it back; `folder` is where it lies now."""
        (folder / LOCK_FILE).unlink(missing_ok=True)
        self._file.close()
