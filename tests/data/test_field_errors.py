"""Fields that are wrong inside a block: the message names the field, not the block alone."""

from __future__ import annotations

from typing import Self

import pytest
from pydantic import BaseModel, ValidationError, model_validator

from data.errors import InputError
from data.field_errors import field_refusals, wrong_field


class Block(BaseModel):
    seeds: tuple[int, ...] = (0,)

    @model_validator(mode="after")
    def _some(self) -> Self:
        if not self.seeds:
            raise wrong_field("entries_none", field="seeds")
        return self


class File(BaseModel):
    block: Block = Block()
    rows: tuple[Block, ...] = ()
    first: int = 0

    @model_validator(mode="after")
    def _not_negative(self) -> Self:
        if self.first < 0:
            raise wrong_field("entries_none", field="first")
        return self


@pytest.mark.parametrize(
    ("content", "place"),
    [
        ({"block": {"seeds": []}}, "block.seeds"),
        ({"rows": [{}, {"seeds": []}]}, "rows.1.seeds"),
        ({"first": -1}, "first"),
        ({"rows": [{"seeds": ["x"]}]}, "rows.0.seeds.0"),
    ],
)
def test_the_field_is_named_with_its_way_from_the_outside(content: dict[str, object], place: str) -> None:
    with pytest.raises(ValidationError) as wrong:
        File.model_validate(content)
    refused = field_refusals(wrong.value)
    assert isinstance(refused, InputError)
    assert [refusal.layer for refusal in refused.refusals] == [place]
