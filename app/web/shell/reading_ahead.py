"""Reading ahead: what a visitor will ask for next is read once the first page is out, or once nobody has come.

Earlier it would only stand in the first page's way: the interpreter runs one thread at a time.
"""

from __future__ import annotations

import threading

PATIENCE_S = 6.0
"""How long after the start a first visitor is waited for [s]."""
first_page_out = threading.Event()


def start_reading_ahead() -> threading.Thread:
    """Start the thread; it ends when everything is read."""
    thread = threading.Thread(target=_read_ahead, name="reading ahead", daemon=True)
    thread.start()
    return thread


def _read_ahead() -> None:
    first_page_out.wait(PATIENCE_S)
    from app.web.shell.loaded import warm_up

    warm_up()
