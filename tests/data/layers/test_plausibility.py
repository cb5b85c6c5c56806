"""Numbers in another unit are told by what they make of each other: the ratio, its range, and the unit to write."""

from __future__ import annotations

import numpy as np
import pytest

from city_fixtures import DISTRICTS, small_city, small_layers
from data.city import City
from data.dictionary import LAYERS, columns
from data.files.geopackage import city_layers
from data.headings.units import factor_to, usual_units
from data.layers.assembly import Layers
from data.layers.plausibility import RATIOS, check_ratios, check_supply, ranges
from data.layers.validation import check_plausibility, validate_layers
from data.synthesis.city import synthesize_city


def texts_of(layer: str, **factors: float) -> list[str]:
    """What is said of a layer of the small city with columns multiplied by factors."""
    frame = small_layers()[layer]
    return [
        finding.text() for finding in check_ratios(frame.assign(**{n: frame[n] * f for n, f in factors.items()}), layer)
    ]


@pytest.mark.parametrize("city", [small_city(), synthesize_city(30, 1)], ids=["small", "drawn"])
def test_sound_cities_raise_no_doubt(city: City) -> None:
    assert check_plausibility(city_layers(city)) == []


@pytest.mark.parametrize(
    ("layer", "column", "factor", "ratio", "remedy"),
    [
        # 800,000 m2 and 22,500 residents a zone, 4 km2 each: 35.6 m2 a person, 5,625 persons/km2, 0.47 jobs a resident
        ("zones", "residents", 1e-4, "356,000", "units: {residents: 万人}"),
        ("zones", "residents", 1e-3, "35,600", "units: {residents: 千人}"),
        ("zones", "housing_floor_area_m2", 1e-4, "0.00356", "units: {housing_floor_area_m2: 万㎡}"),
        ("zones", "jobs", 1e-4, "4.74e-05", "units: {jobs: 万人}"),
        ("zones", "rent_cny_per_m2_month", 12.0, "0.0177", "units: {rent_cny_per_m2_month: 元/㎡·年}"),
        ("villages", "gross_floor_area_m2", 1e-4, "0.0038", "units: {gross_floor_area_m2: 万㎡}"),
        ("villages", "site_area_m2", 0.0015, "653", "units: {site_area_m2: 亩}"),
        ("villages", "tenants", 1e-4, "0.000316", "units: {tenants: 万人}"),
        ("villages", "registered_residents", 1e-3, "3160", "units: {registered_residents: 千人}"),
        ("villages", "jobs", 1e-3, "6.98e-05", "units: {jobs: 千人}"),
    ],
)
def test_a_column_in_another_unit_is_doubted(layer: str, column: str, factor: float, ratio: str, remedy: str) -> None:
    said = texts_of(layer, **{column: factor})
    assert any(remedy in line for line in said), said
    assert any(f"{float(ratio.replace(',', '')):.3g}" in line for line in said), said


def test_one_row_in_another_unit_is_named() -> None:
    villages = small_layers().villages
    villages.loc[1, "gross_floor_area_m2"] /= 1e4
    (density, far) = check_ratios(villages, "villages")
    assert (density.rows, far.rows) == (("v1",), ("v1",))
    assert "8 to 150" not in density.text()
    assert "units: {gross_floor_area_m2: 万㎡}" in density.text()


def test_supply_is_compared_with_its_standard() -> None:
    """8,000 m2 of education for 147,900 people: 54 m2 per 1,000, the standard being 1,040; in 万㎡ next to nothing."""
    facilities = small_layers().facilities
    people = 147_900.0
    assert not any("education" in finding.text() for finding in check_supply(facilities, people))
    said = [
        finding.text() for finding in check_supply(facilities.assign(supply_m2=facilities["supply_m2"] / 1e4), people)
    ]
    assert any("education: 0.00541 m2 per 1,000 residents, the standard being 1040" in line for line in said), said
    assert all("units: {supply_m2: 万㎡}" in line for line in said)


def test_a_refusal_of_what_is_beyond_belief_asks_for_the_unit() -> None:
    layers = small_layers()
    layers.zones["sale_price_cny_per_m2"] = layers.zones["sale_price_cny_per_m2"] / 1e4
    layers.villages["legal_share"] = layers.villages["legal_share"] * 100.0
    layers.villages["tenants"] = -layers.villages["tenants"]
    found = [finding for finding in validate_layers(layers, ("朝阳区", "昌平区")) if finding.check == "out_of_range"]
    said = [finding.text() for finding in found]
    assert ["万元/㎡" in said[0], "units: {legal_share: percent}" in said[1], "units" in said[2]] == [True, True, False]
    assert "单位是否为万元/㎡" in found[0].text(language="zh")


def test_every_ratio_has_its_range() -> None:
    assert {ratio.key for ratio in RATIOS} == set(ranges())
    assert all(entry.low < entry.high and np.isfinite(entry.high) for entry in ranges().values())


@pytest.mark.parametrize("layer", ["zones", "villages", "facilities"])
def test_no_column_in_a_usual_other_unit_passes_in_silence(layer: str) -> None:
    """Each number of each layer alone in each unit that people use: refused or warned of, that unit named."""
    layers = small_layers()
    before = {finding.text() for finding in validate_layers(layers, DISTRICTS)}
    silent = []
    for name, column in columns(layer).items():
        for unit in usual_units(column.unit) if name in layers[layer].columns else ():
            wrong = layers[layer].assign(**{name: layers[layer][name] / factor_to(unit, column.unit)})
            changed = Layers.of({other: layers[other] for other in LAYERS} | {layer: wrong})
            said = [finding.text() for finding in validate_layers(changed, DISTRICTS) if finding.text() not in before]
            silent += [] if any(f"{name}: {unit}" in line for line in said) else [(name, unit)]
    assert silent == []
