"""Threads of the server: the queue of jobs moves on without a browser; what a visitor asks for next is read ahead."""

from __future__ import annotations

import logging
import threading
import time

from app.web.documents.workspace import Workspace

QUEUE_INTERVAL_S = 1.0
FIRST_VISITOR_WAIT_S = 6.0
"""How long after the start a first visitor is waited for [s]."""
first_page_shown = threading.Event()
_log = logging.getLogger(__name__)


def start_queue_thread(workspace: Workspace) -> threading.Thread:
    """Start the thread that keeps the queue of a workspace moving; it ends with the process."""
    thread = threading.Thread(target=_advance_forever, args=(workspace,), name="queue", daemon=True)
    thread.start()
    return thread


def _advance_forever(workspace: Workspace) -> None:
    time.sleep(QUEUE_INTERVAL_S)  # the first page comes first
    from app.web.jobs.queue import advance_queue

    while True:
        try:
            advance_queue(workspace)
        except Exception:  # a full disk must not end the queue
            _log.exception("the queue could not be moved on")
        time.sleep(QUEUE_INTERVAL_S)


def start_warm_up_thread() -> threading.Thread:
    """Start the thread that reads ahead once the first page is out, or once nobody has come.

    Earlier it would only stand in the first page's way: the interpreter runs one thread at a time.
    """
    thread = threading.Thread(target=_warm_up, name="warm-up", daemon=True)
    thread.start()
    return thread


def _warm_up() -> None:
    first_page_shown.wait(FIRST_VISITOR_WAIT_S)
    from app.web.shell.cached_data import warm_up

    warm_up()
