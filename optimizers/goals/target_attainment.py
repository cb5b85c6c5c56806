"""How nearly plans meet targets, and the plan that comes nearest: searched, or enumerated on a small city."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import numpy as np
from pymoo.algorithms.soo.nonconvex.ga import GA
from pymoo.core.problem import Problem
from pymoo.core.termination import NoTermination

from data.arrays import FloatArray, IntArray
from data.scenario import RuleMode, Target
from envs.choices.alone import village_value_cny
from envs.choices.capital_seeds import earning_genomes
from envs.choices.options import OptionSpace, option_space
from envs.kernel.computing.backend import Array
from envs.kernel.evaluate import measure_plans
from envs.kernel.plans import Plans
from envs.kernel.resolved_scenario import ResolvedScenario
from envs.kernel.trace import REPORT, SEARCH, Precision, Trace
from envs.rules.check import active_rules, excess_matrix, valid
from envs.rules.targets import target_output, target_scale
from optimizers.problem.enumeration import all_genomes, count_plans
from optimizers.problem.operators import (
    HashDuplicates,
    PlanMutation,
    PlanRepair,
    PlanSampling,
    VillageCrossover,
    join,
    plan_keys,
    split,
)

POP_SIZE = 100
CANDIDATES = 20
"""Best plans of a search that are measured at report precision."""
UNDEFINED = 1e12
"""Stands in a search for the shortfall of a plan whose indicator is undefined."""


@dataclass(frozen=True, eq=False)
class Attainment:
    """The plan that comes nearest to the targets.

    Attributes:
        plan: batch of one, valid; None where no valid plan was found.
        genome: what it was decoded from, shape (1, 2 n_villages).
        outputs: what it reaches, by target, natural units; NaN where undefined.
        shortfalls: relative shortfall by target; at most 0 where met, infinite where undefined.
        evaluations: plans evaluated.
        exact: True if it was enumerated: it meets all targets, or every plan of the option space was evaluated and none
            comes nearer.
    """

    plan: Plans | None
    genome: IntArray
    outputs: FloatArray
    shortfalls: FloatArray
    evaluations: int
    exact: bool

    @property
    def shortfall(self) -> float:
        """Largest relative shortfall; 0 where all targets are met, infinite without a valid plan."""
        return max(0.0, float(self.shortfalls.max())) if self.plan is not None else float("inf")

    @property
    def met(self) -> bool:
        """True if a valid plan meets all targets."""
        return self.shortfall == 0.0


def target_outputs(
    resolved: ResolvedScenario, plans: Plans, targets: Sequence[Target], *, precision: Precision, threads: int = 1
) -> FloatArray:
    """What plans reach of each target's indicator, in its year where one is named; shape (n_plans, n_targets)."""
    measures = [partial(target_output, target=target) for target in targets]
    columns = measure_plans(resolved, plans, measures, precision=_with_years(precision, targets), threads=threads)
    return np.stack([np.asarray(column, dtype=np.float64) for column in columns], axis=1)


def _with_years(precision: Precision, targets: Sequence[Target]) -> Precision:
    return replace(precision, all_years=True) if any(t.year is not None for t in targets) else precision


def relative_shortfalls(targets: Sequence[Target], outputs: FloatArray) -> FloatArray:
    """How far outputs miss targets, relative to the target's size (for a target of zero, target_scale).

    Args:
        targets: what is wanted.
        outputs: shape (n_plans, n_targets).

    Returns:
        Same shape; at most 0 where met, infinite where undefined.
    """
    sign = np.array([1.0 if target.at_most is None else -1.0 for target in targets])
    limit = np.array([target.at_least if target.at_most is None else target.at_most for target in targets], dtype=float)
    missed = sign * (limit - outputs) / np.array([target_scale(target) for target in targets])
    return np.where(np.isnan(missed), np.inf, missed)


