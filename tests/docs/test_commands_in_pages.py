"""Commands that the pages print are there, with the options they are given."""

from __future__ import annotations

import re
import shlex
from typing import Any

import pytest
import typer

from app.cli.main import build_app
from page_fixtures import ROOT

PAGES = [*sorted((ROOT / "docs").glob("*.md")), ROOT / "README.md", ROOT / "CONTRIBUTING.md"]
_PRINTED = re.compile(r"`(?:\.venv/bin/)?renewal ([^`]+)`|^renewal (.+)$", re.MULTILINE)


def printed_commands() -> list[str]:
    found = {line or inline for page in PAGES for inline, line in _PRINTED.findall(page.read_text(encoding="utf-8"))}
    return sorted(" ".join(command.split("#")[0].split()) for command in found)


@pytest.fixture(scope="module")
def application() -> Any:
    return typer.main.get_command(build_app())


def test_commands_are_printed() -> None:
    assert len(printed_commands()) > 40


@pytest.mark.parametrize("printed", printed_commands())
def test_command_exists(printed: str, application: Any) -> None:
    command, words = application, shlex.split(re.sub(r"[\[\]|]|\.\.\.", " ", printed))
    while words and hasattr(command, "commands") and not words[0].startswith("-"):
        if words[0] == "COMMAND":
            return
        assert words[0] in command.commands, printed
        command = command.commands[words.pop(0)]
    known = {name for parameter in command.params for name in parameter.opts} | {"--help", "--lang"}
    assert [word for word in words if word.startswith("--") and word.split("=")[0] not in known] == []
