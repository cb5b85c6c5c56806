"""The dialogue of a project or a pool: the plan's own proposal, every offer, and how it ends, with all opinions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from agents.stakeholders.reasons import Opinion, against_nothing, against_own, of_speaker
from agents.stakeholders.stands import Stand, stands_of_pool, stands_of_project
from envs.people.bargaining.negotiation import Negotiation
from envs.people.bargaining.pooling import Pools
from envs.people.bargaining.protocol import NOBODY, Bargain


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
        opinions: of each party, in the order of the table; in offers beside its own offer, or beside no agreement
            where it makes none.
        village_id: of villagers who offer at the table of a pool; empty else.
    """

    round: int
    act: Act
    speaker: str
    package: int
    opinions: tuple[Opinion, ...]
    village_id: str = ""


def dialogue(negotiation: Negotiation, project: int) -> tuple[Statement, ...]:
    """Everything that is said about a project that is on its own, by all of PARTIES.

    Args:
        negotiation: bargains of one draw.
        project: its position.

    Returns:
        At least the plan and the end; nothing where no package is legal.
    """
    return _told(stands_of_project(negotiation, project), negotiation.result, project)


def pool_dialogue(negotiation: Negotiation, pools: Pools, result: Bargain, pool: int) -> tuple[Statement, ...]:
    """The same at the table of a pool, by those of `stands_of_pool`.

    Args:
        negotiation: bargains of one draw, of the same projects.
        pools: neighbors that pool.
        result: of that draw, by pool.
        pool: its position.
    """
    return _told(stands_of_pool(negotiation, pools, pool), result, pool)


def _told(stands: Mapping[int, Stand], result: Bargain, table: int) -> tuple[Statement, ...]:
    """What is said at a table; parties by their position at it."""
    if result.package[table] == NOBODY:
        return ()
    plan = Statement(0, Act.PLAN, "", 0, _beside_nothing(stands, 0))
    offers = tuple(_offers(stands, result, table)) if result.agreed[table] else ()
    package, act = int(result.package[table]), Act.AGREE if result.agreed[table] else Act.DEADLOCK
    last = offers[-1].round if offers else 0
    return (plan, *offers, Statement(last, act, "", package, _beside_nothing(stands, package)))


def _offers(stands: Mapping[int, Stand], result: Bargain, table: int) -> Iterator[Statement]:
    """Openings, then concessions."""
    rounds = result.offers[: result.n_concessions[table] + 1, table].tolist()
    for speaker, package in enumerate(rounds[0]):
        if package != NOBODY:
            yield _offer(stands, 0, rounds[0], speaker, None)
    for k in range(1, len(rounds)):
        speaker = next(i for i, package in enumerate(rounds[k]) if package != rounds[k - 1][i])
        yield _offer(stands, k, rounds[k], speaker, rounds[k - 1][speaker])


def _offer(stands: Mapping[int, Stand], k: int, standing: list[int], speaker: int, before: int | None) -> Statement:
    """An offer, judged by each party beside the one it makes itself."""
    package = standing[speaker]
    opinions = [
        of_speaker(stand, package, before)
        if position == speaker
        else against_nothing(stand, package)
        if standing[position] == NOBODY
        else against_own(stand, package, standing[position])
        for position, stand in stands.items()
    ]
    act, who = Act.OPEN if before is None else Act.CONCEDE, stands[speaker]
    return Statement(k, act, who.party, package, tuple(opinions), who.village_id)


def _beside_nothing(stands: Mapping[int, Stand], package: int) -> tuple[Opinion, ...]:
    return tuple(against_nothing(stand, package) for stand in stands.values())
