"""Problem, measure, option: which options of a plan answer a weak condition, and what a plan leaves unanswered."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from data.arrays import BoolArray, IntArray
from data.diagnosis.answers import Answer, answers
from data.scenario import INTENSITIES, LAND_USES
from envs.diagnosis.condition import CONDITIONS
from envs.kernel.plans import Plans


@dataclass(frozen=True, eq=False)
class PlanAnswers:
    """What a plan does about what is weak.

    Attributes:
        renewed: shape (n_villages,).
        answered: weak conditions that the village's option answers, shape (n_villages, n_conditions).
        unanswered: weak conditions that it does not, same shape.
        left_out: villages most in need that the plan keeps as they are, shape (n_villages,).
    """

    renewed: BoolArray
    answered: BoolArray
    unanswered: BoolArray
    left_out: BoolArray


def plan_answers(plan: Plans, weak: BoolArray, in_need: BoolArray) -> PlanAnswers:
    """Compare a plan with a diagnosis.

    Args:
        plan: a batch of one.
        weak: conditions that are weak, shape (n_villages, n_conditions).
        in_need: villages most in need, shape (n_villages,).
    """
    renewed = np.asarray(plan.start_year[0]) > 0
    answering = np.column_stack([_answering(plan, answers()[item.name]) for item in CONDITIONS])
    answered = weak & answering & renewed[:, None]
    return PlanAnswers(renewed, answered, weak & ~answered, in_need & ~renewed)


def _answering(plan: Plans, answer: Answer) -> BoolArray:
    """Whether the option of each village is among those that answer, shape (n_villages,)."""
    if not answer.intensities:
        return np.zeros(plan.start_year.shape[1], dtype=bool)
    mask = np.isin(plan.intensity[0], _positions(answer.intensities, INTENSITIES))
    if answer.land_uses:
        rebuilds = np.asarray(plan.intensity[0]) > 0
        mask &= rebuilds & np.isin(plan.land_use[0], _positions(answer.land_uses, LAND_USES))
    if answer.needs_facilities:
        mask &= np.asarray(plan.facility_ratio[0]) > 0.0
    return np.asarray(mask)


def _positions(chosen: tuple[str, ...], words: tuple[object, ...]) -> IntArray:
    return np.array([[str(word) for word in words].index(name) for name in chosen])
