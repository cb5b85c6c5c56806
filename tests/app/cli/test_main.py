"""Exit codes, messages and the lightness of the help."""

from __future__ import annotations

import subprocess
import sys

import pytest

from app.cli import city as commands_city
from app.cli.main import build_app, main
from data.errors import refuse

COMMANDS = {
    *("app", "doctor", "city", "scenario", "evaluate", "check", "optimize", "bench", "export", "compare", "seek"),
    *("plan", "train", "sensitivity", "judge", "people", "bargain", "explain", "diagnose", "record", "whatif"),
    *("robust", "stress", "sweep"),
    *("title", "whynot"),
}
GROUPS = {
    "city": {"list", "show", "validate", "import", "template", "synthesize", "travel"},
    "people": {"day", "draw", "effects"},
    "record": {"show", "sign", "return", "verify", "actuals", "compare"},
    "scenario": {"list", "show", "schema", "validate", "anchors", "say", "upgrade", "bargaining"},
}
PATHS = [[name] for name in sorted(COMMANDS)] + [
    [group, name] for group, names in GROUPS.items() for name in sorted(names)
]


def test_only_the_commands_that_work_are_registered() -> None:
    app = build_app()
    assert {info.name for info in app.registered_commands} | {info.name for info in app.registered_groups} == COMMANDS
    for group in app.registered_groups:
        assert {info.name for info in group.typer_instance.registered_commands} == GROUPS[str(group.name)]


@pytest.mark.parametrize("path", PATHS, ids=" ".join)
def test_every_command_has_a_help(path: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main([*path, "--help"]) == 0
    assert capsys.readouterr().out.startswith(f"Usage: renewal {' '.join(path)}")


def test_help_imports_nothing_heavy() -> None:
    code = (
        "import sys, typer; from app.cli.main import build_app; typer.main.get_command(build_app());"
        "heavy = {'numpy', 'pandas', 'geopandas', 'scipy', 'torch', 'matplotlib', 'pydantic', 'pymoo', 'rich'};"
        "sys.exit(' '.join(sorted(heavy & set(sys.modules))) or 0)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        (["evaluat"], "evaluate"),
        (["city", "lst"], "list"),
        (["optimize", "--city", "x", "--scenario", "balanced", "--out", "y", "--seeed", "1"], "--seed"),
        (["optimize", "--city", "x", "--scenario", "balanced"], "--out"),
        (["optimize", "--city", "x", "--scenario", "balanced", "--out", "y", "--seed", "-1"], "--seed"),
        (["optimize", "--city", "x", "--scenario", "balanced", "--out", "y", "--minutes", "nan"], "--minutes"),
        (["optimize", "--city", "x", "--scenario", "balanced", "--out", "y", "--evaluations", "many"], "--evaluations"),
        (["evaluate", "--lang", "fr"], "--lang"),
        (["city", "show", "no_such_city"], "no_such_city"),
        (["scenario", "show", "balancd"], "balanced"),
        (["scenario", "validate", "no.yaml"], "no.yaml"),
        (["train"], "train"),
    ],
)
def test_wrong_words_are_refused_in_one_message(
    arguments: list[str], named: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(arguments) == 2
    shown = capsys.readouterr()
    assert shown.out == ""
    assert shown.err.startswith("error: ")
    assert shown.err.count("\n") == 1
    assert named in shown.err


def test_no_command_prints_the_help_and_is_wrong_input(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([]) == 2
    assert "Commands:" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("error", "code", "text"),
    [
        (refuse("entry_twice", layer="layer"), 2, "error: layer: the same entry is given twice\n"),
        (KeyboardInterrupt(), 130, "interrupted\n"),
        (ZeroDivisionError("ours"), 1, "this is a defect"),
    ],
)
def test_exit_codes(
    error: BaseException, code: int, text: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail() -> None:
        raise error

    monkeypatch.setattr(commands_city, "list_cities", fail)
    assert main(["city", "list"]) == code
    assert text in capsys.readouterr().err


def test_a_closed_pipe_is_no_defect() -> None:
    code = "import sys; from app.cli.main import main; sys.exit(main(['scenario', 'show', 'balanced']))"
    process = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert process.stdout is not None
    assert process.stderr is not None
    process.stdout.close()
    stderr = process.stderr.read()
    process.stderr.close()
    assert b"Traceback" not in stderr
    assert process.wait(60) != 2


def test_a_terminal_without_chinese_shows_question_marks(command, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONIOENCODING", "ascii")
    done = command("scenario", "list", "--lang", "zh")
    assert done.returncode == 0
    assert "?" in done.stdout
