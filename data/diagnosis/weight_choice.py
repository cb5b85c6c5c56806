"""How conditions are weighted: a method and what it needs, from a YAML file, a page or a word; published weights."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Annotated, Any, Literal

import numpy as np
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from data.arrays import FloatArray
from data.errors import InputError, refuse
from data.field_errors import field_refusals
from data.parameter import unknown_name
from data.strict_yaml import read_mapping

DIMENSION_LEVEL = "dimensions"
"""Name of the first level among the comparisons."""
METHODS = ("equal", "manual", "entropy", "ahp", "published")
WORDS = ("equal", "entropy")
"""Methods that need nothing else, and so may be named instead of a file."""
PUBLISHED_FILE = Path(__file__).with_name("published_weights.yaml")

_Weight = Annotated[float, Field(ge=0.0, le=1e6, allow_inf_nan=False)]
_FRACTION = re.compile(r"\s*(\d{1,3})\s*/\s*(\d{1,3})\s*")


def _fraction(value: object) -> object:
    """A fraction as people write it, such as 1/3; anything else as it is."""
    found = _FRACTION.fullmatch(value) if isinstance(value, str) else None
    return value if found is None or int(found[2]) == 0 else int(found[1]) / int(found[2])


_Ratio = Annotated[float, BeforeValidator(_fraction), Field(gt=0.0, le=1e3, allow_inf_nan=False)]


@dataclass(frozen=True)
class PublishedWeights:
    """Weights that somebody published, as far as we know them.

    Attributes:
        name: of the entry.
        label: en and zh.
        first_level: in the order of the publication; its dimensions are not ours, so each is given to one of ours.
        published_total: points of the place as published; None = not known.
        total_of_its_table: points that its own table adds up to; None = not known.
        source: whose they are.
        confidence: letter, as in the parameter book.
        note: what is not known.
    """

    name: str
    label: Mapping[str, str]
    first_level: tuple[float, ...]
    published_total: float | None
    total_of_its_table: float | None
    source: str
    confidence: str
    note: Mapping[str, str]


class WeightChoice(BaseModel):
    """A method of weighting and what it needs.

    Attributes:
        method: one of METHODS.
        dimensions: manual: weight of each dimension; one that is not named weighs nothing.
        conditions: manual: weight of conditions within their dimension; where none of a dimension is named they weigh
            the same.
        comparisons: ahp: level -> matrix in the order shown; `dimensions` is needed, a dimension's own is not.
        accept_inconsistent: ahp: go on with a consistency ratio above 0.1.
        published: name of published weights.
        assigned: published: dimension of ours -> position of the published weight, from 1.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    method: Literal["equal", "manual", "entropy", "ahp", "published"] = "equal"
    dimensions: dict[str, _Weight] = {}
    conditions: dict[str, _Weight] = {}
    comparisons: dict[str, list[list[_Ratio]]] = {}
    accept_inconsistent: bool = False
    published: str = ""
    assigned: dict[str, Annotated[int, Field(ge=1)]] = {}

    def published_weights(self, dimensions: Sequence[str]) -> FloatArray:
        """The published first level on our dimensions, shape (n_dimensions,), sum 1.

        Raises:
            InputError: no such weights, or they are not given to each dimension once.
        """
        known = published_weights()
        if self.published not in known:
            raise refuse(unknown_name(self.published, known), layer="published")
        first_level = known[self.published].first_level
        places = [self.assigned.get(name, 0) for name in dimensions]
        wanted = list(range(1, len(first_level) + 1))
        if set(self.assigned) != set(dimensions) or sorted(places) != wanted:
            raise refuse("published_not_assigned", layer="assigned", dimensions=tuple(dimensions), n=len(first_level))
        value = np.array([first_level[place - 1] for place in places])
        return value / value.sum()


@cache
def published_weights() -> Mapping[str, PublishedWeights]:
    """Name -> published weights."""
    entries = read_mapping(PUBLISHED_FILE)
    return {
        name: PublishedWeights(name=name, **entry | {"first_level": tuple(entry["first_level"])})
        for name, entry in entries.items()
    }


def weight_choice(content: Mapping[str, Any]) -> WeightChoice:
    """A choice from plain data.

    Raises:
        InputError: an unknown field, or a value that is not what the field wants.
    """
    try:
        return WeightChoice.model_validate(dict(content))
    except ValidationError as error:
        raise field_refusals(error, tuple(WeightChoice.model_fields)) from None


def read_weight_choice(word_or_path: str) -> WeightChoice:
    """A choice named by a word of WORDS, or read from a YAML file.

    Raises:
        InputError: neither, or the file is malformed.
    """
    if word_or_path in WORDS:
        return weight_choice({"method": word_or_path})
    path = Path(word_or_path)
    if path.suffix.lower() not in (".yaml", ".yml"):
        raise refuse("weights_no_word", word=word_or_path, words=WORDS, layer="--weights")
    content = read_mapping(path)
    try:
        return weight_choice(content)
    except InputError as error:
        raise error.within(file=path) from None
