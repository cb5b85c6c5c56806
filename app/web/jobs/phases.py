"""Phases of a search under way and its first, provisional plans, as far as its program has noted them."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from typing import Any

import pandas as pd

from app.runs.phases import Phase
from app.web.documents.workspace import Workspace
from app.web.jobs.job_record import job_phases_path

LARGEST_FILE = 1_000_000
"""Letters that are read of what a search notes."""


@dataclass(frozen=True, eq=False)
class Phases:
    """What is known of a search under way.

    Attributes:
        begun: phase -> seconds since the first of them began; in the order of their beginning.
        first_plans: a row a provisional plan: objectives and what else was noted, natural units; possibly none.
        first_plans_s: seconds until the first of them was there; None = it is not.
    """

    begun: dict[Phase, float]
    first_plans: pd.DataFrame
    first_plans_s: float | None

    @property
    def current(self) -> Phase | None:
        """The phase that began last."""
        return next(reversed(self.begun), None)

    def seconds_of(self, phase: Phase) -> float | None:
        """How long a phase took; None while it lasts or where it was left out."""
        later = [began for began in self.begun.values() if began > self.begun.get(phase, math.inf)]
        return min(later) - self.begun[phase] if later else None


def read_phases(workspace: Workspace, run_id: str) -> Phases:
    """Read what a search noted since it began, or was gone on with; lines that are cut short are left out."""
    begun: dict[Phase, float] = {}
    plans, until_plans, first = pd.DataFrame(), None, 0.0
    for event in _events(workspace, run_id):
        try:
            at = float(event["at"])
            if "phase" in event:
                phase = Phase(event["phase"])
                if phase is Phase.READING:
                    begun, plans, until_plans, first = {}, pd.DataFrame(), None, at
                begun[phase] = at - first
            elif "plans" in event:
                plans = pd.DataFrame(event["plans"], dtype="float64")
                until_plans = at - first if until_plans is None else until_plans
        except (ValueError, TypeError, KeyError):
            continue
    return Phases(begun, plans, until_plans)


def _events(workspace: Workspace, run_id: str) -> list[dict[str, Any]]:
    try:
        with job_phases_path(workspace, run_id).open(encoding="utf-8", errors="replace") as lines:
            texts = lines.read(LARGEST_FILE).splitlines()
    except OSError:
        return []
    events = []
    for line in texts:
        try:
            event = json.loads(line)
        except (ValueError, RecursionError):
            continue
        if isinstance(event, dict):
            events.append(event)
    return events
