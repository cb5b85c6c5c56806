"""The compliance of a plan in words: the verdict, a line per clause, and where each exception stands."""

from __future__ import annotations

from collections.abc import Sequence

from app.compliance.matrix import VERDICTS, Compliance, Line
from app.plans.rule_table import SHOWN_VILLAGES, comparison_text, verdict_text
from app.words.console import list_text, listed, value_text
from data.catalogue import text
from data.parameter import confidence_text
from envs.rules.check import Finding
from envs.rules.targets import STEERING


def verdict_line(found: Compliance, language: str) -> str:
    """Whether the plan is valid, never without what it breaks all the same; an exception changes nothing of it."""
    said = [verdict_text(found.findings, language)]
    missed = [line.rule.label[language] for line in found.broken if line.is_target and line.scope not in STEERING]
    if missed:
        said.append(text("compliance_targets_missed", language, n=len(missed), targets=missed))
    excepted = [line.rule.label[language] for line in found.broken if line.verdict == "excepted"]
    if excepted:
        said.append(text("compliance_excepted", language, rules=excepted))
    return (" " if language == "en" else "").join(said)


def counts_line(found: Compliance, language: str) -> str:
    """How many clauses hold, are broken, do not apply, are not asked for."""
    said = [
        text("compliance_count", language, verdict=text(f"verdict_word_{name}", language), n=found.n_of(name))
        for name in VERDICTS
        if found.n_of(name)
    ]
    return text("compliance_counts", language, n=len(found.lines), counts=text("clause_separator", language).join(said))


def compliance_text(found: Compliance, language: str) -> str:
    """One line per rule, those that are off in a row of their own, the exceptions, then the verdict."""
    shown = [line for line in found.lines if line.finding is not None]
    rows = [
        (
            text(f"findings_{line.verdict}" if line in found.broken else f"verdict_word_{line.verdict}", language),
            text(f"mode_{line.scope}", language),
            line.rule.name,
            line.rule.label[language],
            detail_text(line, language),
        )
        for line in shown
    ]
    off = [line.rule.label[language] for line in found.lines if line.finding is None]
    parts = [list_text(rows)]
    if off:
        parts.append(text("compliance_off", language, n=len(off), rules=off))
    if found.exceptions:
        parts.append("\n".join(exception_lines(found, language)))
    return "\n\n".join([*parts, verdict_line(found, language)])


def detail_text(line: Line, language: str) -> str:
    """Measured value and limit, and the first villages, districts or years that break it."""
    item = line.finding
    if item is None:
        return text("verdict_word_not_asked", language)
    detail = comparison_text(item, language)
    where = where_text(line, language)
    return detail + (text("compliance_where", language, where=where) if where else "")


def where_text(line: Line, language: str, *, most: int = SHOWN_VILLAGES) -> str:
    """The first villages, districts and years that break it; empty where none is named."""
    if line.finding is None:
        return ""
    groups = [
        ("villages", line.finding.villages),
        ("districts", line.finding.named("district")),
        ("years", line.finding.named("year")),
    ]
    said = [_first(key, names, language, most) for key, names in groups if names]
    return text("clause_separator", language).join(said)


def _first(key: str, names: Sequence[str], language: str, most: int) -> str:
    more = text("findings_more", language, n=len(names) - most) if len(names) > most else ""
    return text(f"compliance_where_{key}", language, names=list(names[:most])) + more


def beyond_text(line: Line, language: str) -> str:
    """By how much a rule is broken, or how much is left; a dash where nothing is compared."""
    if line.beyond is None:
        return "-"
    amount = value_text(abs(line.beyond), line.rule.unit, language)
    if line.rule.unit == "share":
        amount = text("compliance_points", language, points=abs(line.beyond) * 100.0)
    return text(
        "compliance_beyond" if line.verdict in ("broken", "excepted") else "compliance_left", language, n=amount
    )


def limit_text_of(item: Finding | None, language: str) -> str:
    """The limit with its side; what is not set says so, a dash for what was not asked for."""
    if item is None:
        return "-"
    if item.limit is None:
        return text("report_no_limit", language)
    sign = "≤" if item.sense == "at_most" else "≥"
    return f"{sign} {value_text(item.limit, item.unit, language)}"


def basis_text(found: Compliance, line: Line, language: str) -> str:
    """What kind of basis, how sure the limit is, and whether the scenario changed it."""
    _, letter = line.clause.source(found.resolved)
    parts = [text(f"basis_{line.clause.basis}", language)]
    if letter:
        parts.append(f"{letter} {confidence_text(letter, language)}")
    if line.clause.is_changed(found.resolved):
        parts.append(text("compliance_limit_changed", language, key=line.clause.parameter))
    return text("clause_separator", language).join(parts)


def exception_lines(found: Compliance, language: str) -> list[str]:
    """Every exception, with where it stands."""
    labels = {line.rule.name: line.rule.label[language] for line in found.lines}
    return [
        text(
            "compliance_exception",
            language,
            n=number,
            rule=labels.get(item.rule, item.rule),
            villages=listed(item.villages, language) or text("compliance_whole_rule", language),
            reason=item.reason,
            name=item.name,
            role=item.role,
            granted=text("compliance_granted", language, day=item.granted) if item.granted else "",
            standing=text(f"standing_{standing}", language),
        )
        for number, (item, standing) in enumerate(found.exceptions, start=1)
    ]
