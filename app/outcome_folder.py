"""The folder that `renewal evaluate` writes."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import pandas as pd

from app.atomic import write_json
from app.console import SCREENING, synthetic_text, table_text, value_text
from app.rule_table import broken_hard_rules, finding_record
from app.run_folder import city_record, digests, versions
from app.tables import PlanTables
from envs.kernel.registry import INDICATORS
from envs.rules import check

_HEADER = {"en": ("indicator", "value", "empty plan"), "zh": ("指标", "数值", "现状（空方案）")}
_VALID = {"en": ("Valid", "Not valid, broken:"), "zh": ("方案有效", "方案无效，不符合：")}


def write_outcome(folder: Path, tables: PlanTables, city: str) -> dict[str, Any]:
    """Write outcome.json, yearly.csv, cash_flow.csv, places.parquet and indicators_by_district.csv.

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
    tables.cash_flow().to_csv(folder / "cash_flow.csv", index=False)
    tables.by_district().to_csv(folder / "indicators_by_district.csv", index=False)
    tables.places().to_parquet(folder / "places.parquet", index=False)
    return outcome


def outcome_record(tables: PlanTables, city: str) -> dict[str, Any]:
    """All indicators with units, the empty plan's values, the rules, and where it all comes from."""
    resolved, table = tables.resolved, tables.indicators()
    findings = check(resolved, tables.plan)
    broken = broken_hard_rules(findings)
    return {
        "command": "evaluate",
        "note": SCREENING["en"],
        "city": city_record(resolved.city, city),
        "scenario": resolved.scenario.name,
        "digests": digests(resolved),
        "versions": versions(),
        "objectives": list(resolved.scenario.objectives),
        "indicators": _numbers(table, "value"),
        "base": _numbers(table, "base_value"),
        "units": dict(zip(table["indicator"], table["unit"], strict=True)),
        "valid": not broken,
        "n_violations": len(broken),
        "rules": [finding_record(item) for item in findings],
        "estimated_parameters": [key for key, entry in resolved.book.items() if entry.is_estimate],
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
    broken = [item["rule"] for item in outcome["rules"] if item["mode"] == "hard" and not item["holds"]]
    verdict = _VALID[language][0] if not broken else f"{_VALID[language][1]} {', '.join(broken)}"
    notes = synthetic_text(tables.resolved.city.synthetic, language)
    return "\n\n".join(x for x in (table_text(_HEADER[language], rows), verdict, SCREENING[language], notes) if x)


def _numbers(table: pd.DataFrame, column: str) -> dict[str, float | None]:
    """Indicator -> value; undefined is None."""
    pairs = zip(table["indicator"], table[column], strict=True)
    return {name: None if math.isnan(value) else value for name, value in pairs}
