"""The table of a sweep: one row a run, made from the folders of the runs alone, in the order of the sweep's file."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from app.files.atomic import new_file
from app.files.names import without_formulas
from app.plans.recommendation import normalized
from app.runs.names import FRONT_FILE, SCENARIO_FILE, RunStatus
from app.runs.record import RunRecord, read_record
from app.sweeps.names import TABLE_CSV, TABLE_FILE
from app.sweeps.planned_runs import CITY
from app.sweeps.sweep_folder import (
    WORK_FILE,
    ListedRun,
    SweepList,
    read_failure,
    read_sweep_list,
)
from data.arrays import FloatArray
from data.errors import InputError
from data.strict_yaml import read_mapping
from envs.kernel.indicators.registry import INDICATORS
from optimizers.problem.front import hypervolume

CLOCK_COLUMNS = ("seconds", "worker_seconds")
"""Read off a clock; every other column is the same wherever the runs were made, where budgets are in evaluations."""
DONE, FAILED, MISSING = "completed", "failed", "missing"
BEST, TAKEN = "best_", "taken_"
"""Before an objective: its best value on the front, and its value in the plan that the scenario's weights take."""
HYPERVOLUME = "hypervolume"


@dataclass(frozen=True, eq=False)
class _Found:
    """What the folder of a run holds.

    Attributes:
        record: run.json.
        outcomes: objectives of its front in natural units, shape (n_plans, n_objectives).
        weights: of the objectives in its scenario, summing to 1, shape (n_objectives,).
        worker_seconds: that its worker took; NaN where it did not say.
    """

    record: RunRecord
    outcomes: FloatArray
    weights: FloatArray
    worker_seconds: float


def write_tables(out: Path) -> pd.DataFrame:
    """Make the table of a sweep and write it beside its runs, as Parquet and as CSV.

    Raises:
        InputError: the folder is not one of a sweep, or cannot be written.
    """
    frame = sweep_table(out, read_sweep_list(out))
    with new_file(out / TABLE_FILE) as draft:
        frame.to_parquet(draft, index=False)
    with new_file(out / TABLE_CSV) as draft:
        without_formulas(frame).to_csv(draft, index=False, encoding="utf-8-sig")
    return frame


def sweep_table(out: Path, sweep: SweepList) -> pd.DataFrame:
    """One row a run: who it is, its factors, how good its front is, its best values, how long it took.

    Hypervolumes of a group (runs of one city for the same objectives) are measured on one scale, from the best to the
    worst anchor of any run of the group, against one reference point (optimizers.problem.front.REFERENCE).

    Args:
        out: folder of the sweep.
        sweep: its list of runs.
    """
    found = {run.run_id: _found(out, run) for run in sweep.runs}
    groups: dict[tuple[Any, ...], list[_Found]] = {}
    for listed in sweep.runs:
        one = found[listed.run_id]
        if one is not None:
            groups.setdefault(_group(listed, one), []).append(one)
    numbers = {key: number for number, key in enumerate(groups, start=1)}
    scales = {key: _scale(members) for key, members in groups.items()}
    rows = []
    for listed in sweep.runs:
        one, row = found[listed.run_id], _identity(listed)
        if one is None:
            reason = read_failure(out, listed.run_id)
            row |= {"status": MISSING if reason is None else FAILED, "reason": "" if reason is None else str(reason)}
        else:
            key = _group(listed, one)
            row |= {"status": DONE, "reason": "", "group": numbers[key]} | _measures(one, scales[key])
        rows.append(row)
    frame = pd.DataFrame(rows)
    last = [name for name in CLOCK_COLUMNS if name in frame]
    whole = {name: "Int64" for name in ("group", "plans", "evaluations") if name in frame}
    return frame[[name for name in frame if name not in last] + last].astype(whole)


def _identity(listed: ListedRun) -> dict[str, Any]:
    return {"run_id": listed.run_id, **listed.factors, **{f"{name}_digest": d for name, d in listed.digests.items()}}


def _group(listed: ListedRun, found: _Found) -> tuple[Any, ...]:
    """Runs that are measured against one reference."""
    return listed.factors[CITY], listed.digests["city"], found.record.objectives


def _found(out: Path, listed: ListedRun) -> _Found | None:
    """What a run found; None where it is not done, or is not the run that its name says."""
    folder = out / listed.run_id
    try:
        record = read_record(folder)
        if record.status != RunStatus.COMPLETED or not _is_listed(record, listed):
            return None
        front = pd.read_csv(folder / FRONT_FILE, usecols=list(record.objectives), dtype=str)
        preferences = read_mapping(folder / SCENARIO_FILE)["preferences"]
        weights = np.array([float(preferences.get(name, 0.0)) for name in record.objectives])
    except (InputError, OSError, ValueError, LookupError, TypeError):
        return None
    values = np.array([[float(cell) for cell in front[name]] for name in record.objectives]).T
    if not len(values) or not np.isfinite(values).all():
        return None
    return _Found(record, values, weights / weights.sum(), _worker_seconds(folder))


def _is_listed(record: RunRecord, listed: ListedRun) -> bool:
    """Whether a record is that of the run that was asked for."""
    same = all(getattr(record.digests, name) == digest for name, digest in listed.digests.items())
    return same and record.algorithm == listed.algorithm and record.seed == listed.seed


def _worker_seconds(folder: Path) -> float:
    try:
        return float(json.loads((folder / WORK_FILE).read_text(encoding="utf-8"))["worker_seconds"])
    except (OSError, ValueError, LookupError, TypeError):
        return float("nan")


def _scale(members: Sequence[_Found]) -> tuple[FloatArray, FloatArray]:
    """Best and worst of each objective over the anchors of a group, shape (n_objectives,) each [their units]."""
    names = members[0].record.objectives
    signs = _signs(names)
    anchors = {
        side: np.array([[getattr(one.record.anchors[name], side) for name in names] for one in members])
        for side in ("best", "worst")
    }
    return (signs * anchors["best"]).max(axis=0) * signs, (signs * anchors["worst"]).min(axis=0) * signs


def _signs(names: Sequence[str]) -> FloatArray:
    """1 where more is better, -1 where less is."""
    return np.array([1.0 if INDICATORS[name].sense == "max" else -1.0 for name in names])


def _measures(found: _Found, scale: tuple[FloatArray, FloatArray]) -> dict[str, Any]:
    """How good the front of a run is, on the scale of its group."""
    names, record = found.record.objectives, found.record
    merit = normalized(found.outcomes, *scale)
    taken = int(np.argmax(merit @ found.weights))
    signs = _signs(names)
    best = (found.outcomes * signs).max(axis=0) * signs
    return {
        HYPERVOLUME: hypervolume(1.0 - merit),
        "plans": len(found.outcomes),
        "evaluations": record.evaluations,
        **{BEST + name: float(best[k]) for k, name in enumerate(names)},
        **{TAKEN + name: float(found.outcomes[taken, k]) for k, name in enumerate(names)},
        "seconds": record.seconds,
        "worker_seconds": found.worker_seconds,
    }


def read_table(out: Path) -> pd.DataFrame:
    """The table of a sweep as its runs are now.

    Raises:
        InputError: the folder is not one of a sweep.
    """
    return sweep_table(out, read_sweep_list(out))
