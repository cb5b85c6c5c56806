"""The command `renewal`: one typer application, its language, and the exit codes that docs and scripts rely on.

Exit 0 done; 2 wrong input, told in one message on standard error; 3 the plan breaks a hard rule; 4 runs of a sweep
failed; 130 interrupted; 1 a defect of ours. Only typer and light modules are imported here, so that every `--help`
answers at once.
"""

from __future__ import annotations

import os
import select
import sys
from contextlib import suppress
from typing import IO

import typer
from typer.main import get_command

from app.cli import (
    bargain,
    city,
    diagnose,
    evaluate,
    explain,
    judge,
    optimize,
    people,
    policy,
    record,
    robust,
    scenario,
    seek,
    serve,
    stress,
    studies,
    sweep,
    title,
    tools,
    whatif,
    whynot,
)
from app.cli.commands import new_group
from app.cli.usage import UsageProblem, usage_refusal
from app.runs.names import ExitCode
from app.words.language import Language, default_language, reading, split_language
from data.catalogue import text
from data.errors import InputError


def build_app() -> typer.Typer:
    """The application with every command registered."""
    renewal = new_group("command_renewal")
    tools.register(renewal)
    renewal.add_typer(city.build_app(), name="city")
    renewal.add_typer(scenario.build_app(), name="scenario")
    diagnose.register(renewal)
    evaluate.register(renewal)
    judge.register(renewal)
    renewal.add_typer(people.build_app(), name="people")
    bargain.register(renewal)
    explain.register(renewal)
    optimize.register(renewal)
    renewal.add_typer(record.build_app(), name="record")
    title.register(renewal)
    policy.register(renewal)
    studies.register(renewal)
    seek.register(renewal)
    whatif.register(renewal)
    robust.register(renewal)
    stress.register(renewal)
    sweep.register(renewal)
    whynot.register(renewal)
    serve.register(renewal)
    return renewal


def main(arguments: list[str] | None = None) -> int:
    """Run the command line.

    Args:
        arguments: without the program's name; None = those of the process.

    Returns:
        The exit code.
    """
    _open_closed_streams()
    try:
        others, language = split_language(sys.argv[1:] if arguments is None else arguments)
    except InputError as error:
        return _refuse(error, default_language())
    try:
        with reading(language):
            return _run(others, language)
    finally:
        _let_go(sys.stdout)
        _let_go(sys.stderr)


def _run(arguments: list[str], language: Language) -> int:
    """Run a command, and tell what ended it."""
    try:
        code = _invoke(arguments)
        sys.stdout.flush()
    except InputError as error:
        return _refuse(error, language)
    except UsageProblem as error:  # type: ignore[misc]
        return _refuse_usage(error, language)
    except (KeyboardInterrupt, EOFError, typer.Abort):
        code = ExitCode.INTERRUPTED
    except BrokenPipeError as error:
        return ExitCode.DONE if _is_abandoned(sys.stdout) else _defect(error, language)
    except Exception as error:
        return _defect(error, language)
    if code == ExitCode.INTERRUPTED:
        _tell(text("interrupted", language))
    return code


def _invoke(arguments: list[str]) -> int:
    """Run a command without typer's own handling of errors, which has exit codes of its own.

    Returns:
        The exit code.
    """
    command = get_command(build_app())
    try:
        with command.make_context("renewal", arguments) as context:
            command.invoke(context)
    except typer.Exit as ending:
        return ending.exit_code
    return ExitCode.DONE


def _defect(error: Exception, language: Language) -> int:
    """A defect of ours, unless the disk refused somewhere."""
    from app.files.atomic import disk_refusal

    refused = disk_refusal(error) if isinstance(error, OSError) else None
    if refused is not None:
        return _refuse(refused, language)
    import traceback

    with suppress(OSError):
        traceback.print_exception(error)
    _tell(text("error_line", language, message=text("defect_of_the_program", language)))
    return ExitCode.DEFECT


def _refuse(error: InputError, language: Language) -> int:
    _tell(text("error_line", language, message=error.text(language)))
    return ExitCode.WRONG_INPUT


def _refuse_usage(error: Exception, language: Language) -> int:
    """The complaint, with the command whose help explains it; help asked for by giving no command is shown whole."""
    context = getattr(error, "ctx", None)
    if type(error).__name__ == "NoArgsIsHelpError" and context is not None:
        _tell(text("error_line", language, message=text("command_missing", language)))
        _tell(context.get_help())
        return ExitCode.WRONG_INPUT
    command = context.command_path if context is not None else "renewal"
    message = text("see_help", language, message=usage_refusal(error).text(language), command=command)
    _tell(text("error_line", language, message=message))
    return ExitCode.WRONG_INPUT


def _tell(line: str) -> None:
    """Write a line for people, without controls of terminals; whoever closed standard error does not want it."""
    printable = "".join(letter if letter.isprintable() or letter == "\n" else "?" for letter in line)
    with suppress(OSError):
        sys.stderr.write(f"{printable}\n")
        sys.stderr.flush()


def _open_closed_streams() -> None:
    """Send to nowhere what was closed, so that no file we open takes its number; show ? for what a terminal cannot."""
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            setattr(sys, name, os.fdopen(os.open(os.devnull, os.O_RDWR), mode, encoding="utf-8"))
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(errors="replace")


def _is_abandoned(stream: IO[str]) -> bool:
    """Whether nobody reads a stream any more; true of every stream where the system cannot say."""
    if not hasattr(select, "poll"):
        return True
    poll = select.poll()
    poll.register(stream.fileno(), 0)
    return any(event & (select.POLLERR | select.POLLHUP) for _, event in poll.poll(0))


def _let_go(stream: IO[str]) -> None:
    """Write what is left in a stream; drop what cannot be written, so that the interpreter ends in silence."""
    try:
        stream.flush()
    except OSError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


if __name__ == "__main__":
    sys.exit(main())
