"""A city survives its file unchanged, and a file that is no city is refused."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import fields, replace
from pathlib import Path

import numpy as np
import pandas as pd
import pyogrio
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from city_fixtures import CRS, DISTRICTS, small_city, small_layers
from data.city import City, Skim
from data.errors import InputError
from data.files.cities import embedded_city_names, load_city
from data.files.geopackage import city_layers, read_city, validate_file, write_city
from data.layers.assembly import assemble_city


def with_skim(city: City) -> City:
    distance_km = np.arange(city.n_places * city.n_zones, dtype=np.float64).reshape(city.n_places, -1) / 7.0 + 0.1
    return replace(city, skim=Skim(distance_km, 7.3 + 1.88 * distance_km))


def execute(path: Path, sql: str, *values: object) -> None:
    """Damage a city file."""
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute(sql, values)


def test_round_trip(city: City, tmp_path: Path) -> None:
    back = read_city(write_city(city, tmp_path / "a.gpkg"))
    assert back.digest == city.digest
    for item in fields(City):
        if item.name not in ("zones", "villages", "facilities", "stations", "skim"):
            assert getattr(back, item.name) == getattr(city, item.name)
    assert [path.name for path in tmp_path.iterdir()] == ["a.gpkg"]


def test_same_city_same_bytes(city: City, tmp_path: Path) -> None:
    first, second = write_city(city, tmp_path / "a.gpkg"), write_city(city, tmp_path / "b.gpkg")
    assert first.read_bytes() == second.read_bytes()


def test_derived_columns_are_not_stored(city: City, tmp_path: Path) -> None:
    write_city(city, tmp_path / "a.gpkg")
    stored = set(pyogrio.read_info(tmp_path / "a.gpkg", layer="villages")["fields"])
    assert not stored & {"zone_idx", "x_km", "y_km", "district_idx", "rental_only"}


def test_derived_arrays_by_hand(city: City) -> None:
    assert city.zones.area_km2 == pytest.approx(np.full(6, 4.0))
    assert city.zones.x_km[:2] == pytest.approx([441.0, 443.0])
    assert city.villages.zone_idx.tolist() == [0, 1, 4]
    assert city.villages.rental_only.tolist() == [False, True, False]
    assert city.facilities.place_idx.tolist() == [6, 0, 8, 5]
    assert city.facilities.category_idx.tolist() == [0, 1, 6, 5]
    assert city.place_district_idx.tolist() == [0, 0, 0, 1, 1, 1, 0, 0, 1]


@pytest.mark.parametrize("suffix", [".skim.parquet", ".skim.csv"])
def test_skim_round_trip(city: City, tmp_path: Path, suffix: str) -> None:
    travelled = with_skim(city)
    path = write_city(travelled, tmp_path / "a.gpkg")
    if suffix == ".skim.csv":
        pd.read_parquet(tmp_path / "a.skim.parquet").sample(frac=1.0, random_state=0).to_csv(
            tmp_path / "a.skim.csv", index=False
        )
        (tmp_path / "a.skim.parquet").unlink()
    back = read_city(path)
    assert back.skim is not None
    assert travelled.skim is not None
    assert np.array_equal(back.skim.minutes, travelled.skim.minutes)
    assert back.digest == travelled.digest


def test_city_without_skim_leaves_none_behind(city: City, tmp_path: Path) -> None:
    write_city(with_skim(city), tmp_path / "a.gpkg")
    assert read_city(write_city(city, tmp_path / "a.gpkg")).skim is None


def test_zero_diagonal_is_warned_of(city: City, tmp_path: Path) -> None:
    skim = with_skim(city).skim
    assert skim is not None
    distance_km = skim.distance_km.copy()
    distance_km[2, 2] = 0.0
    path = write_city(replace(city, skim=Skim(distance_km, skim.minutes)), tmp_path / "a.gpkg")
    assert [(f.severity, f.rows, f.check) for f in validate_file(path)] == [("warning", ("z2",), "zero_diagonal")]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda t: t.iloc[1:], "z0 to z0"),
        (lambda t: pd.concat([t, t.iloc[:1]]), "exactly once"),
        (lambda t: t.assign(from_id=t["from_id"].replace("v1", "v9")), "v9"),
        (lambda t: t.assign(minutes=t["minutes"].where(t.index != 1)), "z0 to z1"),
        (lambda t: t.assign(distance_km=-1.0), "distance_km must be"),
        (lambda t: t.drop(columns="minutes"), "column minutes is missing"),
    ],
)
def test_wrong_skim(change: object, said: str, city: City, tmp_path: Path) -> None:
    path = write_city(with_skim(city), tmp_path / "a.gpkg")
    skim = tmp_path / "a.skim.parquet"
    change(pd.read_parquet(skim)).to_parquet(skim)  # type: ignore[operator]
    with pytest.raises(InputError, match=said) as caught:
        read_city(path)
    assert "a.skim.parquet: skim" in str(caught.value)


def test_two_skims_and_a_broken_skim(city: City, tmp_path: Path) -> None:
    path = write_city(with_skim(city), tmp_path / "a.gpkg")
    (tmp_path / "a.skim.csv").write_text("no skim")
    with pytest.raises(InputError, match="keep one"):
        read_city(path)
    (tmp_path / "a.skim.csv").unlink()
    (tmp_path / "a.skim.parquet").write_bytes(b"no skim")
    with pytest.raises(InputError, match="cannot be read"):
        read_city(path)


@pytest.mark.parametrize(
    ("sql", "value", "said"),
    [
        ("UPDATE zones SET residents = ? WHERE zone_id = 'z1'", None, "zones: rows z1: not_a_number"),
        ("UPDATE city SET value = ? WHERE key = 'format_version'", "2", "format_version must be 1"),
        ("UPDATE city SET value = ? WHERE key = 'crs'", '"EPSG:32651"', "crs_differs"),
        ("UPDATE city SET value = ? WHERE key = 'districts'", "[", "districts: the value must be JSON"),
        ("UPDATE city SET value = ? WHERE key = 'districts'", '["朝阳区"]', "unknown_district"),
        ("UPDATE city SET key = ? WHERE key = 'synthetic'", "synthetik", "2 fields are wrong\n  synthetic: Field"),
        ("UPDATE city SET value = ? WHERE key = 'observed_commute'", '{"mean_km": -1, "districts": [], "source": ""}',
         "out_of_range"),
        ("UPDATE villages SET geom = ? WHERE village_id = 'v1'", b"no geometry", "villages"),
    ],
)  # fmt: skip
def test_damaged_content(sql: str, value: object, said: str, city: City, tmp_path: Path) -> None:
    path = write_city(city, tmp_path / "a.gpkg")
    with closing(sqlite3.connect(path)) as connection:
        for (trigger,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            connection.execute(f'DROP TRIGGER "{trigger}"')
        connection.execute(sql, (value,))
        connection.commit()
    with pytest.raises(InputError, match=said) as caught:
        read_city(path)
    assert "a.gpkg" in str(caught.value)


def test_missing_layer(city: City, tmp_path: Path) -> None:
    path = tmp_path / "a.gpkg"
    pyogrio.write_dataframe(city_layers(city).zones, path, layer="zones")
    with pytest.raises(InputError, match="villages, facilities, stations, city is missing"):
        read_city(path)


def test_layer_without_geometry(city: City, tmp_path: Path) -> None:
    path = write_city(city, tmp_path / "a.gpkg")
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("UPDATE gpkg_contents SET data_type = 'attributes' WHERE table_name = 'stations'")
        connection.execute("DELETE FROM gpkg_geometry_columns WHERE table_name = 'stations'")
    with pytest.raises(InputError, match="stations"):
        read_city(path)


@pytest.mark.parametrize("content", [b"", b"text", b"SQLite format 3\x00", b"SQLite format 3\x00" + b"\x01" * 5000])
def test_no_geopackage(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "a.gpkg"
    path.write_bytes(content)
    with pytest.raises(InputError, match=r"a\.gpkg"):
        read_city(path)


@settings(max_examples=40, deadline=None)
@given(position=st.integers(100, 90_000), junk=st.binary(min_size=1, max_size=64))
def test_flipped_bytes_raise_only_input_errors(
    position: int, junk: bytes, tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = tmp_path_factory.mktemp("flipped") / "a.gpkg"
    content = bytearray(write_city(small_city(), path).read_bytes())
    position %= len(content)
    content[position : position + len(junk)] = junk
    path.write_bytes(content)
    try:
        read_city(path)
    except InputError as error:
        assert "a.gpkg" in str(error)  # noqa: PT017 - most examples raise, some do not


@settings(max_examples=25, deadline=None)
@example(value=1e-304, x_m=0.0, y_m=0.0, name="")
@given(
    value=st.floats(0, 2e6),
    x_m=st.floats(0, 6_000),
    y_m=st.floats(0, 4_000),
    name=st.text(st.characters(exclude_categories=["C", "Z"])),
)
def test_round_trip_of_any_number(
    value: float, x_m: float, y_m: float, name: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    from shapely.geometry import Point

    from city_fixtures import X0, Y0

    layers = small_layers()
    layers.zones["residents"] = value
    layers.zones["name"] = name
    layers.stations.geometry = [Point(X0 + x_m, Y0 + y_m)]
    city = assemble_city(
        "x",
        CRS,
        DISTRICTS,
        zones=layers.zones,
        villages=layers.villages,
        facilities=layers.facilities.iloc[:0],
        stations=layers.stations,
    )
    path = tmp_path_factory.mktemp("any") / "a.gpkg"
    assert read_city(write_city(city, path)).digest == city.digest


def test_failed_write_keeps_the_old_file(city: City, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write_city(city, tmp_path / "a.gpkg")
    before = path.read_bytes()

    def full(*args: object, **kwargs: object) -> None:
        raise OSError("no space left")

    monkeypatch.setattr("data.files.geopackage.pyogrio.write_dataframe", full)
    with pytest.raises(InputError, match="no space left"):
        write_city(city, path)
    assert path.read_bytes() == before
    assert [item.name for item in tmp_path.iterdir()] == ["a.gpkg"]


@pytest.mark.parametrize("target", ["a.geojson", "absent/a.gpkg"])
def test_wrong_target(target: str, city: City, tmp_path: Path) -> None:
    with pytest.raises(InputError):
        write_city(city, tmp_path / target)


def test_load_city_by_name_and_path(city: City, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("data.files.cities.EMBEDDED_FOLDER", tmp_path)
    write_city(city, tmp_path / "small.gpkg")
    assert embedded_city_names() == ("small",)
    assert load_city("small").digest == load_city(tmp_path / "small.gpkg").digest == city.digest
    with pytest.raises(InputError, match=r"embedded cities are small.*did you mean small"):
        load_city("smal")
    with pytest.raises(InputError, match="no such file"):
        load_city(tmp_path / "absent.gpkg")
