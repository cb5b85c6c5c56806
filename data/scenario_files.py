"""Scenarios as files: presets and YAML in, complete YAML and JSON schema out."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from data.errors import InputError, printable, reason_of, refuse
from data.field_errors import field_refusals
from data.model_version import FIRST_MODEL_VERSION, MODEL_VERSION
from data.parameter import LONGEST_VALUE, unknown_name
from data.parameter_book import Book, load_book
from data.paths import exists
from data.scenario import Scenario
from data.strict_yaml import dump_mapping, read_mapping

PRESETS_FOLDER = Path(__file__).parent / "presets"
DEFAULT_PRESET = "balanced"
VERSION_KEY = "model_version"
"""Of a file, beside the fields of the scenario: the model it was written for; a file without is of this model."""
WRITTEN_OUT = 0.5
"""A file that gives this share of the book's parameters writes out the book; without a version it is of model 1."""
LONGEST_PATH = 200
"""Letters of what is no file that are shown."""


def preset_names() -> tuple[str, ...]:
    """Names of the presets, in alphabetical order."""
    return tuple(sorted(path.stem for path in PRESETS_FOLDER.glob("*.yaml")))


def load_scenario(name_or_path: str | Path) -> Scenario:
    """Read a preset or a YAML file; a preset's name wins over a file of that name.

    Parameter overrides equal to the book are dropped, so that a scenario written with every parameter in it has the
    digest of the scenario it was written from. Rule and indicator names are checked where they are known, in `envs`.

    Raises:
        InputError: no such preset or file, not YAML, an unknown or wrong field, or a wrong parameter; the message names
            file, field and rule.
    """
    if str(name_or_path) in preset_names():
        return _preset(str(name_or_path))
    path = Path(name_or_path)
    if not exists(path):
        problem = unknown_name(path, preset_names())
        raise refuse("scenario_unknown", problem=problem, file=str(path)[:LONGEST_PATH])
    return _read_scenario(path)


def scenario_from_mapping(content: Mapping[str, Any], *, file: object = "scenario") -> Scenario:
    """Check a scenario that was read elsewhere.

    Args:
        content: fields as in the YAML file: text, numbers, booleans, None, lists and mappings.
        file: name of the source, for the message.

    Raises:
        InputError: as `load_scenario`.
    """
    _refuse_other_model(content, file)
    content = _equally_weighed({name: value for name, value in content.items() if name != VERSION_KEY})
    try:
        scenario = Scenario.model_validate_json(json.dumps(content), strict=True)
    except ValidationError as error:
        raise field_refusals(error, known=tuple(Scenario.model_fields)).within(file=file) from None
    except (TypeError, ValueError, OverflowError, RecursionError) as error:
        raise refuse("scenario_no_data", reason=reason_of(error), file=file) from None
    try:
        changes = load_book().override(scenario.parameters).changes()
    except InputError as error:
        raise error.within(file=file, layer="parameters") from None
    return scenario.model_copy(update={"parameters": changes})


def _equally_weighed(content: Mapping[str, Any]) -> Mapping[str, Any]:
    """Objectives that are given without preferences weigh the same."""
    objectives = content.get("objectives")
    if "preferences" in content or not isinstance(objectives, list) or not objectives:
        return content
    return {**content, "preferences": {str(name): 1.0 / len(objectives) for name in objectives}}


def is_written_out(content: Mapping[str, Any]) -> bool:
    """Whether a file writes out the book, as a run's does, instead of overriding a few parameters."""
    parameters = content.get("parameters")
    return isinstance(parameters, Mapping) and len(parameters) >= WRITTEN_OUT * len(load_book())


def _refuse_other_model(content: Mapping[str, Any], file: object) -> None:
    """Refuse a file of another model: one that says so, or writes out a book and does not say for which model."""
    version = content.get(VERSION_KEY, FIRST_MODEL_VERSION if is_written_out(content) else MODEL_VERSION)
    if not isinstance(version, int) or isinstance(version, bool) or version < FIRST_MODEL_VERSION:
        raise refuse("model_version_wrong", file=file, layer=VERSION_KEY, found=printable(str(version), LONGEST_VALUE))
    if version > MODEL_VERSION:
        raise refuse("scenario_of_newer_model", file=file, layer=VERSION_KEY, version=version, known=MODEL_VERSION)
    if version < MODEL_VERSION:
        raise refuse(
            "scenario_of_older_model",
            file=file,
            layer=VERSION_KEY,
            version=version,
            known=MODEL_VERSION,
            path=str(file),
        )


def scenario_to_yaml(scenario: Scenario, book: Book) -> str:
    """Write a scenario with the model's version, every field and every parameter's value: enough to run again.

    Args:
        scenario: the scenario; its own overrides are applied on top of `book`.
        book: the parameters it runs with.

    Returns:
        YAML that `load_scenario` reads back to the same fields and parameter values.
    """
    content = {VERSION_KEY: MODEL_VERSION} | scenario.model_dump(mode="json")
    content["parameters"] = book.override(scenario.parameters).values_by_key()
    return dump_mapping(content)


def scenario_schema() -> dict[str, Any]:
    """JSON schema of a scenario file; the parameters are named with unit and range."""
    schema = Scenario.model_json_schema()
    book = load_book()
    schema["properties"][VERSION_KEY] = {"const": MODEL_VERSION, "title": "Model version", "type": "integer"}
    schema["properties"]["parameters"] |= {
        "additionalProperties": False,
        "properties": {
            key: {"title": entry.label_en, "description": _parameter_text(book, key), "default": value}
            for (key, entry), value in zip(book.items(), book.values_by_key().values(), strict=True)
        },
    }
    return schema


def _parameter_text(book: Book, key: str) -> str:
    entry = book[key]
    low, high = ("?" if bound is None else f"{bound:g}" for bound in (entry.low, entry.high))
    spread = "" if low == high == "?" else f"; range {low} to {high}"
    return f"{entry.label_zh} [{entry.unit}]{spread}; source: {entry.source} ({entry.confidence})"


@cache
def _preset(name: str) -> Scenario:
    return _read_scenario(PRESETS_FOLDER / f"{name}.yaml")


def _read_scenario(path: Path) -> Scenario:
    return scenario_from_mapping(read_mapping(path), file=path)
