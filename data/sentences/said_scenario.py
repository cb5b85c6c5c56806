"""What a sentence says, put into a scenario: presets first, then field by field."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from typing import Any

from data.catalogue import message
from data.levers import ANY_SHARE
from data.parameter_book import load_book
from data.scenario import INTENSITIES, LAND_USES, SHARE_TOLERANCE
from data.scenario_files import DEFAULT_PRESET, load_scenario
from data.sentences.lexicon import things
from data.sentences.reading import Reading, Said, Unclear, without_contradictions
from data.sentences.spans import Span

BY_YEAR = "villages_per_year_by_year"
_STATUSES = ("locked", "forbidden")


def placed(reading: Reading, base: Mapping[str, Any]) -> Reading:
    """The reading with what depends on the rest of the scenario: years that are counted, weights that must be complete.

    Args:
        reading: of `read_sentence`.
        base: fields of the scenario that the sentence changes.
    """
    plan_years = int(reading.fields.get("plan_years", base["plan_years"]))
    said = [_hardened(_dated(one, plan_years), base) for one in reading.said]
    reading = without_contradictions(replace(reading, said=tuple(said)))
    unclear = [
        *reading.unclear,
        *(_not_taken(one, "sentence_no_years_before") for one in _dangling(reading, base)),
        *(_not_taken(one, "sentence_weights_incomplete") for one in _incomplete_weights(reading, base)),
    ]
    taken = {(one.start, one.end) for one in unclear}
    kept = tuple(_unmarked(one) for one in reading.said if (one.start, one.end) not in taken)
    return replace(reading, said=kept, unclear=tuple(sorted(unclear, key=lambda one: one.start)))


def _unmarked(one: Said) -> Said:
    return replace(one, fields=tuple(field for field in one.fields if field[0] not in ("goes on", "next")))


def _not_taken(one: Said, key: str) -> Unclear:
    return Unclear(one.start, one.end, one.words, message(key))


def _dated(one: Said, plan_years: int) -> Said:
    """Quotas of spans of years as quotas of single years."""
    fields: list[tuple[str, Any]] = []
    for path, value in one.fields:
        kind, *ends = path.split()
        if kind != "quota":
            fields.append((path, value))
        elif ends == ["rest"]:
            fields += [("villages_per_year", value), ("rest", True)]
        else:
            years = Span(int(ends[0]), int(ends[1])).years(plan_years)
            fields += [(f"{BY_YEAR}.{year}", value) for year in years]
            fields += [("next", years[0])] if "next" in ends else []
    return replace(one, fields=tuple(fields))


def _hardened(one: Said, base: Mapping[str, Any]) -> Said:
    """With the rule that enforces a bound hard again, where the scenario has made it milder."""
    fields = dict(one.fields)
    for path in list(fields):
        rule = _enforcing().get(path.split(".")[-1] if path.startswith("district_limits") else path)
        if rule and f"rules.{rule}" not in fields and base.get("rules", {}).get(rule, "hard") != "hard":
            fields[f"rules.{rule}"] = "hard"
    return replace(one, fields=tuple(fields.items()))


@cache
def _enforcing() -> Mapping[str, str]:
    """Field -> the rule that is hard for it unless a scenario says otherwise."""
    pairs = [(thing.low, thing.rule_low) for thing in things().values()]
    pairs += [(path, thing.rule_high) for thing in things().values() for path in (thing.high, thing.equal)]
    return {path: rule for path, rule in pairs if path and rule}


def _dangling(reading: Reading, base: Mapping[str, Any]) -> list[Said]:
    """What goes for the years after years that nobody has named."""
    full = [one for one in reading.said if ("goes on", True) not in one.fields]
    named = any(path.startswith(f"{BY_YEAR}.") for one in reading.said for path, _ in one.fields)
    counted = any(path.startswith("villages_per_year") for one in full for path, _ in one.fields)
    loose = [one for one in reading.said if ("rest", True) in one.fields and not (named or base.get(BY_YEAR))]
    loose += [
        one for one in reading.said for path, year in one.fields if path == "next" and not _follows(year, reading)
    ]
    return loose + [one for one in reading.said if ("goes on", True) in one.fields and not counted]


def _follows(year: int, reading: Reading) -> bool:
    """Whether the last years of the programme are also those after the years named before: 前五年, 后五年 of ten."""
    named = [path for one in reading.said for path, _ in one.fields if path.startswith(f"{BY_YEAR}.")]
    return f"{BY_YEAR}.{year - 1}" in named


def _incomplete_weights(reading: Reading, base: Mapping[str, Any]) -> list[Said]:
    """Weights of some objectives that leave open what the others weigh."""
    fields = reading.fields
    weights = {path.removeprefix("preferences."): value for path, value in fields.items() if path.startswith("pref")}
    if not weights:
        return []
    objectives = _objectives(fields) or list(base["objectives"])
    is_whole = (
        abs(sum(weights.values()) - 1.0) < SHARE_TOLERANCE or abs(sum(weights.values()) - 100.0) < SHARE_TOLERANCE
    )
    are_shares = all(0.0 <= value <= 1.0 for value in weights.values())
    complete = set(weights) == set(objectives) and (is_whole or not are_shares)
    if complete or (is_whole and not _objectives(fields)):
        return []
    return [one for one in reading.said if any(path.startswith("preferences.") for path, _ in one.fields)]


def _objectives(fields: Mapping[str, Any]) -> list[str]:
    return [path.removeprefix("objectives.") for path in fields if path.startswith("objectives.")]


def scenario_fields(reading: Reading, base: Mapping[str, Any]) -> dict[str, Any]:
    """The fields of a scenario with what a sentence says.

    Args:
        reading: of `placed`.
        base: fields of the scenario that the sentence changes, as `Scenario.model_dump(mode="json")` has them.

    Returns:
        Fields that are yet to be checked as a scenario.
    """
    fields = reading.fields
    content = copy.deepcopy(dict(base))
    if reading.said:
        content |= {"name": "custom", "label": {}}
    if preset := fields.pop("preset", ""):
        content = _with_preset(content, preset)
    follows_on = fields.pop("rest", False) and not any(path.startswith(f"{BY_YEAR}.") for path in fields)
    if "villages_per_year" in fields and not follows_on:
        content[BY_YEAR] = {}
    content |= _wanted(fields, content)
    for path, value in fields.items():
        if not path.startswith(("objectives.", "preferences.")):
            _put(content, path, value, fields)
    return content


def _wanted(fields: Mapping[str, Any], content: Mapping[str, Any]) -> dict[str, Any]:
    """Objectives and preferences, where a sentence names any; objectives without weights weigh the same."""
    weights = {path.removeprefix("preferences."): value for path, value in fields.items() if path.startswith("pref")}
    chosen = _objectives(fields)
    if not chosen and not weights:
        return {}
    known = [name for name in content["objectives"] if name in weights]
    objectives = chosen or [*known, *(name for name in weights if name not in known)]
    weights = weights or dict.fromkeys(chosen, 1.0)
    total = sum(weights.values()) or 1.0
    return {"objectives": objectives, "preferences": {name: value / total for name, value in weights.items()}}


def _with_preset(content: dict[str, Any], name: str) -> dict[str, Any]:
    """With what makes a preset another than the default one: its weights, targets, rules, limits."""
    preset, usual = (load_scenario(one).model_dump(mode="json") for one in (name, DEFAULT_PRESET))
    own = {field: preset[field] for field in preset if preset[field] != usual[field]}
    own |= {field: preset[field] for field in ("objectives", "preferences")}
    for field, value in own.items():
        if field in ("rules", "parameters"):
            content[field] = content[field] | value
        elif field == "targets":
            content[field] = [*(one for one in content[field] if one not in value), *value]
        elif field not in ("name", "label"):
            content[field] = value
    return content


def _put(content: dict[str, Any], path: str, value: Any, fields: Mapping[str, Any]) -> None:  # noqa: ANN401
    """Set one field."""
    name, _, rest = path.partition(".")
    if name in ("intensities", "land_uses"):
        order = [str(item) for item in (INTENSITIES if name == "intensities" else LAND_USES)]
        content[name] = [item for item in order if (value if item == rest else item in content[name])]
    elif name in _STATUSES:
        for status in _STATUSES:
            content[status] = [item for item in content[status] if item != rest]
        content["fixed"] = {item: decision for item, decision in content["fixed"].items() if item != rest}
        content[name] = [*content[name], rest]
    elif name == "parameters":
        fact = load_book()[rest].same_as or rest
        others = {key: given for key, given in content[name].items() if (load_book()[key].same_as or key) != fact}
        content[name] = others | {rest: value}
    elif name == "targets":
        if not path.endswith(" mode"):
            _put_target(content, rest, value, fields.get(f"{path} mode", "reported"))
    elif name == "intensity_shares":
        intensity, _, end = rest.partition(".")
        content[name] = content[name] | {intensity: (content[name].get(intensity) or ANY_SHARE) | {end: value}}
    elif name == "district_limits":
        district, _, cap = rest.rpartition(".")
        content[name] = content[name] | {district: content[name].get(district, {}) | {cap: value}}
    elif rest:
        content[name] = (content[name] or (ANY_SHARE if name == "renewal_ratio" else {})) | {rest: value}
    else:
        content[name] = value


def _put_target(content: dict[str, Any], rest: str, value: float, mode: str) -> None:
    indicator, side, *year = rest.split(".")
    target = {"indicator": indicator, "year": int(year[0]) if year else None, "at_least": None, "at_most": None}
    key = (indicator, target["year"])
    others = [one for one in content["targets"] if (one["indicator"], one["year"]) != key or one[side] is None]
    content["targets"] = [*others, target | {side: value, "mode": mode}]
