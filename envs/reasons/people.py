"""People along a path: what those who leave, return and come are worth, wherever they settle or come from."""

from __future__ import annotations

import numpy as np

from data.arrays import FloatArray
from envs.kernel.people.residents import yearly_change
from envs.kernel.people.timetable import over_places
from envs.reasons.path import PathTrace
from envs.reasons.rooms import asked_slope
from envs.reasons.secants import mean, over, share_below

PEOPLE = (
    ("registered_left", "started"),
    ("registered_back", "completed"),
    ("tenants_left", "started"),
    ("tenants_back", "completed"),
    ("newcomers_due", "absorbed"),
)


def people_slope(path: PathTrace, by_place: FloatArray, rates: tuple[float, float, float]) -> dict[str, FloatArray]:
    """What a person who moves is worth.

    Args:
        path: between two plans.
        by_place: worth of what counts (a resident, a worker) in each place, (n_places, n_panels, n_years).
        rates: how much a registered resident, a tenant and any other counts.

    Returns:
        Quantity -> shape (n_villages,).
    """
    registered, tenant, other = rates
    n_zones = path.resolved.city.n_zones
    zones, villages = by_place[:n_zones], by_place[n_zones:]
    settled = asked_slope(path, np.stack([registered * zones, tenant * zones]))
    share_t = path.constants.settlement.leaver_share.T
    away_registered, away_tenants = (
        over_places(share_t, settled[group]) - rate * villages for group, rate in enumerate((registered, tenant))
    )
    worth = {
        "registered_left": away_registered,
        "registered_back": -away_registered,
        "tenants_left": away_tenants,
        "tenants_back": -away_tenants,
        "newcomers_due": _newcomers_slope(path, other * villages, -other * zones),
    }
    return {
        name: path.through_years(worth[name], table) if table != "absorbed" else _absorbed(path, worth[name])
        for name, table in PEOPLE
    }


def _absorbed(path: PathTrace, by_newcomer: FloatArray) -> FloatArray:
    absorbed = path.table("absorbed")[:, 0]
    return np.asarray(np.einsum("npy,ny->n", by_newcomer, absorbed) / path.n_panels)


def _newcomers_slope(path: PathTrace, villages: FloatArray, zones: FloatArray) -> FloatArray:
    """Worth of newcomers due by a year (cumulative), years weighted, given it of those who arrived and left zones.

    Args:
        path: between two plans.
        villages: worth of a newcomer in a village, (n_villages, n_panels, n_years).
        zones: worth of one who left a zone, (n_zones, n_panels, n_years).

    Returns:
        shape (n_villages, n_panels, n_years).
    """
    settlement, weights = path.constants.settlement, path.held_weights
    villages, zones = villages * weights, zones * weights
    due = path.moves.newcomers_due.T[:, :, None] * path.table("absorbed")
    arrived = path.away.newcomers if path.away.waiting else due
    flow = yearly_change(over_places(settlement.newcomer_share, arrived))
    room = settlement.yearly_room[:, None, None]
    if bool(np.any(flow > room)):
        of_flow = np.flip(np.cumsum(np.flip(zones, axis=2), axis=2), axis=2)
        zones = yearly_change_back(_within_room_slope(of_flow, flow, room))
    by_arrival = villages + over_places(settlement.newcomer_share.T, zones)
    return _waiting_slope(path, by_arrival, due, arrived) if path.away.waiting else by_arrival


def yearly_change_back(by_flow: FloatArray) -> FloatArray:
    """Transpose of `yearly_change`: worth of a cumulative quantity, given that of its changes.

    Example:
        >>> yearly_change_back(np.array([5.0, 3.0, 2.0]))
        array([2., 1., 2.])
    """
    later = np.concatenate([by_flow[..., 1:], np.zeros_like(by_flow[..., :1])], axis=-1)
    return by_flow - later


def _within_room_slope(by_sent: FloatArray, flow: FloatArray, room: FloatArray) -> FloatArray:
    """Worth of a newcomer who asks for a zone, given that of one whom a zone sends: caps and spare room."""
    spare = np.clip(room - flow, 0.0, None)
    excess = np.clip(flow - room, 0.0, None).sum(axis=0, keepdims=True)
    total = spare.sum(axis=0, keepdims=True)
    fill = over(excess, total)
    has_room = share_below(flow, room)
    by_fill = over((mean(spare) * by_sent).sum(axis=0, keepdims=True), mean(total))
    by_spare = mean(fill) * (by_sent - by_fill)
    return has_room * (by_sent - by_spare) + (1.0 - has_room) * by_fill


def _waiting_slope(path: PathTrace, by_arrival: FloatArray, due: FloatArray, arrived: FloatArray) -> FloatArray:
    """Worth of those due, given that of those who arrived, where the city sends a number a year at most."""
    city_room = float(path.constants.settlement.yearly_room.sum())
    by_due, later = np.zeros_like(by_arrival), np.zeros_like(by_arrival[:, :, 0])
    for year in reversed(range(due.shape[2])):
        before = arrived[:, :, year - 1] if year else np.zeros_like(arrived[:, :, 0])
        waiting = due[:, :, year] - before
        total = waiting.sum(axis=0, keepdims=True)
        served = np.minimum(1.0, over(city_room, total) + (total == 0.0))
        arriving = by_arrival[:, :, year] + later
        is_full = 1.0 - share_below(total, city_room)  # served = room / max(total, room)
        by_total = -(mean(waiting) * arriving).sum(axis=0, keepdims=True) * mean(served) * is_full
        by_total = by_total / mean(np.maximum(total, city_room))
        by_waiting = mean(served) * arriving + by_total
        by_due[:, :, year] = by_waiting
        later = arriving - by_waiting
    return by_due
