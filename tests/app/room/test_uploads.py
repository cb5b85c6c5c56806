"""Uploads: what is accepted, what is refused, and that names from outside never become paths."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.commands_room import LOOPBACK, server_options
from app.room.city_choice import city_sources
from app.room.city_upload import import_uploaded, keep_city
from app.room.workspace import Workspace
from city_fixtures import small_city
from data.cities import load_city
from data.errors import InputError


def test_a_city_is_kept_and_offered(tmp_path: Path) -> None:
    space = Workspace(tmp_path)
    path = keep_city(space, small_city("../../小城 <b>"))
    assert path.parent == space.cities
    assert load_city(path).digest == small_city().digest
    assert str(path) in city_sources(space)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("zones.exe", b"MZ"),
        ("zones.gpkg", b"this is no GeoPackage"),
        ("zones.geojson", b'{"type": "FeatureCollection", "features": ['),
        ("zones.zip", b"PK\x03\x04 broken"),
        ("zones.geojson", b'<?xml version="1.0"?><!DOCTYPE x SYSTEM "http://example.org/x">'),
        ("../../../etc/passwd", b"root"),
    ],
)
def test_files_that_are_no_layers_are_refused(name: str, content: bytes) -> None:
    with pytest.raises(InputError):
        import_uploaded({"zones": (name, content), "villages": (name, content)}, {})


def test_the_server_keeps_to_itself() -> None:
    options = server_options(LOOPBACK, 8501)
    given = dict(zip(options[::2], options[1::2], strict=True))
    assert given["--server.address"] == "127.0.0.1"
    assert given["--browser.gatherUsageStats"] == "false"
    assert given["--server.enableXsrfProtection"] == "true"
    assert given["--client.showErrorDetails"] == "none"
    assert int(given["--server.maxUploadSize"]) <= 200
