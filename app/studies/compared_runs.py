"""Runs read back without their city, to be compared; refused where they do not answer the same question."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from app.runs.names import FRONT_FILE, PLANS_FILE, RUN_FILE, SCENARIO_FILE
from app.runs.record import RunRecord, bounds_digest, read_finished_record
from app.runs.run_folder import read_front
from data.arrays import FloatArray
from data.catalogue import Message, message
from data.errors import InputError, printable, reason_of, refuse
from data.files.parquet_tables import read_parquet_table
from data.parameter_book import load_book
from data.scenario import Scenario
from data.scenario_files import load_scenario

SAME_DIGESTS = ("city", "scenario", "parameters")
MOST_PLAN_ROWS = 5_000_000
"""Plans times villages of a run that is compared."""
PLAN_TEXTS = ("start_year", "intensity", "land_use")
OWN_MODEL_TEXTS = ("start_year", "option_en")
"""What a plan says of a village; of a model of the user's own, one option."""
SHOWN_DIFFERENCES = 3


@dataclass(frozen=True, eq=False)
class ComparedRun:
    """One run as the comparison reads it.

    Attributes:
        label: short name, unique among the runs.
        folder: where it lies.
        record: run.json.
        front: front.csv.
        plans: plans.parquet: plan_id, village_id and plan_texts.
    """

    label: str
    folder: Path
    record: RunRecord
    front: pd.DataFrame
    plans: pd.DataFrame

    @property
    def plan_texts(self) -> tuple[str, ...]:
        """Columns of `plans` that say what is done with a village, the year first."""
        return _plan_texts(self.record)

    def values(self, objectives: Sequence[str]) -> FloatArray:
        """Objectives in natural units, shape (n_plans, n_objectives)."""
        return self.front[list(objectives)].to_numpy(np.float64)

    def decisions(self, plan_id: str) -> pd.DataFrame:
        """Decisions of one plan, by village id."""
        return self.plans[self.plans["plan_id"] == plan_id].set_index("village_id")


def _plan_texts(record: RunRecord) -> tuple[str, ...]:
    return PLAN_TEXTS if record.own_model is None else OWN_MODEL_TEXTS


def read_compared_runs(folders: Sequence[Path]) -> tuple[ComparedRun, ...]:
    """Read runs that may be compared.

    Args:
        folders: two or more run folders.

    Raises:
        InputError: fewer than two, one given twice, one that is no run, or runs of another city, scenario, parameters
            or objectives; the message says which differs.
    """
    if len(folders) < 2:
        raise refuse("compared_too_few", layer="DIR")
    places = [folder.resolve() for folder in folders]
    for k, place in enumerate(places):
        if place in places[:k]:
            raise refuse("compared_twice", file=folders[k])
    records = [_checked_record(folder) for folder in folders]
    for folder, record in zip(folders[1:], records[1:], strict=True):
        _refuse_other_question(folders[0], records[0], folder, record)
    return tuple(
        _read_run(label, folder, record)
        for label, folder, record in zip(_labels(folders), folders, records, strict=True)
    )


def _checked_record(folder: Path) -> RunRecord:
    """run.json with the anchors of every objective, without which nothing is measured."""
    record = read_finished_record(folder)
    missing = [name for name in record.objectives if name not in record.anchors]
    if missing:
        raise refuse("record_without_anchors", file=folder / RUN_FILE, layer="anchors", names=missing)
    return record


def _refuse_other_question(first_folder: Path, first: RunRecord, folder: Path, record: RunRecord) -> None:
    if record.model_version != first.model_version:
        wanted = first.model_version
        raise refuse(
            "compared_other_model", file=folder, first=first_folder, version=record.model_version, wanted=wanted
        )
    if record.objectives != first.objectives:
        names, other = record.objectives, first.objectives
        raise refuse("compared_other_objectives", file=folder, objectives=names, first=first_folder, others=other)
    for name in SAME_DIGESTS:
        one, other = getattr(first.digests, name), getattr(record.digests, name)
        if one != other and not (name == "scenario" and _differ_in_bargaining(first_folder, first, folder, record)):
            differences = () if name == "city" else _differences(name, first_folder, folder)
            raise _of_another(name, first_folder, folder, digests=(one[:12], other[:12]), differences=differences)


def _differ_in_bargaining(first_folder: Path, first: RunRecord, folder: Path, record: RunRecord) -> bool:
    """Whether two scenarios differ in what they do with bargaining, and in their names at most besides."""
    try:
        one, other = (load_scenario(place / SCENARIO_FILE) for place in (first_folder, folder))
    except InputError:
        return False
    if (bounds_digest(one), bounds_digest(other)) != (first.digests.scenario, record.digests.scenario):
        return False
    alike = other.model_copy(update={"name": one.name, "label": one.label, "bargaining": one.bargaining})
    return one.bargaining is not other.bargaining and bounds_digest(one) == bounds_digest(alike)


def _of_another(
    name: str, first: Path, folder: Path, *, digests: tuple[str, str], differences: Sequence[Message]
) -> InputError:
    """A run whose city, scenario or parameters are not the first one's."""
    wanted, digest = digests
    if not differences:
        return refuse("compared_other_digest", file=folder, name=name, first=first, digest=digest, wanted=wanted)
    return refuse(
        "compared_other_fields",
        file=folder,
        name=name,
        first=first,
        digest=digest,
        wanted=wanted,
        differences=differences,
    )


def _differences(kind: str, one: Path, other: Path) -> tuple[Message, ...]:
    """The first fields or parameters that differ; none where the files do not say."""
    try:
        scenarios = [load_scenario(folder / SCENARIO_FILE) for folder in (one, other)]
        before, after = (_content(kind, scenario) for scenario in scenarios)
    except InputError:
        return ()
    changed = [key for key in before if before[key] != after[key]]
    shown = [
        message("compared_difference", field=key, value=_cut(after[key]), other=_cut(before[key]))
        for key in changed[:SHOWN_DIFFERENCES]
    ]
    n_more = len(changed) - len(shown)
    return (*shown, *([message("compared_more_differences", n=n_more)] if n_more else []))


def _cut(value: object) -> str:
    return printable(str(value), 60)


def _content(kind: str, scenario: Scenario) -> dict[str, Any]:
    if kind == "parameters":
        return load_book().override(scenario.parameters).values_by_key()
    return scenario.model_dump(mode="json", exclude={"parameters"})


def _labels(folders: Sequence[Path]) -> list[str]:
    """Folder names where they are unique, else the paths as given."""
    names = [folder.resolve().name for folder in folders]
    return names if len(set(names)) == len(names) else [str(folder) for folder in folders]


def _read_run(label: str, folder: Path, record: RunRecord) -> ComparedRun:
    path, objectives = folder / PLANS_FILE, record.objectives
    try:
        plans = read_parquet_table(path, ["plan_id", "village_id", *_plan_texts(record)], MOST_PLAN_ROWS)
        plans = plans.astype({"start_year": np.int64, "plan_id": str, "village_id": str})
    except InputError:
        raise
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise refuse("plans_unreadable", file=path, reason=reason_of(error)) from None
    front = read_front(folder / FRONT_FILE, list(dict.fromkeys(plans["plan_id"])))
    missing = [name for name in objectives if name not in front]
    if missing:
        raise refuse("columns_missing", file=folder / FRONT_FILE, names=missing)
    if front.empty:
        raise refuse("front_empty", file=folder / FRONT_FILE)
    if not np.isfinite(front[list(objectives)].to_numpy(np.float64)).all():
        raise refuse("front_not_finite", file=folder / FRONT_FILE)
    return ComparedRun(label, folder, record, front, plans)
