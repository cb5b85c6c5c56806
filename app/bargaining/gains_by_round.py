"""What each party has by its own offer and by those of the others, round by round."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from data.arrays import FloatArray
from envs.people.bargaining.negotiation import Negotiation
from envs.people.bargaining.protocol import NOBODY


@dataclass(frozen=True, eq=False)
class GainsByRound:
    """Gains of a project's parties [CNY/m2 of site].

    Attributes:
        own: by the offer that each makes itself, shape (n_rounds, n_parties); NaN of a party that makes none.
        others: by the best of the others' offers, same shape.
        plan: by the plan as it is, shape (n_parties,).
        end: by what is agreed on, or came nearest to it, same shape.
    """

    own: FloatArray
    others: FloatArray
    plan: FloatArray
    end: FloatArray


def gains_by_round(negotiation: Negotiation, project: int) -> GainsByRound:
    """Gains in every round, the first being that of the first offers; no round in deadlock.

    Args:
        negotiation: bargains of one draw.
        project: position; some package of it is legal.
    """
    result, utility = negotiation.result, negotiation.utility[project]  # (n_packages, n_parties)
    n_rounds = int(result.n_concessions[project]) + 1 if result.agreed[project] else 0
    offers = result.offers[:n_rounds, project]
    worth = np.where(offers[:, :, None] == NOBODY, np.nan, utility[offers])  # (n_rounds, offers, parties)
    own = np.diagonal(worth, axis1=1, axis2=2)
    of_others = np.where(np.eye(offers.shape[1], dtype=bool) | np.isnan(worth), -np.inf, worth).max(axis=1)
    return GainsByRound(
        own=np.array(own),
        others=np.where(np.isinf(of_others), np.nan, of_others),
        plan=utility[0],
        end=utility[result.package[project]],
    )
