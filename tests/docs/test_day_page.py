"""The page of a day: every column and kind is in it, its example prints what it says, its letters are the book's."""

from __future__ import annotations

import contextlib
import io
import re

from app.people.day_tables import CHAPTER
from data.dictionary import TABLES, table_columns
from data.parameter_book import load_book
from envs.people.day.activities import KINDS
from page_fixtures import ROOT

PAGE = (ROOT / "docs" / "day.md").read_text(encoding="utf-8")


def test_every_column_and_kind_is_told() -> None:
    names = {name for table in TABLES["day"] for name in table_columns("day", table)}
    assert names | set(KINDS) <= set(re.findall(r"`(\w+)`", PAGE))


def test_estimates_are_counted() -> None:
    book = load_book()
    keys = [key for key in book if key.startswith(CHAPTER)]
    assert (len([key for key in keys if book[key].is_estimate]), len(keys)) == (20, 23)
    assert "Twenty of the chapter's 23 values are estimates" in PAGE


def test_the_example_prints_what_it_says() -> None:
    (code,) = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        exec(compile(code, "day.md", "exec"), {})
    assert printed.getvalue().strip() == code.strip().rsplit("# ", 1)[1]
