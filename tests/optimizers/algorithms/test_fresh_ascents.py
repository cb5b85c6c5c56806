"""Fresh ascents: they leave a plan from which no single change gains, and go on after a resume as if never stopped."""

from __future__ import annotations

from itertools import product

import numpy as np

from envs.choices.linear_model import LinearModel
from envs.models.model import Evaluation, Model
from optimizers.algorithms.algorithm import AlgorithmState, Batch, Setting
from optimizers.algorithms.evolution import plan_operators
from optimizers.algorithms.fresh_ascents import N_ENDS, FreshAscents
from optimizers.algorithms.request import Budget, SearchRequest
from optimizers.problem.archive import Archive
from optimizers.problem.renewal_problem import RenewalProblem
from optimizers.search.run_search import search_model

N_PAIRS = 4
COST = 1.0
TOGETHER = np.array([2.5, 3.0, 3.5, 4.0])
"""What the two villages of each pair are worth together, less the cost of each; either alone is worth nothing."""


class Pairs(Model):
    """Villages that pay in pairs alone: from the empty plan no single start gains."""

    objectives = ("worth",)
    signs = np.ones(1)
    option_mask = np.ones((2 * N_PAIRS, 1), dtype=bool)
    start_mask = np.ones((2 * N_PAIRS, 3), dtype=bool)
    quota = np.array([2 * N_PAIRS, 2 * N_PAIRS])

    def evaluate(self, start_year, option):
        starts = (start_year > 0).reshape(len(start_year), N_PAIRS, 2)
        worth = starts.all(axis=2) @ TOGETHER - COST * starts.sum(axis=(1, 2))
        return Evaluation(worth[:, None], np.zeros((len(start_year), 0)))

    def linear_model(self):
        def slopes(start_year, option, weights):
            other = (start_year > 0).reshape(-1, N_PAIRS, 2)[:, :, ::-1]
            gain = (other * TOGETHER[:, None]).reshape(len(start_year), -1) - COST
            return np.repeat((weights[:, :1] * gain)[..., None, None], 2, axis=2).astype(np.float32)

        quantities = np.ones((2 * N_PAIRS, 1, 1), dtype=np.float32)
        return LinearModel(quantities, self.option_mask, self.start_mask, slopes)


def _fresh() -> FreshAscents:
    model = Pairs()
    problem = RenewalProblem(model, objectives=model.objectives, scale=np.ones(1))
    archive = Archive.empty(problem.n_var, np.ones(1))
    setting = Setting(problem, SearchRequest(), archive, np.zeros((0, problem.n_var), dtype=np.int64))
    gains = model.linear_model()
    operators = plan_operators(setting)

    def slopes(genomes, weights):
        return gains.slopes_at(genomes[:, : 2 * N_PAIRS], genomes[:, 2 * N_PAIRS :], weights)

    return FreshAscents(setting, gains, None, operators, slopes)


def _best() -> float:
    every = np.array(list(product((0, 1), repeat=2 * N_PAIRS)))
    return float(Pairs().evaluate(every, np.zeros_like(every)).objectives.max())


def test_no_single_change_of_the_empty_plan_gains() -> None:
    model = Pairs()
    empty = np.zeros((1, 2 * N_PAIRS), dtype=np.int64)
    gains = model.linear_model()
    assert gains.table(gains.slopes_at(empty, empty, np.ones((1, 1)))[0]).max() < 0.0


def test_fresh_ascents_reach_what_the_empty_plan_hides() -> None:
    fresh, rng = _fresh(), np.random.default_rng(1)
    passed = [fresh.ascend(np.ones(1), rng) for _ in range(30)]
    assert _best() == 0.5 + 1.0 + 1.5 + 2.0
    assert max(-batch.F.min() for batch in passed) == _best()


def test_every_ascent_ends_at_least_as_well_as_it_began() -> None:
    fresh, rng = _fresh(), np.random.default_rng(2)
    for _ in range(6):
        batch = fresh.ascend(np.ones(1), rng)
        assert batch.F[:, 0].min() <= batch.F[0, 0]
        assert batch.evaluations >= len(batch.genomes)
        assert len(fresh.genomes) <= N_ENDS
    assert len(np.unique(fresh.F, axis=0)) == len(fresh.F)


def test_the_default_search_finds_the_best_plan_of_pairs() -> None:
    found = search_model(Pairs(), SearchRequest(seed=3, budget=Budget(evaluations=400)))
    assert found.values.max() == _best()


def test_ascents_go_on_from_a_state_as_if_they_had_never_stopped() -> None:
    def go_on(fresh: FreshAscents) -> list[Batch]:
        rng = np.random.default_rng(5)
        return [fresh.ascend(np.ones(1), rng) for _ in range(3)]

    first, second = _fresh(), _fresh()
    rng = np.random.default_rng(4)
    for _ in range(8):
        first.ascend(np.ones(1), rng)
    second.restore(AlgorithmState(arrays=first.arrays()))
    for one, other in zip(go_on(first), go_on(second), strict=True):
        np.testing.assert_array_equal(one.genomes, other.genomes)
