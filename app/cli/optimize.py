"""`renewal optimize` and `renewal export`: search for plans, and hand one on."""

from __future__ import annotations

import math
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from app.cli.commands import add_command
from app.cli.replan import asked_rest, plan_rest_again, refuse_given_besides
from app.runs.names import ExitCode
from app.words.language import reader_language
from data.catalogue import text
from data.errors import refuse
from optimizers.algorithms.registry import ALGORITHMS, ENDS_BY_ITSELF
from optimizers.algorithms.request import DEFAULT_ALGORITHM

if TYPE_CHECKING:
    from app.runs.resume import GivenOptions
    from app.runs.search_report import SearchReport
    from envs.kernel import ResolvedScenario
    from optimizers.algorithms.request import SearchRequest

DEFAULT_EVALUATIONS = 10_000


def register(renewal: typer.Typer) -> None:
    """Add the commands."""
    add_command(renewal, "optimize", optimize, "command_optimize")
    add_command(renewal, "export", export, "command_export")


def optimize(
    *,
    out: Annotated[Path, typer.Option(metavar="DIR", help="option_run_out")],
    city: Annotated[str | None, typer.Option(metavar="CITY", help="option_city")] = None,
    scenario: Annotated[str | None, typer.Option(metavar="SCENARIO", help="option_scenario")] = None,
    algorithm: Annotated[str | None, typer.Option(metavar="|".join(ALGORITHMS), help="option_algorithm")] = None,
    objectives: Annotated[str | None, typer.Option(metavar="A,B,C", help="option_objectives")] = None,
    seed: Annotated[int | None, typer.Option(min=0, metavar="N", help="option_search_seed")] = None,
    evaluations: Annotated[int | None, typer.Option(min=1, metavar="N", help="option_evaluations")] = None,
    minutes: Annotated[
        float | None,
        typer.Option(metavar="M", help="option_search_minutes"),
    ] = None,
    threads: Annotated[int | None, typer.Option(min=1, metavar="K", help="option_search_threads")] = None,
    seed_plans: Annotated[Path | None, typer.Option(metavar="RUN", help="option_seed_plans")] = None,
    policy: Annotated[bool, typer.Option("--policy/--no-policy", help="option_search_policy")] = True,
    model: Annotated[str | None, typer.Option(metavar="FILE.py:NAME", help="option_model")] = None,
    from_run: Annotated[Path | None, typer.Option("--from", metavar="RUN", help="option_replan_from")] = None,
    plan: Annotated[str | None, typer.Option(metavar="ID", help="option_replan_plan")] = None,
    year: Annotated[int | None, typer.Option(metavar="Y", help="option_replan_year")] = None,
    actuals: Annotated[Path | None, typer.Option(metavar="F", help="option_replan_actuals")] = None,
    first_year: Annotated[int | None, typer.Option(metavar="YEAR", help="option_record_first_year")] = None,
    resume: Annotated[bool, typer.Option("--resume", help="option_resume")] = False,
    checkpoint_seconds: Annotated[float, typer.Option(metavar="S", help="option_checkpoint_seconds")] = 10.0,
    title: Annotated[str | None, typer.Option(metavar="TITLE", help="option_title")] = None,
    phases: Annotated[Path | None, typer.Option(metavar="F", help="option_phases")] = None,
) -> None:
    """Search for a front of plans; Ctrl-C or a file `cancel` in the run folder stops early and keeps what was found."""
    _refuse_no_time({"--minutes": minutes, "--checkpoint-seconds": checkpoint_seconds})
    from app.runs.phases import Phase, begin_phase, watched
    from app.runs.resume import GivenOptions
    from app.runs.summary import complete_text, summary_text
    from app.runs.title import titled
    from optimizers.algorithms.request import Budget

    names = tuple(name.strip() for name in objectives.split(",")) if objectives is not None else ()
    options = GivenOptions(
        city=city,
        scenario=scenario,
        objectives=names,
        algorithm=algorithm,
        seed=seed,
        budget=Budget(evaluations, minutes),
        threads=threads,
    )
    language = reader_language()
    wanted = asked_rest(from_run, plan, year, actuals, first_year)
    if wanted is not None:
        refuse_given_besides(options, seed_plans=seed_plans, model=model, resume=resume)
    with titled(out, title), watched(phases):
        begin_phase(Phase.READING)
        if model is not None:
            _refuse_of_kernel({"--city": city, "--scenario": scenario, "--seed-plans": seed_plans})
            _search_model(out, model, options, resume=resume, language=language, checkpoint_seconds=checkpoint_seconds)
            return
        if resume:
            if not policy:
                raise refuse("no_policy_on_resume", layer="--no-policy")
            outcome = _continued(out, options, seed_plans, language, checkpoint_seconds)
            if outcome is None:
                print(complete_text(out, language))
                return
        elif wanted is not None:
            outcome = plan_rest_again(
                out,
                wanted,
                search_request(options),
                city=city,
                language=language,
                checkpoint_seconds=checkpoint_seconds,
                with_policy=policy,
            )
        else:
            outcome = _begun(out, options, seed_plans, language, checkpoint_seconds, with_policy=policy)
    resolved, report = outcome
    print(summary_text(resolved, report, out, language))
    if report.interrupted:
        raise typer.Exit(ExitCode.INTERRUPTED)


