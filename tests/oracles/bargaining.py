"""Bargaining of one project (people page, P4 and P5), by plain loops: monotonic concession over a list of packages.

Read where the page leaves room:
- a larger product ranks higher, of equal products the lower index; products are taken in the order of the parties;
- a party without a veto makes no offer and counts neither in products nor in the delay;
- in a deadlock of packages with the same lowest utility the lower index is named, of equal parties the lower one;
- of n agreeing draws the i-th of 16 quantiles lies at (i + 0.5) / 16 x n - 0.5 of the sorted ones, clipped, between
  neighbors linearly; a draw as near to two quantiles takes the lower.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from fractions import Fraction

Utilities = Sequence[Sequence[float]]
"""By package and party; 0 = no agreement."""


@dataclass(frozen=True)
class Bargain:
    """How a project ends."""

    package: int | None  # agreed, or nearest to agreement; None where there is none at all
    blocker: int | None = None  # party that stands against the nearest package
    delay_yr: float = math.nan
    offers: list[list[int]] = field(default_factory=list)  # of the parties with a veto, before each concession

    @property
    def agreed(self) -> bool:
        """True where no party stands against the package."""
        return self.package is not None and self.blocker is None


@dataclass(frozen=True)
class Table:
    """Packages on the table, the best ranked first, and the parties that must agree."""

    utilities: Utilities
    parties: list[int]
    ranked: list[int]

    def best(self, party: int, packages: Sequence[int]) -> int:
        """The package that a party likes best; of equal ones the one that ranks higher."""
        most = max(self.utilities[p][party] for p in packages)
        return next(p for p in self.ranked if p in packages and self.utilities[p][party] == most)

    def above(self, package: int) -> list[int]:
        """Packages that rank above one."""
        return self.ranked[: self.ranked.index(package)]


def table_of(utilities: Utilities, veto: Sequence[bool], legal: Sequence[bool]) -> Table:
    """Legal packages that leave no party with a veto below 0, by rank."""
    parties = [k for k, has in enumerate(veto) if has]
    products = {}
    for p, row in enumerate(utilities):
        if legal[p] and all(row[k] >= 0.0 for k in parties):
            products[p] = math.prod(row[k] for k in parties)
    return Table(utilities, parties, sorted(products, key=lambda p: (-products[p], p)))


def nearest_to_agreement(utilities: Utilities, veto: Sequence[bool], legal: Sequence[bool]) -> Bargain:
    """The deadlock: the package whose lowest utility is nearest to 0, and the party that has it."""
    lowest = {p: min(u for u, v in zip(utilities[p], veto, strict=True) if v) for p, ok in enumerate(legal) if ok}
    if not lowest:
        return Bargain(None)
    package = min(lowest, key=lambda p: (-lowest[p], p))
    blocker = next(k for k, has in enumerate(veto) if has and utilities[package][k] == lowest[package])
    return Bargain(package, blocker)


def bargain(utilities: Utilities, veto: Sequence[bool], legal: Sequence[bool], full_concession_yr: float) -> Bargain:
    """Monotonic concession (Zeuthen 1930, by Harsanyi's products) until one offer suits all.

    Args:
        utilities: by package and party.
        veto: of each party.
        legal: whether each package exists.
        full_concession_yr: delay where every party gives up all of its best.
    """
    table = table_of(utilities, veto, legal)
    if not table.ranked:
        return nearest_to_agreement(utilities, veto, legal)
    best = [table.best(k, table.ranked) for k in table.parties]
    offers, log = list(best), [list(best)]
    while (agreed := _standing_agreement(table, offers)) is None:
        last = max(range(len(offers)), key=lambda i: (table.ranked.index(offers[i]), -i))
        offers[last] = table.best(table.parties[last], table.above(offers[last]))
        log.append(list(offers))
    given_up = []
    for k, favorite in zip(table.parties, best, strict=True):
        hoped = utilities[favorite][k]
        given_up.append((hoped - utilities[agreed][k]) / hoped if hoped > 0.0 else 0.0)
    return Bargain(agreed, None, full_concession_yr * sum(given_up) / len(given_up), log)


def _standing_agreement(table: Table, offers: Sequence[int]) -> int | None:
    for package in table.ranked:
        if package in offers and all(
            table.utilities[package][k] >= table.utilities[own][k] for k, own in zip(table.parties, offers, strict=True)
        ):
            return package
    return None


def largest_product(utilities: Utilities, veto: Sequence[bool], legal: Sequence[bool]) -> int | None:
    """Package of the largest product of utilities (Nash 1950); None where none is acceptable."""
    ranked = table_of(utilities, veto, legal).ranked
    return ranked[0] if ranked else None


def take_it_or_leave_it(utilities: Utilities, party: int, veto: Sequence[bool], legal: Sequence[bool]) -> int | None:
    """Package that a party offers where the others can only say yes or no."""
    table = table_of(utilities, veto, legal)
    return table.best(party, table.ranked) if table.ranked else None


def households_needed(threshold: float, households: int) -> int:
    """The threshold x households, rounded up in whole numbers; 0.6667 is read as two thirds."""
    share = Fraction(threshold).limit_denominator(100)
    return max(1, math.ceil(share * households))


def pivotal_household(log_gains: Sequence[float], threshold: float) -> float:
    """ln V - ln B - ln a - e of the last household needed, counted from the best off."""
    return sorted(log_gains, reverse=True)[households_needed(threshold, len(log_gains)) - 1]


def quantiles(values: Sequence[float], n: int = 16) -> list[float]:
    """Values in the middle of n equally many, between neighbors linearly (Hazen)."""
    ordered, found = sorted(values), []
    for i in range(n):
        position = min(max((i + 0.5) / n * len(ordered) - 0.5, 0.0), len(ordered) - 1.0)
        low = int(position)
        high = min(low + 1, len(ordered) - 1)
        found.append(ordered[low] + (position - low) * (ordered[high] - ordered[low]))
    return found


@dataclass(frozen=True)
class Draws:
    """A project over draws of its households; lists run over the draws."""

    agreed: list[bool]
    bargains: list[Bargain | None]  # what is read off the nearest quantile; None where it does not agree
    utilities: list[list[float]]  # of the agreed package at that quantile; empty where it does not agree

    @property
    def probability(self) -> float:
        """Share of draws that agree."""
        return sum(self.agreed) / len(self.agreed)


def bargain_draws(
    utilities: Utilities,
    reservation: float,
    pivotal: Sequence[float],
    villagers: int,
    veto: Sequence[bool],
    legal: Sequence[bool],
    full_concession_yr: float,
) -> Draws:
    """Bargain over draws of the pivotal household, whose share of the reservation villagers lose.

    Args:
        utilities: by package and party, villagers' without the reservation.
        reservation: of all villagers, in the units of utilities.
        pivotal: a exp(e) of the pivotal household in each draw.
        villagers: index of their party.
        veto: of each party.
        legal: whether each package exists.
        full_concession_yr: delay of a full concession.
    """

    def with_pivotal(ratio: float) -> list[list[float]]:
        return [[u - reservation * ratio if k == villagers else u for k, u in enumerate(row)] for row in utilities]

    agreed = [bool(table_of(with_pivotal(ratio), veto, legal).ranked) for ratio in pivotal]
    agreeing = [ratio for ratio, agrees in zip(pivotal, agreed, strict=True) if agrees]
    points = quantiles(agreeing) if agreeing else []
    ends = [bargain(with_pivotal(point), veto, legal, full_concession_yr) for point in points]
    bargains: list[Bargain | None] = []
    of_draws: list[list[float]] = []
    for ratio, agrees in zip(pivotal, agreed, strict=True):
        if not agrees:
            bargains.append(None)
            of_draws.append([])
            continue
        i = min(range(len(points)), key=lambda j: (abs(points[j] - ratio), j))
        bargains.append(ends[i])
        of_draws.append(with_pivotal(points[i])[ends[i].package] if ends[i].agreed else [])
    return Draws(agreed, bargains, of_draws)


def mean_and_error(values: Sequence[float]) -> tuple[float, float]:
    """Mean and its standard error; NaN where too few."""
    n = len(values)
    mean = sum(values) / n if n else math.nan
    if n < 2:
        return mean, math.nan
    return mean, math.sqrt(sum((v - mean) ** 2 for v in values) / (n - 1) / n)
