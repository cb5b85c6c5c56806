"""`renewal compare`: runs read back without their city, refused where they do not compare, and measured together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from app.files.atomic import new_file, write_json
from app.files.names import without_formulas
from app.plans.recommendation import normalized
from app.runs.folder import read_front
from app.runs.names import FRONT_FILE, PLANS_FILE, RUN_FILE, SCENARIO_FILE
from app.runs.record import AnchorRange, RunRecord, read_finished_record
from data.arrays import BoolArray, FloatArray
from data.catalogue import Message, message
from data.errors import InputError, printable, reason_of, refuse
from data.files.parquet_tables import read_parquet_table
from data.parameter_book import load_book
from data.scenario import Scenario
from data.scenario_files import load_scenario
from envs.kernel.indicators.registry import INDICATORS
from optimizers.fronts.common_reference import (
    CommonFront,
    attained,
    attainment_volumes,
    common_front,
    igd_plus,
    on_front,
    renewed_by_all,
)
from optimizers.fronts.decision_making import knee
from optimizers.problem.front import hypervolume
from optimizers.search.run_search import FRONT_SPACING

SAME_DIGESTS = ("city", "scenario", "parameters")
MOST_PLAN_ROWS = 5_000_000
"""Plans times villages of a run that is compared."""
PLAN_TEXTS = ("start_year", "intensity", "land_use")
SHOWN_DIFFERENCES = 3


@dataclass(frozen=True, eq=False)
class ComparedRun:
    """One run as the comparison reads it.

    Attributes:
        label: short name, unique among the runs.
        folder: where it lies.
        record: run.json.
        front: front.csv.
        plans: plans.parquet: plan_id, village_id, start_year, intensity, land_use.
    """

    label: str
    folder: Path
    record: RunRecord
    front: pd.DataFrame
    plans: pd.DataFrame

    def values(self, objectives: Sequence[str]) -> FloatArray:
        """Objectives in natural units, shape (n_plans, n_objectives)."""
        return self.front[list(objectives)].to_numpy(np.float64)

    def decisions(self, plan_id: str) -> pd.DataFrame:
        """Decisions of one plan, by village id."""
        return self.plans[self.plans["plan_id"] == plan_id].set_index("village_id")


@dataclass(frozen=True, eq=False)
class Comparison:
    """Runs of one city, scenario and set of objectives, measured against what all of them found together.

    Attributes:
        runs: in the order given.
        objectives: names.
        anchors: objective -> base, best, worst; the widest of the runs' anchors.
        anchors_differ: True if the runs were made with different anchors.
    """

    runs: tuple[ComparedRun, ...]
    objectives: tuple[str, ...]
    anchors: dict[str, dict[str, float]]
    anchors_differ: bool

    @cached_property
    def fronts(self) -> list[FloatArray]:
        """Minimized objectives of each run, 0 = best anchor, 1 = worst."""
        best, worst = (np.array([self.anchors[name][part] for name in self.objectives]) for part in ("best", "worst"))
        return [1.0 - normalized(run.values(self.objectives), best, worst) for run in self.runs]

    @cached_property
    def common(self) -> CommonFront:
        """The non-dominated set of all runs."""
        return common_front(self.fronts)

    @cached_property
    def knees(self) -> list[str]:
        """Plan id of each run's knee."""
        return [str(run.front["plan_id"].iloc[knee(front)]) for run, front in zip(self.runs, self.fronts, strict=True)]

    @cached_property
    def table(self) -> pd.DataFrame:
        """One row per run: who, how long, how good, its best value and its knee's value of every objective."""
        return pd.DataFrame([self._row(k) for k in range(len(self.runs))])

    def _row(self, k: int) -> dict[str, Any]:
        run, front, points = self.runs[k], self.fronts[k], self.common.points
        values, best = run.values(self.objectives), np.argmin(front, axis=0)
        knee_row = run.front["plan_id"].tolist().index(self.knees[k])
        row: dict[str, Any] = {
            "run": run.label,
            "folder": str(run.folder),
            "algorithm": run.record.algorithm,
            "seed": run.record.seed,
            "status": run.record.status,
            "evaluations": run.record.evaluations,
            "seconds": run.record.seconds,
            "plans": len(front),
            "hypervolume": hypervolume(front),
            "igd_plus": igd_plus(front, points),
            "attained_share": float(attained(front, points).mean()),
            "nearly_attained_share": float(attained(front, points, slack=FRONT_SPACING).mean()),
            "plans_on_common_front": int(on_front(front, points).sum()),
            "knee_plan_id": self.knees[k],
        }
        row |= {f"best_{name}": float(values[best[i], i]) for i, name in enumerate(self.objectives)}
        return row | {f"knee_{name}": float(values[knee_row, i]) for i, name in enumerate(self.objectives)}

    @cached_property
    def seed_groups(self) -> list[dict[str, Any]]:
        """Algorithms that ran with one budget and several seeds: hypervolumes and attainment surfaces."""
        groups: dict[tuple[Any, ...], list[int]] = {}
        for k, run in enumerate(self.runs):
            budget = (run.record.evaluations_wanted, run.record.minutes_wanted)
            groups.setdefault((run.record.algorithm, *budget), []).append(k)
        return [self._group(key, members) for key, members in groups.items() if len(members) > 1]

    def _group(self, key: tuple[Any, ...], members: list[int]) -> dict[str, Any]:
        fronts = [self.fronts[k] for k in members]
        quartiles = np.quantile([hypervolume(front) for front in fronts], [0.25, 0.5, 0.75])
        return {
            "algorithm": key[0],
            "evaluations_wanted": key[1],
            "minutes_wanted": key[2],
            "runs": [self.runs[k].label for k in members],
            "seeds": [self.runs[k].record.seed for k in members],
            "hypervolume_quartiles": quartiles.tolist(),
            "attainment_hypervolume": attainment_volumes(fronts),
        }

    @cached_property
    def shared_villages(self) -> pd.DataFrame:
        """Villages that every knee renews: one row each, per run its start year, intensity and land use."""
        chosen = [run.decisions(plan_id) for run, plan_id in zip(self.runs, self.knees, strict=True)]
        kept = renewed_by_all([plan["start_year"].to_numpy(np.int64) for plan in chosen])
        columns: dict[str, Any] = {"village_id": chosen[0].index[kept]}
        for run, plan in zip(self.runs, chosen, strict=True):
            columns |= {f"{run.label}: {name}": plan[name].to_numpy()[kept] for name in PLAN_TEXTS}
        return pd.DataFrame(columns)

    @property
    def shared_alike(self) -> int:
        """How many of these villages all knees renew in the same way (intensity and land use; the year may differ)."""
        table = self.shared_villages
        ways = [table[[f"{run.label}: {name}" for name in PLAN_TEXTS[1:]]].to_numpy() for run in self.runs]
        return int(np.logical_and.reduce([(way == ways[0]).all(axis=1) for way in ways]).sum())

    def record(self) -> dict[str, Any]:
        """Everything, for JSON."""
        points, nearly = self.common.points, [attained(f, self.common.points, slack=FRONT_SPACING) for f in self.fronts]
        return {
            "command": "compare",
            "digests": self.runs[0].record.digests.model_dump(include=set(SAME_DIGESTS)),
            "objectives": list(self.objectives),
            "anchors": self.anchors,
            "anchors_differ": self.anchors_differ,
            "nearly_attained_within_anchor_ranges": FRONT_SPACING,
            "runs": self.table.to_dict(orient="records"),
            "seed_groups": self.seed_groups,
            "common_front": [self._front_plan(i, nearly) for i in range(len(points))],
            "villages_all_knees_renew": self.shared_villages.to_dict(orient="records"),
        }

    def _front_plan(self, i: int, nearly: Sequence[BoolArray]) -> dict[str, Any]:
        run, row = self.runs[self.common.run[i]], int(self.common.row[i])
        values = run.values(self.objectives)[row]
        return {
            "run": run.label,
            "plan_id": str(run.front["plan_id"].iloc[row]),
            **dict(zip(self.objectives, values.tolist(), strict=True)),
            "nearly_attained_by": [other.label for other, reached in zip(self.runs, nearly, strict=True) if reached[i]],
        }


