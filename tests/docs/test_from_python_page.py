"""The program of docs/from-python.md runs as it is printed."""

from __future__ import annotations

import re

import pytest

from page_fixtures import ROOT

PAGE = ROOT / "docs" / "from-python.md"


def test_the_page_is_short() -> None:
    assert len(PAGE.read_text(encoding="utf-8").splitlines()) <= 45


def test_the_program_runs(capsys: pytest.CaptureFixture[str]) -> None:
    (program,) = re.findall(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), flags=re.DOTALL)
    exec(compile(program, PAGE.name, "exec"), {})
    assert "plans, all valid: True" in capsys.readouterr().out
