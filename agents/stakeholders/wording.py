"""Packages and statements in words."""

from __future__ import annotations

from agents.stakeholders.dialogue import Act, Statement
from data.catalogue import Message, message
from data.scenario import LAND_USES
from envs.people.bargaining.negotiation import Negotiation
from envs.people.bargaining.parties import PARTIES


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
    opinions = (
        message(
            "bargain_opinion",
            party=party_words(party),
            verdict=message("bargain_satisfied" if opinion.is_satisfied else "bargain_not_satisfied"),
            utility=opinion.utility,
            reason=opinion.reason,
        )
        for party, opinion in zip(PARTIES, statement.opinions, strict=True)
    )
    return (_act_words(statement, package), *opinions)


def party_words(party: str) -> Message:
    """Name of a party."""
    return message(f"bargain_party_{party}")


def _act_words(statement: Statement, package: Message) -> Message:
    match statement.act:
        case Act.PLAN:
            return message("bargain_act_plan", package=package)
        case Act.OPEN:
            return message("bargain_act_open", party=party_words(statement.speaker), package=package)
        case Act.CONCEDE:
            party = party_words(statement.speaker)
            return message("bargain_act_concede", round=statement.round, party=party, package=package)
        case Act.AGREE:
            return message("bargain_act_agree", round=statement.round, package=package)
        case Act.DEADLOCK:
            return message("bargain_act_deadlock", package=package)
