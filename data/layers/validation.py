"""All checks of the layers of a city, in an order in which a later one may rely on the earlier ones."""

from __future__ import annotations

from collections.abc import Sequence

import geopandas as gpd
import numpy as np

from data.catalogue import message
from data.city import ObservedCommute
from data.dictionary import LAYERS, POLYGON_LAYERS
from data.errors import printable
from data.layers.assembly import Layers
from data.layers.attribute_checks import check_cells, check_columns, check_duplicate_ids, row_ids
from data.layers.containment import largest_overlap
from data.layers.findings import Finding, causes_first, raise_on_errors
from data.layers.geometry_checks import (
    check_crs,
    check_degrees_as_meters,
    check_distortion,
    check_duplicate_geometry,
    check_geometry,
    check_meters_as_degrees,
    check_near_zones,
    check_overlap,
    check_site_area,
    check_within_zones,
    geometries,
    repeated,
    sound_mask,
)
from data.layers.plausibility import check_ratios, check_supply
from data.table_cells import numbers, texts

__all__ = ["Finding", "raise_on_errors", "validate_layers"]

LONGEST_MEAN_COMMUTE_KM = 100.0


def validate_layers(layers: Layers, districts: Sequence[str]) -> list[Finding]:
    """Check all four layers.

    Args:
        layers: the frames as read, with the dictionary's columns.
        districts: district names of the city.

    Returns:
        Findings, errors and warnings, those first that others may follow from. Checks that need sound columns or
        geometries look only at the rows and layers that have them.
    """
    findings = [*check_not_empty(layers), *check_districts(districts)]
    for layer in LAYERS:
        findings += check_columns(layers[layer], layer)
        findings += check_cells(layers[layer], layer, districts)
        findings += check_crs(layers[layer], layer)
        findings += check_degrees_as_meters(layers[layer], layer)
        findings += check_meters_as_degrees(layers[layer], layer)
        findings += check_geometry(layers[layer], layer)
        findings += check_duplicate_ids(layers[layer], layer, _zone_ids(layers) if layer == "villages" else frozenset())
    crs_errors = [finding for finding in findings if finding.check.startswith("crs_") or "_as_" in finding.check]
    if not crs_errors:
        findings += check_same_crs(layers)
        findings += _metric_findings(layers)
    if not any(finding.check in ("missing_column", "not_a_number") for finding in findings):
        findings += check_totals(layers)
        findings += check_far(layers.villages)
        findings += check_yearly_sales(layers.zones)
        findings += check_plausibility(layers)
    return causes_first(findings)


def check_not_empty(layers: Layers) -> list[Finding]:
    """There are zones and villages; facilities and stations may be absent."""
    return [
        Finding("error", layer, (), "empty_layer", message("rows_needed"))
        for layer in POLYGON_LAYERS
        if not len(layers[layer])
    ]


def check_districts(districts: Sequence[str]) -> list[Finding]:
    """District names are plain, given once, and at least one."""
    wrong = [
        name for name in districts if not name.strip() or not name.isprintable() or list(districts).count(name) > 1
    ]
    if districts and not wrong:
        return []
    rows = tuple(f"'{printable(name)}'" for name in wrong)
    return [Finding("error", "city", rows, "districts", message("districts_named_once"))]


def check_observed_commute(observed: ObservedCommute | None, districts: Sequence[str]) -> list[Finding]:
    """An observed mean commute is believable and its districts are known."""
    if observed is None:
        return []
    findings = []
    if not 0.0 < observed.mean_km <= LONGEST_MEAN_COMMUTE_KM:
        problem = message("mean_commute_believable", most_km=LONGEST_MEAN_COMMUTE_KM, found=observed.mean_km)
        findings.append(Finding("error", "city", ("observed_commute",), "out_of_range", problem))
    unknown = [name for name in observed.districts if name not in districts]
    if unknown:
        problem = message("districts_among", choices=tuple(districts), found=unknown)
        findings.append(Finding("error", "city", ("observed_commute",), "unknown_district", problem))
    return findings


def check_same_crs(layers: Layers) -> list[Finding]:
    """All layers use the reference system of the zones."""
    of_zones = layers.zones.crs
    differing = {layer: layers[layer].crs for layer in LAYERS if layers[layer].crs != of_zones}
    return [
        Finding("error", layer, (), "crs_differs", message("crs_of_zones", crs=crs.name, zones_crs=of_zones.name))
        for layer, crs in differing.items()
    ]