def load_comparison(folders: Sequence[Path]) -> Comparison:
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
    objectives = records[0].objectives
    runs = tuple(
        _read_run(label, folder, record, objectives)
        for label, folder, record in zip(_labels(folders), folders, records, strict=True)
    )
    anchors = _widest_anchors(objectives, [record.anchors for record in records])
    differ = any(record.anchors != records[0].anchors for record in records)
    return Comparison(runs, objectives, anchors, differ)


def _checked_record(folder: Path) -> RunRecord:
    """run.json with the anchors of every objective, without which nothing is measured."""
    record = read_finished_record(folder)
    missing = [name for name in record.objectives if name not in record.anchors]
    if missing:
        raise refuse("record_without_anchors", file=folder / RUN_FILE, layer="anchors", names=missing)
    return record


def _refuse_other_question(first_folder: Path, first: RunRecord, folder: Path, record: RunRecord) -> None:
    if record.objectives != first.objectives:
        names, other = record.objectives, first.objectives
        raise refuse("compared_other_objectives", file=folder, objectives=names, first=first_folder, others=other)
    for name in SAME_DIGESTS:
        one, other = getattr(first.digests, name), getattr(record.digests, name)
        if one != other:
            differences = () if name == "city" else _differences(name, first_folder, folder)
            raise _of_another(name, first_folder, folder, digests=(one[:12], other[:12]), differences=differences)


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


