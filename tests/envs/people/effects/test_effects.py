"""Effects on drawn households: their averages are the kernel's, and a plan that changes nothing changes nobody."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from envs.kernel import Plans, evaluate
from envs.kernel.people.fates import Fate, mean_change_cny_per_yr
from envs.kernel.plans import empty_plan
from envs.kernel.trace import REPORT, Trace
from envs.people.categories import REGISTERED, SIZES
from envs.people.effects.effects import FATE_KINDS, KINDS, Effects, effects_of
from envs.people.effects.parts import Parts
from envs.people.effects.places import places_under_plan
from envs.people.effects.population import Population, draw_population
from envs.people.people_model import PeopleModel
from plan_fixtures import random_plans

N_SEEDS = 12


@pytest.fixture(scope="module")
def plans(model: PeopleModel) -> Plans:
    return random_plans(model.resolved, 1, seed=1)


@pytest.fixture(scope="module")
def populations(model: PeopleModel) -> list[Population]:
    return [draw_population(model, seed) for seed in range(N_SEEDS)]


@pytest.fixture(scope="module")
def drawn(model: PeopleModel, plans: Plans, populations: list[Population]) -> list[Effects]:
    return [effects_of(model, plans, population) for population in populations]


@pytest.fixture(scope="module")
def trace(model: PeopleModel, plans: Plans) -> Trace:
    return Trace(model.resolved, plans, REPORT)


def _mean(fates: tuple[Fate, ...], by_fate: Callable[[Fate], np.ndarray]) -> float:
    """Mean over the persons of fates."""
    persons = sum(float(fate.persons.sum()) for fate in fates)
    return sum(float((fate.persons * by_fate(fate)).sum()) for fate in fates) / persons


def _where_they_live(trace: Trace, rates: tuple[float, float]) -> np.ndarray:
    """Villagers of the base year by the place where they live in the last year, each group counted at its rate."""
    n_zones, base = trace.resolved.city.n_zones, trace.constants.base
    counted = np.zeros(trace.resolved.city.n_places)
    for rate, whole, absent, in_zones in (
        (rates[0], base.registered, trace.away.registered, trace.away.zone_registered),
        (rates[1], base.tenants, trace.away.tenants, trace.away.zone_tenants),
    ):
        counted[:n_zones] += rate * in_zones[:, 0, -1]
        counted[n_zones:] += rate * (whole - absent[:, 0, -1])
    return counted


def _tenants_rent(trace: Trace) -> float:
    """Mean rent per tenant and month of the last year, from the kernel's persons by place."""
    number, factor = trace.resolved.book.number, trace.told_rent_factor[:, 0]
    n_zones, base, before = trace.resolved.city.n_zones, trace.constants.base, trace.lives_before
    back = trace.moves.tenants_back[0] * trace.completed[:, 0, -1]
    stay = base.tenants - trace.away.tenants[:, 0, -1] - back
    room_cny = before.room_rent_cny_per_m2_month * number("uv.floor_per_migrant")
    new_cny = trace.constants.prices.market_rent_cny_per_m2_month * number("density.rental_m2")
    zone_cny = before.zone_rent_cny_per_m2_month * number("settle.m2_per_person")
    of_zones = trace.away.zone_tenants[:, 0, -1] @ (zone_cny * factor[:n_zones])
    return float((of_zones + (stay * room_cny + back * new_cny) @ factor[n_zones:]) / base.tenants.sum())


def _kernels(trace: Trace) -> dict[str, float]:
    """What the kernel says on average."""
    rates, types = trace.employment_rates, trace.person_types
    workers, villagers = _where_they_live(trace, rates[:2]), _where_they_live(trace, (1.0, 1.0))
    outcomes = evaluate(trace.resolved, trace.plans)
    return {
        "mean change": float(outcomes["mean_wellbeing_change_cny_per_yr"][0]),
        "of registered": _mean(trace.registered_fates, lambda fate: mean_change_cny_per_yr(fate, types)),
        "of tenants": _mean(trace.tenant_fates, lambda fate: mean_change_cny_per_yr(fate, types)),
        "of zones": _mean(trace.zone_fates, lambda fate: mean_change_cny_per_yr(fate, types)),
        "moved registered": float(trace.registered_fates[2].persons.sum()),
        "displaced tenants": float(outcomes["displaced_tenants_persons"][0]),
        "returned tenants": float(trace.moves.tenants_back.sum()),
        "minutes": float(workers @ trace.told_minutes[:, 0] / workers.sum()),
        "tenants' rent": _tenants_rent(trace),
        "met share": float(villagers @ trace.told_met[:, 0] / villagers.sum()),
    }


