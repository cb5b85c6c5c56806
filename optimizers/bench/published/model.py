"""The published model as a model that the search can be plugged into: options, terms of a plan, slopes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np

from data.arrays import BoolArray, FloatArray, IntArray, SingleArray
from envs.choices.linear_model import LinearModel
from envs.models.model import Evaluation, Model, Report, Words
from optimizers.bench.published.city import PublishedCity
from optimizers.bench.published.terms import (
    cell_sums,
    money_slope_of_poi,
    price_levels,
    services,
    services_slopes,
)
from optimizers.bench.published.travel import Travel

FLOOR_AREA_RATIOS = (1.8, 1.9, 2.0, 2.1, 2.2)
SHARES = (
    (0.4, 0.2, 0.4), (0.3, 0.5, 0.2), (0.1, 0.6, 0.3), (0.2, 0.6, 0.2), (0.1, 0.7, 0.2), (0.2, 0.7, 0.1),
    (0.4, 0.3, 0.3), (0.5, 0.2, 0.3), (0.6, 0.2, 0.2), (0.6, 0.1, 0.3), (0.6, 0.3, 0.1), (0.7, 0.2, 0.1),
    (0.3, 0.3, 0.4), (0.2, 0.4, 0.4),
)  # fmt: skip
"""For sale, for rent, for facilities."""
PLAN_YEARS = 12
RENTAL_MONTHS = 144
"""Months of rent that a project counts."""
DEMOLITION_SHARE = 0.8 * 0.65
"""Cost of clearing a site, in sale prices of its area."""
BUILDING_SHARE, FACILITY_SHARE = 0.2, 0.75
"""Cost of housing and of facilities, in sale prices of their floor."""
M2_PER_PERSON, OCCUPIED_RENTAL = 30.0, 0.9
POI_PER_M2 = 0.006
LEAST_AREA, MOST_AREA = 1.0 / 1.2, 1.2
"""Of the mean, between which a year's area costs nothing."""
EDGE = 0.1
"""Of the mean, over which the slope of the area grows to its full size."""
TERMS = ("money_cny", "travel_km", "services_poi")
TOTAL = "weighted_total"
N_BATCH = 8
"""Plans whose cells are transformed at once."""
Precision = type[np.float32] | type[np.float64]


@dataclass(frozen=True)
class Weights:
    """How the published programme weighs its terms into one total.

    Attributes:
        terms: per CNY, per cell of 1 km of travel saved, and per POI.
        area_per_m2: what a square meter costs by which the area started in a year leaves its band; 0 = no band.
    """

    terms: tuple[float, float, float] = (2e-7, 2e5, 200.0)
    area_per_m2: float = 0.0


BEIJING, CHAOYANG = Weights(), Weights((1e-8, 1e4, 10.0), area_per_m2=1e-4)


