"""`renewal people day`: where people are at which hour, and the trips they make, before and after a plan."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from app.words.language import reader_language
from data.errors import refuse


def day(
    *,
    out: Annotated[Path, typer.Option(metavar="DIR", help="option_out_folder")],
    run: Annotated[Path | None, typer.Option(metavar="DIR", help="option_day_run")] = None,
    plan: Annotated[str | None, typer.Option(metavar="ID", help="option_day_plan")] = None,
    city: Annotated[str | None, typer.Option(metavar="CITY", help="option_evaluate_city")] = None,
    scenario: Annotated[str | None, typer.Option(metavar="SCENARIO", help="option_people_scenario")] = None,
    year: Annotated[int | None, typer.Option(min=0, metavar="Y", help="option_day_year")] = None,
) -> None:
    """Persons present by hour and place, trips by purpose, mode and group, before and after a plan."""
    from app.files.atomic import check_new_folder
    from app.people.day_folder import write_day
    from app.people.day_of_plan import plan_day
    from app.people.day_text import day_text
    from app.runs.loading import load_resolved
    from app.runs.run_folder import load_run

    _check_options(run, plan, city, scenario, year)
    check_new_folder(out)
    if run is None:
        source = str(city)
        shown = plan_day(load_resolved(source, scenario or "balanced"))
    else:
        found = load_run(run, city=city)
        source = city or found.record.city.source
        shown = plan_day(found.resolved, found.plan(str(plan)), year)
    write_day(out, shown, city=source, plan_id=plan, run=None if run is None else run.name)
    print(day_text(shown, out, reader_language()))


def _check_options(
    run: Path | None, plan: str | None, city: str | None, scenario: str | None, year: int | None
) -> None:
    """Either a plan of a run, or a city alone."""
    if run is None:
        if city is None:
            raise refuse("needed_without_run", layer="--city")
        for option, given in (("--plan", plan), ("--year", year)):
            if given is not None:
                raise refuse("day_needs_run", layer=option, option=option)
    elif plan is None:
        raise refuse("day_needs_plan", layer="--plan")
    elif scenario is not None:
        raise refuse("options_exclude", first="--run", second="--scenario", layer="--run, --scenario")
