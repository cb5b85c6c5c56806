"""Residents as arrays of the smallest types: persons, and the households that they live in.

Persons stand place by place and household by household, householders first. `household_id` is the number of the
householder. Numbers count the whole city, so that a place drawn alone has those that it has in the whole.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Any, TypeVar

import numpy as np

from data.arrays import BoolArray, CodeArray, SingleArray


@dataclass(frozen=True, eq=False)
class Persons:
    """One row a person.

    Attributes:
        person_id: number in the city, uint32.
        household_id: number of the householder, uint32.
        place_idx: home, among zones, then villages.
        group_idx: into GROUPS, uint8.
        age_idx: into AGE_BANDS, uint8.
        sex_idx: into SEXES, uint8.
        is_employed: has a work zone.
        income_cny_per_month: wage of a worker, pension of the old who do not work, else 0; int32.
        work_zone_idx: zone of the workplace; -1 without work.
        commute_min: one way, whole minutes, uint16; 0 without work.
        time_value_percent: what an hour is worth to a worker, of the mean of those of the same wage, uint16; 0 without
            work.
    """

    person_id: CodeArray
    household_id: CodeArray
    place_idx: CodeArray
    group_idx: CodeArray
    age_idx: CodeArray
    sex_idx: CodeArray
    is_employed: BoolArray
    income_cny_per_month: CodeArray
    work_zone_idx: CodeArray
    commute_min: CodeArray
    time_value_percent: CodeArray

    def __len__(self) -> int:
        """Number of persons."""
        return len(self.person_id)


@dataclass(frozen=True, eq=False)
class Households:
    """One row a household.

    Attributes:
        household_id: number of the householder, uint32.
        place_idx: home, among zones, then villages.
        group_idx: into GROUPS, uint8.
        size: persons, uint8.
        tenure_idx: into TENURES, uint8.
        is_long_stay: five years and more in the place.
        is_registered: in the city.
        n_workers: uint8.
        income_cny_per_month: of all members, int32.
        has_disabled: somebody is disabled.
        consent_group_idx: into CONSENT_GROUPS, int8; NO_VOTE unless villagers.
        valuation: e_h of villagers, logarithmic, float32; 0 of others.
        service_value_percent: what services are worth to the household, of the mean, uint16.
    """

    household_id: CodeArray
    place_idx: CodeArray
    group_idx: CodeArray
    size: CodeArray
    tenure_idx: CodeArray
    is_long_stay: BoolArray
    is_registered: BoolArray
    n_workers: CodeArray
    income_cny_per_month: CodeArray
    has_disabled: BoolArray
    consent_group_idx: CodeArray
    valuation: SingleArray
    service_value_percent: CodeArray

    def __len__(self) -> int:
        """Number of households."""
        return len(self.household_id)


@dataclass(frozen=True, eq=False)
class Residents:
    """Persons and their households, of one place or of several."""

    persons: Persons
    households: Households


Rows = TypeVar("Rows", Persons, Households)


def joined(several: Sequence[Residents]) -> Residents:
    """Residents of several places, one after the other."""
    persons = _joined([residents.persons for residents in several])
    return Residents(persons, _joined([residents.households for residents in several]))


def _joined(several: Sequence[Rows]) -> Rows:
    columns: dict[str, Any] = {
        item.name: np.concatenate([getattr(rows, item.name) for rows in several]) for item in fields(several[0])
    }
    return type(several[0])(**columns)
