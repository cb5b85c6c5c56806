"""The certified bound: against every plan of tiny cities, and against the best plans known."""

from __future__ import annotations

from itertools import permutations, product

import numpy as np
import pytest

from optimizers.bench.published.bound import bound
from optimizers.bench.published.cases import ONE_DISTRICT, read_cities
from optimizers.bench.published.envelopes import Added, ServicesEnvelope, TravelEnvelope
from optimizers.bench.published.model import BEIJING, CHAOYANG, PublishedModel, Weights
from optimizers.bench.published.ranges import distance_ranges, newcomers_range, price_level_range
from optimizers.bench.published.terms import price_levels
from published_fixtures import published_folder, small_published_city

YEARS = (1, 3)


def tiny_model(seed: int, weights: Weights) -> PublishedModel:
    """Four villages of which one starts in year 1 and one in year 3, with 8 options."""
    model = PublishedModel(small_published_city(seed, n_villages=4), yearly=1, weights=weights, by_total=True)
    model.quota = np.bincount(YEARS, minlength=13)[1:]
    model.option_mask[:] = False
    model.option_mask[:, np.random.default_rng(seed).choice(70, 8, replace=False)] = True
    return model


def every_plan(model: PublishedModel) -> tuple[np.ndarray, np.ndarray]:
    starts, chosen, legal = [], [], np.flatnonzero(model.option_mask[0])
    for villages, options in product(permutations(range(4), 2), product(legal, legal)):
        start, option = np.zeros(4, dtype=np.int64), np.full(4, legal[0])
        start[list(villages)], option[list(villages)] = YEARS, options
        starts.append(start)
        chosen.append(option)
    return np.array(starts), np.array(chosen)


def added_by(model: PublishedModel, start_year: np.ndarray, option: np.ndarray) -> Added:
    _, residents, poi = model.amounts[:, np.arange(start_year.size), option] * (start_year > 0)
    area = np.bincount(start_year, model.city.area_m2, minlength=13)[1:]
    return Added(residents, poi, float(residents @ poi), area)


@pytest.mark.parametrize(
    ("weights", "loose"),
    [(BEIJING, 0.03), (CHAOYANG, 0.03), (Weights((0.0, 2e5, 0.0)), 0.4), (Weights((0.0, 0.0, 200.0)), 0.4)],
)
@pytest.mark.parametrize("seed", [1, 2])
def test_no_plan_of_a_tiny_city_is_above_the_bound(seed: int, weights: Weights, loose: float) -> None:
    model = tiny_model(seed, weights)
    best = model.report(*every_plan(model)).objectives.max()
    found = [bound(model, rounds=12, halvings=halvings) for halvings in (0, 2)]
    assert best <= found[1] <= found[0]
    assert found[1] - best <= loose * abs(best)


@pytest.mark.parametrize("seed", [4, 5])
def test_envelopes_and_ranges_hold_for_every_plan(seed: int) -> None:
    model = tiny_model(seed, BEIJING)
    starts, chosen = every_plan(model)
    terms, newcomers = model.plan_terms(starts, chosen), newcomers_range(model)
    ranges = distance_ranges(model, newcomers)
    travel, services = TravelEnvelope(model, ranges), ServicesEnvelope(model, newcomers)
    _, most_level = price_level_range(model)
    for row in range(0, len(starts), 37):
        added = added_by(model, starts[row], chosen[row])
        assert newcomers[0] <= added.residents.sum() <= newcomers[1]
        assert terms[row, 1] <= travel(added)[0] + 1e-12
        assert terms[row, 2] <= services(added)[0] + 1e-9
        cells = np.bincount(model.cell, added.residents, minlength=72).reshape(9, 8)
        over, under = model.travel[np.float64].sums(cells)
        for (low, high), reached in ((ranges.weight, under), (ranges.distance, over / under)):
            lived_in = ranges.residents[1] > 0.0
            assert (low <= reached * (1.0 + 1e-12))[lived_in].all()
            assert (reached <= high * (1.0 + 1e-12))[lived_in].all()
        opened = model._cells(starts[[row]], model._chosen(chosen[[row]]))[2]
        level = price_levels(model.city.poi + opened[:, :-1])[0][:, model.city.row, model.city.column]
        assert (most_level * (1.0 + 1e-12) >= level.T).all()


@pytest.mark.parametrize("seed", [6, 7])
def test_tangents_of_the_envelopes_are_above_them(seed: int) -> None:
    model = tiny_model(seed, BEIJING)
    starts, chosen = every_plan(model)
    newcomers = newcomers_range(model)
    travel, services = TravelEnvelope(model, distance_ranges(model, newcomers)), ServicesEnvelope(model, newcomers)
    some = [added_by(model, starts[row], chosen[row]) for row in (0, 100, 333, 700)]
    for here, there in permutations(some, 2):
        fall, by_residents = travel(here)
        assert travel(there)[0] <= fall + by_residents @ (there.residents - here.residents) + 1e-12
        rise, slope = services(here)
        assert services(there)[0] <= rise + slope.times(there) - slope.times(here) + 1e-9


@pytest.mark.slow
def test_chaoyang_is_bounded_closely() -> None:
    """The best plan known has 2,491.82."""
    model = ONE_DISTRICT.model(read_cities(published_folder())[ONE_DISTRICT], by_total=True)
    assert 2_491.8 < bound(model, halvings=0) < 2_600.0
