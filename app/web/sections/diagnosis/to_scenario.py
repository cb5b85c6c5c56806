"""From the diagnosis to the scenario: the villages most in need become villages that must be renewed."""

from __future__ import annotations

import numpy as np
import streamlit as st

from app.web.documents.scenario_draft import with_statuses
from app.web.documents.workspace import Workspace
from app.web.shell.page_frame import visit_key
from app.web.shell.session import say
from app.web.shell.session_draft import Draft, save_draft
from envs.diagnosis.diagnosis import Diagnosis

USUAL_VILLAGES = 20
"""That the field begins with."""


def open_villages(told: Diagnosis, draft: Draft) -> list[str]:
    """Villages most in need of which the scenario decides nothing yet, those with most need first."""
    decided = {str(name) for field in ("locked", "forbidden", "fixed") for name in draft.content.get(field, ())}
    chosen = np.flatnonzero(told.in_need)
    ordered = chosen[np.argsort(-told.need.points[chosen], kind="stable")]
    ids = told.city.villages.village_id[ordered].tolist()
    return [name for name in ids if name not in decided]


def show_to_scenario(workspace: Workspace, draft: Draft, told: Diagnosis) -> None:
    """How many of them, and the button."""
    names = open_villages(told, draft)
    if not names:
        st.caption(say("diagnosis_all_decided"))
        return
    with st.container(border=True):
        st.caption(say("diagnosis_lock_help"))
        with st.container(horizontal=True, vertical_alignment="bottom"):
            n = st.number_input(
                say("diagnosis_lock_n"),
                1,
                len(names),
                min(len(names), USUAL_VILLAGES),
                1,
                key=visit_key("diagnosis_lock_n"),
            )
            if st.button(say("diagnosis_lock"), key=visit_key("diagnosis_lock")):
                content = with_statuses(draft.content, names[: int(n)], "locked")
                save_draft(workspace, Draft(draft.city, draft.preset, content), fresh=True)
                st.rerun()
