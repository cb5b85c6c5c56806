"""A page leaves the process's main module as it was, for whatever is spawned after it."""

from __future__ import annotations

import sys

from streamlit.testing.v1 import AppTest

MAIN_MODULE = sys.modules["__main__"]


def test_streamlit_makes_a_page_the_main_module() -> None:
    AppTest.from_string("import streamlit as st\nst.write('a page')").run()
    assert sys.modules["__main__"] is not MAIN_MODULE


def test_after_a_page_it_is_put_back() -> None:
    assert sys.modules["__main__"] is MAIN_MODULE
