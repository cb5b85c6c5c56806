"""Ctrl-C, told to a search instead of killing it, so that what was found is kept."""

from __future__ import annotations

import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from types import FrameType
from typing import Any, Self

from app.words.language import reader_language
from data.catalogue import text

_ASKED_ELSEWHERE: ContextVar[Callable[[], bool]] = ContextVar("asked_elsewhere", default=lambda: False)


@contextmanager
def also_stopped_by(is_asked: Callable[[], bool]) -> Iterator[None]:
    """Interruptions of this thread are asked for by somebody else, too, as long as the block lasts.

    Args:
        is_asked: whether he asks to stop.
    """
    token = _ASKED_ELSEWHERE.set(is_asked)
    try:
        yield
    finally:
        _ASKED_ELSEWHERE.reset(token)


class Interruption:
    """While entered, the first SIGINT or SIGTERM only sets `requested`; a second one interrupts at once.

    Args:
        told: text of the catalogue that says so at the first.
    """

    def __init__(self, told: str = "search_stopping") -> None:
        """See the class."""
        self.told = told
        self.requested = False
        self._before: dict[int, Any] = {}

    def __enter__(self) -> Self:
        """Take the signals over; only the main thread of a process can."""
        if threading.current_thread() is threading.main_thread():
            for number in (signal.SIGINT, signal.SIGTERM):
                self._before[number] = signal.signal(number, self._on_signal)
        return self

    def __exit__(self, *_: object) -> None:
        """Give the signals back."""
        for number, handler in self._before.items():
            signal.signal(number, handler)

    def _on_signal(self, number: int, frame: FrameType | None) -> None:
        del number, frame
        if self.requested:
            raise KeyboardInterrupt
        self.requested = True
        sys.stderr.write(f"\n{text(self.told, reader_language())}\n")

    def __call__(self) -> bool:
        """Whether to stop."""
        return self.requested or _ASKED_ELSEWHERE.get()()
