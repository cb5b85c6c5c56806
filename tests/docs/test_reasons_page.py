"""The page of reasons: its program runs, and the files that it names are those of the command."""

from __future__ import annotations

import re

from app.reasons.explain_folder import CHAPTERS
from page_fixtures import ROOT

PAGE = (ROOT / "docs" / "reasons.md").read_text(encoding="utf-8")


def test_the_program_of_the_page_runs() -> None:
    for code in re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL):
        exec(compile(code, "reasons.md", "exec"), {})


def test_the_page_names_every_table_of_the_attribution() -> None:
    assert {f"{name}.csv" for name in CHAPTERS["attribution"].tables} <= set(re.findall(r"[a-z]+\.csv", PAGE))
