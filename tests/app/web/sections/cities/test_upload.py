"""Uploads: what is accepted, what is refused, and that names from outside never become paths."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.cli.serve import LOOPBACK, server_options
from app.web.documents.workspace import Workspace, city_label, city_sources
from app.web.sections.cities.upload import import_uploaded, keep_city
from city_fixtures import small_city
from data.catalogue import text
from data.errors import InputError
from data.files.cities import load_city
from data.files.geopackage import city_layers


def test_a_city_is_kept_and_offered(tmp_path: Path) -> None:
    workspace = Workspace(tmp_path)
    path = keep_city(workspace, small_city("../../小城 <b>"))
    assert path.parent == workspace.cities
    assert load_city(path).digest == small_city().digest
    assert str(path) in city_sources(workspace)
    assert city_label(str(path)) == city_sources(workspace)[str(path)] == "小城 b"
    assert city_label("beijing") == "beijing"


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("zones.exe", b"MZ"),
        ("zones.shp", b"one part of several"),
        ("zones.geojson", b'{"type": "FeatureCollection", "features": []}'),
        ("zones.gpkg", b"this is no GeoPackage"),
        ("zones.geojson", b'{"type": "FeatureCollection", "features": ['),
        ("zones.zip", b"PK\x03\x04 broken"),
        ("zones.geojson", b'<?xml version="1.0"?><!DOCTYPE x SYSTEM "http://example.org/x">'),
        ("../../../etc/passwd", b"root"),
    ],
)
def test_files_that_are_no_layers_are_refused(name: str, content: bytes) -> None:
    with pytest.raises(InputError) as refused:
        import_uploaded({"zones": (name, content), "villages": (name, content)}, {})
    assert str(refused.value).startswith(name)


def test_the_server_keeps_to_itself() -> None:
    options = server_options(LOOPBACK, 8501)
    given = dict(zip(options[::2], options[1::2], strict=True))
    assert given["--server.address"] == "127.0.0.1"
    assert given["--browser.gatherUsageStats"] == "false"
    assert given["--server.enableXsrfProtection"] == "true"
    assert given["--client.showErrorDetails"] == "none"
    assert int(given["--server.maxUploadSize"]) <= 200


def upload(open_page, language: str, zones: tuple[str, bytes], villages: tuple[str, bytes]):  # type: ignore[no-untyped-def]
    """The scenario page after two layers were given, and taken in where nothing is red."""
    page = open_page("scenario", lang=language)
    page.session_state["city_bring"] = True
    page.run()
    for layer, (name, content) in (("zones", zones), ("villages", villages)):
        page.file_uploader(key=f"city_layer_{layer}").set_value((name, content, "application/octet-stream"))
    page.run()
    button = page.button(key="city_layers_accept")
    return page if button.disabled else button.click().run()


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_page_tells_what_is_wrong_with_a_file(open_page, language: str) -> None:  # type: ignore[no-untyped-def]
    page = upload(open_page, language, ("zones.gpkg", b"this is none"), ("villages.geojson", b"{"))
    assert not page.exception
    words = {"zh": "无法作为矢量文件读取", "en": "cannot be read as a vector file"}[language]
    assert any(words in item.value.replace("\\", "") for item in page.error)
    assert page.button(key="city_layers_accept").disabled


def test_the_page_shows_the_rows_that_break_a_rule(open_page, workspace) -> None:  # type: ignore[no-untyped-def]
    """Villages of another place: refused with a table of findings, nothing is kept; then the right ones are."""
    layers = city_layers(small_city())
    away = layers.villages.assign(geometry=layers.villages.geometry.translate(xoff=50_000.0))
    zones, wrong, right = (
        frame.to_crs("EPSG:4326").to_json().encode() for frame in (layers.zones, away, layers.villages)
    )
    page = upload(open_page, "zh", ("zones.geojson", zones), ("villages.geojson", wrong))
    assert not page.exception
    assert any("须位于分区之内" in item.value for item in page.error)
    assert any("village" in str(frame.value) or "城中村不在任何分区内" in str(frame.value) for frame in page.dataframe)
    assert not list(workspace.cities.glob("*.gpkg"))
    page.file_uploader(key="city_layer_villages").set_value(("villages.geojson", right, "application/geo+json"))
    page.run()
    page.button(key="city_layers_accept").click().run()
    assert not page.exception
    assert [path.name.startswith("zones-") for path in workspace.cities.glob("*.gpkg")] == [True]
    assert text("check_title", "zh") in [item.label for item in page.expander]


def test_a_mapping_file_that_comes_last_fills_the_form(open_page, workspace) -> None:  # type: ignore[no-untyped-def]
    """The form has been drawn without it, found no column for the zones' residents, and waits for one."""
    layers = city_layers(small_city())
    renamed = layers.zones.rename(columns={"residents": "hc"})
    zones, villages = (frame.to_crs("EPSG:4326").to_json().encode() for frame in (renamed, layers.villages))
    page = upload(open_page, "zh", ("zones.geojson", zones), ("villages.geojson", villages))
    assert page.button(key="city_layers_accept").disabled
    mapping = b"name: Mapped\nzones: {columns: {residents: hc}}\n"
    page.file_uploader(key="city_mapping").set_value(("mapping.yaml", mapping, "application/yaml"))
    page.run()
    page.button(key="city_layers_accept").click().run()
    assert not page.exception
    assert [path.name.startswith("Mapped-") for path in workspace.cities.glob("*.gpkg")] == [True]
    assert any("Mapped" in item.value for item in page.success)


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("zones.shp", b"one part of several", "give them as one .zip"),
        ("zones.geojson", b'{"type": "FeatureCollection", "features": []}', "the file has no rows"),
    ],
)
def test_what_is_missing_is_said_in_words(name: str, content: bytes, words: str) -> None:
    layers = {"zones": (name, content), "villages": (name, content)}
    with pytest.raises(InputError, match=words):
        import_uploaded(layers, {"zones": {"columns": {}}})


def test_two_files_of_a_bureau_become_a_city_without_a_mapping(open_page, workspace) -> None:  # type: ignore[no-untyped-def]
    """Zones with residents in 万人, villages with a name alone: read, numbered, filled in, and all of it told."""
    layers = city_layers(small_city())
    zones = layers.zones[["zone_id", "residents", "geometry"]].assign(residents=layers.zones["residents"] / 1e4)
    zones = zones.rename(columns={"zone_id": "小区编号", "residents": "常住人口（万人）"})
    villages = layers.villages[["name", "geometry"]].rename(columns={"name": "村名"})
    files = [(f"{k}.geojson", f.to_crs("EPSG:4326").to_json().encode()) for k, f in (("z", zones), ("v", villages))]
    page = upload(open_page, "zh", *files)
    assert not page.exception
    assert not page.error
    said = "".join(frame.value.to_string() for frame in page.dataframe)
    assert "单位万人；× 10000 = 人" in said
    assert "建筑面积 ÷ 146（import.floor_per_registered） 〔E〕" in said
    (path,) = workspace.cities.glob("*.gpkg")
    city = load_city(path)
    assert city.zones.residents.tolist() == pytest.approx(layers.zones["residents"].tolist())
    assert city.villages.name.tolist() == layers.villages["name"].tolist()
    assert any("由程序填补" in item.value for item in page.caption)
