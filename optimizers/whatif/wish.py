"""What somebody misses in a plan: a village renewed at all, earlier or denser; and the choices that would grant it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from data.arrays import BoolArray, FloatArray, IntArray
from data.errors import refuse
from envs.changes.neighbors import SAME
from envs.models.kernel_model import KernelModel

WISHES = ("in", "earlier", "denser")


@dataclass(frozen=True)
class Wish:
    """A wish.

    Attributes:
        village: position.
        kind: one of WISHES.
        start_year: of the village in the plan that misses it; 0 = kept.
        floor_area_ratio: likewise.
    """

    village: int
    kind: str
    start_year: int
    floor_area_ratio: float

    def cells(self, model: KernelModel) -> BoolArray:
        """Legal choices that grant it, shape (plan_years, n_options)."""
        space = model.space
        year = np.arange(1, space.start_mask.shape[1])
        may = space.start_mask[self.village, 1:, None] & space.option_mask[self.village]
        if self.kind == "earlier":
            may = may & (year < self.start_year)[:, None]
        if self.kind == "denser":
            may = may & (space.floor_area_ratio[self.village] > self.floor_area_ratio + SAME)
        return np.asarray(may)

    def granted(self, model: KernelModel, starts: IntArray, options: IntArray) -> BoolArray:
        """Whether plans grant it, shape (n_plans,); start years and options of shape (n_plans, n_villages)."""
        year, option = starts[:, self.village], options[:, self.village]
        return np.asarray((year > 0) & self.cells(model)[np.maximum(year - 1, 0), option])


def wish_of(village: int, kind: str, start_year: int, floor_area_ratio: float, *, name: str) -> Wish:
    """A wish that a plan leaves open.

    Args:
        village: position.
        kind: one of WISHES.
        start_year: of the village in the plan.
        floor_area_ratio: of the village in the plan.
        name: of the village, for the refusal.

    Raises:
        InputError: the plan grants it already, or a kept village cannot be earlier or denser.
    """
    if kind == "in" and start_year > 0:
        raise refuse("whynot_is_in", layer="--village", village=name, year=start_year)
    if kind != "in" and start_year == 0:
        raise refuse("whynot_is_kept", layer="--wish", village=name, wish=kind)
    if kind == "earlier" and start_year == 1:
        raise refuse("whynot_is_first", layer="--wish", village=name)
    return Wish(village, kind, start_year, floor_area_ratio)


def best_cells(table: FloatArray, kinds: tuple[IntArray, IntArray], *, years: int, each: int) -> IntArray:
    """Year and option of the choices that gain most: of the best years, the best of every intensity and use.

    Args:
        table: gain less the price of the year, shape (plan_years, n_options); -inf where not wanted.
        kinds: intensity and land use of each option, shape (n_options,) each.
        years: how many.
        each: options of every intensity and use in each year.

    Returns:
        shape (n_cells, 2), the best first.
    """
    first = np.argsort(-table.max(axis=1), kind="stable")[:years]
    kind = kinds[0] * 100 + kinds[1]
    cells = []
    for year in first:
        for one in np.unique(kind):
            among = np.flatnonzero((kind == one) & np.isfinite(table[year]))
            best = among[np.argsort(-table[year, among], kind="stable")[:each]]
            cells += [(year, option) for option in best]
    found = np.array(cells, dtype=np.int64).reshape(-1, 2)
    return found[np.argsort(-table[found[:, 0], found[:, 1]], kind="stable")]
