"""What every legal choice of every village amounts to: floors, and money at base-year prices.

Whatever a plan adds up to (a year's cost, a district's new housing, its net present value at given prices) is a sum
over villages of amounts times weights that depend on district and start year only. A bound over the corners of the
legal floors holds for every legal density and facility ratio, not only for the levels that searches choose among.
Weights must not be positive on costs nor negative on revenues: what follows the option's price is counted at its best.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from itertools import product

import numpy as np

from data.arrays import BoolArray, FloatArray, IntArray
from data.scenario import CANONICAL_LAND_USE, INTENSITIES, LAND_USES, Intensity, LandUse
from envs.choices.options import OptionSpace
from envs.kernel.consent import least_multiplier, offer
from envs.kernel.hedonic import density_factor, hedonic_factor, met_with_option
from envs.kernel.plans import OPTIONAL_COLUMNS, Plans, canonical
from envs.kernel.project_account import ITEMS, PRICED_ITEMS, Terms, flow_amounts_cny
from envs.kernel.resolved_scenario import ResolvedScenario
from envs.kernel.trace import REPORT, Trace
from optimizers.bounds.floor_area_vertices import cells, floor_corners, floor_range

ACCOUNTS = tuple(sorted({(item.kind, item.profile, item.index) for item in ITEMS if item.name not in PRICED_ITEMS}))
"""Items without a sale price, summed by kind, profile and what moves them."""
FLOORS = ("demolished", "retained", "new_floor", "commodity", "rental", "resettlement")
PEOPLE = ("tenants_left", "rental_places")
DEARER = "dearer"
"""Sales beyond those at a district's common price; market_envelopes.py adds it, zero until then."""
AMOUNTS = (*ACCOUNTS, *PRICED_ITEMS, *FLOORS, *PEOPLE, "renewed", *(i.value for i in INTENSITIES), DEARER)
"""What a choice amounts to; the order of the last axis of amounts and weights."""


@dataclass(frozen=True, eq=False)
class ChoiceTable:
    """Every corner of every village's legal floors.

    Attributes:
        plans: one row per choice, all villages starting in year 1, shape (n_choices, n_villages).
        amounts: in the order of AMOUNTS, shape (n_villages, n_choices, n_amounts); zero where not legal.
        mask: True where a choice is legal, shape (n_villages, n_choices).
        start_mask: True where a village may start in a year, column 0 = year 1, shape (n_villages, plan_years).
        keep_mask: True where a village may be kept, shape (n_villages,).
        district_idx: district of each village, shape (n_villages,).
        n_districts: number of districts.
    """

    plans: Plans
    amounts: FloatArray
    mask: BoolArray
    start_mask: BoolArray
    keep_mask: BoolArray
    district_idx: IntArray
    n_districts: int

    @property
    def n_years(self) -> int:
        """Years in which villages may start."""
        return int(self.start_mask.shape[1])

    @cached_property
    def villages_of(self) -> list[IntArray]:
        """Villages of each district."""
        return [np.flatnonzero(self.district_idx == district) for district in range(self.n_districts)]

    def amount(self, *names: str) -> FloatArray:
        """Sum of amounts of every choice, shape (n_villages, n_choices)."""
        return self.amounts[:, :, [AMOUNTS.index(name) for name in names]].sum(axis=2)

    def weights(self) -> FloatArray:
        """Weights of nothing yet, shape (n_districts, plan_years, n_amounts)."""
        return np.zeros((self.n_districts, self.n_years, len(AMOUNTS)))

    def scores(self, weights: FloatArray, villages: IntArray) -> FloatArray:
        """Weighted amounts of every year and choice.

        Args:
            weights: shape (n_districts, plan_years, n_amounts).
            villages: positions.

        Returns:
            shape (len(villages), plan_years, n_choices); -inf where year or choice is not legal.
        """
        score = weights[self.district_idx[villages]] @ self.amounts[villages].transpose(0, 2, 1)
        legal = self.start_mask[villages][:, :, None] & self.mask[villages][:, None, :]
        return np.where(legal, score, -np.inf)

    def plan(self, start_year: IntArray, choice: IntArray) -> Plans:
        """The plan that takes a choice in each village, as a batch of one.

        Args:
            start_year: 0 = keep, shape (n_villages,).
            choice: position among the choices, same shape.
        """
        village = np.arange(start_year.size)
        taken = self.plans.each(lambda column: np.asarray(column)[choice, village][None, :])
        return canonical(replace(taken, start_year=start_year[None, :].astype(np.int64)))


