"""The compliance matrix of a plan: every rule with its clause, verdict, excess, places and exceptions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from app.compliance.exceptions import GrantedException, Standing, standing_of
from app.plans.rule_table import broken_told_rules
from app.plans.tables import plan_tables
from data.scenario import RuleMode
from envs.kernel import Plans, ResolvedScenario
from envs.rules.check import RULES, Finding, check, check_reported_targets, rule_mode, rules_of
from envs.rules.clauses import Clause, clause_of
from envs.rules.rule import Rule
from envs.rules.targets import STEERING, target_rule

Verdict = Literal["broken", "excepted", "holds", "not_applicable", "no_limit", "not_asked"]
VERDICTS: tuple[Verdict, ...] = ("broken", "excepted", "holds", "not_applicable", "no_limit", "not_asked")
LEVELS = ("holds", "told", "excepted", "broken")
"""What is said of the plan as a whole; green, amber, amber and red."""
SCOPES = (RuleMode.HARD, RuleMode.PENALIZED, RuleMode.REPORTED, RuleMode.OFF)
"""Strictest first."""


@dataclass(frozen=True, eq=False)
class Line:
    """One rule or target, and what is to be said of a plan under it.

    Attributes:
        rule: what is compared.
        is_target: whether it is a target of the scenario.
        scope: what the scenario makes of it.
        clause: what it rests on.
        finding: of the rule checker; None where the rule is off and nothing was measured.
        exceptions: those that stand for it, numbered from 1 in the order of the file.
        n_covered: offending villages that exceptions name; all of them where one is for the whole rule.
    """

    rule: Rule
    is_target: bool
    scope: RuleMode
    clause: Clause
    finding: Finding | None
    exceptions: tuple[int, ...] = ()
    n_covered: int = 0

    @property
    def verdict(self) -> Verdict:
        """What is to be said; an exception makes `excepted` of `broken`, never `holds`."""
        if self.finding is None:
            return "not_asked"
        if self.finding.limit is None:
            return "no_limit"
        if not self.finding.holds:
            return "excepted" if self.is_excepted else "broken"
        return "not_applicable" if self.finding.measured is None else "holds"

    @property
    def is_excepted(self) -> bool:
        """Whether exceptions stand for every village that breaks it, or for the whole of it."""
        villages = () if self.finding is None else self.finding.villages
        return bool(self.exceptions) and self.n_covered == len(villages)

    @property
    def beyond(self) -> float | None:
        """How far beyond its limit [unit of the rule]; below 0 = that much is left; None where nothing is compared."""
        item = self.finding
        if item is None or item.limit is None or item.measured is None:
            return None
        return (item.measured - item.limit) * (1.0 if item.sense == "at_most" else -1.0) + 0.0


@dataclass(frozen=True, eq=False)
class Compliance:
    """A plan against every rule.

    Attributes:
        resolved: scenario resolved against a city.
        plan: batch of one plan, as it was asked for.
        plan_digest: of its content.
        lines: every rule and target; what breaks first in the order of SCOPES, then what holds, then what is off.
        exceptions: as given, with where each stands.
        findings: what the checker found of the rules and the targets that steer, in its order.
    """

    resolved: ResolvedScenario
    plan: Plans
    plan_digest: str
    lines: tuple[Line, ...]
    exceptions: tuple[tuple[GrantedException, Standing], ...]
    findings: tuple[Finding, ...]

    @property
    def level(self) -> str:
        """One of LEVELS: an exception never makes a plan green."""
        hard = [line for line in self.broken if line.scope is RuleMode.HARD]
        if any(line.verdict == "broken" for line in hard):
            return "broken"
        if hard:
            return "excepted"
        return "told" if self.broken else "holds"

    @property
    def broken(self) -> list[Line]:
        """Lines that do not hold, with an exception or without."""
        return [line for line in self.lines if line.verdict in ("broken", "excepted")]

    @property
    def broken_hard(self) -> list[str]:
        """Names of the hard rules that do not hold, whatever exceptions say: `renewal check` ends with 3."""
        return [line.rule.name for line in self.broken if line.scope is RuleMode.HARD]

    @property
    def broken_told(self) -> list[str]:
        """Names of the reported and penalized rules that do not hold."""
        return broken_told_rules(self.findings)

    def n_of(self, verdict: Verdict) -> int:
        """How many lines have a verdict."""
        return sum(line.verdict == verdict for line in self.lines)

    def standing(self) -> tuple[int, ...]:
        """Numbers of the exceptions that count."""
        return tuple(sorted({number for line in self.lines for number in line.exceptions}))


def compliance(resolved: ResolvedScenario, plan: Plans, exceptions: Sequence[GrantedException] = ()) -> Compliance:
    """A plan against every rule of its scenario; the rule checker says what holds, and by how much.

    Args:
        resolved: scenario resolved against a city.
        plan: batch of one plan, not necessarily canonical.
        exceptions: that were granted for it, or for another version of it.
    """
    digest = plan_tables(resolved, plan).digest
    checked = check(resolved, plan)
    findings = {item.rule: item for item in (*checked, *check_reported_targets(resolved, plan))}
    standings = [standing_of(item, digest, resolved.digest, findings.get(item.rule)) for item in exceptions]
    counting = [
        (number, item)
        for number, (item, standing) in enumerate(zip(exceptions, standings, strict=True), start=1)
        if standing in ("stands", "stands_in_part")
    ]
    lines = [
        _line(rule, is_target, mode, findings.get(rule.name), counting) for rule, is_target, mode in _asked(resolved)
    ]
    lines.sort(key=_order)
    return Compliance(
        resolved, plan, digest, tuple(lines), tuple(zip(exceptions, standings, strict=True)), tuple(checked)
    )


def _asked(resolved: ResolvedScenario) -> list[tuple[Rule, bool, RuleMode]]:
    """Every rule and target of the scenario with its mode, those that are off among them."""
    scenario = resolved.scenario
    rules = [(rule, rule.name not in RULES, rule_mode(scenario, rule.name)) for rule in rules_of(scenario).values()]
    others = [target for target in scenario.targets if target.mode not in STEERING]
    return rules + [(target_rule(target), True, target.mode) for target in others]


def _line(
    rule: Rule,
    is_target: bool,
    mode: RuleMode,
    finding: Finding | None,
    counting: Sequence[tuple[int, GrantedException]],
) -> Line:
    mine = [(number, item) for number, item in counting if item.rule == rule.name]
    offending = set() if finding is None else set(finding.villages)
    named = offending if any(not item.villages for _, item in mine) else set()
    for _, item in mine:
        named = named | (offending & set(item.villages))
    numbers = tuple(number for number, _ in mine)
    return Line(rule, is_target, mode, clause_of(rule.name), finding, numbers, len(named))


def _order(line: Line) -> tuple[int, int]:
    rank = {"broken": 0, "excepted": 0, "not_asked": 2}.get(line.verdict, 1)
    return rank, SCOPES.index(line.scope) if rank == 0 else 0
