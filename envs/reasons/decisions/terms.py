"""Terms that decide: the quantities through which a village enters the model, gathered as people speak of them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from data.arrays import SingleArray
from envs.kernel.adjoint import COST_PROFILES, MONEY, PHYSICAL

TERMS: tuple[str, ...] = (
    "sales",
    "rents",
    "other_income",
    "clearing",
    "building",
    "residents",
    "newcomers",
    "jobs",
    "facilities",
    "old_facilities",
    "own_amount",
)
"""Each is a text `decision_term_{name}`."""
CLEARING = ("flow_start", "flow_away", "flow_assembly")
"""Compensation, allowances, demolition: what is paid before building begins."""
OF_MONEY: dict[str, str] = {
    "net_sales": "sales",
    "commodity": "sales",
    "resettlement": "sales",
    "demolished": "sales",
    "cost_sale": "sales",
    "housing_rent": "rents",
    "rental_places": "rents",
    "tenants_left": "rents",
}
"""Quantities of the account; tenants who leave move the rents of their district."""
OF_STATES: dict[str, str] = {
    "newcomers_due": "newcomers",
    "rebuilt_share": "old_facilities",
    **dict.fromkeys(("registered_left", "registered_back", "tenants_left", "tenants_back"), "residents"),
    **dict.fromkeys(("jobs_lost", "jobs_new", "jobs_converted"), "jobs"),
    **dict.fromkeys(("facility_new", "facility_converted", "green_land"), "facilities"),
}
"""Quantities of people, jobs and facilities."""
MONEY_OBJECTIVES = (
    "net_present_value_cny",
    "total_profit_cny",
    "total_cost_cny",
    "max_annual_cost_cny",
    "peak_funding_cny",
)


def term_of(quantity: str, objective: str) -> str:
    """The term that a quantity belongs to, where an objective answers to it.

    Example:
        >>> term_of("tenants_left", "mean_commute_km"), term_of("tenants_left", "net_present_value_cny")
        ('residents', 'rents')
    """
    if objective in MONEY_OBJECTIVES:
        if quantity in OF_MONEY:
            return OF_MONEY[quantity]
        if quantity in CLEARING:
            return "clearing"
        profile = quantity.removeprefix("flow_")
        return "building" if profile in COST_PROFILES else "other_income"
    return OF_STATES.get(quantity, "own_amount")


def term_matrix(quantities: Sequence[str], objectives: Sequence[str]) -> SingleArray:
    """1 where a quantity belongs to a term of an objective, shape (n_objectives, n_quantities, n_terms), float32."""
    matrix = np.zeros((len(objectives), len(quantities), len(TERMS)), dtype=np.float32)
    known = {*(name for name, _ in PHYSICAL), *MONEY, "cost_sale", *objectives}
    for k, objective in enumerate(objectives):
        for q, quantity in enumerate(quantities):
            if quantity in known:
                matrix[k, q, TERMS.index(term_of(quantity, objective))] = 1.0
    return matrix
