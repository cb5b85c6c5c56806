"""The portrait of a village in words: tables for a page and a report."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from data.catalogue import text
from data.city import City
from envs.kernel import ResolvedScenario
from envs.people.categories import AGE_BANDS, GROUPS, SIZES, TENURES
from envs.people.drawing import draw_residents
from envs.people.people_model import people_model
from envs.people.portrait import Portrait, portrait_of

SEED = 0
"""Of the residents that pages and reports show."""
MOST_WORKPLACES = 10


@dataclass(frozen=True)
class TextTable:
    """A table of texts; its first column is to the left, the others to the right."""

    title: str
    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


def village_portrait(resolved: ResolvedScenario, villages: Sequence[int]) -> Portrait:
    """The residents of villages in the base year, drawn and counted.

    Args:
        resolved: scenario resolved against a city.
        villages: positions among the villages; at least one.

    Raises:
        InputError: the book's margins contradict each other.
    """
    places = [resolved.city.n_zones + village for village in sorted(villages)]
    return portrait_of(draw_residents(people_model(resolved), SEED, places), resolved.city.n_zones)


def portrait_tables(portrait: Portrait, city: City, language: str) -> tuple[TextTable, ...]:
    """Who lives there, ages, households, tenure, workplaces; groups without anybody are left out.

    Args:
        portrait: of one village or of several.
        city: whose zones people work in.
        language: en or zh.
    """
    groups = np.flatnonzero(portrait.persons).tolist()
    return (
        _groups(portrait, groups, language),
        _by_group("ages", AGE_BANDS, portrait.ages[groups], groups, language),
        _by_group(
            "sizes", [_size(size, language) for size in SIZES.tolist()], portrait.sizes[groups], groups, language
        ),
        _tenures(portrait, language),
        _workplaces(portrait, city, language),
    )


def _groups(portrait: Portrait, groups: list[int], language: str) -> TextTable:
    """A column for each group, a row for each measure."""
    measured = [_measures(portrait, group, language) for group in groups]
    header = (text("people_column_measure", language), *(text(f"people_group_{GROUPS[g]}", language) for g in groups))
    rows = tuple(
        (text(f"people_column_{name}", language), *(measures[name] for measures in measured)) for name in measured[0]
    )
    return TextTable(text("people_table_groups", language), header, rows)


def _measures(portrait: Portrait, group: int, language: str) -> dict[str, str]:
    """Figures of a group that has somebody, by the name of the column that says what they are."""
    persons, households = int(portrait.persons[group]), int(portrait.households[group])
    low, middle, high = portrait.income_per_head_cny[group].tolist()
    return {
        "persons": f"{persons:,}",
        "households": f"{households:,}",
        "per_household": f"{persons / households:.2f}",
        "workers": f"{portrait.workers[group]:,}",
        "wage": _number(float(portrait.mean_wage_cny[group])),
        "per_head": text("people_income_range", language, low=low, middle=middle, high=high),
        "long_stay": _share(int(portrait.long_stay[group]), households),
    }


def _by_group(name: str, labels: Sequence[str], counts: np.ndarray, groups: list[int], language: str) -> TextTable:
    """A row for each label, a column for each group, and the share of all."""
    whole = int(counts.sum())
    header = (
        text(f"people_column_{name}", language),
        *(text(f"people_group_{GROUPS[g]}", language) for g in groups),
        text("people_column_share_of_all", language),
    )
    rows = tuple(
        (label, *(f"{n:,}" for n in column), _share(sum(column), whole))
        for label, column in zip(labels, counts.T.tolist(), strict=True)
    )
    return TextTable(text(f"people_table_{name}", language), header, rows)


def _tenures(portrait: Portrait, language: str) -> TextTable:
    whole = int(portrait.tenures.sum())
    rows = [
        (text(f"people_tenure_{TENURES[t]}", language), f"{n:,}", _share(n, whole))
        for t, n in enumerate(portrait.tenures.sum(axis=0).tolist())
        if n
    ]
    registered = int(portrait.registered.sum())
    rows.append((text("people_in_city_register", language), f"{registered:,}", _share(registered, whole)))
    return _titled("tenures", ("tenure", "households", "share_of_all"), rows, language)


def _workplaces(portrait: Portrait, city: City, language: str) -> TextTable:
    """Where most work, and everybody else in one row."""
    order = np.argsort(-portrait.work_zones, kind="stable")
    shown = [int(zone) for zone in order[:MOST_WORKPLACES] if portrait.work_zones[zone]]
    whole = int(portrait.work_zones.sum())
    rows = list(_zone_rows(portrait, city, shown, whole))
    rest = whole - int(portrait.work_zones[shown].sum())
    if rest:
        elsewhere = text("people_other_zones", language, n=int(np.count_nonzero(portrait.work_zones)) - len(shown))
        rows.append((elsewhere, f"{rest:,}", _share(rest, whole), "-"))
    rows.append(
        (text("people_all_workers", language), f"{whole:,}", _share(whole, whole), _number(portrait.all_minutes))
    )
    return _titled("workplaces", ("work_zone", "workers", "share_of_all", "minutes"), rows, language)


def _zone_rows(portrait: Portrait, city: City, shown: Sequence[int], whole: int) -> Iterator[tuple[str, ...]]:
    for zone in shown:
        name = str(city.zones.name[zone]) or str(city.zones.zone_id[zone])
        district = city.districts[int(city.zones.district_idx[zone])]
        n = int(portrait.work_zones[zone])
        yield f"{name} ({district})", f"{n:,}", _share(n, whole), _number(float(portrait.mean_minutes[zone]))


def _titled(name: str, columns: Sequence[str], rows: Sequence[tuple[str, ...]], language: str) -> TextTable:
    header = tuple(text(f"people_column_{column}", language) for column in columns)
    return TextTable(text(f"people_table_{name}", language), header, tuple(rows))


def _size(size: int, language: str) -> str:
    return text("people_size_largest" if size == SIZES[-1] else "people_size", language, n=size)


def _share(part: int, whole: int) -> str:
    return f"{100.0 * part / whole:.1f} %" if whole else "-"


def _number(value: float) -> str:
    return "-" if math.isnan(value) else f"{value:,.0f}"
