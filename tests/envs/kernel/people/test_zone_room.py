"""Full zones turn people away: by hand, and what must hold whoever asks for which zone."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from envs.kernel.people.zone_room import settle, settled_slope

ROOM, WEIGHT = np.array([100.0, 200.0, 200.0]), np.array([0.5, 0.3, 0.2])
RATES = (0.6, 0.8)


def in_one_column(*groups: list[float]) -> np.ndarray:
    return np.array(groups).T[:, :, None]


def case(seed: int, crowding: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Who asks, room and weight of 7 zones, two groups, five columns; from a half-empty city to one without room.

    The first zone has neither vacant floor nor anybody who asks for it.
    """
    rng = np.random.default_rng(seed)
    room = rng.uniform(0.0, 100.0, 7)
    share = room * rng.uniform(0.1, 10.0, 7)
    room[0] = share[0] = 0.0
    share /= share.sum()
    pull = share[:, None, None] * rng.uniform(0.5, 1.5, (7, 2, 5))
    asked = pull / pull.sum(axis=0) * rng.uniform(0.0, crowding * room.sum() / 2.0, (2, 5))
    return asked, room, share


any_case = given(seed=st.integers(0, 2**31), crowding=st.floats(0.1, 3.0))


def test_one_group_by_hand() -> None:
    people, overflow = settle(in_one_column([150.0, 90.0, 60.0]), ROOM, WEIGHT)
    assert people[:, 0, 0] == pytest.approx([100.0, 120.0, 80.0])
    assert overflow is not None
    assert overflow.unhoused == pytest.approx([0.0])


def test_two_groups_by_hand() -> None:
    people, _ = settle(in_one_column([150.0, 0.0, 0.0], [0.0, 90.0, 60.0]), ROOM, WEIGHT)
    np.testing.assert_allclose(people, in_one_column([100.0, 30.0, 20.0], [0.0, 90.0, 60.0]), rtol=1e-12)


def test_a_zone_filled_by_others_hands_on_in_turn() -> None:
    """50 are turned away; by weight the second zone would take 30 of them but has room for 10."""
    people, _ = settle(in_one_column([150.0, 190.0, 60.0]), ROOM, WEIGHT)
    assert people[:, 0, 0] == pytest.approx([100.0, 200.0, 100.0])


def test_a_full_city_by_hand() -> None:
    """600 ask where 500 have room: 100 are unhoused, of the groups turned away, and stay where their group asked."""
    people, overflow = settle(in_one_column([300.0, 0.0, 0.0], [0.0, 180.0, 120.0]), ROOM, WEIGHT)
    assert overflow is not None
    assert overflow.unhoused == pytest.approx([100.0])
    np.testing.assert_allclose(people, in_one_column([200.0, 20.0, 80.0], [0.0, 180.0, 120.0]), rtol=1e-12)


@any_case
@settings(max_examples=60, deadline=None)
def test_totals_rooms_and_zones_that_nobody_asks_for(seed: int, crowding: float) -> None:
    asked, room, weight = case(seed, crowding)
    people, overflow = settle(asked, room, weight)
    np.testing.assert_allclose(people.sum(axis=0), asked.sum(axis=0), rtol=1e-12, atol=1e-12)
    assert (people >= 0.0).all()
    total, full_city = people.sum(axis=1), asked.sum(axis=(0, 1)) > room.sum()
    assert (total[:, ~full_city] <= room[:, None] * (1.0 + 1e-9) + 1e-9).all()
    assert (total[:, full_city] >= room[:, None] * (1.0 - 1e-9)).all()
    assert (people[0] == 0.0).all()
    unhoused = np.zeros(asked.shape[2])
    if overflow is not None:
        unhoused[overflow.columns] = overflow.unhoused
    np.testing.assert_allclose(unhoused, np.clip(asked.sum(axis=(0, 1)) - room.sum(), 0.0, None), atol=1e-9)


