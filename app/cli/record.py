"""`renewal record ...`: sign a plan or return it, see where it stands, and look through the record again."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from app.cli.commands import add_command, new_group
from app.words.language import reader_language
from data.errors import refuse

ROLES = "technical|public"

RunOption = Annotated[Path, typer.Option(metavar="DIR", help="option_run")]
PlanOption = Annotated[str, typer.Option(metavar="ID", help="option_record_plan")]
RoleOption = Annotated[str, typer.Option(metavar=ROLES, help="option_record_role")]
NameOption = Annotated[str, typer.Option(metavar="NAME", help="option_record_name")]
FirstYearOption = Annotated[int | None, typer.Option(metavar="YEAR", help="option_record_first_year")]
CityOption = Annotated[str | None, typer.Option(metavar="CITY", help="option_city_moved")]


def build_app() -> typer.Typer:
    """The group of commands."""
    record = new_group("command_record")
    add_command(record, "show", show, "command_record_show")
    add_command(record, "sign", sign, "command_record_sign")
    add_command(record, "return", send_back, "command_record_return")
    add_command(record, "verify", verify, "command_record_verify")
    add_command(record, "actuals", actuals, "command_record_actuals")
    add_command(record, "compare", compare, "command_record_compare")
    return record


def show(
    *,
    run: RunOption,
    plan: Annotated[str | None, typer.Option(metavar="ID", help="option_record_plan_shown")] = None,
    city: CityOption = None,
) -> None:
    """State of a plan, and the entries."""
    from app.record.entries import entries_of
    from app.record.log import read_log
    from app.record.record_text import entries_text, head_text, standing_text
    from app.record.standing import standing_of
    from app.record.subject import named_subject
    from app.runs.record import read_finished_record
    from app.runs.run_folder import load_run

    read_finished_record(run)
    log, language, lines = read_log(run), reader_language(), []
    entries = entries_of(log, run)
    if plan is not None:
        subject = named_subject(load_run(run, city=city), plan, entries).digests
        standing = standing_of(entries, subject.digest)
        lines.append(standing_text(subject, standing, entries, language))
        entries = tuple(entry for entry in entries if entry.subject.plan_id == subject.plan_id)
    lines += [entries_text(entries, language), head_text(log, language)]
    print("\n\n".join(line for line in lines if line))


def sign(
    *,
    run: RunOption,
    plan: PlanOption,
    role: RoleOption,
    name: NameOption,
    comment: Annotated[str, typer.Option(metavar="TEXT", help="option_record_comment")] = "",
    city: CityOption = None,
) -> None:
    """Add a signature."""
    from app.record.signing import sign as add_signature

    _act(add_signature, run, plan, role, name, comment, city)


def send_back(
    *,
    run: RunOption,
    plan: PlanOption,
    role: RoleOption,
    name: NameOption,
    comment: Annotated[str, typer.Option(metavar="TEXT", help="option_record_comment")],
    city: CityOption = None,
) -> None:
    """Return a plan."""
    from app.record.signing import send_back as add_return

    _act(add_return, run, plan, role, name, comment, city)


def _act(act: object, run: Path, plan: str, role: str, name: str, comment: str, city: str | None) -> None:
    """Sign or return, and say where the plan stands then."""
    from app.record.entries import Role, entries_of, typed_person
    from app.record.log import read_log
    from app.record.record_text import head_text, standing_text
    from app.record.subject import named_subject
    from app.runs.run_folder import load_run

    if role not in tuple(Role):
        raise refuse("word_not_among", layer="--role", choices=tuple(map(str, Role)), found=role[:40])
    person, loaded = typed_person(name), load_run(run, city=city)
    subject = named_subject(loaded, plan, entries_of(read_log(run), run))
    standing = act(subject, person, Role(role), comment)  # type: ignore[operator]
    log, language = read_log(run), reader_language()
    print(standing_text(subject.digests, standing, entries_of(log, run), language))
    print(head_text(log, language))


def verify(
    *,
    run: RunOption,
    head: Annotated[str | None, typer.Option(metavar="HEX", help="option_record_head")] = None,
    city: CityOption = None,
) -> None:
    """Look through the record again."""
    from app.record.record_text import verified_text
    from app.record.verification import verify as look_through
    from app.runs.record import read_finished_record
    from app.runs.run_folder import load_run

    is_older = read_finished_record(run).is_older
    verified = look_through(run, None if is_older else load_run(run, city=city).resolved, head)
    print(verified_text(verified, head, reader_language()))


def actuals(
    *,
    run: RunOption,
    plan: PlanOption,
    file: Annotated[Path, typer.Option(metavar="F", help="option_record_actuals")],
    name: NameOption,
    comment: Annotated[str, typer.Option(metavar="TEXT", help="option_record_comment_free")] = "",
    first_year: FirstYearOption = None,
    city: CityOption = None,
) -> None:
    """Note what came of an approved plan."""
    from app.plans.tables import plan_tables
    from app.record.actuals_file import note_and_keep_actuals
    from app.record.comparison import compared
    from app.record.comparison_text import comparison_text
    from app.record.entries import entries_of, typed_person
    from app.record.log import read_log
    from app.record.record_text import head_text
    from app.record.subject import named_subject
    from app.runs.run_folder import load_run
    from data.importing.plans.actuals import read_actuals

    person, loaded = typed_person(name), load_run(run, city=city)
    subject = named_subject(loaded, plan, entries_of(read_log(run), run))
    resolved, language = loaded.resolved, reader_language()
    reported = read_actuals(file, resolved.city, resolved.scenario.plan_years, first_year=first_year)
    note_and_keep_actuals(subject, person, reported, comment)
    for note in reported.notes:
        print(note.text(language))
    print(comparison_text(compared(plan_tables(resolved, subject.plan), reported), language))
    print(head_text(read_log(run), language))


def compare(
    *,
    run: RunOption,
    plan: PlanOption,
    out: Annotated[Path, typer.Option(metavar="DIR", help="option_out_folder")],
    file: Annotated[Path | None, typer.Option(metavar="F", help="option_record_actuals_other")] = None,
    first_year: FirstYearOption = None,
    city: CityOption = None,
) -> None:
    """Compare a plan with what came of it."""
    from app.files.atomic import check_new_folder
    from app.plans.tables import plan_tables
    from app.record.actuals_file import noted_actuals
    from app.record.comparison import compared
    from app.record.comparison_folder import write_comparison
    from app.record.comparison_text import comparison_text
    from app.record.entries import entries_of
    from app.record.log import read_log
    from app.record.standing import standing_of
    from app.record.subject import named_subject
    from app.runs.run_folder import load_run
    from data.catalogue import text
    from data.importing.plans.actuals import read_actuals

    check_new_folder(out)
    loaded, entries = load_run(run, city=city), entries_of(read_log(run), run)
    subject = named_subject(loaded, plan, entries)
    resolved, language = loaded.resolved, reader_language()
    if file is None:
        reported = noted_actuals(subject, standing_of(entries, subject.digests.digest))
        if reported is None:
            raise refuse("record_no_actuals", layer="--plan", plan=subject.digests.plan_id)
    else:
        reported = read_actuals(file, resolved.city, resolved.scenario.plan_years, first_year=first_year)
    shown = compared(plan_tables(resolved, subject.plan), reported)
    write_comparison(out, shown, subject, city=city or loaded.record.city.source)
    print(comparison_text(shown, language))
    print(text("compared_evaluator", language))
    print(text("compared_where", language, out=out))
