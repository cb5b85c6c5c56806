"""The one error that a user can cause: wrong input, told in one message, in the reader's language."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from data.catalogue import Message, message, text


@dataclass(frozen=True)
class Refusal:
    """One broken rule, and where it was broken.

    Attributes:
        message: what must hold, and what was found.
        file: path or name of the input.
        layer: layer, sheet, field or option inside it.
        rows: ids of the offending rows.
        n_shown: how many of them are named; the rest is counted.
    """

    message: Message
    file: str = ""
    layer: str | Message = ""
    rows: tuple[str, ...] = ()
    n_shown: int = 5

    def text(self, language: str = "en") -> str:
        """One line that names file, layer, row ids and rule."""
        layer = self.layer.text(language) if isinstance(self.layer, Message) else self.layer
        where = [part for part in (self.file, layer) if part]
        if self.rows:
            named, n_more = ", ".join(self.rows[: self.n_shown]), len(self.rows) - self.n_shown
            key = "refusal_rows_more" if n_more > 0 else "refusal_rows"
            where.append(text(key, language, rows=named, n_more=n_more))
        return ": ".join([*where, self.message.text(language)])

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
            *refusals: one or several broken rules, a line each.
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


def refuse(
    key: str,
    /,
    *,
    file: object = "",
    layer: object = "",
    rows: Sequence[object] = (),
    n_shown: int = 5,
    **values: object,
) -> InputError:
    """The refusal of wrong input, to be raised by the caller.

    As in `raise refuse("indicator_unknown", layer="objectives", name="happiness")`.

    Args:
        key: of the catalogue (data/texts/refusals*.yaml).
        file: path or name of the input.
        layer: layer, sheet, field or option inside it.
        rows: ids of the offending rows; the first `n_shown` are named, the rest counted.
        n_shown: how many row ids are named.
        **values: what fills the places of the text.
    """
    where = layer if isinstance(layer, Message) else str(layer)
    return InputError(Refusal(message(key, **values), str(file), where, tuple(map(str, rows)), n_shown))


def refusal(
    rule: str, *, file: object = "", layer: object = "", rows: Sequence[object] = (), shown: int = 5
) -> InputError:
    """A refusal whose rule is given in English words. In transition: use `refuse` with a key."""
    return refuse("refusal_in_words", file=file, layer=layer, rows=rows, n_shown=shown, rule=rule)
