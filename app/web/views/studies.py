"""Page Studies: sweeps of the folder of runs, what each factor does, and links to their runs."""

from __future__ import annotations

import streamlit as st

from app.files.names import plain
from app.sweeps.sweep_table import HYPERVOLUME
from app.web.documents.sweeps import sweep_folders
from app.web.sections.sweep_sections import show_effects, show_runs, show_state
from app.web.shell.cached_sweeps import cached_sweep
from app.web.shell.page_frame import open_workspace, visit_key
from app.web.shell.session import current, go, language, say


def show() -> None:
    """The page."""
    workspace = open_workspace()
    st.title(say("page_studies"))
    st.markdown(say("studies_intro"))
    folders = sweep_folders(workspace)
    if not folders:
        st.info(say("studies_none"))
        return
    ids = list(folders)
    chosen = st.selectbox(
        say("studies_which"),
        ids,
        index=ids.index(current("sweep")) if current("sweep") in ids else 0,
        format_func=lambda name: folders[name].name,
        key=visit_key("study"),
    )
    go(sweep=str(chosen))
    with st.spinner(say("studies_reading")):
        listed, table = cached_sweep(folders[str(chosen)])
    st.subheader(plain(listed.label.get(language()) or listed.name), anchor=False)
    show_state(table)
    if HYPERVOLUME in table:
        show_effects(listed, table)
        st.subheader(say("studies_table"), anchor=False)
        show_runs(listed, table)
    st.caption(plain(say("screening")))


show()