class AttainmentProblem(Problem):  # type: ignore[misc]
    """Minimize the largest relative shortfall under the hard rules; penalized rules do not count, as in a scorecard.

    Args:
        resolved: scenario resolved against a city.
        space: legal options.
        targets: what is wanted.
        threads: worker threads of the evaluator.
    """

    def __init__(
        self, resolved: ResolvedScenario, space: OptionSpace, targets: Sequence[Target], *, threads: int = 1
    ) -> None:
        """See the class."""
        self.resolved, self.space, self.targets, self.threads = resolved, space, targets, threads
        self.hard = [rule for rule in active_rules(resolved, (RuleMode.HARD,)) if not rule.built_in]
        n_villages, n_starts = space.start_mask.shape
        super().__init__(
            n_var=2 * n_villages,
            n_obj=1,
            n_ieq_constr=len(self.hard),
            xl=np.zeros(2 * n_villages, dtype=np.int64),
            xu=np.repeat([n_starts - 1, max(space.n_options - 1, 0)], n_villages),
            vtype=int,
        )

    def _evaluate(self, X: IntArray, out: dict[str, Any], *_: Any, **__: Any) -> None:  # noqa: ANN401
        plans = self.space.decode(*split(np.asarray(X, dtype=np.int64)))
        measures: list[Callable[[Trace], Array]] = [partial(target_output, target=target) for target in self.targets]
        measures += [rule.measured for rule in self.hard]
        precision = _with_years(SEARCH, self.targets)
        values = measure_plans(self.resolved, plans, measures, precision=precision, threads=self.threads)
        n_targets = len(self.targets)
        missed = relative_shortfalls(self.targets, np.stack([np.asarray(v) for v in values[:n_targets]], axis=1))
        out["F"] = np.minimum(missed.max(axis=1, keepdims=True), UNDEFINED)
        if self.hard:
            out["G"] = excess_matrix(self.resolved, self.hard, values[n_targets:], len(X))


def best_attainment(
    resolved: ResolvedScenario,
    targets: Sequence[Target],
    *,
    evaluations: int,
    seed: int,
    threads: int = 1,
    known: Sequence[IntArray] = (),
    plans: Plans | None = None,
) -> Attainment:
    """Find the valid plan with the least largest shortfall; ends as soon as one meets all targets.

    Plans that are known are measured first, as they are. Where the budget covers every plan of the option space, they
    are enumerated and the answer is exact.

    Args:
        resolved: scenario resolved against a city.
        targets: what is wanted; their names and years must be known.
        evaluations: budget in plans.
        seed: of all random choices.
        threads: worker threads.
        known: genomes to begin with, made legal first; shape (n, 2 n_villages) each.
        plans: of runs that exist, with any density; None = none.

    Returns:
        The nearest plan, measured at report precision.
    """
    given = _nothing(resolved, len(targets))
    if plans is not None:
        given = nearest_of(resolved, plans, targets, threads=threads)
        known = [given.genome, *known] if given.plan is not None else known
    if given.met:
        return given
    if count_plans(option_space(resolved)) <= evaluations:
        found = exact_attainment(resolved, targets, threads=threads)
    else:
        found = _searched_attainment(
            resolved, targets, evaluations=evaluations, seed=seed, threads=threads, known=known
        )
    if given.shortfall < found.shortfall:
        return replace(given, evaluations=given.evaluations + found.evaluations, exact=found.exact)
    return replace(found, evaluations=given.evaluations + found.evaluations)


def nearest_of(resolved: ResolvedScenario, plans: Plans, targets: Sequence[Target], *, threads: int = 1) -> Attainment:
    """The plan of a batch that comes nearest to the targets, as it is, among those that keep every hard rule.

    Args:
        resolved: scenario resolved against a city.
        plans: of the same city; those that begin after the programme's years are left out.
        targets: what is wanted.
        threads: worker threads.
    """
    in_time = np.flatnonzero((np.asarray(plans.start_year) <= resolved.scenario.plan_years).all(axis=1))
    if in_time.size == 0:
        return _nothing(resolved, len(targets))
    some = plans[in_time]
    genomes = join(*option_space(resolved).encode(some))
    return replace(_nearest(resolved, some, targets, genomes, threads=threads), evaluations=some.n_plans)


def exact_attainment(resolved: ResolvedScenario, targets: Sequence[Target], *, threads: int = 1) -> Attainment:
    """Evaluate every plan of a small city at report precision; ends early where one meets all targets.

    Raises:
        InputError: there are too many plans.
    """
    space = option_space(resolved)
    best, done = _nothing(resolved, len(targets)), 0
    for genomes in all_genomes(space):
        done += len(genomes)
        attainment = _measured(resolved, space, targets, genomes, threads=threads)
        if attainment.shortfall < best.shortfall or (best.plan is None and attainment.plan is not None):
            best = attainment
        if best.met:
            break
    return replace(best, evaluations=done, exact=True)


