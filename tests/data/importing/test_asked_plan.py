"""Plans made elsewhere: tables and layers in other people's words, read right or refused with the rows."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import geopandas as gpd
import numpy as np
import openpyxl
import pytest

from city_fixtures import small_city
from data.city import City
from data.errors import InputError
from data.importing.plans.asked_plan import UNSAID, AskedPlan
from data.importing.plans.mixes import nearest_use
from data.importing.plans.reader import read_asked_plan
from data.parameter_book import load_book
from data.scenario import INTENSITIES, LAND_USES, Intensity, LandUse

REBUILD = INTENSITIES.index(Intensity.REBUILD)


@pytest.fixture(scope="module")
def city() -> City:
    return small_city()


def read(path: Path, city: City, text: str = "", *, encoding: str = "utf-8", **options: object) -> AskedPlan:
    """What a table asks for, within 12 years."""
    if text:
        path.write_bytes(text.encode(encoding))
    return read_asked_plan(path, city, 12, load_book(), **options)  # type: ignore[arg-type]


def refusals(path: Path, city: City, text: str) -> str:
    """What is wrong with a table, in English."""
    with pytest.raises(InputError) as refused:
        read(path, city, text)
    return refused.value.text("en")


def use(name: LandUse) -> int:
    return LAND_USES.index(name)


def test_a_chinese_table_with_calendar_years_and_percent(city: City, tmp_path: Path) -> None:
    text = "村名,启动年份,容积率,出售比例,租赁比例,配套比例（%）\n"
    text += "东村,2027,2.0,50,30,20\n北村,2030年,1.5,10,70,20\n西村,保留,,,,\n"
    plan = read(tmp_path / "plan.csv", city, text, encoding="gb18030")
    assert plan.start_year.tolist() == [1, 0, 4]
    assert plan.intensity.tolist() == [REBUILD, 0, REBUILD]
    assert plan.land_use[[0, 2]].tolist() == [use(LandUse.COMMODITY_HOUSING), use(LandUse.RENTAL_HOUSING)]
    assert plan.floor_area_ratio.tolist() == [2.0, 0.0, 1.5]
    np.testing.assert_allclose(plan.facility_ratio, [0.2, 0.0, 0.2])
    assert {item.field for item in plan.approximations} == {"land_use"}
    assert {"asked_plan_calendar", "asked_plan_percent", "asked_plan_by_name"} <= {note.key for note in plan.notes}


def test_a_chinese_table_in_the_words_of_the_room(city: City, tmp_path: Path) -> None:
    text = "村编号,村,自然村,启动年,改造方式,用地,容积率,设施配比\n"
    text += "v0,东村,甲,3,拆除新建,综合,2.0,0.1\nv1,西村,乙,0,,,,\n"
    plan = read(tmp_path / "plan.csv", city, text)
    assert plan.start_year.tolist() == [3, 0, 0]
    assert plan.land_use[0] == use(LandUse.MIXED_USE)
    assert plan.intensity[0] == REBUILD
    assert plan.facility_ratio[0] == pytest.approx(0.1)
    assert not plan.approximations
    (unread,) = [note for note in plan.notes if note.key == "asked_plan_unread"]  # of two names, the first is read
    assert unread.values["names"] == ["自然村"]


def test_the_published_plans_columns(city: City, tmp_path: Path) -> None:
    text = "village_id,year,sale_share,rental_share,facility_share,floor_area_ratio\nv1,12,0.1,0.5,0.4,2.2\n"
    plan = read(tmp_path / "plan.csv", city, text)
    assert plan.start_year.tolist() == [0, 12, 0]
    assert (plan.facility_ratio[1], plan.floor_area_ratio[1]) == (0.4, 2.2)
    assert plan.land_use[1] == use(LandUse.RENTAL_HOUSING)


def test_a_workbook_with_words_for_intensity_and_use(city: City, tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    for row in (
        ["Village", "Year", "Action", "Use"],
        ["西村", 3, "整治提升", None],
        ["东村", 1, "redevelopment", "办公"],
    ):
        sheet.append(row)
    book.save(tmp_path / "plan.xlsx")
    plan = read(tmp_path / "plan.xlsx", city)
    assert plan.start_year.tolist() == [1, 3, 0]
    assert plan.intensity.tolist() == [REBUILD, 0, 0]
    assert plan.land_use[0] == use(LandUse.EMPLOYMENT)
    assert np.isnan(plan.floor_area_ratio[0])
    assert plan.floor_area_ratio[1] == 0.0


def test_a_layer_finds_its_villages_by_the_largest_overlap(city: City, tmp_path: Path) -> None:
    moved = gpd.GeoSeries(city.villages.geometry[[2, 0]], crs=city.crs).translate(30.0, 20.0).to_crs("EPSG:4326")
    frame = gpd.GeoDataFrame({"village_id": ["?", "v0"], "年份": ["2", "1"]}, geometry=moved)
    frame.to_file(tmp_path / "plan.geojson", driver="GeoJSON")
    plan = read(tmp_path / "plan.geojson", city)
    assert plan.start_year.tolist() == [1, 0, 2]
    assert [note.values["n"] for note in plan.notes if note.key == "asked_plan_by_overlap"] == [1]
    assert plan.intensity.tolist() == [UNSAID, 0, UNSAID]


def test_everything_wrong_is_told_at_once(city: City, tmp_path: Path) -> None:
    said = refusals(
        tmp_path / "plan.csv", city, "village_id,year,far,use\nnowhere,1,2,office\nv0,13,many,office\nv1,2,1,castle\n"
    )
    assert said.count("plan.csv") == 4
    for part in ("#1 (nowhere)", "year 12", "'many'", "'castle'"):
        assert part in said


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("village_id,far\nv0,2\n", "start_year"),
        ("village_id,year\n", "no rows"),
        ("village_id,year\nv0,1\nv0,2\n", "several rows"),
        ("village_id,year\nv0,1\nv1,2027\n", "one way"),
        ("village_id,year\nv0,soon\n", "'soon'"),
        ("village_id,year,sale_share,rental_share\nv0,1,0.5,0.2\n", "add up to 1"),
        ("village_id,year,facility_ratio\nv0,1,140\n", "share within 0..1"),
        ("village_id,year,容积率,密度\nv0,1,2,2\n", "both mean"),
        ("year\n1\n", "neither a village id"),
    ],
)
def test_what_cannot_be_meant_is_refused(city: City, tmp_path: Path, text: str, part: str) -> None:
    assert part in refusals(tmp_path / "plan.csv", city, text)


def test_a_village_twice_is_told_beside_an_unknown_one(city: City, tmp_path: Path) -> None:
    said = refusals(tmp_path / "plan.csv", city, "village_id,year\nv0,1\nv0,2\nnowhere,1\n")
    assert "no such village" in said
    assert "#1 (v0), #2 (v0): a village stands in several rows" in said


def test_rows_of_other_villages_are_left_out_where_that_is_asked(city: City, tmp_path: Path) -> None:
    text = "village_id,year\nv0,1\nnowhere,1\nv0,1\n"
    plan = read(tmp_path / "plan.csv", city, text, leave_out_unknown=True)
    assert plan.start_year.tolist() == [1, 0, 0]
    counted = {note.key: note.values["n"] for note in plan.notes if "n" in note.values}
    assert counted == {"asked_plan_left_out": 1, "asked_plan_same_twice": 1}


@pytest.mark.parametrize(
    ("shares", "facility", "expected"),
    [
        ([0.95, 0.0, 0.05], np.nan, LandUse.COMMODITY_HOUSING),
        ([0.04, 0.72, 0.04], 0.2, LandUse.RENTAL_HOUSING),
        ([np.nan, np.nan, 0.8], np.nan, LandUse.EMPLOYMENT),
        ([0.45, np.nan, np.nan], 0.0, LandUse.MIXED_USE),
    ],
)
def test_the_nearest_land_use_by_hand(shares: Sequence[float], facility: float, expected: LandUse) -> None:
    found, _ = nearest_use(np.array([shares]), np.array([facility]), load_book())
    assert LAND_USES[found[0]] == expected
