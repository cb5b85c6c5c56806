"""Section Record of page Plan: where the plan stands, who signed, the log looked through on every visit, the form."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from app.files.names import plain
from app.plans.tables import PlanTables
from app.record.entries import Person, Role, typed_person
from app.record.log import lines_since, log_path
from app.record.record_text import COLUMNS, entry_row, standing_text
from app.record.replanning_text import replanned_text
from app.record.signing import send_back, sign
from app.record.standing import Standing, State, standing_of
from app.record.subject import Subject, subject_of
from app.record.verification import Verified, verify
from app.runs.run_folder import Run
from app.web.documents.workspace import Workspace
from app.web.sections.record.actuals_section import show_actuals
from app.web.sections.record.rest_section import show_rest
from app.web.shell.page_frame import guard, visit_key
from app.web.shell.session import language, say
from app.web.shell.signatory import Signatory, visiting_signatory

COLORS = {State.DRAFT: "gray", State.REVIEWED: "orange", State.APPROVED: "green", State.RETURNED: "red"}


def show_record(workspace: Workspace, run: Run, plan_id: str, tables: PlanTables) -> None:
    """The record of the plan in hand; an edited plan is another plan."""
    subject = subject_of(run, plan_id, tables.plan)
    verified = verify(run.folder, run.resolved)
    standing = standing_of(verified.entries, subject.digests.digest)
    color, state = COLORS[standing.state], say(f"record_state_{standing.state}")
    st.markdown(f":{color}-badge[{state}]")
    for line in standing_text(subject.digests, standing, verified.entries, language()).splitlines():
        st.markdown(plain(line))
    if run.record.replanned is not None:
        st.caption(plain(replanned_text(run.record.replanned, language())))
    _show_log(verified, subject)
    signatory = visiting_signatory()
    _show_form(subject, standing, signatory)
    if standing.state is not State.APPROVED:
        st.caption(say("record_after_approval"))
        return
    show_actuals(run, subject, standing, tables, signatory)
    show_rest(workspace, run, subject, standing)


def _show_log(verified: Verified, subject: Subject) -> None:
    """Every entry of the run, those of this plan first seen by their id, and the head."""
    if not verified.log.lines:
        st.caption(say("record_empty"))
        return
    rows = [entry_row(entry, language()) for entry in verified.entries]
    frame = pd.DataFrame(rows, columns=[say(f"record_column_{name}") for name in COLUMNS])
    st.dataframe(frame, hide_index=True, alt=say("record_alt", n=len(rows), plan=subject.digests.plan_id))
    st.success(say("record_verified", n=len(rows), plans=verified.n_plans, actuals=verified.n_actuals))
    with st.expander(say("record_head_title", head=verified.log.head[:12])):
        st.code(verified.log.head, language=None, wrap_lines=True)
        st.caption(say("record_head_help"))
        asked = st.text_input(say("record_head_ask"), key=visit_key("record_head"))
        if asked:
            with guard():
                since = lines_since(verified.log, asked, file=log_path(subject.run).name)
                st.success(say("record_since", head=asked.strip().lower(), n=since))


def _show_form(subject: Subject, standing: Standing, signatory: Signatory) -> None:
    """Sign or return; what is refused leaves the form as it is."""
    if not signatory.roles:
        st.info(say("record_no_role", name=plain(signatory.person.name if signatory.person else "")))
        return
    n = len(standing.history)  # a form that was taken in is followed by a blank one
    due = Role.PUBLIC if standing.state is State.REVIEWED else Role.TECHNICAL
    with st.form(visit_key("record_form", n), border=True):
        st.markdown(f"**{say('record_form')}**")
        role = st.radio(
            say("record_role"),
            list(signatory.roles),
            index=signatory.roles.index(due) if due in signatory.roles else 0,
            format_func=lambda one: say(f"record_role_{one}"),
            horizontal=True,
            key=visit_key("record_role", n),
        )
        name = show_name(signatory, visit_key("record_name", n))
        comment = st.text_area(say("record_comment"), height=80, key=visit_key("record_comment", n))
        with st.container(horizontal=True):
            signs = st.form_submit_button(
                say("record_sign"), type="primary", disabled=standing.state is State.APPROVED, key="record_sign"
            )
            returns = st.form_submit_button(
                say("record_return"), disabled=standing.state is State.RETURNED, key="record_return"
            )
    if signs or returns:
        with guard():
            person = acting(signatory, name)
            (sign if signs else send_back)(subject, person, Role(role), comment)
            st.rerun()


def show_name(signatory: Signatory, key: str) -> str:
    """The name of the sign-in, or a field for one."""
    if signatory.person is not None:
        st.caption(say("record_signed_in_as", name=plain(signatory.person.name)))
        return signatory.person.name
    return str(st.text_input(say("record_name"), help=say("record_name_help"), key=key))


def acting(signatory: Signatory, name: str) -> Person:
    """Who acts: by sign-in, or by the name that was typed.

    Raises:
        InputError: no name was typed.
    """
    return typed_person(name) if signatory.person is None else signatory.person
