"""Cache shared by all sessions of plans that were bargained over."""

from __future__ import annotations

import time
from dataclasses import dataclass

import streamlit as st

from app.bargaining.bargained_plan import BargainedPlan, Table, bargain_plan
from app.plans.tables import PlanTables
from app.web.shell.page_frame import remember, remembered

SEED = 0
"""As `renewal bargain` has it without --seed."""


@dataclass(frozen=True, eq=False)
class Bargained:
    """A plan that was bargained over, and the seconds that it took."""

    plan: BargainedPlan
    seconds: float


def village_table(village_id: str) -> Table:
    """How one village bargains."""
    return Table(seed=SEED, village_id=village_id)


def chosen_table() -> Table:
    """How all villages bargain, as this session has chosen."""
    return Table(
        seed=SEED,
        pool_size=int(remembered("bargain_pool_size", 1)),
        most_rounds=int(remembered("bargain_most_rounds", 1)),
    )


def cached_bargain(tables: PlanTables, table: Table) -> Bargained:
    """The plan as the parties of a village, or of all that it renews, bargain over it.

    Raises:
        InputError: there is no such village, or the plan keeps it, or renews none.
    """
    resolved = tables.resolved
    return _bargain(resolved.digest, resolved.book.bargaining_digest, tables.digest, table, tables)


def is_known(tables: PlanTables) -> bool:
    """Whether this session has let all villages of the plan bargain."""
    return bool(remembered(f"bargained:{tables.resolved.digest}:{tables.digest}", otherwise=False))


def note_known(tables: PlanTables) -> None:
    """From now on all villages of the plan have bargained."""
    remember(f"bargained:{tables.resolved.digest}:{tables.digest}", value=True)


@st.cache_resource(show_spinner=False, max_entries=12)
def _bargain(
    resolved_digest: str, bargaining_digest: str, plan_digest: str, table: Table, _tables: PlanTables
) -> Bargained:
    del resolved_digest, bargaining_digest, plan_digest
    begin = time.perf_counter()
    plan = bargain_plan(_tables.resolved, _tables.plan, table)
    return Bargained(plan, time.perf_counter() - begin)
