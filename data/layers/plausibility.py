"""Ratios that give a wrong unit away: floor per resident, residents per km2, jobs per resident, rent over price."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path
from typing import Literal

import geopandas as gpd
import numpy as np
import shapely
import yaml
from pydantic import BaseModel, ConfigDict

from data.arrays import FloatArray
from data.catalogue import message
from data.city import CATEGORIES
from data.layers.attribute_checks import row_ids
from data.layers.findings import Finding
from data.layers.geometry_checks import geometries
from data.layers.unit_guesses import unit_guesses, unit_remedy
from data.parameter_book import load_book
from data.table_cells import numbers, texts

M2_PER_KM2 = 1e6
ROW_MARGIN = 10.0
"""A single row is doubted beyond so many times what is plausible for the layer as a whole."""
SUPPLY_MARGIN = 50.0
"""A category's supply is doubted beyond so many times its standard, up or down."""
AREA = "area"
"""Denominator of residents per km2: the polygon's own area, which has no unit to mistake."""


@dataclass(frozen=True)
class Ratio:
    """A ratio of a layer's columns.

    Attributes:
        key: of its range, in `plausible_ratios.yaml`.
        layer: zones or villages.
        above: columns added up over the line.
        below: columns added up under it; AREA = the polygon's km2; none = the numerator itself.
        by_row: whether a single row is doubted, too.
    """

    key: str
    layer: str
    above: tuple[str, ...]
    below: tuple[str, ...] = ()
    by_row: bool = True


_RESIDENTS = ("registered_residents", "tenants")
RATIOS = (
    Ratio("zone_floor_per_resident", "zones", ("housing_floor_area_m2",), ("residents",), by_row=False),
    Ratio("zone_residents_per_km2", "zones", ("residents",), (AREA,), by_row=False),
    Ratio("zone_jobs_per_resident", "zones", ("jobs",), ("residents",), by_row=False),
    Ratio("zone_price", "zones", ("sale_price_cny_per_m2",)),
    Ratio("zone_rent_over_price", "zones", ("rent_cny_per_m2_month",), ("sale_price_cny_per_m2",)),
    Ratio("village_floor_per_resident", "villages", ("gross_floor_area_m2",), _RESIDENTS),
    Ratio("village_residents_per_km2", "villages", _RESIDENTS, (AREA,)),
    Ratio("village_existing_far", "villages", ("gross_floor_area_m2",), ("site_area_m2",)),
    Ratio("village_tenants_per_registered", "villages", ("tenants",), ("registered_residents",)),
    Ratio("village_jobs_per_resident", "villages", ("jobs",), _RESIDENTS),
    Ratio("village_rent_over_price", "villages", ("rent_cny_per_m2_month",), ("sale_price_cny_per_m2",)),
)


class Range(BaseModel):
    """Where a ratio is plausible, in its unit; source and letter as in the parameter book."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    low: float
    high: float
    unit: str
    letter: Literal["S", "C", "M", "E"]
    source: str


@cache
def ranges() -> dict[str, Range]:
    """Key of a ratio -> where it is plausible."""
    content = yaml.safe_load(Path(__file__).with_name("plausible_ratios.yaml").read_text(encoding="utf-8"))
    return {key: Range.model_validate(entry) for key, entry in content.items()}


def check_ratios(frame: gpd.GeoDataFrame, layer: str) -> list[Finding]:
    """Warn where a layer's numbers do not fit each other, with the unit that would make them fit.

    Args:
        frame: a layer with the dictionary's columns and sound numbers.
        layer: zones or villages.
    """
    return [finding for ratio in RATIOS if ratio.layer == layer for finding in _check(frame, ratio)]


def _check(frame: gpd.GeoDataFrame, ratio: Ratio) -> list[Finding]:
    plausible = ranges()[ratio.key]
    above = _summed(frame, ratio.above)
    below = _summed(frame, ratio.below) if ratio.below else np.ones(len(frame))
    some = (above > 0.0) & (below > 0.0)
    if not some.any():
        return []
    with np.errstate(over="ignore"):  # next to nothing below: a ratio without end, which is not plausible either
        by_row = np.divide(above, below, out=np.full(len(frame), np.nan), where=some)
        whole = float(above.sum() / below.sum()) if ratio.below else float(np.nanmedian(by_row))
    if not plausible.low <= whole <= plausible.high:
        return [_finding(ratio, (), whole)]
    wrong = (by_row < plausible.low / ROW_MARGIN) | (by_row > plausible.high * ROW_MARGIN)
    if not ratio.by_row or not wrong.any():
        return []
    return [_finding(ratio, row_ids(frame, ratio.layer, wrong), float(by_row[wrong][0]))]


def _summed(frame: gpd.GeoDataFrame, names: tuple[str, ...]) -> FloatArray:
    """The columns added up, an empty cell as nothing. Shape (n_rows,)."""
    if names == (AREA,):
        with np.errstate(invalid="ignore"):  # a coordinate without end is refused elsewhere
            return np.asarray(shapely.area(geometries(frame))) / M2_PER_KM2
    return np.sum([np.nan_to_num(numbers(frame[name])) for name in names], axis=0, dtype=np.float64)


def _finding(ratio: Ratio, rows: tuple[str, ...], found: float) -> Finding:
    plausible = ranges()[ratio.key]

    def fits(factor: float) -> bool:
        return plausible.low <= found * factor <= plausible.high

    guesses = [guess for name in ratio.above for guess in unit_guesses(ratio.layer, name, fits)]
    for name in ratio.below:
        guesses += unit_guesses(ratio.layer, name, lambda factor: fits(1.0 / factor)) if name != AREA else []
    problem = message(
        "ratio_unlikely",
        label=message(f"ratio_{ratio.key}"), found=found, unit=plausible.unit, low=plausible.low, high=plausible.high,
        letter=plausible.letter, source=plausible.source, remedy=unit_remedy(guesses),
    )  # fmt: skip
    return Finding("warning", ratio.layer, rows, "unlikely_ratio", problem)


def check_supply(facilities: gpd.GeoDataFrame, residents: float) -> list[Finding]:
    """Warn where a category's supply is far from its standard for so many people.

    Args:
        facilities: the layer.
        residents: of the city, villages included [persons].
    """
    words, supply_m2 = texts(facilities["category"]), numbers(facilities["supply_m2"])
    findings = []
    for category in CATEGORIES:
        total_m2, standard_m2 = float(np.nansum(supply_m2[words == category])), load_book().number(f"std.{category}")
        share = total_m2 / (residents * standard_m2 / 1000.0) if residents > 0.0 else 0.0
        if share > 0.0 and not _near_standard(share):
            guesses = unit_guesses("facilities", "supply_m2", partial(_near_standard, share))
            problem = message(
                "supply_unlikely",
                category=message(f"data_category_{category}"), found=1000.0 * total_m2 / residents,
                standard=standard_m2, remedy=unit_remedy(guesses),
            )  # fmt: skip
            findings.append(Finding("warning", "facilities", (), "unlikely_ratio", problem))
    return findings


def _near_standard(share: float, factor: float = 1.0) -> bool:
    return 1.0 / SUPPLY_MARGIN <= share * factor <= SUPPLY_MARGIN
