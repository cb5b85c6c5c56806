"""All rules over the layers of a city, in an order in which a later rule may rely on the earlier ones."""

from __future__ import annotations

from collections.abc import Sequence

import geopandas as gpd
import numpy as np

from data.city import ObservedCommute
from data.dictionary import LAYERS, POLYGON_LAYERS
from data.layers.assembly import Layers
from data.layers.attribute_checks import check_cells, check_columns, check_duplicate_ids, row_ids
from data.layers.containment import containing_idx, inner_points
from data.layers.findings import Finding, raise_on_errors
from data.layers.geometry_checks import (
    check_crs,
    check_degrees_as_meters,
    check_distortion,
    check_geometry,
    check_meters_as_degrees,
    check_overlap,
    check_site_area,
    check_within_zones,
    geometries,
    sound_mask,
)
from data.table_cells import numbers, texts

__all__ = ["Finding", "raise_on_errors", "validate_layers"]

LONGEST_MEAN_COMMUTE_KM = 100.0


def validate_layers(layers: Layers, districts: Sequence[str]) -> list[Finding]:
    """Check all four layers against every rule.

    Args:
        layers: the frames as read, with the dictionary's columns.
        districts: district names of the city.

    Returns:
        Findings, errors and warnings, layer by layer. Rules that need sound columns or geometries look only at the
        rows and layers that have them.
    """
    found = [*check_not_empty(layers), *check_districts(districts)]
    for layer in LAYERS:
        found += check_columns(layers[layer], layer)
        found += check_cells(layers[layer], layer, districts)
        found += check_crs(layers[layer], layer)
        found += check_degrees_as_meters(layers[layer], layer)
        found += check_meters_as_degrees(layers[layer], layer)
        found += check_geometry(layers[layer], layer)
        found += check_duplicate_ids(layers[layer], layer, _zone_ids(layers) if layer == "villages" else frozenset())
    crs_errors = [finding for finding in found if finding.check.startswith("crs_") or "_as_" in finding.check]
    if not crs_errors:
        found += check_same_crs(layers)
        found += _metric_findings(layers)
    if not any(finding.check in ("missing_column", "not_a_number") for finding in found):
        found += check_totals(layers)
        found += check_far(layers.villages)
    return found


def check_not_empty(layers: Layers) -> list[Finding]:
    """There are zones and villages; facilities and stations may be absent."""
    return [
        Finding("error", layer, (), "empty_layer", "at least one row is needed")
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
    return [Finding("error", "city", tuple(map(ascii, wrong)), "districts", "needs at least one name, each given once")]


def check_observed_commute(observed: ObservedCommute | None, districts: Sequence[str]) -> list[Finding]:
    """An observed mean commute is believable and its districts are known."""
    if observed is None:
        return []
    found = []
    if not 0.0 < observed.mean_km <= LONGEST_MEAN_COMMUTE_KM:
        message = f"mean_km must be above 0 and at most {LONGEST_MEAN_COMMUTE_KM:g}, found {observed.mean_km:g}"
        found.append(Finding("error", "city", ("observed_commute",), "out_of_range", message))
    unknown = [name for name in observed.districts if name not in districts]
    if unknown:
        message = f"districts must be among {', '.join(districts)}; found {', '.join(unknown)}"
        found.append(Finding("error", "city", ("observed_commute",), "unknown_district", message))
    return found


def check_same_crs(layers: Layers) -> list[Finding]:
    """All layers use the reference system of the zones."""
    expected = layers.zones.crs
    return [
        Finding("error", layer, (), "crs_differs", f"uses {layers[layer].crs.name}, but the zones use {expected.name}")
        for layer in LAYERS
        if layers[layer].crs != expected
    ]


def check_totals(layers: Layers) -> list[Finding]:
    """Somebody lives in the city and somebody works there."""
    zones, villages = layers.zones, layers.villages
    residents = sum(numbers(zones["residents"])) + sum(numbers(villages["registered_residents"]))
    residents += sum(numbers(villages["tenants"]))
    jobs = sum(numbers(zones["jobs"])) + sum(numbers(villages["jobs"]))
    found = []
    if not residents > 0.0:
        found.append(Finding("error", "zones", (), "no_residents", "the city must have residents"))
    if not jobs > 0.0:
        found.append(Finding("error", "zones", (), "no_jobs", "the city must have jobs"))
    return found


def check_far(villages: gpd.GeoDataFrame) -> list[Finding]:
    """Warn where the existing floor area ratio already exceeds the limit."""
    existing_m2 = numbers(villages["gross_floor_area_m2"])
    above = existing_m2 > numbers(villages["far_limit"]) * numbers(villages["site_area_m2"])
    if not above.any():
        return []
    message = "the existing floor area ratio is above far_limit"
    return [Finding("warning", "villages", row_ids(villages, "villages", above), "far_exceeded", message)]


def check_district_of_zone(villages: gpd.GeoDataFrame, zones: gpd.GeoDataFrame) -> list[Finding]:
    """Warn where a village and the zone that contains it name different districts."""
    zone_idx = containing_idx(inner_points(geometries(villages)), geometries(zones))
    of_zone = texts(zones["district"])
    own = texts(villages["district"])
    differs = np.array([idx >= 0 and own[row] != of_zone[idx] for row, idx in enumerate(zone_idx)], dtype=np.bool_)
    if not differs.any():
        return []
    message = "the village's district is not that of the zone that contains it"
    return [Finding("warning", "villages", row_ids(villages, "villages", differs), "district_mismatch", message)]


def _metric_findings(layers: Layers) -> list[Finding]:
    """Rules about areas and containment, over the rows with a sound geometry."""
    sound = {layer: layers[layer][sound_mask(layers[layer], layer)] for layer in LAYERS}
    found = [*check_distortion(sound["zones"])]
    for layer in POLYGON_LAYERS:
        found += check_overlap(sound[layer], layer)
    if "site_area_m2" in layers.villages.columns:
        found += check_site_area(sound["villages"])
    if len(sound["zones"]) == len(layers.zones) > 0:
        found += check_within_zones(sound["villages"], "villages", sound["zones"])
        found += check_within_zones(sound["facilities"], "facilities", sound["zones"])
        if all("district" in layers[layer].columns for layer in POLYGON_LAYERS):
            found += check_district_of_zone(sound["villages"], sound["zones"])
    return found


def _zone_ids(layers: Layers) -> frozenset[str]:
    if "zone_id" not in layers.zones.columns:
        return frozenset()
    return frozenset(cell for cell in texts(layers.zones["zone_id"]) if cell)
