"""A diagnosis as tables: villages, weights, areas, density, cases, the nearest of them, and what a plan answers."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from app.diagnosis.asked import MOST_CASES_SHOWN, CityDiagnosis
from data.city import CATEGORIES
from data.diagnosis.answers import answers
from data.dictionary import table_columns
from envs.diagnosis.condition import CONDITIONS, NAMES
from envs.diagnosis.diagnosis import AreaDiagnosis, Diagnosis
from envs.diagnosis.grades import UNGRADED

AREA_TOTALS = (
    "area_km2",
    "outside_share",
    "villages",
    "villages_cut",
    "residents",
    "village_residents",
    "jobs",
    "village_floor_m2",
    "housing_floor_m2",
)


def frames_of(told: CityDiagnosis) -> dict[str, pd.DataFrame]:
    """Table -> rows, of those that were asked for; the columns are those of the dictionary."""
    frames = {
        "villages": villages_frame(told.villages),
        "weights": weights_frame(told.villages),
        "answers": answers_frame(told.villages),
        "cases": cases_frame(told),
        "nearest": nearest_frame(told),
    }
    if told.areas is not None:
        frames["areas"] = areas_frame(told.areas)
    if told.density is not None:
        frames["density"] = density_frame(told)
    if told.plan is not None:
        frames["plan"] = plan_frame(told)
    return {name: frame[list(table_columns("diagnosis", name))] for name, frame in frames.items()}


def villages_frame(told: Diagnosis) -> pd.DataFrame:
    """A row for each village."""
    villages, grade = told.city.villages, told.grade
    shares = np.where(np.isnan(told.need.points)[:, None], np.nan, told.need.shares)
    columns: dict[str, Any] = {
        "village_id": villages.village_id,
        "name": villages.name,
        "district": np.array(told.city.districts)[villages.district_idx],
        "need_points": told.need.points,
        "grade": pd.array([None if k == UNGRADED else k + 1 for k in grade.tolist()], dtype="Int64"),
        "in_need": told.in_need,
        "known_weight_share": told.need.known_weight,
        "n_unknown": told.need.n_unknown,
        "weak": [" ".join(told.weak_names(k)) for k in range(told.city.n_villages)],
        **{name: told.conditions.by_village[:, k] for k, name in enumerate(NAMES)},
        **{f"points_{name}": shares[:, k] for k, name in enumerate(NAMES)},
    }
    return pd.DataFrame(columns)


def weights_frame(told: Diagnosis) -> pd.DataFrame:
    """A row for each condition."""
    return pd.DataFrame(
        {
            "dimension": [item.dimension for item in CONDITIONS],
            "condition": NAMES,
            "weight": told.weights.of_conditions,
            "worse": [item.worse for item in CONDITIONS],
            "lowest": told.scale.low,
            "highest": told.scale.high,
            "n_unknown": np.isnan(told.conditions.by_village).sum(axis=0),
        }
    )


def answers_frame(told: Diagnosis) -> pd.DataFrame:
    """A row for each condition: what answers it."""
    weak = told.weak.sum(axis=0).tolist()
    rows = []
    for k, name in enumerate(NAMES):
        answer = answers()[name]
        rows.append(
            {
                "condition": name,
                "n_weak": weak[k],
                "measure": answer.measure["en"],
                "measure_zh": answer.measure["zh"],
                "intensities": " ".join(answer.intensities),
                "land_uses": " ".join(answer.land_uses),
                "needs_facilities": answer.needs_facilities,
                "because": answer.because["en"],
                "because_zh": answer.because["zh"],
                "source": answer.source,
            }
        )
    return pd.DataFrame(rows)


def areas_frame(told: AreaDiagnosis) -> pd.DataFrame:
    """A row for each area."""
    totals = told.totals
    columns: dict[str, Any] = {"area": told.areas.names}
    columns |= {name: getattr(totals, name) for name in AREA_TOTALS}
    columns |= {f"facilities_{name}": totals.facilities[:, k] for k, name in enumerate(CATEGORIES)}
    columns |= {"stations": totals.stations, "need_points": told.need.points, "n_unknown": told.need.n_unknown}
    columns |= {name: told.by_area[:, k] for k, name in enumerate(NAMES)}
    return pd.DataFrame(columns)


def density_frame(told: CityDiagnosis) -> pd.DataFrame:
    """A row for each place."""
    assert told.density is not None
    city = told.villages.city
    kind = np.repeat(["zone", "village"], [city.n_zones, city.n_villages])
    return pd.DataFrame({"place_id": city.place_id, "kind": kind, "density_per_km2": told.density.by_place})


def cases_frame(told: CityDiagnosis) -> pd.DataFrame:
    """A row for each documented project."""
    rows = []
    for case in told.cases:
        row = {name: getattr(case, name) for name in table_columns("diagnosis", "cases") if hasattr(case, name)}
        for name in ("name", "city", "source", "note"):
            words = getattr(case, name)
            row |= {name: words["zh"], f"{name}_en": words["en"]}
        rows.append(row)
    return pd.DataFrame(rows)


def nearest_frame(told: CityDiagnosis) -> pd.DataFrame:
    """The cases most like each village."""
    ids, rows = told.villages.city.villages.village_id.tolist(), []
    for village, name in enumerate(ids):
        for rank, k in enumerate(told.likeness.nearest(village, MOST_CASES_SHOWN), start=1):
            distance, shared = told.likeness.distance[village, k], told.likeness.n_shared[village, k]
            rows.append((name, rank, told.cases[k].case_id, float(distance), int(shared)))
    return pd.DataFrame(rows, columns=list(table_columns("diagnosis", "nearest")))


def plan_frame(told: CityDiagnosis) -> pd.DataFrame:
    """What the plan does about the weak conditions of each village."""
    assert told.plan is not None
    assert told.start_year is not None
    plan, villages = told.plan, told.villages
    return pd.DataFrame(
        {
            "village_id": villages.city.villages.village_id,
            "need_points": villages.need.points,
            "in_need": villages.in_need,
            "start_year": told.start_year.astype(np.int64),
            "left_out": plan.left_out,
            "answered": [_names(row) for row in plan.answered],
            "unanswered": [_names(row) for row in plan.unanswered],
        }
    )


def _names(mask: Any) -> str:  # noqa: ANN401 - a row of flags
    return " ".join(NAMES[k] for k in np.flatnonzero(mask).tolist())
