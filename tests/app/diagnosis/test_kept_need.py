"""Need kept between starts of the room is the need that a diagnosis tells, and nothing else is taken for it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from app.diagnosis.kept_need import FOLDER, keep_need, need_digest, read_need
from app.diagnosis.need_map import need_map
from app.diagnosis.need_words import headline
from app.files.kept import cache_folder
from data.files.cities import load_city
from data.scenario_files import load_scenario
from envs.diagnosis.diagnosis import Diagnosis, diagnose
from envs.kernel import resolve


@pytest.fixture(scope="module")
def told() -> Diagnosis:
    return diagnose(resolve(load_scenario("balanced"), load_city("tiny")))


def test_what_is_read_again_says_the_same(told: Diagnosis) -> None:
    digest = need_digest(told.city, load_scenario("balanced"))
    keep_need(told, digest)
    again = read_need(told.city, digest)
    assert again is not None
    assert np.array_equal(again.grade, told.grade)
    assert np.array_equal(again.in_need, told.in_need)
    for language in ("en", "zh"):
        first, second = (need_map(known, language) for known in (told, again))
        assert second.lines == first.lines
        assert [item.label for item in second.classes] == [item.label for item in first.classes]
        assert headline(again, 3, language) == headline(told, 3, language)


def test_the_digest_moves_with_city_and_parameters(told: Diagnosis) -> None:
    scenario = load_scenario("balanced")
    digest = need_digest(told.city, scenario)
    other = replace(told.city, districts=tuple(f"{name}!" for name in told.city.districts))
    assert need_digest(other, scenario) != digest
    dearer = scenario.model_copy(update={"parameters": {"travel.detour": 1.5}})
    assert need_digest(told.city, dearer) != digest
    assert read_need(told.city, need_digest(told.city, dearer)) is None


def test_a_spoiled_file_is_no_need(told: Diagnosis) -> None:
    digest = need_digest(told.city, load_scenario("balanced"))
    keep_need(told, digest)
    path = cache_folder(FOLDER) / f"{digest[:16]}.npz"
    assert read_need(told.city, digest[:16] + "0" * 48) is None
    path.write_bytes(path.read_bytes()[:-40])
    assert read_need(told.city, digest) is None
    keep_need(replace(told, weak=told.weak[:-1]), digest)
    assert read_need(told.city, digest) is None
