"""A city in a page of text: counts, totals with units, what is synthetic, what was repaired."""

from __future__ import annotations

import numpy as np

from app.words.console import list_text, synthetic_text, table_text, unit_text
from app.words.fill_words import fill_header, fill_rows, fills_line
from data.catalogue import message, text
from data.city import CATEGORIES, LAND_CATEGORIES, City
from data.files.cities import EMBEDDED_FOLDER, embedded_city_names


def city_list_text(language: str) -> str:
    """Embedded cities and the size of their files."""
    rows = [
        (name, text("city_file_size", language, size=(EMBEDDED_FOLDER / f"{name}.gpkg").stat().st_size / 1e6))
        for name in embedded_city_names()
    ]
    return list_text(rows) if rows else text("city_none_embedded", language)


def city_text(city: City, language: str) -> str:
    """Everything worth knowing about a city at a glance."""
    paragraphs = [
        text("city_head", language, name=city.name, crs=city.crs, digest=city.digest[:12]),
        list_text(_totals(city, language)),
        table_text(_columns(("facilities", "points", "supply"), language), _facilities(city, language)),
        table_text(_columns(("district", "zones", "villages", "residents", "jobs"), language), _districts(city)),
        _observed(city, language),
        synthetic_text(city.synthetic, language),
        fills_text(city, language),
        "\n".join(text("city_repair", language, repair=line.text(language)) for line in city.repairs),
    ]
    return "\n\n".join(paragraph for paragraph in paragraphs if paragraph)


def fills_text(city: City, language: str) -> str:
    """What an import filled in: a line, and a table below it; "" where nothing was."""
    rows = fill_rows(city, language)
    return f"{fills_line(city, language)}\n{list_text([fill_header(language), *rows])}" if rows else ""


def _columns(names: tuple[str, ...], language: str) -> list[str]:
    return [text(f"city_column_{name}", language) for name in names]


def _totals(city: City, language: str) -> list[tuple[str, str, str]]:
    zones, villages = city.zones, city.villages
    rows = [
        ("districts", float(len(city.districts)), ""),
        ("zones", float(city.n_zones), ""),
        ("villages", float(city.n_villages), ""),
        ("facilities", float(len(city.facilities)), ""),
        ("stations", float(len(city.stations)), ""),
        ("area", zones.area_km2.sum(), "km2"),
        ("residents", zones.residents.sum(), "persons"),
        ("registered", villages.registered_residents.sum(), "persons"),
        ("tenants", villages.tenants.sum(), "persons"),
        ("zone_jobs", zones.jobs.sum(), "jobs"),
        ("village_jobs", villages.jobs.sum(), "jobs"),
        ("housing", zones.housing_floor_area_m2.sum(), "m2"),
        ("site", villages.site_area_m2.sum() / 1e6, "km2"),
        ("floor", villages.gross_floor_area_m2.sum(), "m2"),
        ("rental_only", float(villages.rental_only.sum()), ""),
        ("no_rebuild", float((~villages.rebuild_allowed).sum()), ""),
    ]
    return [
        (
            text(f"city_total_{name}", language),
            f"{value:,.{2 if unit == 'km2' else 0}f}",
            unit_text(unit, language) if unit else "",
        )
        for name, value, unit in rows
    ]


def _facilities(city: City, language: str) -> list[tuple[str, str, str]]:
    points = np.bincount(city.facilities.category_idx, minlength=len(CATEGORIES))
    supply = np.bincount(city.facilities.category_idx, weights=city.facilities.supply_m2, minlength=len(CATEGORIES))
    places = {True: "facility_on_land", False: "facility_on_floor"}
    return [
        (
            text(places[name in LAND_CATEGORIES], language, category=message(f"data_category_{name}")),
            f"{points[k]:,}",
            f"{supply[k]:,.0f}",
        )
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


def _observed(city: City, language: str) -> str:
    """Whether travel and the mean commute were observed."""
    travel = text("city_travel_computed" if city.skim is None else "city_travel_observed", language)
    if city.observed_commute is None:
        return f"{travel}\n{text('city_commute_none', language)}"
    observed = city.observed_commute
    districts = list(observed.districts) or message("city_whole")
    commute = text("city_commute", language, km=observed.mean_km, districts=districts, source=observed.source)
    return f"{travel}\n{commute}"
