"""What a refusal calls layers, checks, columns and units in each language."""

from __future__ import annotations

import pytest

from city_fixtures import small_layers
from data.dictionary import columns
from data.layers.attribute_checks import check_numbers


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("en", "v.gpkg: villages: rows v0: out_of_range: jobs must be within 0..2,000,000 jobs, found 20,000,000"),
        ("zh", "v.gpkg：城中村：行 v0：超出可信范围：就业岗位 jobs 须在 0 至 2,000,000（个岗位）之内，现为 20,000,000"),
    ],
)
def test_a_refusal_calls_things_as_its_reader_does(language: str, said: str) -> None:
    villages = small_layers().villages.assign(jobs=[2e7, 1.0, 1.0])
    [finding] = check_numbers(villages, "villages", "jobs", columns("villages")["jobs"])
    assert finding.text("v.gpkg", language).startswith(said)
