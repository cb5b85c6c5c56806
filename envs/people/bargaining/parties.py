"""What each party gains by a package, term by term, in CNY per m2 of site; 0 = no agreement, the village as it is.

Money and values are present worth in year 0; what villagers are offered is at base-year prices, as in consent.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from data.arrays import FloatArray, IntArray
from data.parameter_book import Book
from envs.kernel.indicators.resources import embodied_carbon_tco2e, operational_carbon_tco2e_per_yr
from envs.kernel.project_account import COST, DEVELOPER, GOVERNMENT, ITEMS
from envs.kernel.resources import KG_PER_T
from envs.kernel.trace import Trace
from envs.people.bargaining.present_worth import PresentWorth

VILLAGERS, TENANTS = "villagers", "tenants"
PARTIES = (VILLAGERS, DEVELOPER, GOVERNMENT, TENANTS)
"""In the order of arrays; of equals the first concedes, or blocks."""

Terms = Mapping[str, FloatArray]
"""Name of a term -> what it adds to the party's utility, shape (n_packages, n_projects)."""

TERM_OF_ITEM = {
    "compensation": "compensation",
    "monetary_resettlement": "compensation",
    "transition_allowance": "allowance",
    "resettlement_sales": "resettlement_sales",
    "commodity_sales": "sales",
    "sales_cost": "sales",
    "housing_rent": "rents",
    "employment_rent": "rents",
    "terminal_value_housing": "rents",
    "terminal_value_employment": "rents",
}
"""Term of an item of the account, within its payer; what is not named is works."""
WORKS = "works"


@dataclass(frozen=True, eq=False)
class Site:
    """Where the projects are, and how amounts of theirs are told.

    Attributes:
        village_idx: shape (n_projects,).
        area_m2: of the site, same shape.
        worth: present worth of amounts.
    """

    village_idx: IntArray
    area_m2: FloatArray
    worth: PresentWorth

    def per_m2(self, amount: FloatArray, factor: FloatArray | float = 1.0) -> FloatArray:
        """An amount by package and village of the city, as a term; shape (n_packages, n_projects)."""
        return np.asarray(amount)[:, self.village_idx] * (factor / self.area_m2)


def developer_terms(trace: Trace, site: Site, book: Book) -> tuple[dict[str, FloatArray], FloatArray]:
    """The developer's terms but the land payment, and the land payment that leaves the whole margin.

    The last term is the share of the margin below which the developer walks away.

    Returns:
        Terms, and the residual value of each package, shape (n_packages, n_projects).
    """
    terms = _account_terms(trace, site, DEVELOPER)
    terms["subsidy"] = _subsidy(trace, site, book)
    before_margin = total(terms)
    margin = book.number("finance.developer_margin") * _sales(trace, site)
    terms["reserve"] = -book.number("bargain.reserve_margin") * margin
    return terms, before_margin - margin


def government_terms(trace: Trace, site: Site, book: Book) -> dict[str, FloatArray]:
    """The government's terms but the land payment: taxes, what it pays, and what it values."""
    terms = {"taxes": book.number("finance.tax_and_fees") * _sales(trace, site)}
    terms |= _account_terms(trace, site, GOVERNMENT)
    terms["subsidy"] = -_subsidy(trace, site, book)
    completion, conversion, start = (site.worth.of(name) for name in ("completion", "conversion", "start"))
    floor = site.per_m2(trace.form.facility_new, completion) + site.per_m2(trace.form.facility_converted, conversion)
    jobs = site.per_m2(trace.jobs_new, completion) + site.per_m2(trace.jobs_converted, conversion)
    jobs = jobs - site.per_m2(trace.jobs_lost, start)
    displaced = site.per_m2(trace.moves.tenants_left - trace.moves.tenants_back, start)
    return terms | {
        "facilities": book.number("shadow.facility_floor") * floor,
        "jobs": book.number("shadow.job") * jobs,
        "rental": book.number("shadow.rental_floor") * site.per_m2(trace.form.rental, completion),
        "displacement": -book.number("shadow.displaced_tenant") * displaced,
        "carbon": -book.number("shadow.carbon") * _carbon_tco2e(trace, site, book),
    }


def villagers_terms(trace: Trace, site: Site) -> tuple[dict[str, FloatArray], FloatArray]:
    """What registered residents of the rebuilt part are offered, and what they give up.

    Returns:
        Terms, and what they give up for each unit of the deciding household's ratio, shape (n_projects,).
    """
    rebuilt = trace.form.rebuilt_share * trace.constants.base.registered
    terms = {
        "house": site.per_m2(rebuilt * trace.offer.house_cny),
        "cash": site.per_m2(rebuilt * trace.consent_multiplier * trace.offer.cash_cny),
    }
    return terms, site.per_m2(rebuilt * trace.offer.reservation_cny)[0]


def total(terms: Terms) -> FloatArray:
    """Utility: the sum of the terms, in their order."""
    first, *others = terms.values()
    utility = first.copy()
    for term in others:
        utility += term
    return utility


def _account_terms(trace: Trace, site: Site, payer: str) -> dict[str, FloatArray]:
    """The items of a payer, gathered into terms; costs below zero."""
    terms: dict[str, FloatArray] = {}
    for item in ITEMS:
        if item.payer == payer:
            name = TERM_OF_ITEM.get(item.name, WORKS)
            sign = -1.0 if item.kind == COST else 1.0
            amount = site.per_m2(trace.amounts_cny[item.name], sign * site.worth.of_items[item.name])
            terms[name] = terms[name] + amount if name in terms else amount
    return terms


def _sales(trace: Trace, site: Site) -> FloatArray:
    return site.per_m2(trace.amounts_cny["commodity_sales"], site.worth.of_items["commodity_sales"])


def _subsidy(trace: Trace, site: Site, book: Book) -> FloatArray:
    return book.number("policy.rental_subsidy") * site.per_m2(trace.form.rental, site.worth.of("completion"))


def _carbon_tco2e(trace: Trace, site: Site, book: Book) -> FloatArray:
    """Carbon of building, and of operation more than today's, each discounted to year 0 as money is."""
    existing_m2 = trace.form.demolished + trace.form.retained
    today = existing_m2 * (book.number("carbon.operation_residential") / KG_PER_T)
    more = operational_carbon_tco2e_per_yr(trace) - today
    built = site.per_m2(embodied_carbon_tco2e(trace), site.worth.of("construction"))
    return built + site.per_m2(more, site.worth.of("operation"))
