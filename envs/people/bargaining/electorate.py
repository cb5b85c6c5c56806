"""The registered households of a village vote: their valuations drawn one by one, and the household that decides.

Household h of group g accepts an offer V where V >= B a_g exp(e_h): its ratio a_g exp(e_h) is what it wants for each
yuan it gives up. The offer is the same for all, so the ratios alone order the households, whatever is offered.
"""

from __future__ import annotations

from fractions import Fraction

import numpy as np

from data.arrays import FloatArray, IntArray
from envs.kernel.consent import Voters
from envs.people.generator import Stream, place_generator

LARGEST_DENOMINATOR = 100
"""A threshold is the simplest share near the book's decimals: 0.6667 is two thirds, 0.95 nineteen of twenty."""


def n_needed(threshold: float, n_households: IntArray) -> IntArray:
    """Households whose consent is needed: the threshold's share of them, rounded up.

    Args:
        threshold: share wanted [0..1].
        n_households: any shape.

    Returns:
        Same shape; at least 1 where anybody votes.

    Example:
        >>> n_needed(0.6667, np.array([0, 1, 3, 5, 300]))
        array([  0,   1,   2,   4, 200])
    """
    share = Fraction(threshold).limit_denominator(LARGEST_DENOMINATOR)
    needed = -(-n_households * share.numerator // share.denominator)
    return np.minimum(np.maximum(needed, 1), n_households)


def n_registered_households(registered: FloatArray, household_size: float) -> IntArray:
    """Households that vote: registered residents by the book's household, at least one where anybody is registered.

    Example:
        >>> n_registered_households(np.array([0.0, 1.0, 300.0]), 3.0)
        array([  0,   1, 100])
    """
    whole = np.maximum(np.rint(registered / household_size), 1.0)
    return np.where(registered > 0.0, whole, 0.0).astype(np.int64)


def draw_ratios(seed: int, village_id: str, n_households: int, n_draws: int, voters: Voters) -> FloatArray:
    """What each household of a village wants for each yuan it gives up, drawn again and again.

    Args:
        seed: of the draws; a village's do not depend on other villages, nor the first on how many there are.
        village_id: id.
        n_households: that vote.
        n_draws: R.
        voters: shares and attachments of the groups, spread of the valuations.

    Returns:
        a_g exp(e_h), shape (n_draws, n_households) [x].
    """
    shape = (n_draws, n_households)
    chance = place_generator(seed, village_id, Stream.VOTING_GROUPS).random(shape)
    valuation = place_generator(seed, village_id, Stream.VALUATIONS).standard_normal(shape)
    group = np.searchsorted(np.cumsum(voters.weights)[:-1], chance, side="right")
    return np.asarray(voters.attachments)[group] * np.exp(voters.sigma * valuation)


def pivotal_ratio(ratios: FloatArray, needed: int) -> FloatArray:
    """Ratio of the household that decides: the last of the `needed` that want least.

    Args:
        ratios: a_g exp(e_h), shape (..., n_households).
        needed: households whose consent is needed, at least 1.

    Returns:
        Shape (...) [x]: with an offer of so many times B exactly `needed` households agree.

    Example:
        Of five households four must agree.

        >>> pivotal_ratio(np.exp([0.2, 0.05, -0.1, -0.3, -0.6]), needed=4).round(6)
        np.float64(1.051271)
    """
    return np.partition(ratios, needed - 1, axis=-1)[..., needed - 1]


def draw_pivotal_ratios(
    seed: int, village_ids: list[str], n_households: IntArray, n_draws: int, *, voters: Voters, threshold: float
) -> FloatArray:
    """Ratio of the household that decides in each village and draw.

    Args:
        seed: of the draws.
        village_ids: one for each village.
        n_households: shape (n_villages,).
        n_draws: R.
        voters: groups of households.
        threshold: consent wanted [0..1].

    Returns:
        Shape (n_villages, n_draws) [x]; 0 where nobody votes.
    """
    pivotal = np.zeros((len(village_ids), n_draws))
    needed = n_needed(threshold, n_households)
    for row, village_id in enumerate(village_ids):
        if n_households[row]:
            ratios = draw_ratios(seed, village_id, int(n_households[row]), n_draws, voters)
            pivotal[row] = pivotal_ratio(ratios, int(needed[row]))
    return pivotal
