"""`renewal bargain`: the parties of each village bargain over a plan."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from app.cli.commands import add_command
from app.words.language import reader_language
from data.errors import refuse


def register(renewal: typer.Typer) -> None:
    """Add the command."""
    add_command(renewal, "bargain", bargain, "command_bargain")


def bargain(
    *,
    run: Annotated[Path, typer.Option(metavar="DIR", help="option_run")],
    plan: Annotated[str, typer.Option(metavar="ID", help="option_plan_id")],
    out: Annotated[Path, typer.Option(metavar="DIR", help="option_out_folder")],
    village: Annotated[str | None, typer.Option(metavar="ID", help="option_bargain_village")] = None,
    pool: Annotated[int, typer.Option(min=1, max=100, metavar="N", help="option_bargain_pool")] = 1,
    rounds: Annotated[int, typer.Option(min=1, max=100, metavar="K", help="option_bargain_rounds")] = 1,
    city: Annotated[str | None, typer.Option(metavar="CITY", help="option_evaluate_city")] = None,
    seed: Annotated[int, typer.Option(min=0, max=2**63 - 1, metavar="N", help="option_bargain_seed")] = 0,
    draws: Annotated[int, typer.Option(min=1, max=10_000, metavar="R", help="option_bargain_draws")] = 200,
    speak: Annotated[bool, typer.Option("--speak", help="option_bargain_speak")] = False,
) -> None:
    """Villagers, developer, government and tenants bargain: who is satisfied, why, on what they agree, how likely."""
    from app.bargaining.bargain_folder import write_bargain
    from app.bargaining.bargain_text import bargain_text
    from app.bargaining.bargained_plan import Table, bargain_plan
    from app.bargaining.spoken import speak as let_speak
    from app.files.atomic import check_new_folder
    from app.language_model.conversation import conversation_of_environment
    from app.runs.run_folder import load_run

    check_new_folder(out)
    if village is not None and pool > 1:
        raise refuse("options_exclude", first="--village", second="--pool", layer="--village, --pool")
    conversation = conversation_of_environment() if speak else None
    found = load_run(run, city=city)
    table = Table(seed=seed, n_draws=draws, village_id=village, pool_size=pool, most_rounds=rounds)
    bargained = bargain_plan(found.resolved, found.plan(plan), table)
    spoken = None if conversation is None else let_speak(bargained, conversation, reader_language())
    source = city or found.record.city.source
    write_bargain(out, bargained, city=source, plan_id=plan, run=run.name, spoken=spoken)
    print(bargain_text(bargained, out, reader_language(), tells_all=village is not None, spoken=spoken))
