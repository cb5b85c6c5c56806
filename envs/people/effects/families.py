"""Households as a plan meets them: every drawn household of the villages, and a panel that stands for each zone's."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from typing import Any

import numpy as np

from data.arrays import BoolArray, CodeArray, FloatArray
from envs.kernel.wellbeing import MONTHS_PER_YR
from envs.people.categories import ELDERLY_FROM, OTHER, RENTED
from envs.people.drawing import draw_residents
from envs.people.people_model import PeopleModel
from envs.people.residents import Households, Residents

PANEL_HOUSEHOLDS = 800
PANEL_FROM_PERSONS = 1_500
"""Residents of the zone whose households make the panel, at least where a zone has as many."""


@dataclass(frozen=True, eq=False)
class Sample:
    """Drawn residents that effects are counted on.

    Attributes:
        seed: of the draw.
        villagers: all residents of all villages.
        zone: residents of `panel_zone`, whose households stand for those of every zone.
    """

    seed: int
    villagers: Residents
    zone: Residents


@dataclass(frozen=True, eq=False)
class Families:
    """One row a household; members share what they earn, gain and lose. Every array has shape (n_rows,).

    Attributes:
        place_idx: home in the base year, among zones, then villages.
        group_idx: into GROUPS.
        tenure_idx: into TENURES.
        persons: residents that the row stands for: its members, in zones as many as the panel's share.
        income_cny_per_month: wages and pensions per head.
        workers_per_head: members who work / members.
        way: mean of its workers' minutes / mean minutes of the place; 0 without workers.
        hourly_stake_cny_per_month: sum over workers of wage x worth of time x minutes / mean minutes of the place, per
            head: what the household loses where everybody's way gets longer is in proportion to it.
        service_value: what services are worth to it / mean.
        has_elderly: somebody of 60 or more.
        has_disabled: somebody is disabled.
        consent_group_idx: into CONSENT_GROUPS; NO_VOTE unless villagers.
        valuation: e_h, logarithmic.
    """

    place_idx: CodeArray
    group_idx: CodeArray
    tenure_idx: CodeArray
    persons: FloatArray
    income_cny_per_month: FloatArray
    workers_per_head: FloatArray
    way: FloatArray
    hourly_stake_cny_per_month: FloatArray
    service_value: FloatArray
    has_elderly: BoolArray
    has_disabled: BoolArray
    consent_group_idx: CodeArray
    valuation: FloatArray

    def __len__(self) -> int:
        """Number of rows."""
        return len(self.place_idx)

    def take(self, rows: CodeArray | slice) -> Families:
        """Some of the rows."""
        return Families(*(getattr(self, item.name)[rows] for item in fields(self)))


def city_families(model: PeopleModel, sample: Sample, minutes: FloatArray) -> Families:
    """All residents of a city: the drawn households of the villages, then the panel in every zone.

    Args:
        model: residents on average.
        sample: drawn residents.
        minutes: mean minutes to work of each place in the base year, shape (n_places,).
    """
    drawn = families_of(sample.villagers, minutes)
    if not len(sample.zone.households):
        return drawn
    return _joined([drawn, panel_everywhere(model, families_of(sample.zone, minutes))])


def families_of(residents: Residents, minutes: FloatArray) -> Families:
    """Drawn households with what their members bring; places must be whole.

    Args:
        residents: drawn.
        minutes: mean minutes to work of each place in the base year, shape (n_places,).
    """
    persons, households = residents.persons, residents.households
    size = households.size.astype(np.float64)
    heads = _heads(households)
    usual = minutes[persons.place_idx]
    way = np.divide(persons.commute_min, usual, out=np.zeros(len(persons)), where=usual > 0.0)
    stake = way * persons.income_cny_per_month * (persons.time_value_percent / 100.0)
    n_workers = households.n_workers.astype(np.float64)
    ways = _sums(way, heads)
    return Families(
        place_idx=households.place_idx,
        group_idx=households.group_idx,
        tenure_idx=households.tenure_idx,
        persons=size,
        income_cny_per_month=households.income_cny_per_month / size,
        workers_per_head=n_workers / size,
        way=np.divide(ways, n_workers, out=np.zeros(len(size)), where=n_workers > 0.0),
        hourly_stake_cny_per_month=_sums(stake, heads) / size,
        service_value=households.service_value_percent / 100.0,
        has_elderly=_sums((persons.age_idx >= ELDERLY_FROM).view(np.uint8), heads) > 0,
        has_disabled=households.has_disabled,
        consent_group_idx=households.consent_group_idx,
        valuation=households.valuation.astype(np.float64),
    )


def _heads(households: Households) -> CodeArray:
    size = households.size.astype(np.int64)
    return np.cumsum(size) - size


def _sums(values: Any, heads: CodeArray) -> Any:  # noqa: ANN401 - numbers of any kind
    return np.add.reduceat(values, heads) if len(heads) else values[:0]


def panel_zone(model: PeopleModel) -> int | None:
    """The zone whose households make the panel: the smallest with enough residents, else the largest; None if empty."""
    residents = model.persons[: model.city.n_zones, OTHER]
    if not residents.any():
        return None
    enough = np.flatnonzero(residents >= PANEL_FROM_PERSONS)
    return int(enough[np.argmin(residents[enough])]) if len(enough) else int(np.argmax(residents))


def draw_sample(model: PeopleModel, seed: int, *, threads: int = 1) -> Sample:
    """Draw the residents that effects are counted on; nobody of a zone where no zone has any.

    Args:
        model: residents on average.
        seed: of the draw.
        threads: places drawn side by side.

    Raises:
        InputError: the book's margins contradict each other.
    """
    zone = panel_zone(model)
    villages = range(model.city.n_zones, model.city.n_places)
    return Sample(
        seed,
        draw_residents(model, seed, villages, threads=threads),
        draw_residents(model, seed, [0 if zone is None else zone]),
    )


def panel_everywhere(model: PeopleModel, families: Families) -> Families:
    """The panel in every zone, weighed with its residents, and with the means of the model.

    Args:
        model: residents on average.
        families: of one zone; at most PANEL_HOUSEHOLDS of them, spread over its kinds of households, are taken.

    Returns:
        n_zones x panel rows; each zone has the incomes, wages and worths of time and services of the kernel's average.
    """
    rows = np.linspace(0, len(families) - 1, min(len(families), PANEL_HOUSEHOLDS)).round().astype(np.int64)
    panel = _with_means_of_the_model(model, families.take(rows))
    zones = np.flatnonzero(model.city.zones.residents > 0.0)
    repeated = panel.take(np.tile(np.arange(len(panel)), len(zones)))
    return replace(
        repeated,
        place_idx=np.repeat(zones, len(panel)).astype(panel.place_idx.dtype),
        persons=(model.city.zones.residents[zones, None] * panel.persons).ravel(),
    )


def _with_means_of_the_model(model: PeopleModel, panel: Families) -> Families:
    """The panel with the model's share of renters, and among them and the others its incomes, wages and worths.

    Returns:
        `persons` are shares of a zone's residents, sum 1.
    """
    rented = model.book.number("market.rented_share")
    types = model.resolved.person_types
    income_cny, wage_cny = (
        types.income_cny_per_yr[OTHER].mean() / MONTHS_PER_YR,
        types.wage_per_head_cny_per_month[OTHER].mean(),
    )
    share, income, stake, service = (np.zeros(len(panel)) for _ in range(4))
    for rents, weight in ((True, rented), (False, 1.0 - rented)):
        rows = np.flatnonzero((panel.tenure_idx == RENTED) == rents)
        persons = panel.persons[rows]
        share[rows] = weight * persons / max(persons.sum(), 1.0)
        income[rows] = _scaled(panel.income_cny_per_month[rows], persons, income_cny)
        stake[rows] = _scaled(panel.hourly_stake_cny_per_month[rows], persons, wage_cny)
        service[rows] = _scaled(panel.service_value[rows], persons, 1.0)
    return replace(
        panel,
        persons=share / share.sum(),
        income_cny_per_month=income,
        hourly_stake_cny_per_month=stake,
        service_value=service,
    )


def _scaled(values: FloatArray, weight: FloatArray, mean: float) -> FloatArray:
    """Values with another weighted mean; as they are where they have none."""
    found = float(values @ weight)
    return values * (mean * weight.sum() / found) if found > 0.0 else values


def _joined(several: Sequence[Families]) -> Families:
    return Families(
        *(np.concatenate([getattr(families, item.name) for families in several]) for item in fields(Families))
    )
