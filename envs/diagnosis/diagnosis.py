"""A diagnosis put together: conditions, weights, need, grades and weak conditions of all villages of a city."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from data.arrays import BoolArray, FloatArray, IntArray
from data.city import City
from data.diagnosis.weight_choice import WeightChoice
from data.errors import refuse
from envs.diagnosis.areas import Areas, AreaTotals, area_totals
from envs.diagnosis.conditions import NAMES, VillageConditions, area_conditions, more_is_worse, village_conditions
from envs.diagnosis.grades import N_GRADES, Grading, grade_bounds, grades_of
from envs.diagnosis.need import Need, Scale, need_of, scale_of, weak_mask
from envs.diagnosis.weighting import Weights, chosen_weights
from envs.kernel import ResolvedScenario

EQUAL = WeightChoice()


@dataclass(frozen=True)
class DiagnosisSetting:
    """What a diagnosis is asked.

    Attributes:
        choice: of the weights.
        grading: how need is graded.
        n_grades: grades wanted.
    """

    choice: WeightChoice = EQUAL
    grading: Grading = "quantile"
    n_grades: int = N_GRADES


@dataclass(frozen=True, eq=False)
class Diagnosis:
    """The diagnosis of a city.

    Attributes:
        resolved: the city, and the book by which its conditions are told.
        setting: what was asked.
        conditions: of the villages.
        scale: that they span.
        weights: of the conditions.
        need: of the villages.
        bounds: lower bounds of the grades above the lowest [points].
        weak: shape (n_villages, n_conditions).
    """

    resolved: ResolvedScenario
    setting: DiagnosisSetting
    conditions: VillageConditions
    scale: Scale
    weights: Weights
    need: Need
    bounds: FloatArray
    weak: BoolArray

    @property
    def city(self) -> City:
        """What is diagnosed."""
        return self.resolved.city

    @property
    def grade(self) -> IntArray:
        """Grade of each village, 0 the least need; UNGRADED without points, shape (n_villages,)."""
        return grades_of(self.need.points, self.bounds)

    @property
    def in_need(self) -> BoolArray:
        """Villages of the highest grade; none where all are alike, shape (n_villages,)."""
        return (self.grade == self.bounds.size) & (self.bounds.size > 0)

    def weak_names(self, village: int) -> list[str]:
        """Weak conditions of a village, those that add most to its need first."""
        order = np.argsort(-self.need.shares[village], kind="stable")
        return [NAMES[k] for k in order.tolist() if self.weak[village, k]]


@dataclass(frozen=True, eq=False)
class AreaDiagnosis:
    """The diagnosis of areas, on the scale and by the weights of the villages.

    Attributes:
        areas: what was asked.
        totals: what they hold.
        by_area: conditions, shape (n_areas, n_conditions).
        need: of the areas.
    """

    areas: Areas
    totals: AreaTotals
    by_area: FloatArray
    need: Need


def diagnose(resolved: ResolvedScenario, setting: DiagnosisSetting | None = None) -> Diagnosis:
    """Diagnose every village of the city as it is.

    Args:
        resolved: scenario resolved against a city; only its book and the base year are read.
        setting: None = equal weights, grades by quantile.

    Raises:
        InputError: the city has no villages, or the weights cannot be told from the choice.
    """
    if not resolved.city.n_villages:
        raise refuse("diagnosis_without_villages", layer=resolved.city.name)
    asked, book = setting or DiagnosisSetting(), resolved.book
    conditions = village_conditions(resolved)
    scale = scale_of(conditions.by_village, more_is_worse())
    scaled = scale.worse(conditions.by_village)
    weights = chosen_weights(asked.choice, scaled)
    need = need_of(scaled, weights.of_conditions, book.number("diagnosis.least_known_weight"))
    bounds = grade_bounds(need.points, asked.n_grades, asked.grading)
    weak = weak_mask(scaled, book.number("diagnosis.weak_share"))
    return Diagnosis(resolved, asked, conditions, scale, weights, need, bounds, weak)


def diagnose_areas(diagnosis: Diagnosis, areas: Areas) -> AreaDiagnosis:
    """Diagnose areas of the map.

    Args:
        diagnosis: of the villages.
        areas: in the city's reference system.
    """
    totals = area_totals(diagnosis.city, areas)
    values = area_conditions(diagnosis.conditions, totals.village_share)
    least = diagnosis.resolved.book.number("diagnosis.least_known_weight")
    need = need_of(diagnosis.scale.worse(values), diagnosis.weights.of_conditions, least)
    return AreaDiagnosis(areas, totals, values, need)
