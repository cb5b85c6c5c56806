"""Cache shared by all sessions of what if not: the plan in its model, changes measured, neighborhoods, answers."""

from __future__ import annotations

import streamlit as st

from app.plans.tables import PlanTables
from app.runs.run_folder import Run
from app.web.shell.page_frame import remember, remembered
from app.whatif.asked_plan import AskedPlan, asked_plan
from app.whatif.village_changes import changes_to_tell, position_of
from app.whatif.why_asked import WhyAsked, ask_why
from data.errors import InputError
from envs.changes.effects import Effects, measure_changes, measure_plans_beside
from envs.models.kernel_model import KernelModel
from optimizers.whatif.neighborhood import Neighborhood, neighborhood
from optimizers.whatif.smallest import Smallest, broken_rules, smallest_change

THREADS = 2
WHY_SECONDS = 3.5
"""For each lever, as `renewal whynot` has it."""


def cached_asked(run: Run, plan_id: str, tables: PlanTables) -> AskedPlan:
    """The plan in hand, with its edits, in the linear model, judged by the preference behind it."""
    return _asked(run.folder.name, run.record.created, plan_id, tables.digest, run, tables)


def cached_village_effects(asked: AskedPlan, village: str) -> Effects | None:
    """Every change of a village, measured exactly; None where it may do nothing else."""
    return _village(asked.model.resolved.digest, asked.plan.content, _key(asked), village, asked)


def cached_neighborhood(asked: AskedPlan) -> Neighborhood:
    """All neighbors of the plan, ranked."""
    return _neighborhood(asked.model.resolved.digest, asked.plan.content, _key(asked), asked)


def cached_broken(asked: AskedPlan) -> list[str]:
    """Rules and targets that the plan breaks or misses."""
    return _broken(asked.model.resolved.digest, asked.plan.content, asked)


def cached_smallest(asked: AskedPlan, rule: str) -> Smallest:
    """The smallest change that mends one of them."""
    return _smallest(asked.model.resolved.digest, asked.plan.content, _key(asked), rule, asked)


def cached_why(asked: AskedPlan, village: str, wish: str) -> WhyAsked:
    """Why the plan leaves a wish open.

    Raises:
        InputError: it grants it.
    """
    return _why(asked.model.resolved.digest, asked.plan.content, _key(asked), village, wish, asked)


def was_asked_for(asked: AskedPlan, *what: str) -> bool:
    """Whether this session has asked for something that takes long."""
    return bool(remembered(_name(asked, what), otherwise=False))


def note_asked_for(asked: AskedPlan, *what: str) -> None:
    """From now on it is shown."""
    remember(_name(asked, what), value=True)


def _name(asked: AskedPlan, what: tuple[str, ...]) -> str:
    return ":".join(("whatif", *what, asked.model.resolved.digest, str(hash(asked.plan.content))))


def _key(asked: AskedPlan) -> tuple[float, ...]:
    """The weights."""
    return tuple(asked.preference.weights.tolist())


@st.cache_resource(show_spinner=False, max_entries=6)
def _asked(folder: str, created: str, plan_id: str, plan_digest: str, _run: Run, _tables: PlanTables) -> AskedPlan:
    del folder, created, plan_digest
    model = KernelModel(_run.resolved, _run.record.objectives, threads=THREADS)
    return asked_plan(_run, plan_id, model, plan=_tables.plan)


@st.cache_resource(show_spinner=False, max_entries=64)
def _village(
    resolved_digest: str, plan: bytes, weights: tuple[float, ...], village: str, _asked_plan: AskedPlan
) -> Effects | None:
    del resolved_digest, plan, weights
    resolved = _asked_plan.model.resolved
    try:
        changes = changes_to_tell(_asked_plan.standing, position_of(resolved.city, village))
    except InputError:
        return None
    return measure_changes(resolved, _asked_plan.plan, changes, threads=THREADS)


@st.cache_resource(show_spinner=False, max_entries=6)
def _neighborhood(
    resolved_digest: str, plan: bytes, weights: tuple[float, ...], _asked_plan: AskedPlan
) -> Neighborhood:
    del resolved_digest, plan, weights
    return neighborhood(_asked_plan.model, _asked_plan.plan, _asked_plan.preference, threads=THREADS)


@st.cache_resource(show_spinner=False, max_entries=32)
def _broken(resolved_digest: str, plan: bytes, _asked_plan: AskedPlan) -> list[str]:
    del resolved_digest, plan
    return broken_rules(measure_plans_beside(_asked_plan.model.resolved, _asked_plan.plan, [], indicators=()))


@st.cache_resource(show_spinner=False, max_entries=32)
def _smallest(
    resolved_digest: str, plan: bytes, weights: tuple[float, ...], rule: str, _asked_plan: AskedPlan
) -> Smallest:
    del resolved_digest, plan, weights
    return smallest_change(_asked_plan.standing, rule)


@st.cache_resource(show_spinner=False, max_entries=32)
def _why(
    resolved_digest: str, plan: bytes, weights: tuple[float, ...], village: str, wish: str, _asked_plan: AskedPlan
) -> WhyAsked:
    del resolved_digest, plan, weights
    return ask_why(_asked_plan, village, wish=wish, seconds=WHY_SECONDS)
