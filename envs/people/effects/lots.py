"""Lots: who leaves and where he settles, told by two numbers of each household.

They are spread evenly over the unit square (the sequence R2 of Roberts 2018, the plane's golden ratio) from a start
drawn for the village. So as many leave as the kernel says, to within two households of each size, and settle as it
says; and whoever leaves under a plan leaves under any plan by which more leave.
"""

from __future__ import annotations

import numpy as np

from data.arrays import FloatArray, IntArray
from envs.people.categories import LEAVERS
from envs.people.generator import Stream, place_generator
from envs.people.people_model import PeopleModel

PLASTIC_NUMBER = 1.324717957244746
STEPS = np.array([1.0 / PLASTIC_NUMBER, 1.0 / PLASTIC_NUMBER**2])


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
