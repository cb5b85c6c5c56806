"""Sums by part, fates and terms on paper."""

from __future__ import annotations

import numpy as np
import pytest

from envs.kernel.consent import Voters
from envs.kernel.wellbeing import Values
from envs.people.categories import COLLECTIVE, NO_VOTE, REGISTERED, RENTED, TENANT
from envs.people.effects.changes import RentedFloor, changes_of
from envs.people.effects.families import Families
from envs.people.effects.fates import MOVES, RETURNS, STAYS, Fates, zones_drawn
from envs.people.effects.parts import Parts, Summary
from envs.people.effects.places import PlacesUnderPlan

VALUES = Values(0.05, 3000.0, 0.5, 174.0, 250.0, 3000.0, 100.0)
VOTERS = Voters(weights=(0.5, 0.3, 0.2), attachments=(1.0, 1.25, 1.5), sigma=0.45)
FLOOR = RentedFloor(room=8.0, new_rental=20.0, zone=15.0)


def _places() -> PlacesUnderPlan:
    """One zone (place 0) and one village (place 1)."""
    return PlacesUnderPlan(
        year=5,
        minutes_before=np.array([30.0, 40.0]),
        minutes_after=np.array([30.0, 50.0]),
        met_before=np.array([0.8, 0.5]),
        met_after=np.array([0.8, 0.6]),
        zone_rent_before=np.array([60.0]),
        zone_rent_after=np.array([66.0]),
        room_rent_before=np.array([40.0]),
        room_rent_after=np.array([44.0]),
        new_rent_after=np.array([55.0]),
        fate_shares=np.zeros((2, 3, 1)),
        zone_shares=np.ones((2, 1, 1)),
        zone_km=np.array([[7.5]]),
        away_from=np.array([1]),
        away_until=np.array([4]),
        offer_cny=np.array([2.0e6]),
        reservation_cny=np.array([1.6e6]),
    )


def _families(**columns: object) -> Families:
    """Four households: a villager who comes back, tenants who stay, come back and move."""
    given = {
        "place_idx": np.ones(4, np.int8),
        "group_idx": np.array([REGISTERED, TENANT, TENANT, TENANT]),
        "tenure_idx": np.array([COLLECTIVE, RENTED, RENTED, RENTED]),
        "persons": np.array([2.0, 1.0, 3.0, 4.0]),
        "income_cny_per_month": np.array([3000.0, 7000.0, 2000.0, 5000.0]),
        "workers_per_head": np.array([0.5, 1.0, 0.0, 0.5]),
        "way": np.array([1.0, 1.0, 0.0, 2.0]),
        "hourly_stake_cny_per_month": np.array([0.0, 10_000.0, 0.0, 5_000.0]),
        "service_value": np.array([1.0, 1.0, 2.0, 1.0]),
        "has_elderly": np.zeros(4, bool),
        "has_disabled": np.zeros(4, bool),
        "consent_group_idx": np.array([1, NO_VOTE, NO_VOTE, NO_VOTE]),
        "valuation": np.array([np.log(0.9), 0.0, 0.0, 0.0]),
    }
    return Families(**(given | columns))  # type: ignore[arg-type]


FATES = Fates(np.array([RETURNS, STAYS, RETURNS, MOVES]), np.array([1, 1, 1, 0]))


def test_terms_by_hand() -> None:
    """Offer 0.05 (2.0 - 1.6 x 1.25 x 0.9) M; rents 12 x 8 m2 x (40 - 44, 55, 66); ten minutes more as on the page."""
    changes = changes_of(_families(), FATES, _places(), values=VALUES, voters=VOTERS, floor=FLOOR)
    assert changes.offer == pytest.approx([10_000.0, 0.0, 0.0, 0.0])
    assert changes.rent == pytest.approx([0.0, -384.0, -1440.0, -2496.0])
    assert changes.moving == pytest.approx([-300.0, 0.0, -300.0, -150.0])
    assert changes.commuting == pytest.approx([0.0, -2394.64, 0.0, 1197.32], abs=0.01)
    assert changes.services == pytest.approx([0.0, 300.0, 600.0, 900.0])
    assert changes.total == pytest.approx([9700.0, -2478.64, -1140.0, -548.68], abs=0.01)
    assert changes.rents.after_cny_per_month == pytest.approx([0.0, 352.0, 1100.0, 990.0])


def _parts(part_of_cell: list[int], names: tuple[str, ...]) -> Parts:
    return _summary().parts(names, np.array(part_of_cell))


