"""Searches whose options are given flat, as tests vary them one at a time."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

from envs.kernel import ResolvedScenario
from optimizers.algorithms.request import Budget, SearchRequest
from optimizers.search.loop import Hooks
from optimizers.search.run_search import SearchResult, search


def searched(resolved: ResolvedScenario, **options: Any) -> SearchResult:
    """`search` with the fields of Budget, SearchRequest and Hooks among its options."""
    budget, request, hooks = (_picked(kind, options) for kind in (Budget, SearchRequest, Hooks))
    return search(resolved, SearchRequest(budget=Budget(**budget), **request), hooks=Hooks(**hooks), **options)


def _picked(kind: type, options: dict[str, Any]) -> dict[str, Any]:
    return {field.name: options.pop(field.name) for field in fields(kind) if field.name in options}