def check_totals(layers: Layers) -> list[Finding]:
    """Somebody lives in the city and somebody works there."""
    zones, villages = layers.zones, layers.villages
    residents = sum(numbers(zones["residents"])) + sum(numbers(villages["registered_residents"]))
    residents += sum(numbers(villages["tenants"]))
    jobs = sum(numbers(zones["jobs"])) + sum(numbers(villages["jobs"]))
    findings = []
    if not residents > 0.0:
        findings.append(Finding("error", "zones", (), "no_residents", message("city_without_residents")))
    if not jobs > 0.0:
        findings.append(Finding("error", "zones", (), "no_jobs", message("city_without_jobs")))
    return findings


def check_plausibility(layers: Layers) -> list[Finding]:
    """Warn of numbers that do not fit each other, as those in another unit do not."""
    zones, villages = layers.zones, layers.villages
    residents = [zones["residents"], villages["registered_residents"], villages["tenants"]]
    findings = [finding for layer in POLYGON_LAYERS for finding in check_ratios(layers[layer], layer)]
    return findings + check_supply(layers.facilities, sum(float(np.nansum(numbers(column))) for column in residents))


def check_far(villages: gpd.GeoDataFrame) -> list[Finding]:
    """Warn where the existing floor area ratio already exceeds the limit."""
    existing_m2 = numbers(villages["gross_floor_area_m2"])
    above = existing_m2 > numbers(villages["far_limit"]) * numbers(villages["site_area_m2"])
    if not above.any():
        return []
    rows = row_ids(villages, "villages", above)
    return [Finding("warning", "villages", rows, "far_exceeded", message("far_above_limit"))]


def check_yearly_sales(zones: gpd.GeoDataFrame) -> list[Finding]:
    """Warn of zones without yearly sales in districts where others have them: the district does not use these."""
    if "yearly_sales_m2" not in zones:
        return []
    known, district = np.isfinite(numbers(zones["yearly_sales_m2"])), texts(zones["district"])
    lacking = ~known & np.isin(district, district[known])
    if not lacking.any():
        return []
    rows = row_ids(zones, "zones", lacking)
    return [Finding("warning", "zones", rows, "yearly_sales_partly", message("yearly_sales_partly_known"))]


def check_district_of_zone(villages: gpd.GeoDataFrame, zones: gpd.GeoDataFrame) -> list[Finding]:
    """Warn where a village and the zone that contains it name different districts."""
    zone_idx = largest_overlap(geometries(villages), geometries(zones)).zone_idx
    of_zone = texts(zones["district"])
    of_village = texts(villages["district"])
    differs = np.array(
        [idx >= 0 and of_village[row] != of_zone[idx] for row, idx in enumerate(zone_idx)], dtype=np.bool_
    )
    if not differs.any():
        return []
    rows = row_ids(villages, "villages", differs)
    return [Finding("warning", "villages", rows, "district_mismatch", message("district_of_zone_differs"))]


def _metric_findings(layers: Layers) -> list[Finding]:
    """Checks of areas and containment, over the rows with a sound geometry."""
    sound = {layer: layers[layer][sound_mask(layers[layer], layer)] for layer in LAYERS}
    findings = [*check_distortion(sound["zones"])]
    for layer in POLYGON_LAYERS:
        findings += check_duplicate_geometry(sound[layer], layer)
        findings += check_overlap(sound[layer][~repeated(geometries(sound[layer]))], layer)
    if "site_area_m2" in layers.villages.columns:
        findings += check_site_area(sound["villages"])
    if len(sound["zones"]) == len(layers.zones) > 0:
        findings += check_within_zones(sound["villages"], "villages", sound["zones"])
        findings += check_within_zones(sound["facilities"], "facilities", sound["zones"])
        findings += check_near_zones(sound["stations"], sound["zones"])
        if all("district" in layers[layer].columns for layer in POLYGON_LAYERS):
            findings += check_district_of_zone(sound["villages"], sound["zones"])
    return findings


def _zone_ids(layers: Layers) -> frozenset[str]:
    if "zone_id" not in layers.zones.columns:
        return frozenset()
    return frozenset(cell for cell in texts(layers.zones["zone_id"]) if cell)
