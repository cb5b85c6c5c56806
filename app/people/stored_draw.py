"""A draw that `renewal people draw` wrote, read back: the residents that effects are counted on."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from app.people.draw_folder import draw_identity
from data.arrays import CodeArray
from data.dictionary import people_columns
from data.errors import reason_of, refuse
from envs.people.categories import AGE_BANDS, CONSENT_GROUPS, GROUPS, SEXES, TENURES
from envs.people.effects.families import Sample, panel_zone
from envs.people.people_model import PeopleModel
from envs.people.residents import Households, Persons, Residents

ABOUT_FILE = "about.json"
SMALL = np.dtype(np.uint8)


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
    return Sample(
        int(about["seed"]),
        _read_residents(folder, model, first, whole),
        _read_residents(folder, model, from_zone, from_zone + of_zone),
    )


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
    if len(persons) != high - low or int(households.size.sum()) != high - low:
        found = min(len(persons), int(households.size.sum()))
        raise refuse("draw_spoiled", file=folder, layer="--draw", found=found, wanted=high - low)
    return Residents(persons, households)


class _Table:
    """Rows of a table of a draw, column by column."""

    def __init__(self, path: Path, name: str, number: str, low: int, high: int) -> None:
        """Read the rows whose number is from `low` on and below `high`.

        Raises:
            InputError: the file cannot be read or lacks a column.
        """
        self.path = path
        try:
            missing = [column for column in people_columns(name) if column not in pq.read_schema(path).names]
            if missing:
                raise refuse("columns_missing", names=missing, file=path, layer=name)
            rows = pq.read_table(path, filters=[(number, ">=", low), (number, "<", high)])
        except (OSError, pa.ArrowException) as error:
            raise refuse("parquet_unreadable", reason=reason_of(error), file=path, layer=name) from None
        self.rows: pa.Table = rows

    def numbers(self, name: str, dtype: Any) -> Any:  # noqa: ANN401 - numbers of any kind
        """A column of numbers or flags; 0 where it is empty."""
        column = self.rows[name].combine_chunks()
        return np.asarray(column.fill_null(False if pa.types.is_boolean(column.type) else 0)).astype(dtype, copy=False)

    def codes(self, name: str, names: Sequence[str], dtype: np.dtype[Any]) -> CodeArray:
        """A column of names as positions among `names`; -1 where it is empty.

        Raises:
            InputError: another name stands in it.
        """
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