@any_case
@settings(max_examples=60, deadline=None)
def test_one_level_divides_full_zones_from_the_others(seed: int, crowding: float) -> None:
    """What a zone receives over its weight is the same in all zones that have room left, and less in the others."""
    asked, room, weight = case(seed, crowding)
    people, overflow = settle(asked, room, weight)
    for column in [] if overflow is None else overflow.columns[overflow.unhoused == 0.0]:
        before, after = asked[1:, :, column].sum(axis=1), people[1:, :, column].sum(axis=1)
        level = (after - before) / weight[1:]
        left = after < room[1:] * (1.0 - 1e-9)
        np.testing.assert_allclose(level[left], level.max(), rtol=1e-6, atol=1e-6)
        full_before = before >= room[1:]
        assert after[full_before] == pytest.approx(room[1:][full_before])


@any_case
@settings(max_examples=30, deadline=None)
def test_batch_is_one_by_one_and_order_of_zones_is_free(seed: int, crowding: float) -> None:
    asked, room, weight = case(seed, crowding)
    people, _ = settle(asked, room, weight)
    single = [settle(asked[:, :, c : c + 1], room, weight)[0] for c in range(asked.shape[2])]
    np.testing.assert_allclose(np.concatenate(single, axis=2), people, rtol=1e-12, atol=1e-12)
    order = np.random.default_rng(seed).permutation(room.size)
    permuted, _ = settle(asked[order], room[order], weight[order])
    np.testing.assert_allclose(permuted, people[order], rtol=1e-9, atol=1e-9)


def test_where_everybody_fits_nothing_changes() -> None:
    asked = case(1, 0.01)[0]
    people, overflow = settle(asked, np.full(7, 1e6), WEIGHT[[0] * 7])
    assert people is asked
    assert overflow is None


@pytest.mark.parametrize("crowding", [0.6, 1.2, 2.5])
def test_single_precision_and_torch_agree(crowding: float) -> None:
    torch = pytest.importorskip("torch", reason="in the extra `train`")
    given_arrays = case(3, crowding)
    people, _ = settle(*given_arrays)
    single, _ = settle(*(array.astype(np.float32) for array in given_arrays))
    assert single.dtype == np.float32
    np.testing.assert_allclose(single, people, rtol=1e-4, atol=1e-3)
    twin, _ = settle(*(torch.as_tensor(array) for array in given_arrays))
    np.testing.assert_allclose(twin.numpy(), people, rtol=1e-9, atol=1e-9)


@given(seed=st.integers(0, 2**31))
@settings(max_examples=15, deadline=None)
def test_slopes_are_differences(seed: int) -> None:
    """While the same zones are full, the slope of what people count where they settle is exact."""
    asked, room, weight = case(seed, 1.4)
    value = np.random.default_rng(seed).normal(size=room.size)

    def counted(asked: np.ndarray) -> np.ndarray:
        people, _ = settle(asked, room, weight)
        return np.einsum("zgc,z,g->c", people, value, RATES)

    _, overflow = settle(asked, room, weight)
    if overflow is None:
        return
    housed = overflow.unhoused == 0.0
    by_zone = np.broadcast_to(value[:, None], (room.size, overflow.columns.size))
    by_count, by_person = settled_slope(by_zone, overflow, weight, RATES)
    for zone in range(1, room.size):
        for group, rate in enumerate(RATES):
            step = np.zeros_like(asked)
            step[zone, group] = 1e-5 * room[zone]
            ends = [counted(asked + sign * step) for sign in (1.0, -1.0)]
            exact = ((ends[0] - ends[1]) / (2e-5 * room[zone]))[overflow.columns]
            ours = rate * by_count[zone] + by_person[zone]
            kinked = np.abs(counted(asked + step) + counted(asked - step) - 2.0 * counted(asked))[overflow.columns]
            smooth = housed & (kinked < 1e-7)
            np.testing.assert_allclose(ours[smooth], exact[smooth], rtol=1e-4, atol=1e-4)
