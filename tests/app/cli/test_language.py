"""`--lang zh|en` everywhere: help, complaints about the words of a command line, refusals."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
import typer

from app.cli.main import build_app, main
from app.words.language import Language, reader_language, reading, split_language
from data.catalogue import read_texts
from data.errors import InputError

NAMES = re.compile(
    r"（参见 [^）]*）|“[^”]*”|--?[a-z-]+|\[[^]]*\]|[\w./<>=@-]*[/.][\w./-]*|[A-Z][\w.=,|]*"
    r"|\b(?:renewal|pymoo|geopandas)\b|\b[a-z]+(?:_[a-z0-9]+)+\b"
)
"""What stays as it is in a Chinese text: options, files, place holders, names of programs and fields."""
WORDS = re.compile(
    r"(?<![a-z])(?:hybrid|nsga2|nsga3|rvea|local|greedy|random|exact|auto|cuda|cpu|shipped|policy|cancel|zh|en|train"
    r"|evaluate|balanced|equal|entropy|quantile|natural|gaussian|quartic|education|health|culture|sports|commerce|green"
    r"|record|keep|earlier|later|denser|renew|in)(?![a-z])"
)
"""Words that a user types."""


def is_chinese(line: str) -> bool:
    return re.search(r"[a-z]{3}", WORDS.sub("", NAMES.sub("", line))) is None


def commands() -> Iterator[tuple[tuple[str, ...], object]]:
    """Every group and command with its path."""
    root = typer.main.get_command(build_app())
    yield (), root
    for name, item in root.commands.items():
        yield (name,), item
        for inner, command in getattr(item, "commands", {}).items():
            yield (name, inner), command


COMMANDS = dict(commands())


@pytest.mark.parametrize("path", COMMANDS, ids=" ".join)
def test_every_help_is_in_the_catalogue(path: tuple[str, ...]) -> None:
    texts, command = read_texts("cli_help"), COMMANDS[path]
    assert command.help in texts
    for parameter in command.params:
        assert parameter.help in texts
        assert getattr(parameter, "is_flag", False) or parameter.metavar


@pytest.mark.parametrize("path", COMMANDS, ids=" ".join)
def test_chinese_help_is_chinese(path: tuple[str, ...], capsys: pytest.CaptureFixture[str]) -> None:
    assert main([*path, "--help", "--lang", "zh"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith(f"用法：{' '.join(('renewal', *path))}")
    described = [line for line in lines[1:] if "  " in line.strip()]
    assert all(is_chinese(line.strip().partition("  ")[2]) for line in described)
    assert all(len(line.encode("gbk", "replace")) <= 80 for line in lines)


@pytest.mark.parametrize(
    ("arguments", "english", "chinese"),
    [
        (["evaluat"], "no such command 'evaluat'; did you mean evaluate?", "没有“evaluat”这个命令；是否为 evaluate？"),
        (
            ["city", "xyz"],
            "no such command 'xyz' (see `renewal city --help`)",
            "没有“xyz”这个命令（参见 renewal city --help）",
        ),
        (["city", "list", "a", "b"], "unexpected: a, b", "多余的内容：a、b"),
        (["city", "show"], "argument CITY is missing", "缺少参数 CITY"),
        (["compare"], "argument DIR is missing", "缺少参数 DIR"),
        (["optimize"], "option --out is missing", "缺少选项 --out"),
        (["optimize", "--seeed", "1"], "no such option '--seeed'; did you mean", "没有“--seeed”这个选项；是否为"),
        (["optimize", "--qqq"], "no such option '--qqq'", "没有“--qqq”这个选项"),
        (["optimize", "-x"], "no such option '-x'", "没有“-x”这个选项"),
        (["optimize", "--seed"], "option --seed needs a value", "选项 --seed 后须有值"),
        (["seek", "--range", "1"], "option --range needs 2 values", "选项 --range 后须有 2 个值"),
        (["optimize", "--resume=1"], "option --resume takes no value", "选项 --resume 后不得有值"),
        (
            ["optimize", "--out", "o", "--seed", "one"],
            "--seed: must be an integer of at least 0, found 'one'",
            "--seed：须为不小于 0 的整数，现为“one”",
        ),
        (
            ["optimize", "--out", "o", "--minutes", "soon"],
            "--minutes: must be a number, found 'soon'",
            "--minutes：须为数字，现为“soon”",
        ),
        (
            ["app", "--port", "70000"],
            "an integer within 1..65535, found '70000'",
            "须为 1 至 65535 之间的整数，现为“70000”",
        ),
        (["seek", "--range", "1", "b"], "--range: must be a number, found 'b'", "--range：须为数字，现为“b”"),
        (
            ["city", "travel", "tiny", "--out", "t.csv"],
            "t.csv: must end in .parquet",
            "t.csv：文件名须以 .parquet 结尾",
        ),
    ],
)
def test_wrong_words_in_both_languages(
    arguments: list[str], english: str, chinese: str, capsys: pytest.CaptureFixture[str]
) -> None:
    for language, head, message in (("en", "error: ", english), ("zh", "错误：", chinese)):
        assert main([*arguments, "--lang", language]) == 2
        shown = capsys.readouterr()
        assert shown.out == ""
        assert shown.err.startswith(head)
        assert message in shown.err
        assert shown.err.count("\n") == 1
    assert is_chinese(shown.err)


def test_the_language_stands_anywhere(capsys: pytest.CaptureFixture[str]) -> None:
    for arguments in (
        ["--lang", "zh", "city", "show", "tiny"],
        ["city", "--lang=zh", "show", "tiny"],
        ["city", "show", "tiny", "--lang", "zh"],
    ):
        assert main(arguments) == 0
        assert "城中村" in capsys.readouterr().out
    assert reader_language() is Language.EN


def test_the_language_is_the_locales_where_none_is_given(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("LC_ALL", "zh_CN.UTF-8")
    assert main(["evaluat"]) == 2
    assert "没有" in capsys.readouterr().err
    assert main(["evaluat", "--lang", "en"]) == 2
    assert "no such" in capsys.readouterr().err


def test_the_language_is_taken_off_the_words() -> None:
    assert split_language(["a", "--lang", "zh", "b"]) == (["a", "b"], Language.ZH)
    assert split_language(["--lang=zh", "a", "--lang", "en"]) == (["a"], Language.EN)
    assert split_language(["a", "--", "--lang", "zh"]) == (["a", "--", "--lang", "zh"], Language.EN)
    with reading(Language.ZH):
        assert reader_language() is Language.ZH
    for wrong in (["--lang", "fr"], ["--lang"], ["--lang="]):
        with pytest.raises(InputError) as refused:
            split_language(wrong)
        assert refused.value.text("zh").startswith("--lang：须为 en、zh 之一")


@pytest.mark.parametrize(("language", "word"), [("en", "interrupted\n"), ("zh", "已中断\n")])
def test_interruption_in_both_languages(
    language: str, word: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def stop(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("app.words.city_report.city_list_text", stop)
    assert main(["city", "list", "--lang", language]) == 130
    assert capsys.readouterr().err == word


def test_a_defect_is_told_in_chinese(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    def fail(*_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr("app.words.city_report.city_list_text", fail)
    assert main(["city", "list", "--lang", "zh"]) == 1
    assert "错误：这是程序的缺陷" in capsys.readouterr().err


def test_controls_of_terminals_are_not_passed_on(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["city", "show", "no\x1b[31mred"]) == 2
    assert "\x1b" not in capsys.readouterr().err
