"""What a browser tab is about, language to edit and comparison, kept in the address so that a link leads back."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

import streamlit as st

from app.words.language import Language
from data.catalogue import text

if TYPE_CHECKING:
    from app.plans.quantities import Quantities

FIELDS = (
    "lang",
    "draft",
    "run",
    "plan",
    "edit",
    "compare",
    "under",
    "runs",
    "goal",
    "judged",
    "checked",
    "guide",
    "sweep",
)
"""Names in the query string, and in the session's state with PREFIX before them."""
PREFIX = "at_"
_WRITTEN = "at_written"


def adopt_address() -> None:
    """Take over what the address says that this session did not write itself: a link, a reload, the back button."""
    written = st.session_state.get(_WRITTEN, {})
    for name in FIELDS:
        if name in st.query_params and st.query_params[name] != written.get(name):
            st.session_state[PREFIX + name] = st.query_params[name]
    if current("lang") not in tuple(Language):
        preferred = (st.context.locale or "") if hasattr(st.context, "locale") else ""
        st.session_state[PREFIX + "lang"] = str(Language.ZH if preferred.lower().startswith("zh") else Language.EN)


def write_address() -> None:
    """Put the session's place into the address, where it differs."""
    wanted = {name: current(name) for name in FIELDS if current(name)}
    if any(st.query_params.get(name) != value for name, value in wanted.items()):
        st.query_params.update(wanted)
    for name in FIELDS:
        if name not in wanted and name in st.query_params:
            del st.query_params[name]
    st.session_state[_WRITTEN] = wanted


def current(name: str) -> str:
    """Where the session is; empty if nowhere."""
    return str(st.session_state.get(PREFIX + name) or "")


def current_places() -> dict[str, str]:
    """Where the session is, in everything that an address says."""
    return {name: current(name) for name in FIELDS}


def go(**places: str) -> None:
    """Move the session; the plan goes with its run, and the edit with its plan."""
    if "run" in places and places["run"] != current("run"):
        places = {"plan": "", "edit": ""} | places
    if "plan" in places and places["plan"] != current("plan"):
        places = {"edit": ""} | places
    for name, value in places.items():
        st.session_state[PREFIX + name] = value


def language() -> str:
    """Language of the tab: en or zh."""
    return current("lang") or str(Language.EN)


def say(key: str, **values: object) -> str:
    """A text of the catalogue in the tab's language."""
    return text(key, language(), **values)


def in_series(clauses: Iterable[str]) -> str:
    """Clauses that may hold commas, one after another."""
    return say("clause_separator").join(clauses)


def spoken(prefix: str) -> Callable[[str], str]:
    """How options of a widget are shown: the text whose key is the prefix and the option."""
    lang = language()
    return lambda name: text(prefix + str(name), lang)


def indicator_words() -> Callable[[str], str]:
    """How indicators are shown as options of a widget."""
    from envs.kernel.indicators.registry import INDICATORS

    return quantity_words(INDICATORS)


def quantity_words(quantities: Quantities) -> Callable[[str], str]:
    """How quantities are shown as options of a widget."""
    lang = language()
    return lambda name: quantities[name].label[lang]
