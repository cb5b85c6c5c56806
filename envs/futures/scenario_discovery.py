"""Scenario discovery: under which futures a plan fails, as a box - PRIM, peeled and pasted (Friedman & Fisher 1999).

A box is a range of each of a few inputs. Peeling takes away, again and again, the thin slice of one side of one input
whose loss raises the share of failures most; pasting gives back what does no harm. A limit that failures might have by
chance is dropped (quasi-p-values, Bryant & Lempert 2010).
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from scipy.stats import binom

from data.arrays import BoolArray, FloatArray

PEEL_SHARE = 0.05
"""Of the futures inside, taken away (or given back) at once."""
LEAST_MASS = 0.05
"""Of all futures that a box holds at least."""
LARGEST_QUASI_P = 0.05


@dataclass(frozen=True, eq=False)
class Box:
    """Ranges of inputs; an end that is infinite is no limit.

    Attributes:
        low: shape (n_inputs,).
        high: same shape.
    """

    low: FloatArray
    high: FloatArray

    def holds(self, inputs: FloatArray) -> BoolArray:
        """Which rows lie inside; inputs have shape (n, n_inputs)."""
        return np.asarray(((inputs >= self.low) & (inputs <= self.high)).all(axis=1))

    @property
    def limited(self) -> tuple[int, ...]:
        """Inputs that have a limit."""
        return tuple(np.flatnonzero(np.isfinite(self.low) | np.isfinite(self.high)).tolist())

    def without(self, position: int) -> Box:
        """The same without the limits of an input."""
        low, high = self.low.copy(), self.high.copy()
        low[position], high[position] = -np.inf, np.inf
        return Box(low, high)


@dataclass(frozen=True, eq=False)
class Discovered:
    """A box of failures.

    Attributes:
        box: ranges.
        density: failures inside / futures inside.
        coverage: failures inside / failures.
        mass: futures inside / futures.
        quasi_p: of each limited input, in their order: how likely chance alone does as well with that limit.
    """

    box: Box
    density: float
    coverage: float
    mass: float
    quasi_p: tuple[float, ...]


def discover(inputs: FloatArray, fails: BoolArray, *, each_counts: float = 1.0) -> Discovered:
    """The box of failures.

    Args:
        inputs: of each future, shape (n, n_inputs).
        fails: shape (n,).
        each_counts: futures that one tells as much as: below 1 where several share what makes them fail, so that
            chance explains more.

    Returns:
        Without limits where none is better than chance.
    """
    whole = Box(np.full(inputs.shape[1], -np.inf), np.full(inputs.shape[1], np.inf))
    best = max(peeled(inputs, fails, whole), key=lambda box: _harmonic(box, inputs, fails))
    best = _significant(pasted(inputs, fails, best), inputs, fails, each_counts)
    inside = best.holds(inputs)
    return Discovered(
        box=best,
        density=float(fails[inside].mean()),
        coverage=float(fails[inside].sum() / fails.sum()) if fails.any() else 0.0,
        mass=float(inside.mean()),
        quasi_p=tuple(quasi_p(best, k, inputs, fails, each_counts) for k in best.limited),
    )


def peeled(inputs: FloatArray, fails: BoolArray, box: Box) -> list[Box]:
    """Boxes from one to the smallest that LEAST_MASS allows, each a peel of the one before."""
    boxes, inside = [box], box.holds(inputs)
    while inside.sum() > LEAST_MASS * len(fails) and 0 < fails[inside].sum() < inside.sum():
        peels = [peel for k in range(inputs.shape[1]) for peel in _peels(boxes[-1], k, inputs[inside, k])]
        tried = [(peel, inside & _keeps(peel, k, inputs)) for peel, k in peels]
        tried = [(peel, held) for peel, held in tried if LEAST_MASS * len(fails) <= held.sum() < inside.sum()]
        if not tried:
            break
        before = fails[inside].mean()
        gains = [(fails[held].mean() - before) / (inside.sum() - held.sum()) for _, held in tried]
        if max(gains) <= 0.0:
            break
        box, inside = tried[int(np.argmax(gains))]
        boxes.append(box)
    return boxes


def pasted(inputs: FloatArray, fails: BoolArray, box: Box) -> Box:
    """The box grown slice by slice as long as no slice makes failures rarer in it."""
    while True:
        inside = box.holds(inputs)
        density, step = fails[inside].mean(), max(1, int(PEEL_SHARE * inside.sum()))
        grown = [wider for k in box.limited for wider in _pastes(box, k, inputs, step)]
        shares = [fails[wider.holds(inputs)].mean() for wider in grown]
        if not shares or max(shares) < density:
            return box
        box = grown[int(np.argmax(shares))]


def quasi_p(box: Box, position: int, inputs: FloatArray, fails: BoolArray, each_counts: float = 1.0) -> float:
    """How likely a random choice among the futures without a limit has as many failures as the box with it."""
    inside, without = box.holds(inputs), box.without(position).holds(inputs)
    n, hits = each_counts * inside.sum(), each_counts * fails[inside].sum()
    return float(binom.sf(np.ceil(hits) - 1.0, np.ceil(n), fails[without].mean()))


def _significant(box: Box, inputs: FloatArray, fails: BoolArray, each_counts: float) -> Box:
    """The box without the limits that chance may explain, the weakest first."""
    while box.limited:
        worst = max(box.limited, key=lambda k: quasi_p(box, k, inputs, fails, each_counts))
        if quasi_p(box, worst, inputs, fails, each_counts) <= LARGEST_QUASI_P:
            break
        box = box.without(worst)
    return box


def _harmonic(box: Box, inputs: FloatArray, fails: BoolArray) -> float:
    """Harmonic mean of coverage and density: a box is chosen that is neither tiny nor diluted."""
    inside = box.holds(inputs)
    hits = float(fails[inside].sum())
    return 2.0 * hits / float(inside.sum() + fails.sum()) if inside.any() else 0.0


def _peels(box: Box, position: int, values: FloatArray) -> list[tuple[Box, int]]:
    """The box less a slice at either side of an input; a side on which all are equal has none."""
    low, high = np.quantile(values, [PEEL_SHARE, 1.0 - PEEL_SHARE], method="lower")
    above, below = values[values > low], values[values < high]
    lows, highs = box.low.copy(), box.high.copy()
    peels = []
    if above.size:
        lows[position] = above.min()
        peels.append((replace(box, low=lows), position))
    if below.size:
        highs[position] = below.max()
        peels.append((replace(box, high=highs), position))
    return peels


def _keeps(box: Box, position: int, inputs: FloatArray) -> BoolArray:
    values = inputs[:, position]
    return np.asarray((values >= box.low[position]) & (values <= box.high[position]))


def _pastes(box: Box, position: int, inputs: FloatArray, step: int) -> list[Box]:
    """The box with a slice more at either limited side of an input; all of it where no more futures lie beyond."""
    beside = inputs[box.without(position).holds(inputs), position]
    lower, upper = np.sort(beside[beside < box.low[position]]), np.sort(beside[beside > box.high[position]])
    lows, highs = box.low.copy(), box.high.copy()
    grown = []
    if np.isfinite(box.low[position]):
        lows[position] = lower[-step] if lower.size > step else -np.inf
        grown.append(replace(box, low=lows))
    if np.isfinite(box.high[position]):
        highs[position] = upper[step - 1] if upper.size > step else np.inf
        grown.append(replace(box, high=highs))
    return grown
