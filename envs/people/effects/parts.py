"""Gains and losses of parts of the people: groups, fates, districts, income tenths, villages."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from data.arrays import BoolArray, FloatArray, IntArray
from envs.kernel.wellbeing import Values, loses, wins
from envs.people.effects.changes import TERMS, Changes
from envs.people.effects.families import Families
from envs.people.effects.fates import MOVES, STAYS, Fates, away_yr, moved_km
from envs.people.effects.places import PlacesUnderPlan

HIDDEN_LOSERS_SHARE = 1.0 / 3.0
"""An average that gains hides a loss where so many lose."""
WORST_SHARE = 0.1


@dataclass(frozen=True, eq=False)
class Parts:
    """Parts of the people, one row each, every array of shape (n_parts,); NaN where nobody is counted.

    Attributes:
        names: of the parts.
        persons: residents of the base year.
        winners_share: who gain more than the threshold [0..1].
        losers_share: who lose more than it [0..1].
        mean_cny_per_yr: change in well-being per head.
        median_cny_per_yr: the same of the one in the middle.
        worst_tenth_cny_per_yr: mean of the worst-off tenth of the part.
        terms_cny_per_yr: means of TERMS, shape (n_terms, n_parts).
        care_excess: mean of the care weights less 1.
        care_excess_change_cny_per_yr: mean of the care weights less 1, times the change.
        income_cny_per_month: per head.
        minutes_before: mean way of the workers.
        minutes_after: of the state year.
        met_before: mean met share of services where they live [0..1].
        met_after: of the state year.
        moved_km: mean distance between village and zone, of those who live in one.
        away_yr: mean years away of those who left, until they came back or up to the state year.
        offer_worth_cny: worth of the offer per head of those who have one, once.
        home_worth_cny: what they hold the home given up to be worth, once.
        rent_before_cny_per_month: per head of those who rent.
        rent_after_cny_per_month: of the state year.
        rent_burden_before: rents of those who rent over their incomes.
        rent_burden_after: of the state year, over the same incomes.
    """

    names: tuple[str, ...]
    persons: FloatArray
    winners_share: FloatArray
    losers_share: FloatArray
    mean_cny_per_yr: FloatArray
    median_cny_per_yr: FloatArray
    worst_tenth_cny_per_yr: FloatArray
    terms_cny_per_yr: FloatArray
    care_excess: FloatArray
    care_excess_change_cny_per_yr: FloatArray
    income_cny_per_month: FloatArray
    minutes_before: FloatArray
    minutes_after: FloatArray
    met_before: FloatArray
    met_after: FloatArray
    moved_km: FloatArray
    away_yr: FloatArray
    offer_worth_cny: FloatArray
    home_worth_cny: FloatArray
    rent_before_cny_per_month: FloatArray
    rent_after_cny_per_month: FloatArray
    rent_burden_before: FloatArray
    rent_burden_after: FloatArray

    @property
    def hides_loss(self) -> BoolArray:
        """True where the mean gains and a third or more lose."""
        return (self.mean_cny_per_yr > 0.0) & (self.losers_share >= HIDDEN_LOSERS_SHARE)

    def care_cny_per_yr(self, strength: float = 1.0) -> FloatArray:
        """Care-weighted mean of the change, where the care weights' excess over 1 is taken so many times; 0 = mean."""
        weighted = self.mean_cny_per_yr + strength * self.care_excess_change_cny_per_yr
        return weighted / (1.0 + strength * self.care_excess)


