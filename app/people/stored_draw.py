"""A draw that `renewal people draw` wrote, read back: the residents that effects are counted on."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from app.people.draw_folder import draw_identity
from data.arrays import BoolArray, CodeArray
from data.catalogue import message
from data.dictionary import table_columns
from data.errors import InputError, reason_of, refuse
from envs.people.categories import AGE_BANDS, CONSENT_GROUPS, GROUPS, SEXES, TENURES
from envs.people.effects.families import Sample, panel_zone
from envs.people.people_model import PeopleModel
from envs.people.residents import Households, Persons, Residents

ABOUT_FILE = "about.json"
SMALL = np.dtype(np.uint8)
WORK_COLUMNS = ("work_zone_id", "commute_min", "time_value_percent")


def read_sample(folder: Path, model: PeopleModel) -> Sample:
    """Read the residents of all villages, and those of the zone whose households stand for the zones'.

    Args:
        folder: of a draw of the whole city.
        model: residents on average; the draw must be of the same city, parameters and commute.

    Raises:
        InputError: it is no draw, one of some places alone, of something else, of before residents had traits, or its
            tables do not hold the city's residents.
    """
    about = _read_about(folder / ABOUT_FILE)
    _refuse_others(folder, about, model)
    whole, zone = int(model.persons.sum()), panel_zone(model)
    by_place = model.persons.sum(axis=1)
    first = int(model.first_person[model.city.n_zones]) if model.city.n_villages else whole
    from_zone = 0 if zone is None else int(model.first_person[zone])
    of_zone = 0 if zone is None else int(by_place[zone])
    try:
        villagers = _read_residents(folder, model, first, whole)
        return Sample(int(about["seed"]), villagers, _read_residents(folder, model, from_zone, from_zone + of_zone))
    except InputError as error:
        raise _with_remedy(error, int(about["seed"])) from None


def _with_remedy(error: InputError, seed: int) -> InputError:
    """What is wrong with the tables of a draw, and that drawing again mends it."""
    remedy = message("draw_again", seed=seed)
    told = [
        replace(refusal, message=message("problem_and_remedy", problem=refusal.message, remedy=remedy))
        for refusal in error.refusals
    ]
    return InputError(*told, n_more=error.n_more)


def _read_about(path: Path) -> Mapping[str, Any]:
    try:
        about = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise refuse("draw_unreadable", file=path, layer="--draw", reason=reason_of(error)) from None
    if not isinstance(about, dict) or about.get("command") != "people draw" or not isinstance(about.get("seed"), int):
        raise refuse("draw_is_none", file=path, layer="--draw")
    return about


def _refuse_others(folder: Path, about: Mapping[str, Any], model: PeopleModel) -> None:
    """Refuse what is not a draw of the whole city under these parameters."""
    if about.get("places") is not None:
        raise refuse("draw_of_places", file=folder / ABOUT_FILE, layer="places")
    stored = about.get("identity")
    if not isinstance(stored, dict):
        raise refuse("draw_older", file=folder / ABOUT_FILE, layer="identity", seed=about["seed"])
    for name, wanted in draw_identity(model).items():
        if stored.get(name) != wanted:
            found = str(stored.get(name))[:12]
            raise refuse("draw_of_other", file=folder / ABOUT_FILE, layer=name, found=found, wanted=str(wanted)[:12])


def _read_residents(folder: Path, model: PeopleModel, low: int, high: int) -> Residents:
    """Residents with numbers from `low` on, below `high`; they are whole places."""
    persons = _persons(_Table(folder / "persons.parquet", "persons", "person_id", low, high), model)
    households = _households(_Table(folder / "households.parquet", "households", "household_id", low, high), model)
    for found in (len(persons), int(households.size.sum())):
        if found != high - low:
            raise refuse("draw_spoiled", file=folder, layer="--draw", found=found, wanted=high - low)
    homeless = ~np.isin(persons.household_id, households.household_id)
    if homeless.any():
        path, unknown = folder / "persons.parquet", int(persons.household_id[homeless][0])
        lost = persons.person_id[homeless].tolist()
        raise refuse("draw_household_unknown", file=path, layer="household_id", rows=lost, found=unknown)
    return Residents(persons, households)


class _Table:
    """Rows of a table of a draw, column by column."""

    def __init__(self, path: Path, name: str, number: str, low: int, high: int) -> None:
        """Read the rows whose number is from `low` on and below `high`.

        Raises:
            InputError: the file cannot be read or lacks a column.
        """
        self.path, self.columns, self.number = path, table_columns("people", name), number
        try:
            missing = [column for column in self.columns if column not in pq.read_schema(path).names]
            if missing:
                raise refuse("columns_missing", names=missing, file=path, layer=name)
            rows = pq.read_table(path, filters=[(number, ">=", low), (number, "<", high)])
        except (OSError, pa.ArrowException) as error:
            raise refuse("parquet_unreadable", reason=reason_of(error), file=path, layer=name) from None
        self.rows: pa.Table = rows

    def numbers(self, name: str, dtype: Any) -> Any:  # noqa: ANN401 - numbers of any kind
        """A column of numbers or flags; 0 where it is empty.

        Raises:
            InputError: a cell is empty that must not be, is of another kind or beyond the bounds of the dictionary.
        """
        column, wanted = self._filled(name), self.columns[name]
        is_flag = pa.types.is_boolean(column.type)
        is_number = pa.types.is_integer(column.type) or pa.types.is_floating(column.type)
        if is_flag != (wanted.type == "flag") or not (is_flag or is_number):
            kind = "column_must_be_flag" if wanted.type == "flag" else "column_must_be_number"
            raise refuse(kind, column=name, found=column.type, file=self.path)
        values = np.asarray(column.fill_null(False if is_flag else 0))
        low, high = wanted.bounds
        beyond = ~((values >= low) & (values <= high))
        if beyond.any():
            limits = {"low": low, "high": high, "unit": wanted.unit, "found": values[beyond][0]}
            raise refuse("column_within", column=name, **limits, file=self.path, rows=self._rows(beyond))
        return values.astype(dtype, copy=False)

    def _filled(self, name: str) -> Any:  # noqa: ANN401 - arrow is untyped
        """A column; its cells are refused where they are empty and must not be, as of work of somebody employed."""
        column = self.rows[name].combine_chunks()
        empty = np.asarray(column.is_null())
        if self.columns[name].may_be_empty:
            empty &= self.numbers("employed", np.bool_) if name in WORK_COLUMNS else False
        if empty.any():
            raise refuse("column_not_empty", column=name, file=self.path, rows=self._rows(empty))
        return column

    def _rows(self, mask: BoolArray) -> list[int]:
        """Numbers of the persons or households of a mask."""
        numbers: list[int] = np.asarray(self.rows[self.number])[mask].tolist()
        return numbers

    def codes(self, name: str, names: Sequence[str], dtype: np.dtype[Any]) -> CodeArray:
        """A column of names as positions among `names`; -1 where it is empty.

        Raises:
            InputError: another name stands in it, or a cell is empty that must not be.
        """
        self._filled(name)
        position = {known: k for k, known in enumerate(names)}
        codes = []
        for chunk in self.rows[name].chunks:
            stored = chunk if isinstance(chunk, pa.DictionaryArray) else chunk.dictionary_encode()
            known = [position.get(value) for value in stored.dictionary.to_pylist()]
            if None in known:
                wrong = stored.dictionary.to_pylist()[known.index(None)]
                raise refuse("not_among", name=name, choices=list(names)[:6], file=self.path, layer=wrong)
            lookup = np.array([*known, -1], dtype=np.int64)
            codes.append(lookup[np.asarray(stored.indices.fill_null(len(known)))])
        return np.concatenate(codes or [np.zeros(0, np.int64)]).astype(dtype)


def _persons(table: _Table, model: PeopleModel) -> Persons:
    place_type = np.min_scalar_type(-model.city.n_places)
    return Persons(
        person_id=table.numbers("person_id", np.uint32),
        household_id=table.numbers("household_id", np.uint32),
        place_idx=table.codes("place_id", model.city.place_id.tolist(), place_type),
        group_idx=table.codes("resident_group", GROUPS, SMALL),
        age_idx=table.codes("age_band", AGE_BANDS, SMALL),
        sex_idx=table.codes("sex", SEXES, SMALL),
        is_employed=table.numbers("employed", np.bool_),
        income_cny_per_month=table.numbers("income_cny_per_month", np.int32),
        work_zone_idx=table.codes("work_zone_id", model.city.zones.zone_id.tolist(), place_type),
        commute_min=table.numbers("commute_min", np.uint16),
        time_value_percent=table.numbers("time_value_percent", np.uint16),
    )


def _households(table: _Table, model: PeopleModel) -> Households:
    return Households(
        household_id=table.numbers("household_id", np.uint32),
        place_idx=table.codes("place_id", model.city.place_id.tolist(), np.min_scalar_type(-model.city.n_places)),
        group_idx=table.codes("resident_group", GROUPS, SMALL),
        size=table.numbers("size", np.uint8),
        tenure_idx=table.codes("tenure", TENURES, SMALL),
        is_long_stay=table.numbers("long_stay", np.bool_),
        is_registered=table.numbers("registered", np.bool_),
        n_workers=table.numbers("n_workers", np.uint8),
        income_cny_per_month=table.numbers("income_cny_per_month", np.int32),
        has_disabled=table.numbers("disabled_member", np.bool_),
        consent_group_idx=table.codes("consent_group", CONSENT_GROUPS, np.dtype(np.int8)),
        valuation=table.numbers("valuation", np.float32),
        service_value_percent=table.numbers("service_value_percent", np.uint16),
    )
