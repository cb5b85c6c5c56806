"""`renewal scenario ...`: what is allowed and wanted."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from app.cli.commands import add_command, new_group
from app.cli.scenario_say import say_scenario
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
    add_command(scenario, "upgrade", upgrade_scenario, "command_scenario_upgrade")
    add_command(scenario, "say", say_scenario, "command_scenario_say")
    add_command(scenario, "anchors", print_anchors, "command_scenario_anchors")
    add_command(scenario, "bargaining", print_agreements, "command_scenario_bargaining")
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
    from app.runs.loading import load_checked_scenario, load_searchable
    from data.parameter_book import load_book

    checked = load_checked_scenario(scenario)
    if city is not None:
        load_searchable(city, scenario)
    for key in load_book().override(checked.parameters).outside_range():
        print(text("parameter_outside_range", reader_language(), parameter=key))
    print(text("scenario_valid", reader_language(), scenario=scenario))


def upgrade_scenario(
    scenario: Annotated[Path, typer.Argument(metavar="F.yaml", help="option_scenario_older")],
    out: Annotated[Path | None, typer.Option(metavar="G.yaml", help="option_upgrade_out")] = None,
) -> None:
    """Bring a scenario file of an older model to this one, and say what was added, dropped and kept."""
    from app.files.atomic import check_new_file, new_file
    from app.words.scenario_report import upgrade_text
    from data.parameter_book import load_book
    from data.scenario_files import scenario_to_yaml
    from data.scenario_upgrade import upgraded
    from data.strict_yaml import read_mapping

    if out is not None:
        check_new_file(out, ".yaml", layer="--out")
    upgrade = upgraded(read_mapping(scenario), file=scenario)
    written, told = scenario_to_yaml(upgrade.scenario, load_book()), upgrade_text(upgrade, reader_language())
    if out is None:
        print(written, end="")
        print(told, file=sys.stderr)
        return
    with new_file(out) as draft:
        draft.write_text(written, encoding="utf-8")
    print(told)
    print(text("files_at", reader_language(), path=out))


def print_anchors(
    city: Annotated[str, typer.Option(metavar="CITY", help="option_city")],
    scenario: Annotated[str, typer.Option(metavar="SCENARIO", help="option_scenario")],
) -> None:
    """Print base, best and worst value of every objective; they are computed once and kept."""
    from app.runs.anchor_store import anchor_text, known_anchors
    from app.runs.loading import load_resolved

    resolved = load_resolved(city, scenario)
    print(anchor_text(resolved.scenario.objectives, known_anchors(resolved), reader_language()))


def print_agreements(
    city: Annotated[str, typer.Option(metavar="CITY", help="option_city")],
    scenario: Annotated[str, typer.Option(metavar="SCENARIO", help="option_scenario")],
    out: Annotated[Path | None, typer.Option(metavar="DIR", help="option_out_folder")] = None,
) -> None:
    """Bargain over every option of every village: how likely each is agreed on, on which terms; made once and kept."""
    from app.bargaining.agreement_folder import agreements_text, write_agreements
    from app.files.atomic import check_new_folder
    from app.runs.agreement_store import looked_at
    from app.runs.loading import load_resolved

    if out is not None:
        check_new_folder(out)
    resolved = looked_at(load_resolved(city, scenario))
    if out is not None:
        write_agreements(out, resolved, city=city)
    print(agreements_text(resolved, out, reader_language()))
