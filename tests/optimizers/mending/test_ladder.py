"""Mending against every plan of a small model, and what a ladder must always be."""

from __future__ import annotations

import time
from itertools import product

import numpy as np
import pytest

from envs.models.model import Evaluation
from optimizers.mending.compared_ways import compared
from optimizers.mending.fewest import fewest_for_limits, fewest_found
from optimizers.mending.gap import dominating, gap_to_front
from optimizers.mending.ladder import Ladder, mend
from optimizers.mending.plan_model import Mending
from optimizers.problem.front import non_dominated
from toy_fixtures import ToyModel

RANGES = np.array([2.0, 0.5])


def every_plan(model: ToyModel) -> tuple[np.ndarray, np.ndarray]:
    """All plans within the quotas, start years and options."""
    choices = [(0, 0), (1, 0), (1, 1), (2, 0), (2, 1)]
    plans = np.array(list(product(choices, repeat=len(model.start_mask))))
    starts, options = plans[..., 0], plans[..., 1]
    counts = np.stack([(starts == year).sum(axis=1) for year in (1, 2)], axis=1)
    fits = (counts == model.quota) if model.exact_quota else (counts <= model.quota)
    return starts[fits.all(axis=1)], options[fits.all(axis=1)]


def mended(model: ToyModel, start: list[int], option: list[int], **more: bool) -> tuple[Mending, Ladder]:
    """The ladder of a plan against the exact front."""
    starts, options = every_plan(model)
    found = model.evaluate(starts, options)
    holds = (found.violations <= 0.0).all(axis=1)
    front = found.objectives[holds] / RANGES
    front = front[non_dominated(-front)]
    mending = Mending(model, np.array(start), np.array(option), front, RANGES, **more)
    return mending, mend(mending, steps=(1, 2, 4), seconds=20.0)


def best_key(mending: Mending, changes: int) -> tuple[float, ...]:
    """The best key of all plans within a number of changes, by trying each."""
    starts, options = every_plan(mending.model)
    near = mending.differs(starts, options).sum(axis=1) <= changes
    original = mending.judged(mending.start_year[None], mending.option[None], None, exact=True)
    floor = None if mending.may_lose or original.excess[0] > 0.0 else original.values[0]
    judged = mending.judged(starts[near], options[near], floor, exact=True)
    return judged.key(int(judged.order()[0]))


@pytest.mark.parametrize(("exact", "may_lose", "seed"), [(False, False, 0), (True, False, 1), (False, True, 1)])
def test_one_and_two_changes_are_the_best_of_all(exact: bool, may_lose: bool, seed: int) -> None:
    mending, ladder = mended(
        ToyModel(seed=seed, exact=exact), [1, 1, 2, 0, 0, 0], [0, 1, 0, 0, 0, 0], may_lose=may_lose
    )
    for rung in ladder.rungs[:2]:
        assert rung.gap == pytest.approx(best_key(mending, rung.most)[2], abs=1e-9)


def test_rungs_hold_what_they_promise() -> None:
    mending, ladder = mended(ToyModel(), [1, 1, 2, 0, 0, 0], [0, 1, 0, 0, 0, 0])
    gaps = [ladder.original.gap, *(rung.gap for rung in ladder.rungs)]
    assert gaps == sorted(gaps, reverse=True)
    for rung in ladder.rungs:
        assert rung.changes == mending.differs(rung.start_year[None], rung.option[None]).sum() <= rung.most
        again = mending.judged(rung.start_year[None], rung.option[None], ladder.original.values, exact=True)
        assert again.gap[0] == pytest.approx(rung.gap)
        assert again.excess[0] == 0.0
        assert (rung.values >= ladder.original.values - 5e-4).all()


def test_broken_rules_are_mended_first() -> None:
    model = ToyModel(floor_cap=2.0)
    mending, ladder = mended(model, [1, 1, 2, 0, 0, 0], [0, 1, 0, 0, 0, 0])
    assert ladder.original.excess > 0.0
    for rung in ladder.rungs[:2]:
        assert rung.excess == pytest.approx(best_key(mending, rung.most)[0], abs=1e-9)
    assert ladder.rungs[-1].excess == 0.0


