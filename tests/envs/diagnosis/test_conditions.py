"""Conditions of villages: by hand, gaps, and the areas that hold several of them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import shapely
import shapely.affinity

from data.city import CATEGORIES, City
from data.errors import InputError
from data.files.cities import load_city
from data.scenario_files import load_scenario
from data.synthesis.city import synthesize_city
from envs.diagnosis.areas import Areas, area_totals, district_areas
from envs.diagnosis.condition import CONDITIONS, DIMENSIONS, NAMES, members_of
from envs.diagnosis.conditions import area_conditions, village_conditions
from envs.diagnosis.diagnosis import DiagnosisSetting, diagnose, diagnose_areas
from envs.kernel import ResolvedScenario, resolve


@pytest.fixture(scope="module")
def resolved() -> ResolvedScenario:
    return resolve(load_scenario("tiny"), load_city("tiny"))


def column(resolved: ResolvedScenario, name: str) -> np.ndarray:
    return village_conditions(resolved).by_village[:, NAMES.index(name)]


def test_ratios_of_the_citys_own_columns(resolved: ResolvedScenario) -> None:
    villages, book = resolved.city.villages, resolved.book
    for k in range(len(villages)):
        persons = villages.registered_residents[k] + villages.tenants[k]
        assert column(resolved, "floor_per_person_m2")[k] == pytest.approx(villages.gross_floor_area_m2[k] / persons)
        assert column(resolved, "residents_per_ha")[k] == pytest.approx(persons / villages.site_area_m2[k] * 1e4)
        assert column(resolved, "illegal_share")[k] == pytest.approx(1.0 - villages.legal_share[k])
        straight = min(
            float(np.hypot(x - villages.x_km[k], y - villages.y_km[k]))
            for x, y in zip(resolved.city.stations.x_km, resolved.city.stations.y_km, strict=True)
        )
        assert column(resolved, "rail_km")[k] == pytest.approx(book.number("travel.detour") * straight)


def test_rent_burden_by_hand(resolved: ResolvedScenario) -> None:
    """8 m2 of a room at its rent, over what a tenant's household has per head: wages x rate, and pensions."""
    book = resolved.book
    rent = resolved.city.villages.rent_cny_per_m2_month * book.number("uv.floor_per_migrant")
    income = book.number("income.worker_tenant") * book.number("employment.tenant")
    elderly = sum(list(book.table("age.tenant").values())[-2:])
    burden = column(resolved, "rent_burden_share")
    assert (burden <= rent / income + 1e-12).all()
    assert (burden >= rent / (income + elderly * book.number("income.pension_tenant")) - 1e-12).all()


def test_met_shares_are_the_evaluators(resolved: ResolvedScenario) -> None:
    """Weighted by the categories' weights they are the met share that the kernel has of the base year."""
    met = np.column_stack([column(resolved, f"met_share_{name}") for name in CATEGORIES])
    lives = resolved.constants.lives
    assert met @ resolved.constants.access.weights == pytest.approx(lives.met[resolved.city.n_zones :])
    assert column(resolved, "commute_min") == pytest.approx(lives.minutes[resolved.city.n_zones :])


def test_every_condition_has_a_dimension() -> None:
    assert sum(members_of(name).sum() for name in DIMENSIONS) == len(CONDITIONS) == len(set(NAMES))


def test_gaps_stay_gaps() -> None:
    """A city without rail or green space, a village without anybody, one without tenants."""
    city = load_city("tiny")
    green = city.facilities.category_idx != CATEGORIES.index("green_space")
    facilities = replace(
        city.facilities, **{name: getattr(city.facilities, name)[green] for name in vars(city.facilities)}
    )
    stations = replace(city.stations, **{name: getattr(city.stations, name)[:0] for name in vars(city.stations)})
    registered, tenants = city.villages.registered_residents.copy(), city.villages.tenants.copy()
    registered[0] = tenants[0] = tenants[1] = 0.0
    villages = replace(city.villages, registered_residents=registered, tenants=tenants)
    poor = replace(city, facilities=facilities, stations=stations, villages=villages)
    told = diagnose(resolve(load_scenario("tiny"), poor))
    gaps = np.isnan(told.conditions.by_village)
    assert gaps[:, NAMES.index("rail_km")].all()
    assert gaps[:, NAMES.index("nearest_green_km")].all()
    assert gaps[:2, NAMES.index("rent_burden_share")].tolist() == [True, True]
    assert gaps[0, NAMES.index("floor_per_person_m2")]
    assert not gaps[1:, NAMES.index("floor_per_person_m2")].any()
    assert (told.need.n_unknown >= 2).all()
    assert np.isfinite(told.need.points).all()


