"""Any model is searched: by every algorithm, within its masks, its quota and its rules, with slopes and without."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from data.arrays import FloatArray
from data.errors import InputError
from model_fixtures import ToyModel, ToyShape
from optimizers.algorithms.registry import ALGORITHMS
from optimizers.algorithms.request import FRONT_SPACING, Budget, SearchRequest
from optimizers.search.loop import Hooks
from optimizers.search.run_search import FrontFound, search_model
from optimizers.search.search_state import SearchState

HEURISTICS = tuple(name for name in ALGORITHMS if name != "exact")


def found(model: ToyModel, algorithm: str = "hybrid", evaluations: int = 150, seed: int = 1) -> FrontFound:
    return search_model(model, SearchRequest(algorithm=algorithm, seed=seed, budget=Budget(evaluations)))


def assert_sound(model: ToyModel, front: FrontFound) -> None:
    """Every plan is within the masks, the quota and the rules, is worth what it says, and none beats another."""
    assert len(front.start_year)
    for start, option, values in zip(front.start_year, front.option, front.values, strict=True):
        for village, (year, chosen) in enumerate(zip(start, option, strict=True)):
            assert model.start_mask[village, year]
            assert year == 0 or model.option_mask[village, chosen]
        for year, quota in enumerate(model.quota, start=1):
            count = int((start == year).sum())
            assert count == quota if model.exact_quota else count <= quota
        reached = model.evaluate(start[None], option[None])
        assert (reached.violations <= 0.0).all()
        np.testing.assert_array_equal(reached.objectives[0], values)
    F = -front.values * model.signs
    for one in F:
        assert not ((one >= F).all(axis=1) & (one > F).any(axis=1)).any()


@pytest.mark.parametrize("algorithm", HEURISTICS)
@pytest.mark.parametrize("exact", [False, True])
@pytest.mark.parametrize("sloped", [False, True])
def test_every_algorithm_searches_any_model(algorithm: str, exact: bool, sloped: bool) -> None:
    model = ToyModel(3, ToyShape(n_villages=12, n_options=3, n_years=3, quota=3, exact=exact, sloped=sloped))
    assert_sound(model, found(model, algorithm, evaluations=1_200 if algorithm == "greedy" else 120))


@settings(max_examples=6, deadline=None)
@given(
    seed=st.integers(0, 2**32 - 1),
    n_villages=st.integers(6, 14),
    n_options=st.integers(1, 4),
    exact=st.booleans(),
    limited=st.booleans(),
    sloped=st.booleans(),
)
def test_the_default_search_respects_any_model(
    seed: int, n_villages: int, n_options: int, exact: bool, limited: bool, sloped: bool
) -> None:
    shape = ToyShape(n_villages, n_options, 3, 1, exact=exact, limited=limited, sloped=sloped)
    assert_sound(ToyModel(seed, shape), found(ToyModel(seed, shape), evaluations=100))


def best_by_hand(model: ToyModel) -> FloatArray:
    """Objectives of all non-dominated valid plans, by plain loops over every plan."""
    places = [
        [(0, 0)] + [(y, o) for y in range(1, 3) for o in range(2) if model.start_mask[v, y] and model.option_mask[v, o]]
        for v in range(model.shape.n_villages)
    ]
    rows: list[tuple[float, float]] = []
    for plan in product(*places):
        counts = [sum(year == y for year, _ in plan) for y in (1, 2)]
        if any(c != 2 if model.exact_quota else c > 2 for c in counts):
            continue
        gift = sum(model.gift[v, o] * (1.0, 0.9)[y - 1] for v, (y, o) in enumerate(plan) if y)
        burden = sum(model.burden[v, o] for v, (y, o) in enumerate(plan) if y)
        if model.rules and sum(model.use[v, o] for v, (y, o) in enumerate(plan) if y) > model.most_use:
            continue
        rows.append((gift - gift**2 / (2.0 * model.all_gifts), burden))
    rows.sort(key=lambda row: (-row[0], row[1]))
    front: list[tuple[float, float]] = []
    for worth, burden in rows:
        if not front or burden < front[-1][1]:
            front.append((worth, burden))
    return np.array(front)


@pytest.mark.parametrize(
    ("algorithm", "exact", "limited"),
    [
        *(("exact", exact, limited) for exact in (False, True) for limited in (False, True)),
        ("hybrid", False, True),
        ("hybrid", True, False),
    ],
)
def test_small_models_are_searched_to_the_end(algorithm: str, exact: bool, limited: bool) -> None:
    model = ToyModel(5, ToyShape(exact=exact, limited=limited))
    front, best = found(model, algorithm, evaluations=1_200), best_by_hand(model)
    for values in front.values:
        assert np.abs(best - values).max(axis=1).min() < 1e-12
    spread = front.anchors.ranges
    for values in best:
        assert (np.abs(front.values - values) / spread).max(axis=1).min() <= FRONT_SPACING


def test_a_closer_spacing_gives_more_of_the_same_plans() -> None:
    model = ToyModel(4, ToyShape(n_villages=40, n_options=4, n_years=4, quota=4, exact=True))
    wide, close = (
        search_model(model, SearchRequest(seed=1, budget=Budget(400), front_spacing=spacing)) for spacing in (0.1, 0.01)
    )
    assert_sound(model, close)
    assert len(close.values) > 2 * len(wide.values)
    scaled = close.values / close.anchors.ranges
    apart = np.abs(scaled[:, None] - scaled[None]).max(axis=2)
    assert apart[~np.eye(len(scaled), dtype=bool)].min() >= 0.01 - 1e-12


@pytest.mark.parametrize("algorithm", ["hybrid", "rvea"])
def test_a_budget_is_counted_by_its_own_clock(algorithm: str) -> None:
    told = iter(range(10_000))
    budget = Budget(minutes=1.0, clock=lambda: float(next(told)))  # a second a reading: whatever the machine does
    front = search_model(ToyModel(1), SearchRequest(algorithm, budget=budget))
    assert front.seconds == pytest.approx(60.0, abs=5.0)


@pytest.mark.parametrize("spacing", [-0.01, 1.5, np.nan, np.inf])
def test_a_spacing_that_means_nothing_is_refused(spacing: float) -> None:
    with pytest.raises(InputError) as refused:
        search_model(ToyModel(1), SearchRequest(budget=Budget(10), front_spacing=spacing))
    assert refused.value.refusals[0].message.key == "search_front_spacing"


def test_slopes_pay(  # the reason to offer them
) -> None:
    shape = ToyShape(n_villages=60, n_options=6, n_years=6, quota=5, exact=True)
    sloped, blind = (ToyModel(8, shape), ToyModel(8, ToyShape(**vars(shape) | {"sloped": False})))
    one, other = (found(model, evaluations=400) for model in (sloped, blind))
    assert one.values[:, 0].max() > 1.05 * other.values[:, 0].max()
    assert one.values[:, 1].min() < 0.8 * other.values[:, 1].min()


def test_the_same_seed_gives_the_same_front_also_after_a_pause() -> None:
    model = ToyModel(2, ToyShape(n_villages=12, n_options=3, n_years=3, quota=3, exact=True, limited=True))
    states: list[SearchState] = []
    request = SearchRequest(seed=4, budget=Budget(300))
    whole = search_model(model, request, hooks=Hooks(checkpoint=states.append, checkpoint_seconds=0.0))
    resumed = search_model(model, request, resume=states[len(states) // 2])
    np.testing.assert_array_equal(whole.start_year, resumed.start_year)
    np.testing.assert_array_equal(whole.values, resumed.values)
    with pytest.raises(InputError, match="another"):
        search_model(ToyModel(9), request, resume=states[1])


def test_one_objective_of_several_is_searched_alone() -> None:
    model = ToyModel(5, ToyShape(exact=True))
    request = SearchRequest(objectives=("burden",), seed=1, budget=Budget(200))
    front = search_model(model, request)
    assert front.objectives == ("burden",)
    assert front.values.shape == (1, 1)
    assert front.values[0, 0] == pytest.approx(best_by_hand(model)[-1, 1])
    with pytest.raises(InputError, match="no objective named"):
        search_model(model, SearchRequest(objectives=("wealth",), budget=Budget(10)))
