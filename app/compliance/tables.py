"""The compliance of a plan as tables and plain data: clause by clause, village by village, and the exceptions."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from app.compliance.exceptions import exceptions_digest
from app.compliance.matrix import VERDICTS, Compliance, Line
from app.compliance.places import concerned
from app.plans.rule_table import finding_record
from app.plans.tables import PlanTables, plan_rows
from data.catalogue import LANGUAGES
from data.dictionary import table_columns

BETWEEN = ";"
"""Between names in a cell."""


def compliance_frame(found: Compliance) -> pd.DataFrame:
    """One row per rule and target, in the order of the matrix; columns as the data dictionary has them."""
    rows = [_row(found, line) for line in found.lines]
    return pd.DataFrame(rows, columns=list(table_columns("compliance", "clauses")))


def _row(found: Compliance, line: Line) -> dict[str, Any]:
    item, clause = line.finding, line.clause
    source, letter = clause.source(found.resolved)
    return {
        "rule": line.rule.name,
        "is_target": line.is_target,
        **{f"label_{language}": line.rule.label[language] for language in LANGUAGES},
        "scope": line.scope.value,
        "verdict": line.verdict,
        "measured": None if item is None else item.measured,
        "limit": None if item is None else item.limit,
        "sense": line.rule.sense,
        "unit": line.rule.unit,
        "beyond": line.beyond,
        "excess_share": None if item is None else item.excess,
        "n_villages": 0 if item is None else len(item.villages),
        "villages": "" if item is None else BETWEEN.join(item.villages),
        "districts": "" if item is None else BETWEEN.join(item.named("district")),
        "years": "" if item is None else BETWEEN.join(item.named("year")),
        "basis": clause.basis,
        **{f"clause_{language}": clause.article(language) for language in LANGUAGES},
        **{f"demand_{language}": clause.demand(language) for language in LANGUAGES},
        **{f"recipe_{language}": line.rule.recipe_in(language) for language in LANGUAGES},
        "parameter": clause.parameter,
        "fields": BETWEEN.join(clause.fields),
        "source": source,
        "letter": letter,
        "limit_changed": clause.is_changed(found.resolved),
        "exceptions": BETWEEN.join(map(str, line.exceptions)),
    }


def places_frame(found: Compliance, tables: PlanTables) -> pd.DataFrame:
    """One row per broken rule and village that it is about, with what the plan decides there."""
    villages = found.resolved.city.villages
    decided = plan_rows(tables.plan, villages.village_id)
    frames = []
    for line in found.broken:
        where = concerned(found, line, tables)
        chosen = np.flatnonzero(where.mask)
        named = {village for number in line.exceptions for village in found.exceptions[number - 1][0].villages}
        is_whole = any(not found.exceptions[number - 1][0].villages for number in line.exceptions)
        rows = decided.iloc[chosen].reset_index(drop=True)
        rows.insert(0, "rule", line.rule.name)
        rows.insert(1, "how", where.how)
        rows.insert(3, "name", villages.name[chosen])
        rows.insert(4, "district", tables.district[chosen])
        rows["excepted"] = [is_whole or name in named for name in rows["village_id"]]
        frames.append(rows)
    columns = list(table_columns("compliance", "places"))
    return pd.concat(frames, ignore_index=True)[columns] if frames else pd.DataFrame(columns=columns)


def exceptions_frame(found: Compliance) -> pd.DataFrame:
    """One row per exception, numbered from 1, with where it stands."""
    rows = [
        {
            "number": number,
            "standing": standing,
            "rule": item.rule,
            "villages": BETWEEN.join(item.villages),
            **{name: getattr(item, name) for name in ("reason", "name", "role", "granted")},
            **{name: getattr(item, name) for name in ("plan_digest", "scenario_digest")},
        }
        for number, (item, standing) in enumerate(found.exceptions, start=1)
    ]
    return pd.DataFrame(rows, columns=list(table_columns("compliance", "exceptions")))


def compliance_record(found: Compliance) -> dict[str, Any]:
    """The same as JSON; what `renewal check --report F.json` has always held stands first."""
    return {
        "valid": not found.broken_hard,
        "broken": found.broken_hard,
        "reported_broken": found.broken_told,
        "rules": [finding_record(item) for item in found.findings],
        "level": found.level,
        "verdicts": {verdict: found.n_of(verdict) for verdict in VERDICTS},
        "plan_digest": found.plan_digest,
        "scenario_digest": found.resolved.digest,
        "exceptions_digest": exceptions_digest([item for item, _ in found.exceptions]),
        "clauses": [_plain(_row(found, line)) for line in found.lines],
        "exceptions": [
            {"number": number, "standing": standing, **item.record()}
            for number, (item, standing) in enumerate(found.exceptions, start=1)
        ],
    }


def _plain(row: dict[str, Any]) -> dict[str, Any]:
    """A row for JSON: names in a list, empty ones null."""
    listed = ("villages", "districts", "years", "fields", "exceptions")
    return {
        name: [part for part in str(value).split(BETWEEN) if part]
        if name in listed
        else (None if value == "" else value)
        for name, value in row.items()
    }
