"""How an indicator spreads over futures: mean, quantiles, worst tail, chance of a target, each with its error."""

from __future__ import annotations

from dataclasses import dataclass, replace

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

    def with_errors(self, times: float) -> Spread:
        """The same with errors so many times as large."""

        def wider(one: Estimate) -> Estimate:
            return Estimate(one.value, times * one.error)

        low, middle, high = map(wider, self.quantiles)
        return replace(self, mean=wider(self.mean), quantiles=(low, middle, high), tail_mean=wider(self.tail_mean))


def spread_of(values: FloatArray, *, more_is_better: bool, world: IntArray | None = None) -> Spread:
    """The spread of an indicator.

    Args:
        values: in each future, shape (n_futures,); NaN where it is undefined.
        more_is_better: which tail is the worst.
        world: of each future, where several share one: what they share tells nothing twice, so that errors are larger.

    Returns:
        NaN everywhere if it is undefined in every future.
    """
    if world is not None:
        defined = ~np.isnan(values)
        share, effect = design_effect(values[defined], world[defined])
        return replace(
            spread_of(values, more_is_better=more_is_better).with_errors(np.sqrt(effect)), worlds_share=share
        )
    ranked = np.sort(values[~np.isnan(values)])
    n = ranked.size
    nothing = Estimate(float("nan"), float("nan"))
    if n == 0:
        return Spread(0, values.size, nothing, (nothing, nothing, nothing), nothing)
    low, middle, high = (_quantile(ranked, q) for q in QUANTILES)
    tail = _tail_mean(ranked if more_is_better else -ranked[::-1], TAIL)
    return Spread(
        n=n,
        n_undefined=values.size - n,
        mean=Estimate(float(ranked.mean()), float(ranked.std(ddof=1) / np.sqrt(n)) if n > 1 else float("nan")),
        quantiles=(low, middle, high),
        tail_mean=tail if more_is_better else Estimate(-tail.value, tail.error),
    )


def design_effect(values: FloatArray, world: IntArray) -> tuple[float, float]:
    """Share of the variance between worlds, and by how much they raise that of a mean (Kish 1965).

    One-way analysis of variance; with m futures a world the variance of a mean is 1 + (m - 1) share times as large.
    """
    numbers, position, n = np.unique(world, return_inverse=True, return_counts=True)
    if numbers.size < 2 or values.size <= numbers.size:
        return float("nan"), 1.0
    mean = np.bincount(position, values) / n
    between = float(n @ (mean - values.mean()) ** 2) / (numbers.size - 1)
    within = float(((values - mean[position]) ** 2).sum()) / (values.size - numbers.size)
    m = values.size / numbers.size
    total = between + (m - 1.0) * within
    share = min(max((between - within) / total, 0.0), 1.0) if total > 0.0 else 0.0
    return share, 1.0 + (m - 1.0) * share


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


def _quantile(ranked: FloatArray, share: float) -> Estimate:
    """A quantile; its error from the order statistics one binomial standard deviation to either side."""
    half = np.sqrt(share * (1.0 - share) / ranked.size)
    low, high = np.quantile(ranked, [max(0.0, share - half), min(1.0, share + half)])
    return Estimate(float(np.quantile(ranked, share)), float(high - low) / 2.0)


def _tail_mean(ranked: FloatArray, share: float) -> Estimate:
    """Mean of the lowest share of rising values; its error by the influence function."""
    n = ranked.size
    many = share * n
    whole = min(int(many), n)
    border = ranked[min(whole, n - 1)]
    value = (ranked[:whole].sum() + (many - whole) * border) / many
    below = np.minimum(ranked - border, 0.0) / share
    error = below.std(ddof=1) / np.sqrt(n) if n > 1 else float("nan")
    return Estimate(float(value), float(error))
