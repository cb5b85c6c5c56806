"""The default search, `hybrid`: linearized ascent along a fan of weights, recombination of its plans, and evolution.

Ascent reaches the front within seconds, from the city's own marginal gains; recombination (children of neighboring
plans of the archive) fills it; NSGA-II's population copes with limits on the whole plan that do not add up over
villages, of which the marginal gains know nothing. Each is measured by the hypervolume it adds per evaluation; the
best one goes on.
"""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import blake2b
from typing import Any

import numpy as np
from numpy.typing import NDArray

from data.arrays import BoolArray, FloatArray, IntArray, SingleArray
from envs.choices.limit_prices.linear_limits import LinearLimits
from envs.choices.limit_prices.price_moves import LimitPrices
from envs.kernel.computing.parallel_chunks import in_parallel
from optimizers.algorithms.algorithm import (
    LINEARIZATION,
    AlgorithmState,
    Batch,
    Setting,
    count_in,
    evaluated,
    genomes_in,
    integers_in,
    numbers_in,
    rng_from,
    rng_record,
)
from optimizers.algorithms.evolution import Evolution, given_genomes, plan_operators, reference_directions
from optimizers.algorithms.exchanges import PricedLimits, exchange
from optimizers.algorithms.fresh_ascents import FreshAscents
from optimizers.algorithms.linearized_ascent import Pace, climb
from optimizers.algorithms.recombination import Recombination
from optimizers.algorithms.single_objective_ascent import SingleObjectiveAscents
from optimizers.problem.front import hypervolume
from optimizers.problem.operators import join, plan_keys, split

SUBPROBLEMS_PER_STEP, CORNERS_PER_STEP = 8, 2
MEMORY = 0.9
"""Weight of the past in the running mean of hypervolume gained per evaluation."""
EXPLORATION = 0.15
"""Share of the steps given to one of the ways that gain less."""
FRESH_SHARE = 0.25
"""Share of the later steps given to fresh ascents as long as all of them end beyond the archive."""
ASCENT, FRESH_ASCENT, EXCHANGE, RECOMBINATION, EVOLUTION = WAYS = range(5)
MIDDLE = 1
"""Position of the middle inertia among the proposals of a pace."""
MOST_ATTEMPTS = 8
"""Batches of children drawn for one that holds an unseen plan; the second half are random plans."""


