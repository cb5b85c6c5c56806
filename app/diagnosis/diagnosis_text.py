"""What `renewal diagnose` says."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import numpy as np

from app.diagnosis.asked import CityDiagnosis, points_label
from app.diagnosis.card import answers_table, areas_table, left_out_table, most_in_need_table, weights_table
from app.people.portrait_tables import TextTable
from app.words.console import COLUMNS, filled, percent_text, table_text
from data.catalogue import text
from data.diagnosis.cases import documented_cases
from data.diagnosis.weight_choice import published_weights
from envs.diagnosis.answers import PlanAnswers
from envs.diagnosis.diagnosis import Diagnosis

MOST_VILLAGES_TOLD = 10
"""On the screen; the table has all."""


def diagnosis_text(told: CityDiagnosis, out: Path, language: str) -> str:
    """The whole answer."""
    villages = told.villages
    everybody = range(villages.city.n_villages)
    parts = [
        str(out),
        _lines([note.text(language) for note in told.notes]),
        _lines([*summary_lines(villages, language), *published_lines(villages, language)]),
        _table(weights_table(villages, language)),
        _table(most_in_need_table(villages, MOST_VILLAGES_TOLD, language)),
        _table(answers_table(villages, everybody, language, reasons=False)),
        *([] if told.areas is None else [_table(areas_table(told.areas, language))]),
        *([] if told.density is None else [_lines([density_line(told, language)])]),
        _lines([cases_line(told, language)]),
        *([] if told.plan is None else [_plan_text(told, language)]),
        _lines([text("diagnosis_infrastructure", language), text("diagnosis_note", language)]),
    ]
    return "\n\n".join(part for part in parts if part)


def summary_lines(told: Diagnosis, language: str) -> list[str]:
    """How need was weighted, how many villages are most in need, and what is not known."""
    known = ~np.isnan(told.need.points)
    lines = [
        text(f"diagnosis_method_{told.setting.choice.method}_told", language),
        text("diagnosis_summary", language, n=int(told.in_need.sum()), of=told.city.n_villages, told=int(known.sum())),
    ]
    lines += consistency_lines(told, language)
    unknown = int(np.isnan(told.conditions.by_village).sum())
    if unknown:
        lines.append(text("diagnosis_unknown_cells", language, n=unknown, of=told.conditions.by_village.size))
    return lines


def published_lines(told: Diagnosis, language: str) -> list[str]:
    """What is known of published weights, where they are used."""
    if told.setting.choice.method != "published":
        return []
    return [published_weights()[told.setting.choice.published].note[language]]


def consistency_lines(told: Diagnosis, language: str) -> list[str]:
    """Largest eigenvalue and consistency ratio of every comparison; one above 0.1 was confirmed, and it says so."""
    return [
        text(
            "diagnosis_consistent" if comparison.is_consistent else "diagnosis_inconsistent",
            language,
            level=text(f"dimension_{level}", language),
            largest=comparison.largest_eigenvalue,
            ratio=comparison.consistency_ratio,
        )
        for level, comparison in told.weights.comparisons.items()
    ]


def density_line(told: CityDiagnosis, language: str) -> str:
    """Kernel, bandwidth, and the density of the villages."""
    assert told.density is not None
    density, n_zones = told.density, told.villages.city.n_zones
    return text(
        "density_line",
        language,
        points=points_label(density.points, language),
        n=density.n_points,
        kernel=text(f"kernel_{density.kernel}", language),
        bandwidth=density.bandwidth_m,
        middle=float(np.median(density.by_place[n_zones:])),
        most=float(density.by_place[n_zones:].max(initial=0.0)),
    )


def cases_line(told: CityDiagnosis, language: str) -> str:
    """How many projects are documented, and how sure they are."""
    house = documented_cases()
    return text(
        "diagnosis_cases_line",
        language,
        n=len(house),
        seen=sum(case.confidence == "S" for case in house),
        own=len(told.cases) - len(house),
    )


def plan_lines(villages: Diagnosis, plan: PlanAnswers, language: str) -> list[str]:
    """What the plan does about the villages most in need, and about what is weak."""
    n_need, n_left = int(villages.in_need.sum()), int(plan.left_out.sum())
    weak, answered = int(villages.weak.sum()), int(plan.answered.sum())
    key = "diagnosis_plan_leaves" if n_left else "diagnosis_plan_leaves_none"
    lines = [text(key, language, n=n_left, of=n_need)]
    if weak:
        lines.append(text("diagnosis_plan_answers", language, n=answered, of=weak, share=percent_text(answered / weak)))
    return lines


def _plan_text(told: CityDiagnosis, language: str) -> str:
    assert told.plan is not None
    table = left_out_table(told.villages, told.plan, language)
    shown = TextTable(table.title, table.header, table.rows[:MOST_VILLAGES_TOLD])
    return "\n\n".join(
        [_lines(plan_lines(told.villages, told.plan, language)), *([_table(shown)] if shown.rows else [])]
    )


def _table(table: TextTable) -> str:
    return f"{table.title}\n{table_text(table.header, table.rows, header_width=16)}"


def _lines(sentences: Iterable[str]) -> str:
    return "\n".join(line for sentence in sentences for line in filled(sentence, COLUMNS))
