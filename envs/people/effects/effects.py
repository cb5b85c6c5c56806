"""Who gains and who loses by a plan in one state year, summed up from households."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace

import numpy as np

from data.arrays import CodeArray, FloatArray, IntArray
from data.city import City
from data.parameter_book import Book
from envs.kernel.indicators.wellbeing import WELLBEING
from envs.kernel.plans import Plans
from envs.kernel.services.accessibility import gini
from envs.kernel.trace import REPORT, Trace
from envs.kernel.wellbeing import MONTHS_PER_YR, care_excess, care_weight, values_of
from envs.people.categories import OTHER, REGISTERED, RENTED
from envs.people.effects.changes import Changes, changes_of, rented_floor
from envs.people.effects.families import Families, Sample, city_families
from envs.people.effects.fates import FATES, MOVES, Fates, fates_of
from envs.people.effects.parts import Parts, Summary, summed_by
from envs.people.effects.places import LEAVERS, PlacesUnderPlan, places_under_plan
from envs.people.people_model import PeopleModel

KINDS = ("registered", "tenant", "owner", "renter")
"""Registered villagers, tenants of villages, owners and renters in the zones."""
FATE_KINDS = tuple(f"{kind}_{fate}" for kind in KINDS[:2] for fate in FATES)
N_TENTHS = 10


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


def effects_of(model: PeopleModel, plans: Plans, sample: Sample, *, year: int | None = None) -> Effects:
    """Who gains and who loses by one plan.

    Args:
        model: residents on average.
        plans: a batch of one canonical plan.
        sample: drawn residents.
        year: state year, 0..horizon; None = the last.
    """
    trace = Trace(model.resolved, plans, REPORT, wellbeing_year=year)
    places = places_under_plan(trace)
    families = city_families(model, sample, places.minutes_before)
    fates = fates_of(model, families, places, sample.seed)
    changes = changes_of(
        families,
        fates,
        places,
        values=values_of(model.book),
        voters=model.resolved.voters,
        floor=rented_floor(model.book),
    )
    incomes = Incomes(families.income_cny_per_month, families.persons)
    after = np.clip(incomes.yearly + changes.total, 0.0, None)
    with ThreadPoolExecutor(1) as beside:  # two more rankings of everybody
        ginis = beside.map(_gini, (incomes.yearly, after), (families.persons, families.persons))
        summed = _summed(model, families, fates, places, changes, incomes, sample)
        by_types = {item.name: float(item.value(trace)[0]) for item in WELLBEING}
        return replace(summed, gini_before=next(ginis), gini_after=next(ginis), by_types=by_types)


def _summed(
    model: PeopleModel,
    families: Families,
    fates: Fates,
    places: PlacesUnderPlan,
    changes: Changes,
    incomes: Incomes,
    sample: Sample,
) -> Effects:
    """All of the effects but the Gini coefficients and what types say."""
    city, n_households = model.city, len(sample.villagers.households)
    cells = _Cells(city, families, fates, incomes.tenth_idx)
    summary = Summary(
        families,
        fates,
        places,
        changes,
        cell_idx=cells.of_rows,
        n_cells=cells.n,
        care_excess=_care_excess(model.book, families, incomes.median),
        values=values_of(model.book),
    )
    drawn = slice(0, n_households)
    return Effects(
        year=places.year,
        seed=sample.seed,
        n_households=n_households,
        residents=summary.parts(("villages",), np.where(cells.is_village, 0, -1)),
        city=summary.parts(("city",), np.zeros(cells.n, dtype=np.int64)),
        kinds=summary.parts(KINDS, cells.kind),
        fates=summary.parts(FATE_KINDS, cells.fate_kind),
        districts=summary.parts(city.districts, cells.district),
        tenths=summary.parts([str(k + 1) for k in range(N_TENTHS)], cells.tenth),
        villages=summary.parts(city.villages.village_id.tolist(), cells.village),
        worst_off_persons=summary.worst_off(cells.fate_kind, len(FATE_KINDS)),
        flows=_flows(families.take(drawn), fates.take(drawn), city.n_zones),
        gini_before=np.nan,
        gini_after=np.nan,
        by_types={},
    )


class Incomes:
    """Yearly incomes per head, ranked.

    Attributes:
        yearly: of every row [CNY/yr].
        median: least income that half of the persons do not exceed [CNY/month].
        tenth_idx: tenth of all persons by income to which each row belongs, 0 the lowest.
    """

    def __init__(self, income_cny_per_month: FloatArray, persons: FloatArray) -> None:
        """Rank the rows.

        Args:
            income_cny_per_month: per head, shape (n_rows,).
            persons: of each row.
        """
        order = np.argsort(income_cny_per_month)
        reached = np.cumsum(persons[order])
        self.yearly = MONTHS_PER_YR * income_cny_per_month
        self.median = float(income_cny_per_month[order[np.searchsorted(reached, 0.5 * reached[-1])]])
        self.tenth_idx = np.empty(len(order), dtype=np.int8)
        self.tenth_idx[order] = N_TENTHS * (reached - 0.5 * persons[order]) / reached[-1]


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


def _care_excess(book: Book, families: Families, median_cny_per_month: float) -> FloatArray:
    """Care weight less 1 of every row."""
    weight = care_weight(
        elderly=families.has_elderly,
        low_income=families.income_cny_per_month < book.number("care.low_income") * median_cny_per_month,
        disabled=families.has_disabled,
        excess=care_excess(book),
    )
    return np.asarray(weight) - 1.0


def _flows(families: Families, fates: Fates, n_zones: int) -> Flows:
    rows = np.flatnonzero(fates.fate_idx == MOVES)
    pair = (families.place_idx[rows].astype(np.int64) - n_zones) * n_zones + fates.home_idx[rows]
    pairs, which = np.unique(pair, return_inverse=True)
    registered = families.group_idx[rows] == REGISTERED
    of_group = (summed_by(which, families.persons[rows] * member, len(pairs)) for member in (registered, ~registered))
    return Flows(pairs // n_zones, pairs % n_zones, *of_group)


def _gini(values: FloatArray, persons: FloatArray) -> float:
    return float(gini(values[:, None], persons[:, None])[0])
