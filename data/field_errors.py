"""Fields of a typed record that break its schema (pydantic), told as refusals in the reader's language."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, get_args

from pydantic import ValidationError
from pydantic_core import ErrorDetails, PydanticCustomError
from pydantic_core.core_schema import ErrorType

from data.catalogue import Message, catalogue, message
from data.errors import InputError, Refusal, printable
from data.parameter import LONGEST_VALUE, unknown_name

SCHEMA_ERRORS = frozenset(get_args(ErrorType))
"""Pydantic's own names of what may be wrong; the catalogue tells them as `field_NAME`."""


def wrong_field(key: str, /, *, field: str = "", **values: object) -> PydanticCustomError:
    """What a validator of ours raises.

    Args:
        key: of the catalogue.
        field: that is wrong, where the validator sees several.
        **values: what fills the places of the text.
    """
    words = str(message(key, **values))
    return PydanticCustomError(key, f"{field}: {words}" if field else words, {"field": field, "values": values})


def field_refusals(error: ValidationError, known: Sequence[str] = ()) -> InputError:
    """Every wrong field: alone, or in a line of its own below their number.

    Args:
        error: pydantic's.
        known: fields of the record, one of which an unknown field may have been meant for.
    """
    wrong = error.errors(include_url=False)
    refusals = [Refusal(field_problem(details, known), layer=".".join(field_path(details))) for details in wrong]
    if len(refusals) == 1:
        return InputError(*refusals)
    details = (Refusal(one.message, layer=one.layer, is_detail=True) for one in refusals)
    return InputError(Refusal(message("fields_wrong", n=len(refusals))), *details)


def field_path(details: ErrorDetails) -> tuple[str, ...]:
    """Where the wrong value stands: names and positions from the outside in; empty = the record as a whole."""
    field = (details.get("ctx") or {}).get("field", "")
    location = details["loc"]
    if field and location[-1:] != (field,):  # said by a block about one of its own fields
        location = (*location, field)
    return tuple(printable(str(name)) for name in location)


def field_problem(details: ErrorDetails, known: Sequence[str] = ()) -> Message:
    """What is wrong with one value, and what it is."""
    kind, location, value = details["type"], details["loc"], details["input"]
    if kind == "extra_forbidden":
        return unknown_name(location[-1], known if len(location) == 1 else ())
    problem = field_rule(details)
    if kind == "missing" or not isinstance(value, str | int | float | bool | None):
        return problem
    shown = printable(str(value), LONGEST_VALUE)
    if isinstance(value, str):
        return message("field_found_text", problem=problem, found=shown)
    return message("field_found", problem=problem, found=shown)


def field_rule(details: ErrorDetails) -> Message:
    """What must hold for one value."""
    kind, context = details["type"], dict(details.get("ctx") or {})
    if kind not in SCHEMA_ERRORS:
        return message(kind, **context["values"])
    if f"field_{kind}" in catalogue():
        return message(f"field_{kind}", **_choices(context))
    return message("field_other", words=details["msg"].removeprefix("Value error, "))


def _choices(context: dict[str, Any]) -> dict[str, Any]:
    """The values of an error, with the choices of an enumeration ("'a', 'b' or 'c'") as a list."""
    if isinstance(context.get("expected"), str):
        return {"expected": tuple(name.strip() for name in context["expected"].replace(" or ", ", ").split(", "))}
    return context
