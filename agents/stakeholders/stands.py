"""Where a party stands at a table: what each package is worth to it, by which terms, and how its households vote."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from data.arrays import FloatArray
from envs.people.bargaining.negotiation import Negotiation, Vote, votes
from envs.people.bargaining.parties import PARTIES, VILLAGERS
from envs.people.bargaining.pooling import SHARED, Pools
from envs.people.bargaining.protocol import NOBODY


@dataclass(frozen=True, eq=False)
class Stand:
    """A party at a table.

    Attributes:
        party: one of PARTIES.
        utility: of each package to it, shape (n_packages,) [CNY/m2 of site, 0 = no agreement].
        term_at: what each term adds to that, by package.
        vote: how its households vote on a package, and the multiplier that it offers them; None where nobody votes.
        village_id: of villagers who sit at the table of a pool.
    """

    party: str
    utility: FloatArray
    term_at: Callable[[int], dict[str, float]]
    vote: Callable[[int], tuple[Vote, float]] | None = None
    village_id: str = ""


def stand_of(negotiation: Negotiation, project: int, party: str) -> Stand:
    """A party of a project that is on its own."""
    multiplier = negotiation.projects.multiplier[project]
    return Stand(
        party,
        negotiation.utility[project, :, PARTIES.index(party)],
        lambda package: negotiation.term_at(project, party, package),
        (lambda package: (negotiation.vote(project, package), float(multiplier[package])))
        if party == VILLAGERS and votes(negotiation, project)
        else None,
    )


def stands_of_project(negotiation: Negotiation, project: int) -> dict[int, Stand]:
    """The parties of a project by their position at the table."""
    return {position: stand_of(negotiation, project, party) for position, party in enumerate(PARTIES)}


def stands_of_pool(negotiation: Negotiation, pools: Pools, pool: int) -> dict[int, Stand]:
    """The parties of a pool by their position at the table: the villagers of each member, then whom all share.

    Args:
        negotiation: bargains of one draw, of the same projects.
        pools: neighbors that pool.
        pool: its position.
    """
    utility = pools.utility_at(negotiation.pivotal_ratio)[pool]
    members, size = pools.members[pool], pools.members.shape[1]
    stands = {
        position: _of_member(negotiation, pools, project, utility[:, position])
        for position, project in enumerate(members.tolist())
        if project != NOBODY
    }
    return stands | {
        size + k: Stand(party, utility[:, size + k], _shared_terms(negotiation, pools, pool, party))
        for k, party in enumerate(SHARED)
    }


def _of_member(negotiation: Negotiation, pools: Pools, project: int, utility: FloatArray) -> Stand:
    """Villagers of one member, who take of each package what their village does."""
    alone, package = stand_of(negotiation, project, VILLAGERS), pools.package[project]
    vote = alone.vote
    return Stand(
        VILLAGERS,
        utility,
        lambda offered: alone.term_at(int(package[offered])),
        None if vote is None else lambda offered: vote(int(package[offered])),
        negotiation.projects.village_ids[project],
    )


def _shared_terms(negotiation: Negotiation, pools: Pools, pool: int, party: str) -> Callable[[int], dict[str, float]]:
    """Terms of a party whose purse all members share, per m2 of all their sites."""
    projects = [project for project in pools.members[pool].tolist() if project != NOBODY]
    base = negotiation.projects.resolved.constants.base
    area_m2 = base.site_area_m2[negotiation.projects.village_idx[projects]]
    weight = (area_m2 / area_m2.sum()).tolist()

    def terms(offered: int) -> dict[str, float]:
        total: dict[str, float] = {}
        for share, project in zip(weight, projects, strict=True):
            for name, term in negotiation.term_at(project, party, int(pools.package[project, offered])).items():
                total[name] = total.get(name, 0.0) + share * term
        return total

    return terms
