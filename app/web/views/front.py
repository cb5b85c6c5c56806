"""Page Front: the plans of a run that no other beats in everything, the named ones first, and choosing one of them."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
import streamlit as st

from app.files.names import plain
from app.plans.candidates import candidates
from app.plans.front_view import FrontView
from app.runs.names import PROGRESS_FILE
from app.runs.own_model.model_run import ModelRun
from app.runs.record import anchor_ends
from app.runs.run_folder import Run
from app.runs.stored_run import StoredRun
from app.web.documents.workspace import Workspace
from app.web.jobs.queue import is_provisional, opens
from app.web.sections.candidates.cards import Compared, show_cards, spans_of
from app.web.sections.candidates.limits import say_none_left, show_limits, within
from app.web.sections.decisions.robust_section import show_robust
from app.web.sections.front_choice import objectives_text, show_choice_methods
from app.web.sections.front_figures import front_bars, show_map, show_scatter
from app.web.sections.front_filter import brush_ranges, show_brush
from app.web.sections.own_plan import STAR, own_plan_named, show_own_plan
from app.web.sections.provisional_notice import show_provisional
from app.web.sections.stress.front_in_futures import show_front_in_futures
from app.web.shell.cached_data import (
    cached_base_values,
    cached_front_view,
    cached_model_run,
    cached_run,
    cached_stored_run,
    cached_targets_met,
)
from app.web.shell.page_frame import (
    apart,
    open_workspace,
    remember,
    remembered,
    remembered_choice,
    show_notes,
    visit_key,
)
from app.web.shell.run_names import run_name, run_words, show_rename
from app.web.shell.session import current, current_places, go, language, say, spoken
from app.words.console import value_text
from data.arrays import BoolArray

AnyRun = Run | StoredRun | ModelRun
SHORTLIST_BESIDE = (
    "renewed_villages",
    "total_cost_cny",
    "peak_funding_cny",
    "displaced_tenants_persons",
    "consent_share",
)


def choose_run(workspace: Workspace) -> str:
    """The run of the address, or one that is chosen here; empty if there is none."""
    ids = [name for name in workspace.run_ids() if opens(workspace, name)]
    if not ids:
        st.info(say("no_runs"))
        st.page_link("views/search.py", label=say("page_search"))
        return ""
    finished = next((k for k, name in enumerate(ids) if not is_provisional(workspace, name)), 0)
    if current("run") and current("run") not in ids:
        st.warning(say("run_not_ready", run=plain(run_name(workspace, current("run")))))
        st.page_link("views/search.py", label=say("page_search"))
    with st.container(horizontal=True, vertical_alignment="bottom"):
        chosen = st.selectbox(
            say("run"),
            ids,
            index=ids.index(current("run")) if current("run") in ids else finished,
            format_func=(words := run_words(workspace, ids)),
            key=visit_key("run", words(current("run"))),  # a field keeps the words that it began with
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
        beside = (name for name in SHORTLIST_BESIDE if name not in view.objectives and name in view.measured)
        rows = {
            f"{view.quantities[name].label[language()]}": [
                value_text(float(view.front.iloc[view.position(plan)][name]), view.quantities[name].unit, language())
                for plan in kept
            ]
            for name in (*view.objectives, *beside)
        }
        st.dataframe(pd.DataFrame(rows, index=kept).T, alt=say("shortlist"))


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


def compare_candidates(run: AnyRun, view: FrontView, left: FrontView) -> Compared:
    """The named candidates among the plans that are left, and what they are held against.

    Args:
        run: whose front it is.
        view: the whole front.
        left: of it what keeps the limits.
    """
    nothing: Mapping[str, float] = {}
    met: dict[str, tuple[int, int]] = {}
    if isinstance(run, Run):
        nothing = cached_base_values(run.resolved)
        of_plans = cached_targets_met(run)
        if of_plans.shape[1]:
            counts = of_plans.sum(axis=1).tolist()
            met = {name: (n, of_plans.shape[1]) for name, n in zip(view.plan_ids, counts, strict=True)}
    return Compared(
        view=view,
        candidates=candidates(left, picked=current("plan"), nothing=bool(nothing)),
        spans=spans_of(view, nothing, anchor_ends(run.record)),
        nothing=nothing,
        met=met,
        left=frozenset(left.plan_ids),
    )


def show_candidates(workspace: Workspace, run: AnyRun, view: FrontView, inside: BoolArray, left: FrontView) -> None:
    """Cards beside chart and map; on a narrow page the cards first."""
    compared = compare_candidates(run, view, left)
    in_hand = next(item.letter for item in compared.candidates if item.plan_id == current("plan"))
    st.subheader(say("candidates_title"))
    st.caption(say("candidates_intro", letter=in_hand))
    cards, pictures = st.columns([3, 2])
    with cards:
        show_cards(compared)
    with pictures:
        named = [(item.letter, item.plan_id, compared.values(item.plan_id)) for item in compared.candidates]
        if isinstance(run, Run):
            named += own_plan_named(workspace, run)
        show_scatter(view, inside, named, bars=front_bars(run, view) if isinstance(run, Run) else {})
        if isinstance(run, Run):
            apart(lambda: show_map(run, inside))


def show_tools(workspace: Workspace, run: AnyRun, view: FrontView) -> None:
    """Other ways to a plan, one at a time."""
    st.subheader(say("candidates_more"))
    of_room = ("often", "futures", "own") if isinstance(run, Run) else ()
    tools = ("ways", "brush", "price", *of_room)
    chosen = remembered_choice(
        "front_tools", say("candidates_more"), tools, spoken("front_tools_"), key=visit_key("front_tools"), heading=True
    )
    if chosen == "ways":
        show_choice_methods(view)
    elif chosen == "brush":
        show_brush(view, brush_ranges(view))
    elif chosen == "price":
        show_prices(view)
        show_shortlist(workspace, view)
    elif chosen == "own" and isinstance(run, Run):
        show_own_plan(workspace, run, view, intro=say("own_plan_intro", star=STAR))
    elif chosen == "futures" and isinstance(run, Run):
        show_front_in_futures(workspace, run)
    elif isinstance(run, Run):
        st.markdown(f"**{say('robust_heading')}**")
        show_robust(workspace, run, "front")


def show_how(run: AnyRun) -> None:
    """Method, seed, budget and hypervolume, for those who ask."""
    record = run.record
    with st.expander(say("front_how")):
        st.markdown(
            say(
                "front_how_line",
                evaluations=record.evaluations,
                seconds=f"{record.seconds:.0f}",
                seed=record.seed,
                algorithm=plain(record.algorithm),
            )
        )
        volume = _hypervolume(run)
        if volume is not None:
            st.markdown(say("front_how_hypervolume", value=volume))


def _hypervolume(run: AnyRun) -> float | None:
    """The last one of its progress; None where none was noted."""
    try:
        values = pd.read_csv(run.folder / PROGRESS_FILE)["hypervolume"].to_numpy(np.float64)
    except (OSError, ValueError, KeyError):
        return None
    return float(values[-1]) if len(values) and np.isfinite(values[-1]) else None


def settle_plan(view: FrontView, inside: BoolArray, left: FrontView) -> None:
    """Limits that were just changed take a plan among those left; one that is picked afterwards stays.

    Args:
        view: the whole front.
        inside: plans within the limits, shape (n_plans,).
        left: the view of these, or of all where none is.
    """
    key = f"limits_settled_{current('run')}"
    now = inside.tobytes()
    is_new = remembered(key, now) != now
    remember(key, now)
    if current("plan") not in (left if is_new else view).plan_ids:
        go(plan=left.recommended.get("balanced") or left.plan_ids[0])


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
    show_front(workspace, run, cached_front_view(run))


def show_front(workspace: Workspace, run: AnyRun, view: FrontView) -> None:
    """Limits, candidates, the plan in hand, other ways, and how it was found."""
    full = run if isinstance(run, Run) else None
    first_ones = run.record.provisional
    if full is not None:
        show_provisional(workspace, full)
    if not first_ones:  # of them nobody has tried which are better in everything
        st.markdown(say("front_plans", n=len(view.front)))
    inside = show_limits(full, view) & view.inside(brush_ranges(view))
    left = within(view, inside, full)
    if not left.plan_ids:
        say_none_left(view)
        left = view
    settle_plan(view, inside, left)
    show_candidates(workspace, run, view, inside, left)
    st.markdown(f"### {say('plan')} {plain(current('plan'))}")
    st.markdown(objectives_text(view, current("plan")))
    if isinstance(run, ModelRun):
        show_own_schedule(run)
    elif st.button(say("open_plan", plan=current("plan")), key="open_plan"):
        st.switch_page("views/plan.py")
    if not first_ones:
        apart(lambda: show_tools(workspace, run, view), around=lambda: (current_places(), brush_ranges(view)))
        show_how(run)
    if full is not None:
        show_notes(full.resolved.city)


show()
