"""Exchanges: one or two villages change, every year starts as many as before, and what gains is put together."""

from __future__ import annotations

import numpy as np
import pytest

from model_fixtures import ToyModel, ToyShape
from optimizers.algorithms.algorithm import Batch, Setting
from optimizers.algorithms.exchanges import PricedLimits, _unions, exchange
from optimizers.algorithms.request import SearchRequest
from optimizers.bench.published.model import CHAOYANG, PublishedModel
from optimizers.problem.archive import Archive
from optimizers.problem.operators import join, split
from optimizers.problem.renewal_problem import RenewalProblem
from published_fixtures import small_published_city

N_VILLAGES = 40


def _setting() -> Setting:
    model = PublishedModel(small_published_city(3, N_VILLAGES), yearly=2, weights=CHAOYANG, by_total=True)
    problem = RenewalProblem(model, objectives=model.objectives, scale=np.ones(1))
    archive = Archive.empty(problem.n_var, np.ones(1))
    return Setting(problem, SearchRequest(), archive, np.zeros((0, problem.n_var), dtype=np.int64))


def _exchanged(setting: Setting, genome: np.ndarray, seed: int):
    gains = setting.model.linear_model()

    def slopes(genomes, weights):
        return gains.slopes_at(*split(genomes), weights)

    return exchange(setting, gains, slopes, genome, np.ones(1), np.random.default_rng(seed))


def _some_plan(seed: int) -> np.ndarray:
    rng = np.random.default_rng(seed)
    start = np.concatenate([np.repeat(np.arange(1, 13), 2), np.zeros(N_VILLAGES - 24, dtype=np.int64)])
    return join(rng.permutation(start)[None], rng.integers(0, 70, (1, N_VILLAGES)))


@pytest.mark.parametrize("seed", [1, 2])
def test_every_year_starts_as_many_villages_as_before(seed: int) -> None:
    genome = _some_plan(seed)
    batch = _exchanged(_setting(), genome, seed)
    years, before = split(batch.genomes)[0], split(genome)[0][0]
    for plan in years:
        np.testing.assert_array_equal(np.bincount(plan, minlength=13), np.bincount(before, minlength=13))


def test_single_exchanges_change_one_or_two_villages_and_are_of_three_kinds() -> None:
    genome = _some_plan(3)
    batch = _exchanged(_setting(), genome, 3)
    changed = (batch.genomes != genome).reshape(len(batch.genomes), 2, -1)
    villages = changed.any(axis=1).sum(axis=1)
    singles = slice(1, 1 + 3 * 16)
    assert villages[0] == 0
    assert set(villages[singles].tolist()) == {1, 2}
    starts = split(batch.genomes)[0][singles]
    swaps_villages = ((starts > 0) != (split(genome)[0] > 0)).any(axis=1)
    swaps_years = changed[singles, 0].any(axis=1) & ~swaps_villages
    assert swaps_villages.sum() == swaps_years.sum() == 16


def test_repeated_exchanges_lead_upward_to_where_no_slope_points() -> None:
    setting, genome = _setting(), _some_plan(4)
    totals = []
    for seed in range(25):
        batch = _exchanged(setting, genome, seed)
        best = int(np.argmin(batch.F[:, 0]))
        totals.append(-batch.F[best, 0])
        genome = batch.genomes[[best]]
    assert np.diff(totals).min() >= 0.0
    gains = setting.model.linear_model()
    assert totals[-1] > totals[0]
    slopes = gains.slopes_at(*split(genome), np.ones((1, 1)))[0]
    start, option = (genes[0] for genes in split(genome))
    own = gains.of_plan(slopes, start, option)
    assert (own[start > 0] > 0.0).mean() > 0.5


def test_unions_join_changes_of_different_villages_alone() -> None:
    plan = np.zeros(8, dtype=np.int64)
    one, two, overlapping = (plan.copy() for _ in range(3))
    one[0], two[1], overlapping[[0, 2]] = 3, 4, 5
    np.testing.assert_array_equal(_unions(plan, np.stack([one, overlapping, two])), [[3, 4, 0, 0, 0, 0, 0, 0]])
    assert _unions(plan, one[None]).shape == (0, 8)


def _limited_model() -> ToyModel:
    return ToyModel(3, ToyShape(n_villages=30, n_options=5, n_years=3, quota=4, limited=True))


def _using_at_most(share: float) -> np.ndarray:
    """A plan whose villages take the option that gives most, until no other fits into a share of the limit."""
    model = _limited_model()
    option = np.where(model.option_mask, model.gift, 0.0).argmax(axis=1)
    start, used = np.zeros(30, dtype=np.int64), 0.0
    for village, use in enumerate(model.use[np.arange(30), option]):
        if used + use <= share * model.most_use and (start > 0).sum() < 12:
            start[village], used = 1 + (start > 0).sum() % 3, used + use
    return join(start[None], option[None])


def _exchanged_under_a_limit(genome: np.ndarray, *, known: bool, price: float = 0.5) -> Batch:
    model = _limited_model()
    problem = RenewalProblem(model, objectives=model.objectives, scale=np.ones(2))
    setting = Setting(problem, SearchRequest(), Archive.empty(problem.n_var, np.ones(2)), np.zeros((0, 60), np.int64))
    gains, limits = model.linear_model(), model.linear_limits()
    assert gains is not None
    assert limits is not None

    def slopes(genomes: np.ndarray, weights: np.ndarray) -> np.ndarray:
        return gains.slopes_at(*split(genomes), weights * model.signs)

    priced = PricedLimits(limits, np.array([price])) if known else None
    return exchange(setting, gains, slopes, genome, np.array([1.0, 0.0]), np.random.default_rng(1), limits=priced)


def test_a_limit_that_is_known_costs_no_evaluation() -> None:
    genome = _using_at_most(1.0)
    blind, aware = (_exchanged_under_a_limit(genome, known=known) for known in (False, True))
    n_singles = 1 + 3 * 16
    assert blind.feasible[0]
    assert blind.feasible[:n_singles].mean() < 0.9
    assert aware.feasible[:n_singles].all()


@pytest.mark.parametrize("price", [0.0, 3.0])
def test_a_plan_beyond_its_limit_gets_no_worse_by_an_exchange(price: float) -> None:
    batch, model = _exchanged_under_a_limit(_using_at_most(1.4), known=True, price=price), _limited_model()
    use = model._sums(*split(batch.genomes))[:, 2]
    assert use[0] > 1.1 * model.most_use
    assert (use <= use[0] + 1e-6).all()


def test_a_plan_in_which_no_village_starts_has_no_exchanges() -> None:
    batch = _exchanged_under_a_limit(_using_at_most(0.0), known=True)
    assert len(batch.genomes) == 1