def test_a_city_without_villages_is_refused() -> None:
    city = load_city("tiny")
    none = replace(city.villages, **{name: getattr(city.villages, name)[:0] for name in vars(city.villages)})
    at_zones = np.minimum(city.facilities.place_idx, city.n_zones - 1)
    empty = replace(city, villages=none, facilities=replace(city.facilities, place_idx=at_zones))
    with pytest.raises(InputError, match="without villages"):
        diagnose(resolve(load_scenario("balanced"), empty))


def test_an_area_is_the_ratio_of_its_sums(resolved: ResolvedScenario) -> None:
    """All villages together: floor over persons, persons over land, illegal floor over floor."""
    villages = resolved.city.villages
    everything = area_conditions(village_conditions(resolved), np.ones((1, len(villages))))[0]
    value = dict(zip(NAMES, everything.tolist(), strict=True))
    persons = villages.registered_residents.sum() + villages.tenants.sum()
    floor = villages.gross_floor_area_m2
    assert value["floor_per_person_m2"] == pytest.approx(floor.sum() / persons)
    assert value["residents_per_ha"] == pytest.approx(persons / villages.site_area_m2.sum() * 1e4)
    assert value["illegal_share"] == pytest.approx(1.0 - (villages.legal_share * floor).sum() / floor.sum())


def persons_of(villages: object) -> np.ndarray:
    return villages.registered_residents + villages.tenants  # type: ignore[attr-defined]


def city_of(n_villages: int) -> City:
    return synthesize_city(n_villages, seed=2)


def test_cut_in_half_counts_half(resolved: ResolvedScenario) -> None:
    """The left half of one zone: half its people and jobs; what lies beyond the city is told."""
    city = resolved.city
    zone = int(np.argmax(city.zones.residents))
    low_x, low_y, high_x, high_y = shapely.bounds(city.zones.geometry[zone])
    outside = [village for village in city.villages.geometry if shapely.intersects(village, city.zones.geometry[zone])]
    half = shapely.box(low_x, low_y, (low_x + high_x) / 2.0, high_y)
    told = area_totals(city, Areas(("half",), np.array([half], dtype=object)))
    of_zone = city.zones.residents[zone] / 2.0
    assert told.residents[0] - told.village_residents[0] == pytest.approx(of_zone)
    assert told.village_residents[0] <= sum(persons_of(city.villages)) + 1e-9
    assert (told.villages[0] > 0.0) == any(shapely.area(shapely.intersection(v, half)) > 0.0 for v in outside)
    away = shapely.affinity.translate(half, 1e6)
    beyond = area_totals(city, Areas(("away",), np.array([away], dtype=object)))
    assert (beyond.residents[0], beyond.outside_share[0]) == (0.0, 1.0)


def test_districts_add_up_to_the_city() -> None:
    city = city_of(20)
    told = area_totals(city, district_areas(city, list(range(len(city.districts)))))
    zones, villages = city.zones, city.villages
    assert told.residents.sum() == pytest.approx(zones.residents.sum() + persons_of(villages).sum(), rel=1e-6)
    assert told.jobs.sum() == pytest.approx(zones.jobs.sum() + villages.jobs.sum(), rel=1e-6)
    assert told.villages.sum() == pytest.approx(len(villages), rel=1e-6)
    assert told.facilities.sum() == pytest.approx(len(city.facilities), abs=2)  # points on a border lie in neither


def test_the_need_of_an_area_lies_between_its_villages(resolved: ResolvedScenario) -> None:
    told = diagnose(resolved, DiagnosisSetting())
    areas = diagnose_areas(told, district_areas(resolved.city, [0, 1]))
    for k, name in enumerate((0, 1)):
        inside = told.need.points[resolved.city.villages.district_idx == name]
        assert inside.min() - 1e-9 <= areas.need.points[k] <= inside.max() + 1e-9
    nowhere = Areas(("nowhere",), np.array([shapely.box(0, 0, 1, 1)], dtype=object))
    assert np.isnan(diagnose_areas(told, nowhere).need.points[0])
