"""Terms: the quantities that a village contributes, gathered as a person would name them."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from data.arrays import FloatArray
from envs.kernel.project_account import COST, ITEMS
from envs.reasons.attribution import Shares
from envs.reasons.commuting import JOBS
from envs.reasons.money import OF_MARKETS
from envs.reasons.people import PEOPLE
from envs.reasons.services import FACILITIES

_SALES = ("commodity_sales", "resettlement_sales", "sales_cost")
_COMPENSATION = ("compensation", "monetary_resettlement", "transition_allowance")
TERMS: Mapping[str, tuple[str, ...]] = {
    "sales": tuple(f"money_{name}" for name in _SALES),
    "rents": tuple(f"money_{item.name}" for item in ITEMS if item.kind != COST and item.name not in _SALES),
    "compensation": tuple(f"money_{name}" for name in _COMPENSATION),
    "works": tuple(
        f"money_{item.name}" for item in ITEMS if item.kind == COST and item.name not in (*_SALES, *_COMPENSATION)
    ),
    "prices": tuple(f"price_{name}" for name in OF_MARKETS),
    "moves": tuple(name for name, table in PEOPLE if table != "absorbed"),
    "newcomers": tuple(name for name, table in PEOPLE if table == "absorbed"),
    "jobs": tuple(name for name, _ in JOBS),
    "facilities": tuple(name for name, _ in FACILITIES),
    "own": ("own",),
}
"""Term -> quantities; `prices` is what a village's floor and tenants do to the prices and rents of all."""
TERM_OF: Mapping[str, str] = {quantity: term for term, quantities in TERMS.items() for quantity in quantities}


def by_term(shares: Shares) -> dict[str, FloatArray]:
    """Share of each village by term, in the order of TERMS: term -> shape (n_villages,); only terms that enter."""
    terms = dict.fromkeys(TERM_OF[quantity] for quantity in shares.by_quantity)
    return {
        term: np.sum([each for name, each in shares.by_quantity.items() if TERM_OF[name] == term], axis=0)
        for term in TERMS
        if term in terms
    }
