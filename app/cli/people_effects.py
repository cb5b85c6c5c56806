"""`renewal people effects`: who gains and who loses by a plan, counted on drawn residents."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from app.words.language import reader_language
from data.errors import refuse


def effects(
    *,
    run: Annotated[Path, typer.Option(metavar="DIR", help="option_plan_run")],
    plan: Annotated[str, typer.Option(metavar="ID", help="option_day_plan")],
    out: Annotated[Path, typer.Option(metavar="DIR", help="option_out_folder")],
    year: Annotated[int | None, typer.Option(min=0, metavar="Y", help="option_day_year")] = None,
    seed: Annotated[int | None, typer.Option(min=0, max=2**63 - 1, metavar="N", help="option_people_seed")] = None,
    draw: Annotated[Path | None, typer.Option(metavar="DIR", help="option_effects_draw")] = None,
    city: Annotated[str | None, typer.Option(metavar="CITY", help="option_evaluate_city")] = None,
    threads: Annotated[int, typer.Option(min=1, metavar="K", help="option_threads")] = 2,
) -> None:
    """Gains and losses by group, fate, district, income tenth and village, and the flows of movers."""
    from app.files.atomic import check_new_folder
    from app.people.effects_folder import write_effects
    from app.people.effects_of_plan import plan_effects
    from app.people.effects_text import effects_text
    from app.runs.run_folder import load_run

    check_new_folder(out)
    if draw is not None and seed is not None:
        raise refuse("options_exclude", first="--draw", second="--seed", layer="--draw, --seed")
    loaded = load_run(run, city=city)
    shown = plan_effects(
        loaded.resolved, loaded.plan(plan), plan, year=year, seed=seed or 0, draw=draw, threads=threads
    )
    source = city or loaded.record.city.source
    write_effects(out, shown, city=source, run=run.name, draw=None if draw is None else draw.name)
    print(effects_text(shown, out, reader_language()))
