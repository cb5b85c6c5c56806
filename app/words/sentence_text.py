"""The reading of a sentence as people read it: clause, what it sets, to which value; and what was not taken."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import groupby
from typing import Any

from app.words.console import list_text, said_of, with_remark
from app.words.target_text import limit_text, target_text
from data.catalogue import text
from data.levers import FIELDS, lever_label
from data.parameter_book import load_book
from data.scenario import Target
from data.scenario_files import load_scenario
from data.sentences.reading import Reading, Unclear
from data.sentences.said_scenario import BY_YEAR
from envs.kernel.indicators.registry import INDICATORS
from envs.rules.registry import RULES

Row = tuple[str, str, str]
"""Words of the sentence, what they set, and the value with its unit."""


def reading_rows(reading: Reading, language: str) -> list[Row]:
    """A row for each field that was understood."""
    rows = []
    for one in reading.said:
        words = text("sentence_taken_exactly", language, words=one.words) if one.is_about else one.words
        rows += [(words, *row) for row in field_rows(one.fields, language)]
    return rows


def unclear_rows(reading: Reading, language: str) -> list[Row]:
    """Place, words, and why they were not taken, with what they may mean."""
    return [
        (text("sentence_place", language, first=one.start + 1, last=one.end), one.words, _why(one, language))
        for one in reading.unclear
    ]


def _why(one: Unclear, language: str) -> str:
    why = one.message.text(language)
    for fields in one.readings:
        listed = text("clause_separator", language).join(
            f"{name} = {value}" for name, value in field_rows(fields, language)
        )
        why += text("sentence_one_reading", language, reading=listed)
    return why


def reading_text(reading: Reading, language: str) -> str:
    """Both tables for a terminal."""
    parts = []
    if reading.said:
        parts.append(text("sentence_understood", language) + "\n" + list_text(reading_rows(reading, language)))
    if reading.unclear:
        parts.append(text("sentence_not_taken", language) + "\n" + list_text(unclear_rows(reading, language)))
    return "\n\n".join(parts) or text("sentence_empty", language)


def field_rows(fields: Sequence[tuple[str, Any]], language: str) -> list[tuple[str, str]]:
    """What each field is called, and its value; years of one quota are told together."""
    given = dict(fields)
    rows = []
    for (is_year, value), group in groupby(fields, key=lambda item: (item[0].startswith(BY_YEAR), item[1])):
        paths = [path for path, _ in group]
        if is_year:
            years = [int(path.rpartition(".")[2]) for path in paths]
            label = text("sentence_quota_of_years", language, years=_years(years))
            rows.append((label, limit_text(value, "villages/yr", language)))
            continue
        rows += [
            _field_row(path, value, given, language) for path in paths if path != "rest" and not path.endswith(" mode")
        ]
    return rows


def _years(years: Sequence[int]) -> str:
    return str(years[0]) if len(years) == 1 else f"{years[0]}-{years[-1]}"


def _field_row(path: str, value: Any, given: Mapping[str, Any], language: str) -> tuple[str, str]:  # noqa: ANN401
    """One field that is no quota of single years."""
    name, _, rest = path.partition(".")
    if path == "plan_years":
        return lever_label(path, language), text("sentence_years", language, n=value)
    if path in FIELDS:
        return lever_label(path, language), limit_text(value, FIELDS[path].unit, language)
    if name == "parameters":
        entry = load_book()[rest]
        label = entry.label_zh if language == "zh" else entry.label_en
        return label, limit_text(value, entry.unit, language)
    if name == "rules":
        return RULES[rest].label[language], text(f"mode_{value}", language)
    if name == "targets":
        indicator, side, *year = rest.split(".")
        sides = {"at_least": None, "at_most": None} | {side: value}
        target = Target(indicator=indicator, year=int(year[0]) if year else None, **sides)
        mode = given.get(f"{path} mode", "reported")
        return text("sentence_target", language), with_remark(
            target_text(target, language), text(f"mode_{mode}", language), language
        )
    return _named_row(name, rest, value, language)


def _named_row(name: str, rest: str, value: Any, language: str) -> tuple[str, str]:  # noqa: ANN401
    """A choice, a share of an intensity, a village, a district, an objective, a preset."""
    rows: dict[str, Callable[[str, Any, str], tuple[str, str]]] = {
        "preset": _preset_row,
        "intensities": _choice_row,
        "land_uses": _choice_row,
        "intensity_shares": _share_row,
        "district_limits": _district_row,
        "locked": lambda village, _, tongue: (village, text("status_locked", tongue)),
        "forbidden": lambda village, _, tongue: (village, text("status_forbidden", tongue)),
        "objectives": lambda key, _, tongue: (text("sentence_objective", tongue), INDICATORS[key].label[tongue]),
        "preferences": _weight_row,
    }
    return rows.get(name, _level_row(name))(rest, value, language)


def _preset_row(rest: str, value: Any, language: str) -> tuple[str, str]:  # noqa: ANN401
    del rest
    return text("field_preset", language), load_scenario(value).label[language]


def _choice_row(name: str, value: Any, language: str) -> tuple[str, str]:  # noqa: ANN401
    return text(f"word_{name}", language), text("sentence_allowed" if value else "sentence_barred", language)


def _share_row(rest: str, value: Any, language: str) -> tuple[str, str]:  # noqa: ANN401
    intensity, _, end = rest.partition(".")
    side = text("at_least" if end == "low" else "at_most", language)
    label = text("field_intensity_share", language, name=text(f"word_{intensity}", language))
    return label, f"{side} {limit_text(value, 'share', language)}"


def _district_row(rest: str, value: Any, language: str) -> tuple[str, str]:  # noqa: ANN401
    district, _, cap = rest.rpartition(".")
    unit = "persons" if cap == "population_persons" else "m2"
    return said_of(district, text(f"sentence_{cap}", language), language), limit_text(value, unit, language)


def _weight_row(name: str, value: Any, language: str) -> tuple[str, str]:  # noqa: ANN401
    return text("weight_of", language, name=INDICATORS[name].label[language]), f"{value:g}"


def _level_row(field: str) -> Callable[[str, Any, str], tuple[str, str]]:
    return lambda _, value, language: (text(f"field_{field}", language), f"{value}")
