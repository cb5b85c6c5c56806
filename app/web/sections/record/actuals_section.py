"""What came of an approved plan: entered in a table or brought as a file, noted in the log, compared with the plan."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import streamlit as st

from app.files.names import plain
from app.plans.tables import PlanTables
from app.record.actuals_file import actuals_frame, note_and_keep_actuals, noted_actuals
from app.record.comparison import Comparison, compared
from app.record.comparison_text import comparison_sentences, years_table
from app.record.entries import typed_person
from app.record.standing import Standing
from app.record.subject import Subject
from app.runs.run_folder import Run
from app.web.figures.charts_record import cost_by_year_figure
from app.web.shell.page_frame import csv_button, guard, remember, remembered, show_chart, visit_key
from app.web.shell.session import language, say
from app.web.shell.signatory import Signatory
from app.words.console import money_scale, unit_text
from data.dictionary import table_columns
from data.errors import InputError
from data.importing.plans.actuals import Actuals, read_actuals

SUFFIXES = ("csv", "xlsx")
TYPED = ("village_id", "year", "started", "completed", "cost_10k_cny", "moved_persons")
"""Columns of the table in which actuals are typed; options of a start come by file."""
PER_10K = 1e4


def show_actuals(run: Run, subject: Subject, standing: Standing, tables: PlanTables, signatory: Signatory) -> None:
    """The form, and how the plan compares with what was noted."""
    st.subheader(say("actuals_title"))
    noted = noted_actuals(subject, standing)
    if noted is None:
        st.info(say("actuals_none"))
    else:
        _show_comparison(compared(tables, noted), subject)
    with st.expander(say("actuals_enter"), expanded=noted is None):
        _show_table(run, subject, tables, noted, signatory)
    with st.expander(say("actuals_upload")):
        _show_upload(run, subject, tables, signatory)


def _show_comparison(shown: Comparison, subject: Subject) -> None:
    for line in comparison_sentences(shown, language()):
        st.markdown(f"- {plain(line)}")
    header, rows = years_table(shown, language())
    st.dataframe(pd.DataFrame(rows, columns=header), hide_index=True, alt=say("actuals_alt_years", n=shown.last_year))
    show_chart(
        cost_by_year_figure(shown, language()),
        key=visit_key("actuals_chart"),
        alt=say("actuals_alt_chart", n=shown.last_year),
    )
    frame = shown.by_village()
    st.dataframe(_in_words(frame), hide_index=True, alt=say("actuals_alt_villages", n=len(frame)))
    st.caption(say("compared_evaluator"))
    with st.container(horizontal=True):
        for name, table in (("villages", frame), ("compared", shown.by_village_and_year()), ("years", shown.by_year())):
            file = f"{subject.run.name}-{subject.digests.plan_id}-{name}.csv"
            csv_button(say(f"actuals_csv_{name}"), table, file, f"actuals_csv_{name}")


def _in_words(frame: pd.DataFrame) -> pd.DataFrame:
    """By village, under headings of the page's language, money in its usual unit; what is not known is blank."""
    scale, unit = money_scale("CNY", language())
    lang: Any = language()
    shown = {}
    for name, column in table_columns("record", "villages").items():
        label, factor, digits = column.label[lang], 1.0, 0
        if name.endswith("_cny"):
            label, factor, digits = say("record_beside", name=label, beside=unit), scale, 2
        elif column.unit == "yr":
            label = say("record_beside", name=label, beside=unit_text("yr", language()))
        cells = frame[name]
        is_number = column.type == "number"
        shown[label] = ["" if pd.isna(c) else f"{c / factor + 0.0:,.{digits}f}" if is_number else str(c) for c in cells]
    return pd.DataFrame(shown)


def _show_table(run: Run, subject: Subject, tables: PlanTables, noted: Actuals | None, signatory: Signatory) -> None:
    """A table to type in, beginning with what is noted, else with what the plan starts first."""
    st.caption(say("actuals_enter_help"))
    ids, years = run.resolved.city.villages.village_id.tolist(), run.resolved.scenario.plan_years
    start = _typed_frame(noted, run) if noted is not None else _first_rows(tables)
    key = visit_key("actuals_table", subject.digests.digest[:8], "" if noted is None else noted.n_rows)
    labels = {name: say(f"actuals_column_{name}") for name in TYPED}
    typed = st.data_editor(
        start,
        num_rows="dynamic",
        hide_index=True,
        key=key,
        alt=say("actuals_enter"),
        column_config={
            "village_id": st.column_config.SelectboxColumn(labels["village_id"], options=ids, required=True),
            "year": st.column_config.NumberColumn(labels["year"], min_value=1, max_value=years, step=1, required=True),
            "started": st.column_config.CheckboxColumn(labels["started"], default=False),
            "completed": st.column_config.CheckboxColumn(labels["completed"], default=False),
            "cost_10k_cny": st.column_config.NumberColumn(labels["cost_10k_cny"], min_value=0.0),
            "moved_persons": st.column_config.NumberColumn(labels["moved_persons"], min_value=0.0),
        },
    )
    name = _who(signatory, "actuals_name")
    if st.button(say("actuals_note"), type="primary", key="actuals_note"):
        with guard():
            content = _csv_of(typed, noted, run)
            _note(run, subject, content, "actuals.csv", signatory, name)


