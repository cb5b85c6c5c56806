"""Entry of the browser application for `streamlit run`: pages, language, guard against tracebacks."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from app.web.documents.run_activity import record_visit
from app.web.documents.workspace import configured_workspace
from app.web.shell.background_threads import first_page_shown
from app.web.shell.guide import show_guide
from app.web.shell.page_frame import enter_page, guard, language_choice, show_pages_of_a_phone
from app.web.shell.session import adopt_address, current_places, say, write_address
from app.web.shell.sign_in import require_sign_in

STYLE = Path(__file__).parent / "shell" / "room.css"
PAGES = (
    "start",
    "scenario",
    "diagnosis",
    "search",
    "front",
    "plan",
    "compare",
    "judge",
    "compliance",
    "goals",
    "studies",
    "assumptions",
)


def main() -> None:
    """Show the page that the address names."""
    adopt_address()
    st.set_page_config(page_title=say("room_title"), layout="wide")
    st.html(STYLE)
    pages = [
        st.Page(f"views/{name}.py", title=say(f"page_{name}"), url_path=name, default=name == PAGES[0])
        for name in PAGES
    ]
    page = st.navigation(pages)
    show_pages_of_a_phone(pages, page)
    language_choice()
    enter_page(page.title)
    allowed = False
    with guard():
        allowed = require_sign_in()
    if not allowed:
        return
    with guard():
        page.run()
        record_visit(configured_workspace(), page.url_path or PAGES[0], current_places())
    show_guide(configured_workspace())
    write_address()
    first_page_shown.set()


main()
