"""How an indicator spreads over futures: mean, quantiles, worst tail, chance of a target, each with its error."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from data.arrays import BoolArray, FloatArray, IntArray

QUANTILES = (0.1, 0.5, 0.9)
TAIL = 0.1
"""Share of the futures that are the worst tail."""


@dataclass(frozen=True)
class Estimate:
    """A number estimated from a sample of futures, and its standard error."""

    value: float
    error: float


@dataclass(frozen=True)
class Spread:
    """An indicator over futures.

    Attributes:
        n: futures in which it is defined.
        n_undefined: in which it is not, as a payback that never comes; they enter nothing else.
        mean: of it.
        quantiles: P10, P50, P90, linear between order statistics.
        tail_mean: mean of the worst TAIL (CVaR, Rockafellar & Uryasev 2000): the lowest where more is better, else the
            highest.
        worlds_share: share of the variance that worlds make, 0..1, the rest being the prices'; NaN without worlds.
    """

    n: int
    n_undefined: int
    mean: Estimate
    quantiles: tuple[Estimate, Estimate, Estimate]
    tail_mean: Estimate
    worlds_share: float = float("nan")


def spread_of(values: FloatArray, *, more_is_better: bool, world: IntArray | None = None) -> Spread:
    """The spread of an indicator.

    Args:
        values: in each future, shape (n_futures,); NaN where it is undefined.
        more_is_better: which tail is the worst.
        world: of each future, where several share one: what they share tells nothing twice, so that errors are larger.

    Returns:
        NaN everywhere if it is undefined in every future.
    """
    ranked, of_world = _ranked(values, world)
    n = ranked.size
    nothing = Estimate(float("nan"), float("nan"))
    if n == 0:
        return Spread(0, values.size, nothing, (nothing, nothing, nothing), nothing)
    low, middle, high = (_quantile(ranked, q, of_world) for q in QUANTILES)
    if more_is_better:
        tail = _tail_mean(ranked, TAIL, of_world)
    else:
        tail = _tail_mean(-ranked[::-1], TAIL, None if of_world is None else of_world[::-1])
    return Spread(
        n=n,
        n_undefined=values.size - n,
        mean=Estimate(float(ranked.mean()), error_of_mean(ranked, of_world)),
        quantiles=(low, middle, high),
        tail_mean=tail if more_is_better else Estimate(-tail.value, tail.error),
        worlds_share=float("nan") if of_world is None else design_effect(ranked, of_world)[0],
    )


def error_of_mean(values: FloatArray, world: IntArray | None = None) -> float:
    """Standard error of the mean of one value a future, shape (n_futures,); worlds as in `spread_of`.

    Returns:
        NaN for one future alone.
    """
    if values.size < 2:
        return float("nan")
    effect = 1.0 if world is None else design_effect(values, world)[1]
    return float(values.std(ddof=1) * np.sqrt(effect / values.size))


def design_effect(values: FloatArray, world: IntArray) -> tuple[float, float]:
    """Share of the variance between worlds, and by how much they raise that of a mean (Kish 1965).

    One-way analysis of variance; with m futures a world the variance of a mean is 1 + (m - 1) share times as large.
    """
    counts = np.bincount(world)
    n = counts[counts > 0]
    if n.size < 2 or values.size <= n.size:
        return float("nan"), 1.0
    means = np.bincount(world, values) / np.maximum(counts, 1)
    between = float(counts @ (means - values.mean()) ** 2) / (n.size - 1)
    within = float(((values - means[world]) ** 2).sum()) / (values.size - n.size)
    m = values.size / n.size
    total = between + (m - 1.0) * within
    share = min(max((between - within) / total, 0.0), 1.0) if total > 0.0 else 0.0
    return share, 1.0 + (m - 1.0) * share


def counted(inputs: FloatArray, fails: BoolArray, world: IntArray) -> FloatArray:
    """Futures that one tells as much as, of each input, where several share a world; shape (n_inputs,), at most 1.

    The share of worlds in the variance of failures counts as far as worlds make that of the input (Moulton 1986): all
    of it for what a world has one value of, none for what differs from future to future.

    Args:
        inputs: shape (n_futures, n_inputs).
        fails: shape (n_futures,).
        world: of each future.
    """
    share, effect = design_effect(fails.astype(np.float64), world)
    if not share > 0.0:
        return np.ones(inputs.shape[1])
    of_inputs = np.array([design_effect(column, world)[0] for column in inputs.T])
    return np.asarray(1.0 / (1.0 + (effect - 1.0) * np.nan_to_num(of_inputs)))


def tail_mean(values: FloatArray, share: float, *, more_is_better: bool = True) -> float:
    """Mean of the worst share of the values; the value at the border counts in part.

    Example:
        Ten futures; the worst fifth, and the worst 15 %.

        >>> ten = np.array([-5.0, -2.0, 0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0])
        >>> tail_mean(ten, 0.2), tail_mean(ten, 0.15)
        (-3.5, -4.0)
    """
    ranked = np.sort(values if more_is_better else -values)
    worst = _tail_mean(ranked, share).value
    return worst if more_is_better else -worst


def chance(holds: BoolArray, world: IntArray | None = None) -> Estimate:
    """Share of the futures in which something holds, shape (n_futures,); worlds as in `spread_of`."""
    share = float(np.mean(holds))
    effect = 1.0 if world is None else design_effect(holds.astype(np.float64), world)[1]
    return Estimate(share, float(np.sqrt(effect * share * (1.0 - share) / holds.size)))


def chance_range(holds: BoolArray, world: IntArray | None = None) -> tuple[float, float]:
    """Where the chance lies with 95 % confidence (Wilson 1927); also where all futures agree.

    Args:
        holds: shape (n_futures,).
        world: of each future, where several share one: where all agree, each world counts once.

    Example:
        Ten of ten futures leave room for a chance of 72 %.

        >>> low, high = chance_range(np.ones(10, dtype=bool))
        >>> round(low, 3), high
        (0.722, 1.0)
    """
    share, n = float(np.mean(holds)), float(holds.size)
    if world is not None:
        effect = design_effect(holds.astype(np.float64), world)[1]
        n = n / effect if 0.0 < share < 1.0 else float(np.unique(world).size)
    z2 = 1.959963984540054**2
    middle, half = share + z2 / (2.0 * n), np.sqrt(z2 * (share * (1.0 - share) + z2 / (4.0 * n)) / n)
    whole = 1.0 + z2 / n
    return max(0.0, min(share, float(middle - half) / whole)), min(1.0, max(share, float(middle + half) / whole))


def _ranked(values: FloatArray, world: IntArray | None) -> tuple[FloatArray, IntArray | None]:
    """Values that are defined, rising, and the world of each."""
    n = np.count_nonzero(~np.isnan(values))
    if world is None:
        return np.sort(values)[:n], None  # NaN come last
    order = np.argsort(values, kind="stable")[:n]
    return values[order], world[order]


def _quantile(ranked: FloatArray, share: float, world: IntArray | None = None) -> Estimate:
    """A quantile of rising values; its error is that of the share below it, over the density there (Woodruff 1952).

    The density is read off the order statistics one standard deviation of that share to either side; what worlds add
    to the variance is the design effect of the share, not that of the mean.

    Args:
        ranked: shape (n,).
        share: of the values below it.
        world: of each value, where several share one.
    """
    value = float(np.quantile(ranked, share))
    below = (ranked <= value).astype(np.float64)
    effect = 1.0 if world is None else design_effect(below, world)[1]
    half = np.sqrt(effect * share * (1.0 - share) / ranked.size)
    least, most = max(0.0, share - half), min(1.0, share + half)
    low, high = np.quantile(ranked, [least, most])
    return Estimate(value, float((high - low) / (most - least) * half))


def _tail_mean(ranked: FloatArray, share: float, world: IntArray | None = None) -> Estimate:
    """Mean of the lowest share of rising values; its error by the influence function, worlds as in `_quantile`."""
    n = ranked.size
    many = share * n
    whole = min(int(many), n)
    border = ranked[min(whole, n - 1)]
    value = (ranked[:whole].sum() + (many - whole) * border) / many
    return Estimate(float(value), error_of_mean(np.minimum(ranked - border, 0.0) / share, world))
