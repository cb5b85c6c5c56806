"""Entries of the parameter book as its YAML files write them: fields checked, one Parameter each."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from data.catalogue import message
from data.errors import InputError, refuse
from data.parameter import CONFIDENCES, READERS, Limits, Parameter, checked_number, checked_value, unknown_name

_REQUIRED = ("value", "low", "high", "unit", "year", "label", "source", "confidence")
_OPTIONAL = ("note", "at_least", "above", "at_most", "whole", "follows", "read", "read_by")


def read_entry(key: str, fields: Mapping[str, Any], file: Path) -> Parameter:
    """A fact.

    Raises:
        InputError: fields that lack, are unknown or malformed; the message names file, key and rule.
    """
    _require_fields(key, fields, file, required=_REQUIRED, optional=_OPTIONAL)
    label_en, label_zh = _labels(key, fields["label"], file)
    draft = Parameter(
        key=key,
        value=0.0,
        low=_bound(key, fields["low"], file),
        high=_bound(key, fields["high"], file),
        unit=_text(key, fields, "unit", file),
        year=_year(key, fields["year"], file),
        label_en=label_en,
        label_zh=label_zh,
        source=_text(key, fields, "source", file),
        confidence=_text(key, fields, "confidence", file),
        note=_text(key, fields, "note", file) if "note" in fields else "",
        follows=_text(key, fields, "follows", file) if "follows" in fields else "",
        limits=_limits(key, fields, file),
        is_read=_flag(key, fields, "read", file, default=True),
        read_by=_text(key, fields, "read_by", file) if "read_by" in fields else "",
    )
    if draft.read_by and draft.read_by not in READERS:
        raise refuse("not_among", name="read_by", choices=READERS, file=file, layer=key)
    if draft.confidence not in CONFIDENCES:
        raise refuse("not_among", name="confidence", choices=CONFIDENCES, file=file, layer=key)
    try:
        entry = replace(draft, value=checked_value(draft, fields["value"]))
    except InputError as error:
        raise error.within(file=file) from None
    if entry.low is not None and entry.high is not None and entry.low > entry.high:
        raise refuse("range_reversed", low=entry.low, high=entry.high, file=file, layer=key)
    if entry.is_outside_range:
        low, high = -math.inf if entry.low is None else entry.low, math.inf if entry.high is None else entry.high
        raise refuse("value_outside_range", found=entry.value, low=low, high=high, file=file, layer=key)
    return entry


def read_second_name(key: str, fields: Mapping[str, Any], file: Path, facts: Mapping[str, Parameter]) -> Parameter:
    """Another name of one of `facts`.

    Raises:
        InputError: as `read_entry`, or no such fact.
    """
    _require_fields(key, fields, file, required=("same_as", "label"), optional=("note",))
    fact = facts.get(fields["same_as"]) if isinstance(fields["same_as"], str) else None
    if fact is None:
        raise refuse(unknown_name(fields["same_as"], facts), layer="same_as").within(file=file, layer=key)
    label_en, label_zh = _labels(key, fields["label"], file)
    note = _text(key, fields, "note", file) if "note" in fields else fact.note
    return replace(fact, key=key, same_as=fact.key, label_en=label_en, label_zh=label_zh, note=note)


def _require_fields(
    key: str, fields: Mapping[str, Any], file: Path, *, required: tuple[str, ...], optional: tuple[str, ...]
) -> None:
    missing = [name for name in required if name not in fields]
    if missing:
        raise refuse("fields_missing", names=missing, file=file, layer=key)
    unknown = [name for name in fields if name not in (*required, *optional)]
    if unknown:
        raise refuse("field_unknown", problem=unknown_name(unknown[0], (*required, *optional)), file=file, layer=key)


def _labels(key: str, label: object, file: Path) -> tuple[str, str]:
    if not isinstance(label, dict) or set(label) != {"en", "zh"}:
        raise refuse("label_languages", file=file, layer=key)
    return _text(key, label, "en", file), _text(key, label, "zh", file)


def _text(key: str, fields: Mapping[str, Any], name: str, file: Path) -> str:
    value = fields[name]
    if not isinstance(value, str) or not value.strip():
        raise refuse("text_needed", name=name, file=file, layer=key)
    return value


def _limits(key: str, fields: Mapping[str, Any], file: Path) -> Limits:
    at_least = _bound(key, fields.get("at_least"), file)
    return Limits(
        at_least=0.0 if at_least is None else at_least,
        above=_bound(key, fields.get("above"), file),
        at_most=_bound(key, fields.get("at_most"), file),
        whole=_flag(key, fields, "whole", file, default=False),
    )


def _flag(key: str, fields: Mapping[str, Any], name: str, file: Path, *, default: bool) -> bool:
    flag = fields.get(name, default)
    if not isinstance(flag, bool):
        raise refuse("flag_needed", name=name, file=file, layer=key)
    return flag


def _bound(key: str, raw: object, file: Path) -> float | None:
    if raw is None:
        return None
    try:
        return checked_number(key, raw)
    except InputError as error:
        raise error.within(file=file, layer=message("bound_of_parameter")) from None


def _year(key: str, raw: object, file: Path) -> int | None:
    if raw is not None and (not isinstance(raw, int) or isinstance(raw, bool)):
        raise refuse("year_needed", file=file, layer=key)
    return raw
