"""Days of single residents in words: the same again, at work where they work, home at the end."""

from __future__ import annotations

from itertools import pairwise

import pytest

from app.people.day_diaries import _clock, village_diaries
from app.people.portrait_tables import SEED
from app.runs.loading import load_resolved
from data.catalogue import text
from envs.people.drawing import draw_residents
from envs.people.people_model import people_model


@pytest.mark.parametrize("language", ["en", "zh"])
def test_days_of_a_village(language: str) -> None:
    resolved = load_resolved("tiny", "balanced")
    city = resolved.city
    diaries = village_diaries(resolved, 1, language)
    assert diaries == village_diaries(resolved, 1, language)
    assert 4 <= len({diary.title for diary in diaries}) == len(diaries)
    persons = draw_residents(people_model(resolved), SEED, [city.n_zones + 1]).persons
    workplaces = {str(city.zones.name[zone] or city.zones.zone_id[zone]) for zone in persons.work_zone_idx if zone >= 0}
    home, work = text("day_purposes_home", language), text("day_purposes_work", language)
    for diary in diaries:
        assert diary.rows[-1][2] in (home, text("day_stays_home", language))
        assert {row[3] for row in diary.rows if row[2] == work} <= workplaces
        assert all(one[1] <= other[0] for one, other in pairwise(diary.rows) if other[0] > "06:00")


def test_the_clock() -> None:
    """Half past seven; after midnight it begins again; 59.7 minutes are the next hour."""
    assert [_clock(hour) for hour in (7.5, 24.25, 7.995)] == ["07:30", "00:15", "08:00"]
