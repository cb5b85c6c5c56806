"""The dialogue of a project: the plan's own proposal, every offer, and how it ends, with each party's opinion."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from agents.stakeholders.reasons import Opinion, against_nothing, against_own, of_speaker
from envs.people.bargaining.negotiation import Negotiation
from envs.people.bargaining.parties import PARTIES
from envs.people.bargaining.protocol import NOBODY


class Act(StrEnum):
    """What happens with a package."""

    PLAN = "plan"  # the plan as it is, before anybody bargains
    OPEN = "open"
    CONCEDE = "concede"
    AGREE = "agree"
    DEADLOCK = "deadlock"  # the package nearest to agreement


@dataclass(frozen=True)
class Statement:
    """One line of the dialogue.

    Attributes:
        round: 0 = the plan and how each party opens; then one concession a round.
        act: what happens.
        speaker: party that offers; empty where nobody does.
        package: what is offered.
        opinions: of each party, in the order of PARTIES; in offers beside its own offer, or beside no agreement where
            it makes none.
    """

    round: int
    act: Act
    speaker: str
    package: int
    opinions: tuple[Opinion, ...]


def dialogue(negotiation: Negotiation, project: int) -> tuple[Statement, ...]:
    """Everything that is said about a project.

    Args:
        negotiation: bargains of one draw.
        project: its position.

    Returns:
        At least the plan and the end; nothing where no package is legal.
    """
    result = negotiation.result
    if result.package[project] == NOBODY:
        return ()
    plan = Statement(0, Act.PLAN, "", 0, _beside_nothing(negotiation, project, 0))
    offers = tuple(_offers(negotiation, project)) if result.agreed[project] else ()
    package, act = int(result.package[project]), Act.AGREE if result.agreed[project] else Act.DEADLOCK
    last = offers[-1].round if offers else 0
    return (plan, *offers, Statement(last, act, "", package, _beside_nothing(negotiation, project, package)))


def _offers(negotiation: Negotiation, project: int) -> Iterator[Statement]:
    """Openings, then concessions."""
    rounds = negotiation.result.offers[: negotiation.result.n_concessions[project] + 1, project].tolist()
    for speaker, package in enumerate(rounds[0]):
        if package != NOBODY:
            yield _offer(negotiation, project, 0, rounds[0], speaker, None)
    for k in range(1, len(rounds)):
        speaker = next(i for i, package in enumerate(rounds[k]) if package != rounds[k - 1][i])
        yield _offer(negotiation, project, k, rounds[k], speaker, rounds[k - 1][speaker])


def _offer(
    negotiation: Negotiation, project: int, k: int, standing: list[int], speaker: int, before: int | None
) -> Statement:
    """An offer, judged by each party beside the one it makes itself."""
    package = standing[speaker]
    opinions = [
        of_speaker(negotiation, project, party, package, before)
        if position == speaker
        else against_nothing(negotiation, project, party, package)
        if standing[position] == NOBODY
        else against_own(negotiation, project, party, package, standing[position])
        for position, party in enumerate(PARTIES)
    ]
    act = Act.OPEN if before is None else Act.CONCEDE
    return Statement(k, act, PARTIES[speaker], package, tuple(opinions))


def _beside_nothing(negotiation: Negotiation, project: int, package: int) -> tuple[Opinion, ...]:
    return tuple(against_nothing(negotiation, project, party, package) for party in PARTIES)
