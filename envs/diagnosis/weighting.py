"""Weights of conditions in two levels: equal, given, by entropy (Shannon), by comparison in pairs (AHP, Saaty 1980)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from data.arrays import BoolArray, FloatArray
from data.diagnosis.weight_choice import DIMENSION_LEVEL, WeightChoice
from data.errors import refuse
from data.parameter import unknown_name
from envs.diagnosis.condition import DIMENSIONS, NAMES, members_of
from envs.kernel.services.pairwise_comparison import MOST_INCONSISTENT, Comparison, pairwise_weights


@dataclass(frozen=True, eq=False)
class Weights:
    """Weights of all conditions, and how they came about.

    Attributes:
        of_conditions: shape (n_conditions,), sum 1.
        comparisons: of the dimensions and within some of them; only by AHP.
    """

    of_conditions: FloatArray
    comparisons: Mapping[str, Comparison]

    def of_dimensions(self) -> FloatArray:
        """Sum by dimension, shape (n_dimensions,)."""
        return np.array([self.of_conditions[members_of(name)].sum() for name in DIMENSIONS])


def entropy_weights(scaled: FloatArray) -> FloatArray:
    r"""Weights by unevenness: what differs more unevenly between the villages weighs more.

    $$ p_{ik} = x'_{ik} / \sum_i x'_{ik}, \quad e_k = -\sum_i p_{ik} \ln p_{ik} / \ln n_k, \quad
    w_k = (1 - e_k) / \sum_k (1 - e_k) $$ over the n_k villages of which k is known. A condition in which nobody
    differs weighs 0.

    Args:
        scaled: on the scale of min and max, shape (n_villages, n_conditions) [0..1]; NaN where not known.

    Returns:
        shape (n_conditions,), sum 1; equal where nothing differs at all.

    Example:
        The columns (1, 2, 3) and (1, 1, 3) on the scale of min and max, and a constant one.

        >>> entropy_weights(np.array([[0.0, 0.0, 0.0], [0.5, 0.0, 0.0], [1.0, 1.0, 0.0]])).round(4)
        array([0.2961, 0.7039, 0.    ])
    """
    unevenness = np.array([_unevenness(column[~np.isnan(column)]) for column in scaled.T])
    if not unevenness.sum() > 0.0:
        return np.full(scaled.shape[1], 1.0 / scaled.shape[1])
    return unevenness / unevenness.sum()


def _unevenness(known: FloatArray) -> float:
    """1 less the entropy of one column; 0 where nobody differs."""
    if known.size < 2 or not known.max() > known.min():
        return 0.0
    share = known[known > 0.0] / known.sum()
    return max(0.0, float(1.0 + (share * np.log(share)).sum() / np.log(known.size)))


def chosen_weights(choice: WeightChoice, scaled: FloatArray) -> Weights:
    """Weights of all conditions by the method that is chosen.

    Args:
        choice: method and what it needs.
        scaled: of the villages, which the entropy reads, shape (n_villages, n_conditions) [0..1].

    Raises:
        InputError: an unknown name, no positive weight, a malformed comparison, or one that is inconsistent and not
            confirmed.
    """
    if choice.method == "entropy":
        return Weights(entropy_weights(scaled), {})
    if choice.method == "ahp":
        return _by_comparison(choice)
    if choice.method == "manual":
        of_dimensions = _normalized(choice.dimensions, DIMENSIONS, "dimensions", missing=0.0)
        return Weights(_spread(of_dimensions, _within_given(choice.conditions)), {})
    if choice.method == "published":
        return Weights(_spread(choice.published_weights(DIMENSIONS), _within_given({})), {})
    return Weights(_spread(np.full(len(DIMENSIONS), 1.0 / len(DIMENSIONS)), _within_given({})), {})


def _spread(of_dimensions: FloatArray, within: FloatArray) -> FloatArray:
    """Dimension by dimension, divided over its conditions; both levels sum to 1."""
    weights = np.zeros(len(NAMES))
    for k, name in enumerate(DIMENSIONS):
        weights += of_dimensions[k] * np.where(members_of(name), within, 0.0)
    return weights / weights.sum()


def _within_given(given: Mapping[str, float]) -> FloatArray:
    """Second level: what is given, each dimension summing to 1; equal in a dimension of which nothing is given."""
    _refuse_unknown(given, NAMES, "conditions")
    value = np.array([given.get(name, 0.0) for name in NAMES])
    for name in DIMENSIONS:
        mask = members_of(name)
        if not any(item in given for item, member in zip(NAMES, mask, strict=True) if member):
            value[mask] = 1.0
        value[mask] = _positive_share(value[mask], f"conditions: {name}")
    return value


def _normalized(given: Mapping[str, float], names: tuple[str, ...], layer: str, *, missing: float) -> FloatArray:
    _refuse_unknown(given, names, layer)
    return _positive_share(np.array([given.get(name, missing) for name in names]), layer)


def _positive_share(value: FloatArray, layer: str) -> FloatArray:
    if not value.sum() > 0.0:
        raise refuse("weights_all_zero", layer=layer)
    return value / value.sum()


def _refuse_unknown(given: Mapping[str, object], names: tuple[str, ...], layer: str) -> None:
    for name in given:
        if name not in names:
            raise refuse(unknown_name(name, names), layer=layer)


def _by_comparison(choice: WeightChoice) -> Weights:
    """AHP of the dimensions, and of the conditions of those dimensions for which a matrix is given."""
    _refuse_unknown(choice.comparisons, (DIMENSION_LEVEL, *DIMENSIONS), "comparisons")
    if DIMENSION_LEVEL not in choice.comparisons:
        raise refuse("pairs_missing", layer=f"comparisons: {DIMENSION_LEVEL}")
    told: dict[str, Comparison] = {}
    within = _within_given({})
    for level, rows in choice.comparisons.items():
        mask: BoolArray = np.ones(len(DIMENSIONS), bool) if level == DIMENSION_LEVEL else members_of(level)
        if len(rows) != mask.sum() or any(len(row) != len(rows) for row in rows):
            raise refuse("pairs_of_wrong_size", layer=f"comparisons: {level}", n=int(mask.sum()))
        told[level] = pairwise_weights(np.array(rows, dtype=float), layer=f"comparisons: {level}")
        if level != DIMENSION_LEVEL:
            within[mask] = told[level].weights
    _refuse_inconsistent(told, accepted=choice.accept_inconsistent)
    return Weights(_spread(told[DIMENSION_LEVEL].weights, within), told)


def _refuse_inconsistent(told: Mapping[str, Comparison], *, accepted: bool) -> None:
    for level, comparison in told.items():
        if not (comparison.is_consistent or accepted):
            raise refuse(
                "pairs_inconsistent",
                layer=f"comparisons: {level}",
                ratio=comparison.consistency_ratio,
                most=MOST_INCONSISTENT,
            )
