"""`renewal city ...`."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.cli.main import main
from data.files.cities import embedded_city_names, load_city
from data.files.geopackage import city_layers
from data.parameter_book import load_book
from data.travel import compute_travel


def test_list_names_the_embedded_cities(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["city", "list"]) == 0
    shown = capsys.readouterr().out
    assert all(name in shown for name in embedded_city_names())


def test_show_prints_counts_totals_and_notes(city_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["city", "show", str(city_path)]) == 0
    shown = capsys.readouterr().out
    city = load_city(city_path)
    assert f"{city.zones.residents.sum():,.0f}" in shown
    assert f"{city.villages.tenants.sum():,.0f}" in shown
    assert shown.count("Synthetic data:") == len(city.synthetic)


@pytest.mark.parametrize("name", ["beijing", "tiny"])
def test_embedded_cities_show(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert name in embedded_city_names()
    assert main(["city", "show", name]) == 0
    assert "Synthetic data" in capsys.readouterr().out


def test_validate(city_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["city", "validate", str(city_path)]) == 0
    assert "valid" in capsys.readouterr().out


def test_travel_is_that_of_the_model(city_path: Path, tmp_path: Path) -> None:
    out = tmp_path / "travel.parquet"
    assert main(["city", "travel", str(city_path), "--out", str(out)]) == 0
    city = load_city(city_path)
    table = pd.read_parquet(out)
    assert table.columns.tolist() == ["from_id", "to_id", "distance_km", "minutes"]
    expected = compute_travel(city, load_book())
    np.testing.assert_array_equal(table["distance_km"], expected.distance_km.ravel())
    assert table["from_id"].iloc[city.n_zones] == city.zones.zone_id[1]
    assert [path.name for path in tmp_path.iterdir()] == ["travel.parquet"]


def test_import_of_our_own_layers(city_path: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    layers = city_layers(load_city(city_path))
    options = []
    for name in ("zones", "villages", "facilities", "stations"):
        file = tmp_path / f"{name}.gpkg"
        layers[name].to_file(file, layer=name)
        options += [f"--{name}", str(file)]
    out = tmp_path / "again.gpkg"
    assert main(["city", "import", *options, "--out", str(out)]) == 0
    again, before = load_city(out), load_city(city_path)
    np.testing.assert_allclose(again.zones.residents, before.zones.residents)
    assert f"{before.n_villages} villages" in capsys.readouterr().out


@pytest.mark.parametrize(
    "arguments",
    [
        ["city", "synthesize", "--villages", "1", "--seed", "1", "--out", "{tmp}/c.gpkg"],
        ["city", "synthesize", "--villages", "12", "--seed", "-1", "--out", "{tmp}/c.gpkg"],
        ["city", "synthesize", "--villages", "12", "--seed", "1", "--out", "{tmp}/c.shp"],
        ["city", "synthesize", "--villages", "12", "--seed", "1", "--out", "{tmp}/absent/c.gpkg"],
        ["city", "travel", "{city}", "--out", "{tmp}/travel.csv"],
        ["city", "import", "--zones", "{tmp}/no.gpkg", "--villages", "{tmp}/no.gpkg", "--out", "{tmp}/c.gpkg"],
    ],
)
def test_wrong_targets_write_nothing(
    arguments: list[str], city_path: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([word.format(tmp=tmp_path, city=city_path) for word in arguments]) == 2
    shown = capsys.readouterr()
    assert shown.err.startswith("error: ")
    assert "Traceback" not in shown.err
    assert list(tmp_path.iterdir()) == []


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(where=st.floats(0.0, 1.0), junk=st.binary(min_size=1, max_size=64), cut=st.booleans())
def test_a_damaged_city_file_is_refused_or_read(
    where: float, junk: bytes, cut: bool, city_path: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    content = city_path.read_bytes()
    position = int(where * (len(content) - 1))
    damaged = tmp_path / "damaged.gpkg"
    damaged.write_bytes(content[:position] + (b"" if cut else junk + content[position + len(junk) :]))
    code = main(["city", "show", str(damaged)])
    shown = capsys.readouterr()
    assert code in (0, 2)
    assert "Traceback" not in shown.err
    assert bool(shown.err) == (code == 2)
