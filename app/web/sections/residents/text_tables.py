"""What the sections about residents share: tables of texts, and the year that is asked for."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from app.people.portrait_tables import TextTable
from app.plans.tables import PlanTables
from app.web.shell.page_frame import visit_key
from app.web.shell.session import say


def show_text_table(table: TextTable) -> None:
    """A table below its title, all of its rows in view."""
    st.markdown(f"**{table.title}**")
    rows = pd.DataFrame(list(table.rows), columns=list(table.header))
    st.dataframe(rows, hide_index=True, alt=table.title, height="content")


def choose_year(tables: PlanTables, section: str) -> int:
    """A state year of the plan, the last at first; each section has its own."""
    last = tables.resolved.clock.horizon
    chosen = st.number_input(
        say("day_year"), min_value=0, max_value=last, value=last, step=1, key=visit_key("year", section)
    )
    return int(chosen)