def _one(parts: Parts, column: str, name: str) -> float:
    return float(getattr(parts, column)[parts.names.index(name)])


def _of_zones(parts: Parts, column: str) -> float:
    return float(np.average(getattr(parts, column)[2:], weights=parts.persons[2:]))


DRAWN: dict[str, Callable[[Effects], float]] = {
    "mean change": lambda effects: float(effects.residents.mean_cny_per_yr[0]),
    "of registered": lambda effects: _one(effects.kinds, "mean_cny_per_yr", "registered"),
    "of tenants": lambda effects: _one(effects.kinds, "mean_cny_per_yr", "tenant"),
    "of zones": lambda effects: _of_zones(effects.kinds, "mean_cny_per_yr"),
    "moved registered": lambda effects: _one(effects.fates, "persons", "registered_moves"),
    "displaced tenants": lambda effects: _one(effects.fates, "persons", "tenant_moves"),
    "returned tenants": lambda effects: _one(effects.fates, "persons", "tenant_returns"),
    "tenants' rent": lambda effects: _one(effects.kinds, "rent_after_cny_per_month", "tenant"),
    "minutes": lambda effects: float(effects.residents.minutes_after[0]),
    "met share": lambda effects: float(effects.residents.met_after[0]),
}


@pytest.mark.parametrize("name", DRAWN)
def test_averages_are_the_kernels(drawn: list[Effects], trace: Trace, name: str) -> None:
    """Within three standard errors of the mean over the seeds, or a millionth where nothing is drawn."""
    found = np.array([DRAWN[name](effects) for effects in drawn])
    error = found.std(ddof=1) / np.sqrt(N_SEEDS)
    wanted = _kernels(trace)[name]
    assert found.mean() == pytest.approx(wanted, abs=max(3.0 * error, 1e-6 * abs(wanted))), error


def test_as_many_drawn_households_agree_as_the_kernel_says(
    trace: Trace, populations: list[Population], model: PeopleModel
) -> None:
    """Offer at least B a exp(e), over the households of the villages that are rebuilt; within three standard errors."""
    places, n_zones = places_under_plan(trace), model.city.n_zones
    rebuilt = trace.form.rebuilt_share[0] > 0.0
    attachment = np.array(model.resolved.voters.attachments)
    agreed, expected = [], []
    for population in populations:
        families = population.families.take(np.flatnonzero(population.families.group_idx == REGISTERED))
        village = families.place_idx - n_zones
        kept = places.reservation_cny[village] * attachment[families.consent_group_idx] * np.exp(families.valuation)
        agreed.append(np.mean((places.offer_cny[village] >= kept)[rebuilt[village]]))
        expected.append(np.mean(trace.consent[0][village][rebuilt[village]]))
    error = np.std(agreed, ddof=1) / np.sqrt(N_SEEDS)
    assert 0.6 < np.mean(expected) < 0.99
    assert np.mean(agreed) == pytest.approx(np.mean(expected), abs=3.0 * error)


def test_a_draw_moves_as_many_as_the_kernel(drawn: list[Effects], trace: Trace) -> None:
    """Systematic, not by chance: each village and group is off by two households of each size at most."""
    most = 2.0 * SIZES.sum()
    for effects in drawn:
        flows, n_villages = effects.flows, trace.resolved.city.n_villages
        for persons, fates in ((flows.registered, trace.registered_fates), (flows.tenants, trace.tenant_fates)):
            by_village = np.bincount(flows.village_idx, persons, n_villages)
            assert by_village == pytest.approx(fates[2].persons[:, 0], abs=most)


def test_flows_settle_as_the_kernel_says(drawn: list[Effects], trace: Trace) -> None:
    """Movers by zone, mean over the seeds, within four standard errors in each of twelve zones."""
    n_zones = trace.resolved.city.n_zones
    found = np.array([np.bincount(e.flows.zone_idx, e.flows.tenants, n_zones) for e in drawn])
    error = found.std(axis=0, ddof=1) / np.sqrt(N_SEEDS)
    assert np.all(np.abs(found.mean(axis=0) - trace.away.zone_tenants[:, 0, -1]) <= 4.0 * error + 1e-9)


