"""The rules of one plan as text and as JSON."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from app.words.console import list_text, value_text
from data.scenario import RuleMode
from envs.rules.check import RULES, Finding

_WORDS = {
    "en": {
        "holds": "holds",
        "broken": "BROKEN",
        "valid": "valid: every hard rule holds",
        "invalid": "not valid: broken",
        "at_most": ", at most ",
        "at_least": ", at least ",
        "no_limit": "no limit is set",
        "does_not_apply": "does not apply to this plan",
        "villages": "; villages {ids}",
        "more": " and {n} more",
    },
    "zh": {
        "holds": "符合",
        "broken": "不符合",
        "valid": "有效：全部硬性规则符合",
        "invalid": "无效：不符合",
        "at_most": "，上限 ",
        "at_least": "，下限 ",
        "no_limit": "未设限值",
        "does_not_apply": "不适用于该方案",
        "villages": "；涉及村：{ids}",
        "more": " 等，另有 {n} 个",
    },
}
_MODES = {
    "en": {mode: mode.value for mode in RuleMode},
    "zh": {RuleMode.OFF: "关闭", RuleMode.REPORTED: "仅报告", RuleMode.PENALIZED: "罚分", RuleMode.HARD: "硬性"},
}
SHOWN_VILLAGES = 5


def findings_text(findings: Sequence[Finding], language: str) -> str:
    """One line per rule, then the verdict."""
    words = _WORDS[language]
    rows = [
        (
            words["holds" if item.holds else "broken"],
            _MODES[language][item.mode],
            item.rule,
            item.label[language],
            _detail(item, language),
        )
        for item in findings
    ]
    broken = broken_hard_rules(findings)
    verdict = f"{words['invalid']} {', '.join(broken)}" if broken else words["valid"]
    return f"{list_text(rows)}\n\n{verdict}"


def _detail(item: Finding, language: str) -> str:
    """Measured value and limit, and the first villages that break it."""
    words = _WORDS[language]
    text = _comparison(item, language)
    if item.villages:
        text += words["villages"].format(ids=", ".join(item.villages[:SHOWN_VILLAGES]))
    if len(item.villages) > SHOWN_VILLAGES:
        text += words["more"].format(n=len(item.villages) - SHOWN_VILLAGES)
    return text


def _comparison(item: Finding, language: str) -> str:
    words = _WORDS[language]
    if item.limit is None:
        return words["no_limit"]
    if item.measured is None:
        return words["does_not_apply"]
    measured, limit = (value_text(value, item.unit, language) for value in (item.measured, item.limit))
    if measured == limit and not item.holds:
        measured, limit = f"{item.measured:.10g}", f"{item.limit:.10g}"
    return f"{measured}{words[RULES[item.rule].sense]}{limit}"


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
        "message": str(item.message),
    }
