"""How firmly villages stand in good plans, on the map."""

from __future__ import annotations

import numpy as np

from app.charts.colors import KEPT_COLOR, VIRIDIS, sequence
from app.charts.village_map import MapClass, VillageMap, city_ground
from app.robust.told_villages import ToldVillages
from data.catalogue import text
from optimizers.robust.village_shares import Standing

FIRMEST_FIRST = (Standing.ALWAYS, Standing.USUALLY, Standing.TOSS_UP)


def robust_map(told: ToldVillages, language: str) -> VillageMap:
    """Villages by standing; of several sources, those chosen without regret are marked.

    Args:
        told: how firmly villages stand.
        language: zh or en.
    """
    standing = np.array(told.standing)
    colors = dict(zip(FIRMEST_FIRST, sequence(VIRIDIS[:8], len(FIRMEST_FIRST)), strict=True))
    classes = []
    for each in (Standing.NEVER, *reversed(FIRMEST_FIRST)):
        mask = standing == str(each)
        label = f"{text(f'robust_standing_{each}', language)} ({int(mask.sum()):,})"
        classes.append(MapClass(label, colors.get(each, KEPT_COLOR), mask))
    return VillageMap(
        ground=city_ground(told.resolved.city),
        classes=classes,
        title=text("robust_map", language),
        lines=[told.sentence(k, language) for k in range(standing.size)],
        marked=(text("robust_mark_no_regret", language), told.no_regret) if told.n_sources > 1 else None,
    )
