"""What is wrong with the words of a command line: typer's complaints, by their class, in the reader's language."""

from __future__ import annotations

from typing import Any

import typer

from data.catalogue import Message, message
from data.errors import InputError, refuse

UsageProblem = next(kind for kind in typer.BadParameter.__mro__ if kind.__name__ == "ClickException")
"""Base of typer's complaints about options and commands; typer exports only its subclass."""

_MISSING = {"option": "option_missing", "argument": "argument_missing"}


def usage_refusal(error: Any) -> InputError:  # noqa: ANN401 - typer exports no base class of its complaints
    """The refusal that a complaint of typer stands for.

    Args:
        error: a usage error; its class and attributes are read, never its sentence.
    """
    option = str(getattr(error, "option_name", ""))
    match type(error).__name__:
        case "NoSuchOption" if error.possibilities:
            return refuse("option_unknown_near", option=option, near=sorted(error.possibilities))
        case "NoSuchOption":
            return refuse("option_unknown", option=option)
        case "BadOptionUsage":
            return _option_refusal(error, option)
        case "MissingParameter":
            return refuse(_MISSING[error.param.param_type_name], name=parameter_name(error.param))
        case "BadParameter" if error.param is not None:
            return _value_refusal(error)
    return refuse("usage_in_words", words=error.format_message())


def parameter_name(parameter: Any) -> str:  # noqa: ANN401 - a parameter of typer
    """What the reader calls an option or argument: the longest of its names, or its place holder."""
    if parameter.param_type_name == "option":
        return str(max(parameter.opts, key=len))
    return str(parameter.metavar or parameter.name)


def _option_refusal(error: Any, option: str) -> InputError:  # noqa: ANN401
    """Too few values after an option, or one after a flag."""
    parameters = error.ctx.command.get_params(error.ctx)
    known = next(item for item in parameters if option in (*item.opts, *item.secondary_opts))
    if known.is_flag:
        return refuse("option_takes_no_value", option=option)
    if known.nargs == 1:
        return refuse("option_value_missing", option=option)
    return refuse("option_values_missing", option=option, n=known.nargs)


def _value_refusal(error: Any) -> InputError:  # noqa: ANN401
    """A value that is not what the option takes."""
    name, wanted = parameter_name(error.param), wanted_value(error.param)
    try:
        typed = error.__cause__.errors()[0]["input"]
    except (AttributeError, LookupError):
        return refuse("value_invalid", layer=name, wanted=wanted)
    return refuse("value_found_invalid", layer=name, wanted=wanted, found=typed)


def wanted_value(parameter: Any) -> Message:  # noqa: ANN401
    """What an option takes: an integer or a number, within its range."""
    kind = parameter.type_descriptor.annotation if hasattr(parameter, "type_descriptor") else parameter.type
    noun = message("wanted_integer" if kind is int else "wanted_number" if "float" in str(kind).lower() else "wanted")
    bounds = parameter if hasattr(parameter, "min") else parameter.type
    low, high = getattr(bounds, "min", None), getattr(bounds, "max", None)
    ends = {(False, False): "wanted_any", (True, False): "wanted_from", (False, True): "wanted_to"}
    return message(ends.get((low is not None, high is not None), "wanted_within"), kind=noun, low=low, high=high)
