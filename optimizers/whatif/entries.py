"""Ways in which a plan could grant a wish: the village's choices, each alone and with a village that makes way."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from data.arrays import FloatArray, IntArray
from envs.models.kernel_model import KernelModel
from optimizers.whatif.preference import Preference
from optimizers.whatif.standing import ILLEGAL, Standing
from optimizers.whatif.wish import Wish, best_cells

YEARS, EACH = 3, 2
"""Years in which ways in are tried, and options of every intensity and use in each."""
HOLDS = 1e-6
"""A relative excess of a rule below this is rounding of single precision."""


@dataclass(frozen=True, eq=False)
class Entries:
    """Plans that grant a wish and differ from the plan in the village and at most one other.

    Attributes:
        wish: that they grant.
        year: of the village, shape (n_entries,).
        option: of the village, same shape.
        partner: village that makes way or changes years, -1 = none; same shape.
        partner_year: its year then, 0 = kept; same shape.
    """

    wish: Wish
    year: IntArray
    option: IntArray
    partner: IntArray
    partner_year: IntArray

    def __len__(self) -> int:
        """How many."""
        return self.year.size

    def only(self, rows: IntArray) -> Entries:
        """Some of them."""
        return Entries(self.wish, self.year[rows], self.option[rows], self.partner[rows], self.partner_year[rows])

    def plans(self, start_year: IntArray, option: IntArray) -> tuple[IntArray, IntArray]:
        """Start years and options, shape (n_entries, n_villages) each, from those of the plan."""
        starts, options = (np.tile(genes, (len(self), 1)) for genes in (start_year, option))
        row = np.arange(len(self))
        starts[row, self.wish.village], options[row, self.wish.village] = self.year, self.option
        moves = np.flatnonzero(self.partner >= 0)
        starts[moves, self.partner[moves]] = self.partner_year[moves]
        return starts, options


def entries_of(standing: Standing, wish: Wish, *, alone: bool = False) -> Entries:
    """The ways in that the linear model finds best.

    Args:
        standing: of the plan.
        wish: that they grant.
        alone: whatever the quota; else a full year needs a village that is kept instead, or changes years.
    """
    model, village = standing.model, wish.village
    gain = np.where(wish.cells(model), standing.table[village].astype(np.float64), -np.inf)
    gain[gain < 0.5 * ILLEGAL] = -np.inf
    weakest = [standing.weakest_of_year(year) for year in range(1, standing.room.size + 1)]
    full = (standing.room <= 0) & (np.arange(1, standing.room.size + 1) != wish.start_year)
    price = np.array([standing.gain[who] if who >= 0 else np.inf for who in weakest])
    net = gain if alone else gain - np.where(full, price, 0.0)[:, None]
    cells = best_cells(net, (model.space.intensity, model.space.land_use), years=YEARS, each=EACH)
    found = [way for year, option in cells for way in _ways(standing, wish, int(year), int(option), full, alone=alone)]
    columns = np.array(found, dtype=np.int64).reshape(-1, 4).T
    return Entries(wish, *columns)


def _ways(
    standing: Standing, wish: Wish, year: int, option: int, full: FloatArray, *, alone: bool
) -> list[tuple[int, int, int, int]]:
    """The village alone where the year has room; else with each village that may make way best."""
    if alone or not full[year]:
        return [(year + 1, option, -1, 0)]
    ways = []
    weakest = standing.weakest_of_year(year + 1)
    if weakest >= 0:
        ways.append((year + 1, option, weakest, 0))
    if wish.start_year:
        partner = standing.swap_partner(wish.village, year + 1)
        if partner >= 0:
            ways.append((year + 1, option, partner, wish.start_year))
    return ways


def gains_of(
    entries: Entries, standing: Standing, *, model: KernelModel | None = None, preference: Preference | None = None
) -> FloatArray:
    """What each entry gains over the plan, -inf where it breaks a hard rule more than the plan; (n_entries,) [ranges].

    Args:
        entries: of the plan.
        standing: the plan.
        model: of another ground (envs.changes.other_ground); None = the standing's.
        preference: None = the standing's.
    """
    model, preference = model or standing.model, preference or standing.preference
    starts, options = entries.plans(standing.start_year, standing.option)
    found = model.evaluate(
        np.concatenate([standing.start_year[None], starts]), np.concatenate([standing.option[None], options])
    )
    worth = preference.worth(found.objectives)
    if found.penalized is not None:
        worth = worth - found.penalized
    broken = (found.violations[1:] > np.maximum(found.violations[:1], HOLDS)).any(axis=1)
    return np.where(broken, -np.inf, worth[1:] - worth[0])
