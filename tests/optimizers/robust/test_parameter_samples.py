"""Samples of the parameters: one in every part of every range, told apart, and what cannot work is left out."""

from __future__ import annotations

import numpy as np

from data.parameter_book import load_book
from decision_fixtures import SCALE, decided_city, some_plan
from envs.choices.anchors import Anchors
from envs.kernel import resolve
from envs.parameter_sensitivity import ranged_parameters
from envs.rules.check import valid
from optimizers.robust.parameter_samples import (
    SampleRequest,
    latin_hypercube,
    parameter_samples,
    with_parameters,
)

ANCHORS = Anchors(
    ("net_present_value_cny", "mean_commute_km", "service_accessibility"),
    (0.0, 5.0, 0.5), (SCALE[0], 4.9, 0.55), (0.0, 5.0, 0.5), 0, 0, "",
)  # fmt: skip


def test_every_part_of_every_range_is_met_once() -> None:
    book = load_book()
    keys = ranged_parameters(book)
    table = latin_hypercube(book, keys, 10, seed=3)
    assert table.shape == (10, len(keys))
    for key, column in zip(keys, table.T, strict=True):
        low, high = book[key].low, book[key].high
        assert low is not None
        assert high is not None
        assert low <= column.min()
        assert column.max() <= high
        if book[key].limits.whole:
            assert (column == np.rint(column)).all()
        else:
            part = np.floor((column - low) / (high - low) * 10).astype(int)
            assert sorted(np.minimum(part, 9)) == list(range(10))
    np.testing.assert_array_equal(table, latin_hypercube(book, keys, 10, seed=3))
    assert (table != latin_hypercube(book, keys, 10, seed=4)).any()


def test_each_sample_is_searched_under_its_own_parameters() -> None:
    resolved = decided_city()
    told = []
    request = SampleRequest(n_samples=2, evaluations=60, seed=1)
    found = parameter_samples(resolved, some_plan(resolved), np.eye(3), ANCHORS, request, progress=told.append)
    assert told == found
    assert [sample.number for sample in found] == [1, 2]
    for sample in found:
        assert not sample.left_out
        assert sample.evaluations >= 60
        assert sample.plans is not None
        assert sample.plans.n_plans == 3
        there = resolve(with_parameters(resolved.scenario, resolved.book, sample.parameters), resolved.city)
        assert there.book.number("finance.discount_rate") == sample.parameters["finance.discount_rate"]
        assert valid(there, sample.plans).all()


def test_what_cannot_work_together_is_left_out_and_says_why() -> None:
    resolved = decided_city()
    request = SampleRequest(n_samples=1, evaluations=20, seed=1)
    nothing_legal = decided_city(facility_ratio={"low": 0.2, "high": 0.2}, floor_area_ratio={"low": 9.0, "high": 9.0})
    found = parameter_samples(nothing_legal, some_plan(resolved), np.eye(3), ANCHORS, request)
    assert found[0].plans is None
    assert found[0].left_out
    assert found[0].evaluations == 0
