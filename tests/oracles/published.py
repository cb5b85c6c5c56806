"""The published model of Beijing's villages in plain loops, from its description alone.

Cells are (row, column); those of the grid have prices, points of interest and a built share; residents live in them and
in cells around. A plan is a list of projects.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

Cell = tuple[int, int]


@dataclass
class World:
    """What the plan begins from; `residents` covers the grid and the cells around it."""

    built_share: dict[Cell, float]
    poi: dict[Cell, float]
    sale_price: dict[Cell, float]
    rent: dict[Cell, float]
    residents: dict[Cell, float]


@dataclass
class Project:
    """One village: its cell, area, year, floor-area ratio, and shares for sale, for rent and for facilities."""

    cell: Cell
    area_m2: float
    year: int
    far: float
    sale: float
    rent: float
    facility: float


def terms(world: World, plan: list[Project], years: int = 12) -> tuple[float, float, float]:
    """Money, what travel falls by, and what services rise by."""
    grid = set(world.poi)
    poi, sale_price, rent = dict(world.poi), dict(world.sale_price), dict(world.rent)
    residents = dict(world.residents)
    money = 0.0
    for year in range(1, years + 1):
        before = {cell: nearby_poi(poi, cell) for cell in grid}
        arrived = 0.0
        for project in plan:
            if project.year != year:
                continue
            cell, area, b = project.cell, project.area_m2, world.built_share[project.cell]
            sold = area * project.far * project.sale * b
            rented = area * project.far * project.rent * b
            facility = area * project.facility * b
            cost = 0.8 * 0.65 * area * sale_price[cell]
            cost += 0.2 * (sold + rented) * sale_price[cell]
            cost += 0.75 * facility * sale_price[cell]
            money += sold * sale_price[cell] + 144.0 * rented * rent[cell] - cost
            newcomers = (sold + 0.9 * rented) / 30.0
            residents[cell] += newcomers
            arrived += newcomers
            poi[cell] += 0.006 * facility
        outside = sum(persons for cell, persons in residents.items() if cell not in grid)
        for cell in residents:
            if cell not in grid:
                residents[cell] *= 1.0 - arrived / outside
        for cell in grid:
            now = nearby_poi(poi, cell)
            growth = 1.0 + (now / before[cell] - 1.0) / 50.0 if before[cell] > 0.0 else 1.0
            sale_price[cell] *= growth * 1.03 / 1.015
            rent[cell] *= growth * 1.03 / 1.015
    travel = mean_distance(world.residents) - mean_distance(residents)
    rise = mean_services(residents, poi) - mean_services(world.residents, world.poi)
    return money, travel, rise


def nearby_poi(poi: dict[Cell, float], cell: Cell) -> float:
    """Points of interest in the 7 x 7 cells around."""
    return sum(poi.get((cell[0] + up, cell[1] + right), 0.0) for up in range(-3, 4) for right in range(-3, 4))


def mean_distance(residents: dict[Cell, float]) -> float:
    """Mean over all residents of the distance that their gravity gives."""
    total = 0.0
    for here, persons in residents.items():
        over, under = 0.0, 0.0
        for there, others in residents.items():
            if there != here:
                distance = math.dist(here, there)
                over += others / distance
                under += others / distance**2
        total += persons * over / under
    return total / sum(residents.values())


def mean_services(residents: dict[Cell, float], poi: dict[Cell, float]) -> float:
    """Mean over the grid's residents of the points of interest within Manhattan distance 3."""
    served, persons = 0.0, 0.0
    for here in poi:
        within = sum(n for there, n in poi.items() if abs(here[0] - there[0]) + abs(here[1] - there[1]) <= 3)
        served += residents[here] * within
        persons += residents[here]
    return served / persons
