"""Chances of a plan as rows that people read: what is wanted, how likely, how sure that is."""

from __future__ import annotations

import pandas as pd

from app.stress.stress_text import wanted_label
from app.words.console import percent_text
from app.words.target_text import limit_text
from data.catalogue import text
from envs.kernel.indicators.registry import INDICATORS


def chance_header(language: str) -> list[str]:
    """Of `chance_rows`."""
    return [text(f"stress_column_{name}", language) for name in ("wanted", "chance", "chance_range", "over")]


def chance_rows(chances: pd.DataFrame, language: str) -> list[list[str]]:
    """A row for everything that is wanted of one plan."""
    rows = []
    for row in chances.to_dict("records"):
        kind, indicator = str(row["kind"]), str(row["indicator"])
        unit = "CNY" if kind == "capital_limit" else INDICATORS[indicator].unit
        year = None if pd.isna(row["year"]) else int(row["year"])
        label = wanted_label(kind, indicator, year, language)
        sign = "≥" if row["side"] == "at_least" else "≤"
        between = f"{percent_text(float(row['chance_low']))} - {percent_text(float(row['chance_high']))}"
        rows.append(
            [
                f"{label} {sign} {limit_text(float(row['limit']), unit, language)}",
                percent_text(float(row["chance"])),
                between if row["over"] != "plan" else "-",
                text(f"stress_over_{row['over']}", language, n=int(row["n"])),
            ]
        )
    return rows
