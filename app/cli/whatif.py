"""`renewal whatif`: what a plan would do with one village decided otherwise, and which single change helps most."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from app.cli.commands import add_command
from app.words.language import reader_language
from data.errors import refuse

if TYPE_CHECKING:
    from app.whatif.asked_plan import AskedPlan


def register(renewal: typer.Typer) -> None:
    """Add the command."""
    add_command(renewal, "whatif", whatif, "command_whatif")


def whatif(
    *,
    run: Annotated[Path, typer.Option(metavar="DIR", help="option_run")],
    plan: Annotated[str, typer.Option(metavar="ID", help="option_plan_id")],
    village: Annotated[str | None, typer.Option(metavar="ID", help="option_whatif_village")] = None,
    change: Annotated[list[str] | None, typer.Option(metavar="WORD", help="option_whatif_change")] = None,
    meet: Annotated[str | None, typer.Option(metavar="RULE", help="option_whatif_meet")] = None,
    weights: Annotated[str | None, typer.Option(metavar="NAME=W,...", help="option_whatif_weights")] = None,
    out: Annotated[Path | None, typer.Option(metavar="DIR", help="option_whatif_out")] = None,
    city: Annotated[str | None, typer.Option(metavar="CITY", help="option_evaluate_city")] = None,
    threads: Annotated[int, typer.Option(min=1, metavar="K", help="option_threads")] = 2,
) -> None:
    """One change of a village, all changes of it, all neighbors of the plan, or the smallest change that mends it."""
    from app.files.atomic import check_new_folder

    if change and village is None:
        raise refuse("whatif_change_of_nobody", layer="--change")
    if meet is not None and village is not None:
        raise refuse("options_exclude", first="--meet", second="--village", layer="--meet, --village")
    if out is not None:
        check_new_folder(out)
    asked = open_plan(run, plan, weights=weights, city=city, threads=threads)
    if meet is not None:
        _tell_smallest(asked, meet, out)
    elif village is None:
        _tell_neighborhood(asked, out, threads)
    else:
        _tell_village(asked, village, change or [], out, threads)


def open_plan(run: Path, plan: str, *, weights: str | None, city: str | None, threads: int) -> AskedPlan:
    """The plan of a run that is asked about, judged by the weights given or by its own."""
    from app.cli.policy import read_weights
    from app.runs.run_folder import load_run
    from app.whatif.asked_plan import asked_plan
    from envs.models.kernel_model import KernelModel

    loaded = load_run(run, city=city)
    model = KernelModel(loaded.resolved, loaded.record.objectives, threads=threads)
    return asked_plan(loaded, plan, model, weights=None if weights is None else read_weights(weights))


def _tell_neighborhood(asked: AskedPlan, out: Path | None, threads: int) -> None:
    from app.whatif.frames import neighbors_frame
    from app.whatif.whatif_folder import write_whatif
    from app.whatif.whatif_text import neighborhood_text
    from optimizers.whatif.neighborhood import neighborhood

    found = neighborhood(asked.model, asked.plan, asked.preference, threads=threads)
    if out is not None:
        write_whatif(out, asked, {"neighbors": neighbors_frame(asked.model.resolved, asked.plan, found)})
    tell(asked, neighborhood_text(asked, found, reader_language()), out)


def _tell_smallest(asked: AskedPlan, rule: str, out: Path | None) -> None:
    from app.plans.tables import plan_rows
    from app.whatif.frames import smallest_frame
    from app.whatif.smallest_text import smallest_text
    from app.whatif.whatif_folder import write_whatif
    from envs.changes.village_change import changed_together
    from optimizers.whatif.smallest import smallest_change

    resolved, found = asked.model.resolved, smallest_change(asked.standing, rule)
    if out is not None:
        mended = plan_rows(changed_together(asked.plan, found.changes), resolved.city.villages.village_id)
        tables = {"smallest": smallest_frame(resolved, asked.plan, found)} if found.changes else {}
        write_whatif(out, asked, tables, plans={"mended.csv": mended} if found.changes else None)
    tell(asked, smallest_text(asked, found, reader_language()), out)


def _tell_village(asked: AskedPlan, village: str, words: list[str], out: Path | None, threads: int) -> None:
    from app.whatif.asked_change import asked_change
    from app.whatif.frames import differences_frame, rules_frame
    from app.whatif.village_changes import changes_to_tell, position_of
    from app.whatif.whatif_folder import write_whatif
    from app.whatif.whatif_text import one_change_text, village_text
    from envs.changes.effects import measure_changes

    resolved, idx = asked.model.resolved, position_of(asked.model.resolved.city, village)
    changes = [asked_change(asked.standing, idx, words)] if words else changes_to_tell(asked.standing, idx)
    effects = measure_changes(resolved, asked.plan, changes, threads=threads)
    if out is not None:
        tables = {
            "differences": differences_frame(resolved, asked.plan, effects),
            "rules": rules_frame(resolved, asked.plan, effects),
        }
        write_whatif(out, asked, tables)
    language = reader_language()
    told = one_change_text(asked, effects, 0, language) if words else village_text(asked, effects, language)
    tell(asked, told, out)


def tell(asked: AskedPlan, told: str, out: Path | None) -> None:
    """Print what was found, what it is judged by, and where files lie."""
    from app.whatif.whatif_text import judged_by_words
    from app.words.console import COLUMNS, filled, synthetic_text
    from data.catalogue import text

    language = reader_language()
    paragraphs = [
        told,
        "\n".join(filled(judged_by_words(asked, language), COLUMNS)),
        text("screening", language),
        synthetic_text(asked.model.resolved.city.synthetic, language),
        "" if out is None else text("files_at", language, path=out),
    ]
    print("\n\n".join(paragraph for paragraph in paragraphs if paragraph))
