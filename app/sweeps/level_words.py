"""What factors of a sweep, their levels and the runs with them are called."""

from __future__ import annotations

import numpy as np

from app.plans.recommendation import scenario_label
from app.sweeps.planned_runs import CITY, SCENARIO
from app.sweeps.swept_run import SweptRun
from app.words.city_name import city_name
from app.words.lever_text import lever_text
from data.catalogue import catalogue, text
from data.levers import FIELDS, lever_label
from data.parameter_book import load_book


def level_label(factor: str, level: object, language: str) -> str:
    """What a level is called: a preset and a city by their names, a bound with its unit, anything else as it is."""
    if factor == SCENARIO:
        return scenario_label(str(level), language)
    if factor == CITY:
        return city_name(str(level), language)
    if isinstance(level, int | float | np.number):
        unit = FIELDS[factor].unit if factor in FIELDS else load_book()[factor].unit if factor in load_book() else "-"
        return lever_text(float(level), unit, language)
    return str(level)


def factor_label(factor: str, language: str) -> str:
    """What a factor is called: a bound or a parameter by its own name."""
    if factor in FIELDS:
        return lever_label(factor, language)
    if f"sweep_factor_{factor}" in catalogue():
        return text(f"sweep_factor_{factor}", language)
    book = load_book()
    if factor in book:
        return book[factor].label_zh if language == "zh" else book[factor].label_en
    return factor


def swept_title(run: SweptRun, language: str) -> str:
    """What the room calls a run of a sweep: its levels in a row."""
    return " · ".join(level_label(name, level, language) for name, level in run.factors.items())
