"""Cached functions: equal arguments give the same result, others another one, and the oldest is forgotten."""

from __future__ import annotations

import numpy as np

from data.files.cities import load_city
from data.scenario_files import load_scenario
from envs.kernel import resolve
from envs.kernel.computing.content_cache import cached_by_content


def test_equal_content_is_computed_once() -> None:
    calls: list[float] = []

    @cached_by_content(max_entries=2)
    def total(values: np.ndarray, *, factor: float) -> float:
        calls.append(factor)
        return float(values.sum()) * factor

    ones = np.ones(3)
    assert total(ones, factor=2.0) == total(np.ones(3), factor=2.0) == 6.0
    assert calls == [2.0]
    assert total(np.ones((3, 1)), factor=2.0) == 6.0  # another shape
    assert total(np.ones(3, dtype=np.float32), factor=2.0) == 6.0  # another type
    assert total(ones, factor=3.0) == 9.0
    assert len(calls) == 4
    assert total(ones, factor=2.0) == 6.0  # forgotten: two others were asked for since
    assert len(calls) == 5


def test_a_city_resolved_twice_shares_its_commuting_matrix() -> None:
    city, scenario = load_city("tiny"), load_scenario("tiny")
    first = resolve(scenario, city)
    again = resolve(scenario.model_copy(update={"parameters": {"finance.discount_rate": 0.07}}), city)
    other = resolve(scenario.model_copy(update={"parameters": {"travel.detour": 1.45}}), city)
    assert again.constants.gravity is first.constants.gravity
    assert other.constants.gravity is not first.constants.gravity
