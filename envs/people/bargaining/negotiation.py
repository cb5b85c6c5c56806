"""A negotiation told in full: one draw of the households, the offers, and what each party has at every package."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from data.arrays import BoolArray, FloatArray, IntArray
from envs.people.bargaining.electorate import draw_ratios, n_needed
from envs.people.bargaining.parties import PARTIES, VILLAGERS, Terms
from envs.people.bargaining.projects import Projects
from envs.people.bargaining.protocol import Bargain, acceptable, largest_product, take_it_or_leave_it

PROPOSER = PARTIES.index("developer")


@dataclass(frozen=True, eq=False)
class Vote:
    """How the households of a village vote on a package.

    Attributes:
        n_households: that vote.
        n_agree: that agree.
        n_needed: whose consent is needed.
        multiplier_needed: at which the deciding household agrees to the package's house and on-site share [x];
            infinite where it holds no cash.
    """

    n_households: int
    n_agree: int
    n_needed: int
    multiplier_needed: float

    @property
    def n_missing(self) -> int:
        """Households that are short of what is needed."""
        return max(0, self.n_needed - self.n_agree)


@dataclass(frozen=True, eq=False)
class Negotiation:
    """The bargains of one draw.

    Attributes:
        projects: and what is at stake.
        seed: of the draw.
        pivotal_ratio: of the household that decides, shape (n_projects,).
        result: of the protocol.
    """

    projects: Projects
    seed: int
    pivotal_ratio: FloatArray
    result: Bargain

    @cached_property
    def utility(self) -> FloatArray:
        """Shape (n_projects, n_packages, n_parties)."""
        return self.projects.stakes.utility_at(self.pivotal_ratio)

    @cached_property
    def terms(self) -> dict[str, Terms]:
        """Of every party, shape (n_projects, n_packages) each."""
        return {party: self.projects.terms_at(party, self.pivotal_ratio) for party in PARTIES}

    @cached_property
    def largest_product(self) -> IntArray:
        """Package of the largest Nash product, shape (n_projects,)."""
        stakes = self.projects.stakes
        return largest_product(self.utility, veto=stakes.veto, legal=stakes.legal)

    @cached_property
    def take_it_or_leave_it(self) -> IntArray:
        """What the developer proposes if the others can only take or leave it, shape (n_projects,)."""
        stakes = self.projects.stakes
        return take_it_or_leave_it(self.utility, PROPOSER, veto=stakes.veto, legal=stakes.legal)

    @cached_property
    def plan_acceptable(self) -> BoolArray:
        """True where no party with a veto loses by the plan with the kernel's least multiplier, (n_projects,)."""
        stakes = self.projects.stakes
        return acceptable(self.utility[:, :1], veto=stakes.veto, legal=stakes.legal[:, :1])[:, 0]

    def vote(self, project: int, package: int) -> Vote:
        """How the households of a project vote on a package."""
        projects, resolved = self.projects, self.projects.resolved
        n = int(projects.n_households[project])
        needed = int(n_needed(resolved.book.number("consent.threshold"), np.array(n)))
        given_up = projects.reservation_cny[project] * self._ratios(project)
        house, cash = projects.house_cny[project, package], projects.cash_cny[project, package]
        n_agree = int(np.count_nonzero(house + projects.multiplier[project, package] * cash >= given_up))
        missing = projects.reservation_cny[project] * self.pivotal_ratio[project] - house
        return Vote(n, n_agree, needed, float(missing / cash) if cash > 0.0 else float("inf"))

    def _ratios(self, project: int) -> FloatArray:
        """Of the households of a project, shape (n_households,)."""
        village_id, n = self.projects.village_ids[project], int(self.projects.n_households[project])
        return draw_ratios(self.seed, village_id, n, 1, self.projects.resolved.voters)[0]

    def term_at(self, project: int, party: str, package: int) -> dict[str, float]:
        """What each term adds to a party's utility of a package [CNY/m2]."""
        return {name: float(term[project, package]) for name, term in self.terms[party].items()}

    def blocking_term(self, project: int) -> str:
        """The largest negative term of the party that blocks, at the package nearest to agreement."""
        party, package = PARTIES[self.result.blocker[project]], int(self.result.package[project])
        terms = self.term_at(project, party, package)
        return min(terms, key=lambda name: terms[name])


def negotiate(projects: Projects, seed: int) -> Negotiation:
    """Bargain over the first draw of a seed."""
    ratio = projects.pivotal_ratios(seed, 1)[:, 0]
    return Negotiation(projects, seed, ratio, projects.stakes.bargain_at(ratio))


def votes(negotiation: Negotiation, project: int) -> bool:
    """Whether villagers of a project have a veto."""
    return bool(negotiation.projects.stakes.veto[project, PARTIES.index(VILLAGERS)])
