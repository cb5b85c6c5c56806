"""Which plan the page Compliance checks: one of a run, its edits included, or one made elsewhere."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import streamlit as st

from app.compliance.exception_files import exceptions_of_file, exceptions_of_run
from app.files.names import plain
from app.plans.front_view import known_presets
from app.plans.tables import PlanTables, plan_tables
from app.web.documents.checked_plans import CheckedPlan, checked_plan
from app.web.documents.workspace import Workspace
from app.web.jobs.queue import has_front
from app.web.sections.compliance.upload_form import show_reading, show_upload_form
from app.web.sections.plan_editor import read_current_edits
from app.web.sections.plan_sections import title_of
from app.web.shell.cached_data import cached_plan_tables, cached_run, cached_stored_run
from app.web.shell.page_frame import remembered_choice, visit_key
from app.web.shell.run_names import run_name, run_words
from app.web.shell.session import current, go, say, spoken
from envs.kernel import Plans

SOURCES = ("run", "file")


@dataclass(frozen=True, eq=False)
class Asked:
    """The plan to be checked.

    Attributes:
        tables: of the plan.
        plan: as it was asked for, which need not be canonical.
        name: of files that are made of it.
        title: above the page.
        exceptions: file in which its exceptions lie.
        is_of_run: whether it is a plan of a run.
    """

    tables: PlanTables
    plan: Plans
    name: str
    title: str
    exceptions: Path
    is_of_run: bool


def ask_plan(workspace: Workspace) -> Asked | None:
    """The form, and the plan that was chosen; None until one is."""
    ids = [name for name in workspace.run_ids() if has_front(workspace, name)]
    if not ids:
        st.info(say("no_runs"))
        st.page_link("views/search.py", label=say("page_search"))
        return None
    default = ("file", "run") if current("checked") else SOURCES
    source = remembered_choice(
        "compliance_source",
        say("compliance_source"),
        default,
        spoken("compliance_source_"),
        key=visit_key("compliance_source"),
        heading=True,
    )
    return _of_run(workspace, ids) if source == "run" else _of_file(workspace, ids)


def _of_run(workspace: Workspace, ids: list[str]) -> Asked | None:
    with st.container(horizontal=True, vertical_alignment="bottom"):
        start, words = ids.index(current("run")) if current("run") in ids else 0, run_words(workspace, ids)
        run_id = str(st.selectbox(say("run"), ids, index=start, format_func=words, key=visit_key("compliance_run")))
        if cached_stored_run(workspace, run_id) is not None:
            st.warning(say("compliance_older"))
            return None
        run = cached_run(workspace, run_id)
        wanted = current("plan") if run_id == current("run") else ""
        usual = known_presets(run.record.recommended).get("balanced", run.plan_ids[0])
        position = run.plan_ids.index(wanted if wanted in run.plan_ids else usual)
        plan_id = str(st.selectbox(say("plan"), run.plan_ids, index=position, key=visit_key("compliance_plan", run_id)))
    go(run=run_id, plan=plan_id)
    edits = read_current_edits(workspace, run_id, plan_id)
    tables = cached_plan_tables(run, plan_id, edits)
    name = f"{run_id}-{plan_id}{'-edited' if edits else ''}"
    title = say(
        "compliance_of_plan",
        plan=title_of(plan_id, edits).removeprefix(say("plan")).strip(),
        run=plain(run_name(workspace, run_id)),
    )
    return Asked(tables, tables.plan, name, title, exceptions_of_run(run.folder, plan_id), is_of_run=True)


def _of_file(workspace: Workspace, ids: list[str]) -> Asked | None:
    with st.container(border=True):
        start, words = ids.index(current("run")) if current("run") in ids else 0, run_words(workspace, ids)
        run_id = str(
            st.selectbox(
                say("compliance_under"), ids, index=start, format_func=words, key=visit_key("compliance_under")
            )
        )
        refused = show_upload_form(
            workspace,
            run_id,
            lambda: cached_run(workspace, run_id).resolved,
            key="compliance",
            start=say("compliance_check_file"),
        )
    if refused:
        return None
    if not current("checked"):
        return None
    kept = checked_plan(workspace, current("checked"))
    if kept is None or not has_front(workspace, kept.run):
        st.warning(say("compliance_absent"))
        return None
    return _kept(workspace, kept)


def _kept(workspace: Workspace, kept: CheckedPlan) -> Asked:
    """A plan that was brought, read again."""
    resolved = cached_run(workspace, kept.run).resolved
    brought = kept.read(resolved)
    show_reading(brought)
    title = say("compliance_of_file", file=plain(kept.name), run=plain(run_name(workspace, kept.run)))
    tables = plan_tables(resolved, brought.asked)
    return Asked(tables, brought.asked, Path(kept.name).stem, title, exceptions_of_file(kept.file), is_of_run=False)
