"""A bargained plan on the map: who agrees and who blocks, or how likely they agree."""

from __future__ import annotations

import numpy as np

from app.bargaining.bargained_plan import BargainedPlan
from app.charts.colors import CIVIDIS, EMPTY_COLOR, KEPT_COLOR, OKABE_ITO
from app.charts.plan_map import bins
from app.charts.village_map import MapClass, VillageMap, city_ground
from app.words.console import percent_text
from data.arrays import BoolArray
from data.catalogue import text
from envs.people.bargaining.parties import PARTIES
from envs.people.bargaining.protocol import NOBODY

SHOWN = ("outcome", "chance")
CHANCE_BOUNDS = (0.05, 0.5, 0.8, 0.95)
AGREED_COLOR = OKABE_ITO[2]
BLOCKER_COLORS = dict(zip(PARTIES, (OKABE_ITO[4], OKABE_ITO[3], OKABE_ITO[0], OKABE_ITO[6]), strict=True))


def bargain_map(bargained: BargainedPlan, language: str, *, shown: str = "outcome") -> VillageMap:
    """Villages by what came of bargaining.

    Args:
        bargained: the plan.
        language: zh or en.
        shown: one of SHOWN.
    """
    city, idx = bargained.resolved.city, bargained.projects.village_idx
    kept = np.ones(city.n_villages, dtype=bool)
    kept[idx] = False
    groups = _outcomes(bargained, language) if shown == "outcome" else _chances(bargained)
    classes = [(text("map_kept", language), KEPT_COLOR, kept), *groups]
    return VillageMap(
        ground=city_ground(city),
        classes=[MapClass(f"{label} ({int(mask.sum()):,})", color, mask) for label, color, mask in classes],
        title=text(f"bargain_map_{shown}", language),
        lines=_lines(bargained, language),
    )


def _outcomes(bargained: BargainedPlan, language: str) -> list[tuple[str, str, BoolArray]]:
    result = bargained.negotiation.result
    agreed = _of_villages(bargained, result.agreed)
    groups = [(text("bargain_outcome_agreed", language), AGREED_COLOR, agreed)]
    for k, party in enumerate(PARTIES):
        name = text(f"bargain_party_{party}", language)
        blocked = _of_villages(bargained, result.blocker == k)
        groups.append((text("bargain_outcome_blocked", language, party=name), BLOCKER_COLORS[party], blocked))
    nothing = _of_villages(bargained, result.package == NOBODY)
    groups.append((text("bargain_outcome_none", language), EMPTY_COLOR, nothing))
    return [groups[0], *(group for group in groups[1:] if group[2].any())]


def _chances(bargained: BargainedPlan) -> list[tuple[str, str, BoolArray]]:
    probability = np.zeros(bargained.resolved.city.n_villages)
    probability[bargained.projects.village_idx] = bargained.prospects.probability[0]
    projects = _of_villages(bargained, np.ones(bargained.projects.village_idx.size, dtype=bool))
    return bins(probability, CHANCE_BOUNDS, CIVIDIS, projects, percent=True)


def _lines(bargained: BargainedPlan, language: str) -> list[str]:
    """What came of it in each village, in a line."""
    result, utility = bargained.negotiation.result, bargained.negotiation.utility
    lines = [text("map_kept", language)] * bargained.resolved.city.n_villages
    chances = bargained.prospects.probability[0].tolist()
    for k, village in enumerate(bargained.projects.village_idx.tolist()):
        blocker = int(result.blocker[k])
        if result.agreed[k]:
            outcome = text("bargain_outcome_agreed", language)
        elif blocker == NOBODY:
            outcome = text("bargain_outcome_none", language)
        else:
            party = text(f"bargain_party_{PARTIES[blocker]}", language)
            short = -float(utility[k, result.package[k], blocker])
            outcome = text("bargain_outcome_short", language, party=party, short=short)
        lines[village] = text("bargain_map_line", language, outcome=outcome, chance=percent_text(chances[k]))
    return lines


def _of_villages(bargained: BargainedPlan, of_projects: BoolArray) -> BoolArray:
    """A mask of projects as one of villages, shape (n_villages,)."""
    mask = np.zeros(bargained.resolved.city.n_villages, dtype=bool)
    mask[bargained.projects.village_idx] = of_projects
    return mask
