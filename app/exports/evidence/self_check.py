"""The self-check of an evidence package: what was stored is computed anew, and what is written is read back."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from app.compliance.matrix import Compliance
from app.plans.tables import PlanTables, plan_tables
from app.runs.plan_files import read_plan
from app.runs.record import digests
from app.runs.run_folder import Run
from data.catalogue import text
from data.errors import refuse
from envs.kernel.capital import net_present_value_cny

TOLERANCE = 1e-9
"""Largest difference of a stored number from the one computed anew; another library sums in another order."""
CHECKS = ("indicators", "digests", "plan", "cash_flow", "rules")


@dataclass(frozen=True)
class Check:
    """One check.

    Attributes:
        name: one of CHECKS.
        holds: whether it does.
        n: how many numbers or digests were compared.
        largest: largest relative difference among them; 0 where they are equal or no numbers.
        differing: names of what differs.
    """

    name: str
    holds: bool
    n: int
    largest: float = 0.0
    differing: tuple[str, ...] = ()

    def words(self, language: str) -> str:
        """What was compared, and what came out."""
        largest = "0" if self.largest == 0.0 else f"{self.largest:.1e}"
        return text(f"evidence_check_{self.name}", language, n=self.n, largest=largest, tolerance=f"{TOLERANCE:g}")


def self_check(
    run: Run, plan_id: str, tables: PlanTables, found: Compliance, plan_file: Path, cash_flow: pd.DataFrame
) -> tuple[Check, ...]:
    """Check what goes into a package.

    Args:
        run: of the plan.
        plan_id: one of its plans.
        tables: of the plan, computed anew.
        found: the plan against its rules.
        plan_file: the plan as the package holds it.
        cash_flow: by village and year, as the package holds it.

    Raises:
        InputError: a check fails: then nothing is packed.
    """
    checks = (
        _indicators(run, plan_id, tables),
        _digests(run),
        _plan(run, tables, plan_file),
        _cash_flow(run, tables, cash_flow),
        _rules(run, plan_id, found),
    )
    failed = [check for check in checks if not check.holds]
    if failed:
        names = [f"{check.name} ({', '.join(check.differing[:5])})" for check in failed]
        raise refuse("evidence_check_failed", file=run.folder, layer=plan_id, names=names)
    return checks


def relative_difference(stored: float, computed: float) -> float:
    """How far two numbers are apart, relative to the larger or to 1; 0 if both are undefined, infinite if one is."""
    if np.isnan(stored) or np.isnan(computed):
        return 0.0 if np.isnan(stored) and np.isnan(computed) else float("inf")
    return abs(stored - computed) / max(abs(stored), abs(computed), 1.0)


def _indicators(run: Run, plan_id: str, tables: PlanTables) -> Check:
    """Every indicator of front.csv against the evaluator."""
    stored = run.front.set_index("plan_id").loc[plan_id]
    computed = tables.indicators().set_index("indicator")["value"].astype(float)
    names = [name for name in computed.index if name in stored.index]
    apart = {name: relative_difference(float(stored[name]), float(computed[name])) for name in names}
    differing = tuple(name for name, value in apart.items() if value > TOLERANCE)
    return Check("indicators", not differing, len(names), max(apart.values(), default=0.0), differing)


def _digests(run: Run) -> Check:
    """City, scenario and parameters as they are now against those of the run."""
    now, stored = dict(digests(run.resolved).pairs()), dict(run.record.digests.pairs())
    differing = tuple(name for name, digest in stored.items() if now[name] != digest)
    return Check("digests", not differing, len(stored), differing=differing)


def _plan(run: Run, tables: PlanTables, plan_file: Path) -> Check:
    """The plan in the package, read as everybody's plan is, against the one that was evaluated."""
    years, longest = run.resolved.scenario.plan_years, run.resolved.clock.longest_delay_yr
    again = read_plan(plan_file, run.resolved.city, years, longest_delay_yr=longest)
    same = plan_tables(run.resolved, again).digest == tables.digest
    return Check("plan", same, run.resolved.city.n_villages, differing=() if same else ("plan.csv",))


def _cash_flow(run: Run, tables: PlanTables, cash_flow: pd.DataFrame) -> Check:
    """The cash flow of every village and year, discounted, against the indicator."""
    by_year = cash_flow.groupby("year")["net_cash_flow_cny"].sum()
    rate = run.resolved.book.number("finance.discount_rate")
    added = float(net_present_value_cny(by_year.to_numpy(np.float64)[None], rate)[0]) if len(by_year) else 0.0
    indicators = tables.indicators().set_index("indicator")["value"].astype(float)
    worth = float(indicators["net_present_value_cny"])
    spent = max(abs(worth), float(indicators["total_cost_cny"]), 1.0)
    largest = abs(added - worth) / spent
    return Check("cash_flow", largest <= TOLERANCE, len(cash_flow), largest, ("net_present_value_cny",))


def _rules(run: Run, plan_id: str, found: Compliance) -> Check:
    """Broken hard rules, counted by the search, against the compliance."""
    stored = int(run.front.set_index("plan_id")["n_violations"][plan_id])
    same = stored == len(found.broken_hard)
    return Check("rules", same, len(found.findings), differing=() if same else ("n_violations",))
