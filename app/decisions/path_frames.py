"""Tables of a decision path: steps, alternatives and edges; what their columns mean is in the dictionary."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from app.decisions.path_sentences import PERCENT, step_sentence
from app.decisions.told_path import ToldPath
from app.whatif.change_text import village_words
from app.words.console import value_text
from data.arrays import BoolArray, FloatArray, IntArray
from data.catalogue import text
from data.scenario import INTENSITIES, LAND_USES
from envs.choices.options import option_space
from envs.kernel import Plans
from envs.kernel.indicators.registry import INDICATORS
from envs.reasons.decisions.open_choices import BARRED, N_COLUMNS, NONE
from envs.reasons.decisions.path_graph import CAPITAL, CATCHMENT, MARKET, WAITED

UNITS = {CAPITAL: "CNY", CATCHMENT: "1", MARKET: "m2"}
"""Of the weight of an edge; a place of a year counts 1, and who waits has what it was foretold to gain."""


def path_frame(told: ToldPath) -> pd.DataFrame:
    """A row for each step, with a sentence in each language."""
    path, choices = told.path, told.path.alternatives
    decided = [told.against_rival(step) for step in range(path.n_steps)]
    columns: dict[str, Any] = {
        "step": np.arange(1, path.n_steps + 1),
        "start_year": path.year,
        **_places(told, path.village),
        **_decisions(path.plan, path.village),
        "given": path.is_given,
        "gain": path.gain,
        "foretold_gain": path.foretold,
        **_changes(told, path.effect),
        "n_open": path.n_open,
        "rival": _ids(told, np.array([told.rival(step) for step in range(path.n_steps)], dtype=np.int64)),
        "rival_gain": [path.gain[k] - d.lead if d is not None else np.nan for k, d in enumerate(decided)],
        "lead": [np.nan if each is None else each.lead for each in decided],
        "deciding_objective": ["" if d is None else path.resolved.scenario.objectives[d.objective] for d in decided],
        "deciding_difference": [np.nan if each is None else each.difference for each in decided],
        "deciding_term": ["" if each is None else each.term for each in decided],
        "kept_out": _ids(told, choices.village[:, BARRED]),
        "kept_out_by": [path.limit_rules[k] if k != NONE else "" for k in choices.limit.tolist()],
        **_of_policy(told),
    }
    sentences = {
        f"sentence_{language}": [step_sentence(told, step, language) for step in range(path.n_steps)]
        for language in ("en", "zh")
    }
    return pd.DataFrame(columns | sentences)


def alternatives_frame(told: ToldPath) -> pd.DataFrame:
    """A row for each alternative of each step; rank 0 is what a hard limit kept out."""
    path, choices = told.path, told.path.alternatives
    step, column = np.nonzero(choices.village != NONE)
    village, option = choices.village[step, column], choices.option[step, column]
    space = option_space(path.resolved)
    gain = np.where(choices.is_exact[step, column], path.alternative_gain[step, column], np.nan)
    columns: dict[str, Any] = {
        "step": step + 1,
        "start_year": path.year[step],
        "rank": (column + 1) % N_COLUMNS,
        **_places(told, village),
        "intensity": _words(INTENSITIES, space.intensity[option]),
        "land_use": _words(LAND_USES, space.land_use[option]),
        "floor_area_ratio": space.floor_area_ratio[village, option],
        "facility_ratio": space.facility_ratio[option],
        "foretold_gain": choices.foretold[step, column],
        "exact": choices.is_exact[step, column],
        "gain": gain,
        **_changes(told, choices.effect[step, column]),
        "planned_start_year": np.asarray(path.plan.start_year)[0, village],
    }
    return pd.DataFrame(columns)


def edges_frame(told: ToldPath) -> pd.DataFrame:
    """A row for each edge of the graph, the same as is drawn."""
    edges = told.edges
    columns: dict[str, Any] = {
        "kind": [edge.kind for edge in edges],
        "role": [edge.role for edge in edges],
        "village_id": _ids(told, np.array([edge.source for edge in edges], dtype=np.int64)),
        "later_village_id": _ids(told, np.array([edge.target for edge in edges], dtype=np.int64)),
        "year": [edge.year for edge in edges],
        "weight": [edge.weight for edge in edges],
        "unit": [UNITS.get(edge.kind, "range" if edge.role == WAITED else "1") for edge in edges],
    }
    return pd.DataFrame(columns)


def _ids(told: ToldPath, village: IntArray) -> list[str]:
    ids = told.path.resolved.city.villages.village_id
    return [str(ids[each]) if each != NONE else "" for each in village.tolist()]


def _places(told: ToldPath, village: IntArray) -> dict[str, Any]:
    city = told.path.resolved.city
    return {
        "village_id": _ids(told, village),
        "district": np.array(city.districts)[city.villages.district_idx[village]],
    }


def _decisions(plan: Plans, village: IntArray) -> dict[str, Any]:
    return {
        "intensity": _words(INTENSITIES, np.asarray(plan.intensity)[0, village]),
        "land_use": _words(LAND_USES, np.asarray(plan.land_use)[0, village]),
        "floor_area_ratio": np.asarray(plan.floor_area_ratio)[0, village],
        "facility_ratio": np.asarray(plan.facility_ratio)[0, village],
    }


def _changes(told: ToldPath, effect: FloatArray) -> dict[str, FloatArray]:
    names = told.path.resolved.scenario.objectives
    return {f"{name}_change": effect[:, k] for k, name in enumerate(names)}


def _of_policy(told: ToldPath) -> dict[str, FloatArray]:
    """Probabilities of the policy that made the plan; NaN where there is none, and of given villages."""
    position = np.array([told.step_of_policy.get(v, NONE) for v in told.path.village.tolist()], dtype=np.int64)

    def of_steps(values: FloatArray | BoolArray | None) -> FloatArray:
        if values is None or not values.size:
            return np.full(position.size, np.nan)
        return np.where(position == NONE, np.nan, np.asarray(values, dtype=np.float64)[position])

    policy = told.policy
    return {
        "policy_village_probability": of_steps(None if policy is None else policy.of_village),
        "policy_option_probability": of_steps(None if policy is None else policy.of_option),
        "policy_closing_probability": of_steps(None if policy is None else policy.of_closing),
    }


def _words(words: tuple[Any, ...], index: IntArray) -> list[str]:
    return [str(words[k]) for k in index.tolist()]


def about_path(told: ToldPath) -> dict[str, Any]:
    """Whose order it is, what gains are judged by, and how much is exact."""
    preference, choices = told.asked.preference, told.path.alternatives
    return {
        "order": told.order,
        "weights": dict(zip(preference.objectives, preference.weights.tolist(), strict=True)),
        "weights_from": told.asked.source,
        "regret": preference.regret,
        "alternatives": int((choices.village != NONE).sum()),
        "alternatives_exact": int(choices.is_exact.sum()),
    }


def alternatives_table(told: ToldPath, step: int, language: str) -> pd.DataFrame:
    """What was taken at a step and what stood open, in words: a row each, the taken one first."""
    path, choices, names = told.path, told.path.alternatives, told.path.resolved.scenario.objectives
    village = int(path.village[step])
    rows = [
        _shown_row(told, village, float(path.gain[step]), path.effect[step], language)
        | {text("decision_column_then", language): text("decision_was_taken", language)}
    ]
    for column in np.flatnonzero(choices.village[step] != NONE).tolist():
        other = int(choices.village[step, column])
        year = int(path.plan.start_year[0, other])
        when = text("year_n", language, year=year) if year else text("map_kept", language)
        if column == BARRED:
            rule = text(f"rule_{path.limit_rules[choices.limit[step]]}", language)
            when = text("decision_no_room", language, rule=rule)
        effect = choices.effect[step, column] if choices.is_exact[step, column] else np.full(len(names), np.nan)
        gain = float(path.alternative_gain[step, column])
        rows.append(_shown_row(told, other, gain, effect, language) | {text("decision_column_then", language): when})
    return pd.DataFrame(rows)


def _shown_row(told: ToldPath, village: int, gain: float, effect: FloatArray, language: str) -> dict[str, str]:
    names = told.path.resolved.scenario.objectives
    row = {
        text("column_village", language): village_words(told.path.resolved, village),
        text("decision_column_points", language): f"{PERCENT * gain:+.2f}",
    }
    for k, name in enumerate(names):
        change = value_text(float(effect[k]), INDICATORS[name].unit, language, signed=True)
        row[INDICATORS[name].label[language]] = change
    return row
