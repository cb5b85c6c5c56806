"""What is costly to read, kept for every session of the room: cities, resolved scenarios, runs, tables of plans."""

from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np
import streamlit as st

from app.loading import check_names
from app.room.draft_state import DEFAULT_CITY, DEFAULT_SCENARIO
from app.room.plan_edits import Edits, apply_edits, edits_digest
from app.room.workspace import Workspace
from app.run_folder import Run, load_run
from app.tables import PlanTables, plan_tables
from data.cities import city_path, load_city
from data.city import City
from data.scenario import Scenario
from data.scenario_files import load_scenario
from envs.kernel import ResolvedScenario, evaluate, resolve
from envs.kernel.plans import empty_plan
from envs.targets import refuse_unknown_targets


def city(source: str) -> City:
    """A city by name or path; read again only when its file has changed.

    Raises:
        InputError: it cannot be read, or breaks a rule.
    """
    return _city(source, _stamp(city_path(source)))


def resolved(scenario: Scenario, given: City) -> ResolvedScenario:
    """A scenario resolved against a city, names checked.

    Raises:
        InputError: they do not fit each other.
    """
    check_names(scenario)
    refuse_unknown_targets(scenario)
    return _resolved(given.digest, scenario.digest, scenario, given)


def run(space: Workspace, run_id: str) -> Run:
    """A finished run.

    Raises:
        InputError: it is not there, is not finished, or is not what its digests say.
    """
    folder = space.run_folder(run_id)
    return _run(str(folder), _stamp(folder / "run.json"))


def tables(found: Run, plan_id: str, edits: Edits) -> PlanTables:
    """Tables of a plan of a run, with the edits of a planner.

    Raises:
        InputError: no such plan, or an edit of a village that is not in the city.
    """
    return _tables(found.resolved.digest, str(found.folder), plan_id, edits_digest(edits), found, edits)


def plan_values(of: PlanTables) -> dict[str, float]:
    """Every indicator of a plan at report precision."""
    digest = hashlib.sha256(b"".join(np.ascontiguousarray(column).tobytes() for column in of.plan.columns)).hexdigest()
    return _plan_values(of.resolved.digest, digest, of)


def base_values(of: ResolvedScenario) -> dict[str, float]:
    """Every indicator of the empty plan."""
    return _base_values(of.digest, of)


def warm_up() -> None:
    """Read and resolve what a first visitor will ask for."""
    base_values(resolved(load_scenario(DEFAULT_SCENARIO), city(DEFAULT_CITY)))


@st.cache_resource(show_spinner=False, max_entries=6)
def _city(source: str, stamp: tuple[int, int]) -> City:
    del stamp
    return load_city(source)


@st.cache_resource(show_spinner=False, max_entries=8)
def _resolved(city_digest: str, scenario_digest: str, _scenario: Scenario, _given: City) -> ResolvedScenario:
    del city_digest, scenario_digest
    return resolve(_scenario, _given)


@st.cache_resource(show_spinner=False, max_entries=8)
def _run(folder: str, stamp: tuple[int, int]) -> Run:
    del stamp
    return load_run(Path(folder), read_city=city, resolve_with=resolved)


@st.cache_resource(show_spinner=False, max_entries=24)
def _tables(resolved_digest: str, folder: str, plan_id: str, edits_of: str, _found: Run, _edits: Edits) -> PlanTables:
    del resolved_digest, folder, edits_of
    plan = _found.plan(plan_id)
    return plan_tables(_found.resolved, apply_edits(plan, _found.resolved.city, _edits))


@st.cache_resource(show_spinner=False, max_entries=64)
def _plan_values(resolved_digest: str, plan_digest: str, _of: PlanTables) -> dict[str, float]:
    del resolved_digest, plan_digest
    values = evaluate(_of.resolved, _of.plan).values
    return {name: float(column[0]) for name, column in values.items()}


@st.cache_resource(show_spinner=False, max_entries=16)
def _base_values(digest: str, _of: ResolvedScenario) -> dict[str, float]:
    del digest
    values = evaluate(_of, empty_plan(_of.city.n_villages)).values
    return {name: float(column[0]) for name, column in values.items()}


def _stamp(path: Path) -> tuple[int, int]:
    """What changes when a file does; zeros where there is none."""
    try:
        status = path.stat()
    except OSError:
        return (0, 0)
    return (status.st_mtime_ns, status.st_size)
