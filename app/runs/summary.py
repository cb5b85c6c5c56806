"""What `renewal optimize` says at the end: the presets' plans side by side, and how far to trust them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd

from app.charts.fonts import drawn_language
from app.plans.recommendation import preset_label
from app.runs.names import FRONT_CHART_FILE
from app.runs.record import RunRecord
from app.runs.search_report import SearchReport
from app.words.console import synthetic_text, table_text, value_text
from app.words.fill_words import fills_line
from data.catalogue import text
from envs.kernel import ResolvedScenario
from envs.kernel.indicators.registry import INDICATORS

ROUNDING = 1e-12
HEADER_WIDTH = 16
"""Of the presets' names, so that four of them fit 120 columns."""
FURTHER = (
    "renewed_villages",
    "total_cost_cny",
    "peak_funding_cny",
    "displaced_tenants_persons",
    "consent_share",
)
"""Shown below the objectives."""


def summary_text(resolved: ResolvedScenario, report: SearchReport, out: Path, language: str) -> str:
    """The whole closing message."""
    record = report.record
    paragraphs = [
        text("summary_interrupted", language) if report.interrupted else "",
        _head(resolved, record, language),
        _table(resolved, report, language),
        text("screening", language),
        synthetic_text(resolved.city.synthetic, language),
        fills_line(resolved.city, language),
        text("summary_greedy", language, plans=record.planned_by_greedy)
        if record.planned_by_greedy and record.policy
        else "",
        text("summary_first_policy", language, n=record.policy_plans, seconds=record.policy_seconds)
        if record.policy_plans
        else text("summary_policy_left_out", language, seconds=record.policy_seconds)
        if record.policy_plans == 0
        else "",
        text("summary_limits", language) if record.policy and record.has_plan_limits else "",
        text("summary_fonts", language)
        if (out / FRONT_CHART_FILE).exists() and drawn_language(language) != language
        else "",
        text("files_at", language, path=out),
    ]
    return "\n\n".join(paragraph for paragraph in paragraphs if paragraph)


def _head(resolved: ResolvedScenario, record: RunRecord, language: str) -> str:
    """City, scenario, how many plans and how long."""
    return text(
        f"summary_{record.command}",
        language,
        city=resolved.city.name,
        scenario=record.scenario,
        n_plans=record.n_plans,
        evaluations=record.evaluations,
        seconds=record.seconds,
        algorithm=record.algorithm,
        seed=record.seed,
    )


def complete_text(out: Path, language: str) -> str:
    """What is said where a run to be resumed has nothing left to do."""
    return text("summary_complete", language, out=out)


def _table(resolved: ResolvedScenario, report: SearchReport, language: str) -> str:
    ids = report.front["plan_id"].tolist()
    plans = [report.front.iloc[ids.index(plan_id)] for plan_id in report.recommended.values()]
    header = (text("summary_quantity", language), *(preset_label(name, language) for name in report.recommended))
    rows: list[tuple[str, ...]] = [(text("summary_plan_row", language), *report.recommended.values())]
    for name in resolved.scenario.objectives:
        rows.append(_row(name, plans, language))
        if report.base[name] != 0.0:
            rows.append(_change_row(name, plans, report.base, language))
    rows += [_row(name, plans, language) for name in FURTHER if name not in resolved.scenario.objectives]
    answers = (text("answer_yes" if plan["valid"] else "answer_no", language) for plan in plans)
    rows.append((text("compare_valid", language), *answers))
    broken = [int(plan.get("n_reported_broken", 0)) for plan in plans]
    if any(broken):
        rows.append((text("summary_told", language), *map(str, broken)))
    return table_text(header, rows, header_width=HEADER_WIDTH)


def _row(name: str, plans: list[pd.Series[Any]], language: str) -> tuple[str, ...]:
    measured = INDICATORS[name]
    return (measured.label[language], *(value_text(plan[name], measured.unit, language) for plan in plans))


def _change_row(name: str, plans: list[pd.Series[Any]], base: pd.Series[Any], language: str) -> tuple[str, ...]:
    unit = INDICATORS[name].unit
    changes = (value_text(_change(plan[name], base[name]), unit, language, signed=True) for plan in plans)
    return (text("summary_change", language), *changes)


def _change(value: float, base: float) -> float:
    """The difference; 0 where it is rounding."""
    return 0.0 if abs(value - base) <= ROUNDING * abs(base) else value - base
