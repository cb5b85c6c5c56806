"""The smallest change that mends a plan, in sentences and a table."""

from __future__ import annotations

import numpy as np

from app.whatif.asked_plan import AskedPlan
from app.whatif.change_text import change_words, difference_words, village_words
from app.words.console import COLUMNS, filled, list_text, value_text
from data.catalogue import text
from envs.kernel.indicators.registry import INDICATORS
from optimizers.whatif.smallest import Smallest

SHOWN = 20


def smallest_text(asked: AskedPlan, found: Smallest, language: str) -> str:
    """How many changes suffice and whether fewer could, what they do to the objectives, and the changes."""
    lines = [line for words in smallest_lines(asked, found, language) for line in filled(words, COLUMNS)]
    if not found.changes:
        return "\n".join(lines)
    rows = change_rows(asked, found, language)
    more = len(found.changes) - len(rows)
    rest = [text("smallest_more", language, n=more)] if more else []
    return "\n".join([*lines, "", list_text(rows), *rest])


def smallest_lines(asked: AskedPlan, found: Smallest, language: str) -> list[str]:
    """What was found, in sentences."""
    rule = rule_label(asked, found.rule, language)
    if found.at_least < 0:
        return [text("smallest_impossible", language, rule=rule)]
    if found.effects is None:
        return [text("smallest_none", language, rule=rule), _proof(found, language)]
    effects = found.effects
    k = [item.name for item in effects.rules].index(found.rule)
    unit = effects.rules[k].unit
    before, after, limit = (
        value_text(float(value), unit, language)
        for value in (effects.measured_before[k], effects.measured_after[0, k], effects.limits[k])
    )
    lines = [
        text("smallest_found", language, rule=rule, n=len(found.changes), before=before, after=after, limit=limit),
        _proof(found, language),
    ]
    parts = [
        f"{INDICATORS[name].label[language]} {difference_words(name, float(effects.of(name)[0]), language)}"
        for name in asked.preference.objectives
    ]
    lines.append(text("smallest_costs", language, parts=parts))
    if found.newly_broken:
        broken = [rule_label(asked, name, language) for name in found.newly_broken]
        lines.append(text("smallest_breaks", language, rules=broken))
    return lines


def _proof(found: Smallest, language: str) -> str:
    if found.is_proven:
        return text(f"smallest_proven_{found.kind}", language, n=found.at_least)
    if found.at_least > 0:
        return text("smallest_at_least", language, n=found.at_least)
    return text("smallest_not_proven", language)


def rule_label(asked: AskedPlan, name: str, language: str) -> str:
    """A rule or target in words."""
    from envs.changes.effects import what_is_asked

    rules = {item.name: item.label[language] for item in what_is_asked(asked.model.resolved)[0]}
    return rules[name]


def change_rows(asked: AskedPlan, found: Smallest, language: str, *, most: int = SHOWN) -> list[list[str]]:
    """Village and change, of the first ones."""
    resolved = asked.model.resolved
    order = np.arange(min(most, len(found.changes)))
    return [
        [
            village_words(resolved, found.changes[k].village),
            change_words(resolved, asked.plan, found.changes[k], language),
        ]
        for k in order
    ]
