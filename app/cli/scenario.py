"""`renewal scenario ...`: what is allowed and wanted."""

from __future__ import annotations

from typing import Annotated

import typer

from app.cli.commands import add_command, new_group
from app.words.language import reader_language
from data.catalogue import text

ScenarioArgument = Annotated[str, typer.Argument(metavar="SCENARIO", help="option_scenario")]


def build_app() -> typer.Typer:
    """The group of commands."""
    scenario = new_group("command_scenario")
    add_command(scenario, "list", list_scenarios, "command_scenario_list")
    add_command(scenario, "show", show_scenario, "command_scenario_show")
    add_command(scenario, "schema", print_schema, "command_scenario_schema")
    add_command(scenario, "validate", validate_scenario, "command_scenario_validate")
    add_command(scenario, "anchors", print_anchors, "command_scenario_anchors")
    return scenario


def list_scenarios() -> None:
    """List the presets."""
    from app.words.console import list_text
    from data.scenario_files import load_scenario, preset_names

    presets = [(name, load_scenario(name)) for name in preset_names()]
    print(list_text([(name, preset.label.get(reader_language(), "")) for name, preset in presets]))


def show_scenario(scenario: ScenarioArgument) -> None:
    """Print a scenario with every rule and parameter: value, unit, range, source, confidence (E = estimate)."""
    from app.runs.loading import load_checked_scenario
    from app.words.scenario_report import scenario_text

    print(scenario_text(load_checked_scenario(scenario), reader_language()))


def print_schema() -> None:
    """Print the JSON schema of a scenario file."""
    import json

    from data.scenario_files import scenario_schema

    print(json.dumps(scenario_schema(), ensure_ascii=False, indent=2))


def validate_scenario(
    scenario: Annotated[str, typer.Argument(metavar="F", help="option_scenario")],
    city: Annotated[str | None, typer.Option(metavar="CITY", help="option_check_city")] = None,
) -> None:
    """Check a scenario; exit 2 if a field, parameter, rule or indicator is wrong."""
    from app.runs.loading import load_checked_scenario, load_resolved
    from data.parameter_book import load_book

    checked = load_checked_scenario(scenario)
    if city is not None:
        load_resolved(city, scenario)
    for key in load_book().override(checked.parameters).outside_range():
        print(text("parameter_outside_range", reader_language(), parameter=key))
    print(text("scenario_valid", reader_language(), scenario=scenario))


def print_anchors(
    city: Annotated[str, typer.Option(metavar="CITY", help="option_city")],
    scenario: Annotated[str, typer.Option(metavar="SCENARIO", help="option_scenario")],
) -> None:
    """Print base, best and worst value of every objective; they are computed once and kept."""
    from app.runs.anchor_store import anchor_text, known_anchors
    from app.runs.loading import load_resolved

    resolved = load_resolved(city, scenario)
    print(anchor_text(resolved.scenario.objectives, known_anchors(resolved), reader_language()))
