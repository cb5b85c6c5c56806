"""The rules of one plan as text and as JSON."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from app.console import list_text
from data.scenario import RuleMode
from envs.rules import Finding

_WORDS = {
    "en": {
        "holds": "holds",
        "broken": "BROKEN",
        "valid": "valid: every hard rule holds",
        "invalid": "not valid: broken",
    },
    "zh": {"holds": "符合", "broken": "不符合", "valid": "有效：全部硬性规则符合", "invalid": "无效：不符合"},
}
SHOWN_VILLAGES = 5


def findings_text(findings: Sequence[Finding], language: str) -> str:
    """One line per rule, then the verdict."""
    words = _WORDS[language]
    rows = [
        (words["holds" if item.holds else "broken"], item.mode.value, item.rule, item.label[language], _detail(item))
        for item in findings
    ]
    broken = broken_hard_rules(findings)
    verdict = f"{words['invalid']} {', '.join(broken)}" if broken else words["valid"]
    return f"{list_text(rows)}\n\n{verdict}"


def _detail(item: Finding) -> str:
    if not item.villages:
        return item.message
    more = f" and {len(item.villages) - SHOWN_VILLAGES} more" if len(item.villages) > SHOWN_VILLAGES else ""
    return f"{item.message}; villages {', '.join(item.villages[:SHOWN_VILLAGES])}{more}"


def broken_hard_rules(findings: Sequence[Finding]) -> list[str]:
    """Names of the hard rules that do not hold."""
    return [item.rule for item in findings if item.mode is RuleMode.HARD and not item.holds]


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
        "message": item.message,
    }
