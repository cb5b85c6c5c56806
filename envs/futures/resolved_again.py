"""A scenario resolved again with other parameters: only what they move is computed, the rest is taken over."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from data.parameter_book import load_book
from data.travel import Travel, compute_travel
from envs.kernel import ResolvedScenario
from envs.kernel.commute import GravityModel, where_distance_deters
from envs.kernel.consent import consent_ratio
from envs.kernel.people.fates import LivesBefore
from envs.kernel.resolving.calendar import make_clock, refuse_late_sales, refuse_short_operation
from envs.kernel.resolving.floors_and_people import settlement_of
from envs.kernel.resolving.money import markets_of, unit_costs, village_prices
from envs.kernel.resolving.price_and_consent import entitlements_of, taste_of, voters_of
from envs.kernel.resolving.wellbeing import lives_before, person_types

MOVED = (
    *("comp.", "cost.", "density.", "finance.", "hedonic.", "housing.", "jobs.", "market.", "policy."),
    *("price.", "rent.", "sale.", "settle.", "tenant.", "time."),
)
"""Beginnings of the keys that may differ: none of them moves distances, facilities, employment or the base year."""


@dataclass(frozen=True, eq=False)
class Commuting:
    """How far people commute in the base year.

    Attributes:
        decay: of distance, in the scenario's form.
        gravity: model balanced with it.
        lives: of the base year under it.
    """

    decay: float
    gravity: GravityModel
    lives: LivesBefore


def commuting_of(resolved: ResolvedScenario, factor: float) -> Commuting:
    """Commuting where distance deters so many times as much as it does in the scenario."""
    constants = resolved.constants
    if factor == 1.0:
        return Commuting(resolved.decay, constants.gravity, constants.lives)
    base = constants.base
    gravity = where_distance_deters(
        constants.gravity,
        factor,
        origins=base.workers,
        destinations=base.jobs * (base.workers.sum() / base.jobs.sum()),
    )
    lives = lives_before(resolved.city, base, gravity, constants.access)
    return Commuting(resolved.decay * factor, gravity, lives)


def travel_of(resolved: ResolvedScenario) -> Travel:
    """Distances of a city, which no key of MOVED moves."""
    return compute_travel(resolved.city, resolved.book)


def resolve_again(
    resolved: ResolvedScenario, parameters: dict[str, Any], commuting: Commuting, travel: Travel
) -> ResolvedScenario:
    """The same as `resolve` with these parameters besides the scenario's, but for the commuting that is given.

    Args:
        resolved: scenario resolved against a city.
        parameters: key -> value; each begins with one of MOVED.
        commuting: of the base year.
        travel: of the city.

    Returns:
        Without what bargaining brings.

    Raises:
        InputError: the numbers cannot work together.
    """
    assert all(key.startswith(MOVED) for key in parameters)
    city = resolved.city
    together = {**resolved.scenario.parameters, **parameters}
    scenario = resolved.scenario.model_copy(update={"parameters": together})
    book = load_book().override(together)
    clock = make_clock(scenario, book)
    refuse_short_operation(clock)
    refuse_late_sales(scenario, clock)
    voters, constants = voters_of(book), resolved.constants
    return ResolvedScenario(
        city=city,
        scenario=scenario,
        book=book,
        clock=clock,
        unit_costs=unit_costs(book),
        decay=commuting.decay,
        taste=taste_of(book),
        voters=voters,
        person_types=person_types(city, book, voters),
        consent_ratio=consent_ratio(voters, book.number("consent.threshold")),
        constants=replace(
            constants,
            prices=village_prices(city, book, constants.access.floor_split),
            claims=entitlements_of(city, book),
            markets=markets_of(city, book),
            settlement=settlement_of(city, book, travel),
            gravity=commuting.gravity,
            lives=commuting.lives,
            agreements=None,
        ),
    )
