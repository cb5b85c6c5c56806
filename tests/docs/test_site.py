"""The site builds without a warning, and its API page says something of everything it names."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from page_fixtures import ROOT

pytest.importorskip("mkdocs", reason="in the extra `docs`")


def test_site_builds_without_a_warning(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "--quiet", "--site-dir", str(tmp_path)]
    built = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert built.returncode == 0, built.stderr
    page = (tmp_path / "api.html").read_text(encoding="utf-8")
    named = re.findall(r"^::: (\S+)$", (ROOT / "docs" / "api.md").read_text(encoding="utf-8"), flags=re.MULTILINE)
    assert named
    assert [name for name in named if f'id="{name}"' not in page] == []
    assert "Parameters" in page
