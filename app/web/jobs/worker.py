"""The thread that keeps the queue moving while the room is open, with or without a browser."""

from __future__ import annotations

import logging
import threading
import time

from app.web.documents.workspace import Workspace

INTERVAL_S = 1.0
_log = logging.getLogger(__name__)


def start_worker(space: Workspace) -> threading.Thread:
    """Start the thread of a workspace; it ends with the process."""
    thread = threading.Thread(target=_work, args=(space,), name="queue", daemon=True)
    thread.start()
    return thread


def _work(space: Workspace) -> None:
    time.sleep(INTERVAL_S)  # the first page comes first
    from app.web.jobs.queue import advance

    while True:
        try:
            advance(space)
        except Exception:  # a full disk must not end the queue
            _log.exception("the queue could not be moved on")
        time.sleep(INTERVAL_S)
