"""`renewal whynot`: why a village is not in a plan, or not so early or dense, and what would bring it in."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from app.cli.commands import add_command
from app.words.language import reader_language
from data.errors import refuse


def register(renewal: typer.Typer) -> None:
    """Add the command."""
    add_command(renewal, "whynot", whynot, "command_whynot")


def whynot(
    *,
    run: Annotated[Path, typer.Option(metavar="DIR", help="option_run")],
    plan: Annotated[str, typer.Option(metavar="ID", help="option_plan_id")],
    village: Annotated[str, typer.Option(metavar="ID", help="option_whynot_village")],
    wish: Annotated[str, typer.Option(metavar="in|earlier|denser", help="option_whynot_wish")] = "in",
    weights: Annotated[str | None, typer.Option(metavar="NAME=W,...", help="option_whatif_weights")] = None,
    seconds: Annotated[float, typer.Option(min=0.5, max=600.0, metavar="S", help="option_whynot_seconds")] = 3.5,
    out: Annotated[Path | None, typer.Option(metavar="DIR", help="option_whatif_out")] = None,
    city: Annotated[str | None, typer.Option(metavar="CITY", help="option_evaluate_city")] = None,
    threads: Annotated[int, typer.Option(min=1, metavar="K", help="option_threads")] = 2,
) -> None:
    """Why a village is out, and the least price, density limit, places or weights that bring it in."""
    from app.cli.whatif import open_plan, tell
    from app.files.atomic import check_new_folder
    from app.whatif.frames import levers_frame
    from app.whatif.whatif_folder import write_whatif
    from app.whatif.why_asked import ask_why
    from app.whatif.why_text import answer_words, reason_lines, title_words
    from app.words.console import COLUMNS, filled
    from optimizers.whatif.wish import WISHES

    if wish not in WISHES:
        raise refuse("whynot_wish_unknown", layer="--wish", wish=wish, known=list(WISHES))
    if out is not None:
        check_new_folder(out)
    asked = open_plan(run, plan, weights=weights, city=city, threads=threads)
    told, language = ask_why(asked, village, wish=wish, seconds=seconds), reader_language()
    if out is not None:
        write_whatif(out, asked, {"levers": levers_frame(told)}, command="whynot")
    sentences = [*reason_lines(told, language), *(answer_words(told, answer, language) for answer in told.answers)]
    lines = [line for sentence in sentences for line in filled(f"- {sentence}", COLUMNS)]
    tell(asked, "\n".join([title_words(told, language), *lines]), out)
