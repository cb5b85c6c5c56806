"""Page Compliance: any plan against every rule, clause by clause, with its exceptions."""

from __future__ import annotations

import streamlit as st

from app.compliance.exception_files import kept_exceptions
from app.compliance.matrix import compliance
from app.web.sections.compliance.asked import ask_plan
from app.web.sections.compliance.clauses import show_clauses, show_verdict
from app.web.sections.compliance.granting import show_exceptions, show_files
from app.web.shell.page_frame import open_workspace, show_notes
from app.web.shell.session import say


def show() -> None:
    """The page."""
    workspace = open_workspace()
    st.title(say("page_compliance"))
    st.markdown(say("compliance_intro"))
    asked = ask_plan(workspace)
    if asked is None:
        show_notes()
        return
    resolved = asked.tables.resolved
    found = compliance(resolved, asked.plan, kept_exceptions(asked.exceptions, resolved))
    st.markdown(f"**{asked.title}**")
    show_verdict(found)
    show_clauses(found, asked.tables, asked.name)
    show_exceptions(asked, found)
    with st.container(key="screen_only_files"):
        show_files(asked, found)
    show_notes(resolved.city)


show()
