"""What a plan leaves out: villages most in need that it keeps, and weak conditions that it answers."""

from __future__ import annotations

import streamlit as st

from app.diagnosis.card import left_out_table
from app.diagnosis.diagnosis_text import plan_lines
from app.plans.tables import PlanTables
from app.web.sections.residents.text_tables import show_text_table
from app.web.shell.cached_diagnosis import cached_diagnosis
from app.web.shell.page_frame import remembered
from app.web.shell.session import language, say
from envs.diagnosis.answers import plan_answers
from envs.diagnosis.diagnosis import DiagnosisSetting

CHOSEN = "diagnosis_setting"
"""Under which page Diagnosis keeps its setting for the session."""


def show_need_left_out(tables: PlanTables) -> None:
    """A line, and the villages by name; by the weights last chosen on page Diagnosis, else by equal ones."""
    if not tables.resolved.city.n_villages:
        return
    setting: DiagnosisSetting = remembered(CHOSEN, DiagnosisSetting())
    told = cached_diagnosis(tables.resolved, setting)
    answers = plan_answers(tables.plan, told.weak, told.in_need)
    first, *others = plan_lines(told, answers, language())
    with st.expander(first):
        for line in others:
            st.markdown(line)
        table = left_out_table(told, answers, language())
        if table.rows:
            show_text_table(table)
        st.caption(f"{say(f'diagnosis_method_{setting.choice.method}_told')} {say('diagnosis_plan_note')}")
        st.page_link("views/diagnosis.py", label=say("page_diagnosis"))
