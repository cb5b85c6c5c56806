"""`renewal explain`: why a plan is as it is - what each village contributes, and how far that can be trusted."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from app.cli.commands import add_command
from app.words.language import reader_language


def register(renewal: typer.Typer) -> None:
    """Add the command."""
    add_command(renewal, "explain", explain, "command_explain")


def explain(
    *,
    run: Annotated[Path, typer.Option(metavar="DIR", help="option_run")],
    plan: Annotated[str, typer.Option(metavar="ID", help="option_plan_id")],
    out: Annotated[Path, typer.Option(metavar="DIR", help="option_out_folder")],
    chapters: Annotated[str | None, typer.Option(metavar="LIST", help="option_explain_chapters")] = None,
    city: Annotated[str | None, typer.Option(metavar="CITY", help="option_evaluate_city")] = None,
    weights: Annotated[str | None, typer.Option(metavar="NAME=W,...", help="option_whatif_weights")] = None,
    exact: Annotated[int, typer.Option(min=0, max=5, metavar="N", help="option_explain_exact")] = 1,
    threads: Annotated[int, typer.Option(min=1, metavar="K", help="option_threads")] = 2,
) -> None:
    """What each village contributes to every objective, by quantity and choice, and what its removal would lose."""
    from app.cli.policy import read_weights
    from app.files.atomic import check_new_folder
    from app.reasons.explain_folder import chapters_of, explain_text, write_explained
    from app.reasons.explained import Explained, refuse_nothing_renewed
    from app.runs.run_folder import load_run
    from envs.kernel.plans import canonical

    check_new_folder(out)
    asked = chapters_of(chapters)
    found = load_run(run, city=city)
    explained = Explained(
        found.resolved,
        canonical(found.plan(plan)),
        plan,
        threads,
        run=found,
        weights=None if weights is None else read_weights(weights),
        n_exact=exact,
    )
    refuse_nothing_renewed(explained.plan, plan)
    source, language = city or found.record.city.source, reader_language()
    write_explained(out, explained, asked, city=source, run=run.name, language=language)
    print(explain_text(out, explained, asked, language))
