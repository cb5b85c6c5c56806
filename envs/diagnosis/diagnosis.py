"""A diagnosis put together: conditions, weights, need, grades and weak conditions of all villages of a city."""

from __future__ import annotations

from dataclasses import dataclass

from data.arrays import FloatArray
from data.diagnosis.weight_choice import WeightChoice
from data.errors import refuse
from envs.diagnosis.areas import Areas, AreaTotals, area_totals
from envs.diagnosis.condition import more_is_worse
from envs.diagnosis.conditions import VillageConditions, area_conditions, village_conditions
from envs.diagnosis.graded_need import GradedNeed
from envs.diagnosis.grades import N_GRADES, Grading, grade_bounds
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
class Diagnosis(GradedNeed):
    """The diagnosis of a city.

    Attributes:
        resolved: the city, and the book by which its conditions are told.
        setting: what was asked.
        conditions: of the villages.
        scale: that they span.
        weights: of the conditions.
    """

    resolved: ResolvedScenario
    setting: DiagnosisSetting
    conditions: VillageConditions
    scale: Scale
    weights: Weights


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
    return Diagnosis(resolved.city, need, bounds, weak, resolved, asked, conditions, scale, weights)


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
