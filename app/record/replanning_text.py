"""What is said of a rest that is planned again: what is fixed, what is late, and which costs are computed with."""

from __future__ import annotations

import numpy as np

from app.plans.tables import plan_tables
from app.record.replanning import Replan
from app.runs.record import Replanned
from app.words.console import value_text
from data.catalogue import text
from data.errors import printable
from data.importing.plans.actuals import Actuals
from envs.choices.options import option_space
from envs.kernel.plans import canonical, choose, empty_plan
from envs.kernel.project_account import COST, ITEMS


def replanning_text(again: Replan, actuals: Actuals | None, language: str) -> str:
    """What has happened, what is late, what was spent by the evaluator and by report."""
    lines = [
        text(
            "replan_fixed",
            language,
            year=again.year,
            n=len(again.happened),
            otherwise=len(again.otherwise),
        )
    ]
    if again.late:
        lines.append(text("replan_late", language, n=len(again.late), year=again.year, villages=_named(again.late)))
    lines.append(text("replan_quotas", language, quotas=list(again.resolved.scenario.yearly_quotas[: again.year - 1])))
    lines.append(_costs(again, actuals, language))
    return "\n".join(lines)


def replanned_text(rest: Replanned, language: str) -> str:
    """Of which plan a run planned the rest again."""
    plan, run = printable(rest.plan_id), printable(rest.run)
    if rest.actuals is None:
        return text("replan_of_as_planned", language, plan=plan, run=run, year=rest.year)
    return text("replan_of_reported", language, plan=plan, run=run, year=rest.year, actuals=rest.actuals[:12])


def _named(villages: tuple[str, ...], most: int = 5) -> list[str]:
    return [*villages[:most], *(["..."] if len(villages) > most else [])]


def _costs(again: Replan, actuals: Actuals | None, language: str) -> str:
    """What the evaluator takes as spent before the year, beside what was reported."""
    taken = value_text(spent_before(again), "CNY", language)
    if actuals is None or not np.isfinite(actuals.cost_cny).any():
        return text("replan_costs_taken", language, taken=taken)
    said = value_text(float(np.nansum(actuals.cost_cny)), "CNY", language)
    return text("replan_costs_beside", language, taken=taken, said=said)


def spent_before(again: Replan) -> float:
    """Cost of what has happened in the years before, as the evaluator counts it [CNY]."""
    space = option_space(again.resolved)
    past = canonical(choose(space.fixed_mask, space.fixed, empty_plan(again.resolved.city.n_villages)))
    flows = plan_tables(again.resolved, past).flows
    cost = np.sum([-flows[item.name] for item in ITEMS if item.kind == COST], axis=0)
    return float(cost[:, : again.year].sum())
