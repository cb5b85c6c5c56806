"""`renewal evaluate` and `renewal check`: what one plan does, and which rules it breaks."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from app.words.console import Language

CityOption = Annotated[str, typer.Option(metavar="CITY", help="Embedded city or GeoPackage.")]
ScenarioOption = Annotated[str, typer.Option(metavar="SCENARIO", help="Preset or YAML file.")]
PlanOption = Annotated[Path, typer.Option(metavar="PLAN.csv", help="Villages not listed are kept.")]
LanguageOption = Annotated[Language | None, typer.Option("--lang", help="Language of tables; by default the system's.")]


def register(renewal: typer.Typer) -> None:
    """Add the commands."""
    renewal.command("evaluate")(evaluate_plan)
    renewal.command("check")(check_plan)


def evaluate_plan(
    city: CityOption,
    scenario: ScenarioOption,
    plan: PlanOption,
    out: Annotated[Path, typer.Option(metavar="DIR", help="Folder to write; must be new or empty.")],
    lang: LanguageOption = None,
) -> None:
    """Evaluate one plan: all indicators, yearly series, cash flow by village, places, districts."""
    from app.files.atomic import check_new_folder, new_folder
    from app.plans.tables import plan_tables
    from app.runs.evaluation_folder import outcome_text, write_outcome
    from app.runs.loading import load_resolved
    from app.runs.plan_files import read_plan
    from app.words.console import default_language

    check_new_folder(out)
    resolved = load_resolved(city, scenario)
    tables = plan_tables(resolved, read_plan(plan, resolved.city, resolved.scenario.plan_years))
    with new_folder(out) as draft:
        outcome = write_outcome(draft, tables, city)
    print(outcome_text(tables, outcome, lang or default_language()))
    print(f"\n{out}")


def check_plan(city: CityOption, scenario: ScenarioOption, plan: PlanOption, lang: LanguageOption = None) -> None:
    """Say rule by rule what holds and what does not."""
    from app.plans.rule_table import findings_text
    from app.runs.loading import load_resolved
    from app.runs.plan_files import read_plan
    from app.words.console import default_language
    from envs.rules.check import check

    resolved = load_resolved(city, scenario)
    findings = check(resolved, read_plan(plan, resolved.city, resolved.scenario.plan_years))
    print(findings_text(findings, lang or default_language()))
