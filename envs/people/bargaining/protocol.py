"""Monotonic concession (Zeuthen 1930; multilateral: Endriss, AAMAS 2006): all projects bargain at once.

Whose offer has the smaller product of utilities concedes, as Harsanyi showed for two parties. It ends at a package of
the largest product: each party may always turn to the package of rank one, so what it offers is worth that to it at
least, and an offer that all like as much as their own has no smaller product.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from data.arrays import BoolArray, FloatArray, IntArray

NOBODY = -1
"""In place of a package or party that is not there."""


@dataclass(frozen=True, eq=False)
class Bargain:
    """What bargaining ended with.

    Attributes:
        agreed: shape (n_projects,).
        package: agreed upon; in deadlock the package nearest to agreement, NOBODY without any legal one. (n_projects,).
        blocker: party that is worst off there, NOBODY where agreed, (n_projects,).
        delay_yr: shape (n_projects,); NaN in deadlock.
        n_concessions: shape (n_projects,).
        offers: packages that stand before each concession and at the end, (n_rounds, n_projects, n_parties); NOBODY of
            a party without a veto and in deadlock; the last ones stay.
    """

    agreed: BoolArray
    package: IntArray
    blocker: IntArray
    delay_yr: FloatArray
    n_concessions: IntArray
    offers: IntArray


@dataclass(frozen=True, eq=False)
class _Ranked:
    """Packages in rising rank: first those that cannot be offered, last that of the largest product.

    Attributes:
        order: package at each rank, shape (n_projects, n_packages).
        worth: utility of the package at each rank, shape (n_projects, n_packages, n_parties); -inf where it cannot be
            offered, 0 to a party without a veto, which therefore stands behind the last and never concedes.
        can_agree: True where some package can be offered, shape (n_projects,).
        best_from: rank of what a party likes best among that rank and those above, ties: higher; as `worth`.
    """

    order: IntArray
    worth: FloatArray
    can_agree: BoolArray
    best_from: IntArray


def acceptable(utility: FloatArray, *, veto: BoolArray, legal: BoolArray) -> BoolArray:
    """Packages that may be offered: legal, and no party with a veto loses.

    Args:
        utility: of each package to each party, 0 = no agreement, shape (n_projects, n_packages, n_parties).
        veto: shape (n_projects, n_parties).
        legal: shape (n_projects, n_packages).

    Returns:
        Shape (n_projects, n_packages).
    """
    return legal & np.all((utility >= 0.0) | ~veto[:, None, :], axis=2)


def nash_product(utility: FloatArray, veto: BoolArray) -> FloatArray:
    """Product of the utilities of the parties with a veto, in their order; shape (n_projects, n_packages)."""
    product = np.ones(utility.shape[:2])
    for party in range(utility.shape[2]):
        product = product * np.where(veto[:, None, party], utility[:, :, party], 1.0)
    return product


def bargain(utility: FloatArray, *, veto: BoolArray, legal: BoolArray, full_concession_yr: float) -> Bargain:
    """Bargain over the packages of every project.

    Each party starts from its best package. A standing offer that every party likes at least as much as its own is
    agreed. Otherwise the party whose offer ranks lowest concedes to what it likes best among the packages above it.

    Args:
        utility: 0 = no agreement, shape (n_projects, n_packages, n_parties).
        veto: who has to agree, shape (n_projects, n_parties).
        legal: packages that exist, shape (n_projects, n_packages).
        full_concession_yr: delay if every party gave up all of its best [yr].

    Returns:
        See Bargain.

    Example:
        The first prefers 10 to 6 to 3, the second 8 to 6 to 2; 10 x 2 is less than 3 x 8, so the first concedes first.

        >>> result = bargain(
        ...     np.array([[[10.0, 2.0], [6.0, 6.0], [3.0, 8.0]]]),
        ...     veto=np.ones((1, 2), dtype=bool),
        ...     legal=np.ones((1, 3), dtype=bool),
        ...     full_concession_yr=2.0,
        ... )
        >>> result.package, result.offers[:, 0].tolist(), result.delay_yr
        (array([1]), [[0, 2], [1, 2], [1, 1]], array([0.65]))
    """
    ranked = _ranked(utility, veto, legal)
    final, rounds, n_concessions = _concede(ranked)
    blocked, blocker = nearest_to_agreement(utility, veto=veto, legal=legal)
    package = np.where(ranked.can_agree, _package_at(ranked, final), blocked)
    offers = np.stack([_package_at(ranked, offer) for offer in rounds])
    return Bargain(
        agreed=ranked.can_agree,
        package=package,
        blocker=np.where(ranked.can_agree, NOBODY, blocker),
        delay_yr=full_concession_yr * np.where(ranked.can_agree, _given_up_share(ranked, final, veto), np.nan),
        n_concessions=n_concessions,
        offers=np.where(veto & ranked.can_agree[:, None], offers, NOBODY),
    )


def largest_product(utility: FloatArray, *, veto: BoolArray, legal: BoolArray) -> IntArray:
    """Acceptable package of the largest Nash product, ties: lower index; NOBODY in deadlock. Shapes as `bargain`."""
    return _best_acceptable(nash_product(utility, veto), acceptable(utility, veto=veto, legal=legal))


def take_it_or_leave_it(utility: FloatArray, proposer: int, *, veto: BoolArray, legal: BoolArray) -> IntArray:
    """What a party proposes if the others can only take or leave it: its best acceptable package.

    Args:
        utility: shape (n_projects, n_packages, n_parties).
        proposer: the party.
        veto: shape (n_projects, n_parties).
        legal: shape (n_projects, n_packages).

    Returns:
        Shape (n_projects,), ties: larger product, then lower index; NOBODY in deadlock.
    """
    can = acceptable(utility, veto=veto, legal=legal)
    falling = _rising_rank(utility, veto, can)[:, ::-1]
    best = _best_acceptable(
        np.take_along_axis(utility[:, :, proposer], falling, axis=1), np.take_along_axis(can, falling, axis=1)
    )
    return np.where(best == NOBODY, NOBODY, np.take_along_axis(falling, np.maximum(best, 0)[:, None], axis=1)[:, 0])


def nearest_to_agreement(utility: FloatArray, *, veto: BoolArray, legal: BoolArray) -> tuple[IntArray, IntArray]:
    """The package whose worst-off party with a veto is best off, and that party; ties: lower index.

    Returns:
        Two of shape (n_projects,), NOBODY without any legal package. Shapes of the arguments as `bargain`.
    """
    of_veto = np.where(veto[:, None, :], utility, np.inf)
    package = _best_acceptable(np.min(of_veto, axis=2), legal)
    there = np.take_along_axis(of_veto, np.maximum(package, 0)[:, None, None], axis=1)[:, 0]
    return package, np.where(package == NOBODY, NOBODY, np.argmin(there, axis=1))


def _best_acceptable(worth: FloatArray, can: BoolArray) -> IntArray:
    """Position of the largest worth, the first of equals; NOBODY where there is none."""
    return np.where(can.any(axis=1), np.argmax(np.where(can, worth, -np.inf), axis=1), NOBODY)


def _ranked(utility: FloatArray, veto: BoolArray, legal: BoolArray) -> _Ranked:
    can = acceptable(utility, veto=veto, legal=legal)
    order = _rising_rank(utility, veto, can)
    worth = np.where(can[:, :, None], np.where(veto[:, None, :], utility, 0.0), -np.inf)
    worth = np.take_along_axis(worth, order[:, :, None], axis=1)
    return _Ranked(order, worth, np.asarray(can.any(axis=1)), _best_from(worth))


def _rising_rank(utility: FloatArray, veto: BoolArray, can: BoolArray) -> IntArray:
    """Packages by product, those that cannot be offered first; of equals, the lower index ranks higher."""
    product = np.where(can, nash_product(utility, veto), -1.0)
    return product.shape[1] - 1 - np.argsort(product[:, ::-1], axis=1, kind="stable")


def _best_from(worth: FloatArray) -> IntArray:
    """See _Ranked: from the top downwards, the rank of the last strict record."""
    falling = worth[:, ::-1]
    is_record = np.ones(falling.shape, dtype=bool)
    is_record[:, 1:] = falling[:, 1:] > np.maximum.accumulate(falling, axis=1)[:, :-1]
    last = worth.shape[1] - 1
    rank = (last - np.arange(last + 1, dtype=np.int32))[:, None]
    return np.minimum.accumulate(np.where(is_record, rank, last), axis=1)[:, ::-1]


def _concede(ranked: _Ranked) -> tuple[IntArray, list[IntArray], IntArray]:
    """Rank agreed upon by project, the offers of every round, and how many concessions were made."""
    offer = ranked.best_from[:, 0].copy()  # (n_projects, n_parties), ranks
    final, n_concessions = np.zeros(len(offer), dtype=np.int64), np.zeros(len(offer), dtype=np.int64)
    bargaining, rounds = np.flatnonzero(ranked.can_agree), [offer.copy()]
    while bargaining.size:
        standing = offer[bargaining]
        worth = ranked.worth[bargaining[:, None], standing]  # (n, offers, parties)
        own = np.diagonal(worth, axis1=1, axis2=2)
        liked_by_all = np.all(worth >= own[:, None, :], axis=2)
        highest = np.max(np.where(liked_by_all, standing, NOBODY), axis=1)
        is_done = highest != NOBODY
        final[bargaining[is_done]] = highest[is_done]
        bargaining, standing = bargaining[~is_done], standing[~is_done]
        if bargaining.size:
            party = np.argmin(standing, axis=1)
            above = standing[np.arange(party.size), party] + 1
            offer[bargaining, party] = ranked.best_from[bargaining, above, party]
            n_concessions[bargaining] += 1
            rounds.append(offer.copy())
    return final, rounds, n_concessions


def _given_up_share(ranked: _Ranked, final: IntArray, veto: BoolArray) -> FloatArray:
    """Mean over the parties with a veto of what they gave up of their best; shape (n_projects,)."""
    project, party = np.arange(len(final))[:, None], np.arange(veto.shape[1])[None, :]
    best = ranked.worth[project, ranked.best_from[:, 0], party]
    agreed = ranked.worth[project, final[:, None], party]
    matters = veto & (best > 0.0)
    share = np.where(matters, best - np.where(matters, agreed, 0.0), 0.0) / np.where(matters, best, 1.0)
    return share.sum(axis=1) / np.maximum(veto.sum(axis=1), 1)


def _package_at(ranked: _Ranked, rank: IntArray) -> IntArray:
    """Packages at ranks of shape (n_projects,) or (n_projects, n_parties); same shape."""
    return np.take_along_axis(ranked.order, rank.reshape(len(ranked.order), -1), axis=1).reshape(rank.shape)