def _differences(part: str, one: Path, other: Path) -> tuple[Message, ...]:
    """The first fields or parameters that differ; none where the files do not say."""
    try:
        scenarios = [load_scenario(folder / SCENARIO_FILE) for folder in (one, other)]
        before, after = (_content(part, scenario) for scenario in scenarios)
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


def _content(part: str, scenario: Scenario) -> dict[str, Any]:
    if part == "parameters":
        return load_book().override(scenario.parameters).values_by_key()
    return scenario.model_dump(mode="json", exclude={"parameters"})


def _labels(folders: Sequence[Path]) -> list[str]:
    """Folder names where they are unique, else the paths as given."""
    names = [folder.resolve().name for folder in folders]
    return names if len(set(names)) == len(names) else [str(folder) for folder in folders]


def _read_run(label: str, folder: Path, record: RunRecord, objectives: Sequence[str]) -> ComparedRun:
    path = folder / PLANS_FILE
    try:
        plans = read_parquet_table(path, ["plan_id", "village_id", *PLAN_TEXTS], MOST_PLAN_ROWS)
        plans = plans.astype({"start_year": np.int64, "plan_id": str, "village_id": str})
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


def _widest_anchors(
    objectives: Sequence[str], anchors: Sequence[Mapping[str, AnchorRange]]
) -> dict[str, dict[str, float]]:
    """The best of the best and the worst of the worst anchors of all runs, so that one scale holds them all."""
    widest = {}
    for name in objectives:
        base, best, worst = (
            np.array([getattr(run[name], part) for run in anchors]) for part in ("base", "best", "worst")
        )
        rising = INDICATORS[name].sense == "max"
        widest[name] = {
            "base": float(base[0]),
            "best": float(best.max() if rising else best.min()),
            "worst": float(worst.min() if rising else worst.max()),
        }
    return widest


SUFFIXES = (".json", ".csv")


def check_suffix(out: Path) -> None:
    """Refuse a format that is not written."""
    if out.suffix.lower() not in SUFFIXES:
        suffix = out.suffix or message("no_suffix")
        raise refuse("suffix_unsupported", file=out, layer="--out", suffix=suffix, suffixes=SUFFIXES)


def write_comparison(comparison: Comparison, out: Path) -> None:
    """Write atomically; an existing file is replaced.

    Raises:
        InputError: unknown suffix, or the file cannot be written.
    """
    check_suffix(out)
    with new_file(out) as draft:
        if out.suffix.lower() == ".json":
            write_json(draft, comparison.record())
        else:
            without_formulas(comparison.table).to_csv(draft, index=False)
