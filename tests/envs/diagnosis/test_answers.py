"""Which option answers which weak condition, by hand; the table is complete and agrees with the plan's words."""

from __future__ import annotations

import numpy as np

from data.catalogue import catalogue
from data.diagnosis.answers import answers
from data.scenario import INTENSITIES, LAND_USES, Intensity, LandUse
from envs.diagnosis.answers import plan_answers
from envs.diagnosis.condition import NAMES
from envs.kernel.plans import Plans

WAY = {name: INTENSITIES.index(name) for name in Intensity}
WAYS = (Intensity.REHABILITATE, Intensity.REBUILD, Intensity.REBUILD, Intensity.REHABILITATE)
USE = {name: LAND_USES.index(name) for name in LandUse}


def test_every_condition_has_an_answer_and_words() -> None:
    assert set(answers()) == set(NAMES)
    for name, answer in answers().items():
        assert set(answer.intensities) <= {str(word) for word in INTENSITIES}
        assert set(answer.land_uses) <= {str(word) for word in LAND_USES}
        assert set(answer.measure) == set(answer.because) == {"en", "zh"}
        assert answer.source
        assert f"condition_{name}" in catalogue()


def test_by_hand() -> None:
    """Rehabilitation with facilities answers education, not illegal floor; rental homes answer rents; nothing, rail."""
    plan = Plans(
        start_year=np.array([[1, 2, 0, 3]]),
        intensity=np.array([[WAY[name] for name in WAYS]]),
        land_use=np.array([[USE[LandUse.RENTAL_HOUSING]] * 4]),
        floor_area_ratio=np.array([[0.0, 2.0, 2.0, 0.0]]),
        facility_ratio=np.array([[0.1, 0.1, 0.1, 0.0]]),
    )
    weak = np.ones((4, len(NAMES)), dtype=bool)
    told = plan_answers(plan, weak, np.array([True, True, True, False]))
    answered = {name: told.answered[:, k].tolist() for k, name in enumerate(NAMES)}
    assert answered["met_share_education"] == [True, True, False, False]
    assert answered["met_share_sports"] == [False, True, False, False]
    assert answered["illegal_share"] == [False, True, False, False]
    assert answered["rent_burden_share"] == [False, True, False, False]
    assert answered["commute_min"] == [False] * 4
    assert answered["rail_km"] == [False] * 4
    assert told.left_out.tolist() == [False, False, True, False]
    assert (told.answered ^ told.unanswered).all()


def test_what_is_not_weak_needs_no_answer() -> None:
    plan = Plans(*(np.zeros((1, 2), dtype=np.int64) for _ in range(3)), *(np.zeros((1, 2)) for _ in range(2)))
    told = plan_answers(plan, np.zeros((2, len(NAMES)), dtype=bool), np.array([False, True]))
    assert not told.answered.any()
    assert not told.unanswered.any()
    assert told.left_out.tolist() == [False, True]
