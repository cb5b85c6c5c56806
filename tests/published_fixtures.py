"""The published city of the shared data, and a small made-up one of its kind."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import numpy as np
import pytest

from optimizers.bench.published.city import PublishedCity, read_published_city
from optimizers.bench.published.model import options
from oracles.published import Cell, Project, World

PUBLISHED = Path(__file__).parents[2] / "shared" / "data" / "beijing_villages"


def published_folder() -> Path:
    """The published data beside the checkout; the test is skipped where they are absent."""
    if not PUBLISHED.exists():
        pytest.skip("../shared/data/beijing_villages is absent")
    return PUBLISHED


@cache
def published_city() -> PublishedCity:
    return read_published_city(published_folder())


def small_published_city(seed: int, n_villages: int = 14) -> PublishedCity:
    """A grid of 9 x 8 cells within 13 x 12; some cells have no POI for many cells around."""
    rng = np.random.default_rng(seed)
    shape, around, corner = (9, 8), (13, 12), (1, 2)
    residents_around = rng.uniform(0.0, 5_000.0, around) * (rng.random(around) < 0.8)
    poi = np.where(rng.random(shape) < 0.5, rng.uniform(1.0, 90.0, shape), 0.0)
    poi[4:, 3:] = 0.0
    top, left = corner
    return PublishedCity(
        village_id=np.arange(100, 100 + n_villages),
        row=rng.integers(0, shape[0], n_villages),
        column=rng.integers(0, shape[1], n_villages),
        area_m2=rng.uniform(2e3, 2e5, n_villages),
        built_share=rng.uniform(0.4, 0.9, shape),
        residents=residents_around[top : top + shape[0], left : left + shape[1]].copy(),
        poi=poi,
        sale_price_cny_m2=rng.uniform(1e4, 9e4, shape),
        rent_cny_m2_month=rng.uniform(25.0, 200.0, shape),
        residents_around=residents_around,
        corner=corner,
    )


def cells_of(raster: np.ndarray, corner: tuple[int, int] = (0, 0)) -> dict[Cell, float]:
    """A raster by cell, cells counted from the grid's first."""
    return {(row - corner[0], column - corner[1]): float(n) for (row, column), n in np.ndenumerate(raster)}


def as_world(city: PublishedCity) -> World:
    return World(
        built_share=cells_of(city.built_share),
        poi=cells_of(city.poi),
        sale_price=cells_of(city.sale_price_cny_m2),
        rent=cells_of(city.rent_cny_m2_month),
        residents=cells_of(city.residents_around, city.corner),
    )


def as_projects(city: PublishedCity, start_year: np.ndarray, option: np.ndarray) -> list[Project]:
    projects = []
    for village in np.flatnonzero(start_year):
        far, (sale, rent, facility) = options()[option[village]]
        cell = int(city.row[village]), int(city.column[village])
        projects.append(
            Project(cell, float(city.area_m2[village]), int(start_year[village]), far, sale, rent, facility)
        )
    return projects
