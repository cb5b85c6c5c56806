"""Residents: who leaves, who returns, who comes, and where they live meanwhile (model section 5).

Yearly states are place-first, shape (n_places, n_plans, n_years): the products over places are what takes time.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from envs.kernel.computing.backend import Array, array_namespace
from envs.kernel.people.timetable import Part, Timetable, over_places
from envs.kernel.people.zone_room import Overflow, settle

STARTED, COMPLETED, ABSORBED = "started", "completed", "absorbed"
"""Tables of the calendar by which people move."""


@dataclass(frozen=True, eq=False)
class Moves:
    """How many people each renewal moves, each of shape (n_plans, n_villages) [persons].

    Attributes:
        registered_left: registered residents who leave at the start.
        tenants_left: tenants who leave at the start.
        registered_back: registered residents who return at completion.
        tenants_back: tenants who return at completion.
        newcomers_due: newcomers once the new housing is fully absorbed.
        rental_places: whom new rental floor and what resettled owners sublet can hold, from completion on.
    """

    registered_left: Array
    tenants_left: Array
    registered_back: Array
    tenants_back: Array
    newcomers_due: Array
    rental_places: Array


def moves(
    *,
    renewed: Array,
    rebuilt_share: Array,
    facility_ratio: Array,
    rental_floor_m2: Array,
    commodity_floor_m2: Array,
    registered_residents: Array,
    tenants: Array,
    onsite_share: float | Array,
    tenant_rehab_loss: float,
    tenant_return_share: float,
    resettlement_m2: float,
    own_use_m2: float,
    rental_m2: float,
    housing_m2: float,
    occupancy: float,
) -> Moves:
    """Leavers, returners and newcomers of each village.

    Args:
        renewed: 1 where the village is renewed, shape (n_plans, n_villages).
        rebuilt_share: rho, same shape (0 where kept), as the three that follow.
        facility_ratio: share of retained floor converted; its tenants leave.
        rental_floor_m2: new rental housing.
        commodity_floor_m2: new commodity housing.
        registered_residents: shape (n_villages,) [persons].
        tenants: shape (n_villages,) [persons].
        onsite_share: share of registered leavers who return, one number or shape (n_plans, n_villages).
        tenant_rehab_loss: share of tenants of the retained part lost to higher rents.
        tenant_return_share: share of tenants who left that would return.
        resettlement_m2: housing per returned registered resident [m2/person].
        own_use_m2: of it, what they live in; they sublet the rest [m2/person].
        rental_m2: rental floor per tenant [m2/person].
        housing_m2: commodity floor per newcomer [m2/person].
        occupancy: share of commodity and of spare rental housing that fills.

    Returns:
        The moves; see Moves.
    """
    xp = array_namespace(renewed)
    registered_left = rebuilt_share * registered_residents
    retained_share = renewed - rebuilt_share
    stay = (1.0 - tenant_rehab_loss) * (1.0 - facility_ratio)
    tenants_left = tenants * (rebuilt_share + retained_share * (1.0 - stay))
    registered_back = onsite_share * registered_left
    sublet_m2 = max(0.0, resettlement_m2 - own_use_m2)
    capacity = (rental_floor_m2 + registered_back * sublet_m2) / rental_m2
    tenants_back = xp.minimum(capacity, tenant_return_share * tenants_left)
    newcomers_due = occupancy * (commodity_floor_m2 / housing_m2 + (capacity - tenants_back))
    return Moves(registered_left, tenants_left, registered_back, tenants_back, newcomers_due, rental_places=capacity)


@dataclass(frozen=True, eq=False)
class Settlement:
    """Where people go and come from.

    Attributes:
        leaver_share: P_nz, shape (n_zones, n_villages); columns sum to 1.
        newcomer_share: Q_nz, shape (n_zones, n_villages); columns sum to 1.
        yearly_room: most residents a zone sends in a year, shape (n_zones,) [persons].
        room: most displaced people a zone holds while others have room, shape (n_zones,) [persons].
        overflow_weight: w, how those whom full zones turn away spread over the others, shape (n_zones,) [persons].
    """

    leaver_share: Array
    newcomer_share: Array
    yearly_room: Array
    room: Array
    overflow_weight: Array


@dataclass(frozen=True, eq=False)
class Away:
    """Yearly effect of the moves, place-first.

    Attributes:
        moves: how many people each renewal moves.
        timetable: of the wanted years.
        arrived: newcomers in the village where some had to wait, shape (n_villages, n_plans, n_years); None where all
            come as new housing is absorbed.
        zone_registered: displaced registered residents in the zone, shape (n_zones, n_plans, n_years).
        zone_tenants: displaced tenants in the zone, same shape.
        zone_left: zone residents who became newcomers, same shape.
        unhoused: displaced people for whom the city has no room, shape (n_plans, n_years).
        overflow: how full zones turned people away, over the columns plans x years; None where none did.
    """

    moves: Moves
    timetable: Timetable
    arrived: Array | None
    zone_registered: Array
    zone_tenants: Array
    zone_left: Array
    unhoused: Array
    overflow: Overflow | None

    @property
    def waiting(self) -> bool:
        """True if newcomers had to wait for a later year anywhere in the batch."""
        return self.arrived is not None

    @cached_property
    def registered(self) -> Array:
        """Registered residents away from their village, shape (n_villages, n_plans, n_years)."""
        return self.timetable.by_village(registered_away(self.moves))

    @cached_property
    def tenants(self) -> Array:
        """Tenants away from their village, same shape."""
        return self.timetable.by_village(tenants_away(self.moves))

    @cached_property
    def newcomers(self) -> Array:
        """Newcomers in the village, same shape."""
        return self.timetable.by_village(newcomers_in(self.moves)) if self.arrived is None else self.arrived

    def more_in_villages(self, registered: float, tenants: float, other: float) -> Array:
        """What moves add to the residents of the villages, weighted by group, shape (n_villages, n_plans, n_years)."""
        plan_moves = self.moves
        parts = [
            (-registered * plan_moves.registered_left - tenants * plan_moves.tenants_left, STARTED),
            (registered * plan_moves.registered_back + tenants * plan_moves.tenants_back, COMPLETED),
        ]
        if self.arrived is None:
            return self.timetable.by_village([*parts, (other * plan_moves.newcomers_due, ABSORBED)])
        return self.timetable.by_village(parts) + other * self.arrived


def registered_away(plan_moves: Moves) -> list[Part]:
    """Registered residents who have left and are not back."""
    return [(plan_moves.registered_left, STARTED), (-plan_moves.registered_back, COMPLETED)]


def tenants_away(plan_moves: Moves) -> list[Part]:
    """Tenants who have left and are not back."""
    return [(plan_moves.tenants_left, STARTED), (-plan_moves.tenants_back, COMPLETED)]


def newcomers_in(plan_moves: Moves) -> list[Part]:
    """Newcomers, unless they have to wait."""
    return [(plan_moves.newcomers_due, ABSORBED)]


def away(plan_moves: Moves, settlement: Settlement, timetable: Timetable, *, first: int = 0) -> Away:
    """Spread the moves over years and zones.

    Args:
        plan_moves: persons per village and plan.
        settlement: shares and room of the zones; its dtype is that of the result.
        timetable: tables `started`, `completed` and `absorbed` (cumulative) of consecutive years, the first of which is
            year 1 or earlier.
        first: position of the first year wanted; those before it only decide which zones send newcomers.

    Returns:
        The yearly states of the wanted years; see Away.
    """
    wanted, share = timetable.since(first), settlement.leaver_share
    xp = array_namespace(share)
    arrived, zone_left = _newcomer_origins(plan_moves, settlement, timetable)
    asked = xp.stack(
        [wanted.over_places(share, parts) for parts in (registered_away(plan_moves), tenants_away(plan_moves))], axis=1
    )
    by_column = xp.reshape(asked, (asked.shape[0], 2, -1))
    settled, overflow = settle(by_column, settlement.room, settlement.overflow_weight)
    groups = xp.reshape(settled, asked.shape)
    unhoused = xp.zeros_like(settled[0, 0])
    if overflow is not None:
        unhoused[overflow.columns] = overflow.unhoused
    return Away(
        moves=plan_moves,
        timetable=wanted,
        arrived=None if arrived is None else arrived[:, :, first:],
        zone_registered=groups[:, 0],
        zone_tenants=groups[:, 1],
        zone_left=zone_left[:, :, first:],
        unhoused=xp.reshape(unhoused, asked.shape[2:]),
        overflow=overflow,
    )


def _newcomer_origins(plan_moves: Moves, settlement: Settlement, timetable: Timetable) -> tuple[Array | None, Array]:
    """Arrivals where some have to wait (else None) and the zones all left, under the yearly room of zones and city.

    Both are cumulative, shape (n_villages, n_plans, n_years) and (n_zones, n_plans, n_years).
    """
    share, due, arrived = settlement.newcomer_share, newcomers_in(plan_moves), None
    xp = array_namespace(share)
    zone_left = timetable.over_places(share, due)
    flow = yearly_change(zone_left)
    room = settlement.yearly_room[:, None, None]
    if not bool(xp.any(flow > room)):
        return None, zone_left
    city_room = xp.sum(settlement.yearly_room)
    if bool(xp.any(xp.sum(flow, axis=0) > city_room * (1.0 + 1e-6))):
        arrived = serve_waiting(timetable.by_village(due), city_room)
        flow = yearly_change(over_places(share, arrived))
    return arrived, xp.cumulative_sum(within_room(flow, room), axis=2)


def yearly_change(cumulative: Array) -> Array:
    """Differences along the last axis; the first year keeps its value."""
    xp = array_namespace(cumulative)
    return xp.concat([cumulative[..., :1], cumulative[..., 1:] - cumulative[..., :-1]], axis=-1)


def within_room(flow: Array, room: Array) -> Array:
    """What a zone cannot send comes from the zones with room, in proportion to the room they have left.

    Args:
        flow: wanted outflow of the year, shape (n_zones, n_plans, n_years).
        room: most that a zone sends in a year, shape (n_zones, 1, 1).

    Returns:
        The same shape and the same sums over zones; never above room unless the whole city lacks room.
    """
    xp = array_namespace(flow)
    excess = xp.sum(xp.clip(flow - room, 0.0, None), axis=0)
    spare = xp.clip(room - flow, 0.0, None)
    total = xp.sum(spare, axis=0)
    fill = xp.where(total > 0.0, excess / xp.where(total > 0.0, total, xp.ones_like(total)), xp.zeros_like(total))
    return xp.minimum(flow, room) + spare * fill


def serve_waiting(due: Array, city_room: Array) -> Array:
    """Arrivals where the city cannot send all newcomers at once: the rest wait, all in equal proportion.

    Args:
        due: cumulative newcomers wanted, shape (n_villages, n_plans, n_years).
        city_room: most newcomers of one year [persons].

    Returns:
        Cumulative arrivals, same shape.
    """
    xp = array_namespace(due)
    arrived = xp.zeros_like(due[:, :, 0])
    years = []
    for year in range(due.shape[2]):
        waiting = due[:, :, year] - arrived
        total = xp.sum(waiting, axis=0)
        served = xp.where(total > city_room, city_room / xp.where(total > 0.0, total, xp.ones_like(total)), 1.0)
        arrived = arrived + waiting * served
        years.append(arrived)
    return xp.stack(years, axis=2)
