"""How far a search has come: its progress table and its live front, as far as the run folder has them."""

from __future__ import annotations

import zipfile
from dataclasses import dataclass
from datetime import UTC, datetime

import numpy as np
import pandas as pd

from app.runs.checkpoint import refuse_packed
from app.runs.names import CHECKPOINT_FILE, PROGRESS_FILE
from app.runs.run_folder import PROGRESS_COLUMNS
from app.web.documents.workspace import Workspace
from app.web.jobs.job_record import Job
from data.arrays import FloatArray


@dataclass(frozen=True, eq=False)
class Progress:
    """What is known of a search under way.

    Attributes:
        steps: rows of PROGRESS_COLUMNS, possibly none.
        elapsed_s: since the process started [s].
        share: of the budget used, 0..1; None where it cannot be known.
        live_front: objectives of the plans found so far, natural units, (n_plans, n_objectives); None = not known.
    """

    steps: pd.DataFrame
    elapsed_s: float
    share: float | None
    live_front: FloatArray | None


def progress(workspace: Workspace, job: Job) -> Progress:
    """Read what is there."""
    steps = _steps(workspace, job.run_id)
    elapsed = (datetime.now(UTC) - datetime.fromisoformat(job.started)).total_seconds() if job.started else 0.0
    return Progress(steps, elapsed, _share(job, steps), live_front(workspace, job.run_id))


def live_front(workspace: Workspace, run_id: str) -> FloatArray | None:
    """Objectives of the archive in the checkpoint, natural units; None where there is none or it is being replaced."""
    try:
        path = workspace.run_folder(run_id) / CHECKPOINT_FILE
        refuse_packed(path)
        with path.open("rb") as stream, np.load(stream, allow_pickle=False) as arrays:
            values = np.asarray(arrays["archive_values"], dtype=np.float64)
    except (OSError, ValueError, LookupError, TypeError, EOFError, zipfile.BadZipFile):
        return None
    return values if values.ndim == 2 and len(values) and bool(np.isfinite(values).all()) else None


def _steps(workspace: Workspace, run_id: str) -> pd.DataFrame:
    try:
        steps = pd.read_csv(workspace.run_folder(run_id) / PROGRESS_FILE)
        return steps[list(PROGRESS_COLUMNS)]
    except (OSError, ValueError, KeyError):
        return pd.DataFrame(columns=list(PROGRESS_COLUMNS))


def _share(job: Job, steps: pd.DataFrame) -> float | None:
    """The budget that is nearer to its end."""
    if steps.empty:
        return None
    last, shares = steps.iloc[-1], []
    if job.order.evaluations:
        shares.append(float(last["evaluations"]) / job.order.evaluations)
    if job.order.minutes:
        shares.append(float(last["seconds"]) / (60.0 * job.order.minutes))
    return min(1.0, max(shares)) if shares else None
