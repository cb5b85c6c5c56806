"""What `renewal compare` prints."""

from __future__ import annotations

import textwrap
from collections.abc import Callable
from typing import Any

from app.runs.names import RunStatus
from app.runs.record import quantities_of
from app.studies.run_comparison import Comparison
from app.words.city_name import city_name
from app.words.console import COLUMNS, percent_text, table_text, text_width, value_text, wrapped
from data.catalogue import text
from envs.kernel.model_version import MODEL_VERSION

HEADER_WIDTH = 14
SHOWN_VILLAGES = 20
_FORMATS: dict[str, Callable[[Any], str]] = {
    "run": str,
    "algorithm": str,
    "seed": str,
    "evaluations": "{:,}".format,
    "seconds": "{:,.1f}".format,
    "plans": "{:,}".format,
    "hypervolume": "{:.4f}".format,
    "igd_plus": "{:.4f}".format,
    "attained_share": percent_text,
    "nearly_attained_share": percent_text,
    "plans_on_common_front": "{:,}".format,
}


def comparison_text(comparison: Comparison, language: str) -> str:
    """The whole message."""
    head, reference, *notes = remarks(comparison, language)
    paragraphs = [
        head,
        _run_table(comparison, language),
        "\n".join(wrapped(reference, COLUMNS)),
        *("\n".join(wrapped(note, COLUMNS)) for note in notes),
        table_text(*objective_cells(comparison, language)),
        *(
            [table_text(*group_cells(comparison, language)), text("comparison_surfaces", language)]
            if comparison.seed_groups
            else []
        ),
        _village_text(comparison, language),
    ]
    return "\n\n".join(paragraph for paragraph in paragraphs if paragraph)


def remarks(comparison: Comparison, language: str) -> list[str]:
    """What is compared, how to read the numbers, and which runs were interrupted or differ in anchors, if any."""
    record = comparison.measured_as.record
    again = comparison.measured_again
    interrupted = [run.label for run in comparison.runs if run.record.status is RunStatus.INTERRUPTED]
    head = text(
        "comparison_head",
        language,
        city=city_name(record.city.name, language),
        scenario=record.scenario,
        n_runs=len(comparison.runs),
        n_points=len(comparison.common.points),
    )
    notes = [text("comparison_interrupted", language, runs=interrupted)] if interrupted else []
    return [
        head,
        text("comparison_reference", language),
        *notes,
        *_model_note(comparison, language),
        *([text("comparison_measured_again", language, runs=again)] if again else []),
        *([text("comparison_anchors", language)] if comparison.anchors_differ else []),
    ]


def _model_note(comparison: Comparison, language: str) -> list[str]:
    """Whose numbers these are, where an older model computed them."""
    record = comparison.runs[0].record
    if not record.is_older:
        return []
    return [text("comparison_of_model", language, version=record.model_version, known=MODEL_VERSION)]


Cells = tuple[list[str], list[list[str]]]
"""Names of columns, and rows."""


def run_cells(comparison: Comparison, language: str) -> Cells:
    """One row per run: who, how long, how good."""
    rows = [[show(row[name]) for name, show in _FORMATS.items()] for row in comparison.table.to_dict(orient="records")]
    return [text(f"comparison_{name}", language) for name in _FORMATS], rows


def _run_table(comparison: Comparison, language: str) -> str:
    return table_text(*run_cells(comparison, language), header_width=HEADER_WIDTH)


def objective_cells(comparison: Comparison, language: str) -> Cells:
    """Anchors, and each run's best value and knee, in natural units."""
    names, quantities = comparison.objectives, quantities_of(comparison.runs[0].record)

    def shown(name: str, value: float) -> str:
        return value_text(value, quantities[name].unit, language)

    rows = [
        [
            text(f"comparison_{anchor}", language),
            *(shown(name, comparison.anchors[name][anchor]) for name in names),
        ]
        for anchor in ("base", "best", "worst")
    ]
    for point in ("best", "knee"):
        for row in comparison.table.to_dict(orient="records"):
            title = _point_text(point, str(row["run"]), str(row["knee_plan_id"]), language)
            rows.append([title, *(shown(name, row[f"{point}_{name}"]) for name in names)])
    return [text("comparison_objective", language), *(quantities[name].label[language] for name in names)], rows


def _point_text(point: str, run: str, knee: str, language: str) -> str:
    if point == "knee":
        return text("comparison_knee_of", language, run=run, plan=knee)
    return text("comparison_best_of", language, run=run)


def group_cells(comparison: Comparison, language: str) -> Cells:
    """Several seeds of one algorithm and budget: hypervolumes and attainment surfaces; no rows where there are none."""
    rows = []
    for group in comparison.seed_groups:
        low, middle, high = group["hypervolume_quartiles"]
        surface = group["attainment_hypervolume"]
        shown = (f"{surface[name]:.4f}" for name in ("worst", "median", "best"))
        seeds = " ".join(str(seed) for seed in group["seeds"])
        rows.append(
            [group["algorithm"], str(len(group["runs"])), seeds, f"{middle:.4f} ({low:.4f}..{high:.4f})", *shown]
        )
    return [
        text(f"comparison_{name}", language)
        for name in ("algorithm", "runs", "seeds", "quartiles", "all", "half", "one")
    ], rows


def _village_text(comparison: Comparison, language: str) -> str:
    ids = comparison.shared_villages["village_id"].tolist()
    if not ids:
        return text("comparison_no_villages", language)
    words = text("comparison_villages", language, n=len(ids), alike=comparison.shared_alike)
    n_more = len(ids) - SHOWN_VILLAGES
    more = text("comparison_more", language, n=n_more) if n_more > 0 else ""
    line = text("refusal_within", language, outer=words, inner=f"{' '.join(ids[:SHOWN_VILLAGES])}{more}")
    return textwrap.fill(line, COLUMNS - (text_width(line) - len(line)), break_long_words=False)
