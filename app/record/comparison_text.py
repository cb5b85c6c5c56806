"""What came of a plan, in words: what was started and completed, what is late, what it cost, how many moved out."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from typing import Any

import numpy as np

from app.record.comparison import MEASURES, Comparison
from app.words.console import cell_text, list_text, money_scale, percent_text, value_text
from data.arrays import FloatArray
from data.catalogue import text

UNITS = {"cost_cny": "CNY", "moved_persons": "persons"}
SHOWN_VILLAGES = 5


def comparison_text(shown: Comparison, language: str) -> str:
    """The findings, then a table by year."""
    return "\n".join(comparison_sentences(shown, language)) + "\n\n" + years_text(shown, language)


def comparison_sentences(shown: Comparison, language: str) -> list[str]:
    """A sentence for starts, for completions, for each measure, and for what is not known."""
    due, begun = shown.due, shown.begun
    unplanned = begun & ~due
    lines = [
        text(
            "compared_starts",
            language,
            year=shown.last_year,
            due=int(due.sum()),
            begun=int((due & begun).sum()),
            unplanned=int(unplanned.sum()),
        ),
        _late(shown, shown.start_delay_yr, "compared_late_starts", language),
        text(
            "compared_completions",
            language,
            planned=int(((shown.planned_completion > 0) & (shown.planned_completion <= shown.last_year)).sum()),
            completed=int((shown.actual_completion > 0).sum()),
        ),
        _late(shown, shown.completion_delay_yr, "compared_late_completions", language),
        *(_measure(shown, measure, language) for measure in MEASURES),
    ]
    unsaid = int(shown.unsaid_cost.sum())
    lines += [text("compared_unsaid", language, n=unsaid)] if unsaid else []
    return [line for line in lines if line]


def _late(shown: Comparison, delay_yr: FloatArray, key: str, language: str) -> str:
    """Which are late, the latest first; empty where none is."""
    late = np.flatnonzero(np.nan_to_num(delay_yr) > 0.0)
    if not late.size:
        return ""
    order = late[np.argsort(-delay_yr[late], kind="stable")]
    ids = shown.tables.resolved.city.villages.village_id
    named = [
        text("compared_late_one", language, village=ids[i], years=int(delay_yr[i])) for i in order[:SHOWN_VILLAGES]
    ]
    mean = float(np.nanmean(delay_yr[late]))
    more = text("compared_more", language, n=late.size - SHOWN_VILLAGES) if late.size > SHOWN_VILLAGES else ""
    return text(key, language, n=late.size, mean=mean, named=named) + more + text("compared_late_end", language)


def _measure(shown: Comparison, measure: str, language: str) -> str:
    """The actual beside what the plan says of the same villages and years."""
    actual, planned = shown.actual[measure], shown.planned[measure]
    known = np.isfinite(actual)
    total, expected = float(actual[known].sum()), float(planned[known].sum())
    share = "-" if expected == 0.0 else percent_text(total / expected - 1.0, signed=True)
    unit = UNITS[measure]
    return text(
        f"compared_{measure}",
        language,
        actual=value_text(total, unit, language),
        planned=value_text(expected, unit, language),
        change=value_text(total - expected, unit, language, signed=True),
        share=share,
    )


def years_text(shown: Comparison, language: str) -> str:
    """A line for each year: planned and actual."""
    header, rows = years_table(shown, language)
    return list_text([header, *rows])


def years_table(shown: Comparison, language: str) -> tuple[list[str], list[tuple[str, ...]]]:
    """Headings and rows by year, planned and actual beside each other."""
    scale, unit = money_scale("CNY", language)
    header = [
        text(f"compared_column_{name}", language, unit=unit)
        for name in ("year", "starts", "completions", "cost", "difference", "people")
    ]
    rows: list[tuple[str, ...]] = [
        (
            str(row["year"]),
            _both(row, "starts", language),
            _both(row, "completions", language),
            text(
                "compared_both",
                language,
                planned=cell_text(row["planned_cost_cny"] / scale, 2),
                actual=cell_text(row["actual_cost_cny"] / scale, 2),
            ),
            cell_text(row["difference_cost_cny"] / scale, 2, signed=True),
            _both(row, "moved_persons", language),
        )
        for row in shown.by_year().to_dict(orient="records")
    ]
    return header, rows


def _both(row: Mapping[Hashable, Any], noun: str, language: str) -> str:
    planned, actual = (f"{row[f'{which}_{noun}']:,.0f}" for which in ("planned", "actual"))
    return text("compared_both", language, planned=planned, actual=actual)
