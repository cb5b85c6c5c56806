"""Negotiations made of numbers alone: utilities by package as they are wanted, without a city."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np

from data.parameter_book import load_book
from envs.kernel.consent import Voters
from envs.people.bargaining.negotiation import Negotiation
from envs.people.bargaining.parties import PARTIES
from envs.people.bargaining.prospects import Stakes

Rows = list[dict[str, float]]


def negotiation_of(
    terms: dict[str, Rows], *, veto: tuple[bool, ...] = (True, True, True, False), ratio: float = 1.0, **offer: Any
) -> Negotiation:
    """One project whose parties have given terms.

    Args:
        terms: party -> one table of terms for each package; what villagers give up is `given_up` x ratio.
        veto: by party.
        ratio: of the household that decides.
        **offer: multiplier, house_cny and cash_cny by package, reservation_cny, n_households, given_up.
    """
    n_packages = len(terms[PARTIES[0]])
    named = {
        party: {name: np.array([[row[name] for row in rows]]) for name in rows[0]} for party, rows in terms.items()
    }
    given_up = np.array([offer.pop("given_up", 0.0)])
    stakes = Stakes(
        utility=np.stack([sum(named[party].values()) for party in PARTIES], axis=2),
        villagers=0,
        given_up=given_up,
        veto=np.array([veto]),
        legal=np.ones((1, n_packages), dtype=bool),
        full_concession_yr=1.0,
    )

    def terms_at(party: str, _: Any) -> dict[str, Any]:
        home = {"home": -given_up[0] * ratio + np.zeros((1, n_packages))} if party == PARTIES[0] else {}
        return {**named[party], **home}

    resolved = SimpleNamespace(book=load_book(), voters=Voters(weights=(1.0,), attachments=(1.0,), sigma=0.4))
    projects = SimpleNamespace(
        stakes=stakes,
        terms_at=terms_at,
        resolved=resolved,
        village_ids=["V1"],
        multiplier=np.array([offer.get("multiplier", [1.0] * n_packages)]),
        house_cny=np.array([offer.get("house_cny", [0.0] * n_packages)]),
        cash_cny=np.array([offer.get("cash_cny", [1.0] * n_packages)]),
        reservation_cny=np.array([offer.get("reservation_cny", 1.0)]),
        n_households=np.array([offer.get("n_households", 30)]),
    )
    return Negotiation(projects, 1, np.array([ratio]), stakes.bargain_at(np.array([ratio])))  # type: ignore[arg-type]
