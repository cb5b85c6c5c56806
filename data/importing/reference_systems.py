"""Import, the reference systems: which one coordinates are in, which one the city gets, and what is lost on the way."""

from __future__ import annotations

import re

import geopandas as gpd
import numpy as np
import pyproj
import shapely

from data.catalogue import Message, message
from data.errors import reason_of, refuse
from data.importing.draft import Draft
from data.layers.area_of_use import (
    NEAR_EQUATOR_DEG,
    SOUTHERNMOST_CITY_DEG,
    Place,
    degrees_beyond,
    is_misplaced,
    place_of,
    row_centers,
    systems_that_fit,
    unknown_shift,
)
from data.layers.findings import Finding, raise_on_errors
from data.layers.geometry_checks import (
    area_distortion,
    check_crs,
    check_degrees_as_meters,
    check_distortion,
    check_meters_as_degrees,
    geometries,
    sound_mask,
)
from data.table_cells import numbers

CRS_CODE = re.compile(r"[A-Za-z]+:\d+")
SHIFTED_SYSTEMS = ("GCJ-02", "GCJ02", "BD-09", "BD09", "火星坐标系", "百度坐标系")
"""Coordinates of Chinese web maps, moved by 50 to 700 m; no code names them, and PROJ knows no way back."""
NOTED_DISTORTION = 0.02
SAME_STRETCH = 0.03
"""Share by which the stated areas may differ from areas in the file's system to be taken for these."""


def declare_crs(draft: Draft) -> None:
    """Settle which reference system the coordinates are in: the file's, else the mapping's, never a guess.

    Coordinates that stand northing first are swapped where only that puts them where their system is used.

    Raises:
        InputError: neither says it, the two contradict each other, or the coordinates contradict them.
    """
    stated = None if draft.mapping.crs is None else parse_crs(draft.mapping.crs, f"mapping: {draft.layer}: crs")
    if draft.frame.crs is not None and draft.frame.crs.geodetic_crs is None:  # "local": tied to no place on the Earth
        draft.frame = draft.frame.set_crs(None, allow_override=True)
    if draft.frame.crs is None and stated is None:
        raise refuse("crs_of_file_missing", wanted=draft.layer, file=draft.file, layer=draft.layer)
    if draft.frame.crs is None:
        draft.frame = draft.frame.set_crs(stated)
    elif stated is not None and stated != draft.frame.crs:
        _take_stated(draft, stated)
    _swap_axes(draft)
    if stated is None or not _are_local_meters(draft):
        raise_on_errors(_contradictions(draft), draft.file)
    _warn_of_place(draft)


def _take_stated(draft: Draft, stated: pyproj.CRS) -> None:
    """The mapping's system where the coordinates contradict the file's."""
    declared = draft.frame.crs.name
    if not _contradictions(draft):
        raise refuse("crs_of_file_differs", declared=declared, stated=stated.name, file=draft.file, layer=draft.layer)
    draft.note("note_crs_of_mapping", declared=declared, stated=stated.name)
    draft.frame = draft.frame.set_crs(stated, allow_override=True)


def _contradictions(draft: Draft) -> list[Finding]:
    """Why the coordinates cannot be in the system of the frame: the first reason, with its remedy."""
    for check in (check_degrees_as_meters, check_meters_as_degrees):
        if found := check(draft.frame, draft.layer):
            return found
    centers, crs = row_centers(draft.frame), draft.frame.crs
    place = place_of(centers, crs)
    if not len(centers) or not is_misplaced(place, crs):
        return []
    problem = message("crs_outside_area", crs=crs.name, place=_shown(place), remedy=_remedy(draft))
    return [Finding("error", draft.layer, (), "crs_area", problem)]


