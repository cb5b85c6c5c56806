"""The published names of packages, and that light modules stay light."""

from __future__ import annotations

import subprocess
import sys

import pytest

import optimizers.bounds
import optimizers.search
from data.catalogue import text
from optimizers.algorithms.registry import ALGORITHMS, ENDS_BY_ITSELF
from optimizers.algorithms.request import DEFAULT_ALGORITHM
from optimizers.bounds import certified
from optimizers.search import run_search

HEAVY = ("numpy", "pymoo", "scipy", "highspy", "pandas")


def test_published_names_are_those_of_their_modules() -> None:
    assert optimizers.search.search is run_search.search
    assert optimizers.bounds.bound is certified.bound
    for package in (optimizers.search, optimizers.bounds):
        assert all(getattr(package, name) is not None for name in package.__all__)
        with pytest.raises(AttributeError):
            package.no_such_name  # noqa: B018


@pytest.mark.parametrize("module", ["optimizers.algorithms.request", "optimizers.search", "optimizers.bounds"])
def test_requests_and_faces_load_nothing_heavy(module: str) -> None:
    program = f"import sys, {module}; print(sorted(set({HEAVY}) & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_algorithms_are_registered_once_and_told_in_both_languages() -> None:
    assert ALGORITHMS[0] == DEFAULT_ALGORITHM
    assert set(ENDS_BY_ITSELF) < set(ALGORITHMS)
    assert all(text(f"algorithm_{name}", language) for name in ALGORITHMS for language in ("en", "zh"))
