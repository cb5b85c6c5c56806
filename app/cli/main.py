"""The command `renewal`: one typer application, and the exit codes that docs and scripts rely on.

Exit 0 done; 2 wrong input, told in one message on standard error; 130 interrupted; 1 a defect of ours. Only typer and
light modules are imported here, so that every `--help` answers at once.
"""

from __future__ import annotations

import os
import sys
import traceback

import typer

from app.cli import city, compare, evaluate, optimize, policy, scenario, seek, sensitivity, serve, tools
from app.files.atomic import disk_refusal
from app.runs.names import ExitCode
from data.errors import InputError

_UsageProblem = next(kind for kind in typer.BadParameter.__mro__ if kind.__name__ == "ClickException")
"""Base of typer's complaints about options and commands; typer exports only its subclass."""


def build_app() -> typer.Typer:
    """The application with every command registered."""
    renewal = typer.Typer(
        name="renewal",
        help="Which urban villages to renew, when, how densely and with what. Screening, not appraisal.",
        no_args_is_help=True,
        add_completion=False,
        rich_markup_mode=None,
        pretty_exceptions_enable=False,
    )
    tools.register(renewal)
    renewal.add_typer(city.build_app(), name="city")
    renewal.add_typer(scenario.build_app(), name="scenario")
    evaluate.register(renewal)
    optimize.register(renewal)
    policy.register(renewal)
    compare.register(renewal)
    seek.register(renewal)
    sensitivity.register(renewal)
    serve.register(renewal)
    return renewal


def main(arguments: list[str] | None = None) -> int:
    """Run the command line.

    Args:
        arguments: without the program's name; None = those of the process.

    Returns:
        The exit code.
    """
    _tolerate_narrow_terminals()
    try:
        code = build_app()(args=arguments, prog_name="renewal", standalone_mode=False)
        sys.stdout.flush()
    except InputError as error:
        return _refuse(str(error))
    except _UsageProblem as error:  # type: ignore[misc]
        return _refuse(_usage_text(error))
    except (KeyboardInterrupt, typer.Abort):
        sys.stderr.write("interrupted\n")
        return ExitCode.INTERRUPTED
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return ExitCode.DONE
    except Exception as error:
        return _defect(error)
    if code == ExitCode.INTERRUPTED:
        sys.stderr.write("interrupted\n")
    return code if isinstance(code, int) else ExitCode.DONE


def _defect(error: Exception) -> int:
    """A defect of ours, unless the disk refused somewhere."""
    refused = disk_refusal(error) if isinstance(error, OSError) else None
    if refused is not None:
        return _refuse(str(refused))
    traceback.print_exception(error)
    sys.stderr.write("error: this is a defect of the program; please report the lines above\n")
    return ExitCode.DEFECT


def _refuse(text: str) -> int:
    sys.stderr.write(f"error: {text}\n")
    return ExitCode.WRONG_INPUT


def _usage_text(error: Exception) -> str:
    """The complaint, with the command whose help explains it; help asked for by giving no command is printed as is."""
    text = str(getattr(error, "format_message", error.__str__)())
    context = getattr(error, "ctx", None)
    if type(error).__name__ == "NoArgsIsHelpError":
        return f"a command is needed\n{text}"
    path = context.command_path if context is not None else "renewal"
    return f"{text} (see `{path} --help`)"


def _tolerate_narrow_terminals() -> None:
    """Write a question mark where the terminal cannot show a character, rather than fail."""
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(errors="replace")


if __name__ == "__main__":
    sys.exit(main())
