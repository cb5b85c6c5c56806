"""What a search algorithm is: it proposes and evaluates batches of plans, and its state is arrays and JSON."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np
from numpy.typing import ArrayLike, NDArray

from data.arrays import BoolArray, FloatArray, IntArray
from envs.models.model import Model
from optimizers.algorithms.request import SearchRequest
from optimizers.problem.archive import Archive
from optimizers.problem.renewal_problem import RenewalProblem

LINEARIZATION = 2
"""What a linearization counts: an evaluation and its adjoint."""


@dataclass(frozen=True, eq=False)
class Batch:
    """Plans that were evaluated.

    Attributes:
        genomes: shape (n_plans, 2 n_villages).
        F: signed objectives, minimized, shape (n_plans, n_objectives).
        feasible: True where every hard rule holds, shape (n_plans,).
        evaluations: what the batch cost, in evaluations of a plan (a linearization counts as two).
    """

    genomes: IntArray
    F: FloatArray
    feasible: BoolArray
    evaluations: int


@dataclass(frozen=True, eq=False)
class AlgorithmState:
    """Everything an algorithm needs to go on as if it had never stopped; arrays and JSON, never code."""

    arrays: dict[str, NDArray[Any]] = field(default_factory=dict)
    record: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class Setting:
    """What every algorithm is given.

    Attributes:
        problem: the search problem.
        request: what is asked of the search: seed, budget.
        archive: shared; the search adds each batch to it.
        seed_genomes: plans to begin with (of other runs), shape (n_seeds, 2 n_villages).
    """

    problem: RenewalProblem
    request: SearchRequest
    archive: Archive
    seed_genomes: IntArray

    @property
    def model(self) -> Model:
        """What plans are worth, and what they choose among."""
        return self.problem.model

    @property
    def quota(self) -> IntArray:
        """Villages of each year, shape (plan_years,)."""
        return self.model.quota


class Algorithm(Protocol):
    """A search algorithm."""

    def step(self, most: int | None) -> Batch | None:
        """Evaluate the next batch, at most about `most` evaluations; None when there is nothing left to do."""
        ...

    def state(self) -> AlgorithmState:
        """The state between two steps."""
        ...

    def restore(self, state: AlgorithmState) -> None:
        """Go on from a state, instead of from the beginning.

        Raises:
            LookupError, TypeError, ValueError: it is not a state of this algorithm.
        """
        ...


def evaluated(problem: RenewalProblem, genomes: IntArray, *, extra: int = 0) -> tuple[Batch, FloatArray]:
    """Evaluate genomes.

    Args:
        problem: the search problem.
        genomes: shape (n_plans, 2 n_villages).
        extra: evaluations spent besides.

    Returns:
        The batch, and the sum of relative excesses over hard rules, shape (n_plans,).
    """
    if len(genomes) == 0:
        return Batch(genomes, np.zeros((0, problem.n_obj)), np.zeros(0, dtype=bool), extra), np.zeros(0)
    out: dict[str, Any] = problem.evaluate(genomes, return_as_dictionary=True)
    G = out.get("G")
    excess = np.zeros(len(genomes)) if G is None or G.shape[1] == 0 else np.clip(G, 0.0, None).sum(axis=1)
    return Batch(genomes, out["F"], excess <= 0.0, len(genomes) + extra), excess


def together(batches: Sequence[Batch]) -> Batch:
    """Several batches as one."""
    return Batch(
        np.concatenate([batch.genomes for batch in batches]),
        np.concatenate([batch.F for batch in batches]),
        np.concatenate([batch.feasible for batch in batches]),
        sum(batch.evaluations for batch in batches),
    )


def numbers_in(state: AlgorithmState, name: str, shape: tuple[int | None, ...], *, finite: bool = True) -> FloatArray:
    """An array of a state as floats.

    Args:
        state: read from a file, so that nothing in it may be relied on.
        name: of the array.
        shape: expected; None = any length.
        finite: refuse NaN and infinity.

    Raises:
        LookupError: there is no such array.
        ValueError: another shape, or not numbers.
    """
    values = state.arrays[name]
    fits = values.ndim == len(shape) and all(n in (None, length) for n, length in zip(shape, values.shape, strict=True))
    if not fits or values.dtype.kind not in "fiu":
        raise ValueError(f"{name} has shape {values.shape} and type {values.dtype}")
    if finite and not np.isfinite(values).all():
        raise ValueError(f"{name} must be finite")
    return values.astype(np.float64)


def integers_in(
    state: AlgorithmState, name: str, shape: tuple[int | None, ...], low: ArrayLike, high: ArrayLike
) -> IntArray:
    """An array of a state as integers within bounds; see `numbers_in`."""
    numbers_in(state, name, shape)
    values = state.arrays[name]
    if values.dtype.kind not in "iu" or (values < low).any() or (values > high).any():
        raise ValueError(f"{name} must be integers within bounds")
    return values.astype(np.int64)


def genomes_in(state: AlgorithmState, name: str, problem: RenewalProblem) -> IntArray:
    """Genomes of a state, shape (n_plans, 2 n_villages); see `numbers_in`."""
    return integers_in(state, name, (None, problem.n_var), problem.xl, problem.xu)


def count_in(state: AlgorithmState, name: str, *, most: float = np.inf) -> int:
    """A count in the record of a state; see `numbers_in`."""
    value = state.record[name]
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= most:
        raise ValueError(f"{name} must be a whole number")
    return value


def rng_record(rng: np.random.Generator) -> dict[str, Any]:
    """State of a generator as JSON."""
    return dict(rng.bit_generator.state)


def rng_from(record: dict[str, Any]) -> np.random.Generator:
    """A generator in a recorded state."""
    rng = np.random.default_rng()
    rng.bit_generator.state = record
    return rng
