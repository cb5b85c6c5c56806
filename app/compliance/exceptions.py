"""Exceptions from rules: who grants what for which reason, bound to the plan and the scenario they were granted for."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from typing import Literal

from data.scenario import RuleMode
from envs.rules.check import Finding

Standing = Literal["stands", "stands_in_part", "not_needed", "other_plan", "other_scenario"]
STANDINGS: tuple[Standing, ...] = ("stands", "stands_in_part", "not_needed", "other_plan", "other_scenario")
COUNTING: tuple[Standing, ...] = ("stands", "stands_in_part")
"""Of an exception that makes amber of red; the others are said and count for nothing."""


@dataclass(frozen=True)
class GrantedException:
    """One exception.

    Attributes:
        rule: name of the rule or target.
        villages: ids for which it is granted; none = for the whole rule.
        reason: why, in the words of whoever grants it.
        name: of whoever grants it, as it was given.
        role: of that person.
        granted: day, ISO 8601; empty = not said.
        plan_digest: of the plan that it was granted for; empty = not bound yet.
        scenario_digest: of the scenario with its city and parameters, likewise.
    """

    rule: str
    villages: tuple[str, ...]
    reason: str
    name: str
    role: str
    granted: str = ""
    plan_digest: str = ""
    scenario_digest: str = ""

    def record(self) -> dict[str, object]:
        """As plain data; what is empty is left out."""
        pairs = ((item.name, getattr(self, item.name)) for item in fields(self))
        return {name: list(value) if isinstance(value, tuple) else value for name, value in pairs if value}


def bound(
    exceptions: Sequence[GrantedException], plan_digest: str, scenario_digest: str
) -> tuple[GrantedException, ...]:
    """Exceptions, those without digests bound to this plan and scenario."""
    return tuple(
        replace(
            item,
            plan_digest=item.plan_digest or plan_digest,
            scenario_digest=item.scenario_digest or scenario_digest,
        )
        for item in exceptions
    )


def standing_of(item: GrantedException, plan_digest: str, scenario_digest: str, finding: Finding | None) -> Standing:
    """Where an exception stands with a plan.

    Args:
        item: the exception; one that is not bound stands for whatever plan it is given with.
        plan_digest: of the plan.
        scenario_digest: of its scenario.
        finding: of the rule on the plan; None = the rule is off, or the scenario has no such target.
    """
    if item.plan_digest not in ("", plan_digest):
        return "other_plan"
    if item.scenario_digest not in ("", scenario_digest):
        return "other_scenario"
    if finding is None or finding.holds or finding.mode is RuleMode.OFF:
        return "not_needed"
    if not item.villages or set(finding.villages) <= set(item.villages):
        return "stands"
    return "stands_in_part" if set(finding.villages) & set(item.villages) else "not_needed"


def exceptions_digest(exceptions: Sequence[GrantedException]) -> str:
    """SHA-256 of exceptions, in their order; empty for none."""
    if not exceptions:
        return ""
    records: list[Mapping[str, object]] = [item.record() for item in exceptions]
    return hashlib.sha256(json.dumps(records, sort_keys=True, ensure_ascii=False).encode()).hexdigest()