class Summary:
    """Effects on every household, ready to be summed by parts: summed by cells first, since parts are made of cells."""

    def __init__(
        self,
        families: Families,
        fates: Fates,
        places: PlacesUnderPlan,
        changes: Changes,
        *,
        cell_idx: IntArray,
        n_cells: int,
        care_excess: FloatArray,
        values: Values,
    ) -> None:
        """Sum the rows up by cells, and rank them by what they gain.

        Args:
            families: rows.
            fates: of them.
            places: the plan.
            changes: of them.
            cell_idx: cell of each row; every part has all rows of a cell or none.
            n_cells: number of cells.
            care_excess: care weight less 1 of the rows.
            values: the threshold.
        """
        self.sums = {
            name: summed_by(cell_idx, families.persons * column, n_cells)
            for name, column in _columns(families, fates, places, changes, care_excess, values)
        }
        self.sums["persons"] = summed_by(cell_idx, families.persons, n_cells)
        order = np.argsort(changes.total)
        self.cell_idx, self.persons, self.gain = cell_idx[order], families.persons[order], changes.total[order]

    def worst_off(self, part_of_cell: IntArray, n_parts: int) -> FloatArray:
        """Who the worst-off tenth of all that stand in some part are: persons by part, shape (n_parts,).

        Args:
            part_of_cell: of every cell; -1 = in none.
            n_parts: number of parts.
        """
        part = part_of_cell[self.cell_idx]
        part, weight = part[part >= 0], self.persons[part >= 0]
        reached = np.cumsum(weight)
        limit = WORST_SHARE * (reached[-1] if len(reached) else 0.0)
        return summed_by(part, np.clip(limit - (reached - weight), 0.0, weight), n_parts)

    def parts(self, names: Sequence[str], part_of_cell: IntArray) -> Parts:
        """Sum the cells up.

        Args:
            names: of the parts.
            part_of_cell: of every cell; -1 = in none.
        """
        some = part_of_cell >= 0
        total = {name: summed_by(part_of_cell[some], sums[some], len(names)) for name, sums in self.sums.items()}

        def per(count: str, name: str) -> FloatArray:
            return _ratio(total[name], total[count])

        median, worst = self._ranked(part_of_cell, total["persons"])
        of_persons = (
            "winners_share",
            "losers_share",
            "mean_cny_per_yr",
            "care_excess",
            "care_excess_change_cny_per_yr",
            "income_cny_per_month",
            "met_before",
            "met_after",
        )
        return Parts(
            names=tuple(names),
            persons=total["persons"],
            median_cny_per_yr=median,
            worst_tenth_cny_per_yr=worst,
            terms_cny_per_yr=np.array([per("persons", term) for term in TERMS]),
            minutes_before=per("workers", "minutes_before"),
            minutes_after=per("workers", "minutes_after"),
            moved_km=per("movers", "moved_km"),
            away_yr=per("leavers", "away_yr"),
            offer_worth_cny=per("offered", "offer_worth_cny"),
            home_worth_cny=per("offered", "home_worth_cny"),
            rent_before_cny_per_month=per("renters", "rent_before"),
            rent_after_cny_per_month=per("renters", "rent_after"),
            rent_burden_before=per("renters_income", "rent_before"),
            rent_burden_after=per("renters_income", "rent_after"),
            **{name: per("persons", name) for name in of_persons},
        )

    def _ranked(self, part_of_cell: IntArray, persons: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Median and mean of the worst tenth of every part."""
        n_parts = len(persons)
        of_rows = part_of_cell.astype(np.min_scalar_type(-max(n_parts, 1)))[self.cell_idx]
        rows = np.argsort(of_rows, kind="stable")  # the ranking holds on within each part
        rows = rows[np.count_nonzero(of_rows < 0) :]
        part, weight, gain = of_rows[rows].astype(np.int64), self.persons[rows], self.gain[rows]
        reached = np.cumsum(weight) - (np.cumsum(persons) - persons)[part]
        some = np.flatnonzero(persons > 0.0)
        last = np.cumsum(np.bincount(part, minlength=n_parts)) - 1
        middle = np.searchsorted(part + reached / persons[part], some + 0.5)
        median = np.full(n_parts, np.nan)
        median[some] = gain[np.minimum(middle, last[some])]
        limit = WORST_SHARE * persons
        counted = np.clip(limit[part] - (reached - weight), 0.0, weight)
        return median, _ratio(summed_by(part, counted * gain, n_parts), limit)


def _columns(
    families: Families,
    fates: Fates,
    places: PlacesUnderPlan,
    changes: Changes,
    care_excess: FloatArray,
    values: Values,
) -> Iterator[tuple[str, FloatArray | BoolArray]]:
    """What is summed up, per head of every row; one column at a time, for each takes 16 MB in a large city."""
    yield "winners_share", wins(changes.total, values)
    yield "losers_share", loses(changes.total, values)
    yield "mean_cny_per_yr", changes.total
    yield "care_excess", care_excess
    yield "care_excess_change_cny_per_yr", care_excess * changes.total
    yield "income_cny_per_month", families.income_cny_per_month
    yield "met_before", places.met_before[families.place_idx]
    yield "met_after", places.met_after[fates.home_idx]
    yield "workers", families.workers_per_head
    ways = families.way * families.workers_per_head
    yield "minutes_before", ways * places.minutes_before[families.place_idx]
    yield "minutes_after", ways * places.minutes_after[fates.home_idx]
    yield "movers", fates.fate_idx == MOVES
    yield "moved_km", moved_km(families, fates, places)
    yield "leavers", fates.fate_idx != STAYS
    yield "away_yr", away_yr(families, fates, places)
    yield "offered", changes.offer_worth_cny > 0.0
    yield "offer_worth_cny", changes.offer_worth_cny
    yield "home_worth_cny", changes.home_worth_cny
    renters = (changes.rents.floor_before_m2 > 0.0).astype(np.float64)
    yield "renters", renters
    yield "renters_income", renters * families.income_cny_per_month
    yield "rent_before", changes.rents.before_cny_per_month
    yield "rent_after", changes.rents.after_cny_per_month
    for term in TERMS:
        yield term, getattr(changes, term)


def summed_by(part_idx: IntArray, values: FloatArray, n_parts: int) -> FloatArray:
    """Sums of values by part, shape (n_parts,)."""
    return np.asarray(np.bincount(part_idx, values, n_parts), dtype=np.float64)


def _ratio(total: FloatArray, count: FloatArray) -> FloatArray:
    return np.divide(total, count, out=np.full(total.shape, np.nan), where=count > 0.0)
