"""Every text that people read: one folder of YAML files, both languages beside each other, and its only reader.

An entry is `key: {en: ..., zh: ...}`, with places to fill in (`{n:,}`). A place filled with several names lists them as
the language does; one filled with another message says it in the same language. An entry may hold several texts beside
plain facts (`name: {unit: ..., label: {en: ..., zh: ...}}`): its texts are called `name.label`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

CATALOGUE_FOLDER = Path(__file__).with_name("texts")
LANGUAGES = ("en", "zh")
_COMMA = {"en": ", ", "zh": "、"}
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
"""The files are our own; libyaml reads them eight times as fast."""


@cache
def catalogue() -> Mapping[str, Mapping[str, str]]:
    """Key -> language -> text, from every file of the folder.

    Raises:
        ValueError: a key stands in two files.
    """
    texts: dict[str, Mapping[str, str]] = {}
    for path in sorted(CATALOGUE_FOLDER.glob("*.yaml")):
        for key, entry in _texts_in(read_texts(path.stem)):
            if key in texts:
                msg = f"{path.name}: {key} is given twice"
                raise ValueError(msg)
            texts[key] = entry
    return texts


def _texts_in(entries: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Mapping[str, str]]]:
    """Key and text of every entry; the texts of a nested entry have dotted keys, its plain facts are no texts."""
    for name, entry in entries.items():
        if not isinstance(entry, Mapping):
            continue
        if set(entry) & set(LANGUAGES):
            yield prefix + name, entry
        else:
            yield from _texts_in(entry, f"{prefix}{name}.")


def read_texts(name: str) -> dict[str, Any]:
    """One file of the folder, by its name without suffix."""
    content: dict[str, Any] = yaml.load((CATALOGUE_FOLDER / f"{name}.yaml").read_bytes(), _LOADER)
    return content


def text(key: str, language: str, /, **values: object) -> str:
    """A text with its places filled in.

    Args:
        key: of the catalogue.
        language: one of LANGUAGES.
        **values: one for each place; a list or tuple of names is listed, a Message is said in the same language.

    Raises:
        KeyError: no such key, or a place is not filled.
    """
    return catalogue()[key][str(language)].format(**{name: shown(value, language) for name, value in values.items()})


_NO_SIGN = re.compile(r"-[0.,]+%?")
"""What rounds to zero has no sign."""


class Spoken(float):
    """A number in a text: as any other, but what rounds to zero has no sign, and percent stand apart from theirs."""

    __slots__ = ()

    def __format__(self, spec: str) -> str:
        """The number, "33.9 %" for `.1%`, "0.00" for -0.001 and `.2f`."""
        said = super().__format__(spec)
        if _NO_SIGN.fullmatch(said):
            said = said[1:]
        return f"{said[:-1]} %" if spec.endswith("%") else said


def shown(value: object, language: str) -> object:
    """A value as a text shows it: messages in the language, several names in a row, anything else as it is."""
    if isinstance(value, Message | Told):
        return value.text(language)
    if isinstance(value, float):
        return Spoken(value)
    if isinstance(value, list | tuple):
        return _COMMA[str(language)].join(str(shown(item, language)) for item in value)
    return value


@dataclass(frozen=True)
class Message:
    """A text that is not said yet, since the language is the reader's.

    Attributes:
        key: of the catalogue.
        values: what fills its places.
    """

    key: str
    values: Mapping[str, object]

    def text(self, language: str = "en") -> str:
        """The message in a language."""
        return text(self.key, language, **self.values)

    def __str__(self) -> str:
        """In English."""
        return self.text()


@dataclass(frozen=True)
class Told:
    """A line as it was told in every language, which a file keeps whatever becomes of the catalogue.

    Attributes:
        en: in English.
        zh: in Chinese.
    """

    en: str
    zh: str

    def text(self, language: str = "en") -> str:
        """The line in a language."""
        return self.zh if str(language) == "zh" else self.en

    def __str__(self) -> str:
        """In English."""
        return self.en


def told(said: Callable[[str], str]) -> Told:
    """What is said in a language, told in every one."""
    return Told(**{language: said(language) for language in LANGUAGES})


def message(key: str, /, **values: object) -> Message:
    """A message of the catalogue, to be said later."""
    return Message(key, values)
