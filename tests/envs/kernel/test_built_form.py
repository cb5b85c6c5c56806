"""Floors of one village, by hand."""

from __future__ import annotations

import numpy as np
import pytest

from envs.kernel.built_form import BuiltForm, built_form


def form_of(floor_area_ratio: float) -> BuiltForm:
    """The plan of case 5, all commodity; 800 registered x 0.8 on site x 62.5 m2 = 40,000 m2 of resettlement."""
    return built_form(
        renewed=np.ones((1, 1)),
        rebuilt_share=np.ones((1, 1)),
        floor_area_ratio=np.full((1, 1), floor_area_ratio),
        facility_ratio=np.full((1, 1), 0.1),
        land_use_shares=np.array([[[1.0, 0.0, 0.0]]]),
        site_area_m2=np.array([100_000.0]),
        existing_floor_m2=np.array([90_000.0]),
        registered_residents=np.array([800.0]),
        buildable_share=0.6,
        green_land_share=0.5,
        onsite_share=0.8,
        resettlement_m2=62.5,
        industrial_m2=0.0,
    )


@pytest.mark.parametrize(
    ("far", "left_m2", "missing_m2"), [(2.0, 68_000.0, 0.0), (0.8, 3_200.0, 0.0), (0.7, 0.0, 2_200.0)]
)
def test_floor_left_for_the_land_use(far: float, left_m2: float, missing_m2: float) -> None:
    form = form_of(far)
    assert form.resettlement.item() == pytest.approx(40_000.0)
    assert form.commodity.item() == pytest.approx(left_m2)
    assert form.shortfall.item() == pytest.approx(missing_m2)
    assert form.facility_new.item() == pytest.approx(0.1 * far * 60_000.0)
    assert form.green_land.item() == pytest.approx(20_000.0)
