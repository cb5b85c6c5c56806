"""A front as the room reads it: objectives in natural units and minimized, its marked plans, brushed subsets."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from app.plans.quantities import KERNEL_QUANTITIES, Quantities
from data.arrays import BoolArray, FloatArray
from data.scenario_files import preset_names
from optimizers.fronts.decision_making import best_by_objective, high_tradeoff, knee, next_better, spread


@dataclass(frozen=True, eq=False)
class FrontView:
    """The front of a run.

    Attributes:
        front: front.csv.
        objectives: names.
        recommended: preset -> plan id.
        quantities: what its columns are.
    """

    front: pd.DataFrame
    objectives: tuple[str, ...]
    recommended: Mapping[str, str]
    quantities: Quantities = field(default_factory=lambda: KERNEL_QUANTITIES)

    @cached_property
    def plan_ids(self) -> list[str]:
        """Ids in the order of the front."""
        return [str(name) for name in self.front["plan_id"]]

    @cached_property
    def signs(self) -> FloatArray:
        """+1 where more is better, -1 where less is."""
        return np.array([1.0 if self.quantities[name].sense == "max" else -1.0 for name in self.objectives])

    @cached_property
    def measured(self) -> list[str]:
        """Columns that are known, in the order of the quantities."""
        return [name for name in self.quantities if name in self.front]

    @cached_property
    def F(self) -> FloatArray:  # noqa: N802 - as the field writes it
        """Minimized objectives, shape (n_plans, n_objectives)."""
        return -self.signs * self.front[list(self.objectives)].to_numpy(np.float64)

    @cached_property
    def scale(self) -> FloatArray:
        """Spread of each objective over the front."""
        return spread(self.F)

    def position(self, plan_id: str) -> int:
        """Row of a plan."""
        return self.plan_ids.index(plan_id)

    @cached_property
    def naming_marks(self) -> dict[str, str]:
        """Mark -> id of the one plan that has it: best of each objective, knee, what each preset would take."""
        best = best_by_objective(self.F)
        marks = {f"best:{name}": self.plan_ids[int(best[k])] for k, name in enumerate(self.objectives)}
        if len(self.objectives) > 1:
            marks["knee"] = self.plan_ids[knee(self.F)]
        return marks | {f"preset:{name}": plan_id for name, plan_id in self.recommended.items()}

    @cached_property
    def high_tradeoff(self) -> list[str]:
        """Ids of the plans that are much better in something than their neighbors for what they lose."""
        return [self.plan_ids[int(k)] for k in high_tradeoff(self.F)] if len(self.objectives) > 1 else []

    @cached_property
    def marks(self) -> dict[str, list[str]]:
        """Id -> marks of every plan that has any: best, knee, preset, high trade-off."""
        marks: dict[str, list[str]] = {}
        for mark, plan_id in [*self.naming_marks.items(), *(("high_tradeoff", name) for name in self.high_tradeoff)]:
            marks.setdefault(plan_id, []).append(mark)
        return marks

    def inside(self, ranges: Mapping[str, tuple[float, float]]) -> BoolArray:
        """Plans within every range, natural units, shape (n_plans,); an undefined value is in no range."""
        mask = np.ones(len(self.front), dtype=np.bool_)
        for name, (low, high) in ranges.items():
            values = self.front[name].to_numpy(np.float64)
            slack = 1e-9 * max(abs(low), abs(high))
            mask &= (values >= low - slack) & (values <= high + slack)
        return mask

    def prices(self, plan_id: str) -> list[dict[str, Any]]:
        """For each objective: the next plan that improves it, its gain, and what every objective changes by.

        Changes are in natural units, that plan less this one.
        """
        position = self.position(plan_id)
        rows: list[dict[str, Any]] = []
        values = self.front[list(self.objectives)].to_numpy(np.float64)
        for k, name in enumerate(self.objectives):
            better = next_better(self.F, position, k, self.scale)
            if better is None:
                rows.append({"improve": name, "plan_id": None, "changes": {}})
                continue
            change = values[better] - values[position]
            changes = dict(zip(self.objectives, change.tolist(), strict=True))
            rows.append({"improve": name, "plan_id": self.plan_ids[better], "changes": changes})
        return rows

    def natural(self, minimized: Sequence[float] | FloatArray) -> FloatArray:
        """Minimized values in natural units."""
        return -self.signs * np.asarray(minimized)


def front_view(
    front: pd.DataFrame,
    objectives: Sequence[str],
    recommended: Mapping[str, str],
    quantities: Quantities = KERNEL_QUANTITIES,
) -> FrontView:
    """The view of a front; recommendations of plans that are not on it are left out."""
    known = set(front["plan_id"])
    kept = {name: plan_id for name, plan_id in recommended.items() if plan_id in known}
    return FrontView(front, tuple(objectives), kept, quantities)


def known_presets(recommended: Mapping[str, str]) -> dict[str, str]:
    """Preset -> plan id of run.json, which may come from somebody else: presets of ours only."""
    return {name: plan_id for name, plan_id in recommended.items() if name in preset_names()}
