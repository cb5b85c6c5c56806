"""Fates: each household of a village stays, comes back, or lives in a zone, and in which.

Households are told apart by two numbers each, spread evenly over the unit square (the sequence R2 of Roberts 2018, the
plane's golden ratio) from a start drawn for the village. So as many leave as the kernel says, to within two households
of each size, and settle as it says; and whoever leaves under a plan leaves under any plan by which more leave.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from data.arrays import CodeArray, FloatArray, IntArray
from envs.people.effects.families import Families
from envs.people.effects.places import LEAVERS, PlacesUnderPlan
from envs.people.generator import Stream, place_generator
from envs.people.people_model import PeopleModel

FATES = ("stays", "returns", "moves")
"""Lives where it did; left and came back; lives in a zone. In the order of the kernel's fates of a group."""
STAYS, RETURNS, MOVES = range(3)

PLASTIC_NUMBER = 1.324717957244746
STEPS = np.array([1.0 / PLASTIC_NUMBER, 1.0 / PLASTIC_NUMBER**2])


@dataclass(frozen=True, eq=False)
class Fates:
    """Of every row of Families.

    Attributes:
        fate_idx: into FATES, int8.
        home_idx: where it lives in the state year, among zones, then villages.
    """

    fate_idx: CodeArray
    home_idx: CodeArray

    def take(self, rows: CodeArray | slice) -> Fates:
        """Some of the rows."""
        return Fates(self.fate_idx[rows], self.home_idx[rows])


def fates_of(model: PeopleModel, families: Families, places: PlacesUnderPlan, seed: int) -> Fates:
    """What becomes of every household; who lives in a zone in the base year stays.

    Args:
        model: residents on average.
        families: rows of villages together, group by group within each, in the order in which they were drawn.
        places: the plan.
        seed: of the draw.
    """
    n_zones = model.city.n_zones
    fate, home = np.full(len(families), STAYS, np.int8), families.place_idx.copy()
    villagers = np.flatnonzero(families.place_idx >= n_zones)
    village = families.place_idx[villagers].astype(np.int64) - n_zones
    group = families.group_idx[villagers].astype(np.int64)
    leaves, settles = evenly_spread(model, village, group, seed)
    back, moved = (places.fate_shares[group, which, village] for which in (RETURNS, MOVES))
    fate[villagers] = np.where(leaves < back, RETURNS, np.where(leaves < back + moved, MOVES, STAYS))
    movers = fate[villagers] == MOVES
    home[villagers[movers]] = zones_drawn(places.zone_shares, group[movers], village[movers], settles[movers])
    return Fates(fate, home)


def evenly_spread(model: PeopleModel, village: IntArray, group: IntArray, seed: int) -> tuple[FloatArray, FloatArray]:
    """Two numbers of each household, each uniform over seeds, and together even over the households of a village.

    Args:
        model: residents on average.
        village: of each household; those of one village and group together.
        group: into GROUPS.
        seed: of the draw.

    Returns:
        Shape (n_households,) each, 0..1, 1 excluded.
    """
    n_zones, n_groups = model.city.n_zones, len(LEAVERS)
    starts = np.empty((model.city.n_villages, n_groups, len(STEPS)))
    for n, place_id in enumerate(model.city.place_id[n_zones:].tolist()):
        starts[n] = place_generator(seed, place_id, Stream.FATES).random(starts.shape[1:])
    of_kind = village * n_groups + group
    first = np.flatnonzero(np.diff(of_kind, prepend=-1))
    counted = np.arange(len(village)) - np.repeat(first, np.diff(first, append=len(village)))
    spread = (starts[village, group] + counted[:, None] * STEPS) % 1.0
    return spread[:, 0], spread[:, 1]


def zones_drawn(zone_shares: FloatArray, group: IntArray, village: IntArray, settles: FloatArray) -> IntArray:
    """The zone of each mover: the one in which the shares, added up zone by zone, pass its number.

    Args:
        zone_shares: by group, village and zone; sums over zones are 1.
        group: of each mover.
        village: of each mover.
        settles: its number, 0..1, 1 excluded.

    Returns:
        Shape (n_movers,).

    Example:
        >>> share = np.array([[[0.25, 0.0, 0.75]]])
        >>> nobody = np.zeros(3, int)
        >>> zones_drawn(share, nobody, nobody, np.array([0.2, 0.25, 0.9]))
        array([0, 2, 2])
    """
    n_groups, n_villages, n_zones = zone_shares.shape
    reached = np.cumsum(zone_shares, axis=2).reshape(n_groups * n_villages, n_zones)
    rows = np.arange(len(reached))[:, None]
    row = group * n_villages + village
    found = np.searchsorted((rows + reached / reached[:, -1:]).ravel(), row + settles, side="right")
    return np.minimum(found - row * n_zones, n_zones - 1)
