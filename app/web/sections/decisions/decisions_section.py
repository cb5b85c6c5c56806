"""A plan retold as decisions: the picture by year and district, the map, and the step of the chosen village."""

from __future__ import annotations

from shlex import quote

import streamlit as st

from app.decisions.path_frames import alternatives_frame, alternatives_table, edges_frame, path_frame
from app.decisions.path_map import path_map
from app.decisions.path_sentences import step_sentence
from app.decisions.path_text import edge_words, summary_sentences
from app.decisions.told_path import ToldPath
from app.files.names import plain
from app.plans.tables import PlanTables
from app.runs.run_folder import Run
from app.web.figures.charts_decisions import decisions_figure
from app.web.sections.scenario_villages import selected_points
from app.web.sections.villages.village_map import show_village_map
from app.web.shell.cached_decisions import cached_told_path, exact_step, is_retold, note_retold
from app.web.shell.page_frame import csv_button, remember, remembered, show_chart, visit_key
from app.web.shell.session import language, say
from envs.reasons.decisions.open_choices import NONE

MAP_PX = 420
MOST_TIES = 12
"""Sentences on ties of a village that are listed; the table has all."""


def show_decisions(run: Run, plan_id: str, tables: PlanTables) -> None:
    """Retell the plan, at once if it is small, else when asked to."""
    if not tables.renewed_idx.size:
        st.info(say("nothing_renewed"))
        return
    if not is_retold(tables):
        st.caption(say("decision_button_note", n=tables.renewed_idx.size))
        st.button(say("decision_button"), type="primary", key="retell", on_click=note_retold, args=(tables,))
        return
    with st.spinner(say("decision_retelling"), show_time=True):
        told = cached_told_path(run, plan_id, tables)
    st.markdown("\n".join(f"- {plain(sentence)}" for sentence in summary_sentences(told, language())))
    chosen = _chosen(told)
    _show_picture(told, chosen)
    left, right = st.columns([3, 2])
    with left:
        shown = path_map(told, language(), chosen=chosen)
        alt = say("alt_map", title=shown.title)
        show_village_map(shown, key=visit_key("decisions_map"), alt=alt, height=MAP_PX)
    with right:
        _show_step(told, chosen)
    _show_files(told, run, plan_id)


def _chosen(told: ToldPath) -> int:
    """Village chosen on a map or in the picture; at first the one decided first."""
    ids = told.path.resolved.city.villages.village_id.tolist()
    name = str(remembered("village", ""))
    return ids.index(name) if name in ids else int(told.path.village[0])


def _show_picture(told: ToldPath, chosen: int) -> None:
    """Years as columns, districts as rows; a click chooses a village."""
    st.markdown(f"**{say('decision_picture')}**")
    st.caption(say("decision_picture_note"))
    event = show_chart(
        decisions_figure(told, chosen, language()),
        key=visit_key("decisions_picture"),
        alt=say("decision_picture_alt", n=told.path.n_steps),
        on_select="rerun",
        selection_mode="points",
    )
    points = selected_points(event)
    picked = str(points[-1].get("customdata", "")) if points else ""
    if picked and picked != remembered("picked_decision", ""):
        remember("picked_decision", picked)
        remember("village", picked)
        st.rerun()


def _show_step(told: ToldPath, chosen: int) -> None:
    """The step of a village: its sentence, what stood open, what it shares with others."""
    step = told.path.step_of(chosen)
    ids = told.path.resolved.city.villages.village_id
    if step == NONE:
        st.caption(say("decision_village_kept", village=plain(str(ids[chosen]))))
        waited = edge_words(told, chosen, language())
        st.markdown("\n".join(f"- {plain(sentence)}" for sentence in waited[:MOST_TIES]))
        return
    exact = exact_step(told, step)
    st.markdown(f"**{say('decision_step', year=int(told.path.year[step]), step=step + 1)}** ")
    st.markdown(plain(step_sentence(exact, step, language())))
    table = alternatives_table(exact, step, language())
    st.dataframe(table, hide_index=True, alt=say("decision_alternatives", n=len(table) - 1), height="content")
    st.caption(say("decision_alternatives_note"))
    ties = edge_words(told, chosen, language())
    if ties:
        with st.expander(f"{say('decision_ties')} ({len(ties)})"):
            st.markdown("\n".join(f"- {plain(sentence)}" for sentence in ties[:MOST_TIES]))


def _show_files(told: ToldPath, run: Run, plan_id: str) -> None:
    with st.container(horizontal=True):
        csv_button(say("decision_csv_path"), path_frame(told), f"decisions-{plan_id}.csv", "decisions_csv")
        csv_button(
            say("decision_csv_alternatives"),
            alternatives_frame(told),
            f"alternatives-{plan_id}.csv",
            "alternatives_csv",
        )
        csv_button(say("decision_csv_edges"), edges_frame(told), f"ties-{plan_id}.csv", "edges_csv")
    st.caption(say("decision_command"))
    command = f"renewal explain --run {run.folder.name} --plan {plan_id} --chapters path --out decisions-{plan_id}"
    st.code(" ".join(quote(word) for word in command.split(" ")), language="sh")
    st.caption(say("decision_note"))
