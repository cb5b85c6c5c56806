"""A scenario while it is being written: plain fields that may be wrong, and what is wrong with which of them."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from data.catalogue import Message, message
from data.errors import InputError, Refusal, reason_of, refuse
from data.field_errors import field_path, field_problem
from data.parameter import Parameter, plain_value
from data.parameter_book import Book, load_book
from data.scenario import Scenario
from data.scenario_files import load_scenario, scenario_from_mapping
from data.strict_yaml import parse_mapping

DEFAULT_CITY, DEFAULT_SCENARIO = "beijing", "balanced"
"""Of a draft that nobody has begun yet."""
WHOLE = "scenario"
"""Stands for a problem of the scenario as a whole."""
LARGEST_UPLOAD_BYTES = 2_000_000


@dataclass(frozen=True)
class Problem:
    """Something wrong with a draft.

    Attributes:
        field: field of the scenario, or WHOLE.
        place: where in the field: a row, a key; may be empty.
        message: what must hold, and what was given; its `text` says it in a language.
    """

    field: str
    place: str
    message: Message


def draft_of(name: str) -> dict[str, Any]:
    """Fields of a preset."""
    return load_scenario(name).model_dump(mode="json")


def draft_from_yaml(content: bytes, file: str) -> dict[str, Any]:
    """Fields of an uploaded scenario.

    Raises:
        InputError: too large, not text, not YAML, or not a scenario.
    """
    if len(content) > LARGEST_UPLOAD_BYTES:
        raise refuse("scenario_too_large", file=file, most=LARGEST_UPLOAD_BYTES)
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise refuse("not_utf8", file=file, position=error.start) from None
    scenario = scenario_from_mapping(parse_mapping(text, file=file), file=file)
    _check(scenario)
    return scenario.model_dump(mode="json")


def draft_problems(draft: Mapping[str, Any]) -> list[Problem]:
    """Everything that is wrong with a draft, field by field; empty if it is a scenario."""
    if problems := typed_problems(draft):
        return problems
    try:
        _check(scenario_of(draft))
    except InputError as error:
        return [Problem(_field_of(refusal), "", refusal.message) for refusal in error.refusals]
    return []


def _check(scenario: Scenario) -> None:
    """Refuse names of rules, objectives and targets that the model does not know, and contradictions."""
    from app.runs.loading import check_scenario

    check_scenario(scenario)


def scenario_of(draft: Mapping[str, Any]) -> Scenario:
    """The scenario that a draft describes.

    Raises:
        InputError: it describes none.
    """
    return scenario_from_mapping(dict(draft))


def parameter_problems(overrides: Mapping[str, Any]) -> list[Problem]:
    """What is wrong with parameter overrides, key by key."""
    problems = []
    for key, value in overrides.items():
        try:
            load_book().override({key: value})
        except InputError as error:
            problems.append(Problem("parameters", key, error.refusals[0].message))
    return problems


def typed_problems(draft: Mapping[str, Any]) -> list[Problem]:
    """What is wrong with a draft before any name is looked up: kinds of values, bounds, contradictions, parameters."""
    return _shape_problems(draft) + parameter_problems(draft.get("parameters", {}))


def _shape_problems(draft: Mapping[str, Any]) -> list[Problem]:
    try:
        Scenario.model_validate_json(json.dumps(dict(draft)), strict=True)
    except ValidationError as error:
        return [_problem(details) for details in error.errors(include_url=False)]
    except (TypeError, ValueError, RecursionError) as error:
        return [Problem(WHOLE, "", message("scenario_no_data", reason=reason_of(error)))]
    return []


def _problem(details: ErrorDetails) -> Problem:
    field, *place = field_path(details) or (WHOLE,)
    return Problem(field, ".".join(place), field_problem(details, known=tuple(Scenario.model_fields)))


def _field_of(refusal: Refusal) -> str:
    """The field of the scenario that a refusal of its names is about."""
    layer = str(refusal.layer).removeprefix("scenario ").partition(".")[0]
    field = "targets" if layer == "indicators" else layer
    return field if field in Scenario.model_fields else WHOLE


def parse_parameter(entry: Parameter, text: str) -> Any:  # noqa: ANN401 - number, list or mapping
    """A value typed in the form in which the book shows it: a number, "1, 2, 3", or "owner 0.5, elderly 0.5".

    Raises:
        InputError: it does not have the entry's shape, or is physically impossible.
    """
    if isinstance(entry.value, float):
        raw: Any = _number(text, entry.key)
    elif isinstance(entry.value, Mapping):
        raw = dict(_named_number(pair, entry.key) for pair in text.split(","))
    elif all(isinstance(item, str) for item in entry.value):
        raw = [name.strip() for name in text.split(",")]
    else:
        raw = [_number(number, entry.key) for number in text.split(",")]
    return plain_value(entry.with_value(raw).value)


def _number(text: str, key: str) -> float:
    plain = text.strip().replace("，", "")
    try:
        if not plain.isascii() or "_" in plain:
            raise ValueError
        return float(plain)
    except ValueError:
        raise refuse("number_needed", layer=key, found=text.strip()[:40]) from None


def _named_number(pair: str, key: str) -> tuple[str, float]:
    name, _, number = pair.strip().rpartition(" ")
    if not name:
        raise refuse("typed_pairs_needed", layer=key, found=pair.strip()[:40])
    return name.strip(), _number(number, key)


def changed_parameters(draft: Mapping[str, Any]) -> Book:
    """The book as the draft has it, wrong overrides left out."""
    wrong = {problem.place for problem in parameter_problems(draft.get("parameters", {}))}
    sound = {key: value for key, value in draft.get("parameters", {}).items() if key not in wrong}
    try:
        return load_book().override(sound)
    except InputError:
        return load_book()


def with_statuses(
    draft: Mapping[str, Any], villages: Sequence[str], status: str, decided: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """The draft with villages locked, forbidden, fixed or freed, each taken out of every other list.

    Args:
        draft: fields.
        villages: ids.
        status: "locked", "forbidden", "fixed" or "free".
        decided: the decision, for "fixed".
    """
    chosen = set(villages)
    locked = [name for name in draft.get("locked", []) if name not in chosen]
    forbidden = [name for name in draft.get("forbidden", []) if name not in chosen]
    fixed = {name: decision for name, decision in draft.get("fixed", {}).items() if name not in chosen}
    if status == "locked":
        locked += sorted(chosen)
    elif status == "forbidden":
        forbidden += sorted(chosen)
    elif status == "fixed":
        fixed |= {name: dict(decided or {}) for name in sorted(chosen)}
    elif status != "free":
        msg = f"unknown status {status}"
        raise ValueError(msg)
    return {**draft, "locked": locked, "forbidden": forbidden, "fixed": fixed}
