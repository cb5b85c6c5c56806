"""The parties bargain over a plan: one village with everything that is said, or all villages and what comes of it."""

from __future__ import annotations

from shlex import quote

import streamlit as st

from app.plans.tables import PlanTables
from app.runs.run_folder import Run
from app.web.documents.plan_edits import Edits
from app.web.documents.workspace import Workspace
from app.web.sections.parties.all_bargains import show_all_bargains
from app.web.sections.parties.village_bargain import show_village_bargain
from app.web.shell.cached_bargain import SEED, chosen_table
from app.web.shell.page_frame import remembered_choice, visit_key
from app.web.shell.session import say, spoken
from envs.people.bargaining.prospects import N_DRAWS

VIEWS = ("village", "all")


def show_parties(workspace: Workspace, run: Run, plan_id: str, tables: PlanTables, edits: Edits) -> None:
    """One village or all of them; how to have it as files."""
    if not tables.renewed_idx.size:
        st.info(say("nothing_renewed"))
        return
    view = remembered_choice(
        "bargain_view", say("bargain_view"), VIEWS, spoken("bargain_view_"), key=visit_key("bargain_view"), heading=True
    )
    command = f"renewal bargain --run {run.folder.name} --plan {plan_id}"
    if view == "village":
        village = show_village_bargain(tables)
        command += f" --village {quote(village)} --out {quote(f'bargained-{plan_id}-{village}')}"
    else:
        if not show_all_bargains(workspace, run, plan_id, tables):
            return
        table = chosen_table()
        command += f" --pool {table.pool_size}" if table.pool_size > 1 else ""
        command += f" --rounds {table.most_rounds}" if table.most_rounds > 1 else ""
        command += f" --out bargained-{plan_id}"
    st.caption(say("bargain_command") + (" " + say("bargain_command_edits") if edits else ""))
    st.code(command, language="sh")
    st.caption(say("bargain_about", seed=SEED, n=N_DRAWS))
    st.caption(say("bargain_note"))