def test_rents_of_who_returns_are_the_kernels(model: PeopleModel, populations: list[Population]) -> None:
    """One village alone, told in the year in which its tenants return."""
    plan = _one_village(model, start_year=1, land_use=1)
    trace = Trace(model.resolved, plan, REPORT)
    effects = effects_of(model, plan, populations[0], year=int(trace.completion_year[0, 0]))
    ratio = _one(effects.fates, "rent_after_cny_per_month", "tenant_returns") / _one(
        effects.fates, "rent_before_cny_per_month", "tenant_returns"
    )
    assert ratio == pytest.approx(float(evaluate(model.resolved, plan)["tenant_rent_ratio"][0]), rel=1e-9)


def _one_village(model: PeopleModel, *, start_year: int, intensity: int = 2, land_use: int = 0) -> Plans:
    """The first village renewed, the others kept."""
    plan = empty_plan(model.city.n_villages)
    changed = {
        "start_year": start_year,
        "intensity": intensity,
        "land_use": land_use,
        "floor_area_ratio": 2.0,
        "facility_ratio": 0.1,
    }
    columns = {name: getattr(plan, name).copy() for name in changed}
    for name, value in changed.items():
        columns[name][0, 0] = value
    return replace(plan, **columns)


def test_an_empty_plan_changes_nobody(model: PeopleModel, populations: list[Population]) -> None:
    effects = effects_of(model, empty_plan(model.city.n_villages), populations[0])
    for parts in (effects.residents, effects.city, effects.kinds, effects.districts, effects.tenths, effects.villages):
        assert np.nanmax(np.abs(parts.terms_cny_per_yr)) < 1e-4
        assert not np.nansum(parts.winners_share + parts.losers_share)
        assert parts.met_after == pytest.approx(parts.met_before, nan_ok=True)
    assert effects.gini_change == pytest.approx(0.0, abs=1e-9)
    assert len(effects.flows.zone_idx) == 0


def test_nothing_has_changed_in_the_base_year(model: PeopleModel, plans: Plans, populations: list[Population]) -> None:
    effects = effects_of(model, plans, populations[0], year=0)
    assert np.max(np.abs(effects.city.terms_cny_per_yr)) < 1e-4


def test_everybody_is_counted_once(model: PeopleModel, drawn: list[Effects]) -> None:
    residents = model.persons.sum(axis=0)
    effects = drawn[0]
    assert effects.city.persons[0] == pytest.approx(model.city.zones.residents.sum() + residents[:2].sum())
    assert effects.kinds.persons[:2].tolist() == residents[:2].tolist()
    villagers = float(residents[:2].sum())
    assert effects.worst_off_persons.sum() == pytest.approx(0.1 * villagers)
    for parts in (effects.residents, effects.fates, effects.districts, effects.tenths, effects.villages):
        assert parts.persons.sum() == pytest.approx(villagers)
        assert np.nansum(parts.persons * parts.mean_cny_per_yr) == pytest.approx(
            villagers * float(effects.residents.mean_cny_per_yr[0])
        )
    assert len(effects.kinds.names) == len(KINDS)
    assert len(effects.fates.names) == len(FATE_KINDS)


def test_another_village_changes_nobodys_fate(model: PeopleModel, populations: list[Population]) -> None:
    """What becomes of a village hangs on its own option, not on who else is renewed, unless zones are full."""
    alone = effects_of(model, _one_village(model, start_year=1), populations[0])
    both = _one_village(model, start_year=1)
    both.start_year[0, 3], both.intensity[0, 3], both.floor_area_ratio[0, 3] = 2, 2, 2.0
    together = effects_of(model, both, populations[0])

    def of_first(effects: Effects) -> list[float]:
        rows = effects.flows.village_idx == 0
        return np.column_stack([effects.flows.zone_idx, effects.flows.tenants])[rows].tolist()

    assert of_first(alone) == of_first(together) != []


def test_who_leaves_under_a_plan_leaves_where_more_leave(model: PeopleModel, populations: list[Population]) -> None:
    """Rehabilitation, mixed renewal, rebuilding: more and more households of the village move."""
    moved = [
        _one(effects_of(model, _one_village(model, start_year=1, intensity=k), populations[0]).fates, "persons", kind)
        for kind in ("tenant_stays",)
        for k in range(3)
    ]
    assert moved == sorted(moved, reverse=True)
    assert moved[0] > moved[-1]


def test_equal_seeds_give_equal_effects(model: PeopleModel, plans: Plans, drawn: list[Effects]) -> None:
    again = effects_of(model, plans, draw_population(model, 0, threads=2))
    assert again.villages.mean_cny_per_yr.tolist() == drawn[0].villages.mean_cny_per_yr.tolist()
    assert again.gini_after == drawn[0].gini_after
    assert drawn[1].gini_after != drawn[0].gini_after
