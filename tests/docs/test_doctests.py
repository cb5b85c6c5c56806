"""Examples in docstrings hold; each has `np` at hand."""

from __future__ import annotations

import doctest
import importlib
from pathlib import Path

import numpy as np
import pytest

from page_fixtures import ROOT

TOPS = ("data", "envs", "agents", "optimizers", "app")
FILES = [path for top in TOPS for path in sorted((ROOT / top).rglob("*.py")) if ">>> " in path.read_text("utf-8")]


def module_of(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts)


@pytest.mark.parametrize("name", [module_of(path) for path in FILES])
def test_examples_hold(name: str) -> None:
    result = doctest.testmod(
        importlib.import_module(name), extraglobs={"np": np}, optionflags=doctest.NORMALIZE_WHITESPACE
    )
    assert result.attempted
    assert not result.failed
