"""Names of the files of a run folder, where a run can stand, and the exit codes of commands; imports nothing heavy."""

from __future__ import annotations

from enum import IntEnum, StrEnum

from app.files import atomic

RUN_FILE = atomic.RUN_FILE
SCENARIO_FILE, FRONT_FILE, PLANS_FILE, PROGRESS_FILE = "scenario.yaml", "front.csv", "plans.parquet", "progress.csv"
FRONT_CHART_FILE, MAP_FILE = "front.png", "map.png"
ABOUT_FILE = "about.json"
"""In a folder of tables: what it is, and what its columns mean."""
SEEK_FILE = "seek.json"
"""In the folder of a goal that was sought."""
CHECKPOINT_FILE = "checkpoint.npz"
CANCEL_FILE = "cancel"
"""Whoever makes it in the folder of a search asks that to stop; the search removes it as it obeys."""
LOCK_FILE = "lock"
EDITED = "-edited"
"""In the id of a plan that was edited by hand; in the record, the first digits of its digest stand behind it."""
LARGEST_TRAINING_SEED = 2**32 - 1
"""That NumPy's older generators take, with which Stable-Baselines3 shuffles."""


class RunStatus(StrEnum):
    """Where a run stands, as run.json says it; provisional = a search shows first plans and has no checkpoint yet."""

    PROVISIONAL = "provisional"
    RUNNING = "running"
    COMPLETED = "completed"
    INTERRUPTED = "interrupted"
    FAILED = "failed"


UNFINISHED = (RunStatus.PROVISIONAL, RunStatus.RUNNING, RunStatus.FAILED)
"""Without a front; that of a search stopped by hand is written, and may be resumed nevertheless."""


class ExitCode(IntEnum):
    """What commands end with."""

    DONE = 0
    DEFECT = 1
    WRONG_INPUT = 2
    RULE_BROKEN = 3
    RUNS_FAILED = 4
    INTERRUPTED = 130
