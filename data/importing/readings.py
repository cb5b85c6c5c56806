"""Which column of a file is read as which of ours, and in which unit: the mapping says so, else the headings do."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce
from typing import Literal

from data.catalogue import Message, message
from data.dictionary import ID_COLUMN, Column, import_columns
from data.errors import refuse
from data.files.column_mapping import LayerMapping
from data.headings.synonyms import Heading, read_heading, remark_in_brackets, synonyms, unit_in_brackets
from data.headings.units import factor_to, looks_like_unit


@dataclass(frozen=True)
class Reading:
    """A column of a file that is read as one of ours.

    Attributes:
        column: ours.
        heading: the file's.
        how: the mapping names it, or its heading is our name, a synonym of it, or our name cut at ten bytes.
        unit: of the file's numbers, where mapping or heading state one; else ours is taken to hold.
        factor: what the file's numbers are multiplied by.
        remark: words in brackets of the heading that are no unit.
    """

    column: str
    heading: str
    how: Literal["mapping", "name", "synonym", "cut"]
    unit: str = ""
    factor: float = 1.0
    remark: str = ""

    def note(self, unit: str) -> Message | None:
        """The reading in words, for the record; None where nothing is worth a word.

        Args:
            unit: ours.
        """
        parts = []
        if self.how not in ("mapping", "name"):
            parts.append(message("note_read_as", heading=self.heading, column=self.column))
        if self.how == "cut":
            parts.append(message("note_cut_name"))
        if self.unit and self.factor != 1.0:
            parts.append(message("note_in_unit", heading=self.heading, unit=self.unit, factor=self.factor, ours=unit))
        if self.remark:
            none = message("note_no_unit_nothing", remark=self.remark)
            parts.append(message("note_no_unit", remark=self.remark, ours=unit) if unit else none)
        return reduce(lambda first, then: message("note_then", first=first, then=then), parts) if parts else None


def read_headings(headings: Sequence[str], layer: str, mapping: LayerMapping) -> dict[str, Reading]:
    """Our column -> the column of a file that is read as it.

    A column that the mapping makes (columns, constants, tables, number_ids, split) is never looked for; a heading that
    the mapping uses as another column, or ignores, is never read by its words.

    Args:
        headings: names of the file's columns.
        layer: one of the dictionary's layers.
        mapping: of that layer.

    Raises:
        InputError: two headings name the same number, or a heading's unit does not measure what it names.
    """
    wanted = import_columns(layer)
    made = {*mapping.made_columns(), *(ID_COLUMN[layer] for _ in range(mapping.number_ids))}
    free = [name for name in headings if name not in {*mapping.ignore, *mapping.columns.values()}]
    readings = {ours: _mapped(ours, theirs, wanted[ours], mapping) for ours, theirs in mapping.columns.items()}
    for ours, found in _by_words(free, layer).items():
        if ours not in made:
            heading, meant = _one_of(found, ours, wanted[ours], layer)
            readings[ours] = _in_unit(ours, heading, meant, wanted[ours], mapping)
    return {ours: readings[ours] for ours in wanted if ours in readings}


def _by_words(headings: Sequence[str], layer: str) -> dict[str, list[tuple[str, Heading]]]:
    """Our column -> every heading that names it."""
    found: dict[str, list[tuple[str, Heading]]] = {}
    for name in headings:
        meant = read_heading(name, layer)
        if meant is not None:
            found.setdefault(meant.column, []).append((name, meant))
    return found


def _one_of(found: list[tuple[str, Heading]], ours: str, column: Column, layer: str) -> tuple[str, Heading]:
    """Our own name before any other, a whole name before one that is cut; then the order of the table, for words."""
    for how in ("name", "synonym", "cut"):
        best = [(heading, meant) for heading, meant in found if meant.how == how]
        if best:
            break
    if len(best) > 1 and column.type == "number":
        raise refuse(
            "headings_name_one_column",
            column=ours,
            names=[heading for heading, _ in best],
            example=best[0][0],
            wanted=layer,
        )
    ranks = {name: rank for rank, name in enumerate(synonyms(layer)[ours])}
    return min(best, key=lambda item: ranks.get(item[0].lower(), len(ranks)))


def _mapped(ours: str, theirs: str, column: Column, mapping: LayerMapping) -> Reading:
    """A column that the mapping names; a unit in brackets of its heading holds unless the mapping says another."""
    unit = unit_in_brackets(theirs)
    return _in_unit(
        ours, theirs, Heading(ours, unit, "name", "" if unit else remark_in_brackets(theirs)), column, mapping
    )


def _in_unit(ours: str, theirs: str, meant: Heading, column: Column, mapping: LayerMapping) -> Reading:
    """The reading in the unit that the mapping states, else the heading.

    Raises:
        InputError: the heading's unit is none that we know, or measures something else.
    """
    how = "mapping" if ours in mapping.columns else meant.how
    if column.type != "number" or ours in mapping.scale:
        return Reading(ours, theirs, how)
    stated = mapping.units.get(ours) or meant.unit
    if not stated and looks_like_unit(meant.remark):
        raise refuse("unit_not_understood", column=ours, heading=theirs, words=meant.remark, ours=column.unit)
    return Reading(ours, theirs, how, stated, _factor(stated, theirs, ours, column) if stated else 1.0, meant.remark)


def _factor(stated: str, heading: str, ours: str, column: Column) -> float:
    factor = factor_to(stated, column.unit)
    if factor is None:
        raise refuse("unit_measures_something_else", column=ours, heading=heading, unit=stated, ours=column.unit)
    return factor
