"""The page of parameters is that of the book."""

from __future__ import annotations

import re
import runpy
from typing import Any

import pytest

from data.importing.defaults import fill_book
from data.parameter_book import load_book
from page_fixtures import ROOT


@pytest.fixture(scope="module")
def script() -> dict[str, Any]:
    return runpy.run_path(str(ROOT / "docs" / "parameters_page.py"))


def test_page_is_up_to_date(script: dict[str, Any]) -> None:
    assert script["PAGE"].read_text(encoding="utf-8") == script["page"](load_book()), "run `make pictures`"


def test_every_fact_has_one_row_and_letters_add_up(script: dict[str, Any]) -> None:
    book, text = load_book(), script["page"](load_book())
    rows = re.findall(r"^\| `([a-z0-9_.]+)` \|.* \| ([SCME]) \| ", text, flags=re.MULTILINE)
    assert sorted(key for key, _ in rows) == sorted(fill_book().facts)  # the model's, and those of imports alone
    assert all(fill_book()[key].confidence == letter for key, letter in rows)
    total = re.search(r"^\| all \| (\d+) \| (\d+) \| (\d+) \| (\d+) \| (\d+) \|$", text, flags=re.MULTILINE)
    assert total is not None
    assert [int(n) for n in total.groups()] == [*book.letter_counts().values(), len(book.facts)]
