"""What a plan made elsewhere becomes in a scenario: the nearest legal options, every approximation counted."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from data.arrays import BoolArray, FloatArray, IntArray
from data.catalogue import Message
from data.city import City
from data.importing.plans.asked_plan import UNSAID, Approximation, AskedPlan
from data.scenario import INTENSITIES, LAND_USES, LandUse
from envs.choices.options import OptionSpace
from envs.kernel.plans import OPTIONAL_COLUMNS, Plans, canonical

OTHER_KIND = 100.0
"""An option of another intensity or land use is farther than any density; of two, the land use gives way."""
NEAR = 5e-4
"""Densities nearer to each other are the same: options are offered in steps of 0.001."""


@dataclass(frozen=True, eq=False)
class MappedPlan:
    """A plan as it was asked and as the options of a scenario have it.

    Attributes:
        asked: with its own densities and ratios; what it leaves open is filled from its options. A batch of one.
        start_year: shape (n_villages,).
        option: same shape.
        approximations: what was taken otherwise than it was asked, by the reader and by the options.
        filled: those among them that `asked` holds too: mixes that no land use has, and what was not said.
        notes: how the file was read.
    """

    asked: Plans
    start_year: IntArray
    option: IntArray
    approximations: tuple[Approximation, ...]
    filled: tuple[Approximation, ...]
    notes: tuple[Message, ...]


def mapped_plan(asked: AskedPlan, space: OptionSpace, city: City) -> MappedPlan:
    """Give every village the legal start year and option nearest to what is asked.

    Args:
        asked: one decision for each village.
        space: legal options of the scenario.
        city: for the names of villages.
    """
    option = nearest_options(asked, space)
    start = np.asarray(asked.start_year)
    village = np.arange(start.size)
    legal = space.start_mask[village, np.minimum(start, space.start_mask.shape[1] - 1)]
    taken = np.where(legal | (start == 0), start, 0)
    taken = np.where(space.fixed_mask, space.fixed.start_year, taken)
    became = space.decode(taken[None], option[None])
    filled = _filled(asked, space, option)
    otherwise = [*_otherwise(asked, became, city), *_left_to_the_model(asked, city)]
    unsaid = [item for item in otherwise if not item.asked]
    every, of_asked = (*asked.approximations, *otherwise), (*asked.approximations, *unsaid)
    return MappedPlan(filled, taken, option, every, of_asked, asked.notes)


def nearest_options(asked: AskedPlan, space: OptionSpace) -> IntArray:
    """The legal option of each village nearest to what is asked; what is not said is taken from the middle.

    Returns:
        shape (n_villages,); 0 where the village has no legal option or is kept.
    """
    unsaid_use = (asked.land_use == UNSAID)[:, None]
    use = np.where(unsaid_use, LAND_USES.index(LandUse.MIXED_USE), asked.land_use[:, None])
    intensity = np.where(asked.intensity == UNSAID, len(INTENSITIES) - 1, asked.intensity)[:, None]
    builds = space.intensity > 0
    apart = OTHER_KIND * np.abs(space.intensity - intensity) + OTHER_KIND / 2.0 * (builds & (space.land_use != use))
    apart = apart + _apart(space.floor_area_ratio, asked.floor_area_ratio, space.option_mask & builds)
    apart += _apart(np.broadcast_to(space.facility_ratio, apart.shape), asked.facility_ratio, space.option_mask)
    return np.argmin(np.where(space.option_mask, apart, np.inf), axis=1)


def _apart(levels: FloatArray, asked: FloatArray, counts: BoolArray) -> FloatArray:
    """Distance of levels to what is asked, or to their middle where nothing is; shape (n_villages, n_options)."""
    low = np.where(counts, levels, np.inf).min(axis=1)
    high = np.where(counts, levels, -np.inf).max(axis=1)
    middle = np.where(counts.any(axis=1), 0.5 * (np.where(np.isfinite(low), low, 0.0) + np.maximum(high, 0.0)), 0.0)
    wanted = np.where(np.isfinite(asked), asked, middle)
    return np.where(counts, np.abs(levels - wanted[:, None]), 0.0)


def _filled(asked: AskedPlan, space: OptionSpace, option: IntArray) -> Plans:
    """The plan as asked; what it does not say is taken from its options."""
    village = np.arange(option.size)
    intensity = np.where(asked.intensity == UNSAID, space.intensity[option], asked.intensity)
    use = np.where(asked.land_use == UNSAID, space.land_use[option], asked.land_use)
    far = np.where(np.isfinite(asked.floor_area_ratio), asked.floor_area_ratio, space.floor_area_ratio[village, option])
    facility = np.where(np.isfinite(asked.facility_ratio), asked.facility_ratio, space.facility_ratio[option])
    given = {name: column[None] for name, column in asked.given.items() if name in OPTIONAL_COLUMNS}
    return canonical(Plans(asked.start_year[None], intensity[None], use[None], far[None], facility[None], **given))


def _otherwise(asked: AskedPlan, became: Plans, city: City) -> list[Approximation]:
    """Fields in which the options differ from what is asked, or that are filled."""
    ids, found = city.villages.village_id, []
    for idx in np.flatnonzero((asked.start_year > 0) | (became.start_year[0] > 0)):
        name, year = str(ids[idx]), int(became.start_year[0, idx])
        if year != asked.start_year[idx]:
            found.append(Approximation(name, "start_year", str(int(asked.start_year[idx])), str(year)))
        if year == 0:
            continue
        for field, words in (("intensity", INTENSITIES), ("land_use", LAND_USES)):
            wanted, got = int(getattr(asked, field)[idx]), int(getattr(became, field)[0, idx])
            if wanted != got and (field == "intensity" or became.intensity[0, idx] > 0):
                said = "" if wanted == UNSAID else str(words[wanted])
                found.append(Approximation(name, field, said, str(words[got])))
        for field in ("floor_area_ratio", "facility_ratio"):
            number, level = float(getattr(asked, field)[idx]), float(getattr(became, field)[0, idx])
            if field == "floor_area_ratio" and became.intensity[0, idx] == 0:
                continue
            if not abs(number - level) <= NEAR:
                found.append(Approximation(name, field, "" if np.isnan(number) else f"{number:g}", f"{level:g}"))
    return found


def _left_to_the_model(asked: AskedPlan, city: City) -> list[Approximation]:
    """Optional columns, which options do not hold."""
    ids = city.villages.village_id
    return [
        Approximation(str(ids[idx]), name, f"{column[idx]:g}", "")
        for name, column in asked.given.items()
        for idx in np.flatnonzero(np.isfinite(column) & (asked.start_year > 0))
    ]
