"""A model that contradicts itself is refused with what it must be."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from data.errors import InputError
from envs.models.check_model import check_model
from model_fixtures import ToyModel, ToyShape

WRONG: dict[str, tuple[dict[str, Any], str]] = {
    "signs of another length": ({"signs": np.ones(3)}, r"signs must have shape \(2,\), found \(3,\)"),
    "a sign of zero": ({"signs": np.array([1.0, 0.0])}, "must be 1 .* or -1"),
    "a quota of another length": ({"quota": np.ones(5, dtype=int)}, r"quota must have shape \(2,\)"),
    "a negative quota": ({"quota": np.array([1, -1])}, "at least 0"),
    "masks of other villages": ({"start_mask": np.ones((9, 3), dtype=bool)}, "option_mask must have shape"),
    "a mask of numbers": ({"option_mask": np.ones((5, 2))}, "option_mask must be an array of True and False"),
    "a mask of one row": ({"start_mask": np.ones(3, dtype=bool)}, "start_mask must be an array .* two dimensions"),
    "half a village a year": ({"quota": np.array([0.5, 1.0])}, "quota must be an array of whole numbers"),
    "the same objective twice": ({"objectives": ("worth", "worth")}, "each named once"),
    "a village without a year": ({"start_mask": np.zeros((5, 3), dtype=bool)}, "5 villages may neither"),
    "a village without an option": ({"option_mask": np.zeros((5, 2), dtype=bool)}, "5 villages may start"),
    "more places than villages": ({"exact_quota": True, "quota": np.array([3, 3])}, "quota cannot be kept"),
    "more locked villages than places": (
        {"start_mask": np.array([[False, True, True]] * 5), "quota": np.array([2, 2])},
        "quota cannot be kept",
    ),
}


@pytest.mark.parametrize("case", WRONG)
def test_a_wrong_model_is_refused(case: str) -> None:
    model, (change, told) = ToyModel(1, ToyShape()), WRONG[case]
    for name, value in change.items():
        setattr(model, name, value)
    with pytest.raises(InputError, match=told):
        check_model(model)


class Named(ToyModel):
    """Five villages of two names, two options of which one has no Chinese name."""

    village_id = ("a", "b", "a", "b", "a")
    option_labels = ({"en": "one", "zh": "一"}, {"en": "two"})


def test_names_must_tell_villages_and_options_apart() -> None:
    with pytest.raises(InputError, match="5 villages, each once; found 2"):
        check_model(Named(1))
    Named.village_id = ("a", "b", "c", "d", "e")
    with pytest.raises(InputError, match="2 options, each in en and zh"):
        check_model(Named(1))


@pytest.mark.parametrize("exact", [False, True])
def test_a_right_model_passes(exact: bool) -> None:
    check_model(ToyModel(1, ToyShape(exact=exact)))
