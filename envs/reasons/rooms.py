"""Room of zones along a path: what a person who asks for a zone is worth, where full zones turn people away."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from data.arrays import BoolArray, FloatArray
from envs.kernel.people.timetable import over_places
from envs.reasons.path import PathTrace
from envs.reasons.secants import mean, over, share_below


def asked_slope(path: PathTrace, by_settled: FloatArray) -> FloatArray:
    """Worth of those who ask for a zone, given that of those who live there.

    Args:
        path: between two plans.
        by_settled: by group (registered residents, tenants), shape (2, n_zones, n_panels, n_years).

    Returns:
        Same shape.
    """
    if path.away.overflow is None:
        return by_settled
    full = np.zeros((len(path.points), path.n_years), dtype=bool)
    full.flat[path.away.overflow.columns] = True
    panels = full[:-1] | full[1:]
    ends = _ends(path, panels)
    by_asked = by_settled.copy()
    by_asked[:, :, panels] = _overflow_slope(by_settled[:, :, panels], ends)
    return by_asked


@dataclass(frozen=True, eq=False)
class _Ends:
    """Both ends of the panels and years in which a zone was full; axis 1 holds the two ends.

    Attributes:
        asked: shape (n_zones, 2, n_groups, n_full).
        kept: (n_zones, 2, n_full), as received.
        received: see envs.kernel.people.zone_room.Overflow.
        composition: (n_groups, 2, n_full).
        unhoused: (1, 2, n_full).
        spare: (n_zones, 2, n_full).
        level: (1, 2, n_full).
        room: (n_zones, 1, 1).
        weight: (n_zones, 1, 1).
    """

    asked: FloatArray
    kept: FloatArray
    received: FloatArray
    composition: FloatArray
    unhoused: FloatArray
    spare: FloatArray
    level: FloatArray
    room: FloatArray
    weight: FloatArray


def _ends(path: PathTrace, panels: BoolArray) -> _Ends:
    """What the trace found at the ends of some panels and years, (n_panels, n_years)."""
    settlement, away, overflow = path.constants.settlement, path.away, path.away.overflow
    assert overflow is not None
    panel, year = np.nonzero(panels)
    ends = np.stack([panel * path.n_years + year, (panel + 1) * path.n_years + year])  # (2, n_full)
    position = np.full(len(path.points) * path.n_years, -1)
    position[overflow.columns] = np.arange(overflow.columns.size)
    found = position[ends]
    is_full, at = found >= 0, np.maximum(found, 0)
    room, weight = settlement.room[:, None, None], settlement.overflow_weight[:, None, None]
    asked = np.stack(
        [
            over_places(settlement.leaver_share, group).reshape(len(room), -1)
            for group in (away.registered, away.tenants)
        ]
    )[:, :, ends]
    asked = np.moveaxis(asked, 0, 2)
    received = np.where(is_full, overflow.received[:, at], 0.0)
    spare = np.clip(room - asked.sum(axis=2), 0.0, None) * (weight > 0.0)
    composition = np.where(is_full, overflow.composition[:, at], 0.0)
    composition = np.where(composition.sum(axis=0) > 0.0, composition, composition[:, ::-1])
    has_room = overflow.has_room[:, at] & is_full & (weight > 0.0)
    level = over((received * has_room).sum(axis=0), (weight * has_room).sum(axis=0))
    all_full = is_full & ~has_room.any(axis=0)
    level = np.where(all_full, over(spare, weight).max(axis=0), level)
    return _Ends(
        asked=asked,
        kept=np.where(is_full, overflow.kept[:, at], 1.0),
        received=received,
        composition=composition,
        unhoused=np.where(is_full, overflow.unhoused[at], 0.0)[None],
        spare=spare,
        level=level[None],
        room=room,
        weight=weight,
    )


def _overflow_slope(by_settled: FloatArray, ends: _Ends) -> FloatArray:
    """Worth of those who ask, given that of those settled; (n_groups, n_zones, n_full) each."""
    asked = np.moveaxis(ends.asked, 2, 0)  # (n_groups, n_zones, 2, n_full)
    kept, received, unhoused = mean(ends.kept)[:, 0], mean(ends.received)[:, 0], mean(ends.unhoused)[0, 0]
    composition, of_group = mean(ends.composition)[:, 0], mean(asked, 2)[:, :, 0]
    by_group = asked.sum(axis=1, keepdims=True)
    share, everybody = mean(over(asked, by_group), 2)[:, :, 0], mean(by_group, 2)[:, :, 0]
    by_asked = kept * by_settled
    by_kept = (of_group * by_settled).sum(axis=0)
    by_received = (composition[:, None] * by_settled).sum(axis=0)
    by_unplaced = (share * by_settled).sum(axis=1)  # (n_groups, n_full)
    by_composition = (received * by_settled).sum(axis=1) + unhoused * by_unplaced
    by_unhoused = (composition * by_unplaced).sum(axis=0)
    by_asked += (composition * unhoused)[:, None] * over(by_settled - by_unplaced[:, None], everybody)
    by_pool, by_spare = _filling_slope(by_received, by_unhoused, ends)
    pool = mean(((1.0 - ends.kept)[:, :, None] * ends.asked).sum(axis=(0, 2))[None])[0, 0]
    by_turned = over(by_composition - (by_composition * composition).sum(axis=0), pool) + by_pool
    by_asked += by_turned[:, None] * (1.0 - kept)
    by_kept -= (by_turned[:, None] * of_group).sum(axis=0)
    return by_asked + _total_slope(by_kept, by_spare, ends)


def _filling_slope(by_received: FloatArray, by_unhoused: FloatArray, ends: _Ends) -> tuple[FloatArray, FloatArray]:
    """Worth of one turned away, and of spare room: min(spare, level x weight) of every zone sums to those placed."""
    weight = ends.weight[:, 0]
    filled = share_below(ends.spare - ends.level * ends.weight, 0.0)[:, 0]  # 1 = the zone's room decides
    rising = (1.0 - filled) * weight
    by_placed = over((rising * by_received).sum(axis=0), rising.sum(axis=0))
    pool = ((1.0 - ends.kept)[:, :, None] * ends.asked).sum(axis=(0, 2))
    lacking = 1.0 - share_below((pool - ends.spare.sum(axis=0))[None], 0.0)[0, 0]
    by_lacking = lacking * (by_unhoused - by_placed)
    return by_placed + by_lacking, filled * (by_received - by_placed) - by_lacking


def _total_slope(by_kept: FloatArray, by_spare: FloatArray, ends: _Ends) -> FloatArray:
    """Worth of one more who asks for a zone, whatever the group, by what is kept and what room is left."""
    total = ends.asked.sum(axis=2)  # (n_zones, 2, n_full)
    some_room = np.where(ends.room > 0.0, ends.room, 1.0)
    too_many = 1.0 - share_below(total, some_room)[:, 0]
    by_total = -by_kept * mean(ends.kept)[:, 0] * too_many / mean(np.maximum(total, some_room))[:, 0]
    return by_total - by_spare * (ends.weight[:, 0] > 0.0) * share_below(total, ends.room)[:, 0]
