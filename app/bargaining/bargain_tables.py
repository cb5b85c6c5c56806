"""Tables of a bargained plan in words: chances and ways to terms of a village, before and after, every village."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pandas as pd

from app.bargaining.bargain_frames import city_values, package_columns, projects_frame, rounds_frame
from app.bargaining.bargained_plan import BargainedPlan
from app.bargaining.ways import before_and_after, missing_cny, sums_of, ways_of
from app.people.portrait_tables import TextTable
from app.words.console import money_scale, percent_text, value_text
from data.catalogue import text
from data.dictionary import table_columns
from envs.kernel.indicators.registry import INDICATORS
from envs.kernel.wellbeing import MONTHS_PER_YR
from envs.people.bargaining.parties import PARTIES
from envs.people.bargaining.protocol import NOBODY

TERMS = ("floor_area_ratio", "facility_ratio", "compensation_multiplier", "onsite_share")
EXPECTED = ("multiplier", "onsite_share", "delay_yr", *(f"{party}_cny_per_m2" for party in PARTIES))


def chances_table(bargained: BargainedPlan, project: int, language: str) -> TextTable:
    """Probability and, where some draw agrees, means over those that do, with standard errors."""
    row = projects_frame(bargained).iloc[project]
    names = ("probability", *(f"expected_{name}" for name in EXPECTED))
    rows = tuple(
        (_label(name, language), *(_said(name, float(row[x]), language) for x in (name, f"{name}_se")))
        for name in names
        if not math.isnan(row[name])
    )
    header = tuple(text(f"bargain_column_{name}", language) for name in ("quantity", "mean", "error"))
    return TextTable(text("bargain_chance_title", language, n=bargained.n_draws), header, rows)


def village_ways_table(bargained: BargainedPlan, project: int, language: str) -> TextTable:
    """What is agreed on in one project, or comes nearest to it, beside other ways to come to terms."""
    header = (
        text("bargain_column_way", language),
        *(_label(name, language) for name in ("land_use", *TERMS)),
        *(text(f"bargain_party_{party}", language) for party in PARTIES),
        text("bargain_column_everybody", language),
    )
    rows = []
    for way in ways_of(bargained):
        package, agrees = int(way.package[project]), bool(way.agrees[project])
        name = "nearest" if way.name == "bargained" and not agrees else way.name
        cells = _package_cells(bargained, project, package, language)
        verdict = "-" if package == NOBODY else text(f"bargain_can{'' if agrees else 'not'}_accept", language)
        rows.append((text(f"bargain_way_{name}", language), *cells, verdict))
    return TextTable(text("bargain_village_ways", language), header, tuple(rows))


def before_after_table(bargained: BargainedPlan, language: str) -> TextTable:
    """Projects, terms and gains of the plan, of the plan where it is agreed on, and of what is agreed on."""
    ways = before_and_after(bargained)
    sums = [sums_of(bargained, way) for way in ways]
    rows = [(text("bargain_row_projects", language), *(f"{each.n_projects:,}" for each in sums))]
    for name in TERMS:
        cells = (_said(name, each.means[name], language) for each in sums)
        rows.append((_label(name, language), *cells))
    for k, party in enumerate(PARTIES):
        label = text("bargain_row_gain", language, party=text(f"bargain_party_{party}", language))
        rows.append((label, *(value_text(float(each.gains_cny[k]), "CNY", language) for each in sums)))
    header = (text("bargain_column_quantity", language), *(text(f"bargain_way_{way.name}", language) for way in ways))
    return TextTable(text("bargain_before_after", language), header, tuple(rows))


def city_table(bargained: BargainedPlan, language: str) -> TextTable:
    """Objectives and a few more of the plan as it was and as agreed."""
    rows = (
        (INDICATORS[name].label[language], *(value_text(value, INDICATORS[name].unit, language) for value in pair))
        for name, pair in city_values(bargained).items()
    )
    header = tuple(text(f"bargain_column_{name}", language) for name in ("indicator", "plan", "agreed_plan"))
    return TextTable(text("bargain_city", language), header, tuple(rows))


def rounds_table(bargained: BargainedPlan, language: str) -> TextTable:
    """A column for the plan as it was and for each round: agreements, changes, what it costs the city, who gains."""
    frame = rounds_frame(bargained)
    header = [text("bargain_column_quantity", language), text("bargain_way_plan_of_all", language)]
    header += [text("bargain_column_round", language, round=k) for k in range(1, len(frame))]
    counts, gains = ("n_agreed", "n_changed"), tuple(f"{party}_cny" for party in PARTIES)
    rows = [(_label(name, language, "rounds"), *(f"{value:,.0f}" for value in frame[name])) for name in counts]
    for name in (str(name) for name in frame.columns if name in INDICATORS):
        unit = INDICATORS[name].unit
        rows.append((INDICATORS[name].label[language], *(value_text(v, unit, language) for v in frame[name])))
    for name in gains:
        rows.append((_label(name, language, "rounds"), *(value_text(v, "CNY", language) for v in frame[name])))
    return TextTable(text("bargain_rounds", language), tuple(header), tuple(rows))


def villages_table(bargained: BargainedPlan, language: str) -> pd.DataFrame:
    """A row for each village: who agrees or blocks for what, chance, terms, gains, what is missing."""
    frame = projects_frame(bargained)
    frame.loc[frame["floor_area_ratio"] == 0.0, [name for name in TERMS if name != "facility_ratio"]] = math.nan
    scale, unit = money_scale("CNY", language)
    missing = [
        missing_cny(bargained, k) / scale if blocker else math.nan
        for k, blocker in enumerate(frame["blocker"].tolist())
    ]
    outcome = [_outcome(row, language) for row in frame.to_dict("records")]
    names = ("probability", *TERMS, "delay_yr", *(f"{party}_cny_per_m2" for party in PARTIES))
    table: dict[str, Any] = {_label(name, language): frame[name] for name in ("village_id", "district")}
    table[text("bargain_column_outcome", language)] = outcome
    table |= {_label(name, language): frame[name] for name in names}
    return pd.DataFrame(table | {text("bargain_column_missing", language, unit=unit): missing})


def _outcome(row: dict[Any, Any], language: str) -> str:
    if row["agreed"]:
        return text("bargain_outcome_agreed", language)
    if not row["blocker"]:
        return text("bargain_outcome_none", language)
    term = text(f"bargain_term_{row['blocker']}_{row['blocking_term']}", language)
    party = text(f"bargain_party_{row['blocker']}", language)
    return text("bargain_outcome_for", language, party=party, term=term)


def _package_cells(bargained: BargainedPlan, project: int, package: int, language: str) -> list[str]:
    """Land use, terms and gains of a package; dashes where there is none, or nothing is rebuilt."""
    found = package_columns(bargained.negotiation, np.array([project]), np.array([package]))
    land_use = str(found["land_use"][0])
    is_rebuilt = float(found["floor_area_ratio"][0]) > 0.0
    terms = [_said(name, float(found[name][0]), language) for name in TERMS]
    if not is_rebuilt:
        terms = ["-", terms[1], "-", "-"]
    gains = [float(found[f"{party}_cny_per_m2"][0]) for party in PARTIES]
    return [
        text(f"word_{land_use}", language) if is_rebuilt else "-",
        *terms,
        *("-" if math.isnan(gain) else f"{gain:+,.0f}" for gain in gains),
    ]


def _said(name: str, value: float, language: str) -> str:
    """A quantity of a project, or its standard error."""
    if math.isnan(value):
        return "-"
    if name.endswith("delay_yr"):
        return text("bargain_months", language, months=value * MONTHS_PER_YR)
    if name.endswith("_cny_per_m2"):
        return f"{value:,.0f}"
    if name.endswith(("share", "facility_ratio", "probability")):
        return percent_text(value)
    return f"{value:.3f}"


def _label(name: str, language: str, table: str = "projects") -> str:
    """Of a column of one of the tables."""
    return table_columns("bargain", table)[name].label["zh" if language == "zh" else "en"]
