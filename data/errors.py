"""The one error that a user can cause: wrong input, told in one message, in the reader's language."""

from __future__ import annotations

import errno
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from data.catalogue import Message, Told, catalogue, message, shown, text

LONGEST_NAME, LONGEST_REASON = 80, 300
"""Letters of a name that somebody gave, and of what a library says, that are shown."""


@dataclass(frozen=True)
class Refusal:
    """What is wrong with an input, and where.

    Attributes:
        message: what must hold, and what is there.
        file: path or name of the input.
        layer: layer, sheet, field or option inside it.
        rows: ids of the offending rows.
        n_shown: how many of them are named; the rest is counted.
        is_detail: whether it belongs to the refusal before it, below which it is shown.
    """

    message: Message
    file: str = ""
    layer: str | Message | Told = ""
    rows: tuple[str, ...] = ()
    n_shown: int = 5
    is_detail: bool = False

    def text(self, language: str = "en") -> str:
        """One line that names file, layer, row ids and message."""
        where = [printable(str(shown(name, language))) for name in (self.file, self.layer)]
        where = [name for name in where if name]
        if self.rows:
            named, n_more = ", ".join(self.rows[: self.n_shown]), len(self.rows) - self.n_shown
            key = "refusal_rows_more" if n_more > 0 else "refusal_rows"
            where.append(text(key, language, rows=named, n_more=n_more))
        line = self.message.text(language)
        for name in reversed(where):
            line = text("refusal_within", language, outer=name, inner=line)
        return ("  " if self.is_detail else "") + line

    def within(self, file: object = "", layer: str | Message = "") -> Refusal:
        """The same inside a file, or inside a layer that holds its own; a detail stays as it is."""
        if self.is_detail:
            return self
        outer = [name for name in (layer, self.file if file else "", self.layer) if name]
        inner = outer[-1] if outer else ""
        for name in outer[-2::-1]:
            inner = message("refusal_within", outer=name, inner=inner)
        return replace(self, file=str(file or self.file), layer=inner)

    def with_names(self, names: Mapping[str, str]) -> Refusal:
        """The same with other names for files."""
        values = {key: _renamed(value, names) for key, value in self.message.values.items()}
        return replace(self, message=Message(self.message.key, values), file=str(_renamed(self.file, names)))


def _renamed(value: object, names: Mapping[str, str]) -> object:
    if isinstance(value, str | Path):
        for path, name in names.items():
            value = str(value).replace(path, name)
    return value


class InputError(ValueError):
    """Wrong input. The command line exits with 2 on it; `text` says it in a language, `str` in English."""

    def __init__(self, *refusals: Refusal, n_more: int = 0) -> None:
        """See the class.

        Args:
            *refusals: one or several, a line each.
            n_more: how many more there are.
        """
        super().__init__(*refusals)
        self.refusals, self.n_more = refusals, n_more

    def text(self, language: str = "en") -> str:
        """The message in a language, a line per refusal."""
        lines = [refusal.text(language) for refusal in self.refusals]
        return "\n".join([*lines, *([text("refusal_more", language, n=self.n_more)] if self.n_more else [])])

    def __str__(self) -> str:
        """In English."""
        return self.text()

    def name_files(self, names: Mapping[str, str]) -> None:
        """Call files by other names, as an upload is called by its own instead of by where it was stored.

        Args:
            names: path -> name, wherever the refusals mention it.
        """
        self.refusals = tuple(refusal.with_names(names) for refusal in self.refusals)

    def within(self, *, file: object = "", layer: str | Message = "") -> InputError:
        """The same error, told by who knows the file or the layer in which it happened."""
        return InputError(*(refusal.within(file, layer) for refusal in self.refusals), n_more=self.n_more)


def printable(name: str, longest: int | None = None) -> str:
    """A string that somebody gave, on one line: control characters escaped, cut after `longest` letters."""
    plain = name if name.isprintable() else "".join(c if c.isprintable() else ascii(c)[1:-1] for c in name)
    return plain[:longest]


def reason_of(error: Exception) -> Message | str:
    """Why a file could not be read or written, on one line: the system's reason, or what a library says."""
    if isinstance(error, OSError) and error.errno:
        return system_reason(error)
    if isinstance(error, json.JSONDecodeError):
        return message("no_json", line=error.lineno, column=error.colno)
    if isinstance(error, UnicodeDecodeError):
        return message("not_utf8", position=error.start)
    return " ".join(str(error).split())[:LONGEST_REASON]


def refuse(
    reason: str | Message,
    /,
    *,
    file: object = "",
    layer: object = "",
    rows: Sequence[object] = (),
    n_shown: int = 5,
    **values: object,
) -> InputError:
    """The refusal of wrong input, to be raised by the caller.

    As in `raise refuse("quota_overfull", n=9, quota=5)`.

    Args:
        reason: key of the catalogue (data/texts/refusals*.yaml), or a message that is ready.
        file: path or name of the input.
        layer: layer, sheet, field or option inside it.
        rows: ids of the offending rows; the first `n_shown` are named, the rest counted.
        n_shown: how many row ids are named.
        **values: what fills the places of the text; control characters in them are escaped.
    """
    if isinstance(reason, str):
        reason = message(reason, **{name: _on_one_line(value) for name, value in values.items()})
    where = layer if isinstance(layer, Message) else str(layer)
    return InputError(Refusal(reason, str(file), where, tuple(printable(str(row)) for row in rows), n_shown))


def _on_one_line(value: object) -> object:
    if isinstance(value, list | tuple):
        return tuple(_on_one_line(item) for item in value)
    return printable(value) if isinstance(value, str) else value


def system_reason(error: OSError) -> Message | str:
    """Why the system refused a file or a port, in the reader's language where it is one of the usual reasons.

    Args:
        error: what the system raised.
    """
    name = errno.errorcode.get(error.errno or 0, "")
    known = f"system_{name}" in catalogue()
    return message(f"system_{name}") if known else error.strerror or str(error)
