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
"""Times the number of inputs tried (Bonferroni)."""
OWN_VALUES = 0.5
"""An input of which a future counts for more than that differs from future to future."""


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


def discover(inputs: FloatArray, fails: BoolArray, *, each_counts: FloatArray | float = 1.0) -> Discovered:
    """The box of failures.

    Where several futures share values of an input, few of them may fail for any reason, and one of many such inputs
    tells them apart. So boxes are sought among all inputs, and among those alone that each future has its own values
    of; the better one is taken.

    Args:
        inputs: of each future, shape (n, n_inputs).
        fails: shape (n,).
        each_counts: futures that one tells as much as, of each input, shape (n_inputs,): below 1 where several share
            its value and what makes them fail, so that chance explains more.

    Returns:
        Without limits where none is better than chance.
    """
    counts = np.broadcast_to(np.asarray(each_counts, dtype=np.float64), inputs.shape[1])
    among_all = _found(inputs, fails, counts, np.ones(inputs.shape[1], dtype=bool))
    among_own = _found(inputs, fails, counts, counts > OWN_VALUES)
    best = max((among_all, among_own), key=lambda box: _harmonic(box, inputs, fails))
    inside = best.holds(inputs)
    return Discovered(
        box=best,
        density=float(fails[inside].mean()),
        coverage=float(fails[inside].sum() / fails.sum()) if fails.any() else 0.0,
        mass=float(inside.mean()),
        quasi_p=tuple(quasi_p(best, k, inputs, fails, counts[k]) for k in best.limited),
    )


def _found(inputs: FloatArray, fails: BoolArray, counts: FloatArray, among: BoolArray) -> Box:
    """The best box with limits of some inputs; sought again without those whose limits chance may explain."""
    whole = Box(np.full(inputs.shape[1], -np.inf), np.full(inputs.shape[1], np.inf))
    while True:
        boxes = peeled(inputs, fails, whole, among)
        sought = pasted(inputs, fails, max(boxes, key=lambda box: _harmonic(box, inputs, fails)))
        best = _significant(sought, inputs, fails, counts, int(among.sum()))
        if best.limited == sought.limited:
            return best
        among = np.isin(np.arange(inputs.shape[1]), best.limited)


def peeled(inputs: FloatArray, fails: BoolArray, box: Box, among: BoolArray) -> list[Box]:
    """Boxes from one to the smallest that LEAST_MASS allows, each a peel of the one before, by some of the inputs."""
    boxes, inside = [box], box.holds(inputs)
    least = LEAST_MASS * len(fails)
    while inside.sum() > least and 0 < fails[inside].sum() < inside.sum():
        limits = _slices(inputs[inside])
        kept = np.stack([inputs[inside] >= limits[0], inputs[inside] <= limits[1]])  # (2, n_inside, n_inputs)
        n, hits = kept.sum(axis=1), fails[inside].astype(np.float64) @ kept
        removed = inside.sum() - n
        allowed = (n >= least) & (removed > 0) & among
        rise = hits / np.maximum(n, 1) - fails[inside].mean()
        gain = np.where(allowed, rise / np.maximum(removed, 1), -np.inf)
        if gain.max() <= 0.0:
            break
        side, position = (int(k) for k in np.unravel_index(np.argmax(gain), gain.shape))
        box = _with_limit(box, side, position, float(limits[side, position]))
        boxes.append(box)
        inside = box.holds(inputs)
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


def _significant(box: Box, inputs: FloatArray, fails: BoolArray, counts: FloatArray, n_tried: int) -> Box:
    """The box without the limits that chance may explain, the weakest first; chance had so many inputs to try."""
    while box.limited:
        by_chance = {k: quasi_p(box, k, inputs, fails, counts[k]) for k in box.limited}
        worst = max(by_chance, key=lambda k: by_chance[k])
        if n_tried * by_chance[worst] <= LARGEST_QUASI_P:
            break
        box = box.without(worst)
    return box


def _harmonic(box: Box, inputs: FloatArray, fails: BoolArray) -> float:
    """Harmonic mean of coverage and density: a box is chosen that is neither tiny nor diluted."""
    inside = box.holds(inputs)
    hits = float(fails[inside].sum())
    return 2.0 * hits / float(inside.sum() + fails.sum()) if inside.any() else 0.0


def _slices(values: FloatArray) -> FloatArray:
    """Lower and upper limits that take a thin slice away at either side of each input, shape (2, n_inputs).

    Of values that are equal all go or none; a side on which all are equal takes nothing away.
    """
    low, high = np.quantile(values, [PEEL_SHARE, 1.0 - PEEL_SHARE], axis=0, method="lower")
    above = np.where(values > low, values, np.inf).min(axis=0)
    below = np.where(values < high, values, -np.inf).max(axis=0)
    return np.stack([np.where(np.isinf(above), -np.inf, above), np.where(np.isinf(below), np.inf, below)])


def _with_limit(box: Box, side: int, position: int, limit: float) -> Box:
    """The box with another lower (0) or upper (1) limit of an input."""
    ends = [box.low.copy(), box.high.copy()]
    ends[side][position] = limit
    return Box(*ends)


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