def choice_table(resolved: ResolvedScenario) -> ChoiceTable:
    """Corners of the legal floors of every village of a resolved scenario.

    Floors are linear within the legal polygon, the price of an option is not. The polygon is cut into cells; in each
    cell sales count at its largest price, and costs that follow the price or the consent it wins at their least. So
    every legal choice is a mix of corners that build the same, sell for as much and cost no more.
    """
    city = resolved.city
    rebuilt = [intensity for intensity in INTENSITIES if intensity is not Intensity.REHABILITATE]
    kinds = [(Intensity.REHABILITATE, CANONICAL_LAND_USE), *product(rebuilt, LAND_USES)]
    blocks = []
    for intensity, use in kinds:
        whole = floor_range(resolved, intensity, use)
        if not whole.allowed.any():
            continue
        codes = np.array([INTENSITIES.index(intensity), LAND_USES.index(use)])
        sells = intensity is not Intensity.REHABILITATE and _sells(resolved, use)
        for ranges in cells(whole) if sells else [whole]:
            far, facility, mask = floor_corners(ranges)
            used = mask.any(axis=1)
            ends = np.stack([ranges.far_low, ranges.facility_low, ranges.far_high, ranges.facility_high])
            blocks.append(
                (
                    np.broadcast_to(codes[:, None, None], (2, *far[used].shape)),
                    np.broadcast_to(ends[:, None], (4, *far[used].shape)),
                    far[used],
                    facility[used],
                    mask[used],
                )
            )
    plans, mask, lowest, highest = _stacked(resolved, blocks)
    start, keep = _years(resolved)
    start &= np.asarray(mask.any(axis=0))[:, None]
    return ChoiceTable(
        plans=plans,
        amounts=np.where(mask.T[:, :, None], _amounts(resolved, plans, _prices(resolved, lowest, highest)), 0.0),
        mask=np.ascontiguousarray(mask.T),
        start_mask=start,
        keep_mask=keep | ~start.any(axis=1),
        district_idx=city.villages.district_idx,
        n_districts=len(city.districts),
    )


def _sells(resolved: ResolvedScenario, land_use: LandUse) -> bool:
    """Whether a land use has commodity housing."""
    return bool(np.asarray(resolved.constants.base.land_use_shares)[LAND_USES.index(land_use), 0] > 0.0)


Block = tuple[IntArray, FloatArray, FloatArray, FloatArray, BoolArray]
"""Codes, ends of the cell, floor-area ratio, facility ratio and mask of some choices."""


def _stacked(resolved: ResolvedScenario, blocks: list[Block]) -> tuple[Plans, BoolArray, Plans, Plans]:
    """Choices of all kinds below each other; one choice that nobody may take where there is none.

    Returns:
        The choices, their mask, and the lower and upper ends of the cells that they belong to.
    """
    if not blocks:
        nothing = np.zeros((1, resolved.city.n_villages))
        empty = Plans(*(nothing.astype(np.int64),) * 3, nothing, nothing)
        return empty, nothing > 0.0, empty, empty
    codes, ends, far, facility, mask = (np.concatenate(arrays, axis=-2) for arrays in zip(*blocks, strict=True))
    given = _given(resolved, far.shape)

    def plans(far: FloatArray, facility: FloatArray) -> Plans:
        return canonical(
            Plans(np.ones(far.shape, dtype=np.int64), codes[0], codes[1], far * mask, facility * mask, **given)
        )

    return plans(far, facility), mask, plans(ends[0], ends[1]), plans(ends[2], ends[3])


def _given(resolved: ResolvedScenario, shape: tuple[int, ...]) -> dict[str, FloatArray]:
    """What the scenario says of its fixed villages besides."""
    ids, given = resolved.city.villages.village_id, {}
    for name in OPTIONAL_COLUMNS:
        said = {village: getattr(fixed, name) for village, fixed in resolved.scenario.fixed.items()}
        column = np.array([np.nan if said.get(village) is None else said[village] for village in ids])
        given[name] = np.broadcast_to(column, shape)
    return given


def _years(resolved: ResolvedScenario) -> tuple[BoolArray, BoolArray]:
    """Which village may start in which year, and which may be kept."""
    scenario, ids = resolved.scenario, resolved.city.villages.village_id
    start = np.ones((ids.size, scenario.plan_years), dtype=bool) & ~np.isin(ids, scenario.forbidden)[:, None]
    start[:, : scenario.first_open_year - 1] = False
    keep = np.ones(ids.size, dtype=bool) & ~np.isin(ids, scenario.locked)
    for name, fixed in scenario.fixed.items():
        village = np.flatnonzero(ids == name)
        start[village] = np.arange(1, scenario.plan_years + 1) == fixed.start_year
        keep[village] = fixed.start_year == 0
    return start, keep


