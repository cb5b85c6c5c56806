"""Searches whose options are given flat, as tests vary them one at a time."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import fields
from typing import Any

import pytest

from data.arrays import FloatArray
from envs.kernel import ResolvedScenario
from optimizers.algorithms.request import Budget, SearchRequest
from optimizers.search import run_search
from optimizers.search.loop import Hooks, SearchLoop
from optimizers.search.run_search import FrontFound, SearchResult, search


def searched(resolved: ResolvedScenario, **options: Any) -> SearchResult:
    """`search` with the fields of Budget, SearchRequest and Hooks among its options."""
    budget, request, hooks = (_picked(kind, options) for kind in (Budget, SearchRequest, Hooks))
    return search(resolved, SearchRequest(budget=Budget(**budget), **request), hooks=Hooks(**hooks), **options)


def result_and_archive(resolved: ResolvedScenario, **options: Any) -> tuple[SearchResult, FloatArray]:
    """A search's result, and all its non-dominated objectives before they are thinned, minimized, in anchor ranges."""
    archives = []
    measure = run_search._front_found

    def keep(loop: SearchLoop) -> FrontFound:
        archives.append(loop.archive.F / loop.anchors.ranges)
        return measure(loop)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(run_search, "_front_found", keep)
        result = searched(resolved, **options)
    return result, archives[0]


@contextmanager
def quick_anchors() -> Iterator[None]:
    """Anchors of cities made up for a test by 100 evaluations a search: for tests that ask nothing of their quality."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("optimizers.search.compute_anchors.ANCHOR_EVALUATIONS", 100)
        yield


def _picked(kind: type, options: dict[str, Any]) -> dict[str, Any]:
    return {field.name: options.pop(field.name) for field in fields(kind) if field.name in options}
