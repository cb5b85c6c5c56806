"""The one error that a user can cause: wrong input, told in one message."""

from __future__ import annotations

from collections.abc import Sequence


class InputError(ValueError):
    """Wrong input; its text names file, layer or field, row ids and rule. The command line exits with 2 on it."""


def refusal(
    rule: str, *, file: object = "", layer: str = "", rows: Sequence[object] = (), shown: int = 5
) -> InputError:
    """Compose the message of an InputError.

    Args:
        rule: what must hold, and what was found.
        file: path or name of the input.
        layer: layer, sheet or field inside it.
        rows: ids of the offending rows; the first `shown` are named, the rest counted.
        shown: how many row ids are named.

    Returns:
        The error, to be raised by the caller.
    """
    where = [str(part) for part in (file, layer) if str(part)]
    if rows:
        more = f" and {len(rows) - shown} more" if len(rows) > shown else ""
        where.append(f"rows {', '.join(str(row) for row in rows[:shown])}{more}")
    return InputError(": ".join([*where, rule]))
