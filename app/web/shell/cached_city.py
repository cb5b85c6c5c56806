"""Cache shared by all sessions of cities, read without the kernel."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from app.web.shell.file_stamps import stamp
from data.files.cities import city_path, load_city

if TYPE_CHECKING:
    from data.city import City


def cached_city(source: str) -> City:
    """A city by name or path; read again only when its file has changed.

    Raises:
        InputError: it cannot be read, or breaks a rule.
    """
    return _city(source, stamp(city_path(source)))


@st.cache_resource(show_spinner=False, max_entries=6)
def _city(source: str, stamp: tuple[int, int]) -> City:
    del stamp
    return load_city(source)
