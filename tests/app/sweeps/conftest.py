"""A small sweep of the tiny city, done once in this process."""

from __future__ import annotations

from pathlib import Path

import pytest

import sweep_fixtures
from app.cli.main import main
from search_fixtures import quick_anchors


@pytest.fixture(scope="session")
def sweep_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("sweep") / "small.yaml"
    path.write_text(sweep_fixtures.SMALL, encoding="utf-8")
    return path


@pytest.fixture(scope="session")
def swept(sweep_file: Path) -> Path:
    """The folder of the sweep; not to be changed."""
    out = sweep_file.parent / "swept"
    with quick_anchors():
        assert main(["sweep", str(sweep_file), "--out", str(out), "--workers", "1"]) == 0
    return out
