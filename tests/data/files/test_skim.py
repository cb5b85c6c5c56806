"""A skim in other units is warned of, by the straight line between the places and by the speed that follows."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from city_fixtures import small_city
from data.city import City, Skim
from data.errors import InputError
from data.files.skim import check_skim, read_skim, skim_frame


def travelled(km_factor: float = 1.0, minute_factor: float = 1.0) -> City:
    """Distance 0.5 km and 1.3 times the straight line, at 20 km/h."""
    city = small_city()
    crow_km = np.hypot(
        city.place_x_km[:, None] - city.zones.x_km[None, :], city.place_y_km[:, None] - city.zones.y_km[None, :]
    )
    distance_km = 0.5 + 1.3 * crow_km
    return replace(city, skim=Skim(distance_km * km_factor, 3.0 * distance_km * minute_factor))


@pytest.mark.parametrize(
    ("km_factor", "minute_factor", "checks", "said"),
    [
        (1.0, 1.0, [], ""),
        (1.0, 60.0, ["time_unit"], "slower than 0.3 km/h; minutes are needed, are these seconds?"),
        (1.0, 1.0 / 60.0, ["time_unit"], "faster than 1,200 km/h; minutes are needed, are these hours?"),
        (1_000.0, 1.0, ["distance_unit"], "kilometers are needed, are these meters"),
        (1_000.0, 60.0, ["distance_unit", "time_unit"], "are these seconds?"),
        (1.0, 4.0, [], ""),  # 5 km/h: on foot
        (1.6, 0.3, [], ""),  # 107 km/h: empty roads
    ],
)
def test_units(km_factor: float, minute_factor: float, checks: list[str], said: str) -> None:
    found = check_skim(travelled(km_factor, minute_factor))
    assert [finding.check for finding in found] == checks
    assert all(finding.severity == "warning" and finding.text(language="zh") for finding in found)
    assert said in "\n".join(finding.text() for finding in found)


def test_trips_that_take_no_time_are_counted() -> None:
    city = travelled()
    assert city.skim is not None
    city.skim.minutes[:, 3] = 0.0
    found = check_skim(city)
    far = int((city.skim.distance_km[:, 3] >= 0.5 + 1.3).sum())
    assert [finding.text() for finding in found] == [f"skim: zero_minutes: {far} trips to another place take 0 minutes"]


@pytest.mark.parametrize(
    ("column", "factor", "said"),
    [
        ("minutes", 0.0, "minutes is 0 everywhere"),
        ("distance_km", 0.0, "distance_km is 0 everywhere"),
        ("distance_km", 1e6, "are these meters"),
        ("minutes", 1e6, "are these seconds"),
    ],
)
def test_a_skim_that_cannot_be_right_is_refused(column: str, factor: float, said: str, tmp_path: Path) -> None:
    city = travelled()
    assert city.skim is not None
    frame = skim_frame(city, city.skim.distance_km, city.skim.minutes)
    frame[column] *= factor
    frame.to_csv(tmp_path / "skim.csv", index=False)
    with pytest.raises(InputError, match=said):
        read_skim(tmp_path / "skim.csv", city.place_id, city.zones.zone_id)


@pytest.mark.parametrize(("encoding", "separator"), [("utf-8-sig", ","), ("gb18030", ";"), ("utf-16", "\t")])
def test_a_table_of_any_encoding_and_separator(encoding: str, separator: str, tmp_path: Path) -> None:
    city = travelled()
    assert city.skim is not None
    frame = skim_frame(city, city.skim.distance_km, city.skim.minutes)
    ids = dict(zip(city.place_id, [f"地点{idx}" for idx in range(city.n_places)], strict=True))
    frame = frame.replace({"from_id": ids, "to_id": ids})
    (tmp_path / "skim.csv").write_bytes(frame.to_csv(index=False, sep=separator).encode(encoding))
    places = np.array([ids[name] for name in city.place_id])
    back = read_skim(tmp_path / "skim.csv", places, places[: city.n_zones])
    assert back.minutes == pytest.approx(city.skim.minutes)