class PublishedModel(Model):
    """Exactly so many villages start in each of 12 years, each once, with one of 5 densities x 14 mixes.

    Args:
        city: the villages that may start, and the grid.
        yearly: villages of each year.
        weights: of the total.
        by_total: whether the weighted total is the one objective; else the three terms are.
    """

    exact_quota = True

    def __init__(
        self, city: PublishedCity, *, yearly: int = 30, weights: Weights = BEIJING, by_total: bool = False
    ) -> None:
        """See the class."""
        self.city, self.weights = city, weights
        self.objectives = (TOTAL,) if by_total else TERMS
        self.signs = np.ones(len(self.objectives))
        self.quota = np.full(PLAN_YEARS, yearly, dtype=np.int64)
        far, shares = (np.array(column) for column in zip(*options(), strict=True))
        self.amounts = contributions(city, far, shares)
        self.option_mask: BoolArray = np.ones(self.amounts.shape[1:], dtype=bool)
        self.start_mask: BoolArray = np.ones((city.n_villages, PLAN_YEARS + 1), dtype=bool)
        self.travel = {dtype: Travel(city, dtype) for dtype in (np.float32, np.float64)}
        self.cell = city.row * city.residents.shape[1] + city.column

    # --- what a plan reaches --------------------------------------------------------------------------------------

    def evaluate(self, start_year: IntArray, option: IntArray) -> Evaluation:
        """See Model; in single precision, which errs by about 0.005 of the published total."""
        return Evaluation(self._objectives(start_year, option, np.float32), np.zeros((len(start_year), 0)))

    def report(self, start_year: IntArray, option: IntArray, indicators: Sequence[str] = ()) -> Report:
        """See Model; in double precision."""
        del indicators
        reached, n_plans = self._objectives(start_year, option, np.float64), len(start_year)
        return Report(reached, np.zeros((n_plans, 0)), np.zeros(n_plans, dtype=np.int64), {})

    def _objectives(self, start_year: IntArray, option: IntArray, dtype: Precision) -> FloatArray:
        """Objectives of plans, shape (n_plans, n_objectives)."""
        rows = [slice(first, first + N_BATCH) for first in range(0, len(start_year), N_BATCH)]
        parts = [self.terms(start_year[chunk], self._chosen(option[chunk]), dtype) for chunk in rows]
        terms = np.concatenate(parts) if parts else np.zeros((0, len(TERMS)))
        return self.total(start_year, terms)[:, None] if self.objectives == (TOTAL,) else terms

    def plan_terms(self, start_year: IntArray, option: IntArray) -> FloatArray:
        """What plans of the options reach in double precision, shape (n_plans, 3); see terms."""
        return self.terms(start_year, self._chosen(option))

    def _chosen(self, option: IntArray) -> FloatArray:
        """What the chosen options contribute, shape (3, n_plans, n_villages)."""
        return self.amounts[:, np.arange(self.city.n_villages), option]

    def terms(self, start_year: IntArray, amounts: FloatArray, dtype: Precision = np.float64) -> FloatArray:
        """What plans reach, also with mixes that are not among the options.

        Args:
            start_year: shape (n_plans, n_villages), 0 = keep.
            amounts: what each village contributes (see contributions), shape (3, n_plans, n_villages).
            dtype: precision of the cells.

        Returns:
            Money [CNY], fall of the mean travel [cells of 1 km] and rise of services [POI], shape (n_plans, 3).
        """
        cells: list[FloatArray] = [amount.astype(dtype) for amount in self._cells(start_year, amounts)]
        value, residents, poi = cells
        before: list[FloatArray] = [amount.astype(dtype) for amount in (self.city.residents, self.city.poi)]
        money = (value * price_levels(before[1] + poi[:, :-1])).sum(axis=(1, 2, 3), dtype=np.float64)
        travel = self.travel[dtype].before_km - self.travel[dtype].mean_km(residents)
        served = services(before[0] + residents, before[1] + poi[:, -1]) - services(*before)
        return np.stack([money, travel, served], axis=1)

    def total(self, start_year: IntArray, terms: FloatArray) -> FloatArray:
        """The published programme's weighted total, less what uneven areas cost, shape (n_plans,)."""
        return terms @ np.array(self.weights.terms) - self.weights.area_per_m2 * self._beyond(start_year).sum(axis=1)

    @property
    def mean_area_m2(self) -> float:
        """Area that the villages of a year have on average."""
        return float(self.city.area_m2.mean() * self.quota[0])

    def _year_area_m2(self, start_year: IntArray) -> FloatArray:
        """Area started in each year, shape (n_plans, plan_years)."""
        return np.stack([(start_year == year) @ self.city.area_m2 for year in range(1, PLAN_YEARS + 1)], axis=1)

    def _beyond(self, start_year: IntArray) -> FloatArray:
        """Area by which each year leaves the band, shape (n_plans, plan_years) [m2]."""
        area, mean = self._year_area_m2(start_year), self.mean_area_m2
        return np.maximum(np.maximum(area - MOST_AREA * mean, LEAST_AREA * mean - area), 0.0)

    def _cells(self, start_year: IntArray, amounts: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
        """What plans add to the grid's cells; amounts of shape (3, n_plans, n_villages).

        Returns:
            Value of each year's starts at first prices, (n_plans, plan_years, n_rows, n_columns) [CNY]; new residents,
            (n_plans, n_rows, n_columns); POI added before each year and at the end, (n_plans, plan_years + 1, ...).
        """
        shape = self.city.residents.shape
        n_cells, n_plans = shape[0] * shape[1], len(start_year)
        value, residents, poi = amounts
        starts = [start_year == year for year in range(1, PLAN_YEARS + 1)]
        by_year = np.stack([cell_sums(value, self.cell, n_cells, where) for where in starts], axis=1)
        opened = np.stack([cell_sums(poi, self.cell, n_cells, where) for where in starts], axis=1)
        opened = np.concatenate([np.zeros_like(opened[:, :1]), np.cumsum(opened, axis=1)], axis=1)
        moved_in = cell_sums(residents, self.cell, n_cells, start_year > 0)
        return (
            by_year.reshape(n_plans, PLAN_YEARS, *shape),
            moved_in.reshape(n_plans, *shape),
            opened.reshape(n_plans, PLAN_YEARS + 1, *shape),
        )

    # --- slopes ---------------------------------------------------------------------------------------------------

    def linear_model(self) -> LinearModel:
        """Quantities: value at first prices, new residents, POI, and where it has a band the area."""
        amounts = [*self.amounts]
        if self.weights.area_per_m2:
            amounts.append(np.broadcast_to(self.city.area_m2[:, None], self.option_mask.shape))
        unit = np.array([np.abs(amount).max() for amount in amounts])
        quantities = np.stack(amounts, axis=1) / unit[:, None]

        def slopes(start_year: IntArray, option: IntArray, weights: FloatArray) -> SingleArray:
            if self.objectives == (TOTAL,):
                of_terms = weights * np.array(self.weights.terms)
                of_area = weights[:, 0] * self.weights.area_per_m2
            else:
                of_terms, of_area = weights, np.zeros(len(weights))
            table = np.empty((*start_year.shape, PLAN_YEARS, unit.size), dtype=np.float32)
            for plan in range(len(start_year)):
                table[plan, ..., :3] = self._slopes(start_year[plan], option[plan], of_terms[plan]) * unit[:3]
                if unit.size > len(TERMS):
                    table[plan, ..., 3] = of_area[plan] * self._area_slope(start_year[plan]) * unit[3]
            return table

        return LinearModel(quantities.astype(np.float32), self.option_mask, self.start_mask, slopes)

    def _slopes(self, start_year: IntArray, option: IntArray, weights: FloatArray) -> FloatArray:
        """Slopes of the weighted terms by value, residents and POI, shape (n_villages, plan_years, 3)."""
        value, residents, poi = (cells[0] for cells in self._cells(start_year[None], self._chosen(option[None])))
        before = self.city.poi + poi[:-1]
        by_residents, by_poi = services_slopes(self.city.residents + residents, self.city.poi + poi[-1])
        of_value = weights[0] * price_levels(before[None])[0]
        of_residents = weights[2] * by_residents
        if weights[1]:
            of_residents = of_residents - weights[1] * self.travel[np.float32].slope(residents.astype(np.float32))
        of_poi = weights[2] * by_poi + weights[0] * money_slope_of_poi(before, value)
        cells = np.stack([of_value, np.broadcast_to(of_residents, of_value.shape), of_poi], axis=-1)
        return np.moveaxis(cells[:, self.city.row, self.city.column], 0, 1)

    def _area_slope(self, start_year: IntArray) -> FloatArray:
        """Derivative of the penalty's negative by area started in each year, shape (plan_years,).

        Years are filled by whole villages: on the way to an edge of the band a square meter already counts in part.
        """
        share = self._year_area_m2(start_year[None])[0] / self.mean_area_m2
        above = np.clip((share - MOST_AREA) / EDGE + 1.0, 0.0, 1.0)
        below = np.clip((LEAST_AREA - share) / EDGE + 1.0, 0.0, 1.0)
        return below - above

    # --- words ----------------------------------------------------------------------------------------------------

    @property
    def village_id(self) -> tuple[str, ...]:
        """Ids of the published villages."""
        return tuple(map(str, self.city.village_id))

    @property
    def option_labels(self) -> tuple[Words, ...]:
        """See Model."""
        return tuple(
            {
                "en": f"floor-area ratio {far:g}, sale {sale:.0%}, rent {rent:.0%}, facilities {facility:.0%}",
                "zh": f"容积率{far:g}，出售{sale:.0%}、出租{rent:.0%}、公共设施{facility:.0%}",
            }
            for far, (sale, rent, facility) in options()
        )

    @property
    def objective_labels(self) -> Mapping[str, Words]:
        """See Model."""
        return {
            "money_cny": {"en": "money", "zh": "资金收益"},
            "travel_km": {"en": "fall of the mean travel", "zh": "平均出行距离降幅"},
            "services_poi": {"en": "rise of services within reach", "zh": "可达公共服务增量"},
            TOTAL: {"en": "weighted total", "zh": "加权总分"},
        }

    @property
    def objective_units(self) -> Mapping[str, str]:
        """See Model."""
        return {"money_cny": "CNY", "travel_km": "km", "services_poi": "POI", TOTAL: ""}

    @property
    def option_kinds(self) -> tuple[IntArray, ...]:
        """Density and mix of each option."""
        density, mix = np.divmod(np.arange(self.option_mask.shape[1]), len(SHARES))
        return density, mix

    @property
    def position(self) -> FloatArray:
        """Cell of each village, in km."""
        return np.column_stack([self.city.column, -self.city.row]).astype(np.float64)


def options() -> list[tuple[float, tuple[float, float, float]]]:
    """Floor-area ratio and shares of every option, in their order."""
    return list(product(FLOOR_AREA_RATIOS, SHARES))


def contributions(city: PublishedCity, far: FloatArray, shares: FloatArray) -> FloatArray:
    """What choices contribute.

    Args:
        city: the published city.
        far: floor-area ratios, shape (n_choices,), or (n_villages, 1) where each village has its own.
        shares: for sale, for rent and for facilities, same shape and an axis of 3 behind it.

    Returns:
        Value at first prices [CNY], new residents and POI, shape (3, n_villages, n_choices).
    """
    cell = city.row, city.column
    area_m2, built_m2 = city.area_m2[:, None], (city.area_m2 * city.built_share[cell])[:, None]
    sold_m2, rented_m2, facility_m2 = (
        built_m2 * far * shares[..., 0],
        built_m2 * far * shares[..., 1],
        built_m2 * shares[..., 2],
    )
    cost_m2 = DEMOLITION_SHARE * area_m2 + BUILDING_SHARE * (sold_m2 + rented_m2) + FACILITY_SHARE * facility_m2
    price, monthly_rent = city.sale_price_cny_m2[cell][:, None], city.rent_cny_m2_month[cell][:, None]
    value = price * (sold_m2 - cost_m2) + RENTAL_MONTHS * monthly_rent * rented_m2
    residents = (sold_m2 + OCCUPIED_RENTAL * rented_m2) / M2_PER_PERSON
    return np.stack([value, residents, POI_PER_M2 * facility_m2])
