"""One village decided otherwise: its changes beside each other, one of them in full, and why it is not in the plan."""

from __future__ import annotations

import numpy as np
import pandas as pd
import streamlit as st

from app.charts.plan_map import plan_map
from app.files.names import plain
from app.plans.tables import PlanTables
from app.runs.run_folder import Run
from app.web.documents.workspace import Workspace
from app.web.sections.indicator_tables import show_table
from app.web.sections.scenario_villages import village_labels
from app.web.sections.villages.village_choice import choose_village
from app.web.sections.villages.village_map import show_village_map
from app.web.sections.whatif.opened import open_changes
from app.web.shell.cached_whatif import cached_village_effects, cached_why, note_asked_for, was_asked_for
from app.web.shell.page_frame import remembered, visit_key
from app.web.shell.session import language, say
from app.whatif.asked_plan import AskedPlan
from app.whatif.change_text import change_words, rules_words, village_words
from app.whatif.village_changes import position_of
from app.whatif.whatif_text import is_seen, village_header, village_rows
from app.whatif.why_text import answer_words, reason_lines
from envs.changes.effects import Effects

MAP_PX = 420


def show_village_whatif(workspace: Workspace, run: Run, asked: AskedPlan, tables: PlanTables) -> str:
    """Choose a village on the map or by name; what else it could do, and why it does not; the village."""
    left, right = st.columns([3, 2])
    with left:
        shown = plan_map(tables, language())
        show_village_map(shown, key=visit_key("whatif_map"), alt=say("alt_map", title=shown.title), height=MAP_PX)
    with right:
        village = _choose(asked)
        effects = cached_village_effects(asked, village)
        if effects is None:
            st.info(say("whatif_no_other"))
        else:
            chosen = _choose_change(asked, effects, village)
    if effects is not None:
        _show_change(workspace, run, asked, tables, effects, chosen)
        _show_all(asked, effects)
    _show_why(asked, village)
    return village


def _choose(asked: AskedPlan) -> str:
    """Any village of the city, at first the one chosen on a map."""
    labels = village_labels(asked.model.resolved.city)
    ids, chosen = list(labels), str(remembered("village", ""))
    start = chosen if chosen in labels else ids[int(np.argmax(asked.plan.start_year[0] > 0))]
    return choose_village(ids, labels, start, name="whatif_village")


def _choose_change(asked: AskedPlan, effects: Effects, village: str) -> int:
    """One of its changes, as buttons."""
    words = [change_words(asked.model.resolved, asked.plan, change, language()) for change in effects.changes]
    chosen = st.radio(
        say("whatif_choose"),
        range(len(words)),
        format_func=lambda k: plain(words[k]),
        key=visit_key("whatif_change", village, str(hash(asked.plan.content))),
    )
    return int(chosen)


def _show_change(
    workspace: Workspace, run: Run, asked: AskedPlan, tables: PlanTables, effects: Effects, row: int
) -> None:
    """One change in full: rules that change sides, every indicator that it moves, and to take it over as an edit."""
    change = effects.changes[row]
    title = change_words(asked.model.resolved, asked.plan, change, language())
    village = village_words(asked.model.resolved, change.village)
    st.markdown(f"**{say('whatif_heading', village=plain(village), change=plain(title))}**")
    for sentence in rules_words(effects, row, language()) or [say("whatif_no_rule")]:
        st.markdown(f"- {plain(sentence)}")
    moved = [
        (name, float(after), float(before))
        for name, after, before in zip(effects.indicators, effects.after[row], effects.before, strict=True)
        if is_seen(name, float(after - before))
    ]
    show_table(moved, before="whatif_column_before")
    st.button(
        say("whatif_open"),
        key=f"whatif_open_{asked.model.resolved.city.villages.village_id[change.village]}",
        on_click=open_changes,
        args=(workspace, run, asked, tables, [change]),
    )


def _show_all(asked: AskedPlan, effects: Effects) -> None:
    st.markdown(f"**{say('whatif_all_changes')}**")
    rows = pd.DataFrame(village_rows(asked, effects, language()), columns=village_header(asked, language()))
    wide = {say("whatif_column_change"): st.column_config.TextColumn(width="large")}
    st.dataframe(rows, hide_index=True, column_config=wide, alt=say("whatif_all_changes"), height="content")


def _show_why(asked: AskedPlan, village: str) -> None:
    """Why the village is not in the plan, or not earlier or denser; asked for, since it searches."""
    start = int(asked.plan.start_year[0, position_of(asked.model.resolved.city, village)])
    wishes = ["in"] if start == 0 else [wish for wish in ("earlier", "denser") if wish != "earlier" or start > 1]
    with st.container(horizontal=True):
        for wish in wishes:
            args = (asked, village, wish)
            st.button(say(f"whynot_ask_{wish}"), key=f"whynot_{wish}", on_click=note_asked_for, args=args)
    for wish in wishes:
        if was_asked_for(asked, village, wish):
            with st.spinner(say("whynot_asking"), show_time=True):
                told = cached_why(asked, village, wish)
            st.markdown(f"**{say(f'whynot_ask_{wish}')}**")
            lines = reason_lines(told, language())
            lines += [answer_words(told, answer, language()) for answer in told.answers]
            st.markdown("\n".join(f"- {plain(line)}" for line in lines))