def _summary() -> Summary:
    families = _families()
    changes = changes_of(families, FATES, _places(), values=VALUES, voters=VOTERS, floor=FLOOR)
    return Summary(
        families,
        FATES,
        _places(),
        changes,
        cell_idx=np.arange(4),
        n_cells=4,
        care_excess=np.array([0.0, 0.0, 1.0, 0.0]),
        values=VALUES,
    )


def test_sums_by_hand() -> None:
    """Ten persons: two gain 9,700 each, eight lose; the worst-off tenth is the single tenant."""
    parts = _parts([0, 0, 0, 0], ("all",))
    assert parts.persons == pytest.approx([10.0])
    assert (parts.winners_share[0], parts.losers_share[0]) == pytest.approx((0.2, 0.8))
    mean = (2 * 9700.0 - 2478.64 - 3 * 1140.0 - 4 * 548.68) / 10.0
    assert parts.mean_cny_per_yr == pytest.approx([mean], abs=0.01)
    assert parts.median_cny_per_yr == pytest.approx([-548.68], abs=0.01)
    assert parts.worst_tenth_cny_per_yr == pytest.approx([-2478.64], abs=0.01)
    assert parts.hides_loss.tolist() == [True]
    assert parts.care_cny_per_yr(1.0) == pytest.approx([(10.0 * mean - 3.0 * 1140.0) / 13.0], abs=0.01)
    assert parts.care_cny_per_yr(0.0) == pytest.approx([mean], abs=0.01)
    assert parts.minutes_before == pytest.approx([(1 * 40.0 + 1 * 40.0 + 2 * 80.0) / 4.0])
    assert parts.minutes_after == pytest.approx([(1 * 50.0 + 1 * 50.0 + 2 * 60.0) / 4.0])
    assert parts.moved_km == pytest.approx([7.5])
    assert parts.away_yr == pytest.approx([(2 * 3 + 3 * 3 + 4 * 4) / 9.0])
    assert parts.offer_worth_cny == pytest.approx([2.0e6])
    assert parts.home_worth_cny == pytest.approx([1.8e6])
    assert parts.rent_before_cny_per_month == pytest.approx([320.0])
    assert parts.rent_after_cny_per_month == pytest.approx([(352.0 + 3 * 1100.0 + 4 * 990.0) / 8.0])
    assert parts.rent_burden_before == pytest.approx([8 * 320.0 / (7000.0 + 3 * 2000.0 + 4 * 5000.0)])


def test_who_the_worst_off_are() -> None:
    """One of ten persons: the single tenant; of the nine others 0.9 of three."""
    summary = _summary()
    assert summary.worst_off(np.array([0, 1, 1, 2]), 3) == pytest.approx([0.0, 1.0, 0.0])
    assert summary.worst_off(np.array([0, -1, 1, 2]), 3) == pytest.approx([0.0, 0.9, 0.0])
    assert summary.worst_off(np.full(4, -1), 1) == pytest.approx([0.0])


def test_the_worst_tenth_takes_part_of_a_household() -> None:
    """Of the four who move and the three who return 0.7 persons count, all of the worse-off household."""
    parts = _parts([1, -1, 0, 0], ("tenants", "villagers", "nobody"))
    assert parts.worst_tenth_cny_per_yr[:2] == pytest.approx([-1140.0, 9700.0])
    assert parts.median_cny_per_yr[:2] == pytest.approx([-548.68, 9700.0], abs=0.01)
    assert parts.persons.tolist() == [7.0, 2.0, 0.0]
    assert np.isnan([parts.mean_cny_per_yr[2], parts.median_cny_per_yr[2], parts.losers_share[2]]).all()
    assert not parts.hides_loss[2]


def test_shares_of_zones_are_met_whatever_the_number() -> None:
    """A thousand numbers spread evenly over a unit of two villages and groups."""
    rng = np.random.default_rng(1)
    shares = rng.random((2, 3, 5)) * (rng.random((2, 3, 5)) < 0.7)
    shares[..., 4] += 0.01
    shares /= shares.sum(axis=2, keepdims=True)
    settles = (np.arange(1000) + 0.5) / 1000.0
    for group in range(2):
        for village in range(3):
            found = zones_drawn(shares, np.full(1000, group), np.full(1000, village), settles)
            assert np.bincount(found, minlength=5) / 1000.0 == pytest.approx(shares[group, village], abs=1.5e-3)
