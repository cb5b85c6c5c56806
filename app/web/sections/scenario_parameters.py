"""The parameters of a scenario: every assumption with unit, range, source and confidence; changed ones marked."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd
import streamlit as st

from app.runs.names import SCENARIO_FILE
from app.web.documents.scenario_draft import Problem, changed_parameters, draft_from_yaml, parse_parameter
from app.web.documents.workspace import Workspace
from app.web.shell.page_frame import edited_rows, show_refusal, stable_table
from app.web.shell.run_names import run_words
from app.web.shell.session import in_series, language, say
from app.web.shell.session_draft import Draft, current_draft, field_key, save_draft, save_fields, show_problems
from data.errors import InputError
from data.parameter import CONFIDENCES, confidence_text
from data.parameter_book import load_book
from data.scenario_files import load_scenario

VALUE = "value"
_REFUSALS = "parameter_refusals"


def show_parameters(workspace: Workspace, draft: Draft, problems: Sequence[Problem]) -> Draft:
    """The table, its filters, reset and copy."""
    meanings = in_series(f"{letter} = {confidence_text(letter, language())}" for letter in CONFIDENCES)
    st.caption(say("parameters_help", letters=meanings))
    with st.container(horizontal=True, vertical_alignment="bottom"):
        searched = st.text_input(say("parameters_find"), key=field_key("parameters_find")).strip().lower()
        only = st.checkbox(say("parameters_changed_only"), key=field_key("parameters_only"))
    book = changed_parameters(draft.content)
    rows = [
        row for row in book.rows() if not row["same_as"] and _matches(row, searched) and (row["changed"] or not only)
    ]
    if rows:
        _show_table(workspace, rows, searched, only=only)
    else:
        st.info(say("nothing_matches"))
    for error in st.session_state.get(_REFUSALS, {}).values():
        show_refusal(error)
    show_problems(problems, "parameters")
    outside = changed_parameters(draft.content).outside_range()
    if outside:
        st.warning(say("parameters_outside", keys=list(outside)))
    return _show_reset(workspace, draft)


def _matches(row: dict[str, Any], searched: str) -> bool:
    return not searched or any(searched in str(row[name]).lower() for name in ("key", "label_en", "label_zh", "source"))


def _show_table(workspace: Workspace, rows: list[dict[str, Any]], searched: str, *, only: bool) -> None:
    key = field_key(f"parameters_{searched}_{only}")
    label = f"label_{language()}"
    shown = ("changed", "key", label, VALUE, "unit", "low", "high", "source", "confidence", "note")

    def build() -> pd.DataFrame:
        return pd.DataFrame([{name: row[name] for name in shown} for row in rows])

    source_keys = st.session_state.get(f"{key}:source")
    keys = [str(name) for name in (source_keys["key"] if source_keys is not None else [row["key"] for row in rows])]
    stable_table(
        key,
        build,
        hide_index=True,
        disabled=[name for name in shown if name != VALUE],
        height=420,
        on_change=_take_edits,
        args=(workspace, key, keys),
        alt=say("alt_parameters", n=len(rows)),
        column_config={
            "changed": st.column_config.CheckboxColumn(say("column_changed"), width="small"),
            "key": say("column_key"),
            label: say("column_label"),
            VALUE: say("column_value"),
            "unit": say("column_unit"),
            "low": say("column_low"),
            "high": say("column_high"),
            "source": say("column_source"),
            "confidence": say("column_confidence"),
            "note": say("column_note"),
        },
    )


def _take_edits(workspace: Workspace, table_key: str, keys: Sequence[str]) -> None:
    """Put what was typed into the draft; what is no value of the parameter is told below the table."""
    draft = current_draft(workspace)
    overrides, refusals = typed_parameters(
        draft.content.get("parameters", {}),
        {keys[row]: cells.get(VALUE) for row, cells in edited_rows(table_key).items()},
    )
    st.session_state[_REFUSALS] = refusals
    save_fields(workspace, draft, {"parameters": overrides})


def typed_parameters(overrides: dict[str, Any], typed: dict[str, Any]) -> tuple[dict[str, Any], dict[str, InputError]]:
    """Overrides after typing, and refusals by key; a value equal to the book's is no override.

    Args:
        overrides: as they were.
        typed: key -> text typed into the table, None = emptied, which resets.
    """
    book, result, refusals = load_book(), dict(overrides), {}
    for key, text in typed.items():
        if text is None or not str(text).strip():
            result.pop(key, None)
            continue
        try:
            value = parse_parameter(book[key], str(text))
        except InputError as error:
            refusals[key] = error
            continue
        result.pop(key, None)
        result |= book.override({key: value}).changes()
    return result, refusals


def _show_reset(workspace: Workspace, draft: Draft) -> Draft:
    overrides = draft.content.get("parameters", {})
    with st.container(horizontal=True, vertical_alignment="bottom"):
        chosen = st.multiselect(
            say("parameters_reset_which"),
            sorted(overrides),
            key=field_key("parameters_reset"),
            placeholder=say("choose_some"),
        )
        if st.button(say("parameters_reset"), disabled=not overrides, key=field_key("parameters_reset_go")):
            kept = {key: value for key, value in overrides.items() if chosen and key not in chosen}
            _replace(workspace, draft, kept)
    with st.expander(say("parameters_copy")):
        runs = [name for name in workspace.run_ids() if (workspace.run_folder(name) / SCENARIO_FILE).is_file()]
        source = st.selectbox(
            say("parameters_copy_run"),
            runs,
            index=None,
            format_func=run_words(workspace, runs),
            key=field_key("parameters_run"),
        )
        file = st.file_uploader(say("parameters_copy_file"), type=["yaml", "yml"], key=field_key("parameters_file"))
        if st.button(say("parameters_copy_go"), key=field_key("parameters_copy_go"), disabled=not (source or file)):
            try:
                if file is not None:
                    copied = draft_from_yaml(file.getvalue(), file.name)["parameters"]
                else:
                    copied = load_scenario(workspace.run_folder(str(source)) / SCENARIO_FILE).parameters
                _replace(workspace, draft, copied)
            except InputError as error:
                show_refusal(error)
    return draft


def _replace(workspace: Workspace, draft: Draft, overrides: dict[str, Any]) -> None:
    st.session_state.pop(_REFUSALS, None)
    save_draft(workspace, Draft(draft.city, draft.preset, {**draft.content, "parameters": overrides}), fresh=True)
    st.rerun()
