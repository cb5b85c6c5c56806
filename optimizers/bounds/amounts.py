"""What every legal choice of every village amounts to: floors, and money at base-year prices.

Whatever a plan adds up to (a year's cost, a district's new housing, its net present value at given prices) is a sum
over villages of amounts times weights that depend on district and start year only. A bound over the corners of the
legal floors holds for every legal density and facility ratio, not only for the levels that searches choose among.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from itertools import product

import numpy as np

from data.arrays import BoolArray, FloatArray, IntArray
from data.scenario import CANONICAL_LAND_USE, INTENSITIES, LAND_USES, Intensity
from envs.choices.options import OptionSpace
from envs.kernel.plans import Plans, canonical
from envs.kernel.project_account import ITEMS, PRICED_ITEMS
from envs.kernel.resolved_scenario import ResolvedScenario
from envs.kernel.trace import REPORT, Trace
from optimizers.bounds.floor_area_vertices import floor_corners, floor_range

ACCOUNTS = tuple(sorted({(item.kind, item.profile) for item in ITEMS if item.name not in PRICED_ITEMS}))
"""Items without a sale price, summed by kind and profile."""
FLOORS = ("demolished", "retained", "new_floor", "commodity", "rental", "resettlement")
COMPARED = ("uneven to demolished", "uneven to new", "changed housing")
"""What price_pairs.py adds to compare neighbors; zero until then."""
AMOUNTS = (*ACCOUNTS, *PRICED_ITEMS, *FLOORS, "renewed", *COMPARED)
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
        columns = [np.asarray(column)[choice, village][None, :] for column in self.plans.columns]
        return canonical(Plans(start_year[None, :].astype(np.int64), *columns[1:]))


def choice_table(resolved: ResolvedScenario) -> ChoiceTable:
    """Corners of the legal floors of every village of a resolved scenario."""
    city = resolved.city
    rebuilt = [intensity for intensity in INTENSITIES if intensity is not Intensity.REHABILITATE]
    kinds = [(Intensity.REHABILITATE, CANONICAL_LAND_USE), *product(rebuilt, LAND_USES)]
    blocks = []
    for intensity, use in kinds:
        ranges = floor_range(resolved, intensity, use)
        if not ranges.allowed.any():
            continue
        far, facility, mask = floor_corners(ranges)
        codes = np.stack([np.full(far.shape, INTENSITIES.index(intensity)), np.full(far.shape, LAND_USES.index(use))])
        used = mask.any(axis=1)
        blocks.append((codes[:, used], far[used], facility[used], mask[used]))
    plans, mask = _stacked(blocks, city.n_villages)
    start, keep = _years(resolved)
    start &= np.asarray(mask.any(axis=0))[:, None]
    return ChoiceTable(
        plans=plans,
        amounts=np.where(mask.T[:, :, None], _amounts(resolved, plans), 0.0),
        mask=np.ascontiguousarray(mask.T),
        start_mask=start,
        keep_mask=keep | ~start.any(axis=1),
        district_idx=city.villages.district_idx,
        n_districts=len(city.districts),
    )


def _stacked(
    blocks: list[tuple[IntArray, FloatArray, FloatArray, BoolArray]], n_villages: int
) -> tuple[Plans, BoolArray]:
    """Choices of all kinds below each other; one choice that nobody may take where there is none."""
    if not blocks:
        nothing = np.zeros((1, n_villages))
        return Plans(*(nothing.astype(np.int64),) * 3, nothing, nothing), nothing > 0.0
    codes, far, facility, mask = (np.concatenate(arrays, axis=-2) for arrays in zip(*blocks, strict=True))
    plans = Plans(np.ones(far.shape, dtype=np.int64), codes[0], codes[1], far * mask, facility * mask)
    return canonical(plans), mask


def _years(resolved: ResolvedScenario) -> tuple[BoolArray, BoolArray]:
    """Which village may start in which year, and which may be kept."""
    scenario, ids = resolved.scenario, resolved.city.villages.village_id
    start = np.ones((ids.size, scenario.plan_years), dtype=bool) & ~np.isin(ids, scenario.forbidden)[:, None]
    keep = np.ones(ids.size, dtype=bool) & ~np.isin(ids, scenario.locked)
    for name, fixed in scenario.fixed.items():
        village = np.flatnonzero(ids == name)
        start[village] = np.arange(1, scenario.plan_years + 1) == fixed.start_year
        keep[village] = fixed.start_year == 0
    return start, keep


def _amounts(resolved: ResolvedScenario, plans: Plans) -> FloatArray:
    """The AMOUNTS of every choice, by the evaluator's own functions; shape (n_villages, n_choices, n_amounts)."""
    trace = Trace(resolved, plans, REPORT)
    by_account = {account: np.zeros(plans.start_year.shape) for account in ACCOUNTS}
    for item in ITEMS:
        if item.name not in PRICED_ITEMS:
            by_account[item.kind, item.profile] = by_account[item.kind, item.profile] + trace.amounts_cny[item.name]
    columns = [*by_account.values(), *(trace.amounts_cny[name] for name in PRICED_ITEMS)]
    columns += [getattr(trace.form, name) for name in FLOORS]
    nothing = np.zeros(plans.start_year.shape)
    return np.stack([*columns, trace.renewed, *(nothing for _ in COMPARED)], axis=-1).transpose(1, 0, 2).copy()


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
