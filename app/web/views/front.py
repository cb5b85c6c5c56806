"""Page Front: the non-dominated plans of a run, and choosing one of them."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from app.files.names import plain
from app.plans.front_view import FrontView, front_view, known_presets
from app.runs.own_model.model_run import ModelRun
from app.runs.record import quantities_of
from app.runs.run_folder import Run
from app.web.documents.workspace import Workspace
from app.web.jobs.queue import has_front
from app.web.sections.decisions.robust_section import show_robust
from app.web.sections.front_choice import objectives_text, show_choice_methods
from app.web.sections.front_figures import show_map, show_scatter
from app.web.sections.front_filter import brush_ranges, show_brush
from app.web.shell.cached_data import cached_model_run, cached_run, cached_stored_run
from app.web.shell.page_frame import (
    open_workspace,
    show_notes,
    visit_key,
)
from app.web.shell.run_names import run_name, run_words, show_rename
from app.web.shell.session import current, go, language, say
from app.words.console import value_text


def choose_run(workspace: Workspace) -> str:
    """The run of the address, or one that is chosen here; empty if there is none."""
    ids = [name for name in workspace.run_ids() if has_front(workspace, name)]
    if not ids:
        st.info(say("no_runs"))
        st.page_link("views/search.py", label=say("page_search"))
        return ""
    if current("run") and current("run") not in ids:
        st.warning(say("run_not_ready", run=plain(run_name(workspace, current("run")))))
        st.page_link("views/search.py", label=say("page_search"))
    with st.container(horizontal=True, vertical_alignment="bottom"):
        chosen = st.selectbox(
            say("run"),
            ids,
            index=ids.index(current("run")) if current("run") in ids else 0,
            format_func=run_words(workspace, ids),
            key=visit_key("run"),
        )
        show_rename(workspace, str(chosen))
    go(run=str(chosen))
    return str(chosen)


def show_prices(view: FrontView) -> None:
    """What the next step in each objective costs in the others."""
    rows = []
    for price in view.prices(current("plan")):
        row = {
            say("price_improve"): view.quantities[price["improve"]].label[language()],
            say("plan"): price["plan_id"] or "-",
        }
        for name in view.objectives:
            change = price["changes"].get(name)
            row[view.quantities[name].label[language()]] = value_text(
                change, view.quantities[name].unit, language(), signed=True
            )
        rows.append(row)
    st.markdown(f"**{say('price_title', plan=current('plan'))}**")
    st.dataframe(pd.DataFrame(rows), hide_index=True, alt=say("price_title", plan=current("plan")))


def show_shortlist(workspace: Workspace, view: FrontView) -> None:
    """Plans set aside, side by side."""
    kept = [
        name for name in (workspace.read("shortlist", current("run")) or {}).get("plans", []) if name in view.plan_ids
    ]
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(f"**{say('shortlist')}** ({len(kept)})")
        inside = current("plan") in kept
        if st.button(
            say("shortlist_remove" if inside else "shortlist_add", plan=current("plan")), key=visit_key("shortlist")
        ):
            kept = [name for name in kept if name != current("plan")] if inside else [*kept, current("plan")]
            workspace.write("shortlist", current("run"), {"plans": kept})
            st.rerun()
    if kept:
        names = [
            *view.objectives,
            *(
                n
                for n in (
                    "renewed_villages",
                    "total_cost_cny",
                    "peak_funding_cny",
                    "displaced_tenants_persons",
                    "consent_share",
                )
                if n not in view.objectives and n in view.measured
            ),
        ]
        rows = {
            f"{view.quantities[name].label[language()]}": [
                value_text(float(view.front.iloc[view.position(plan)][name]), view.quantities[name].unit, language())
                for plan in kept
            ]
            for name in names
        }
        table = pd.DataFrame(rows, index=kept).T
        st.dataframe(table, alt=say("shortlist"))


def show_own_schedule(run: ModelRun) -> None:
    """What the plan in hand does, in the words of the user's own model."""
    rows = run.schedule(current("plan"), language())
    rows = rows.map(lambda cell: plain(cell) if isinstance(cell, str) else cell)
    headings = {
        "village_id": "column_village",
        "start_year": "column_start_year",
        f"option_{language()}": "column_option",
    }
    rows = rows.rename(columns={name: say(key) for name, key in headings.items()})
    st.dataframe(rows, hide_index=True, alt=say("open_plan", plan=current("plan")))


def show() -> None:
    """The page."""
    workspace = open_workspace()
    st.title(say("page_front"))
    run_id = choose_run(workspace)
    if not run_id:
        return
    with st.spinner(say("reading_run")):
        own = cached_model_run(workspace, run_id)
        stored = None if own else cached_stored_run(workspace, run_id)
        run = own or stored or cached_run(workspace, run_id)
    if stored is not None:
        st.warning(stored.note(language()))
    if own is not None:
        st.info(own.note(language()))
    presets = known_presets(run.record.recommended)
    view = front_view(run.front, run.record.objectives, presets, quantities_of(run.record))
    if current("plan") not in view.plan_ids:
        go(plan=view.recommended.get("balanced") or view.plan_ids[0])
    st.markdown(
        say(
            "front_line",
            n=len(view.front),
            evaluations=run.record.evaluations,
            seconds=f"{run.record.seconds:.0f}",
            seed=run.record.seed,
            algorithm=plain(run.record.algorithm),
        )
    )
    ranges = brush_ranges(view)
    inside = view.inside(ranges)
    beside = st.columns(2) if isinstance(run, Run) else [st.container()]
    with beside[0]:
        show_scatter(view, inside)
    if isinstance(run, Run):
        with beside[1]:
            show_map(run, inside)
    st.subheader(say("brush"))
    show_brush(view, ranges)
    show_choice_methods(view)
    st.markdown(f"### {say('plan')} {plain(current('plan'))}")
    st.markdown(objectives_text(view, current("plan")))
    if own is not None:
        show_own_schedule(own)
    elif st.button(say("open_plan", plan=current("plan")), type="primary", key="open_plan"):
        st.switch_page("views/plan.py")
    show_prices(view)
    show_shortlist(workspace, view)
    if isinstance(run, Run):
        st.subheader(say("robust_heading"))
        show_robust(run, "front")
        show_notes(run.resolved.city)


show()
