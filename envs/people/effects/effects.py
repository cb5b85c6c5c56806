"""Who gains and who loses by a plan in one state year, summed up from households."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace

import numpy as np

from data.arrays import CodeArray, FloatArray, IntArray
from data.city import City
from envs.kernel.indicators.wellbeing import WELLBEING
from envs.kernel.plans import Plans
from envs.kernel.trace import REPORT, Trace
from envs.kernel.wellbeing import values_of
from envs.people.categories import LEAVERS, OTHER, REGISTERED, RENTED
from envs.people.effects.changes import Changes, changes_of, rented_floor
from envs.people.effects.families import Families
from envs.people.effects.fates import FATES, MOVES, Fates, fates_of
from envs.people.effects.parts import Parts, Summary, summed_by
from envs.people.effects.places import PlacesUnderPlan, places_under_plan
from envs.people.effects.population import N_TENTHS, Population
from envs.people.people_model import PeopleModel

KINDS = ("registered", "tenant", "owner", "renter")
"""Registered villagers, tenants of villages, owners and renters in the zones."""
FATE_KINDS = tuple(f"{kind}_{fate}" for kind in KINDS[:2] for fate in FATES)


@dataclass(frozen=True, eq=False)
class Flows:
    """Who moved from which village to which zone; pairs with somebody alone, each array of shape (n_pairs,).

    Attributes:
        village_idx: left.
        zone_idx: lived in.
        registered: persons.
        tenants: persons.
    """

    village_idx: IntArray
    zone_idx: IntArray
    registered: FloatArray
    tenants: FloatArray


@dataclass(frozen=True, eq=False)
class Effects:
    """Who gains and who loses by a plan; changes against the base year, in CNY a year per head.

    Attributes:
        year: state year.
        seed: of the draw.
        n_households: drawn households of the villages.
        residents: all residents of the villages, one row.
        city: all residents of the city, one row.
        kinds: residents by group, zones by tenure (KINDS).
        fates: villagers and tenants by what became of them (FATE_KINDS).
        districts: residents of the villages of each district.
        tenths: residents of the villages by the tenth of the city's residents to which their household's income per
            head belongs, the lowest first.
        villages: residents of each village.
        worst_off_persons: of the worst-off tenth of the residents of the villages, by FATE_KINDS, shape (6,).
        flows: movers.
        gini_before: of yearly income per head, city.
        gini_after: of income and change, negative sums counted as 0.
        by_types: what the kernel says of the same year without drawing, by the names of its indicators of well-being.
    """

    year: int
    seed: int
    n_households: int
    residents: Parts
    city: Parts
    kinds: Parts
    fates: Parts
    districts: Parts
    tenths: Parts
    villages: Parts
    worst_off_persons: FloatArray
    flows: Flows
    gini_before: float
    gini_after: float
    by_types: dict[str, float]

    @property
    def gini_change(self) -> float:
        """Below 0: incomes are closer together."""
        return self.gini_after - self.gini_before


def effects_of(model: PeopleModel, plans: Plans, population: Population, *, year: int | None = None) -> Effects:
    """Who gains and who loses by one plan.

    Args:
        model: residents on average.
        plans: a batch of one canonical plan.
        population: of the model, prepared once.
        year: state year, 0..horizon; None = the last.
    """
    trace = Trace(model.resolved, plans, REPORT, wellbeing_year=year)
    places = places_under_plan(trace)
    fates = fates_of(population, places)
    changes = changes_of(
        population.families,
        fates,
        places,
        values=values_of(model.book),
        voters=model.resolved.voters,
        floor=rented_floor(model.book),
    )
    with ThreadPoolExecutor(1) as beside:  # one more ranking of everybody
        gini_after = beside.submit(population.gini_with, changes.total)
        summed = _summed(model, population, fates, places, changes)
        by_types = {item.name: float(item.value(trace)[0]) for item in WELLBEING}
        return replace(summed, gini_after=gini_after.result(), by_types=by_types)


def _summed(
    model: PeopleModel, population: Population, fates: Fates, places: PlacesUnderPlan, changes: Changes
) -> Effects:
    """All of the effects but the Gini coefficient and what types say."""
    city, families, drawn = model.city, population.families, slice(0, population.n_drawn)
    cells = _Cells(city, families, fates, population.tenth_idx)
    summary = Summary(
        families,
        fates,
        places,
        changes,
        cell_idx=cells.of_rows,
        n_cells=cells.n,
        care_excess=population.care_excess,
        values=values_of(model.book),
    )
    return Effects(
        year=places.year,
        seed=population.seed,
        n_households=population.n_drawn,
        residents=summary.parts(("villages",), np.where(cells.is_village, 0, -1)),
        city=summary.parts(("city",), np.zeros(cells.n, dtype=np.int64)),
        kinds=summary.parts(KINDS, cells.kind),
        fates=summary.parts(FATE_KINDS, cells.fate_kind),
        districts=summary.parts(city.districts, cells.district),
        tenths=summary.parts([str(k + 1) for k in range(N_TENTHS)], cells.tenth),
        villages=summary.parts(city.villages.village_id.tolist(), cells.village),
        worst_off_persons=summary.worst_off(cells.fate_kind, len(FATE_KINDS)),
        flows=_flows(families.take(drawn), fates.take(drawn), city.n_zones),
        gini_before=population.gini,
        gini_after=np.nan,
        by_types={},
    )


class _Cells:
    """Cells that every part is made of: villagers by village, group, fate and income tenth; zones by tenure."""

    def __init__(self, city: City, families: Families, fates: Fates, tenth_idx: CodeArray) -> None:
        shape = (city.n_villages, len(LEAVERS), len(FATES), N_TENTHS)
        n_village_cells = int(np.prod(shape))
        self.n = n_village_cells + 2 * city.n_zones
        village = families.place_idx.astype(np.int64) - city.n_zones
        in_zone = village < 0
        of_village = ((village * shape[1] + families.group_idx) * shape[2] + fates.fate_idx) * shape[3] + tenth_idx
        of_zone = n_village_cells + 2 * (village + city.n_zones) + (families.tenure_idx == RENTED)
        self.of_rows = np.where(in_zone, of_zone, of_village)
        self.is_village = np.arange(self.n) < n_village_cells
        village, group, fate, tenth = np.unravel_index(np.arange(n_village_cells), shape)
        tenure = OTHER + np.arange(2 * city.n_zones) % 2
        self.kind = np.concatenate([group, tenure])
        self.village, self.tenth = self._of_villages(village), self._of_villages(tenth)
        self.fate_kind = self._of_villages(group * len(FATES) + fate)
        self.district = self._of_villages(city.villages.district_idx[village])

    def _of_villages(self, part_idx: IntArray) -> IntArray:
        return np.concatenate([part_idx, np.full(self.n - len(part_idx), -1)])


def _flows(families: Families, fates: Fates, n_zones: int) -> Flows:
    rows = np.flatnonzero(fates.fate_idx == MOVES)
    pair = (families.place_idx[rows].astype(np.int64) - n_zones) * n_zones + fates.home_idx[rows]
    pairs, which = np.unique(pair, return_inverse=True)
    registered = families.group_idx[rows] == REGISTERED
    of_group = (summed_by(which, families.persons[rows] * member, len(pairs)) for member in (registered, ~registered))
    return Flows(pairs // n_zones, pairs % n_zones, *of_group)
