"""Cache shared by all sessions of what is shown of residents: portraits, days, who gains and who loses."""

from __future__ import annotations

import time
from dataclasses import dataclass

import streamlit as st

from app.people.day_diaries import village_diaries
from app.people.day_of_plan import PlanDay, plan_day
from app.people.portrait_tables import SEED, TextTable, village_portrait
from app.plans.tables import PlanTables
from envs.kernel import ResolvedScenario
from envs.people.effects.effects import Effects, effects_of
from envs.people.effects.population import Population, draw_population
from envs.people.people_model import PeopleModel, people_model
from envs.people.portrait import Portrait


@dataclass(frozen=True, eq=False)
class Counted:
    """Who gains and who loses by a plan, and the seconds it took to count them."""

    effects: Effects
    seconds: float


def cached_portrait(resolved: ResolvedScenario, village: int) -> Portrait:
    """Residents of a village, drawn and counted; `village` is its position.

    Raises:
        InputError: the shares of ages and households contradict each other.
    """
    return _portrait(resolved.digest, resolved.book.residents_digest, village, resolved)


def cached_day(tables: PlanTables, year: int) -> PlanDay:
    """The day of all residents, before the plan and in a year of it."""
    return _day(tables.resolved.digest, tables.resolved.book.day_digest, tables.digest, year, tables)


def cached_diaries(resolved: ResolvedScenario, village: int, language: str) -> tuple[TextTable, ...]:
    """A working day of some residents of a village; `village` is its position."""
    return _diaries(resolved.digest, resolved.book.day_digest, village, language, resolved)


def cached_effects(tables: PlanTables, year: int) -> Counted:
    """Who gains and who loses by the plan, in a state year of it; the residents are drawn once for all plans.

    Raises:
        InputError: the shares of ages and households contradict each other.
    """
    resolved = tables.resolved
    return _effects(resolved.digest, resolved.book.residents_digest, tables.digest, year, tables)


@st.cache_resource(show_spinner=False, max_entries=64)
def _portrait(digest: str, residents_digest: str, village: int, _resolved: ResolvedScenario) -> Portrait:
    del digest, residents_digest
    return village_portrait(_resolved, [village])


@st.cache_resource(show_spinner=False, max_entries=16)
def _day(resolved_digest: str, day_digest: str, plan_digest: str, year: int, _tables: PlanTables) -> PlanDay:
    del resolved_digest, day_digest, plan_digest
    return plan_day(_tables.resolved, _tables.plan, year)


@st.cache_resource(show_spinner=False, max_entries=64)
def _diaries(
    resolved_digest: str, day_digest: str, village: int, language: str, _resolved: ResolvedScenario
) -> tuple[TextTable, ...]:
    del resolved_digest, day_digest
    return village_diaries(_resolved, village, language)


@st.cache_resource(show_spinner=False, max_entries=16)
def _effects(resolved_digest: str, residents_digest: str, plan_digest: str, year: int, _tables: PlanTables) -> Counted:
    del plan_digest
    begin = time.perf_counter()
    model, population = _population(resolved_digest, residents_digest, _tables.resolved)
    effects = effects_of(model, _tables.plan, population, year=year)
    return Counted(effects, time.perf_counter() - begin)


@st.cache_resource(show_spinner=False, max_entries=2)
def _population(
    resolved_digest: str, residents_digest: str, _resolved: ResolvedScenario
) -> tuple[PeopleModel, Population]:
    del resolved_digest, residents_digest
    model = people_model(_resolved)
    return model, draw_population(model, SEED)
