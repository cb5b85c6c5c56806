"""`renewal evaluate` and `renewal check`: what one plan does, and which rules it breaks."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from app.cli.commands import add_command
from app.runs.names import ExitCode
from app.words.language import reader_language
from data.errors import refuse

if TYPE_CHECKING:
    from envs.kernel import Plans, ResolvedScenario

CityOption = Annotated[str, typer.Option(metavar="CITY", help="option_city")]
ScenarioOption = Annotated[str, typer.Option(metavar="SCENARIO", help="option_scenario")]


def register(renewal: typer.Typer) -> None:
    """Add the commands."""
    add_command(renewal, "evaluate", evaluate_plan, "command_evaluate")
    add_command(renewal, "check", check_plan, "command_check")


def evaluate_plan(
    plan: Annotated[str, typer.Option(metavar="PLAN.csv|ID", help="option_plan")],
    out: Annotated[Path, typer.Option(metavar="DIR", help="option_out_folder")],
    city: Annotated[str | None, typer.Option(metavar="CITY", help="option_evaluate_city")] = None,
    scenario: Annotated[str | None, typer.Option(metavar="SCENARIO", help="option_scenario")] = None,
    run: Annotated[Path | None, typer.Option(metavar="DIR", help="option_plan_run")] = None,
) -> None:
    """Evaluate one plan: all indicators, yearly series, cash flow by village, places, districts."""
    from app.files.atomic import check_new_folder, new_folder
    from app.plans.tables import plan_tables
    from app.runs.evaluation_folder import outcome_text, write_outcome

    if run is not None and scenario is not None:
        raise refuse("options_exclude", first="--run", second="--scenario", layer="--run, --scenario")
    if run is None and (city is None or scenario is None):
        raise refuse("needed_without_run", layer="--city" if city is None else "--scenario")
    check_new_folder(out)
    resolved, plans, city = _of_run(run, plan, city) if run else _of_table(str(city), str(scenario), Path(plan))
    tables = plan_tables(resolved, plans)
    with new_folder(out) as draft:
        outcome = write_outcome(draft, tables, city)
    print(outcome_text(tables, outcome, reader_language()))
    print(f"\n{out}")


def _of_table(city: str, scenario: str, path: Path) -> tuple[ResolvedScenario, Plans, str]:
    """A plan in a table of one's own, its scenario against its city, and where the city lies."""
    from app.plans.reading_text import reading_text
    from app.runs.brought_plans import read_brought_plan
    from app.runs.loading import load_resolved

    resolved = load_resolved(city, scenario)
    brought = read_brought_plan(path, resolved)
    said = reading_text(brought.notes, brought.filled, reader_language())
    if said:
        print(f"{said}\n")
    return resolved, brought.asked, city


def _of_run(folder: Path, plan_id: str, city: str | None) -> tuple[ResolvedScenario, Plans, str]:
    """A plan of a run, the run's scenario against its city, and where the city lies."""
    from app.runs.run_folder import load_run

    run = load_run(folder, city=city)
    return run.resolved, run.plan(plan_id), city or run.record.city.source


def check_plan(
    city: CityOption,
    scenario: ScenarioOption,
    plan: Annotated[Path, typer.Option(metavar="PLAN.csv", help="option_plan_table")],
    report: Annotated[Path | None, typer.Option(metavar="F.json", help="option_check_report")] = None,
) -> None:
    """Say rule by rule what holds and what does not; exit 3 if the plan breaks a hard rule."""
    from app.files.atomic import check_new_file, new_file, write_json
    from app.plans.rule_table import broken_hard_rules, broken_told_rules, finding_record, findings_text
    from envs.rules.check import check

    if report is not None:
        check_new_file(report, ".json", layer="--report")
    resolved, plans, _ = _of_table(city, scenario, plan)
    findings = check(resolved, plans)
    broken = broken_hard_rules(findings)
    if report is not None:
        with new_file(report) as draft:
            write_json(
                draft,
                {
                    "valid": not broken,
                    "broken": broken,
                    "reported_broken": broken_told_rules(findings),
                    "rules": [finding_record(item) for item in findings],
                },
            )
    print(findings_text(findings, reader_language()))
    if broken:
        raise typer.Exit(ExitCode.RULE_BROKEN)