class AscentAndEvolution:
    """Linearized ascent and recombination around one archive."""

    def __init__(self, setting: Setting) -> None:
        """Prepare; nothing is evaluated yet."""
        self.setting = setting
        self.rng = np.random.default_rng(setting.request.seed)
        self.gains = setting.model.linear_model()
        self.limits = None if self.gains is None else setting.model.linear_limits()
        self.weights = self._fan()
        self.paces = [Pace() for _ in self.weights]
        self.operators = plan_operators(setting)
        self.recombination = Recombination(setting, self.operators, self.gains, self.limits)
        self.n_steps = 0
        self.corner_gain = np.full(setting.problem.n_obj, np.inf)
        self.trails = SingleObjectiveAscents(setting.problem.n_obj, self._slopes_shape())
        self.rate = np.full(len(WAYS), np.inf)
        self.fresh = self._fresh_ascents()
        self.evolution = Evolution(setting, "nsga2")
        self.least_infeasible: IntArray | None = None
        self.seen: set[int] = set()

    def _slopes_shape(self) -> tuple[int, int, int]:
        return (len(self.setting.model.start_mask), 0, 0) if self.gains is None else self.gains.slopes_shape

    def _fresh_ascents(self) -> FreshAscents | None:
        if self.gains is None:
            return None
        return FreshAscents(self.setting, self.gains, self.limits, self.operators, self._slopes)

    def _fan(self) -> FloatArray:
        """Weight vectors: the corners, the middle, then the others in random order."""
        n_obj = self.setting.problem.n_obj
        corners, middle = np.eye(n_obj), np.full((1, n_obj), 1.0 / n_obj)
        inner = reference_directions(n_obj)
        inner = inner[(inner < 1.0).all(axis=1)]
        return np.concatenate([corners, middle, self.rng.permutation(inner)])

    def step(self, most: int | None) -> Batch | None:
        """One round of ascent or of recombination; the first evaluates the plans to begin with."""
        if self.n_steps == 0:
            self.n_steps = 1
            return self._begin()
        way = self._choose_way()
        batch = (self._ascend, self._ascend_afresh, self._exchange, self._recombine, self._evolve)[way](most)
        if batch is not None:
            self._learn_rate(way, batch)
        self.n_steps += 1
        return batch

    def _begin(self) -> Batch:
        genomes = self.operators["repair"]._do(self.setting.problem, given_genomes(self.setting), random_state=self.rng)
        return self._evaluated(genomes[self._unseen(genomes)])

    def _unseen(self, genomes: IntArray) -> BoolArray:
        """True for plans that were never evaluated before; they count as seen from now on, shape (n_plans,)."""
        fresh = np.zeros(len(genomes), dtype=bool)
        for row, key in enumerate(plan_keys(genomes)):
            digest = int.from_bytes(blake2b(key, digest_size=8).digest(), "little", signed=True)
            fresh[row] = digest not in self.seen
            self.seen.add(digest)
        return fresh

    def _evaluated(self, genomes: IntArray, *, extra: int = 0) -> Batch:
        batch, excess = evaluated(self.setting.problem, genomes, extra=extra)
        if len(genomes) and not batch.feasible.any() and len(self.setting.archive.F) == 0:
            self.least_infeasible = genomes[np.argsort(excess, kind="stable")[:2]]
        return batch

    def _choose_way(self) -> int:
        if self.gains is None:
            return self._choose_among(RECOMBINATION)
        if self.n_steps * (SUBPROBLEMS_PER_STEP - CORNERS_PER_STEP) <= len(self.weights):
            return ASCENT  # every weight vector once before anything else
        if self.fresh is not None and self.rng.random() < FRESH_SHARE * self.fresh.success:
            return FRESH_ASCENT
        return self._choose_among(ASCENT)

    def _choose_among(self, first: int) -> int:
        """The way from `first` on that gains most, or any of them."""
        if self.rng.random() < EXPLORATION:
            return int(self.rng.integers(first, len(self.rate)))
        return first + int(np.argmax(self.rate[first:]))

    def _hypervolume(self, F: FloatArray, low: FloatArray) -> float:
        return hypervolume((F - low) / self.setting.archive.ranges)

    def _learn_rate(self, way: int, batch: Batch) -> None:
        before = self.setting.archive.F
        after = np.concatenate([before, batch.F[batch.feasible]])
        low = after.min(axis=0, initial=np.inf)
        gained = self._hypervolume(after, low) - self._hypervolume(before, low)
        rate = gained / batch.evaluations
        self.rate[way] = rate if np.isinf(self.rate[way]) else MEMORY * self.rate[way] + (1.0 - MEMORY) * rate

    # --- ascent ---------------------------------------------------------------------------------------------------

    def _next_subproblems(self) -> IntArray:
        """The next weight vectors; every round begins with a corner in turn, and with the corner that gains most."""
        corner = [self.n_steps % self.setting.problem.n_obj, int(np.argmax(self.corner_gain))]
        size = SUBPROBLEMS_PER_STEP - CORNERS_PER_STEP
        turn = (self.n_steps * size + np.arange(size)) % len(self.weights)
        return np.unique(np.concatenate([corner, turn]))

    def _current(self, weights: FloatArray) -> IntArray:
        """The archive's best plan of each weight vector, shape (n_weights, 2 n_villages)."""
        archive = self.setting.archive
        if len(archive.F) == 0:
            assert self.least_infeasible is not None
            return self.least_infeasible[np.zeros(len(weights), dtype=np.int64)]
        worth = -(archive.F / archive.ranges) @ weights.T
        return archive.genomes[np.argmax(worth, axis=0)]

    def _ascend(self, _most: int | None) -> Batch:
        chosen = self._next_subproblems()
        weights = self.weights[chosen]
        genomes = self.trails.placed(chosen, self._current(weights))
        seeds = self.rng.integers(0, 2**63, size=len(chosen))
        gains = self.gains
        assert gains is not None
        slopes = self.trails.averaged(chosen, self._slopes(genomes, weights))
        limits = self._limits_at(genomes)

        def propose(i: int) -> IntArray:
            start, option = (genes[i] for genes in split(genomes))
            rng, pace = np.random.default_rng(seeds[i]), self.paces[chosen[i]]
            return join(
                *climb(
                    gains,
                    slopes[i],
                    start,
                    option,
                    quota=self.setting.quota,
                    pace=pace,
                    rng=rng,
                    limits=limits[i],
                    exactly=self.setting.model.exact_quota,
                )
            )

        proposals = in_parallel(propose, range(len(chosen)), threads=self.setting.problem.threads)
        self.trails.follow(chosen, [rows[MIDDLE] for rows in proposals])
        every = np.concatenate(proposals)
        fresh = self._unseen(every)
        n_linearized = len(chosen) * (1 if self.limits is None or self.limits.of_plans is None else 2)
        batch = self._evaluated(every[fresh], extra=LINEARIZATION * n_linearized)
        owner = np.repeat(np.arange(len(chosen)), [len(rows) for rows in proposals])
        value = np.full(len(every), -np.inf)
        scaled = -(batch.F / self.setting.archive.ranges)
        value[fresh] = np.where(batch.feasible, np.sum(scaled * weights[owner[fresh]], axis=1), -np.inf)
        self._learn_paces(chosen, genomes, proposals, value)
        return batch

    def _slopes(self, genomes: IntArray, weights: FloatArray) -> SingleArray:
        problem, gains = self.setting.problem, self.gains
        assert gains is not None
        natural = problem.natural_weights(weights / self.setting.archive.ranges)
        starts, options = split(genomes)
        chunks = np.array_split(np.arange(len(genomes)), min(problem.threads, len(genomes)))
        slopes = in_parallel(
            lambda rows: gains.slopes_at(starts[rows], options[rows], natural[rows]),
            chunks,
            threads=problem.threads,
        )
        return np.concatenate(slopes)

    def _limits_at(self, genomes: IntArray) -> Sequence[LinearLimits | None]:
        """The limits as each plan sees them."""
        return [None] * len(genomes) if self.limits is None else self.limits.at(*split(genomes))

    def _learn_paces(self, chosen: IntArray, genomes: IntArray, proposals: list[IntArray], value: FloatArray) -> None:
        """Tell each subproblem's pace which proposal won; value is -inf where it is infeasible or was seen before."""
        archive, first = self.setting.archive, 0
        for i, rows in enumerate(proposals):
            reached_by = value[first : first + len(rows)]
            first += len(rows)
            reached = float((-(archive.F / archive.ranges) @ self.weights[chosen[i]]).max(initial=-np.inf))
            best = int(np.argmax(reached_by))
            changes = bool((rows[MIDDLE] != genomes[i]).any())
            won = best if reached_by[best] > reached + 1e-12 else None
            self.paces[chosen[i]].learn(won, genomes.shape[1] // 2, changes=changes)
            if chosen[i] < self.corner_gain.size:
                gained = 0.0 if won is None or np.isinf(reached) else reached_by[best] - reached
                before = self.corner_gain[chosen[i]]
                self.corner_gain[chosen[i]] = gained if np.isinf(before) else 0.5 * (before + gained)

    def _ascend_afresh(self, _most: int | None) -> Batch:
        """A whole ascent along one of the weights from elsewhere."""
        assert self.fresh is not None
        return self.fresh.ascend(self.weights[self.rng.integers(len(self.weights))], self.rng)

    def _exchange(self, _most: int | None) -> Batch:
        """Exchanges around the archive's best plan of one of the weights."""
        assert self.gains is not None
        chosen = int(self.rng.integers(len(self.weights)))
        weights = self.weights[chosen]
        plan = self._current(weights[None])
        limits = self._limits_at(plan)[0]
        priced = None if limits is None else PricedLimits(limits, self._prices(self.paces[chosen]).price)
        return exchange(self.setting, self.gains, self._slopes, plan, weights, self.rng, self._unseen, priced)

    # --- recombination --------------------------------------------------------------------------------------------

    def _recombine(self, most: int | None) -> Batch | None:
        """Children of neighbors on the front that were never seen; None where nothing new can be drawn any more."""
        for attempt in range(MOST_ATTEMPTS):
            if attempt < MOST_ATTEMPTS // 2:
                children = self.recombination.children(self.least_infeasible, self.rng)
            else:
                children = self.recombination.drawn(self.rng)
            children = children[:most]
            children = children[self._unseen(children)]
            if len(children):
                return self._evaluated(children)
        return None

    # --- evolution ------------------------------------------------------------------------------------------------

    def _evolve(self, most: int | None) -> Batch | None:
        """A generation of NSGA-II; recombination where it has nothing new."""
        batch = self.evolution.step(most)
        return self._recombine(most) if batch is None else batch

    # --- state ----------------------------------------------------------------------------------------------------

    def state(self) -> AlgorithmState:
        """Paces, rates and generator; the archive is the search's."""
        arrays: dict[str, NDArray[Any]] = {
            "weights": self.weights,
            "paces": np.array([[pace.inertia, pace.share] for pace in self.paces]),
            "limit_prices": np.stack([[*each.price, each.steps, each.worth] for each in map(self._prices, self.paces)]),
            "rate": self.rate.copy(),
            "corner_gain": self.corner_gain.copy(),
            "seen": np.array(sorted(self.seen), dtype=np.int64),
        } | self.trails.arrays()
        if self.fresh is not None:
            arrays |= self.fresh.arrays()
        if self.least_infeasible is not None:
            arrays["least_infeasible"] = self.least_infeasible
        record: dict[str, Any] = {"n_steps": self.n_steps, "rng": rng_record(self.rng), "evolution": None}
        if self.evolution.algorithm.is_initialized:
            evolution = self.evolution.state()
            arrays |= {f"evolution_{name}": values for name, values in evolution.arrays.items()}
            record["evolution"] = evolution.record
        return AlgorithmState(arrays, record)

    def _prices(self, pace: Pace) -> LimitPrices:
        return pace.prices or LimitPrices(np.zeros(self._n_limits))

    @property
    def _n_limits(self) -> int:
        return 0 if self.limits is None else self.limits.n_at_plans

    def restore(self, state: AlgorithmState) -> None:
        """See Algorithm."""
        self.weights = numbers_in(state, "weights", self.weights.shape)
        self.rate = numbers_in(state, "rate", self.rate.shape, finite=False)
        self.corner_gain = numbers_in(state, "corner_gain", self.corner_gain.shape, finite=False)
        self.trails.restore(state, self.setting.problem)
        if self.fresh is not None:
            self.fresh.restore(state)
        paces = numbers_in(state, "paces", (len(self.weights), 2)).tolist()
        prices = numbers_in(state, "limit_prices", (len(self.weights), self._n_limits + 2))
        self.paces = [
            Pace(inertia, share, LimitPrices(row[:-2], int(row[-2]), float(row[-1])) if row[-2] else None)
            for (inertia, share), row in zip(paces, prices, strict=True)
        ]
        if "least_infeasible" in state.arrays:
            self.least_infeasible = genomes_in(state, "least_infeasible", self.setting.problem)
        elif state.record["n_steps"] != 0 and len(self.setting.archive.F) == 0:
            raise ValueError("least_infeasible is missing")
        bounds = np.iinfo(np.int64)
        self.seen = set(integers_in(state, "seen", (None,), bounds.min, bounds.max).tolist())
        self.n_steps, self.rng = count_in(state, "n_steps"), rng_from(state.record["rng"])
        if state.record["evolution"] is not None:
            arrays = {
                name.removeprefix("evolution_"): values
                for name, values in state.arrays.items()
                if name.startswith("evolution_")
            }
            self.evolution.restore(AlgorithmState(arrays, state.record["evolution"]))
