"""Commands and groups of commands as typer has them, whose help and complaints are in the reader's language.

What typer is given as `help` is a key of data/texts/cli_help.yaml.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from typing import Any

import typer
from typer.core import TyperCommand, TyperGroup

from app.cli.usage import UsageProblem, parameter_name
from app.words.console import filled, text_width
from app.words.language import LANGUAGE_OPTION, Language, reader_language
from data.catalogue import read_texts
from data.errors import refuse

WIDEST_HELP, WIDEST_NAMES = 80, 30
"""Width of a help page, and of the names of options and commands in it [terminal columns]."""


@cache
def _help_texts() -> dict[str, dict[str, str]]:
    """The texts of the help pages alone, so that help need not read every text of the program."""
    return read_texts("cli_help")


def help_phrase(key: str, language: Language, **values: object) -> str:
    """A text of the help pages."""
    return _help_texts()[key][language].format(**values)


@contextmanager
def _told_of(context: Any) -> Iterator[None]:  # noqa: ANN401
    """Complaints know the command that they are about; typer's parser forgets it in some."""
    try:
        yield
    except UsageProblem as error:  # type: ignore[misc]
        error.ctx = getattr(error, "ctx", None) or context
        raise


class Command(TyperCommand):
    """A command."""

    def get_help(self, ctx: Any) -> str:  # noqa: ANN401 - typer does not export its contexts' class
        """The help page in the reader's language."""
        return help_page(self, ctx, reader_language())

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:  # noqa: ANN401
        """Read the arguments.

        Raises:
            InputError: there are more than the command takes.
        """
        ctx.allow_extra_args = True
        with _told_of(ctx):
            extra = super().parse_args(ctx, args)
        if extra:
            raise refuse("arguments_unexpected", arguments=extra, command=ctx.command_path)
        return extra


class Group(TyperGroup):
    """A group of commands."""

    def get_help(self, ctx: Any) -> str:  # noqa: ANN401
        """The help page in the reader's language."""
        return help_page(self, ctx, reader_language())

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:  # noqa: ANN401
        """Read the options before the command."""
        with _told_of(ctx):
            return super().parse_args(ctx, args)

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:  # noqa: ANN401
        """The command that is named.

        Raises:
            InputError: there is no such command.
        """
        name = args[0]
        if self.get_command(ctx, name) is None and not name.startswith("-"):
            import difflib

            near = difflib.get_close_matches(name[:80], self.list_commands(ctx))
            if near:
                raise refuse("command_unknown_near", name=name, near=near, command=ctx.command_path)
            raise refuse("command_unknown", name=name, command=ctx.command_path)
        return super().resolve_command(ctx, args)


def new_group(help_key: str) -> typer.Typer:
    """A group without commands.

    Args:
        help_key: of data/texts/cli_help.yaml.
    """
    return typer.Typer(
        cls=Group,
        help=help_key,
        no_args_is_help=True,
        add_completion=False,
        rich_markup_mode=None,
        pretty_exceptions_enable=False,
    )


def add_command(group: typer.Typer, name: str, function: Callable[..., None], help_key: str) -> None:
    """Add a command to a group.

    Args:
        group: the group.
        name: of the command.
        function: what it does; its annotations are its options.
        help_key: of data/texts/cli_help.yaml.
    """
    group.command(name, cls=Command, help=help_key)(function)


def help_page(command: Any, context: Any, language: Language) -> str:  # noqa: ANN401
    """Usage, purpose, arguments, options and commands.

    Args:
        command: a command or a group.
        context: typer's, of this command.
        language: of the reader.
    """
    width = max(min(shutil.get_terminal_size().columns, WIDEST_HELP) - 2, 50)
    parameters = command.get_params(context)
    arguments = [_argument_row(item, language) for item in parameters if item.param_type_name == "argument"]
    options = [_option_row(item, language) for item in parameters if item.param_type_name == "option"]
    language_row = (f"{LANGUAGE_OPTION} zh|en", help_phrase("option_lang", language))
    commands = [
        (name, _first_sentence(help_phrase(item.help, language)))
        for name, item in getattr(command, "commands", {}).items()
    ]
    purpose = "\n".join(f"  {line}" for line in filled(help_phrase(command.help, language), width - 2))
    sections = (
        help_phrase("help_usage", language, command=context.command_path, places=_places(command, language)),
        purpose,
        *_section("help_arguments", arguments, width, language),
        *_section("help_options", [*options[:-1], language_row, *options[-1:]], width, language),
        *_section("help_commands", commands, width, language),
    )
    return "\n\n".join(sections)


def _places(command: Any, language: Language) -> str:  # noqa: ANN401
    """What may follow the name of a command."""
    places = [help_phrase("help_options_place", language)]
    for item in command.params:
        if item.param_type_name == "argument":
            places.append(parameter_name(item) + ("..." if item.nargs == -1 else ""))
    if hasattr(command, "commands"):
        places.append(help_phrase("help_command_place", language))
    return " ".join(places)


def _argument_row(parameter: Any, language: Language) -> tuple[str, str]:  # noqa: ANN401
    return parameter_name(parameter), _described(parameter, language)


def _option_row(parameter: Any, language: Language) -> tuple[str, str]:  # noqa: ANN401
    """Names of an option with the place of its value, and what it is for."""
    names = " / ".join(", ".join(spelled) for spelled in (parameter.opts, parameter.secondary_opts) if spelled)
    return (names if parameter.is_flag else f"{names} {parameter.metavar}"), _described(parameter, language)


def _described(parameter: Any, language: Language) -> str:  # noqa: ANN401
    """What a parameter is for, its default, its range, and whether it must be given."""
    if parameter.name == "help":
        return help_phrase("option_help", language)
    notes = []
    default = parameter.default
    if not parameter.required and default not in (None, "", ()) and not isinstance(default, bool):
        notes.append(help_phrase("help_default", language, value=default))
    low, high = getattr(parameter, "min", None), getattr(parameter, "max", None)
    if low is not None or high is not None:
        notes.append(f"x>={low}" if high is None else f"x<={high}" if low is None else f"{low}<=x<={high}")
    if parameter.required:
        notes.append(help_phrase("help_required", language))
    suffix = f"  [{'; '.join(notes)}]" if notes else ""
    return help_phrase(parameter.help, language) + suffix


def _first_sentence(text: str) -> str:
    """The beginning that a list of commands shows."""
    for end in ("; ", "；", ": ", "："):
        text = text.partition(end)[0]
    return text.rstrip(".。")


def _section(key: str, rows: Sequence[tuple[str, str]], width: int, language: Language) -> Iterator[str]:
    """A heading with its rows; nothing where there are none."""
    if not rows:
        return
    column = min(max(text_width(name) for name, _ in rows), WIDEST_NAMES) + 2
    lines = [help_phrase(key, language)]
    for name, description in rows:
        first, *rest = filled(description, width - column - 2) or [""]
        space = column - text_width(name)
        head = [f"  {name}{' ' * space}{first}"] if space >= 2 else [f"  {name}", " " * (column + 2) + first]
        lines += [line.rstrip() for line in (*head, *(" " * (column + 2) + line for line in rest))]
    yield "\n".join(lines)
