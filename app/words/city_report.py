"""A city in a page of text: counts, totals with units, what is synthetic, what was repaired."""

from __future__ import annotations

import numpy as np

from app.words.console import list_text, synthetic_text, table_text
from data.city import CATEGORIES, LAND_CATEGORIES, City
from data.files.cities import EMBEDDED_FOLDER, embedded_city_names


def city_list_text() -> str:
    """Embedded cities and the size of their files."""
    rows = [
        (name, f"{(EMBEDDED_FOLDER / f'{name}.gpkg').stat().st_size / 1e6:.1f} MB") for name in embedded_city_names()
    ]
    return list_text(rows) if rows else "no city is embedded"


def city_text(city: City) -> str:
    """Everything worth knowing about a city at a glance."""
    parts = [
        f"{city.name}   {city.crs}   digest {city.digest[:12]}",
        list_text(_totals(city)),
        table_text(("facilities", "points", "supply m2"), _facilities(city)),
        table_text(("district", "zones", "villages", "residents", "jobs"), _districts(city)),
        _observed(city),
        synthetic_text(city.synthetic),
        "\n".join(f"Repair: {line}" for line in city.repairs),
    ]
    return "\n\n".join(part for part in parts if part)


def _totals(city: City) -> list[tuple[str, str, str]]:
    zones, villages = city.zones, city.villages
    rows = [
        ("districts", float(len(city.districts)), ""),
        ("zones", float(city.n_zones), ""),
        ("villages", float(city.n_villages), ""),
        ("facilities", float(len(city.facilities)), ""),
        ("stations", float(len(city.stations)), ""),
        ("area of the zones", zones.area_km2.sum(), "km2"),
        ("residents of the zones", zones.residents.sum(), "persons"),
        ("registered residents of the villages", villages.registered_residents.sum(), "persons"),
        ("tenants of the villages", villages.tenants.sum(), "persons"),
        ("jobs in zones", zones.jobs.sum(), "jobs"),
        ("jobs in villages", villages.jobs.sum(), "jobs"),
        ("housing floor area of the zones", zones.housing_floor_area_m2.sum(), "m2"),
        ("site area of the villages", villages.site_area_m2.sum() / 1e6, "km2"),
        ("existing floor area of the villages", villages.gross_floor_area_m2.sum(), "m2"),
        ("villages on land for rental only", float(villages.rental_only.sum()), ""),
        ("villages that must not be rebuilt", float((~villages.rebuild_allowed).sum()), ""),
    ]
    return [(name, f"{value:,.{2 if unit == 'km2' else 0}f}", unit) for name, value, unit in rows]


def _facilities(city: City) -> list[tuple[str, str, str]]:
    points = np.bincount(city.facilities.category_idx, minlength=len(CATEGORIES))
    supply = np.bincount(city.facilities.category_idx, weights=city.facilities.supply_m2, minlength=len(CATEGORIES))
    return [
        (f"{name} ({'land' if name in LAND_CATEGORIES else 'floor'})", f"{points[k]:,}", f"{supply[k]:,.0f}")
        for k, name in enumerate(CATEGORIES)
    ]


def _districts(city: City) -> list[tuple[str, ...]]:
    n = len(city.districts)
    zones, villages = city.zones, city.villages
    columns = [
        np.bincount(zones.district_idx, minlength=n),
        np.bincount(villages.district_idx, minlength=n),
        np.bincount(zones.district_idx, weights=zones.residents, minlength=n)
        + np.bincount(villages.district_idx, weights=villages.registered_residents + villages.tenants, minlength=n),
        np.bincount(zones.district_idx, weights=zones.jobs, minlength=n)
        + np.bincount(villages.district_idx, weights=villages.jobs, minlength=n),
    ]
    return [(name, *(f"{column[k]:,.0f}" for column in columns)) for k, name in enumerate(city.districts)]


def _observed(city: City) -> str:
    travel = "Travel: observed skim" if city.skim is not None else "Travel: computed from geometry"
    if city.observed_commute is None:
        return f"{travel}\nObserved mean commute: none, the book's decay is used"
    observed = city.observed_commute
    whose = ", ".join(observed.districts) or "the whole city"
    return f"{travel}\nObserved mean commute: {observed.mean_km:g} km ({whose}; {observed.source})"
