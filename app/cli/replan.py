"""`renewal optimize --from RUN --plan ID --year Y`: the rest of a plan, planned again."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from data.errors import refuse

if TYPE_CHECKING:
    from app.runs.resume import GivenOptions
    from app.runs.search_report import SearchReport
    from envs.kernel import ResolvedScenario
    from optimizers.algorithms.request import SearchRequest


@dataclass(frozen=True)
class AskedRest:
    """Whose rest is planned again.

    Attributes:
        run: folder of the run.
        plan_id: of its plan.
        year: first year that is open again.
        actuals: file of what has happened; None = all went as planned.
        first_year: year of the calendar that is the programme's first.
    """

    run: Path
    plan_id: str
    year: int
    actuals: Path | None
    first_year: int | None


def asked_rest(
    run: Path | None, plan: str | None, year: int | None, actuals: Path | None, first_year: int | None
) -> AskedRest | None:
    """What the options ask for; None where they ask for no rest.

    Raises:
        InputError: some of the options are missing.
    """
    if run is None and plan is None and year is None and actuals is None and first_year is None:
        return None
    if run is None or plan is None or year is None or (first_year is not None and actuals is None):
        raise refuse("replan_needs", layer="--from")
    return AskedRest(run, plan, year, actuals, first_year)


def refuse_given_besides(options: GivenOptions, *, seed_plans: Path | None, model: str | None, resume: bool) -> None:
    """Refuse options that say what the run that is planned from says.

    Raises:
        InputError: names the option.
    """
    given = {
        "--scenario": options.scenario is not None,
        "--objectives": bool(options.objectives),
        "--seed-plans": seed_plans is not None,
        "--model": model is not None,
        "--resume": resume,
    }
    for name, is_given in given.items():
        if is_given:
            raise refuse("replan_option_of_run", layer=name)


def plan_rest_again(
    out: Path,
    wanted: AskedRest,
    request: SearchRequest,
    *,
    city: str | None,
    language: str,
    checkpoint_seconds: float,
    with_policy: bool,
) -> tuple[ResolvedScenario, SearchReport]:
    """Fix what has happened, say so, and search the rest.

    Raises:
        InputError: see app.record.replanning.replan.
    """
    from app.files.atomic import check_new_folder
    from app.record.actuals_file import actuals_digest, keep_actuals
    from app.record.entries import entries_of
    from app.record.log import read_log
    from app.record.replanning import replan
    from app.record.replanning_text import replanning_text
    from app.record.subject import named_subject
    from app.runs.optimize import SeedRun, optimize_into
    from app.runs.record import Replanned
    from app.runs.run_folder import load_run
    from data.importing.plans.actuals import read_actuals

    check_new_folder(out)
    run = load_run(wanted.run, city=city)
    subject = named_subject(run, wanted.plan_id, entries_of(read_log(wanted.run), wanted.run))
    years, actuals = run.resolved.scenario.plan_years, None
    if wanted.actuals is not None:
        actuals = read_actuals(wanted.actuals, run.resolved.city, years, first_year=wanted.first_year)
    again = replan(run, subject.plan, wanted.year, actuals)
    print(replanning_text(again, actuals, language) + "\n")
    replanned = Replanned(
        run=run.folder.resolve().name,
        plan_id=subject.digests.plan_id,
        plan=subject.digests.plan,
        year=wanted.year,
        actuals=None if actuals is None else actuals_digest(actuals, run.resolved.city),
    )
    report = optimize_into(
        out,
        again.resolved,
        request,
        city=city or run.record.city.source,
        language=language,
        seed_run=SeedRun(replanned.run, again.seeds, replanned),
        with_policy=with_policy,
        checkpoint_seconds=checkpoint_seconds,
    )
    if actuals is not None:
        keep_actuals(out, actuals, run.resolved.city)
    return again.resolved, report
