"""Drawn residents as Arrow tables whose metadata say what every column is, and that every row is synthetic."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pyarrow as pa

from data.arrays import BoolArray, CodeArray
from data.city import City
from data.dictionary import table_columns
from envs.people.categories import AGE_BANDS, CONSENT_GROUPS, GROUPS, NO_VOTE, SEXES, TENURES
from envs.people.residents import Households, Persons


def persons_table(persons: Persons, city: City, about: Mapping[str, str]) -> pa.Table:
    """One row a person.

    Args:
        persons: drawn.
        city: whose places they live in.
        about: metadata of the table.
    """
    idle = ~persons.is_employed
    columns = {
        "person_id": pa.array(persons.person_id),
        "household_id": pa.array(persons.household_id),
        "place_id": _named(persons.place_idx, city.place_id.tolist()),
        "resident_group": _named(persons.group_idx, GROUPS),
        "age_band": _named(persons.age_idx, AGE_BANDS),
        "sex": _named(persons.sex_idx, SEXES),
        "employed": pa.array(persons.is_employed),
        "income_cny_per_month": pa.array(persons.income_cny_per_month),
        "work_zone_id": _named(persons.work_zone_idx, city.zones.zone_id.tolist(), empty=idle),
        "commute_min": pa.array(persons.commute_min, mask=idle),
        "time_value_percent": pa.array(persons.time_value_percent, mask=idle),
    }
    return _table("persons", columns, about)


def households_table(households: Households, city: City, about: Mapping[str, str]) -> pa.Table:
    """One row a household; as `persons_table`."""
    no_vote = households.consent_group_idx == NO_VOTE
    columns = {
        "household_id": pa.array(households.household_id),
        "place_id": _named(households.place_idx, city.place_id.tolist()),
        "resident_group": _named(households.group_idx, GROUPS),
        "size": pa.array(households.size),
        "tenure": _named(households.tenure_idx, TENURES),
        "long_stay": pa.array(households.is_long_stay),
        "registered": pa.array(households.is_registered),
        "n_workers": pa.array(households.n_workers),
        "income_cny_per_month": pa.array(households.income_cny_per_month),
        "disabled_member": pa.array(households.has_disabled),
        "consent_group": _named(households.consent_group_idx, CONSENT_GROUPS, empty=no_vote),
        "valuation": pa.array(households.valuation, mask=no_vote),
        "service_value_percent": pa.array(households.service_value_percent),
    }
    return _table("households", columns, about)


def _named(codes: CodeArray, names: Sequence[str], *, empty: BoolArray | None = None) -> pa.DictionaryArray:
    """Codes with their names, stored once."""
    signed = codes if codes.dtype.kind == "i" else codes.view(np.dtype(f"i{codes.dtype.itemsize}"))
    return pa.DictionaryArray.from_arrays(pa.array(signed, mask=empty), pa.array(names, pa.string()))


def _table(name: str, columns: Mapping[str, pa.Array], about: Mapping[str, str]) -> pa.Table:
    known = table_columns("people", name)
    fields = []
    for column, values in columns.items():
        entry = known[column]
        said = {"description": entry.description, "label_en": entry.label["en"], "label_zh": entry.label["zh"]}
        fields.append(pa.field(column, values.type, metadata=said | ({"unit": entry.unit} if entry.unit else {})))
    return pa.Table.from_arrays(list(columns.values()), schema=pa.schema(fields, metadata=dict(about)))
