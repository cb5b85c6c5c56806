"""What the parties say in the words of a language model, where the environment names one and it is asked to."""

from __future__ import annotations

import streamlit as st

from app.bargaining.bargained_plan import BargainedPlan
from app.bargaining.spoken import speak, speech_lines, spoken_summary
from app.files.names import plain
from app.language_model.conversation import conversation_of_environment
from app.language_model.endpoint import endpoint_of_environment, is_named
from app.web.shell.page_frame import remember, remembered
from app.web.shell.session import language, say


def show_speeches(bargained: BargainedPlan, village: str) -> None:
    """A button, then the statements; nothing where no model is named. Its answers are remembered, so they stay."""
    if not is_named():
        return
    asked = f"bargain_speak:{village}:{language()}"
    label = say("bargain_speak", model=plain(endpoint_of_environment().model))
    st.button(label, key="bargain_speak", on_click=remember, args=(asked, True), help=say("bargain_speak_note"))
    if not remembered(asked, otherwise=False):
        return
    with st.spinner(say("bargain_speaking"), show_time=True):
        spoken = speak(bargained, conversation_of_environment(), language())
    for line in (*speech_lines(spoken, village), *spoken_summary(spoken)):
        st.markdown(plain(line))
