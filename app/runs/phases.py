"""Phases of a search, noted for whoever watches it, and the first plans that it can show: provisional ones.

A line of JSON each. A command that nobody watches notes nothing and makes no provisional plans.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

from app.words.language import reader_language
from data.catalogue import text
from envs.kernel import Plans, ResolvedScenario, evaluate

SHOWN = ("renewed_villages", "total_cost_cny")
"""Told of a provisional plan beside the objectives."""


class Phase(StrEnum):
    """What a search does, in its order."""

    READING = "reading"
    FIRST_PLANS = "first_plans"
    ANCHORS = "anchors"
    POLICY = "policy"
    SEARCHING = "searching"
    MEASURING = "measuring"


@dataclass(frozen=True)
class PhaseLog:
    """Where phases are noted.

    Attributes:
        path: a file of lines, added to.
    """

    path: Path

    def note(self, event: dict[str, Any]) -> None:
        """Add a line; a disk that refuses ends no search."""
        with suppress(OSError), self.path.open("a", encoding="utf-8") as lines:
            lines.write(json.dumps({"at": time.time()} | event) + "\n")


_WATCHED: ContextVar[PhaseLog | None] = ContextVar("watched", default=None)


@contextmanager
def watched(path: Path | None) -> Iterator[None]:
    """Note phases in a file while the block runs; None = nobody watches."""
    token = _WATCHED.set(None if path is None else PhaseLog(path))
    try:
        yield
    finally:
        _WATCHED.reset(token)


def is_watched() -> bool:
    """Whether somebody wants to see phases and first plans."""
    return _WATCHED.get() is not None


def begin_phase(phase: Phase) -> None:
    """A phase begins: noted for who watches, said on a terminal where there are words for it."""
    log = _WATCHED.get()
    if log is not None:
        log.note({"phase": str(phase)})
    if phase in (Phase.ANCHORS, Phase.POLICY) and sys.stderr.isatty():
        sys.stderr.write(f"{text(f'search_{phase}', reader_language())}\n")


def show_first_plans(resolved: ResolvedScenario, plans: Plans) -> None:
    """Note what provisional plans are worth, exactly evaluated; those that renew nothing are left out.

    Args:
        resolved: scenario resolved against a city.
        plans: batch of any size.
    """
    log = _WATCHED.get()
    if log is None:
        return
    renewing = [k for k in range(plans.n_plans) if (plans.start_year[k] > 0).any()]
    if not renewing:
        return
    names = tuple(dict.fromkeys((*resolved.scenario.objectives, *SHOWN)))
    outcomes = evaluate(resolved, plans[renewing], indicators=names)
    log.note({"plans": {name: outcomes[name].tolist() for name in names}})
