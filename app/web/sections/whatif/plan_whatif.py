"""All neighbors of a plan ranked, and the smallest change that mends one of its broken rules."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from app.files.names import plain
from app.plans.tables import PlanTables
from app.runs.run_folder import Run
from app.web.documents.workspace import Workspace
from app.web.sections.whatif.opened import open_changes
from app.web.shell.cached_whatif import (
    cached_broken,
    cached_neighborhood,
    cached_smallest,
    note_asked_for,
    was_asked_for,
)
from app.web.shell.page_frame import csv_button, visit_key
from app.web.shell.session import language, say
from app.whatif.asked_plan import AskedPlan
from app.whatif.frames import neighbors_frame, smallest_frame
from app.whatif.smallest_text import change_rows, rule_label, smallest_lines
from app.whatif.whatif_text import counted_words, ranked_header, ranked_rows
from envs.kernel.indicators.registry import INDICATORS

SHOWN = 15


def show_ranked(workspace: Workspace, run: Run, asked: AskedPlan, tables: PlanTables) -> None:
    """Which single change would help most, by the preference or one objective; asked for, since it takes a while."""
    if not was_asked_for(asked, "ranked"):
        st.caption(say("whatif_rank_note"))
        st.button(
            say("whatif_rank"), type="primary", key="whatif_rank", on_click=note_asked_for, args=(asked, "ranked")
        )
        return
    with st.spinner(say("whatif_ranking"), show_time=True):
        found = cached_neighborhood(asked)
    by = [None, *asked.preference.objectives]
    names = [say("whatif_by_preference"), *(INDICATORS[name].label[language()] for name in asked.preference.objectives)]
    chosen = st.selectbox(
        say("whatif_rank_by"), range(len(by)), format_func=names.__getitem__, key=visit_key("whatif_rank_by")
    )
    order = found.ranked(by[int(chosen)])[:SHOWN]
    rows = ranked_rows(asked, found, by[int(chosen)], language(), most=SHOWN)
    table = pd.DataFrame(rows, columns=ranked_header(asked, language()))
    wide = {say("whatif_column_change"): st.column_config.TextColumn(width="large")}
    st.dataframe(table, hide_index=True, column_config=wide, alt=say("whatif_rank_alt"), height="content")
    st.caption(plain(counted_words(found, language())))
    with st.container(horizontal=True):
        if order.size:
            first = [found.changes[order[0]]]
            args = (workspace, run, asked, tables, first)
            st.button(say("whatif_open_first"), key="whatif_open_first", on_click=open_changes, args=args)
        frame = neighbors_frame(asked.model.resolved, asked.plan, found)
        csv_button(say("whatif_csv"), frame, f"neighbors-{asked.plan_id}.csv", "whatif_csv")


def show_smallest(workspace: Workspace, run: Run, asked: AskedPlan, tables: PlanTables) -> str:
    """The fewest villages that must change to meet a rule or target; its name, empty where the plan meets all."""
    broken = cached_broken(asked)
    if not broken:
        st.success(say("smallest_nothing"))
        return ""
    rule = st.selectbox(
        say("smallest_rule"),
        broken,
        format_func=lambda name: rule_label(asked, name, language()),
        key=visit_key("smallest_rule"),
    )
    with st.spinner(say("smallest_seeking"), show_time=True):
        found = cached_smallest(asked, str(rule))
    st.markdown("\n".join(f"- {plain(line)}" for line in smallest_lines(asked, found, language())))
    if found.changes:
        header = [say("column_village"), say("whatif_column_change")]
        rows = pd.DataFrame(change_rows(asked, found, language(), most=len(found.changes)), columns=header)
        wide = {say("whatif_column_change"): st.column_config.TextColumn(width="large")}
        st.dataframe(rows, hide_index=True, column_config=wide, alt=say("smallest_rule"))
        with st.container(horizontal=True):
            args = (workspace, run, asked, tables, list(found.changes))
            st.button(say("whatif_open_all"), key="whatif_open_all", on_click=open_changes, args=args)
            frame = smallest_frame(asked.model.resolved, asked.plan, found)
            csv_button(say("whatif_csv"), frame, f"smallest-{asked.plan_id}.csv", "smallest_csv")
    return str(rule)
