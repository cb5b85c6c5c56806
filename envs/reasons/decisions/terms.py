"""Terms that decide: the quantities of the marginal gains, gathered as people speak of them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from data.arrays import SingleArray
from envs.kernel.adjoint import COST_PROFILES, PROFILES
from envs.reasons.decisions.step_effects import OF_MONEY

BEFORE_WORKS = ("start", "away")
"""Profiles of what villagers and tenants are paid before works begin; all other costs are works."""
FLOWS: dict[str, str] = {
    f"flow_{profile}": "compensation" if profile in BEFORE_WORKS else "works" if profile in COST_PROFILES else "rents"
    for profile in PROFILES
} | {"flow_completion": "sales", "net_sales": "sales", "cost_sale": "sales", "housing_rent": "rents"}
STATES: dict[str, str] = {
    **dict.fromkeys(("registered_left", "registered_back", "tenants_left", "tenants_back"), "moves"),
    "newcomers_due": "newcomers",
    **dict.fromkeys(("jobs_lost", "jobs_new", "jobs_converted"), "jobs"),
    **dict.fromkeys(("rebuilt_share", "facility_new", "facility_converted", "green_land"), "facilities"),
}
TERMS: tuple[str, ...] = tuple(dict.fromkeys((*FLOWS.values(), "prices", *STATES.values(), "own")))
"""Each is a text `reasons_term_{name}`."""


def term_of(quantity: str, objective: str) -> str:
    """The term that a quantity belongs to, where an objective answers to it.

    What moves the prices and rents of others (housing built and torn down, tenants who leave) is `prices` in money.

    Example:
        >>> term_of("tenants_left", "mean_commute_km"), term_of("tenants_left", "net_present_value_cny")
        ('moves', 'prices')
    """
    if objective in OF_MONEY:
        return FLOWS.get(quantity, "prices")
    return STATES.get(quantity, "own")


def term_matrix(quantities: Sequence[str], objectives: Sequence[str]) -> SingleArray:
    """1 where a quantity belongs to a term of an objective, shape (n_objectives, n_quantities, n_terms), float32."""
    matrix = np.zeros((len(objectives), len(quantities), len(TERMS)), dtype=np.float32)
    for k, objective in enumerate(objectives):
        for q, quantity in enumerate(quantities):
            matrix[k, q, TERMS.index(term_of(quantity, objective))] = 1.0
    return matrix
