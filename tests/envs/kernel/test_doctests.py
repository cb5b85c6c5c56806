"""The examples in the kernel's docstrings are run, each module with `np` at hand."""

from __future__ import annotations

import doctest
from importlib import import_module

import numpy as np
import pytest

LEAST_EXAMPLES = {
    "accessibility": 3,
    "built_form": 3,
    "capital": 6,
    "commute": 2,
    "consent": 2,
    "parallel_chunks": 2,
    "resources": 1,
    "timing": 1,
    "weights": 2,
}


@pytest.mark.parametrize("name", LEAST_EXAMPLES)
def test_examples(name: str) -> None:
    result = doctest.testmod(import_module(f"envs.kernel.{name}"), extraglobs={"np": np})
    assert result.failed == 0
    assert result.attempted >= LEAST_EXAMPLES[name]
