"""Synthetic residents (people page, P1), by plain loops: fitting, integers, work zones, and what the margins are.

Read where the page leaves room: household types are cells (group, tenure, household size, age band), counted in
persons; a household of "5 and more" has five. The margins of a district are persons by group and tenure, by group and
age band, and by household size. Integers are truncated, replicated and sampled systematically: the sample walks along
the remainders in steps of 1 from a start in [0, 1), so that each cell has its remainder as its chance.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from data.city import City

Cell = tuple[int, ...]
Table = dict[Cell, float]

REGISTERED, TENANT, OTHER = 0, 1, 2
OWNER_TENURE, TENANT_TENURE, MEMBER_TENURE = 0, 1, 2


def ipf(seed: Table, margins: list[tuple[tuple[int, ...], Table]], tolerance: float = 1e-10) -> Table:
    """Iterative proportional fitting (Deming & Stephan 1940).

    Args:
        seed: cell -> value before fitting.
        margins: positions of the axes that a margin keeps, and its totals.
        tolerance: largest error of a total, relative to the sum of the totals.

    Raises:
        ValueError: the margins contradict each other or the zeros of the seed.
    """
    table = dict(seed)
    whole = sum(margins[0][1].values())
    for _ in range(10_000):
        for axes, totals in margins:
            found = _summed(table, axes)
            for cell in table:
                kept = tuple(cell[axis] for axis in axes)
                if found[kept] > 0.0:
                    table[cell] *= totals.get(kept, 0.0) / found[kept]
        error = 0.0
        for axes, totals in margins:
            found = _summed(table, axes)
            for kept, total in totals.items():
                error = max(error, abs(found.get(kept, 0.0) - total))
        if error <= tolerance * whole:
            return table
    raise ValueError("the margins contradict each other")


def _summed(table: Table, axes: tuple[int, ...]) -> Table:
    found: Table = {}
    for cell, value in table.items():
        kept = tuple(cell[axis] for axis in axes)
        found[kept] = found.get(kept, 0.0) + value
    return found


def truncate_replicate_sample(expected: list[float], start: float) -> list[int]:
    """Integers of the same total (rounded at the start), each rounded down or up (Lovelace & Ballas 2013)."""
    counts = [int(x) for x in expected]
    walked, next_point = 0.0, 1.0 - start
    for cell, x in enumerate(expected):
        walked += x - int(x)
        if walked >= next_point:
            counts[cell] += 1
            next_point += 1.0
    return counts


def persons_by_place(city: City) -> list[list[int]]:
    """Whole persons by place (zones, then villages) and group (registered, tenants, other)."""
    persons = [[0, 0, int(x + 0.5)] for x in city.zones.residents]
    for n in range(city.n_villages):
        persons.append(
            [int(city.villages.registered_residents[n] + 0.5), int(city.villages.tenants[n] + 0.5), 0],
        )
    return persons


def shares(table: Mapping[str, float]) -> list[float]:
    """A table of the book as shares that add up to 1."""
    return [value / sum(table.values()) for value in table.values()]


def district_margins(
    city: City, district: int, number: Callable[[str], float], table: Callable[[str], Mapping[str, float]]
) -> list[tuple[tuple[int, ...], Table]]:
    """Margins of a district: persons by (group, tenure), (group, age), (household size)."""
    persons = [0, 0, 0]
    for place, by_group in enumerate(persons_by_place(city)):
        if int(city.place_district_idx[place]) == district:
            for g in range(3):
                persons[g] += by_group[g]
    rented = number("market.rented_share")
    by_tenure = {
        (REGISTERED, MEMBER_TENURE): float(persons[REGISTERED]),
        (TENANT, TENANT_TENURE): float(persons[TENANT]),
        (OTHER, OWNER_TENURE): persons[OTHER] * (1.0 - rented),
        (OTHER, TENANT_TENURE): persons[OTHER] * rented,
    }
    by_age: Table = {}
    for g, name in enumerate(("registered", "tenant", "other")):
        for a, share in enumerate(shares(table(f"age.{name}"))):
            by_age[g, a] = persons[g] * share
    by_size: Table = {}
    household_share = shares(table("household.size"))
    persons_per_household = sum((s + 1) * share for s, share in enumerate(household_share))
    for s, share in enumerate(household_share):
        by_size[(s,)] = sum(persons) * (s + 1) * share / persons_per_household
    return [((0, 1), by_tenure), ((0, 3), by_age), ((2,), by_size)]


def seed_table(table: Callable[[str], Mapping[str, float]]) -> Table:
    """Seed: persons by household size within a tenure, times ages within a size; a person alone is no child."""
    sizes = {
        (REGISTERED, MEMBER_TENURE): "member",
        (TENANT, TENANT_TENURE): "tenant",
        (OTHER, OWNER_TENURE): "owner",
        (OTHER, TENANT_TENURE): "tenant",
    }
    seed: Table = {}
    for (g, t), name in sizes.items():
        for s, households in enumerate(shares(table(f"household.size_of_{name}"))):
            ages = shares(table(f"household.age_in_{('one', 'two', 'three', 'four', 'five')[s]}"))
            for a, age in enumerate(ages):
                seed[g, t, s, a] = (s + 1) * households * age
    return seed
