"""Fixtures of the data layer."""

from __future__ import annotations

from pathlib import Path

import pytest

from data.city import City
from data.layers.assembly import Layers

REPOSITORY = Path(__file__).resolve().parents[2]


@pytest.fixture
def shared_data() -> Path:
    """The folder of real data beside the checkout; the test is skipped where it is absent."""
    folder = REPOSITORY / ".." / "shared" / "data"
    if not folder.is_dir():
        pytest.skip(f"the real data are not at {folder}")
    return folder


@pytest.fixture
def layers() -> Layers:
    from city_fixtures import small_layers

    return small_layers()


@pytest.fixture
def city() -> City:
    from city_fixtures import small_city

    return small_city()
