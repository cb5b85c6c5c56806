"""The portrait card of a village or an area: each condition beside the city's, what it adds, what answers it."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from app.diagnosis.asked import MOST_CASES_SHOWN
from app.diagnosis.need_words import condition_text, weak_text
from app.people.portrait_tables import TextTable
from app.words.console import cell_text, money_scale, percent_text, with_remark
from data.catalogue import text
from data.city import CATEGORIES
from data.diagnosis.answers import answers
from data.diagnosis.cases import Case
from data.errors import printable
from data.scenario import INTENSITIES, LAND_USES
from envs.diagnosis.answers import PlanAnswers
from envs.diagnosis.condition import CONDITIONS, DIMENSIONS
from envs.diagnosis.diagnosis import AreaDiagnosis, Diagnosis
from envs.diagnosis.nearest_cases import Likeness

MOST_AREAS_SHOWN = 8
"""Areas that stand beside each other; files have all."""


def card_table(told: Diagnosis, village: int, language: str) -> TextTable:
    """Every condition of a village: its value, the city's middle and range, its weight, what it adds, whether weak."""
    values, rows = told.conditions.by_village, []
    for k, item in enumerate(CONDITIONS):
        known = values[~np.isnan(values[:, k]), k]
        middle = float(np.median(known)) if known.size else math.nan
        rows.append(
            (
                text(f"dimension_{item.dimension}", language),
                text(f"condition_{item.name}", language),
                condition_text(item, float(values[village, k]), language),
                condition_text(item, middle, language),
                text(f"diagnosis_worse_{item.worse}", language),
                percent_text(float(told.weights.of_conditions[k])),
                _points(float(told.need.shares[village, k]), known=not math.isnan(values[village, k])),
                text("diagnosis_weak", language) if told.weak[village, k] else "",
            )
        )
    names = ("dimension", "condition", "value", "middle", "sense", "weight", "points", "weak")
    return _titled("card", names, rows, language)


def _points(points: float, *, known: bool) -> str:
    return f"{points:.1f}" if known else "-"


def answers_table(told: Diagnosis, villages: Sequence[int], language: str, *, reasons: bool = True) -> TextTable:
    """For each condition that is weak in any of these villages: what is done, which options answer, and why.

    Args:
        told: the diagnosis.
        villages: positions.
        language: en or zh.
        reasons: a column that says why.
    """
    rows = []
    for k, item in enumerate(CONDITIONS):
        n = int(told.weak[list(villages), k].sum())
        if not n:
            continue
        answer = answers()[item.name]
        rows.append(
            (
                text(f"condition_{item.name}", language),
                f"{n:,}",
                answer.measure[language],
                options_text(item.name, language),
                *([answer.because[language]] if reasons else []),
            )
        )
    names = ("condition", "weak_villages", "measure", "options", *(["because"] if reasons else []))
    return _titled("answers", names, rows, language)


def options_text(condition: str, language: str) -> str:
    """The options of a plan that answer a condition, in words."""
    answer = answers()[condition]
    if not answer.by_a_plan:
        return text("diagnosis_no_option", language)
    ways = [text(f"word_{word}", language) for word in INTENSITIES if str(word) in answer.intensities]
    said = text("diagnosis_option_ways", language, ways=ways)
    if answer.land_uses:
        uses = [text(f"word_{word}", language) for word in LAND_USES if str(word) in answer.land_uses]
        said = text("diagnosis_option_uses", language, ways=ways, uses=uses)
    if answer.needs_facilities:
        said = text("diagnosis_option_facilities", language, ways=ways)
    return said


def weights_table(told: Diagnosis, language: str) -> TextTable:
    """Weights of dimensions and conditions, the scale, and how many villages are not known."""
    unknown = np.isnan(told.conditions.by_village).sum(axis=0)
    rows = [
        (
            text(f"dimension_{item.dimension}", language),
            text(f"condition_{item.name}", language),
            percent_text(float(told.weights.of_conditions[k])),
            text(f"diagnosis_worse_{item.worse}", language),
            condition_text(item, float(told.scale.low[k]), language),
            condition_text(item, float(told.scale.high[k]), language),
            f"{int(unknown[k]):,}",
        )
        for k, item in enumerate(CONDITIONS)
    ]
    names = ("dimension", "condition", "weight", "sense", "lowest", "highest", "unknown")
    return _titled("weights", names, rows, language)


def dimensions_table(told: Diagnosis, language: str) -> TextTable:
    """First level of the weights."""
    rows = [
        (text(f"dimension_{name}", language), percent_text(float(weight)))
        for name, weight in zip(DIMENSIONS, told.weights.of_dimensions(), strict=True)
    ]
    return _titled("dimensions", ("dimension", "weight"), rows, language)


