"""`renewal scenario ...`: what is allowed and wanted."""

from __future__ import annotations

from typing import Annotated

import typer

ScenarioArgument = Annotated[str, typer.Argument(metavar="SCENARIO", help="Preset or YAML file.")]


def build_app() -> typer.Typer:
    """The group of commands."""
    scenario = typer.Typer(
        help="List, show and check scenarios.",
        no_args_is_help=True,
        rich_markup_mode=None,
        pretty_exceptions_enable=False,
    )
    scenario.command("list")(list_scenarios)
    scenario.command("show")(show_scenario)
    scenario.command("schema")(print_schema)
    scenario.command("validate")(validate_scenario)
    scenario.command("anchors")(print_anchors)
    return scenario


def list_scenarios() -> None:
    """List the presets."""
    from app.words.console import list_text
    from data.scenario_files import load_scenario, preset_names

    presets = [(name, load_scenario(name)) for name in preset_names()]
    print(list_text([(name, preset.label.get("en", ""), preset.label.get("zh", "")) for name, preset in presets]))


def show_scenario(scenario: ScenarioArgument) -> None:
    """Print a scenario with every rule and parameter: value, unit, range, source, confidence (E = estimate)."""
    from app.runs.loading import load_checked_scenario
    from app.words.scenario_report import scenario_text

    print(scenario_text(load_checked_scenario(scenario)))


def print_schema() -> None:
    """Print the JSON schema of a scenario file."""
    import json

    from data.scenario_files import scenario_schema

    print(json.dumps(scenario_schema(), ensure_ascii=False, indent=2))


def validate_scenario(
    scenario: Annotated[str, typer.Argument(metavar="F", help="YAML file or preset.")],
    city: Annotated[str | None, typer.Option(help="Also check it against this city.")] = None,
) -> None:
    """Check a scenario; exit 2 if a field, parameter, rule or indicator is wrong."""
    from app.runs.loading import load_checked_scenario, load_resolved
    from data.parameter_book import load_book

    checked = load_checked_scenario(scenario)
    if city is not None:
        load_resolved(city, scenario)
    for key in load_book().override(checked.parameters).outside_range():
        print(f"warning: parameter {key} lies outside its plausible range")
    print(f"{scenario}: valid")


def print_anchors(
    city: Annotated[str, typer.Option(help="Embedded city or GeoPackage.")],
    scenario: Annotated[str, typer.Option(help="Preset or YAML file.")],
) -> None:
    """Print base, best and worst value of every objective; they are computed once and kept."""
    from app.runs.anchor_store import anchor_text, known_anchors
    from app.runs.loading import load_resolved

    resolved = load_resolved(city, scenario)
    print(anchor_text(resolved.scenario.objectives, known_anchors(resolved)))
