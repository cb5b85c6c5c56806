"""Import: somebody else's files become a City; whatever was dropped, repaired or filled is counted in its repairs."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

import geopandas as gpd
import pandas as pd
import pyproj

from data.catalogue import message, text, told
from data.city import City
from data.dictionary import columns
from data.errors import InputError, Refusal
from data.files.column_mapping import ImportMapping, load_mapping
from data.files.skim import check_skim, read_skim
from data.files.vector_files import Limits, read_vector
from data.importing.columns import map_columns, require_columns, set_types
from data.importing.draft import Draft, drop_outside, keep_rows
from data.importing.facility_counts import split_counts
from data.importing.fills import fill_defaults
from data.importing.geometry import note_villages_across_borders, repair
from data.importing.reference_systems import city_crs, declare_crs, project, warn_of_stretched_areas
from data.importing.village_people import split_residents, subtract_villages
from data.layers.assembly import Layers, assemble_city
from data.layers.attribute_checks import row_ids
from data.layers.findings import Finding, raise_on_errors, without_derived
from data.layers.geometry_checks import check_geometry
from data.layers.validation import check_observed_commute, validate_layers
from data.paths import AnyPath
from data.table_cells import texts

Item = TypeVar("Item")
Result = TypeVar("Result")


def import_city(
    zones: AnyPath,
    villages: AnyPath,
    *,
    facilities: AnyPath | None = None,
    stations: AnyPath | None = None,
    skim: AnyPath | None = None,
    mapping: AnyPath | Mapping[str, Any] | None = None,
    name: str | None = None,
    limits: Limits | None = None,
) -> City:
    """Import a city from vector files.

    Args:
        zones: polygons that tile the city.
        villages: polygons of the parcels that may be renewed.
        facilities: points; None = none, which is noted.
        stations: points; None = none, which is noted.
        skim: observed travel, CSV or Parquet, in the ids of the imported places.
        mapping: YAML file, or its content; None = the files use the dictionary's columns.
        name: name of the city; by default the mapping's, else that of the zones' file.
        limits: what is accepted at most.

    Returns:
        The city; `repairs` lists everything that was dropped, repaired, filled or warned of.

    Raises:
        InputError: a file cannot be read or fails a check. Nothing is written.
    """
    made, limits = load_mapping(mapping), limits or Limits()
    files = {"zones": zones, "villages": villages, "facilities": facilities, "stations": stations}
    drafts = _each(lambda item: _read(Path(item[1]), item[0], made, limits), _given(files))
    zone_draft = drafts[0]
    crs = city_crs(zone_draft, made.crs)
    try:
        _each(lambda draft: _convert(draft, crs), drafts)
    except InputError as error:
        raise InputError(*error.refusals, *_wrong_shapes(drafts), n_more=error.n_more) from error
    for draft in drafts[1:]:
        drop_outside(draft, zone_draft)
    _complete(drafts, made)
    city = _assembled(drafts, crs, made, name or made.name or Path(zones).stem)
    return city if skim is None else _with_skim(city, Path(skim))


def _given(files: Mapping[str, AnyPath | None]) -> list[tuple[str, AnyPath]]:
    return [(layer, path) for layer, path in files.items() if path is not None]


def _each(work: Callable[[Item], Result], items: Sequence[Item]) -> list[Result]:
    """Work on all items; what is wrong with any of them is refused together."""
    done, wrong = [], []
    for item in items:
        try:
            done.append(work(item))
        except InputError as error:
            wrong.append(error)
    if len(wrong) == 1:
        raise wrong[0]
    if wrong:
        refusals = [refusal for error in wrong for refusal in error.refusals]
        raise InputError(*refusals, n_more=sum(error.n_more for error in wrong))
    return done


def _read(path: Path, layer: str, mapping: ImportMapping, limits: Limits) -> Draft:
    frame, warned = read_vector(path, layer, mapping[layer], limits)
    draft = Draft(layer, path, mapping[layer], frame, notes=warned)
    keep_rows(draft)
    declare_crs(draft)
    return draft


def _convert(draft: Draft, crs: pyproj.CRS) -> None:
    """Reproject, repair, and make our columns."""
    stretch = project(draft, crs)
    repair(draft)
    split_counts(draft)
    map_columns(draft)
    warn_of_stretched_areas(draft, stretch)
    require_columns(draft)


def _wrong_shapes(drafts: list[Draft]) -> list[Refusal]:
    """Geometries that would be refused, too, told beside columns that are missing."""
    findings = [(draft.file, finding) for draft in drafts for finding in check_geometry(draft.frame, draft.layer)]
    return [finding.refusal(file) for file, finding in findings if finding.severity == "error"]


def _complete(drafts: list[Draft], mapping: ImportMapping) -> None:
    """Fill what the files do not say: villages by themselves, zones less their villages, then all from their zones."""
    zones, villages = drafts[:2]
    note_villages_across_borders(villages, zones)
    split_residents(villages)
    fill_defaults(villages, None)
    if mapping.zones_include_villages:
        subtract_villages(zones, villages)
    else:
        zones.note("note_zones_exclude_villages")
    fill_defaults(zones, None)
    for draft in drafts[1:]:
        fill_defaults(draft, zones)
    _each(set_types, drafts)


def _assembled(drafts: list[Draft], crs: pyproj.CRS, mapping: ImportMapping, name: str) -> City:
    frames = {draft.layer: draft.frame for draft in drafts}
    absent = [layer for layer in ("facilities", "stations") if layer not in frames]
    layers = Layers.of(frames | {layer: _empty_layer(layer, crs) for layer in absent})
    districts = tuple(dict.fromkeys(cell for cell in texts(layers.zones["district"]) if cell))
    findings = validate_layers(layers, districts) + check_observed_commute(mapping.observed_commute, districts)
    findings = without_derived(findings, _filled_rows(drafts))
    raise_on_errors(findings, {draft.layer: draft.file for draft in drafts}, layers)
    notes = [note for draft in drafts for note in draft.notes]
    notes += [message("note_of_layer", layer=layer, note=message("note_no_file")) for layer in absent]
    warned = [told(partial(_warning, finding)) for finding in findings]
    return assemble_city(
        name=name,
        crs=":".join(crs.to_authority()),
        districts=districts,
        zones=layers.zones,
        villages=layers.villages,
        facilities=layers.facilities,
        stations=layers.stations,
        observed_commute=mapping.observed_commute,
        synthetic={key: note for draft in drafts for key, note in draft.synthetic.items()},
        repairs=[*(told(note.text) for note in notes), *warned],
        fills=[fill for draft in drafts for fill in draft.fills],
    )


def _filled_rows(drafts: list[Draft]) -> dict[tuple[str, str], frozenset[str]]:
    """Layer and column -> ids of the rows whose cell was filled in."""
    return {
        (draft.layer, column): frozenset(row_ids(draft.frame, draft.layer, cells))
        for draft in drafts
        for column, cells in draft.filled.items()
    }


def _empty_layer(layer: str, crs: pyproj.CRS) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(pd.DataFrame({name: [] for name in columns(layer)}), geometry=[], crs=crs)


def _with_skim(city: City, path: Path) -> City:
    travelled = replace(city, skim=read_skim(path, city.place_id, city.zones.zone_id))
    warned = [told(partial(_warning, finding)) for finding in check_skim(travelled)]
    return replace(travelled, repairs=(*city.repairs, *warned))


def _warning(finding: Finding, language: str) -> str:
    return text("note_warning", language, note=finding.text(language=language))