def _refuse_no_time(given: Mapping[str, float | None]) -> None:
    """Refuse times that are none."""
    for name, number in given.items():
        if number is not None and not (math.isfinite(number) and number > 0.0):
            raise refuse("number_not_positive", layer=name, number=number)


def _refuse_of_kernel(given: Mapping[str, object]) -> None:
    """Refuse what only the program's kernel knows, where a model of the user's own is searched."""
    for name, unfit in given.items():
        if unfit is not None:
            raise refuse("option_of_the_kernel", layer=name)


def _continued(
    out: Path, options: GivenOptions, seed_plans: Path | None, language: str, checkpoint_seconds: float
) -> tuple[ResolvedScenario, SearchReport] | None:
    """Continue a run; None where it is complete."""
    from app.runs.resume import resume_run

    if seed_plans is not None:
        raise refuse("seed_plans_on_resume", layer="--seed-plans")
    return resume_run(out, options, language=language, checkpoint_seconds=checkpoint_seconds)


def _begun(
    out: Path,
    options: GivenOptions,
    seed_plans: Path | None,
    language: str,
    checkpoint_seconds: float,
    *,
    with_policy: bool,
) -> tuple[ResolvedScenario, SearchReport]:
    """Begin a run."""
    from app.files.atomic import check_new_folder
    from app.runs.loading import load_searchable
    from app.runs.optimize import SeedRun, optimize_into
    from app.runs.run_folder import seed_plans_of

    if options.city is None or options.scenario is None:
        missing = "--city" if options.city is None else "--scenario"
        raise refuse("needed_without_resume", layer=missing, out=out)
    check_new_folder(out)
    resolved = load_searchable(options.city, options.scenario, objectives=options.objectives)
    seed_run = None
    if seed_plans is not None:
        seed_run = SeedRun(seed_plans.resolve().name, seed_plans_of(seed_plans, resolved.city, options.city))
    return resolved, optimize_into(
        out,
        resolved,
        search_request(options),
        city=options.city,
        language=language,
        seed_run=seed_run,
        with_policy=with_policy,
        checkpoint_seconds=checkpoint_seconds,
    )


def search_request(options: GivenOptions) -> SearchRequest:
    """The search that options ask for; a budget that is left open is DEFAULT_EVALUATIONS."""
    from optimizers.algorithms.request import Budget, SearchRequest

    algorithm, budget = options.algorithm or DEFAULT_ALGORITHM, options.budget
    if budget.is_open and algorithm not in ENDS_BY_ITSELF:
        budget = Budget(DEFAULT_EVALUATIONS)
    return SearchRequest(algorithm=algorithm, seed=options.seed or 0, budget=budget, threads=options.threads or 1)


def _search_model(
    out: Path, source: str, options: GivenOptions, *, resume: bool, language: str, checkpoint_seconds: float
) -> None:
    """Search a model of the user's own, or go on with it, and say what was found."""
    from app.files.atomic import check_new_folder
    from app.runs.own_model.model_file import load_model
    from app.runs.own_model.model_summary import model_summary_text
    from app.runs.own_model.optimize_model import optimize_model_into, resume_model_into
    from optimizers.algorithms.request import Budget, SearchRequest

    if not resume:
        check_new_folder(out)
    loaded = load_model(source)
    if resume:
        report = resume_model_into(out, loaded, options.budget, checkpoint_seconds=checkpoint_seconds)
    else:
        algorithm, budget = options.algorithm or DEFAULT_ALGORITHM, options.budget
        if budget.is_open and algorithm not in ENDS_BY_ITSELF:
            budget = Budget(DEFAULT_EVALUATIONS)
        names, threads = options.objectives or None, options.threads or 1
        request = SearchRequest(algorithm, names, seed=options.seed or 0, budget=budget, threads=threads)
        report = optimize_model_into(out, loaded, request, language=language, checkpoint_seconds=checkpoint_seconds)
    if report is None:
        print(text("summary_complete_model", language, out=out))
        return
    print(model_summary_text(report, out, language))
    if report.interrupted:
        raise typer.Exit(ExitCode.INTERRUPTED)


def export(
    run: Annotated[Path, typer.Option(metavar="DIR", help="option_run")],
    plan: Annotated[str, typer.Option(metavar="ID", help="option_plan_id")],
    to: Annotated[Path, typer.Option(metavar="F", help="option_to")],
    city: Annotated[str | None, typer.Option(metavar="CITY", help="option_city_moved")] = None,
    explanation: Annotated[Path | None, typer.Option(metavar="DIR", help="option_explanation")] = None,
) -> None:
    """Export one plan of a run, or a report or brief on it, with its assumptions and what is synthetic."""
    from app.exports.formats import check_suffix, export_plan
    from app.files.atomic import check_new_file
    from app.runs.record import read_finished_record
    from app.runs.run_folder import load_run

    check_suffix(to)
    check_new_file(to, layer="--to")
    if read_finished_record(run).is_older:
        from app.exports.stored import export_stored
        from app.runs.stored_run import read_stored_run

        export_stored(read_stored_run(run), plan, to, language=reader_language())
    else:
        export_plan(load_run(run, city=city), plan, to, language=reader_language(), explanation=explanation)
    print(to)
