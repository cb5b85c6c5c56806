"""Assumptions in tables: the parameter book, how indicators are computed, the data dictionary."""

from __future__ import annotations

from typing import Any

import pandas as pd
import streamlit as st

from app.web.shell.page_frame import as_wide_as, visit_key
from app.web.shell.session import in_series, language, say
from app.words.console import unit_text
from data.dictionary import LAYERS, columns
from data.parameter import CONFIDENCES, letter_texts
from data.parameter_book import Book, load_book
from envs.kernel.indicators.registry import INDICATORS


def show_book(book: Book) -> None:
    """Every parameter with value, unit, range, source and confidence; changed ones beside the book's own value."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        searched = st.text_input(say("assumptions_find"), key=visit_key("book_find"))
        letters = st.multiselect(
            say("assumptions_letters"), list(CONFIDENCES), key=visit_key("book_letters"), placeholder=say("choose_some")
        )
        only = st.checkbox(say("assumptions_changed_only"), key=visit_key("book_changed"))
    rows = book_rows(book, searched, letters, only=only)
    counted = in_series(letter_texts(book.letter_counts(), language()))
    changed = sum(key in book.changed for key in book.facts)
    st.caption(say("assumptions_count", n=len(rows), all=len(book.facts), changed=changed, letters=counted))
    if not rows:
        st.info(say("nothing_matches"))
        return
    published = load_book()
    table = [
        {
            say("column_label"): row[f"label_{language()}"],
            say("column_key"): row["key"],
            say("column_value"): row["value"],
            say("column_published"): published[row["key"]].value_text if row["changed"] else "",
            say("column_unit"): unit_text(row["unit"], language()),
            say("column_low"): row["low"],
            say("column_high"): row["high"],
            say("column_confidence"): row["confidence"],
            say("column_source"): say("source_estimate") if row["source"] == "estimate" else row["source"],
            say("column_year"): "" if row["year"] is None else str(row["year"]),
            say("column_note"): row["note"],
        }
        for row in rows
    ]
    frame = pd.DataFrame(table)
    st.dataframe(
        frame,
        hide_index=True,
        height=560,
        placeholder="",
        column_config={say(name): as_wide_as(frame[say(name)]) for name in ("column_label", "column_unit")},
        alt=say("alt_book", n=len(rows)),
    )


def book_rows(book: Book, searched: str, letters: list[str], *, only: bool) -> list[dict[str, Any]]:
    """Rows of the book that match, changed ones first.

    Args:
        book: with the scenario's overrides.
        searched: text to find in key, labels, source or note; empty = all.
        letters: confidences; empty = all.
        only: whether only changed parameters are wanted.
    """
    searched = searched.strip().lower()
    rows = [
        row
        for row in book.rows()
        if not row["same_as"]
        and (not letters or row["confidence"] in letters)
        and (row["changed"] or not only)
        and any(searched in str(row[name]).lower() for name in ("key", "label_en", "label_zh", "source", "note"))
    ]
    return sorted(rows, key=lambda row: not row["changed"])


def show_indicator_definitions() -> None:
    """How every indicator is computed, and its known bias, from the registry."""
    searched = st.text_input(say("assumptions_find"), key=visit_key("recipes_find")).strip().lower()
    lang = language()
    table = [
        {
            say("column_indicator"): item.label[lang],
            say("column_unit"): unit_text(item.unit, lang),
            say("column_sense"): say(f"sense_{item.sense}"),
            say("column_recipe"): item.recipe_in(lang),
            say("column_bias"): item.bias_in(lang),
            say("column_key"): item.name,
        }
        for item in INDICATORS.values()
    ]
    table = [row for row in table if any(searched in cell.lower() for cell in row.values())]
    if table:
        st.dataframe(pd.DataFrame(table), hide_index=True, height=560, alt=say("alt_recipes", n=len(table)))
    else:
        st.info(say("nothing_matches"))


def show_dictionary() -> None:
    """What every column of a city is, from the schema that loader and validation read."""
    for layer in LAYERS:
        name = say(f"layer_{layer}")
        st.markdown(f"**{name}**")
        table = [
            {
                say("column_column"): column,
                say("column_label"): entry.label["zh" if language() == "zh" else "en"],
                say("column_type"): say(f"type_{entry.type}"),
                say("column_unit"): unit_text(entry.unit, language()),
                say("column_low"): entry.low,
                say("column_high"): entry.high,
                say("column_meaning"): entry.description,
            }
            for column, entry in columns(layer).items()
        ]
        st.dataframe(pd.DataFrame(table), hide_index=True, placeholder="", alt=say("alt_dictionary", layer=name))
