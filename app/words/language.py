"""The language of whoever reads: named by `--lang`, or the environment's."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from enum import StrEnum

from data.errors import refuse

LANGUAGE_OPTION = "--lang"


class Language(StrEnum):
    """Languages of everything that people read."""

    EN = "en"
    ZH = "zh"


_NAMED: ContextVar[Language | None] = ContextVar("language", default=None)


def default_language() -> Language:
    """Language of the environment (LC_ALL, LC_MESSAGES, LANG): Chinese if it says so, else English."""
    named = next((os.environ[name] for name in ("LC_ALL", "LC_MESSAGES", "LANG") if os.environ.get(name)), "")
    return Language.ZH if named.lower().startswith("zh") else Language.EN


def reader_language() -> Language:
    """Language of the command that runs: the one it was given, else the environment's."""
    return _NAMED.get() or default_language()


@contextmanager
def reading(language: Language) -> Iterator[None]:
    """Everything inside the block is said in this language."""
    token = _NAMED.set(language)
    try:
        yield
    finally:
        _NAMED.reset(token)


def split_language(arguments: Sequence[str]) -> tuple[list[str], Language]:
    """Take the language off a command line, wherever it stands in it; the last one counts.

    Args:
        arguments: without the program's name.

    Returns:
        The other arguments, and the language: the environment's where none is given.

    Raises:
        InputError: no such language, or none after the option.
    """
    language, others, rest = default_language(), list[str](), iter(arguments)
    for word in rest:
        name, equals, value = word.partition("=")
        if word == "--":
            return [*others, word, *rest], language
        if name == LANGUAGE_OPTION:
            language = _language(value if equals else next(rest, ""))
        else:
            others.append(word)
    return others, language


def _language(name: str) -> Language:
    try:
        return Language(name)
    except ValueError:
        raise refuse("language_unknown", layer=LANGUAGE_OPTION, languages=list(Language), name=name) from None
