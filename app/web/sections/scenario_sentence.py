"""A sentence becomes the draft: typed, shown as it is understood, taken once that is confirmed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import streamlit as st

from app.files.names import plain
from app.language_model.endpoint import is_named
from app.web.documents.workspace import Workspace
from app.web.shell.page_frame import remember, remembered, show_refusal
from app.web.shell.session import language, say
from app.web.shell.session_draft import Draft, field_key, save_draft
from data.errors import InputError

if TYPE_CHECKING:
    from app.words.sentence_text import Row
    from data.sentences.reading import Reading

LONGEST_TYPED = 2000
"""Letters that the field takes."""


def show_sentence(workspace: Workspace, draft: Draft) -> None:
    """The field, and below it what was understood; nothing is changed before it is confirmed."""
    sentence = st.text_input(
        say("sentence_field"), key=field_key("sentence"), max_chars=LONGEST_TYPED, placeholder=say("sentence_example")
    )
    if not sentence.strip():
        return
    asked = f"sentence_model:{sentence}"
    reading, fields, told = _read(sentence, draft, with_model=bool(remembered(asked, otherwise=False)))
    _show_reading(reading)
    if told:
        st.caption(plain(told))
    elif reading.unclear and is_named():
        st.button(say("sentence_ask_model"), key=field_key("sentence_model"), on_click=remember, args=(asked, True))
    try:
        _check(fields)
    except InputError as error:
        show_refusal(error)
        return
    if not reading.said:
        return
    label = say("sentence_take_partly" if reading.unclear else "sentence_take")
    if st.button(label, key=field_key("sentence_take"), type="secondary" if reading.unclear else "primary"):
        save_draft(workspace, Draft(draft.city, "", fields), fresh=True)
        st.rerun()


def _read(sentence: str, draft: Draft, *, with_model: bool) -> tuple[Reading, dict[str, Any], str]:
    """The reading, with the names of the draft's city, the fields that it makes of the draft, and what a model did."""
    from app.language_model.conversation import conversation_of_environment
    from app.language_model.reworded_sentence import read_with_model
    from app.web.shell.cached_city import cached_city
    from data.sentences.places import places_of
    from data.sentences.reading import read_sentence
    from data.sentences.said_scenario import placed, scenario_fields

    places, told = places_of(cached_city(draft.city)), ""
    reading = read_sentence(sentence, places)
    if with_model:
        reading, told = read_with_model(reading, places, conversation_of_environment(), language())
    reading = placed(reading, draft.content)
    return reading, scenario_fields(reading, draft.content), told


def _check(fields: Mapping[str, Any]) -> None:
    """Refuse what is no scenario."""
    from app.runs.loading import check_scenario
    from data.scenario_files import scenario_from_mapping

    check_scenario(scenario_from_mapping(fields))


def _show_reading(reading: Reading) -> None:
    """What was understood, and what was not, as tables."""
    from app.words.sentence_text import reading_rows, unclear_rows

    if reading.said:
        st.markdown(say("sentence_understood"))
        columns = ("sentence_column_words", "sentence_column_field", "sentence_column_value")
        _show_table(columns, reading_rows(reading, language()))
    if reading.unclear:
        st.warning(say("sentence_not_taken"))
        columns = ("sentence_column_place", "sentence_column_words", "sentence_column_why")
        _show_table(columns, unclear_rows(reading, language()))
    if not reading.said and not reading.unclear:
        st.info(say("sentence_empty"))


def _show_table(columns: Sequence[str], rows: Sequence[Row]) -> None:
    names = [say(column) for column in columns]
    st.table({name: [plain(row[k]) for row in rows] for k, name in enumerate(names)})