def cases_table(cases: Sequence[Case], likeness: Likeness, village: int, language: str) -> TextTable:
    """The documented projects most like a village."""
    rows = []
    for k in likeness.nearest(village, MOST_CASES_SHOWN):
        case = cases[k]
        rows.append(
            (
                _place(case, language),
                _count(case.year).replace(",", ""),
                _count(case.area_ha),
                _count(case.households),
                _count(case.residents),
                "-" if not case.mode else text(f"word_{case.mode}", language),
                _money(case, language),
                f"{likeness.distance[village, k]:.2f} ({int(likeness.n_shared[village, k])})",
                f"{printable(case.source[language])} ({case.confidence})",
            )
        )
    names = ("case", "year", "area_ha", "households", "residents", "mode", "money", "distance", "source")
    return _titled("cases", names, rows, language)


def _place(case: Case, language: str) -> str:
    city, name = printable(case.city[language]), printable(case.name[language])
    said = text("diagnosis_case_place", language, name=name, city=city) if city else name
    if case.n_villages > 1.0:
        said = text("diagnosis_case_total", language, place=said, n=int(case.n_villages))
    return said + (f" [{text('diagnosis_own_case', language)}]" if case.is_own else "")


def _count(value: float) -> str:
    return "-" if math.isnan(value) else f"{value:,.1f}".removesuffix(".0")


def _money(case: Case, language: str) -> str:
    if math.isnan(case.money_cny):
        return "-"
    scale, unit = money_scale("CNY", language)
    said = f"{cell_text(case.money_cny / scale, 2)} {unit}"
    kind = text(f"diagnosis_money_{case.money_kind}", language) if case.money_kind else ""
    return with_remark(said, kind, language) if kind else said


def areas_table(told: AreaDiagnosis, language: str) -> TextTable:
    """What areas hold, and their need; a column for each of the first few."""
    totals = told.totals
    measured = {
        "need": [_points(float(points), known=not math.isnan(points)) for points in told.need.points],
        "area_km2": [f"{value:,.2f}" for value in totals.area_km2],
        "outside": [percent_text(float(value)) for value in totals.outside_share],
        "villages": [f"{value:,.1f}" for value in totals.villages],
        "villages_cut": [f"{value:,.0f}" for value in totals.villages_cut],
        "residents": [f"{value:,.0f}" for value in totals.residents],
        "village_residents": [f"{value:,.0f}" for value in totals.village_residents],
        "jobs": [f"{value:,.0f}" for value in totals.jobs],
        "village_floor": [f"{value:,.0f}" for value in totals.village_floor_m2],
        "housing_floor": [f"{value:,.0f}" for value in totals.housing_floor_m2],
        **{f"facilities_{name}": [f"{n:,.0f}" for n in totals.facilities[:, k]] for k, name in enumerate(CATEGORIES)},
        "stations": [f"{value:,.0f}" for value in totals.stations],
    }
    rows = [(text(f"area_row_{name}", language), *cells) for name, cells in measured.items()]
    rows += [
        (
            text(f"condition_{item.name}", language),
            *(condition_text(item, float(value), language) for value in told.by_area[:, k]),
        )
        for k, item in enumerate(CONDITIONS)
    ]
    header = (text("diagnosis_column_measure", language), *(printable(name) for name in told.areas.names))
    shown, n = MOST_AREAS_SHOWN + 1, len(told.areas.names)
    key = "diagnosis_table_areas" if n < shown else "diagnosis_table_first_areas"
    title = text(key, language) if n < shown else text(key, language, shown=MOST_AREAS_SHOWN, n=n)
    return TextTable(title, header[:shown], tuple(row[:shown] for row in rows))


def left_out_table(villages: Diagnosis, plan: PlanAnswers, language: str) -> TextTable:
    """Villages most in need that a plan leaves out, those with most need first."""
    left = np.flatnonzero(plan.left_out)
    rows = [
        (
            _village(villages, k),
            f"{villages.need.points[k]:.1f}",
            weak_text(villages.weak_names(k), language),
        )
        for k in left[np.argsort(-villages.need.points[left], kind="stable")].tolist()
    ]
    return _titled("left_out", ("village", "need", "weak"), rows, language)


def _village(told: Diagnosis, village: int) -> str:
    villages = told.city.villages
    name = f"{villages.village_id[village]} {villages.name[village]}".strip()
    return printable(f"{name} ({told.city.districts[int(villages.district_idx[village])]})")


def most_in_need_table(told: Diagnosis, most: int, language: str) -> TextTable:
    """The villages with most points."""
    points = np.where(np.isnan(told.need.points), -np.inf, told.need.points)
    order = np.argsort(-points, kind="stable")[:most]
    rows = [
        (
            _village(told, k),
            f"{told.need.points[k]:.1f}",
            weak_text(told.weak_names(k), language),
        )
        for k in order.tolist()
        if np.isfinite(points[k])
    ]
    return _titled("most", ("village", "need", "weak"), rows, language)


def _titled(name: str, columns: Sequence[str], rows: Sequence[tuple[str, ...]], language: str) -> TextTable:
    header = tuple(text(f"diagnosis_column_{column}", language) for column in columns)
    return TextTable(text(f"diagnosis_table_{name}", language), header, tuple(rows))
