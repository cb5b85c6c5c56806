"""The changes of a village that are told beside each other, and the village as somebody names it."""

from __future__ import annotations

import numpy as np

from data.city import City
from data.errors import refuse
from data.parameter import unknown_id
from envs.changes.village_change import Change
from optimizers.whatif.neighborhood import beginnings_of, changes_of
from optimizers.whatif.standing import Standing


def position_of(city: City, village_id: str) -> int:
    """Position of a village.

    Raises:
        InputError: the city has no such village.
    """
    positions = np.flatnonzero(city.villages.village_id == village_id)
    if len(positions) == 0:
        raise refuse(unknown_id(village_id, city.villages.village_id.tolist()), layer="--village")
    return int(positions[0])


def changes_to_tell(standing: Standing, village: int) -> list[Change]:
    """All changes by one grade of a renewed village; the best beginnings of a kept one.

    Raises:
        InputError: the village may do nothing else.
    """
    kept = standing.start_year[village] == 0
    changes = beginnings_of(standing, village) if kept else list(changes_of(standing, village))
    if not changes or standing.model.space.fixed_mask[village]:
        name = str(standing.model.resolved.city.villages.village_id[village])
        raise refuse("whatif_village_fixed", layer="--village", village=name)
    return changes
