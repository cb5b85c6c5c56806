"""The page of residents: every column is in it, and its example prints what it says."""

from __future__ import annotations

import contextlib
import io
import re

from data.dictionary import TABLES, table_columns
from page_fixtures import ROOT

PAGE = (ROOT / "docs" / "people.md").read_text(encoding="utf-8")


def test_every_column_is_told() -> None:
    names = {name for table in TABLES["people"] for name in table_columns("people", table)}
    assert names <= set(re.findall(r"`(\w+)`", PAGE))


def test_the_example_prints_what_it_says() -> None:
    (code,) = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        exec(compile(code, "people.md", "exec"), {})
    assert printed.getvalue().splitlines() == re.findall(r"^print\(.*\)  # (.*)$", code, re.MULTILINE) != []
