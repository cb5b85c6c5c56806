"""`renewal evaluate` and `renewal check`: what one plan does, and which rules it breaks."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from app.cli.commands import add_command
from app.runs.names import ExitCode
from app.words.language import reader_language
from data.catalogue import text
from data.errors import refuse

if TYPE_CHECKING:
    from app.compliance.exceptions import GrantedException
    from app.compliance.matrix import Compliance
    from envs.kernel import Plans, ResolvedScenario


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

    check_new_folder(out)
    resolved, plans, city = _asked_plan(city, scenario, run, plan)
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
    plan: Annotated[str, typer.Option(metavar="PLAN.csv|ID", help="option_plan")],
    city: Annotated[str | None, typer.Option(metavar="CITY", help="option_evaluate_city")] = None,
    scenario: Annotated[str | None, typer.Option(metavar="SCENARIO", help="option_scenario")] = None,
    run: Annotated[Path | None, typer.Option(metavar="DIR", help="option_plan_run")] = None,
    exceptions: Annotated[Path | None, typer.Option(metavar="F.csv|F.yaml", help="option_exceptions")] = None,
    keep: Annotated[bool, typer.Option("--keep", help="option_exceptions_keep")] = False,
    report: Annotated[Path | None, typer.Option(metavar="F", help="option_check_report")] = None,
) -> None:
    """Say rule by rule what holds and what does not; exit 3 if the plan breaks a hard rule, exception or not."""
    from app.compliance.exception_files import exceptions_of_file, exceptions_of_run
    from app.compliance.matrix import compliance
    from app.compliance.words import compliance_text
    from app.exports.compliance_files import COMPLIANCE_SUFFIXES, write_compliance
    from app.files.atomic import check_new_file
    from app.plans.tables import plan_tables

    if report is not None:
        check_new_file(report, *COMPLIANCE_SUFFIXES, layer="--report")
    if keep and exceptions is None:
        raise refuse("exceptions_keep_nothing", layer="--keep")
    resolved, plans, _ = _asked_plan(city, scenario, run, plan)
    beside = exceptions_of_run(run, plan) if run is not None else exceptions_of_file(Path(plan))
    found = compliance(resolved, plans, _exceptions(exceptions, beside, resolved))
    if report is not None:
        name = plan if run is not None else Path(plan).stem
        write_compliance(report, found, plan_tables(resolved, plans), name, language=reader_language())
    print(compliance_text(found, reader_language()))
    if keep:
        _keep(beside, found)
    if found.broken_hard:
        raise typer.Exit(ExitCode.RULE_BROKEN)


def _asked_plan(
    city: str | None, scenario: str | None, run: Path | None, plan: str
) -> tuple[ResolvedScenario, Plans, str]:
    """A plan of a run, or in a table of one's own, with what it is judged against, and where the city lies."""
    if run is not None and scenario is not None:
        raise refuse("options_exclude", first="--run", second="--scenario", layer="--run, --scenario")
    if run is None and (city is None or scenario is None):
        raise refuse("needed_without_run", layer="--city" if city is None else "--scenario")
    return _of_run(run, plan, city) if run else _of_table(str(city), str(scenario), Path(plan))


def _exceptions(named: Path | None, beside: Path, resolved: ResolvedScenario) -> tuple[GrantedException, ...]:
    """Exceptions of the file that is named, else of the one beside the plan, which is then said."""
    from app.compliance.exception_files import kept_exceptions, read_exceptions

    if named is not None:
        return read_exceptions(named, resolved)
    read = kept_exceptions(beside, resolved)
    if read:
        print(text("compliance_read", reader_language(), file=str(beside)) + "\n")
    return read


def _keep(beside: Path, found: Compliance) -> None:
    """Store the exceptions beside the plan, bound to it."""
    from app.compliance.exception_files import write_exceptions
    from app.compliance.exceptions import bound

    granted = [item for item, _ in found.exceptions]
    write_exceptions(beside, bound(granted, found.plan_digest, found.resolved.digest))
    print("\n" + text("compliance_kept", reader_language(), file=str(beside)))
