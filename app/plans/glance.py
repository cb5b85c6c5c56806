"""A plan at a glance: its verdict, targets first, and its phases with the money of each payer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from app.plans.measures import money_table
from app.plans.phases import phases
from app.plans.rule_table import comparison_text, verdict_kind
from app.plans.tables import PlanTables
from data.catalogue import text
from data.scenario import RuleMode
from envs.kernel.project_account import DEVELOPER, GOVERNMENT
from envs.rules.check import Finding, rules_of
from envs.rules.targets import Score, target_rules

LEVELS = ("holds", "told", "broken")
"""Green, amber and red, in this order."""


@dataclass(frozen=True)
class Breach:
    """A rule that a plan breaks.

    Attributes:
        label: the rule in a few words.
        mode: of the scenario, in words.
        comparison: measured value and limit.
        clause: what is compared, and its source.
    """

    label: str
    mode: str
    comparison: str
    clause: str


@dataclass(frozen=True)
class Verdict:
    """What is to be said of a plan before anything else.

    Attributes:
        level: one of LEVELS; `holds` only where every target is met and every rule holds.
        targets: the scorecard.
        breaches: rules that do not hold, hard ones first.
    """

    level: str
    targets: tuple[Score, ...]
    breaches: tuple[Breach, ...]

    @property
    def n_met(self) -> int:
        """Targets that are met."""
        return sum(score.met for score in self.targets)


def verdict(tables: PlanTables, findings: Sequence[Finding], targets: Sequence[Score], language: str) -> Verdict:
    """The verdict on one plan.

    Args:
        tables: of the plan.
        findings: envs.rules.check.check of it.
        targets: envs.rules.targets.scorecard of it.
        language: zh or en.
    """
    rules, stated = rules_of(tables.resolved.scenario), target_rules(tables.resolved.scenario)
    broken = [item for item in findings if not item.holds]
    broken.sort(key=lambda item: (item.mode is not RuleMode.HARD, item.rule not in stated))
    breaches = [
        Breach(
            label=item.label[language],
            mode=text(f"mode_{item.mode}", language),
            comparison=comparison_text(item, language),
            clause=rules[item.rule].recipe_in(language),
        )
        for item in broken
    ]
    level = verdict_kind(findings)
    if level == "holds" and not all(score.met for score in targets):
        level = "told"
    return Verdict(level, tuple(targets), tuple(breaches))


def phase_money(tables: PlanTables) -> pd.DataFrame:
    """One row per phase, and one for the years after the last: what begins, and who pays when.

    Columns: phase (one of PHASES or "after"), first_year, last_year, villages begun, new_floor_area_m2 of those, and
    the cost of each payer, the income and the net cash flow of these years [CNY]. Rows add up to the whole plan.
    """
    money, spans = money_table(tables), phases(tables.resolved.scenario.plan_years)
    start, floor = tables.plan.start_year[0], np.asarray(tables.trace.form.new_floor[0])
    last = int(money["year"].max())
    rows = [(phase.name, phase.first if k else 0, phase.last) for k, phase in enumerate(spans)]
    if last > spans[-1].last:
        rows.append(("after", spans[-1].last + 1, last))
    year, net = money["year"].to_numpy(), money["net"].to_numpy()
    payers = {f"cost_{payer}": -money[f"cost_{payer}"].to_numpy() for payer in (GOVERNMENT, DEVELOPER)}
    flows = {**payers, "income": net + sum(payers.values()), "net": net}
    return pd.DataFrame([
        {
            "phase": name, "first_year": first, "last_year": end,
            "villages": int(((start >= max(first, 1)) & (start <= end)).sum()),
            "new_floor_area_m2": float(floor[(start >= max(first, 1)) & (start <= end)].sum()),
            **{key: float(flow[(year >= first) & (year <= end)].sum()) for key, flow in flows.items()},
        }
        for name, first, end in rows
    ])  # fmt: skip
