"""What `renewal optimize --model` says at the end: the best plan of each objective and the knee, side by side."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from app.plans.front_view import front_view
from app.plans.quantities import Quantities
from app.runs.own_model.optimize_model import ModelReport
from app.runs.record import quantities_of
from app.runs.summary import HEADER_WIDTH
from app.words.console import inside, table_text, value_text
from data.catalogue import text


def model_summary_text(report: ModelReport, out: Path, language: str) -> str:
    """The whole closing message."""
    record = report.record
    head = text(
        "summary_optimize",
        language,
        city=record.city.name,
        scenario=record.own_model.source if record.own_model else "",
        n_plans=record.n_plans,
        evaluations=record.evaluations,
        seconds=record.seconds,
        algorithm=record.algorithm,
        seed=record.seed,
    )
    paragraphs = [
        text("summary_interrupted", language) if report.interrupted else "",
        head,
        _table(report, quantities_of(record), language),
        text("summary_own_model", language),
        text("files_at", language, path=out),
    ]
    return "\n\n".join(paragraph for paragraph in paragraphs if paragraph)


def _table(report: ModelReport, quantities: Quantities, language: str) -> str:
    view = front_view(report.front, report.record.objectives, {}, quantities)
    marked = view.naming_marks
    header = [text("summary_quantity", language)]
    for mark in marked:
        kind, _, name = mark.partition(":")
        label = quantities[name].label[language] if name else ""
        header.append(
            text(f"mark_{kind}", language, name=inside(label, language)) if name else text(f"mark_{kind}", language)
        )
    rows = [[text("summary_plan_row", language), *marked.values()]]
    for name in report.record.objectives:
        values = report.front[name].to_numpy(np.float64)[[view.position(plan) for plan in marked.values()]]
        shown = (value_text(value, quantities[name].unit, language) for value in values.tolist())
        rows.append([quantities[name].label[language], *shown])
    return table_text(header, rows, header_width=HEADER_WIDTH)
