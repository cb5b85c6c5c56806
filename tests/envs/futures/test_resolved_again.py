"""A scenario resolved again: to the bit what resolving it whole gives, and the gravity model of another decay."""

from __future__ import annotations

from dataclasses import fields, is_dataclass
from typing import Any

import numpy as np
import pytest
from scipy import sparse

from data.files.cities import load_city
from data.scenario import Deterrence
from data.scenario_files import load_scenario
from data.travel import compute_travel
from envs.futures.resolved_again import commuting_of, resolve_again, travel_of
from envs.futures.worlds import uncertain_keys
from envs.kernel import ResolvedScenario, resolve
from envs.kernel.commute import gravity_model
from envs.kernel.computing.backend import SparseMatrix


def same(one: Any, other: Any, name: str) -> None:
    """Equal to the bit, field by field."""
    if isinstance(one, SparseMatrix):
        assert (sparse.csr_array(one.matrix) != sparse.csr_array(other.matrix)).nnz == 0, name
    elif is_dataclass(one):
        for item in fields(one):
            same(getattr(one, item.name), getattr(other, item.name), f"{name}.{item.name}")
    elif isinstance(one, np.ndarray):
        assert np.array_equal(one, other, equal_nan=True), name
    elif isinstance(one, tuple):
        assert len(one) == len(other), name
        for k, (left, right) in enumerate(zip(one, other, strict=True)):
            same(left, right, f"{name}[{k}]")
    else:
        assert one == other, name


@pytest.fixture(scope="module")
def resolved() -> ResolvedScenario:
    return resolve(load_scenario("tiny"), load_city("tiny"))


@pytest.mark.parametrize("end", ["low", "high"])
def test_it_is_what_resolving_whole_gives(resolved: ResolvedScenario, end: str) -> None:
    """Every parameter of worlds a third of the way to an end of its range: no constant that it moves was forgotten."""
    book, parameters = resolved.book, {}
    for key in uncertain_keys(book):
        limit = float(getattr(book[key], end) or 0.0)
        parameters[key] = book.number(key) + (limit - book.number(key)) / 3.0
    again = resolve_again(resolved, parameters, commuting_of(resolved, 1.0), travel_of(resolved))
    together = {**resolved.scenario.parameters, **parameters}
    whole = resolve(resolved.scenario.model_copy(update={"parameters": together}), resolved.city)
    assert again.digest == whole.digest
    for item in fields(ResolvedScenario):
        if item.name not in ("city", "scenario", "book"):
            same(getattr(again, item.name), getattr(whole, item.name), item.name)


@pytest.mark.parametrize("form", list(Deterrence))
def test_a_decay_times_a_factor_is_the_model_of_that_decay(form: Deterrence) -> None:
    resolved = resolve(load_scenario("tiny").model_copy(update={"commute_deterrence": form}), load_city("tiny"))
    base, travel = resolved.constants.base, compute_travel(resolved.city, resolved.book)
    told = commuting_of(resolved, 1.2)
    expected = gravity_model(
        origins=base.workers,
        destinations=base.jobs * (base.workers.sum() / base.jobs.sum()),
        distance_km=travel.distance_km,
        minutes=travel.minutes,
        decay=1.2 * resolved.decay,
        form=form,
        log_sd=resolved.book.number("travel.log_sd"),
    )
    assert told.decay == 1.2 * resolved.decay
    scale = expected.base_balance.mean() / told.gravity.base_balance.mean()
    assert scale == pytest.approx(1.0, rel=1e-9)
    for item in fields(expected):
        value, other = getattr(told.gravity, item.name), getattr(expected, item.name)
        assert value == pytest.approx(other, rel=1e-8, abs=1e-9 * np.abs(other).max()), item.name


def test_where_distance_deters_more_people_live_nearer_to_work(resolved: ResolvedScenario) -> None:
    lives = [commuting_of(resolved, factor).lives.minutes for factor in (0.8, 1.0, 1.2)]
    workers = resolved.constants.base.workers
    means = [float(workers @ minutes / workers.sum()) for minutes in lives]
    assert means == sorted(means, reverse=True)
