"""What moves an outcome: Sobol indices of groups of uncertainties, sampled and estimated by SALib.

The first index of a group is the share of the variance that is gone once the group is known; the total index is the
share that stays when all others are known (Sobol 1993, Homma & Saltelli 1996; estimators of Saltelli et al. 2010).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from data.arrays import FloatArray
from data.errors import refuse

N_RESAMPLES = 200
CONFIDENCE, NORMAL_QUANTILE = 0.95, 1.959963984540054
LARGEST_SEED = 2**32


@dataclass(frozen=True, eq=False)
class VarianceShares:
    """Sobol indices of one outcome.

    Attributes:
        groups: names.
        first: index of each group alone, shape (n_groups,).
        first_error: standard error, by bootstrap.
        total: index of each group with all it interacts with.
        total_error: standard error.
    """

    groups: tuple[str, ...]
    first: FloatArray
    first_error: FloatArray
    total: FloatArray
    total_error: FloatArray


def variance_shares(
    groups: Sequence[str], evaluate: Callable[[FloatArray], FloatArray], *, n: int, seed: int
) -> list[VarianceShares]:
    """Sobol indices of outcomes over groups of uncertainties.

    Args:
        groups: of each uncertainty, shape (n_inputs,).
        evaluate: uniform numbers in (0, 1), shape (n_rows, n_inputs), to outcomes, shape (n_rows, n_outcomes).
        n: base sample, a power of two; n x (number of groups + 2) rows are evaluated.
        seed: of the sample.

    Returns:
        One for each outcome; all 0 for one that nothing moves, NaN for one that is not defined in every row.

    Raises:
        InputError: SALib is not installed, or n is no power of two.
    """
    sample, analyze = _checked(n)
    names = list(dict.fromkeys(groups))
    problem: dict[str, Any] = {
        "num_vars": len(groups),
        "names": [f"u{k}" for k in range(len(groups))],
        "groups": list(groups),
        "bounds": [[0.0, 1.0]] * len(groups),
    }
    tiny = np.finfo(np.float64).eps
    rows = np.clip(sample(problem, n, calc_second_order=False, seed=seed % LARGEST_SEED), tiny, 1.0 - tiny)
    outcomes = evaluate(rows)
    return [_shares(problem, names, outcomes[:, k], analyze, seed) for k in range(outcomes.shape[1])]


def check_sample(n: int) -> None:
    """Refuse a sample before anything is computed; 0 is none.

    Raises:
        InputError: SALib is not installed, or n is no power of two.
    """
    if n:
        _checked(n)


def n_rows(groups: Sequence[str], n: int) -> int:
    """Rows that are evaluated for a base sample."""
    return n * (len(set(groups)) + 2)


def _shares(
    problem: dict[str, Any], names: list[str], values: FloatArray, analyze: Callable[..., Any], seed: int
) -> VarianceShares:
    if np.isnan(values).any() or np.ptp(values) == 0.0:
        nothing = np.full(len(names), np.nan if np.isnan(values).any() else 0.0)
        return VarianceShares(tuple(names), nothing, nothing, nothing, nothing)
    found = analyze(
        problem,
        values,
        calc_second_order=False,
        num_resamples=N_RESAMPLES,
        conf_level=CONFIDENCE,
        seed=seed % LARGEST_SEED,
    )
    return VarianceShares(
        groups=tuple(names),
        first=np.asarray(found["S1"]),
        first_error=np.asarray(found["S1_conf"]) / NORMAL_QUANTILE,
        total=np.asarray(found["ST"]),
        total_error=np.asarray(found["ST_conf"]) / NORMAL_QUANTILE,
    )


def _checked(n: int) -> tuple[Callable[..., FloatArray], Callable[..., Any]]:
    if n < 2 or n & (n - 1):
        raise refuse("sobol_no_power", layer="--sobol", n=n)
    return _salib()


def _salib() -> tuple[Callable[..., FloatArray], Callable[..., Any]]:
    try:
        from SALib.analyze import sobol as analysis
        from SALib.sample import sobol as sampling
    except ImportError:
        raise refuse("extra_stress_missing", layer="--sobol") from None
    return sampling.sample, analysis.analyze
