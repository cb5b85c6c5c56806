"""Scenario files of an older model, brought to this one: what is added, dropped and kept is said, nothing is silent."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from data.model_version import FIRST_MODEL_VERSION, MODEL_VERSION
from data.parameter_book import load_book
from data.scenario import Scenario
from data.scenario_files import VERSION_KEY, is_written_out, scenario_from_mapping


@dataclass(frozen=True)
class Upgrade:
    """A scenario of an older model as this model reads it.

    Attributes:
        scenario: with this model's fields and parameters.
        version: model that the file was written for.
        added: field, or `parameters.KEY`, that the file lacks -> the value it takes.
        dropped: fields and parameters that no longer exist.
        kept: parameters that the file gives and the book has otherwise -> the file's value, the book's.
    """

    scenario: Scenario
    version: int
    added: dict[str, Any]
    dropped: tuple[str, ...]
    kept: dict[str, tuple[Any, Any]]


def upgraded(content: Mapping[str, Any], *, file: object) -> Upgrade:
    """Bring a scenario file to this model.

    Args:
        content: as read from the file.
        file: its name, for the message.

    Returns:
        The scenario; a file that overrides a few parameters only gains none: they are the book's anyway.

    Raises:
        InputError: what remains is no scenario of this model.
    """
    book, given = load_book(), content.get("parameters") or {}
    parameters = given if isinstance(given, Mapping) else {}
    dropped = [name for name in content if name not in Scenario.model_fields and name != VERSION_KEY]
    dropped += [f"parameters.{key}" for key in parameters if key not in book]
    sound = {name: value for name, value in content.items() if name in Scenario.model_fields}
    if parameters:
        sound["parameters"] = {key: value for key, value in parameters.items() if key in book}
    scenario = scenario_from_mapping({**sound, VERSION_KEY: MODEL_VERSION}, file=file)
    fields, values = scenario.model_dump(mode="json"), book.override(scenario.parameters).values_by_key()
    added = {name: value for name, value in fields.items() if name not in content and name != "parameters"}
    if is_written_out(content):
        added |= {f"parameters.{key}": value for key, value in values.items() if key not in parameters}
    ours = book.values_by_key()
    kept = {key: (values[key], ours[key]) for key in scenario.parameters if key in parameters}
    version = content.get(VERSION_KEY, FIRST_MODEL_VERSION if is_written_out(content) else MODEL_VERSION)
    return Upgrade(scenario, int(version), added, tuple(dropped), kept)
