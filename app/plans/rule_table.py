"""The rules of one plan as text and as JSON."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from app.words.console import list_text, value_text
from app.words.target_text import limit_text
from data.catalogue import text
from data.scenario import RuleMode
from envs.rules.check import TOLD, Finding

SHOWN_VILLAGES = 5


def findings_text(findings: Sequence[Finding], language: str) -> str:
    """One line per rule, then the verdict."""
    rows = [
        (
            text("report_rule_holds" if item.holds else "findings_broken", language),
            text(f"mode_{item.mode}", language),
            item.rule,
            item.label[language],
            _detail(item, language),
        )
        for item in findings
    ]
    return f"{list_text(rows)}\n\n{verdict_text(findings, language)}"


def _detail(item: Finding, language: str) -> str:
    """Measured value and limit, and the first villages that break it."""
    detail = comparison_text(item, language)
    if item.villages:
        detail += text("findings_villages", language, ids=item.villages[:SHOWN_VILLAGES])
    if len(item.villages) > SHOWN_VILLAGES:
        detail += text("findings_more", language, n=len(item.villages) - SHOWN_VILLAGES)
    return detail


def comparison_text(item: Finding, language: str) -> str:
    """Measured value and limit."""
    if item.limit is None:
        return text("finding_no_limit", language)
    if item.measured is None:
        return text("finding_does_not_apply", language)
    measured, limit = (value_text(value, item.unit, language) for value in (item.measured, item.limit))
    if measured == limit and not item.holds:
        measured, limit = (limit_text(value, item.unit, language) for value in (item.measured, item.limit))
    return text(f"findings_{item.sense}", language, measured=measured, limit=limit)


def broken_hard_rules(findings: Sequence[Finding]) -> list[str]:
    """Names of the hard rules that do not hold."""
    return [item.rule for item in findings if item.mode is RuleMode.HARD and not item.holds]


def broken_told_rules(findings: Sequence[Finding]) -> list[str]:
    """Names of the reported and penalized rules that do not hold."""
    return [item.rule for item in findings if item.mode in TOLD and not item.holds]


def verdict_kind(findings: Sequence[Finding]) -> str:
    """`broken` where a hard rule is, `told` where only reported or penalized ones are, else `holds`."""
    if broken_hard_rules(findings):
        return "broken"
    return "told" if broken_told_rules(findings) else "holds"


def verdict_text(findings: Sequence[Finding], language: str) -> str:
    """Whether the plan is valid, never without the rules that it breaks all the same."""
    kind = verdict_kind(findings)
    names = broken_hard_rules(findings) if kind == "broken" else broken_told_rules(findings)
    rules = [item.label[language] for item in findings if item.rule in names]
    return text(f"verdict_{kind}", language, n=len(rules), rules=rules)


def finding_record(item: Finding) -> dict[str, Any]:
    """A finding as plain data."""
    return {
        "rule": item.rule,
        "label": item.label,
        "mode": item.mode.value,
        "holds": item.holds,
        "measured": item.measured,
        "limit": item.limit,
        "unit": item.unit,
        "villages": list(item.villages),
        "message": str(item.message),
    }
