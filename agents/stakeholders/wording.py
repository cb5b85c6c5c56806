"""Packages and statements in words."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from agents.stakeholders.dialogue import Act, Statement
from agents.stakeholders.stands import stands_of_pool
from data.catalogue import Message, message
from data.scenario import LAND_USES
from envs.people.bargaining.negotiation import Negotiation
from envs.people.bargaining.parties import PARTIES
from envs.people.bargaining.pooling import Pools
from envs.people.bargaining.protocol import NOBODY


def package_words(negotiation: Negotiation, project: int, package: int) -> Message:
    """A package: land use, density, facilities, and the terms villagers are offered."""
    projects = negotiation.projects
    plans, village = projects.packages.plans, projects.village_idx[project]
    facility = 100.0 * float(plans.facility_ratio[package, village])
    if not plans.intensity[package, village]:
        return message("bargain_package_retained", facility=facility)
    return message(
        "bargain_package",
        land_use=message(f"word_{LAND_USES[plans.land_use[package, village]].value}"),
        far=float(plans.floor_area_ratio[package, village]),
        facility=facility,
        multiplier=float(projects.multiplier[project, package]),
        onsite=100.0 * float(projects.onsite_share[project, package]),
    )


def statement_words(negotiation: Negotiation, project: int, statement: Statement) -> tuple[Message, ...]:
    """What happens, then the opinion of each party."""
    package = package_words(negotiation, project, statement.package)
    return (_act_words(statement, package), *_opinions(map(party_words, PARTIES), statement))


def pool_statement_words(
    negotiation: Negotiation, pools: Pools, pool: int, statement: Statement
) -> tuple[Message, ...]:
    """The same at the table of a pool, where a package is what each member takes of it."""
    parties = (
        party_words(stand.party, stand.village_id) for stand in stands_of_pool(negotiation, pools, pool).values()
    )
    package = pool_package_words(negotiation, pools, pool, statement.package)
    return (_act_words(statement, package), *_opinions(parties, statement))


def pool_package_words(negotiation: Negotiation, pools: Pools, pool: int, package: int) -> Message:
    """What each member of a pool takes of a package."""
    members = [project for project in pools.members[pool].tolist() if project != NOBODY]
    taken = tuple(
        message(
            "bargain_member_package",
            village=negotiation.projects.village_ids[project],
            package=package_words(negotiation, project, int(pools.package[project, package])),
        )
        for project in members
    )
    return message("bargain_pool_package", packages=taken)


def party_words(party: str, village_id: str = "") -> Message:
    """Name of a party; of a village, where several have one."""
    name = message(f"bargain_party_{party}")
    return message("bargain_party_of_village", party=name, village=village_id) if village_id else name


def _opinions(parties: Iterable[Message], statement: Statement) -> Iterator[Message]:
    for party, opinion in zip(parties, statement.opinions, strict=True):
        verdict = message("bargain_satisfied" if opinion.is_satisfied else "bargain_not_satisfied")
        yield message("bargain_opinion", party=party, verdict=verdict, utility=opinion.utility, reason=opinion.reason)


def _act_words(statement: Statement, package: Message) -> Message:
    match statement.act:
        case Act.PLAN:
            return message("bargain_act_plan", package=package)
        case Act.OPEN:
            party = party_words(statement.speaker, statement.village_id)
            return message("bargain_act_open", party=party, package=package)
        case Act.CONCEDE:
            party = party_words(statement.speaker, statement.village_id)
            return message("bargain_act_concede", round=statement.round, party=party, package=package)
        case Act.AGREE:
            return message("bargain_act_agree", round=statement.round, package=package)
        case Act.DEADLOCK:
            return message("bargain_act_deadlock", package=package)
