"""Cache shared by all sessions: cities, resolved scenarios, runs, tables of plans, indicators."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import nullcontext
from pathlib import Path

import streamlit as st

from app.plans.front_view import FrontView, front_view, known_presets
from app.plans.tables import PlanTables, plan_tables
from app.plans.targets_met import targets_met
from app.runs.agreement_store import resolve_with_agreements
from app.runs.loading import check_scenario
from app.runs.names import RUN_FILE
from app.runs.own_model.model_run import ModelRun, read_model_run
from app.runs.record import quantities_of, read_opened_record
from app.runs.run_folder import Run, load_run
from app.runs.stored_run import StoredRun, read_stored_run
from app.studies.run_comparison import Comparison, load_comparison
from app.web.documents.plan_comparison import KEEP
from app.web.documents.plan_edits import Edits, apply_edits, edits_digest
from app.web.documents.scenario_draft import DEFAULT_CITY, DEFAULT_SCENARIO
from app.web.documents.workspace import Workspace
from app.web.shell.cached_city import cached_city
from app.web.shell.file_stamps import stamp
from app.web.shell.session import say
from data.arrays import BoolArray
from data.city import City
from data.errors import refuse
from data.scenario import Bargaining, Scenario
from data.scenario_files import load_scenario
from envs.kernel import ResolvedScenario, evaluate
from envs.kernel.evaluate import Outcomes
from envs.kernel.indicators.registry import INDICATORS
from envs.kernel.plans import empty_plan
from envs.rules.check import Finding, check
from envs.rules.coherence import refuse_unreachable_bounds


def cached_resolved_scenario(scenario: Scenario, city: City) -> ResolvedScenario:
    """A scenario resolved against a city, names checked.

    Raises:
        InputError: they do not fit each other.
    """
    check_scenario(scenario)
    looks_at_bargaining = scenario.bargaining is not Bargaining.OFF
    with st.spinner(say("agreements_made"), show_time=True) if looks_at_bargaining else nullcontext():
        resolved = _resolved(city.digest, scenario.digest, scenario, city)
    refuse_unreachable_bounds(resolved)
    return resolved


def cached_run(workspace: Workspace, run_id: str) -> Run:
    """A finished run.

    Raises:
        InputError: it is not there, is not finished, or is not what its digests say.
    """
    folder = workspace.run_folder(run_id)
    return _run(str(folder), stamp(folder / RUN_FILE))


def cached_stored_run(workspace: Workspace, run_id: str) -> StoredRun | None:
    """A finished run of an older model, as it was stored; None for one of this model, which `cached_run` reads.

    Raises:
        InputError: it is not there, is not finished, or its files cannot be read.
    """
    folder = workspace.run_folder(run_id)
    return _stored_run(str(folder), stamp(folder / RUN_FILE))


def cached_model_run(workspace: Workspace, run_id: str) -> ModelRun | None:
    """A finished run of a model of the user's own; None for one of the program's kernel.

    Raises:
        InputError: it is not there, is not finished, or its files cannot be read.
    """
    folder = workspace.run_folder(run_id)
    return _model_run(str(folder), stamp(folder / RUN_FILE))


def cached_front_view(run: Run | StoredRun | ModelRun) -> FrontView:
    """The front of a finished run."""
    return _front_view(str(run.folder), stamp(run.folder / RUN_FILE), run)


def cached_plan_tables(run: Run, plan_id: str, edits: Edits, under: ResolvedScenario | None = None) -> PlanTables:
    """Tables of a plan of a run, with the edits of a planner.

    Args:
        run: holds the plan.
        plan_id: of its front, or KEEP.
        edits: none, or decisions that replace the plan's.
        under: evaluate under this scenario of the same city instead of the run's.

    Raises:
        InputError: no such plan, an edit of a village that is not in the city, or works that begin after the end of
            the scenario.
    """
    resolved = under or run.resolved
    return _tables(
        resolved_digest=resolved.digest,
        folder=str(run.folder),
        plan_id=plan_id,
        edits_of=edits_digest(edits),
        _source_run=run,
        _edits=edits,
        _resolved=resolved,
    )


def cached_comparison(workspace: Workspace, run_ids: Sequence[str]) -> Comparison:
    """Runs of one question as a whole.

    Raises:
        InputError: fewer than two, or they do not compare.
    """
    folders = tuple(workspace.run_folder(name) for name in run_ids)
    return _comparison(folders, tuple(stamp(folder / RUN_FILE) for folder in folders))


def cached_plan_values(tables: PlanTables) -> dict[str, float]:
    """Every indicator of a plan at report precision."""
    return _plan_values(tables.resolved.digest, tables.digest, tables)


def cached_findings(tables: PlanTables) -> list[Finding]:
    """What every rule of its scenario says of a plan."""
    return _findings(tables.resolved.digest, tables.digest, tables)


def cached_targets_met(run: Run) -> BoolArray:
    """Whether each plan of a run meets each target of its scenario, shape (n_plans, n_targets)."""
    return _targets_met(str(run.folder), stamp(run.folder / RUN_FILE), run)


def cached_base_values(resolved: ResolvedScenario) -> dict[str, float]:
    """Every indicator of the empty plan."""
    return _base_values(resolved.digest, resolved)


def warm_up() -> None:
    """Read and resolve what a first visitor will ask for."""
    cached_base_values(cached_resolved_scenario(load_scenario(DEFAULT_SCENARIO), cached_city(DEFAULT_CITY)))


@st.cache_resource(show_spinner=False, max_entries=8)
def _resolved(city_digest: str, scenario_digest: str, _scenario: Scenario, _city: City) -> ResolvedScenario:
    del city_digest, scenario_digest
    return resolve_with_agreements(_scenario, _city)


@st.cache_resource(show_spinner=False, max_entries=8)
def _run(folder: str, stamp: tuple[int, int]) -> Run:
    del stamp
    return load_run(Path(folder), read_city=cached_city, resolve_with=cached_resolved_scenario)


@st.cache_resource(show_spinner=False, max_entries=8)
def _stored_run(folder: str, stamp: tuple[int, int]) -> StoredRun | None:
    del stamp
    return read_stored_run(Path(folder)) if read_opened_record(Path(folder)).is_older else None


@st.cache_resource(show_spinner=False, max_entries=8)
def _model_run(folder: str, stamp: tuple[int, int]) -> ModelRun | None:
    del stamp
    return read_model_run(Path(folder))


@st.cache_resource(show_spinner=False, max_entries=8)
def _front_view(folder: str, stamp: tuple[int, int], _run: Run | StoredRun | ModelRun) -> FrontView:
    del folder, stamp
    presets = known_presets(_run.record.recommended)
    return front_view(_run.front, _run.record.objectives, presets, quantities_of(_run.record))


@st.cache_resource(show_spinner=False, max_entries=48)
def _tables(
    resolved_digest: str,
    folder: str,
    plan_id: str,
    edits_of: str,
    _source_run: Run,
    _edits: Edits,
    _resolved: ResolvedScenario,
) -> PlanTables:
    del resolved_digest, folder, edits_of
    plan = empty_plan(_resolved.city.n_villages) if plan_id == KEEP else _source_run.plan(plan_id)
    changed = apply_edits(plan, _resolved.city, _edits)
    latest, end = int(changed.start_year.max()), _resolved.scenario.plan_years
    if latest > end:
        scenario = _resolved.scenario.name
        raise refuse("works_after_last_year", layer=plan_id, year=latest, scenario=scenario, last=end)
    return plan_tables(_resolved, changed)


@st.cache_resource(show_spinner=False, max_entries=8)
def _comparison(folders: tuple[Path, ...], stamps: tuple[tuple[int, int], ...]) -> Comparison:
    del stamps
    return load_comparison(folders)


@st.cache_resource(show_spinner=False, max_entries=64)
def _plan_values(resolved_digest: str, plan_digest: str, _tables: PlanTables) -> dict[str, float]:
    del resolved_digest, plan_digest
    return _of_one(evaluate(_tables.resolved, _tables.plan))


@st.cache_resource(show_spinner=False, max_entries=64)
def _findings(resolved_digest: str, plan_digest: str, _tables: PlanTables) -> list[Finding]:
    del resolved_digest, plan_digest
    return check(_tables.resolved, _tables.plan)


@st.cache_resource(show_spinner=False, max_entries=16)
def _targets_met(folder: str, stamp: tuple[int, int], _run: Run) -> BoolArray:
    del folder, stamp
    return targets_met(_run.resolved, _run.plans, _run.front)


@st.cache_resource(show_spinner=False, max_entries=16)
def _base_values(digest: str, _resolved: ResolvedScenario) -> dict[str, float]:
    del digest
    return _of_one(evaluate(_resolved, empty_plan(_resolved.city.n_villages)))


def _of_one(outcomes: Outcomes) -> dict[str, float]:
    """Indicators of a batch of one, objectives first."""
    known = (name for name in dict.fromkeys([*outcomes.objectives, *INDICATORS]) if name in outcomes.values)
    return {name: float(outcomes[name][0]) for name in known}
