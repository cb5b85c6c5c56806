"""The decisions of a plan on the map: what decided, and what the chosen village made room for or competed with."""

from __future__ import annotations

import numpy as np

from app.charts.colors import KEPT_COLOR, OKABE_ITO
from app.charts.village_map import MapClass, MapFlows, VillageMap, city_ground
from app.decisions.path_sentences import step_sentence
from app.decisions.path_text import related
from app.decisions.told_path import ToldPath
from data.catalogue import text
from envs.kernel.indicators.registry import INDICATORS

UNDECIDED = "undecided"
"""Steps against which nothing stood open, or that the scenario gives."""


def decided_by(told: ToldPath) -> list[str]:
    """Objective that decided each step, UNDECIDED where none did."""
    names = told.path.resolved.scenario.objectives
    decided = (None if told.path.is_given[k] else told.against_rival(k) for k in range(told.path.n_steps))
    return [UNDECIDED if each is None else names[each.objective] for each in decided]


def deciding_words(name: str, language: str) -> str:
    """Objective or UNDECIDED in words."""
    return text("decision_undecided", language) if name == UNDECIDED else INDICATORS[name].label[language]


def deciding_colors(told: ToldPath) -> dict[str, str]:
    """Color of each objective, and of what nothing decided."""
    names = (*told.path.resolved.scenario.objectives, UNDECIDED)
    return {name: OKABE_ITO[k % len(OKABE_ITO)] for k, name in enumerate(names)}


def path_map(told: ToldPath, language: str, *, chosen: int = -1) -> VillageMap:
    """Villages by the objective that decided.

    Args:
        told: decisions.
        language: zh or en.
        chosen: village whose edges are drawn; -1 = none.
    """
    path, city = told.path, told.path.resolved.city
    ground, n = city_ground(city), city.n_villages
    by_step, kept = np.array(decided_by(told)), np.ones(n, dtype=bool)
    kept[path.village] = False
    classes = [MapClass(f"{text('map_kept', language)} ({int(kept.sum()):,})", KEPT_COLOR, kept)]
    for name, color in deciding_colors(told).items():
        mask = np.zeros(n, dtype=bool)
        mask[path.village[by_step == name]] = True
        if mask.any():
            classes.append(MapClass(f"{deciding_words(name, language)} ({int(mask.sum()):,})", color, mask))
    lines = [text("map_kept", language)] * n
    for step, village in enumerate(path.village.tolist()):
        lines[village] = step_sentence(told, step, language)
    others = related(told, chosen, language)
    flows = None
    if others:
        to = np.array(list(others))
        flows = MapFlows(
            label=text("decision_ties", language),
            from_m=ground.center_m[chosen],
            to_m=ground.center_m[to],
            persons=np.ones(to.size),
            texts=list(others.values()),
        )
    return VillageMap(ground, classes, text("decision_map", language), lines, flows=flows)
