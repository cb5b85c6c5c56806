"""Names that no file can have, longer than 255 bytes or with a NUL in them, are refused like any absent file."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from data.errors import InputError
from data.files.cities import load_city
from data.files.column_mapping import LayerMapping, load_mapping
from data.files.geopackage import validate_file, write_city
from data.files.skim import read_skim
from data.files.vector_files import Limits, read_vector
from data.scenario_files import load_scenario

IDS = np.array(["z0"])
READERS: dict[str, Callable[[Path], object]] = {
    ".gpkg": load_city,
    "": load_city,
    ".yaml": load_scenario,
    ".yml": load_mapping,
    ".geojson": lambda path: read_vector(path, "zones", LayerMapping(), Limits()),
    ".zip": lambda path: read_vector(path, "zones", LayerMapping(), Limits()),
    ".csv": lambda path: read_skim(path, IDS, IDS),
    ".parquet": lambda path: read_skim(path, IDS, IDS),
    "..gpkg": validate_file,
    "...gpkg": lambda path: write_city(load_city("tiny"), path),
}


@pytest.mark.parametrize("suffix", READERS)
@pytest.mark.parametrize("stem", ["村" * 90, "x" * 300, "a\0b"])
def test_a_name_that_no_file_can_have_is_refused(tmp_path: Path, suffix: str, stem: str) -> None:
    with pytest.raises(InputError) as refused:
        READERS[suffix](tmp_path / f"{stem}{suffix}")
    assert len(str(refused.value).splitlines()) == 1
    assert refused.value.text("zh")
    assert list(tmp_path.iterdir()) == []
