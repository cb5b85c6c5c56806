"""What the levels of a factor do to a measure: medians and quartiles, and whether ranks over blocks say they differ.

A block is a combination of all other factors, the seed among them: within it only the factor changes. Where every
block is complete, the levels are ranked within blocks: two by Wilcoxon's signed-rank test (1945), more by Friedman's
(1937). Else the levels are compared as independent samples by Kruskal and Wallis (1952), which is weaker.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pandas as pd

from data.arrays import FloatArray

Test = Literal["wilcoxon", "friedman", "kruskal", "none"]


@dataclass(frozen=True)
class LevelSpread:
    """A measure at one level of a factor.

    Attributes:
        level: of the factor.
        n: runs.
        low_quartile: first quartile (linear between ranks).
        median: of the runs.
        high_quartile: third quartile.
    """

    level: Any
    n: int
    low_quartile: float
    median: float
    high_quartile: float


@dataclass(frozen=True)
class FactorEffect:
    """What a factor does to a measure.

    Attributes:
        factor: name.
        levels: in their order.
        test: by which the levels were compared; none = there is too little to compare.
        n_blocks: blocks or, of Kruskal's test, runs that it rests on.
        statistic: of the test; NaN where there is none.
        p_value: chance of ranks at least as uneven if the levels did the same; NaN where there is none.
    """

    factor: str
    levels: tuple[LevelSpread, ...]
    test: Test = "none"
    n_blocks: int = 0
    statistic: float = float("nan")
    p_value: float = float("nan")


def factor_effects(table: pd.DataFrame, factors: Sequence[str], measure: str) -> tuple[FactorEffect, ...]:
    """Medians, quartiles and a test for every factor that has several levels.

    Args:
        table: one row a run, with the factors and the measure; rows without a measure are left out.
        factors: columns, the seed among them.
        measure: column.
    """
    known = table[table[measure].notna()] if measure in table else table.iloc[:0]
    varied = [name for name in factors if len(set(known[name])) > 1]
    return tuple(_effect(known, name, [other for other in varied if other != name], measure) for name in varied)


def _effect(known: pd.DataFrame, factor: str, others: Sequence[str], measure: str) -> FactorEffect:
    levels = list(dict.fromkeys(known[factor]))
    spreads = tuple(_spread(level, known.loc[known[factor] == level, measure].to_numpy(np.float64)) for level in levels)
    blocks = _blocks(known, factor, others, measure, levels)
    if blocks is None:
        samples = [known.loc[known[factor] == level, measure].to_numpy(np.float64) for level in levels]
        return FactorEffect(factor, spreads, *_kruskal(samples))
    return FactorEffect(factor, spreads, *_ranked(blocks))


def _spread(level: object, values: FloatArray) -> LevelSpread:
    low, middle, high = np.quantile(values, [0.25, 0.5, 0.75]).tolist()
    return LevelSpread(level, len(values), low, middle, high)


def _blocks(
    known: pd.DataFrame, factor: str, others: Sequence[str], measure: str, levels: Sequence[Any]
) -> FloatArray | None:
    """The measure by block and level, shape (n_blocks, n_levels); None where a block lacks a level or has one twice."""
    if known.duplicated([*others, factor]).any():
        return None
    blocks = [block for _, block in known.groupby(list(others), sort=False)] if others else [known]
    rows = [block.set_index(factor)[measure].reindex(list(levels)).to_numpy(np.float64) for block in blocks]
    table = np.stack(rows)
    return table if np.isfinite(table).all() else None


def _ranked(blocks: FloatArray) -> tuple[Test, int, float, float]:
    """Wilcoxon's or Friedman's test of complete blocks."""
    from scipy.stats import friedmanchisquare, wilcoxon

    n_blocks, n_levels = blocks.shape
    if n_blocks < 2:
        return "none", n_blocks, float("nan"), float("nan")
    if n_levels == 2:
        if np.all(blocks[:, 0] == blocks[:, 1]):
            return "wilcoxon", n_blocks, 0.0, 1.0
        found = wilcoxon(blocks[:, 0], blocks[:, 1], zero_method="wilcox", method="auto")
        return "wilcoxon", n_blocks, float(found.statistic), float(found.pvalue)
    if np.all(blocks == blocks[:, :1]):
        return "friedman", n_blocks, 0.0, 1.0
    found = friedmanchisquare(*blocks.T)
    return "friedman", n_blocks, float(found.statistic), float(found.pvalue)


def _kruskal(samples: Sequence[FloatArray]) -> tuple[Test, int, float, float]:
    """Kruskal and Wallis' test of independent samples."""
    from scipy.stats import kruskal

    n_runs = sum(map(len, samples))
    if min(map(len, samples)) < 2:
        return "none", n_runs, float("nan"), float("nan")
    if np.all(np.concatenate(samples) == samples[0][0]):
        return "kruskal", n_runs, 0.0, 1.0
    found = kruskal(*samples)
    return "kruskal", n_runs, float(found.statistic), float(found.pvalue)
