"""Medians, quartiles and rank tests, redone on paper."""

from __future__ import annotations

import math

import pandas as pd
import pytest

from app.sweeps.level_ranks import factor_effects


def table(rows: list[tuple[object, ...]]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["scenario", "seed", "value"])


def test_three_levels_are_ranked_within_seeds_by_friedman() -> None:
    """Ranks 1 2 3, 1 2 3, 1 3 2, 2 1 3: sums 5, 8, 11; 12/(4*3*4) * (25 + 64 + 121) - 3*4*4 = 4.5, p = exp(-2.25)."""
    blocks = [(10, 20, 30), (1, 2, 3), (5, 7, 6), (0.2, 0.1, 0.3)]
    rows = [(name, seed, block[k]) for seed, block in enumerate(blocks) for k, name in enumerate("abc")]
    effect = factor_effects(table(rows), ["scenario", "seed"], "value")[0]
    assert (effect.factor, effect.test, effect.n_blocks) == ("scenario", "friedman", 4)
    assert effect.statistic == pytest.approx(4.5)
    assert effect.p_value == pytest.approx(math.exp(-2.25))


def test_two_levels_are_ranked_within_seeds_by_wilcoxon() -> None:
    """Five differences of one sign: no rank on the other side, p = 2 / 2**5."""
    rows = [(name, seed, 10.0 * seed + (seed + 1) * (name == "b")) for seed in range(5) for name in "ab"]
    effect = factor_effects(table(rows), ["scenario", "seed"], "value")[0]
    assert (effect.test, effect.n_blocks, effect.statistic) == ("wilcoxon", 5, 0.0)
    assert effect.p_value == pytest.approx(2 / 32)


def test_incomplete_blocks_are_compared_by_kruskal() -> None:
    """Values 1, 2 against 3, 4 with other seeds: 12/(4*5) * (9/2 + 49/2) - 15 = 2.4."""
    effect = factor_effects(
        table([("a", 0, 1.0), ("a", 1, 2.0), ("b", 2, 3.0), ("b", 3, 4.0)]), ["scenario", "seed"], "value"
    )[0]
    assert (effect.test, effect.n_blocks) == ("kruskal", 4)
    assert effect.statistic == pytest.approx(2.4)


def test_quartiles_are_linear_between_ranks() -> None:
    rows = [("a", seed, float(seed + 1)) for seed in range(4)] + [("b", seed, 9.0) for seed in range(4)]
    first = factor_effects(table(rows), ["scenario", "seed"], "value")[0].levels[0]
    assert (first.level, first.n) == ("a", 4)
    assert (first.low_quartile, first.median, first.high_quartile) == (1.75, 2.5, 3.25)


def test_equal_levels_do_not_differ() -> None:
    rows = [(name, seed, float(seed)) for seed in range(3) for name in "abc"]
    assert factor_effects(table(rows), ["scenario", "seed"], "value")[0].p_value == 1.0


def test_what_is_not_done_or_does_not_vary_is_left_out() -> None:
    rows = [("a", 0, 1.0), ("a", 1, math.nan)]
    assert factor_effects(table(rows), ["scenario", "seed"], "value") == ()