def test_too_many_in_a_year_are_put_right() -> None:
    _, ladder = mended(ToyModel(), [1, 1, 1, 1, 0, 0], [0, 0, 0, 0, 0, 0])
    assert [rung.excess > 0.0 for rung in (ladder.original, *ladder.rungs)] == [True, True, False, False]


def test_the_fewest_changes_are_found_and_bounded() -> None:
    mending, ladder = mended(ToyModel(), [1, 1, 1, 1, 0, 0], [0, 0, 0, 0, 0, 0])
    found = fewest_found(mending, ladder, gap=np.inf)
    assert found is not None
    assert found.changes == fewest_for_limits(mending) == 2  # four villages where two may start
    on_front = fewest_found(mending, ladder, gap=0.0)
    assert on_front is None or on_front.changes >= found.changes


def test_without_slopes_exchanges_alone_lead_on() -> None:
    mending, ladder = mended(ToyModel(slopes=False), [1, 1, 2, 0, 0, 0], [0, 1, 0, 0, 0, 0])
    assert ladder.rungs[0].gap == pytest.approx(best_key(mending, 1)[2], abs=1e-9)
    assert ladder.rungs[-1].gap <= ladder.rungs[0].gap


def test_gap_by_hand() -> None:
    front = np.array([[1.0, 0.2], [0.6, 0.6], [0.0, 1.0]])
    values = np.array([[0.5, 0.4], [0.6, 0.6], [0.7, 0.7]])
    np.testing.assert_allclose(gap_to_front(values, front), [0.1, 0.0, -0.1], atol=1e-12)
    assert dominating(values[0], front).tolist() == [False, True, False]
    assert not dominating(values[1], front).any()


class SlowModel(ToyModel):  # type: ignore[misc]
    """A model on a loaded machine."""

    def evaluate(self, start_year: np.ndarray, option: np.ndarray) -> Evaluation:
        """As it is, later."""
        time.sleep(0.002)
        return super().evaluate(start_year, option)


def test_the_same_evaluations_find_the_same_ladder_on_any_load() -> None:
    """Within 60 evaluations, on a fast machine and on a slow one; more evaluations never end worse."""
    ladders = []
    for kind, evaluations in ((ToyModel, 60), (SlowModel, 60), (ToyModel, 600)):
        model = kind(seed=1, slopes=False)
        front = model.evaluate(*every_plan(model)).objectives / RANGES
        mending = Mending(model, np.array([1, 1, 2, 0, 0, 0]), np.array([0, 1, 0, 0, 0, 0]), front, RANGES)
        ladders.append(mend(mending, steps=(1, 2, 4), evaluations=evaluations, seconds=60.0, seed=3))
    fast, slow, longer = ladders
    assert fast.evaluations == slow.evaluations < longer.evaluations
    for one, other, better in zip(fast.rungs, slow.rungs, longer.rungs, strict=True):
        np.testing.assert_array_equal(one.start_year, other.start_year)
        np.testing.assert_array_equal(one.option, other.option)
        assert better.gap <= one.gap
    assert not slow.stopped_by_time


def test_the_wall_time_is_a_stop_and_is_told() -> None:
    model = ToyModel()
    front = model.evaluate(*every_plan(model)).objectives / RANGES
    mending = Mending(model, np.array([1, 1, 2, 0, 0, 0]), np.array([0, 1, 0, 0, 0, 0]), front, RANGES)
    assert mend(mending, steps=(1, 2), seconds=0.0).stopped_by_time


def test_no_way_of_mending_does_better_in_the_end_and_all_evaluate_alike() -> None:
    mending, _ = mended(ToyModel(), [1, 1, 2, 0, 0, 0], [0, 1, 0, 0, 0, 0])
    results = compared(mending, (1, 2), evaluations=300, seed=0)
    assert [(result.way, result.changes) for result in results] == [
        (way, k) for k in (1, 2) for way in ("ladder", "greedy", "local", "random")
    ]
    for k in (1, 2):
        of_step = {result.way: result for result in results if result.changes == k}
        assert len({result.evaluations for result in of_step.values()}) == 1
        assert all(of_step["ladder"].gap <= result.gap + 1e-9 for result in of_step.values())
        assert all(result.gap >= best_key(mending, k)[2] - 1e-9 for result in of_step.values())
