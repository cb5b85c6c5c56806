"""Runs of one question measured together: against their common front, by hypervolume, IGD+, attainment and knees."""

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
from app.plans.quantities import Quantities
from app.plans.recommendation import normalized
from app.runs.record import AnchorRange, quantities_of
from app.studies.compared_runs import SAME_DIGESTS, ComparedRun, read_compared_runs
from app.studies.counted_runs import measured_alike
from data.arrays import BoolArray, FloatArray
from data.catalogue import message
from data.errors import refuse
from optimizers.algorithms.request import FRONT_SPACING
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


@dataclass(frozen=True, eq=False)
class Comparison:
    """Runs of one city, scenario and set of objectives, measured against what all of them found together.

    Attributes:
        runs: in the order given.
        objectives: names.
        anchors: objective -> base, best, worst; the widest of the runs' anchors.
        anchors_differ: True if the runs were made with different anchors.
        measured_again: labels of runs whose plans were measured again, because bargaining counts in the others.
    """

    runs: tuple[ComparedRun, ...]
    objectives: tuple[str, ...]
    anchors: dict[str, dict[str, float]]
    anchors_differ: bool
    measured_again: tuple[str, ...] = ()

    @property
    def measured_as(self) -> ComparedRun:
        """The first run whose own scenario measures all of them."""
        return next(run for run in self.runs if run.label not in self.measured_again)

    @cached_property
    def fronts(self) -> list[FloatArray]:
        """Minimized objectives of each run, 0 = best anchor, 1 = worst."""
        best, worst = (
            np.array([self.anchors[name][anchor] for name in self.objectives]) for anchor in ("best", "worst")
        )
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
            question = run.label in self.measured_again  # searched without bargaining, measured with it
            groups.setdefault((run.record.algorithm, *budget, question), []).append(k)
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
        """Villages that every knee renews: one row each, per run its start year and what is done there."""
        chosen = [run.decisions(plan_id) for run, plan_id in zip(self.runs, self.knees, strict=True)]
        kept = renewed_by_all([plan["start_year"].to_numpy(np.int64) for plan in chosen])
        columns: dict[str, Any] = {"village_id": chosen[0].index[kept]}
        for run, plan in zip(self.runs, chosen, strict=True):
            columns |= {f"{run.label}: {name}": plan[name].to_numpy()[kept] for name in run.plan_texts}
        return pd.DataFrame(columns)

    @property
    def shared_alike(self) -> int:
        """How many of these villages all knees renew in the same way; the year may differ."""
        table = self.shared_villages
        ways = [table[[f"{run.label}: {name}" for name in run.plan_texts[1:]]].to_numpy() for run in self.runs]
        return int(np.logical_and.reduce([(way == ways[0]).all(axis=1) for way in ways]).sum())

    def record(self) -> dict[str, Any]:
        """Everything, for JSON."""
        points, nearly = self.common.points, [attained(f, self.common.points, slack=FRONT_SPACING) for f in self.fronts]
        return {
            "command": "compare",
            "model_version": self.runs[0].record.model_version,
            "digests": self.measured_as.record.digests.model_dump(include=set(SAME_DIGESTS)),
            "measured_again": list(self.measured_again),
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
    """Read runs that may be compared; see app.studies.compared_runs.read_compared_runs.

    Where bargaining counts in some of them, all are measured as it counts, on the anchors of those.
    """
    runs, again = measured_alike(read_compared_runs(folders))
    anchors = [run.record.anchors for run in runs if run.label not in again]
    objectives = runs[0].record.objectives
    widest = _widest_anchors(objectives, anchors, quantities_of(runs[0].record))
    return Comparison(runs, objectives, widest, any(a != anchors[0] for a in anchors), again)


def _widest_anchors(
    objectives: Sequence[str], anchors: Sequence[Mapping[str, AnchorRange]], quantities: Quantities
) -> dict[str, dict[str, float]]:
    """The best of the best and the worst of the worst anchors of all runs, so that one scale holds them all."""
    widest = {}
    for name in objectives:
        base, best, worst = (
            np.array([getattr(run[name], anchor) for run in anchors]) for anchor in ("base", "best", "worst")
        )
        rising = quantities[name].sense == "max"
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
