"""A few bytes that would become gigabytes are refused before they are read."""

from __future__ import annotations

import json
import sqlite3
import zipfile
from contextlib import closing
from pathlib import Path

import pytest

from city_fixtures import small_layers
from data.city import City
from data.errors import InputError
from data.files.geopackage import read_city, validate_file, write_city
from data.files.vector_files import Limits
from data.importing.importer import import_city

LAYER_NAMES = {"zones": {"layer": "zones"}, "villages": {"layer": "villages"}}
BOMBS = {
    "generated column": "ALTER TABLE villages ADD COLUMN x TEXT GENERATED ALWAYS AS (hex(zeroblob(400000000))) VIRTUAL",
    "endless view": "CREATE VIEW x AS WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i FROM n",
}


@pytest.mark.parametrize("sql", BOMBS.values(), ids=list(BOMBS))
def test_a_geopackage_that_computes_its_rows_is_refused(sql: str, city: City, tmp_path: Path) -> None:
    path = write_city(city, tmp_path / "a.gpkg")
    with closing(sqlite3.connect(path)) as database, database:
        database.execute(sql)
    disguised = tmp_path / "a.geojson"
    disguised.write_bytes(path.read_bytes())
    for read in (
        lambda: read_city(path),
        lambda: validate_file(path),
        lambda: import_city(path, path, mapping=LAYER_NAMES),
        lambda: import_city(disguised, disguised, mapping=LAYER_NAMES),
    ):
        with pytest.raises(InputError, match="is computed when it is read"):
            read()


def test_a_spatial_index_is_no_bomb(city: City, tmp_path: Path) -> None:
    path = write_city(city, tmp_path / "a.gpkg")
    with closing(sqlite3.connect(path)) as database:
        tables = database.execute("SELECT count(*) FROM sqlite_master WHERE sql LIKE 'CREATE VIRTUAL%'").fetchone()
    assert tables[0] > 0
    assert read_city(path).digest == city.digest


def test_a_database_in_a_zip_is_checked_and_a_zip_in_a_zip_is_not_read(city: City, tmp_path: Path) -> None:
    inner = write_city(city, tmp_path / "a.gpkg")
    sound = zipped(tmp_path / "sound.zip", "a.gpkg", inner.read_bytes())
    assert import_city(sound, sound, mapping=LAYER_NAMES).n_villages == city.n_villages
    with closing(sqlite3.connect(inner)) as database, database:
        database.execute(BOMBS["endless view"])
    bomb = zipped(tmp_path / "bomb.zip", "a.gpkg", inner.read_bytes())
    with pytest.raises(InputError, match=r"bomb\.zip: zones: .* is computed when it is read"):
        import_city(bomb, bomb, mapping=LAYER_NAMES)
    twice = zipped(tmp_path / "twice.zip", "a.zip", sound.read_bytes())
    with pytest.raises(InputError, match=r"no file that can be read .*a\.zip; unpack it"):
        import_city(twice, twice, mapping=LAYER_NAMES)


def zipped(path: Path, name: str, content: bytes) -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(name, content)
    return path


@pytest.mark.parametrize("suffix", [".json", ".geojson", ".csv", ".fgb", ".shp"])
def test_a_recipe_that_reads_other_files_is_refused(suffix: str, city: City, tmp_path: Path) -> None:
    secret = write_city(city, tmp_path / "secret.gpkg")
    command = f"gdal vector pipeline ! read {secret} --layer zones"
    path = tmp_path / f"a{suffix}"
    path.write_text(json.dumps({"type": "gdal_streamed_alg", "command_line": command}))
    with pytest.raises(InputError, match="recipe"):
        import_city(path, path)


def test_outlines_of_too_many_coordinates_are_refused(tmp_path: Path) -> None:
    small_layers().zones.to_file(tmp_path / "zones.gpkg")
    with pytest.raises(InputError, match="at most 20 coordinates are read, found 30"):
        import_city(tmp_path / "zones.gpkg", tmp_path / "zones.gpkg", limits=Limits(coordinates=20))
