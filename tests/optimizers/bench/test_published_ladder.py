"""The ladder's table: every published plan restated, every search gated, the front beside the genetic algorithm."""

from __future__ import annotations

import pytest

from optimizers.algorithms.request import Budget, SearchRequest
from optimizers.bench.published.ladder import RESTATED, WHOLE_CITY, _given_plans, _searched
from published_fixtures import PUBLISHED, published_city, small_published_city


def test_every_published_plan_is_restated_to_a_hundredth() -> None:
    rows = list(_given_plans(PUBLISHED, WHOLE_CITY, published_city()))
    known = [row for row in rows if row.gate]
    assert len(known) == len([name for name in RESTATED if not name.startswith("chaoyang")])
    assert all(row.holds for row in known)


def test_a_search_is_gated_by_what_it_must_reach() -> None:
    city = small_published_city(2, n_villages=400)
    request = SearchRequest(budget=Budget(minutes=0.01))
    row = _searched(WHOLE_CITY, city, request, "hybrid", 0.01, (1,))
    assert row.gate.startswith("must 188,885")
    total = float(row.value.split(" ")[0].replace(",", ""))
    assert row.holds == (total >= WHOLE_CITY.must)
    assert _searched(WHOLE_CITY, city, request, "random", 0.01, (1,)).holds is None


@pytest.mark.slow
def test_the_default_search_reaches_what_it_must() -> None:
    request = SearchRequest(budget=Budget(minutes=1.0))
    row = _searched(WHOLE_CITY, published_city(), request, "hybrid", 1.0, (1,))
    assert row.holds
