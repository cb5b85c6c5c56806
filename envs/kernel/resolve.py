"""Resolve a scenario against a city: compute every constant once.

Each chapter of the model has a file in envs/kernel/resolving.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import numpy as np
from scipy import sparse

from data.city import City
from data.errors import refuse
from data.parameter_book import Book, load_book
from data.scenario import Scenario
from data.travel import compute_travel
from envs.kernel.computing.backend import SparseMatrix, one_blas_thread
from envs.kernel.consent import consent_ratio
from envs.kernel.hedonic import own_services
from envs.kernel.resolved_scenario import Constants, ResolvedScenario
from envs.kernel.resolving.calendar import make_clock, refuse_late_sales, refuse_short_operation
from envs.kernel.resolving.commuting import commute_of
from envs.kernel.resolving.floors_and_people import base_year, settlement_of
from envs.kernel.resolving.money import markets_of, unit_costs, village_prices
from envs.kernel.resolving.price_and_consent import entitlements_of, taste_of, voters_of
from envs.kernel.resolving.services import access_model, base_supply_m2
from envs.kernel.resolving.wellbeing import lives_before, person_types
from envs.kernel.services.nearest import nearest_model


def resolve(scenario: Scenario, city: City, book: Book | None = None) -> ResolvedScenario:
    """Resolve a scenario against a city.

    Args:
        scenario: bounds, rules, preferences, overrides.
        city: what is given.
        book: parameter book; None = the embedded one. The scenario's overrides are applied to it.

    Returns:
        The resolved scenario.

    Raises:
        InputError: a name in the scenario is unknown to the city or the book, or the numbers cannot work together.
    """
    book = (book or load_book()).override(scenario.parameters)
    _refuse_unknown_names(scenario, city)
    with one_blas_thread():
        return _resolve(scenario, city, book)


def _resolve(scenario: Scenario, city: City, book: Book) -> ResolvedScenario:
    """The commute in this thread, facilities and settlement in one beside it: neither needs the other."""
    clock = make_clock(scenario, book)
    refuse_short_operation(clock)
    refuse_late_sales(scenario, clock)
    travel = compute_travel(city, book)
    base = base_year(city, book)
    with ThreadPoolExecutor(1) as beside:
        accessing = beside.submit(access_model, city, scenario, book, base.residents)
        finding_nearest = beside.submit(nearest_model, city, book.number("travel.detour"), base_supply_m2(city))
        settling = beside.submit(settlement_of, city, book, travel)
        decay, gravity = commute_of(city, book, base, travel, scenario.commute_deterrence)
    access = accessing.result()
    voters, villages = voters_of(book), city.villages
    return ResolvedScenario(
        city=city,
        scenario=scenario,
        book=book,
        clock=clock,
        unit_costs=unit_costs(book),
        decay=decay,
        taste=taste_of(book),
        voters=voters,
        person_types=person_types(city, book, voters),
        consent_ratio=consent_ratio(voters, book.number("consent.threshold")),
        constants=Constants(
            base=base,
            prices=village_prices(city, book, access.floor_split),
            claims=entitlements_of(city, book),
            services=own_services(
                access, base.residents, zone_idx=villages.zone_idx, price_of_zone=villages.price_of_zone
            ),
            markets=markets_of(city, book),
            settlement=settling.result(),
            gravity=gravity,
            access=access,
            nearest=finding_nearest.result(),
            lives=lives_before(city, base, gravity, access),
            village_zone=SparseMatrix(
                sparse.csr_array(
                    (np.ones(city.n_villages), (city.villages.zone_idx, np.arange(city.n_villages))),
                    shape=(city.n_zones, city.n_villages),
                )
            ),
        ),
    )


def _refuse_unknown_names(scenario: Scenario, city: City) -> None:
    known = set(city.villages.village_id.tolist())
    for field_name in ("locked", "forbidden", "fixed"):
        unknown = sorted(set(getattr(scenario, field_name)) - known)
        if unknown:
            raise refuse("no_village_of_city", layer=f"scenario {field_name}", rows=unknown, city=city.name)
    unknown = sorted(set(scenario.district_limits) - set(city.districts))
    if unknown:
        raise refuse("no_district_of_city", layer="scenario district_limits", rows=unknown, city=city.name)
