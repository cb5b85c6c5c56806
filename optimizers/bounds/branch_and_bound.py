"""Branch and bound over ranges of sums, district by district, at given prices of what districts share.

At fixed prices of the city-wide limits the Lagrangian falls apart into districts. In each, the range of a sum whose
product the program overestimates most is split in two; the bound of a district is the larger of its parts.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, replace

import numpy as np

from data.arrays import FloatArray
from optimizers.bounds.column_generation import MONEY, ChoiceProgram, Limits, Multipliers, Products, Solution

INNER = 0.15
"""A range is split where the program stands, but not closer to its ends than this share of it."""
CLOSE = 1e-6
"""Relative overestimate below which a district is not split any further."""


@dataclass(frozen=True, eq=False)
class _Node:
    """A part of a district's plans and its bound.

    Attributes:
        program: of the district, its ranges and their limits.
        bound: [bn CNY].
        product: where to split, and which of its two sums.
        side: 0 or 1.
        at: value at which to split.
        excess: what the program overestimates at its solution [bn CNY].
    """

    program: ChoiceProgram
    bound: float
    product: int
    side: int
    at: float
    excess: float


def split_districts(
    program: ChoiceProgram, multipliers: Multipliers, floor: float, *, nodes: int, seconds: float
) -> float:
    """Tighten a bound by splitting ranges.

    Args:
        program: over all villages, with products.
        multipliers: prices of its limits.
        floor: a bound at or below it is good enough [bn CNY].
        nodes: most programs solved.
        seconds: most time.

    Returns:
        The bound [bn CNY].
    """
    began = time.perf_counter()
    priced = MONEY * program.objective - np.tensordot(multipliers.limits, program.limits.weights, axes=1)
    shared = float(multipliers.limits @ program.limits.limit)
    open_nodes = [[_solved(_district(program, priced, d))] for d, v in enumerate(program.table.villages_of) if v.size]
    solved = len(open_nodes)
    while solved < nodes and time.perf_counter() - began < seconds:
        tops = [max(district, key=lambda node: node.bound) for district in open_nodes]
        if shared + sum(top.bound for top in tops) <= floor:
            break
        widest = int(np.argmax([top.excess for top in tops]))
        top = tops[widest]
        if top.excess <= CLOSE * max(abs(floor), 1.0):
            break
        open_nodes[widest].remove(top)
        open_nodes[widest] += [_solved(half, top.bound) for half in _halves(top)]
        solved += 2
    return shared + sum(max(node.bound for node in district) for district in open_nodes)


def _district(program: ChoiceProgram, priced: FloatArray, district: int) -> ChoiceProgram:
    """The program of one district at given prices."""
    assert program.products is not None
    p = program.products
    inside = p.district == district
    villages = program.table.villages_of[district]
    return replace(
        program,
        villages=villages,
        objective=priced / MONEY,
        limits=Limits((), program.limits.weights[:0], np.zeros(0)),
        products=Products(p.district[inside], p.worth[inside], p.weights[:, inside], p.ranges[:, :, inside]),
        columns=program.columns[:, np.isin(program.columns[0], villages)],
    )


def _solved(program: ChoiceProgram, at_most: float = np.inf) -> _Node:
    """Bound a part and find what to split."""
    assert program.products is not None
    solution = program.solve()
    bound = min(solution.bound, at_most)
    p = program.products
    sums = _sums(program, solution)
    sides = [(p.slopes(side) * sums).sum(axis=0) + p.constants(side) for side in (0, 1)]
    excess = MONEY * p.worth * (np.minimum(*sides) - sums[0] * sums[1])
    product = int(np.argmax(excess))
    low, high = p.ranges[:, 0, product], p.ranges[:, 1, product]
    width = high - low
    side = int(np.argmax(width / np.maximum(np.abs(high), 1e-9)))
    inner = INNER * width[side]
    at = float(np.clip(sums[side, product], low[side] + inner, high[side] - inner))
    return _Node(program=program, bound=bound, product=product, side=side, at=at, excess=float(excess.sum()))


def _sums(program: ChoiceProgram, solution: Solution) -> FloatArray:
    """The two sums of every product at a solution, shape (2, n_products)."""
    assert program.products is not None
    amount = program.table.amounts[solution.village, solution.choice] * solution.share[:, None]
    return np.einsum("fpnk,nk->fp", program.products.weights[:, :, solution.start_year - 1], amount)


def _halves(node: _Node) -> list[ChoiceProgram]:
    """The programs in which the sum is at most, and at least, the value."""
    program = node.program
    assert program.products is not None
    p = program.products
    weights = p.weights[node.side, node.product] + program.table.weights()
    scale = float(np.abs(p.ranges[node.side, :, node.product]).max())
    halves = []
    for end, sign in ((1, 1.0), (0, -1.0)):
        ranges = p.ranges.copy()
        ranges[node.side, end, node.product] = node.at
        limits = Limits(
            (*program.limits.names, "range"),
            np.concatenate([program.limits.weights, sign * weights[None] / scale]),
            np.append(program.limits.limit, sign * node.at / scale),
        )
        halves.append(replace(program, limits=limits, products=replace(p, ranges=ranges)))
    return halves
