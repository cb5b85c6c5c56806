"""How a plan was read, in words: nothing of the file's own codes is left on a page."""

from __future__ import annotations

import pytest

from app.plans.reading_text import reading_text
from data.importing.plans.asked_plan import Approximation
from data.scenario import INTENSITIES, LAND_USES

APPROXIMATIONS = (
    Approximation("V1", "land_use", "", "mixed_use"),
    Approximation("V2", "intensity", "rebuild", "mixed"),
    Approximation("V3", "start_year", "4", "0"),
    Approximation("V4", "floor_area_ratio", "2.5", "2.4"),
    Approximation("V5", "delay_yr", "1", ""),
)


def test_in_chinese() -> None:
    assert reading_text((), APPROXIMATIONS, "zh").splitlines()[1:] == [
        "  V1，用地：（未注明），取为综合",
        "  V2，改造方式：拆除新建，取为拆整结合",
        "  V3，启动年：4，取为保留",
        "  V4，容积率：2.5，取为2.4",
        "  V5，延期（年）：1，取为（由模型确定）",
    ]


def test_shares_are_said_in_percent() -> None:
    asked = Approximation("V6", "facility_ratio", "", "0.15")
    assert reading_text((), (asked,), "zh").splitlines()[1:] == ["  V6，设施配比：（未注明），取为15.0 %"]


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize(("field", "words"), [("intensity", INTENSITIES), ("land_use", LAND_USES)])
def test_no_code_is_said(language: str, field: str, words: tuple[str, ...]) -> None:
    for word in words:
        said = reading_text((), (Approximation("V1", field, str(word), str(word)),), language)
        assert "_" not in said
        assert language == "en" or str(word) not in said
