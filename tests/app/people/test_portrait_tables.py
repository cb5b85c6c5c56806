"""The tables of a portrait add up, in both languages, and leave out whom nobody is."""

from __future__ import annotations

import pytest

from app.people.portrait_tables import portrait_tables, village_portrait
from app.runs.loading import load_resolved
from data.catalogue import text
from envs.kernel import ResolvedScenario


@pytest.fixture(scope="module")
def resolved() -> ResolvedScenario:
    return load_resolved("tiny", "balanced")


def _numbers(cells: list[str]) -> int:
    return sum(int(cell.replace(",", "")) for cell in cells)


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("villages", [[1], [5, 0]])
def test_tables_add_up(resolved: ResolvedScenario, villages: list[int], language: str) -> None:
    layer = resolved.city.villages
    registered, tenants = (int(layer.registered_residents[villages].sum()), int(layer.tenants[villages].sum()))
    groups, ages, sizes, tenures, workplaces = portrait_tables(
        village_portrait(resolved, villages), resolved.city, language
    )
    assert groups.header[1:] == tuple(text(f"people_group_{name}", language) for name in ("registered", "tenant"))
    assert groups.rows[0][1:] == (f"{registered:,}", f"{tenants:,}")
    assert (_numbers([row[1] for row in ages.rows]), _numbers([row[2] for row in ages.rows])) == (registered, tenants)
    households = _numbers(list(groups.rows[1][1:]))
    assert _numbers([cell for row in sizes.rows for cell in row[1:3]]) == households
    assert _numbers([row[1] for row in tenures.rows[:-1]]) == households
    *zones, everybody = workplaces.rows
    assert _numbers([row[1] for row in zones]) == _numbers([everybody[1]]) == _numbers(list(groups.rows[3][1:]))
