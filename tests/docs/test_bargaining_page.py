"""The page of bargaining: its program runs, the files and keys that it names are there."""

from __future__ import annotations

import re

import pytest

from data.parameter_book import load_book
from page_fixtures import ROOT

PAGE = (ROOT / "docs" / "bargaining.md").read_text(encoding="utf-8")


def test_the_program_runs(capsys: pytest.CaptureFixture[str]) -> None:
    (code,) = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
    exec(compile(code, "bargaining.md", "exec"), {})
    assert "(6, 252, 4)" in capsys.readouterr().out


def test_keys_are_in_the_book() -> None:
    named = set(re.findall(r"`((?:bargain|shadow|consent)\.[a-z_]+)[`:]", PAGE))
    assert {"bargain.months", "bargain.multipliers"} <= named
    assert named <= set(load_book())