def _searched_attainment(
    resolved: ResolvedScenario,
    targets: Sequence[Target],
    *,
    evaluations: int,
    seed: int,
    threads: int,
    known: Sequence[IntArray],
) -> Attainment:
    space = option_space(resolved)
    problem = AttainmentProblem(resolved, space, targets, threads=threads)
    pool, tried, done = np.zeros((0, problem.n_var), dtype=np.int64), np.zeros(0), 0
    refuted: set[bytes] = set()
    for genomes, missed in _generations(problem, seed, evaluations, known):
        done += len(genomes)
        pool, tried = np.concatenate([pool, genomes]), np.concatenate([tried, missed])
        kept = np.argsort(tried, kind="stable")[:CANDIDATES]
        pool, tried = pool[kept], tried[kept]
        hopeful = pool[tried <= 0.0]
        new = [k for k, key in enumerate(plan_keys(hopeful)) if key not in refuted] if len(hopeful) else []
        if new:
            attainment = _measured(resolved, space, targets, hopeful[new], threads=threads)
            if attainment.met:
                return replace(attainment, evaluations=done)
            refuted.update(plan_keys(hopeful[new]))
    return replace(_measured(resolved, space, targets, pool, threads=threads), evaluations=done)


def _generations(
    problem: AttainmentProblem, seed: int, evaluations: int, known: Sequence[IntArray]
) -> Iterator[tuple[IntArray, FloatArray]]:
    """Genomes and their largest shortfall (infinite where a hard rule is broken), generation by generation."""
    resolved, space, rng = problem.resolved, problem.space, np.random.default_rng(seed)
    villages, quota = resolved.city.villages, np.array(resolved.scenario.yearly_quotas)
    repair = PlanRepair(space, quota)
    value_cny, plan_years = village_value_cny(resolved, space), space.start_mask.shape[1] - 1
    sampling = PlanSampling(space, quota, earning_genomes(value_cny, POP_SIZE // 10, quota, plan_years))
    first = np.concatenate([*known, sampling._do(problem, POP_SIZE, random_state=rng)])[:POP_SIZE]
    algorithm = GA(
        pop_size=POP_SIZE,
        sampling=repair._do(problem, first, random_state=rng),
        crossover=VillageCrossover(np.column_stack([villages.x_km, villages.y_km])),
        mutation=PlanMutation(space, villages.district_idx),
        repair=repair,
        eliminate_duplicates=HashDuplicates(),
    )
    algorithm.setup(problem, termination=NoTermination(), seed=seed, verbose=False)
    done = 0
    while algorithm.has_next() and done < evaluations:
        infills = algorithm.ask()
        if infills is None or len(infills) == 0:
            return
        infills = infills[: evaluations - done]
        done += len(infills)
        algorithm.evaluator.eval(problem, infills)
        algorithm.tell(infills=infills)
        missed = np.where(infills.get("feas").reshape(-1), infills.get("F")[:, 0], np.inf)
        yield np.asarray(infills.get("X"), dtype=np.int64), missed


def _measured(
    resolved: ResolvedScenario, space: OptionSpace, targets: Sequence[Target], genomes: IntArray, *, threads: int
) -> Attainment:
    """The nearest valid plan of a batch at report precision."""
    return _nearest(resolved, space.decode(*split(genomes)), targets, genomes, threads=threads)


def _nearest(
    resolved: ResolvedScenario, plans: Plans, targets: Sequence[Target], genomes: IntArray, *, threads: int
) -> Attainment:
    """The nearest valid plan of a batch at report precision."""
    rows = np.flatnonzero(valid(resolved, plans, threads=threads))
    if rows.size == 0:
        return _nothing(resolved, len(targets))
    outputs = target_outputs(resolved, plans[rows], targets, precision=REPORT, threads=threads)
    missed = relative_shortfalls(targets, outputs)
    k = int(np.argmin(missed.max(axis=1)))
    row = rows[k : k + 1]
    return Attainment(plans[row], genomes[row], outputs[k], missed[k], 0, exact=False)


def _nothing(resolved: ResolvedScenario, n_targets: int) -> Attainment:
    kept = np.zeros((1, resolved.city.n_villages), dtype=np.int64)
    absent = np.full(n_targets, np.nan)
    return Attainment(None, join(kept, kept), absent, np.full(n_targets, np.inf), 0, exact=False)
