"""Which plan of a front each preset would take: the best weighted sum of anchor-normalized objectives."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from data.arrays import FloatArray
from data.catalogue import text
from data.scenario import Scenario
from data.scenario_files import load_scenario, preset_names

if TYPE_CHECKING:
    import pandas as pd

PRESETS: tuple[str, ...] = ("investment_first", "commute_first", "accessibility_first", "balanced")
COMPROMISE = "balanced"
SCENARIO_OWN = "scenario"
"""Stands for the scenario's own preferences, where no preset knows any of its objectives."""


def normalized(values: FloatArray, best: FloatArray, worst: FloatArray) -> FloatArray:
    """(f - worst) / (best - worst) of each objective, 0 where the anchors coincide; shape as `values`."""
    span = np.asarray(best, dtype=np.float64) - np.asarray(worst, dtype=np.float64)
    some = span != 0.0
    return np.where(some, (values - worst) / np.where(some, span, 1.0), 0.0)


def preset_weights(scenario: Scenario) -> dict[str, FloatArray]:
    """Preset -> weights of the scenario's objectives, summing to 1; presets that know none of them are left out.

    What is read of a measure over futures stands for the measure; several such objectives share its weight.
    """
    from envs.kernel.futures.robust_names import ROBUST  # the kernel, which the names of presets can do without

    stood_for = [ROBUST[name][0] if name in ROBUST else name for name in scenario.objectives]
    preferences: dict[str, Mapping[str, float]] = {name: load_scenario(name).preferences for name in PRESETS}
    vectors = {}
    for name, weights in preferences.items():
        row = np.array([weights.get(measure, 0.0) / stood_for.count(measure) for measure in stood_for])
        if row.sum() > 0.0:
            vectors[name] = row / row.sum()
    if not vectors:
        row = np.array([scenario.preferences.get(objective, 0.0) for objective in scenario.objectives])
        vectors[SCENARIO_OWN] = row / row.sum()
    return vectors


def recommended_plans(
    scenario: Scenario, objectives: FloatArray, plan_ids: Sequence[str], *, best: FloatArray, worst: FloatArray
) -> dict[str, str]:
    """Preset -> id of the plan it would take.

    Args:
        scenario: names the objectives.
        objectives: natural units, shape (n_plans, n_objectives).
        plan_ids: one per row.
        best: anchors, shape (n_objectives,).
        worst: anchors, shape (n_objectives,).
    """
    value = normalized(objectives, best, worst)
    return {name: plan_ids[int(np.argmax(value @ weights))] for name, weights in preset_weights(scenario).items()}


def recommended_among(
    scenario: Scenario, front: pd.DataFrame, anchors: Mapping[str, tuple[float, float]], known: Mapping[str, str]
) -> dict[str, str]:
    """Preset -> id of the plan it would take among some plans of a front.

    Args:
        scenario: names the objectives.
        front: rows of a front.csv.
        anchors: objective -> worst and best value known.
        known: what the whole front recommends; stands, as far as it is there, where an anchor is missing.
    """
    names, ids = scenario.objectives, [str(name) for name in front["plan_id"]]
    if not ids or any(name not in anchors for name in names):
        return {preset: plan_id for preset, plan_id in known.items() if plan_id in ids}
    worst, best = np.array([anchors[name] for name in names]).T
    return recommended_plans(scenario, front[list(names)].to_numpy(np.float64), ids, best=best, worst=worst)


def preset_label(name: str, language: str) -> str:
    """Label of a preset."""
    if name == SCENARIO_OWN:
        return text("preset_of_the_scenario", language)
    return load_scenario(name).label[language]


def scenario_label(name: str, language: str) -> str:
    """What a scenario is called: a preset by its label, another one by its own name."""
    return preset_label(name, language) if name in preset_names() else name


def compromise_plan(recommended: Mapping[str, str]) -> str:
    """The plan to show where one is shown: the balanced preset's, else the first one's."""
    return recommended.get(COMPROMISE) or next(iter(recommended.values()))