def _typed_frame(actuals: Actuals, run: Run) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "village_id": run.resolved.city.villages.village_id[actuals.village_idx],
            "year": actuals.year,
            "started": actuals.started,
            "completed": actuals.completed,
            "cost_10k_cny": actuals.cost_cny / PER_10K,
            "moved_persons": actuals.moved_persons,
        }
    )


def _first_rows(tables: PlanTables) -> pd.DataFrame:
    """What the plan starts in its first year, with nothing said yet."""
    start = np.asarray(tables.plan.start_year[0])
    first = int(start[start > 0].min()) if (start > 0).any() else 0
    ids = tables.resolved.city.villages.village_id[start == first] if first else []
    n = len(ids)
    return pd.DataFrame(
        {
            "village_id": ids,
            "year": np.full(n, first),
            "started": np.zeros(n, dtype=bool),
            "completed": np.zeros(n, dtype=bool),
            "cost_10k_cny": np.full(n, np.nan),
            "moved_persons": np.full(n, np.nan),
        }
    )


def _csv_of(typed: pd.DataFrame, noted: Actuals | None, run: Run) -> bytes:
    """The table as the file that would be read; options noted of a start stay with its row."""
    frame = typed.rename(columns={"cost_10k_cny": "cost_cny"})
    frame["cost_cny"] = frame["cost_cny"] * PER_10K
    for column in ("started", "completed"):
        frame[column] = np.where(frame[column].fillna(value=False).astype(bool), "yes", "no")
    if noted is not None:
        options = actuals_frame(noted, run.resolved.city)
        kept = options[options["started"] == "yes"].drop(columns=["completed", "cost_cny", "moved_persons"])
        frame = frame.merge(kept, how="left", on=["village_id", "year", "started"])
    content: str = frame.to_csv(index=False)
    return content.encode()


def _show_upload(run: Run, subject: Subject, tables: PlanTables, signatory: Signatory) -> None:
    st.caption(say("actuals_upload_help"))
    csv_button(say("actuals_template"), _template(tables), "actuals.csv", "actuals_template")
    file = st.file_uploader(say("actuals_file"), type=list(SUFFIXES), key=visit_key("actuals_file"))
    first = st.number_input(
        say("actuals_first_year"),
        1900,
        2200,
        value=None,
        help=say("actuals_first_year_help"),
        key=visit_key("actuals_first"),
    )
    name = _who(signatory, "actuals_file_name")
    if file is not None and st.button(say("actuals_take_in"), type="primary", key="actuals_take_in"):
        with guard():
            year = None if first is None else int(first)
            _note(run, subject, file.getvalue(), file.name, signatory, name, first_year=year)


def _template(tables: PlanTables) -> pd.DataFrame:
    """A row for each village that the plan renews, in the year in which it starts, under headings of the language."""
    rows = tables.schedule()[["village_id", "name", "start_year"]]
    blank = dict.fromkeys(("started", "completed", "cost_10k_cny", "moved_persons"), "")
    frame = rows.rename(columns={"start_year": "year"}).assign(**blank)
    return frame.rename(columns={name: say(f"actuals_column_{name}") for name in frame})


def _who(signatory: Signatory, key: str) -> str:
    """The name of whoever reports; kept from one form to the next."""
    if signatory.person is not None:
        return signatory.person.name
    name = st.text_input(
        say("record_name"), remembered("record_reporter", ""), help=say("record_name_help"), key=visit_key(key)
    )
    remember("record_reporter", name)
    return str(name)


def _note(
    run: Run,
    subject: Subject,
    content: bytes,
    file_name: str,
    signatory: Signatory,
    name: str,
    *,
    first_year: int | None = None,
) -> None:
    """Read what was typed or brought by the one reader, and note it."""
    person = typed_person(name) if signatory.person is None else signatory.person
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"actuals{Path(file_name).suffix.lower()}"
        path.write_bytes(content)
        try:
            years = run.resolved.scenario.plan_years
            reported = read_actuals(path, run.resolved.city, years, first_year=first_year)
        except InputError as error:
            error.name_files({str(path): file_name})
            raise
    note_and_keep_actuals(subject, person, reported)
    st.rerun()
