"""The day in words: trips by purpose and by mode, ways and minutes of each group and kind of people."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import numpy as np

from app.people.day_of_plan import PlanDay
from app.people.portrait_tables import TextTable
from data.arrays import FloatArray
from data.catalogue import text
from data.parameter_book import Book
from envs.people.categories import GROUPS
from envs.people.day.activities import KINDS, KM, MINUTES, MODES, PURPOSES, TRIPS
from envs.people.day.day import Day

CHAPTER = "day."
"""What the keys of the book's chapter begin with."""
PURPOSE_AXIS, MODE_AXIS, GROUP_AXIS, KIND_AXIS = range(1, 5)
"""Axes of `Day.travel`."""


def day_tables(shown: PlanDay, language: str) -> tuple[TextTable, ...]:
    """Trips by purpose, by mode; persons with their trips, km and minutes by group, by kind.

    Args:
        shown: before alone, or before and after.
        language: en or zh.
    """
    return (
        _trips_table(shown, "purposes", PURPOSES, PURPOSE_AXIS, language),
        _trips_table(shown, "modes", MODES, MODE_AXIS, language),
        _persons_table(shown, "groups", [f"people_group_{group}" for group in GROUPS], GROUP_AXIS, language),
        _persons_table(shown, "kinds", [f"day_kind_{kind}" for kind in KINDS], KIND_AXIS, language),
    )


def letters_text(book: Book, language: str) -> str:
    """How many values of the chapter are estimates."""
    whole = sum(key.startswith(CHAPTER) for key in book.facts)
    return text("day_letters", language, n=len(estimated_keys(book)), whole=whole)


def estimated_keys(book: Book) -> tuple[str, ...]:
    """Keys of the chapter's values that are estimates or choices of ours (letter E)."""
    return tuple(key for key in book.facts if key.startswith(CHAPTER) and book[key].is_estimate)


def _trips_table(shown: PlanDay, name: str, words: Sequence[str], axis: int, language: str) -> TextTable:
    """Trips of all, and the mean km and minutes of one."""
    labels = [text(f"day_{name}_{word}", language) for word in words]
    amounts = [_along(day.travel, axis) for day in shown.states.values()]
    with_all = [np.column_stack([each, each.sum(axis=1)]) for each in amounts]
    columns = (
        _cells([each[TRIPS] / 1e3 for each in with_all], "{:,.1f}", "{:+z,.1f}"),
        _cells([100.0 * each[TRIPS] / each[TRIPS, -1] for each in with_all], "{:.1f}", "{:+z.2f}"),
        _cells([_ratio(each[KM], each[TRIPS]) for each in with_all], "{:.2f}", "{:+z.3f}"),
        _cells([_ratio(each[MINUTES], each[TRIPS]) for each in with_all], "{:.1f}", "{:+z.2f}"),
    )
    header = (name, "trips", "share", "km_a_trip", "minutes_a_trip")
    return _table(shown, name, header, [*labels, text("day_all", language)], columns, language)


def _persons_table(shown: PlanDay, name: str, labels: Sequence[str], axis: int, language: str) -> TextTable:
    """Persons, and the trips, km and minutes of one on a day."""
    amounts = [_along(day.travel, axis) for day in shown.states.values()]
    persons = [_persons(day, axis) for day in shown.states.values()]
    with_all = [np.column_stack([each, each.sum(axis=1)]) for each in amounts]
    people = [np.append(each, each.sum()) for each in persons]

    def of_one(measure: int) -> list[FloatArray]:
        return [_ratio(each[measure], n) for each, n in zip(with_all, people, strict=True)]

    columns = (
        _cells([n / 1e3 for n in people], "{:,.1f}", "{:+z,.1f}"),
        _cells(of_one(TRIPS), "{:.2f}", "{:+z.3f}"),
        _cells(of_one(KM), "{:.2f}", "{:+z.3f}"),
        _cells(of_one(MINUTES), "{:.1f}", "{:+z.2f}"),
    )
    header = (name, "persons", "trips_a_person", "km_a_person", "minutes_a_person")
    rows = [*(text(label, language) for label in labels), text("day_all", language)]
    return _table(shown, name, header, rows, columns, language)


def _table(
    shown: PlanDay,
    name: str,
    header: Sequence[str],
    labels: Sequence[str],
    columns: Sequence[Sequence[str]],
    language: str,
) -> TextTable:
    title = text(f"day_table_{name}", language)
    if shown.after is not None:
        title += text("day_before_after", language, year=shown.year)
    rows = tuple((label, *cells) for label, *cells in zip(labels, *columns, strict=True))
    return TextTable(title, tuple(text(f"day_column_{column}", language) for column in header), rows)


def _along(travel: FloatArray, axis: int) -> FloatArray:
    """Trips, km and minutes along one axis of `Day.travel`, shape (3, n)."""
    others = tuple(k for k in range(1, travel.ndim) if k != axis)
    return np.asarray(travel.sum(axis=others))


def _persons(day: Day, axis: int) -> FloatArray:
    return np.asarray(day.persons.sum(axis=1 if axis == GROUP_AXIS else 0))


def _ratio(total: FloatArray, count: FloatArray) -> FloatArray:
    return np.divide(total, count, out=np.full(np.shape(total), np.nan), where=count > 0.0)


def _cells(states: Sequence[FloatArray], number: str, change: str) -> list[str]:
    """A value, or where it changes the value before and after with the change."""
    return list(_spoken(states, number.format, change.format))


def _spoken(
    states: Sequence[FloatArray], number: Callable[[float], str], change: Callable[[float], str]
) -> Iterator[str]:
    for values in zip(*(state.tolist() for state in states), strict=True):
        words = ["-" if np.isnan(value) else number(value) for value in values]
        difference = "-" if "-" in words else change(values[-1] - values[0])
        if "-" in words or float(difference.replace(",", "")) == 0.0:
            yield " → ".join(dict.fromkeys(words))
        else:
            yield f"{words[0]} → {words[1]} ({difference})"
