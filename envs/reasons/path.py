"""The path from one plan's contributions to another's, on the way through the model.

What villages contribute (floors, people, money) moves on a straight line, all villages together; the calendar is that
of the plan at the end. From the empty plan it is the diagonal of Aumann & Shapley (1974).
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from functools import cached_property
from typing import TypeVar

import numpy as np

from data.arrays import FloatArray
from envs.kernel.built_form import BuiltForm
from envs.kernel.people.residents import Moves
from envs.kernel.plans import Plans
from envs.kernel.resolved_scenario import ResolvedScenario
from envs.kernel.trace import REPORT, Trace

OfVillages = TypeVar("OfVillages", BuiltForm, Moves)


@dataclass(frozen=True, eq=False)
class Contributions:
    """What every village of a plan contributes, each quantity of shape (1, n_villages).

    Attributes:
        form: floors.
        moves: people.
        amounts_cny: items of the account at base-year prices.
    """

    form: BuiltForm
    moves: Moves
    amounts_cny: dict[str, FloatArray]


def contributions(resolved: ResolvedScenario, plan: Plans) -> Contributions:
    """What every village of a plan contributes.

    Args:
        resolved: scenario resolved against a city.
        plan: canonical batch of one plan, on NumPy.
    """
    trace = Trace(resolved, plan, REPORT)
    return Contributions(trace.form, trace.moves, trace.amounts_cny)


def nothing(like: Contributions) -> Contributions:
    """What the villages of the empty plan contribute."""

    def zero(amounts: OfVillages) -> OfVillages:
        return type(amounts)(**{f.name: np.zeros_like(getattr(amounts, f.name)) for f in fields(amounts)})

    return Contributions(
        zero(like.form), zero(like.moves), {name: np.zeros_like(each) for name, each in like.amounts_cny.items()}
    )


class PathTrace(Trace):
    """The points of a path, as a batch of plans at report precision.

    Args:
        resolved: scenario resolved against a city.
        plan: canonical batch of one plan, whose start years and delays hold all along the path.
        ends: contributions at the path's beginning and at its end.
        points: how far along, in 0..1: shape (n_points,), or (n_points, n_villages) where villages go by themselves.
    """

    def __init__(
        self, resolved: ResolvedScenario, plan: Plans, ends: tuple[Contributions, Contributions], points: FloatArray
    ) -> None:
        """See the class."""
        super().__init__(resolved, plan[np.zeros(len(points), dtype=np.int64)], REPORT)
        self.ends = ends
        self.points = points.reshape(len(points), -1)

    def _between(self, one: FloatArray, other: FloatArray) -> FloatArray:
        return one + self.points * (other - one)

    def _all_between(self, one: OfVillages, other: OfVillages) -> OfVillages:
        return type(one)(**{f.name: self._between(getattr(one, f.name), getattr(other, f.name)) for f in fields(one)})

    @cached_property
    def form(self) -> BuiltForm:
        """Floors at the points, each of shape (n_points, n_villages)."""
        return self._all_between(self.ends[0].form, self.ends[1].form)

    @cached_property
    def moves(self) -> Moves:
        """People who move at the points, each of shape (n_points, n_villages)."""
        return self._all_between(self.ends[0].moves, self.ends[1].moves)

    @cached_property
    def amounts_cny(self) -> dict[str, FloatArray]:
        """Items of the account at the points, each of shape (n_points, n_villages)."""
        first, last = (end.amounts_cny for end in self.ends)
        return {name: self._between(first[name], last[name]) for name in last}

    @property
    def n_panels(self) -> int:
        """Panels between the points."""
        return len(self.points) - 1

    def at_points(self, columns: FloatArray) -> FloatArray:
        """Columns as points and years: (n_places, n_columns) to (n_places, n_points, n_years)."""
        return columns.reshape(len(columns), len(self.points), self.n_years)

    def through_years(self, by_year: FloatArray, table: str) -> FloatArray:
        """What a unit that a village contributes is worth, over the years it touches and the panels of the path.

        Args:
            by_year: worth of a unit in a year, shape (n_villages, n_panels, n_years).
            table: of the clock, which says from when on it counts.

        Returns:
            Mean over panels, shape (n_villages,).
        """
        counts = getattr(self, table)[:, 0] * self.held_weights
        return np.einsum("npy,ny->n", by_year, counts) / self.n_panels