def _remedy(draft: Draft) -> Message:
    """What would put the coordinates where their system is used."""
    centers, crs = row_centers(draft.frame), draft.frame.crs
    fitting = systems_that_fit(centers, crs)
    if len(fitting) == 1:
        zone = int(np.median(centers[:, 0]) // 1_000_000)
        key = "crs_remedy_zone_number" if zone else "crs_remedy_no_zone_number"
        return message(key, zone=zone, code=fitting[0], wanted=draft.layer)
    if _are_local_meters(draft):
        code = ":".join(crs.to_authority() or ("EPSG", "..."))
        return message("crs_remedy_local", wanted=draft.layer, code=code)
    return message("crs_remedy_other", wanted=draft.layer)


def _are_local_meters(draft: Draft) -> bool:
    """Whether the coordinates count from a corner of the map; who states a system all the same keeps their lengths."""
    place = place_of(row_centers(draft.frame), draft.frame.crs)
    near = place is not None and abs(place.lat_deg) < NEAR_EQUATOR_DEG
    return near and draft.frame.crs.is_projected and not check_degrees_as_meters(draft.frame, draft.layer)


def _shown(place: Place | None) -> Message:
    if place is None:
        return message("place_nowhere")
    return message("place_in_degrees", lon=place.lon_deg, lat=place.lat_deg)


def _where(place: Place) -> Message:
    return message("note_place", lon=place.lon_deg, lat=place.lat_deg)


def _swap_axes(draft: Draft) -> None:
    """Put the easting first where the northing stands there, which only coordinates outside the area of use betray."""
    centers, crs = row_centers(draft.frame), draft.frame.crs
    if not len(centers) or not is_misplaced(place_of(centers, crs), crs) or check_degrees_as_meters(draft.frame, ""):
        return
    swapped = place_of(centers[:, ::-1], crs)
    if swapped is None or is_misplaced(swapped, crs) or degrees_beyond(swapped, crs) != (0.0, 0.0):
        return
    shapes = shapely.transform(geometries(draft.frame), lambda xy: xy[:, ::-1])
    draft.frame = draft.frame.set_geometry(gpd.GeoSeries(shapes, index=draft.frame.index, crs=crs))
    draft.note("note_axes_swapped", where=_where(swapped))


def _warn_of_place(draft: Draft) -> None:
    """Say where the coordinates lie if that is unusual for their system, or for a city of China."""
    place = place_of(row_centers(draft.frame), draft.frame.crs)
    if place is None:
        return
    where, name = _where(place), draft.frame.crs.name
    if _are_local_meters(draft):
        draft.note("note_local_coordinates", name=name, where=where)
    elif max(degrees_beyond(place, draft.frame.crs)) > 1.0:
        draft.note("note_outside_area_of_use", name=name, where=where)
    elif abs(place.lat_deg) < SOUTHERNMOST_CITY_DEG:
        draft.note("note_too_far_south", name=name, where=where)


def city_crs(zones: Draft, wanted: str | None) -> pyproj.CRS:
    """The reference system of the city: the one wanted, else the zones' own if it is fit, else UTM.

    Raises:
        InputError: the one wanted is unknown or not in meters.
    """
    if wanted is not None:
        crs = parse_crs(wanted, "mapping: crs")
        raise_on_errors(check_crs(gpd.GeoDataFrame(geometry=[], crs=crs), "crs"), "mapping")
        return crs
    if zones.frame.empty:
        raise refuse("file_without_rows", file=zones.file, layer=zones.layer)
    sound = zones.frame[sound_mask(zones.frame, "zones")]
    if not check_crs(zones.frame, "zones") and not check_distortion(sound):
        return zones.frame.crs
    try:
        return zones.frame.estimate_utm_crs()
    except (RuntimeError, ValueError) as error:
        raise refuse("projection_unknown", reason=reason_of(error), file=zones.file, layer=zones.layer) from error


def parse_crs(text: str, where: str) -> pyproj.CRS:
    """A reference system by its code; a name such as "Beijing" would be a guess among several.

    Raises:
        InputError: it is no code, or there is none of that code.
    """
    if text.strip().upper() in SHIFTED_SYSTEMS:
        raise refuse("crs_shifted", name=text, file=where)
    try:
        if not CRS_CODE.fullmatch(text):
            raise pyproj.exceptions.CRSError(text)
        return pyproj.CRS.from_user_input(text)
    except pyproj.exceptions.CRSError as error:
        raise refuse("crs_unknown", name=text, file=where) from error


def project(draft: Draft, crs: pyproj.CRS) -> float:
    """Reproject to the city's reference system, in two dimensions, and say what that loses.

    Returns:
        Areas in the file's system over areas on the ground; 1 where they agree within NOTED_DISTORTION, or where the
        system is in degrees.
    """
    shapes, source = geometries(draft.frame), draft.frame.crs
    if shapely.has_z(shapes).any():
        draft.note("note_heights_dropped", n=int(shapely.has_z(shapes).sum()))
    stretch = _area_stretch(draft)
    with np.errstate(invalid="ignore"):
        flat = draft.frame.set_geometry(gpd.GeoSeries(shapely.force_2d(shapes), crs=source))
        draft.frame = flat if source == crs else flat.to_crs(crs)
    draft.frame = draft.frame.set_crs(crs, allow_override=True)
    place = place_of(row_centers(draft.frame), crs)
    if source != crs and place is not None and unknown_shift(source, crs, place):
        draft.note("note_datum_shift_unknown", source=source.name, target=crs.name)
    if stretch != 1.0 and source != crs:
        draft.note("note_areas_stretched", source=source.name, stretch=stretch, target=crs.name)
    return stretch


def _area_stretch(draft: Draft) -> float:
    if not draft.frame.crs.is_projected:
        return 1.0
    ratio = 1.0 + area_distortion(draft.frame[sound_mask(draft.frame, draft.layer)])
    return ratio if abs(ratio - 1.0) > NOTED_DISTORTION else 1.0


def warn_of_stretched_areas(draft: Draft, stretch: float) -> None:
    """Warn where stated site areas are those of the polygons in a system that stretches areas.

    Args:
        draft: the layer in our columns, its geometry in the city's system.
        stretch: as `project` gave it.
    """
    if stretch == 1.0 or "site_area_m2" not in draft.frame.columns:
        return
    with np.errstate(invalid="ignore", divide="ignore"):
        ratio = numbers(draft.frame["site_area_m2"]) / shapely.area(geometries(draft.frame))
    known = ratio[np.isfinite(ratio)]
    if len(known) and abs(float(np.median(known)) / stretch - 1.0) < SAME_STRETCH:
        draft.note("note_stated_areas_stretched", stretch=stretch, scale=1.0 / stretch)
