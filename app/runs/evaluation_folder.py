"""The folder that `renewal evaluate` writes."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import pandas as pd

from app.files.atomic import write_json
from app.files.names import without_formulas
from app.plans.agreement_note import agreement_note
from app.plans.rule_table import broken_hard_rules, broken_told_rules, finding_record, verdict_text
from app.plans.tables import PlanTables
from app.runs.record import digests, recorded_city, versions
from app.words.console import synthetic_text, table_text, value_text
from data.catalogue import text
from envs.kernel.indicators.registry import INDICATORS
from envs.kernel.model_version import MODEL_VERSION
from envs.rules.check import check
from envs.rules.targets import Score, scorecard


def write_outcome(folder: Path, tables: PlanTables, city: str) -> dict[str, Any]:
    """Write outcome.json, yearly.csv, cash_flow.csv, indicators_by_district.csv, district_yearly.csv, places.parquet.

    Args:
        folder: an existing draft folder.
        tables: of the plan.
        city: name or path as it was given.

    Returns:
        The content of outcome.json.
    """
    outcome = outcome_record(tables, city)
    write_json(folder / "outcome.json", outcome)
    tables.yearly().to_csv(folder / "yearly.csv", index=False)
    without_formulas(tables.cash_flow()).to_csv(folder / "cash_flow.csv", index=False)
    without_formulas(tables.by_district()).to_csv(folder / "indicators_by_district.csv", index=False)
    without_formulas(tables.district_yearly()).to_csv(folder / "district_yearly.csv", index=False)
    tables.places().to_parquet(folder / "places.parquet", index=False)
    return outcome


def outcome_record(tables: PlanTables, city: str) -> dict[str, Any]:
    """All indicators with units, the empty plan's values, the rules, and where it all comes from."""
    resolved, table = tables.resolved, tables.indicators()
    findings = check(resolved, tables.plan)
    broken = broken_hard_rules(findings)
    return {
        "command": "evaluate",
        "model_version": MODEL_VERSION,
        "note": text("screening", "en"),
        "city": recorded_city(resolved.city, city).model_dump(),
        "scenario": resolved.scenario.name,
        "digests": digests(resolved).model_dump(),
        "versions": versions(),
        "objectives": list(resolved.scenario.objectives),
        "indicators": _numbers(table, "value"),
        "base": _numbers(table, "base_value"),
        "units": dict(zip(table["indicator"], table["unit"], strict=True)),
        "valid": not broken,
        "n_violations": len(broken),
        "reported_broken": broken_told_rules(findings),
        "rules": [finding_record(item) for item in findings],
        "targets": [score_record(item) for item in scorecard(resolved, tables.plan)],
        "estimated_parameters": list(resolved.book.estimates),
        "changed_parameters": sorted(resolved.book.changed),
    }


def outcome_text(tables: PlanTables, outcome: dict[str, Any], language: str) -> str:
    """The indicators of the plan beside those of the empty plan."""
    rows = [
        (
            INDICATORS[name].label[language],
            value_text(value, INDICATORS[name].unit, language),
            value_text(outcome["base"][name], INDICATORS[name].unit, language),
        )
        for name, value in outcome["indicators"].items()
    ]
    verdict = verdict_text(check(tables.resolved, tables.plan), language)
    notes = synthetic_text(tables.resolved.city.synthetic, language)
    targets = targets_text(outcome["targets"], language)
    header = [text(f"outcome_{name}", language) for name in ("indicator", "value", "empty_plan")]
    note = agreement_note(tables.resolved.scenario, _known(outcome["indicators"]), language)
    paragraphs = (table_text(header, rows), note, targets, verdict, text("screening", language), notes)
    return "\n\n".join(paragraph for paragraph in paragraphs if paragraph)


def score_record(score: Score) -> dict[str, Any]:
    """A score as JSON."""
    target = score.target.model_dump(mode="json")
    return {**target, "unit": score.unit, "output": score.output, "met": score.met}


def targets_text(targets: list[dict[str, Any]], language: str) -> str:
    """The scorecard; empty without targets."""
    rows = []
    for item in targets:
        indicator, unit = INDICATORS[item["indicator"]], item["unit"]
        label = (indicator.label if item["year"] is None else indicator.yearly_label)[language]
        least = item["at_least"] is not None
        wanted = (
            f"{'>=' if least else '<='} {value_text(item['at_least'] if least else item['at_most'], unit, language)}"
        )
        year = "-" if item["year"] is None else str(item["year"])
        rows.append(
            (
                label,
                year,
                wanted,
                value_text(item["output"], unit, language),
                text("answer_yes" if item["met"] else "answer_no", language),
            )
        )
    header = [text(f"outcome_{name}", language) for name in ("target", "year", "wanted", "reached", "met")]
    return table_text(header, rows) if rows else ""


def _known(values: dict[str, float | None]) -> dict[str, float]:
    """Values of a record, in which what is undefined is None."""
    return {name: math.nan if value is None else value for name, value in values.items()}


def _numbers(table: pd.DataFrame, column: str) -> dict[str, float | None]:
    """Indicator -> value; undefined is None."""
    pairs = zip(table["indicator"], table[column], strict=True)
    return {name: None if math.isnan(value) else value for name, value in pairs}
