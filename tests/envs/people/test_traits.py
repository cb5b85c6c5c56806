"""Traits of residents: the shares and means of the book, consent groups that fit age and stay, no other draw moved."""

from __future__ import annotations

import hashlib

import numpy as np
import pytest

from envs.people.categories import CONSENT_GROUPS, ELDERLY_FROM, NO_VOTE, REGISTERED
from envs.people.drawing import draw_residents
from envs.people.people_model import PeopleModel
from envs.people.residents import Residents
from envs.people.trait_drawing import consent_groups

DRAWN_BEFORE_TRAITS = "cdeace7ff74663ee"


def test_consent_groups_by_hand() -> None:
    """Four households of two, half elderly and a quarter of long stay: the elderly first, then those of long stay."""
    elderly = np.array([False, True, False, True])
    long_stay = np.array([False, True, True, True])
    size = np.full(4, 2, np.uint8)
    found = consent_groups(np.array([0.25, 0.25, 0.5]), size, elderly, long_stay, np.random.default_rng(1))
    assert [CONSENT_GROUPS[group] for group in found] == ["owner", "elderly", "long_stay", "elderly"]


def test_only_villagers_vote(residents: Residents) -> None:
    households = residents.households
    villagers = households.group_idx == REGISTERED
    assert np.array_equal(households.consent_group_idx != NO_VOTE, villagers)
    assert np.array_equal(households.valuation != 0.0, villagers)


def test_households_and_persons_have_the_shares_of_the_book(model: PeopleModel, residents: Residents) -> None:
    households, weights = residents.households, np.array(model.resolved.voters.weights)
    villagers = households.group_idx == REGISTERED
    group, size = households.consent_group_idx[villagers], households.size[villagers]
    assert np.bincount(group) / len(group) == pytest.approx(weights, abs=0.005)
    assert np.bincount(group, size) / size.sum() == pytest.approx(weights, abs=0.005)


def test_the_elderly_group_has_elderly_members(residents: Residents) -> None:
    persons, households = residents.persons, residents.households
    heads = np.flatnonzero(persons.person_id == persons.household_id)
    has_elderly = np.maximum.reduceat(persons.age_idx >= ELDERLY_FROM, heads)
    assert np.all(has_elderly[households.consent_group_idx == CONSENT_GROUPS.index("elderly")])


def test_means_and_spreads_are_the_books(model: PeopleModel, residents: Residents) -> None:
    """Within three standard errors, and the rounding to whole percent."""
    persons, households, book = residents.persons, residents.households, model.book
    for percent, key in (
        (persons.time_value_percent[persons.is_employed], "value_of_time.log_sd"),
        (households.service_value_percent, "wtp.log_sd"),
    ):
        logs = np.log(np.maximum(percent, 1) / 100.0)
        assert percent.mean() == pytest.approx(100.0, abs=3.0 * percent.std() / np.sqrt(len(percent)))
        assert logs.std() == pytest.approx(book.number(key), rel=0.02)
    assert not np.any(persons.time_value_percent[~persons.is_employed])


def test_valuations_are_the_consent_models(model: PeopleModel) -> None:
    """Normal around 0 with the spread of the book, within three standard errors over eight draws of all villages."""
    villages = range(model.city.n_zones, model.city.n_places)
    drawn = [draw_residents(model, seed, villages).households for seed in range(8)]
    valuation = np.concatenate([households.valuation[households.group_idx == REGISTERED] for households in drawn])
    sigma, n = model.resolved.voters.sigma, len(valuation)
    assert valuation.mean() == pytest.approx(0.0, abs=3.0 * sigma / np.sqrt(n))
    assert valuation.std() == pytest.approx(sigma, rel=3.0 / np.sqrt(2.0 * n))


def test_households_with_somebody_disabled_follow_their_size(model: PeopleModel, residents: Residents) -> None:
    households, share = residents.households, model.book.number("care.disabled_share")
    for size in np.unique(households.size).tolist():
        drawn = households.has_disabled[households.size == size]
        expected = 1.0 - (1.0 - share) ** size
        error = np.sqrt(expected * (1.0 - expected) / len(drawn))
        assert drawn.mean() == pytest.approx(expected, abs=3.5 * error), size


def test_traits_move_no_other_draw(residents: Residents) -> None:
    """What was drawn before there were traits is drawn still: seed 3 of tiny, one digest of all its older columns."""
    whole = hashlib.sha256()
    for rows, n_columns in ((residents.persons, 10), (residents.households, 9)):
        for values in list(vars(rows).values())[:n_columns]:
            whole.update(np.ascontiguousarray(values).tobytes())
    assert whole.hexdigest()[:16] == DRAWN_BEFORE_TRAITS
