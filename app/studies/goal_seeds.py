"""Plans of runs that a goal begins with: every front is read, the nearest plans of all are tried first at every value.

A front says what each plan reaches, exactly where the run was measured as the goal is; plans that miss a target there
miss it at every value of a lever that only bounds plans, and need not be measured again. All others are.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from app.runs.names import FRONT_FILE, PLANS_FILE, SCENARIO_FILE
from app.runs.record import RunRecord, read_opened_record, refuse_own_model
from app.runs.run_folder import read_plans, refuse_other_digest
from data.arrays import BoolArray, FloatArray
from data.errors import InputError, reason_of, refuse
from data.levers import Lever
from data.scenario import Scenario, Target
from data.scenario_files import load_scenario
from envs.kernel import Plans, ResolvedScenario
from envs.kernel.plans import concatenate
from envs.rules.rule import TOLERANCE
from optimizers.goals.target_attainment import relative_shortfalls

MOST_KNOWN = 300
"""Plans that are measured at every value; a search keeps as many."""
MEASURING = (
    "plan_years",
    "onsite_resettlement_share",
    "category_weights",
    "commute_deterrence",
    "bargaining",
    "futures",
)
"""Fields of a scenario that move what a given plan amounts to; parameters do besides, and all others bound plans."""


@dataclass(frozen=True, eq=False)
class KnownRun:
    """A run whose plans may serve.

    Attributes:
        folder: of the run.
        plan_ids: of its front.
        missed: largest relative shortfall of each plan over the targets that its front tells, shape (n_plans,); 0 where
            it tells none.
        can_meet: False for plans of which its front proves that they miss a target, same shape.
    """

    folder: Path
    plan_ids: tuple[str, ...]
    missed: FloatArray
    can_meet: BoolArray


@dataclass(frozen=True, eq=False)
class GoalSeeds:
    """Plans to begin with.

    Attributes:
        nearest: the nearest plans of all runs, measured at every value; None where there is no run.
        runs: all runs that were read.
        taken: for each run, True for its plans among the nearest, shape (n_plans,).
        resolved: whose city the plans are about.
    """

    nearest: Plans | None
    runs: tuple[KnownRun, ...]
    taken: tuple[BoolArray, ...]
    resolved: ResolvedScenario

    def others(self) -> Iterator[Plans]:
        """All other plans that may meet the targets, a batch a run."""
        for run, taken in zip(self.runs, self.taken, strict=True):
            left = run.can_meet & ~taken
            if left.any():
                yield _plans_of(run, left, self.resolved)


def goal_seeds(folders: Sequence[Path], resolved: ResolvedScenario, lever: Lever) -> GoalSeeds:
    """Read the fronts of runs of a city, whatever their scenarios, and the plans that come nearest.

    Args:
        folders: the runs.
        resolved: scenario with its targets, resolved against their city.
        lever: the number that will be moved.

    Raises:
        InputError: a folder holds no run that opens, or one of another city.
    """
    runs = tuple(_known_run(folder, resolved, lever) for folder in folders)
    missed = np.concatenate([run.missed for run in runs]) if runs else np.zeros(0)
    chosen = np.zeros(missed.size, dtype=bool)
    chosen[np.argsort(missed, kind="stable")[:MOST_KNOWN]] = True
    ends = np.cumsum([run.missed.size for run in runs])
    taken = tuple(chosen[end - run.missed.size : end] for run, end in zip(runs, ends, strict=True))
    batches = [_plans_of(run, some, resolved) for run, some in zip(runs, taken, strict=True) if some.any()]
    return GoalSeeds(concatenate(batches) if batches else None, runs, taken, resolved)


def _plans_of(run: KnownRun, some: BoolArray, resolved: ResolvedScenario) -> Plans:
    ids, plans = read_plans(run.folder / PLANS_FILE, resolved.city)
    wanted = {name for name, one in zip(run.plan_ids, some, strict=True) if one}
    return plans[np.array([k for k, name in enumerate(ids) if name in wanted])]


def _known_run(folder: Path, resolved: ResolvedScenario, lever: Lever) -> KnownRun:
    record = read_opened_record(folder)
    refuse_own_model(folder, record)
    if record.digests.city != resolved.city.digest:
        raise refuse_other_digest(folder, "city", resolved.city.digest, record.digests.city)
    targets = resolved.scenario.targets
    ids, told = _told(folder / FRONT_FILE, targets)
    missed = relative_shortfalls(targets, told)
    known = np.isfinite(told)
    exact = _measures_alike(folder, record, resolved, lever)
    rules_out = np.asarray((known & (missed > TOLERANCE)).any(axis=1), dtype=bool)
    can_meet: BoolArray = ~rules_out if exact else np.ones(len(ids), dtype=bool)
    nearest = np.where(known, np.maximum(missed, 0.0), 0.0).max(axis=1, initial=0.0)
    return KnownRun(folder, ids, nearest, can_meet)


def _told(path: Path, targets: Sequence[Target]) -> tuple[tuple[str, ...], FloatArray]:
    """Plan ids of a front, and what it tells of each target; NaN where it does not, as of a year."""
    names = {target.indicator for target in targets}
    try:
        front = pd.read_csv(path, usecols=lambda column: column in names or column == "plan_id", dtype={"plan_id": str})
        ids = tuple(front["plan_id"])
        blank = np.full(len(front), np.nan)
        columns = [
            front[target.indicator].to_numpy(np.float64) if target.year is None and target.indicator in front else blank
            for target in targets
        ]
    except InputError:
        raise
    except (OSError, ValueError, KeyError) as error:
        raise refuse("front_unreadable", file=path, reason=reason_of(error)) from None
    return ids, np.stack(columns, axis=1)


def _measures_alike(folder: Path, record: RunRecord, resolved: ResolvedScenario, lever: Lever) -> bool:
    """Whether a front tells what its plans amount to under the goal's scenario, whatever the lever's value."""
    if record.is_older or record.digests.parameters != resolved.book.digest or moves_outcomes(lever):
        return False
    try:
        scenario = load_scenario(folder / SCENARIO_FILE)
    except InputError:
        return False
    return _measuring(scenario) == _measuring(resolved.scenario)


def _measuring(scenario: Scenario) -> tuple[object, ...]:
    return tuple(getattr(scenario, name) for name in MEASURING)


def moves_outcomes(lever: Lever) -> bool:
    """Whether another value of a lever makes the same plan amount to something else."""
    field = lever.key.partition(".")[0]
    return field not in Scenario.model_fields or field in MEASURING
