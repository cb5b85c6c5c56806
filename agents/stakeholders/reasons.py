"""Why a party is satisfied with an offer or not: one sentence from the term that moves it most."""

from __future__ import annotations

import math
from dataclasses import dataclass

from agents.stakeholders.stands import Stand
from data.catalogue import Message, message
from envs.people.bargaining.negotiation import Vote


@dataclass(frozen=True)
class Opinion:
    """What a party thinks of a package.

    Attributes:
        utility: CNY per m2 of site, 0 = no agreement.
        is_satisfied: whether it likes the package at least as much as what it is compared with.
        reason: why.
    """

    utility: float
    is_satisfied: bool
    reason: Message


def against_nothing(stand: Stand, package: int) -> Opinion:
    """A package beside no agreement at all: the village as it is."""
    utility = float(stand.utility[package])
    is_satisfied = utility >= 0.0
    if stand.vote is not None:
        return Opinion(utility, is_satisfied, _vote_reason(*stand.vote(package), is_satisfied=is_satisfied))
    terms = stand.term_at(package)
    if not any(terms.values()):
        return Opinion(utility, is_satisfied, message("bargain_reason_nothing"))
    return Opinion(utility, is_satisfied, _moved(terms, stand.party, "gain" if is_satisfied else "loss"))


def against_own(stand: Stand, package: int, own: int) -> Opinion:
    """A package beside the offer that a party itself makes."""
    utility = float(stand.utility[package])
    change = utility - float(stand.utility[own])
    if package == own:
        return Opinion(utility, is_satisfied=True, reason=message("bargain_reason_own"))
    terms = _difference(stand, package, own)
    return Opinion(utility, change >= 0.0, _compared(terms, change, stand.party, ("better", "equal", "worse")))


def of_speaker(stand: Stand, package: int, before: int | None) -> Opinion:
    """What a party says of its own offer: why it opens with it, or what it gives up for it.

    Args:
        stand: of who offers.
        package: what.
        before: its offer until now; None where it opens.
    """
    utility = float(stand.utility[package])
    if before is None and package == 0:
        return Opinion(utility, is_satisfied=True, reason=message("bargain_reason_plan"))
    beside = 0 if before is None else before
    change = utility - float(stand.utility[beside])
    keys = ("open_more", "open_equal", "open_less") if before is None else ("equal", "equal", "concede")
    terms = _difference(stand, package, beside)
    return Opinion(utility, is_satisfied=True, reason=_compared(terms, change, stand.party, keys))


def _vote_reason(vote: Vote, multiplier: float, *, is_satisfied: bool) -> Message:
    percent = 100.0 * vote.n_agree / vote.n_households
    if is_satisfied:
        return message(
            "bargain_reason_consent",
            percent=percent,
            n=vote.n_agree,
            n_households=vote.n_households,
            needed=vote.n_needed,
        )
    if math.isinf(vote.multiplier_needed):
        return message("bargain_reason_no_cash", percent=percent, missing=vote.n_missing)
    return message(
        "bargain_reason_no_consent",
        percent=percent,
        missing=vote.n_missing,
        multiplier=multiplier,
        needed=vote.multiplier_needed,
    )


def _compared(terms: dict[str, float], change: float, party: str, keys: tuple[str, str, str]) -> Message:
    """The sentence of a change for the better, of none, or for the worse."""
    if change == 0.0:
        return message(f"bargain_reason_{keys[1]}")
    return _moved(terms, party, keys[0] if change > 0.0 else keys[2])


def _moved(terms: dict[str, float], party: str, key: str) -> Message:
    """The sentence with the term that moved the party most, in the direction of the whole."""
    total = sum(terms.values())
    term = max(terms, key=lambda name: math.copysign(1.0, total) * terms[name])
    named = message(f"bargain_term_{party}_{term}")
    return message(f"bargain_reason_{key}", term=named, amount=abs(terms[term]), total=abs(total))


def _difference(stand: Stand, package: int, own: int) -> dict[str, float]:
    here, there = stand.term_at(package), stand.term_at(own)
    return {name: here[name] - there[name] for name in here}
