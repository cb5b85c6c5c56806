"""Exceptions on the page: those that there are with where they stand, the form for one more, and the files."""

from __future__ import annotations

import tempfile
from functools import partial
from pathlib import Path

import streamlit as st

from app.compliance.exception_files import checked_exception, write_exceptions
from app.compliance.exceptions import GrantedException, bound
from app.compliance.matrix import Compliance
from app.compliance.words import exception_lines
from app.exports.compliance_files import COMPLIANCE_SUFFIXES, write_compliance
from app.files.names import plain
from app.web.sections.compliance.asked import Asked
from app.web.shell.page_frame import show_refusal, visit_key
from app.web.shell.session import language, say
from data.errors import InputError


def show_exceptions(asked: Asked, found: Compliance) -> None:
    """Every exception with where it stands; one more is granted, one is removed."""
    st.subheader(say("compliance_exceptions_title"))
    granted = [item for item, _ in found.exceptions]
    if not granted:
        st.caption(say("compliance_no_exceptions"))
    for number, said in enumerate(exception_lines(found, language()), start=1):
        with st.container(horizontal=True, vertical_alignment="center"):
            st.markdown(plain(said))
            if st.button(say("compliance_remove", n=number), key=visit_key("compliance_remove", number)):
                write_exceptions(asked.exceptions, [*granted[: number - 1], *granted[number:]])
                st.rerun()
    if found.broken:
        _grant(asked, found, granted)
    st.caption(say("compliance_exceptions_note"))


def _grant(asked: Asked, found: Compliance, granted: list[GrantedException]) -> None:
    """The form; its fields are read as those of a file are."""
    labels = {line.rule.name: line.rule.label[language()] for line in found.broken}
    offending = {line.rule.name: line.finding.villages for line in found.broken if line.finding is not None}
    with st.expander(say("compliance_grant")):
        rule = str(
            st.selectbox(
                say("compliance_grant_rule"), list(labels), format_func=labels.__getitem__, key=visit_key("grant_rule")
            )
        )
        with st.form(visit_key("grant", rule), border=False, clear_on_submit=True):
            villages = st.multiselect(say("compliance_grant_villages"), offending[rule], disabled=not offending[rule])
            reason = st.text_area(say("compliance_grant_reason"), max_chars=1_000)
            with st.container(horizontal=True):
                name = st.text_input(say("compliance_grant_name"), max_chars=80)
                role = st.text_input(say("compliance_grant_role"), max_chars=80)
            st.caption(say("compliance_grant_help"))
            pressed = st.form_submit_button(say("compliance_grant_add"), type="primary")
    if not pressed:
        return
    fields = {"rule": rule, "villages": list(villages), "reason": reason, "name": name, "role": role}
    try:
        item = checked_exception(fields, found.resolved)
        write_exceptions(asked.exceptions, bound([*granted, item], found.plan_digest, found.resolved.digest))
    except InputError as error:
        show_refusal(error)
        return
    st.rerun()


def show_files(asked: Asked, found: Compliance) -> None:
    """The compliance as a file of each kind, made when it is asked for."""
    st.subheader(say("compliance_download"))
    with st.container(horizontal=True):
        for suffix in COMPLIANCE_SUFFIXES:
            make = partial(compliance_bytes, asked, found, suffix=suffix, language=language())
            st.download_button(
                say("export_as", suffix=suffix.removeprefix(".").upper()),
                make,
                f"{asked.name}-compliance{suffix}",
                key=visit_key("compliance_export", suffix),
                on_click="ignore",
            )
    if asked.is_of_run:
        st.page_link("views/plan.py", label=say("page_plan"))
        st.caption(say("compliance_package"))


def compliance_bytes(asked: Asked, found: Compliance, *, suffix: str, language: str) -> bytes:
    """The file."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"compliance{suffix}"
        write_compliance(path, found, asked.tables, asked.name, language=language)
        return path.read_bytes()
