"""Actuals as planners write them: headings in both languages, units in them, and everything wrong told at once."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import openpyxl
import pytest

from data.city import City
from data.errors import InputError
from data.importing.plans.actuals import Actuals, read_actuals
from data.importing.plans.asked_plan import UNSAID
from data.synthesis.city import synthesize_city

YEARS = 6


@pytest.fixture(scope="module")
def city() -> City:
    return synthesize_city(12, 3)


def read(city: City, tmp_path: Path, *lines: str, first_year: int | None = None) -> Actuals:
    path = tmp_path / "实施.csv"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8-sig")
    return read_actuals(path, city, YEARS, first_year=first_year)


def refused(city: City, tmp_path: Path, *lines: str) -> list[str]:
    with pytest.raises(InputError) as error:
        read(city, tmp_path, *lines)
    for language in ("en", "zh"):
        assert "实施.csv" in error.value.text(language)
    return [refusal.message.key for refusal in error.value.refusals]


def test_chinese_headings_units_and_words(city: City, tmp_path: Path) -> None:
    actuals = read(
        city,
        tmp_path,
        "村编号,年度,是否启动,是否完工,完成投资（万元）,搬迁人数（人）,改造方式,设施比例（%）",
        "V00002,2,否,是,300,,,",
        "V00002,1,是,,1200.5,80,整治提升,8",
        "V00001,1,,,,,,",
    )
    assert actuals.village_idx.tolist() == [0, 1, 1]
    assert actuals.year.tolist() == [1, 1, 2]
    assert actuals.started.tolist() == [False, True, False]
    assert actuals.completed.tolist() == [False, False, True]
    np.testing.assert_allclose(actuals.cost_cny, [np.nan, 1200.5e4, 300e4])
    np.testing.assert_allclose(actuals.moved_persons, [np.nan, 80, np.nan])
    assert actuals.intensity.tolist() == [UNSAID, 0, UNSAID]
    np.testing.assert_allclose(actuals.facility_ratio, [np.nan, 0.08, np.nan])


def test_english_headings_names_and_calendar_years(city: City, tmp_path: Path) -> None:
    name = str(city.villages.name[4])
    lines = ("village name,Year,Started,Cost (million CNY),People", f"{name},2027,yes,3,5", f"{name},2028,no,0,")
    actuals = read(city, tmp_path, *lines, first_year=2026)
    assert (actuals.village_idx.tolist(), actuals.year.tolist()) == ([4, 4], [2, 3])
    np.testing.assert_allclose(actuals.cost_cny, [3e6, 0.0])
    assert refused(city, tmp_path, *lines) == ["actuals_first_year_needed"]


def test_a_workbook_reads_the_same(city: City, tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    assert book.active is not None
    for row in (["村编号", "年度", "启动", "投资（亿元）"], ["V00003", 1, "是", 0.5], ["'V00004", 2, "√", 2]):
        book.active.append(row)
    path = tmp_path / "实施.xlsx"
    book.save(path)
    actuals = read_actuals(path, city, YEARS)
    np.testing.assert_allclose(actuals.cost_cny, [5e7, 2e8])
    assert actuals.village_idx.tolist() == [2, 3]


HEAD = "village_id,year,started,completed,cost_cny,moved_persons,facility_ratio"


@pytest.mark.parametrize(
    ("lines", "keys"),
    [
        ([HEAD], ["actuals_empty"]),
        (["village_id,started", "V00001,yes"], ["actuals_without_year"]),
        ([HEAD, "V00099,1,yes,,,,"], ["asked_plan_village_unknown"]),
        ([HEAD, "V00001,0,yes,,,,"], ["actuals_year_missing"]),
        ([HEAD, "V00001,,yes,,,,"], ["actuals_year_missing"]),
        ([HEAD, "V00001,7,yes,,,,"], ["asked_plan_year_late"]),
        ([HEAD, "V00001,1.5,yes,,,,"], ["asked_plan_year_unreadable"]),
        ([HEAD, "V00001,1,maybe,,,,"], ["actuals_flag"]),
        ([HEAD, "V00001,1,yes,,-5,,"], ["asked_plan_not_negative"]),
        ([HEAD, "V00001,1,yes,,=1+1,,"], ["asked_plan_not_negative"]),
        ([HEAD, "V00001,1,yes,,1e14,,"], ["actuals_amount"]),
        ([HEAD, "V00001,1,no,,,,0.1"], ["actuals_option_without_start"]),
        ([HEAD, "V00001,1,yes,,,,1.1", "V00002,1,yes,,,,250"], ["asked_plan_share"]),
        ([HEAD, "V00001,1,yes,,,,", "V00001,1,,,5,,"], ["actuals_row_twice"]),
        ([HEAD, "V00001,1,yes,,,,", "V00001,2,yes,,,,"], ["actuals_started_twice"]),
        ([HEAD, "V00001,1,yes,yes,,,", "V00001,2,,yes,,,"], ["actuals_completed_twice"]),
        ([HEAD, "V00001,1,,yes,,,", "V00001,2,yes,,,,"], ["actuals_completed_unstarted"]),
        ([HEAD, "V00001,1,,yes,,,"], ["actuals_completed_unstarted"]),
        (["village_id,year,cost (ha)", "V00001,1,5"], ["actuals_unit"]),
    ],
)
def test_what_is_wrong_is_told_by_its_key(city: City, tmp_path: Path, lines: list[str], keys: list[str]) -> None:
    assert refused(city, tmp_path, *lines) == keys


def test_all_that_is_wrong_is_told_at_once(city: City, tmp_path: Path) -> None:
    keys = refused(
        city, tmp_path, HEAD, "V00099,1,yes,,,,", "V00001,9,hm,,x,,", "V00002,1,yes,,1e20,,", "V00002,2,yes,,,,"
    )
    assert set(keys) == {
        "asked_plan_village_unknown",
        "asked_plan_year_late",
        "actuals_flag",
        "asked_plan_not_negative",
        "actuals_amount",
        "actuals_started_twice",
    }