def _prices(resolved: ResolvedScenario, lowest: Plans, highest: Plans) -> tuple[FloatArray, FloatArray]:
    """Least and largest sale price between two floors of a village, shape (n_choices, n_villages) [CNY/m2].

    Services rise with either floor and density with one of them; the price moves with each in one direction.
    """
    taste, ends = resolved.taste, [Trace(resolved, plans, REPORT) for plans in (lowest, highest)]
    services, base = ends[0].constants.services, ends[0].constants.prices.sale_price_cny_per_m2
    rho = ends[1].form.rebuilt_share
    met, density = [], []
    for end in ends:
        form = end.form
        met.append(met_with_option(services, rho, form.facility_new + form.facility_converted, form.green_land))
        density.append(density_factor(end.plans.floor_area_ratio, rho, taste))
    one = np.ones_like(density[0])
    service = [np.asarray(hedonic_factor(services, taste, met=m, density=one)) for m in met]
    return base * np.minimum(*service) * np.minimum(*density), base * np.maximum(*service) * np.maximum(*density)


def _amounts(
    resolved: ResolvedScenario, plans: Plans, prices: tuple[FloatArray, FloatArray] | None = None
) -> FloatArray:
    """The AMOUNTS of every choice, by the evaluator's own functions; shape (n_villages, n_choices, n_amounts).

    Prices, if given, are the least and the largest that count; else the choice's own.
    """
    trace = Trace(resolved, plans, REPORT)
    items = trace.amounts_cny if prices is None else _at_best(trace, *prices)
    by_account = {account: np.zeros(plans.start_year.shape) for account in ACCOUNTS}
    for item in ITEMS:
        if item.name not in PRICED_ITEMS:
            account = (item.kind, item.profile, item.index)
            by_account[account] = by_account[account] + items[item.name]
    columns = [*by_account.values(), *(items[name] for name in PRICED_ITEMS)]
    columns += [getattr(trace.form, name) for name in FLOORS] + [getattr(trace.moves, name) for name in PEOPLE]
    columns += [trace.renewed, *(trace.renewed * (plans.intensity == i) for i in range(len(INTENSITIES)))]
    return np.stack([*columns, np.zeros(plans.start_year.shape)], axis=-1).transpose(1, 0, 2).copy()


def _at_best(trace: Trace, low: FloatArray, high: FloatArray) -> dict[str, FloatArray]:
    """Items with revenues at the largest price, and costs at what the price makes least."""
    resolved, onsite = trace.resolved, trace.onsite_share
    terms = offer(
        trace.constants.claims,
        onsite_share=onsite,
        price_cny_per_m2=high,
        resettlement_price_cny_per_m2=resolved.unit_costs.resettlement_price_cny_per_m2,
    )
    asked = least_multiplier(terms, ratio=resolved.consent_ratio, cap=resolved.book.number("consent.cap"))
    asked = np.where(trace.form.rebuilt_share > 0.0, asked, 1.0)
    if trace.plans.compensation_multiplier is not None:
        asked = np.where(np.isnan(trace.plans.compensation_multiplier), asked, trace.plans.compensation_multiplier)
    villages, unit = trace.constants.prices, resolved.unit_costs
    best, worst = (
        flow_amounts_cny(trace.form, trace.moves, villages, unit, Terms(price, onsite, asked)) for price in (high, low)
    )
    return best | {"sales_cost": worst["sales_cost"]}


def plan_amounts(resolved: ResolvedScenario, plan: Plans) -> FloatArray:
    """The AMOUNTS of a plan's villages, shape (n_villages, n_amounts); zero where they are kept."""
    return _amounts(resolved, plan)[:, 0, :]


def option_table(resolved: ResolvedScenario, space: OptionSpace) -> ChoiceTable:
    """The options that searches choose among, as a table: a choice is the position of an option.

    Args:
        resolved: scenario resolved against a city.
        space: its options.
    """
    n_villages = resolved.city.n_villages
    shape = (space.n_options, n_villages)
    option = np.broadcast_to(np.arange(space.n_options)[:, None], shape)
    year = np.where(space.fixed_mask, np.argmax(space.start_mask, axis=1), 1)
    plans = space.decode(np.broadcast_to(year, shape), option)
    mask = np.where(space.fixed_mask[:, None], option.T == 0, space.option_mask)
    return ChoiceTable(
        plans=plans,
        amounts=np.where(mask[:, :, None], _amounts(resolved, plans), 0.0),
        mask=mask,
        start_mask=space.start_mask[:, 1:],
        keep_mask=space.start_mask[:, 0],
        district_idx=resolved.city.villages.district_idx,
        n_districts=len(resolved.city.districts),
    )
