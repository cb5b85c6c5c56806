"""Plans nearly as good as a plan and yet other ones: a walk away from it that stays within a tolerance.

Modeling to generate alternatives (Brill, Chang & Hopkins 1982): what is sought is difference, what is kept is quality.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from data.arrays import FloatArray, IntArray
from envs.models.kernel_model import KernelModel
from optimizers.algorithms.algorithm import evaluated
from optimizers.problem.operators import join, split
from optimizers.problem.renewal_problem import RenewalProblem

PROPOSALS = 16
"""Plans evaluated at once."""
KINDS = ("replace", "exchange", "option")
SHARES = (0.6, 0.2, 0.2)
"""Of changes: another village in the place of one, two villages in each other's years, another option of one."""
CANDIDATES = 20
"""A village is replaced by one of so many that are foretold to gain most in its year, or of a tenth if that is more."""
OPTIONS = 3
"""Another option is one of so many that are foretold to gain most."""
FIRST_CHANGES, MOST_SHARE = 2, 0.1
"""Changes of a proposal at first, and of the villages of the plan at most."""


@dataclass(frozen=True, eq=False)
class NearPlans:
    """What a walk passed.

    Attributes:
        start_year: of plans within the tolerance, in their order, shape (n_plans, n_villages).
        option: same shape.
        evaluations: plans evaluated.
    """

    start_year: IntArray
    option: IntArray
    evaluations: int


@dataclass(frozen=True, eq=False)
class Center:
    """The plan that others shall be near.

    Attributes:
        start_year: shape (n_villages,).
        option: same shape.
        weights: of the objectives, sum 1, shape (n_objectives,).
        ranges: anchor ranges, natural units, same shape.
    """

    start_year: IntArray
    option: IntArray
    weights: FloatArray
    ranges: FloatArray


def near_plans(model: KernelModel, center: Center, *, within: float, evaluations: int, seed: int) -> NearPlans:
    """Walk away from a plan while no objective gets worse by more than a tolerance.

    Every proposal changes a few villages of the plan last accepted; years start as many villages as before, and locked,
    forbidden and given villages stay as they are. Of the proposals that keep every hard rule and the tolerance, the one
    that differs most from the center is accepted. As many changes are made at once as are accepted.

    Args:
        model: of the scenario and its objectives.
        center: the plan.
        within: what each objective may lose against the center [anchor ranges].
        evaluations: plans to evaluate, at search precision.
        seed: of all random choices.
    """
    problem = RenewalProblem(model, scale=center.ranges, threads=model.threads)
    proposals = _Proposals(model, center, np.random.default_rng(seed))
    start, option = center.start_year.copy(), center.option.copy()
    first, _ = evaluated(problem, join(start[None], option[None]))
    most = first.F[0] + within * center.ranges
    found, spent, n_changes = [], 1, float(FIRST_CHANGES)
    while spent < evaluations and (start > 0).any():
        genomes = proposals.around(start, option, round(n_changes), min(PROPOSALS, evaluations - spent))
        batch, _ = evaluated(problem, genomes)
        spent += len(genomes)
        kept = np.flatnonzero(batch.feasible & (most >= batch.F).all(axis=1))
        if kept.size == 0:
            n_changes = max(1.0, 0.5 * n_changes)
            continue
        starts, options = split(batch.genomes[kept])
        farthest = int(np.argmax(proposals.difference(starts, options)))
        start, option = starts[farthest], options[farthest]
        found.append((start, option))
        n_changes = min(1.5 * n_changes, max(1.0, MOST_SHARE * float((start > 0).sum())))
    n_villages = center.start_year.size
    starts, options = (np.array([plan[k] for plan in found], dtype=np.int64).reshape(-1, n_villages) for k in (0, 1))
    return NearPlans(starts, options, spent)


class _Proposals:
    """Random changes of plans, guided by what choices are foretold to gain at the center."""

    def __init__(self, model: KernelModel, center: Center, rng: np.random.Generator) -> None:
        gains = model.linear_model()
        worth = center.weights * model.signs / center.ranges
        slopes = gains.slopes_at(center.start_year[None], center.option[None], worth[None])[0]
        table = gains.table(slopes)  # (n_villages, plan_years, n_options)
        self.rng, self.center = rng, center
        self.best_gain, self.best_option = table.max(axis=2), table.argmax(axis=2)
        self.good_options = np.argsort(-table, axis=2, kind="stable")[:, :, :OPTIONS]
        self.is_legal = np.take_along_axis(table, self.good_options, axis=2) > -np.inf
        self.may_start = model.start_mask & ~model.fixed_mask[:, None]
        self.droppable = model.start_mask[:, 0] & ~model.fixed_mask

    def difference(self, start: IntArray, option: IntArray) -> FloatArray:
        """How far plans are from the center: villages chosen otherwise, then years and options; shape (n_plans,)."""
        chosen = (start > 0) != (self.center.start_year > 0)
        otherwise = (start != self.center.start_year) | ((option != self.center.option) & (start > 0))
        return np.asarray(chosen.sum(axis=1) + 0.1 * otherwise.sum(axis=1))

    def around(self, start: IntArray, option: IntArray, n_changes: int, n_plans: int) -> IntArray:
        """Genomes with some changes each, shape (n_plans, 2 n_villages)."""
        starts, options = np.tile(start, (n_plans, 1)), np.tile(option, (n_plans, 1))
        for row in range(n_plans):
            for kind in self.rng.choice(KINDS, size=n_changes, p=SHARES):
                getattr(self, f"_{kind}")(starts[row], options[row])
        return join(starts, options)

    def _replace(self, start: IntArray, option: IntArray) -> None:
        out = np.flatnonzero((start > 0) & self.droppable)
        if out.size == 0:
            return
        leaving = int(self.rng.choice(out))
        year = int(start[leaving])
        able = np.flatnonzero((start == 0) & self.may_start[:, year] & (self.best_gain[:, year - 1] > -np.inf))
        if able.size == 0:
            return
        ranked = able[np.argsort(-self.best_gain[able, year - 1], kind="stable")]
        coming = int(self.rng.choice(ranked[: max(CANDIDATES, ranked.size // 10)]))
        start[leaving] = 0
        start[coming], option[coming] = year, self.best_option[coming, year - 1]

    def _exchange(self, start: IntArray, option: IntArray) -> None:
        del option  # each keeps its own
        movable = np.flatnonzero((start > 0) & self.may_start.any(axis=1))
        if movable.size < 2:
            return
        one, other = self.rng.choice(movable, size=2, replace=False).tolist()
        if self.may_start[one, start[other]] and self.may_start[other, start[one]]:
            start[one], start[other] = start[other], start[one]

    def _option(self, start: IntArray, option: IntArray) -> None:
        changeable = np.flatnonzero((start > 0) & self.may_start.any(axis=1))
        if changeable.size == 0:
            return
        village = int(self.rng.choice(changeable))
        year = int(start[village]) - 1
        legal = self.good_options[village, year][self.is_legal[village, year]]
        if legal.size:
            option[village] = int(self.rng.choice(legal))
