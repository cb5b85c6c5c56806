"""The file of a sweep: what is crossed with what, by which methods, with which seeds, how long; its schema."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Self, TypeVar

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator

from app.runs.policy_plans import POLICY
from data.catalogue import LANGUAGES
from data.errors import InputError, reason_of, refuse
from data.field_errors import field_refusals, wrong_field
from data.parameter import unknown_name
from data.parameter_book import load_book
from data.paths import beside
from data.scenario import Distinct, Scenario
from data.strict_yaml import read_mapping
from optimizers.algorithms.registry import ALGORITHMS, ENDS_BY_ITSELF

METHODS = (*ALGORITHMS, POLICY)
"""What may make the plans of a run: a search algorithm, or the shipped policy."""
LARGEST_SEED = 2**63 - 1
NOT_CROSSED = ("name", "label", "parameters", "objectives", "preferences")
"""Fields of a scenario that the file of a sweep does not set under `bounds` or `fields`."""


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


class SweepBudget(_Strict):
    """How long each run goes on; a limit in evaluations alone makes runs that any machine repeats to the digit.

    Attributes:
        evaluations: plans to evaluate; None = no such limit.
        minutes: by the clock; None = no such limit.
    """

    evaluations: Annotated[int, Field(ge=1)] | None = None
    minutes: Annotated[float, Field(gt=0.0)] | None = None

    @property
    def is_open(self) -> bool:
        """Whether it sets no limit."""
        return self.evaluations is None and self.minutes is None


class SweepMethod(_Strict):
    """How plans are made.

    Attributes:
        algorithm: a search algorithm, or `policy`.
        name: as the table calls it; empty = as the algorithm.
        policy: whether a search begins with the plans of the shipped policy.
        plans: preferences that `policy` plans for.
        budget: of this method; None = the sweep's.
    """

    algorithm: str
    name: str = ""
    policy: bool = True
    plans: Annotated[int, Field(ge=1, le=2_000)] = 100
    budget: SweepBudget | None = None

    @property
    def title(self) -> str:
        """What the table calls it."""
        return self.name or self.algorithm

    @model_validator(mode="after")
    def _known(self) -> Self:
        if self.algorithm not in METHODS:
            raise wrong_field("sweep_method_unknown", field="algorithm", name=self.algorithm, known=METHODS)
        return self


def _method_of(given: object) -> object:
    """A method that is given by its algorithm alone."""
    return {"algorithm": given} if isinstance(given, str) else given


Method = Annotated[SweepMethod, BeforeValidator(_method_of)]
Seed = Annotated[int, Field(ge=0, le=LARGEST_SEED)]
Entry = TypeVar("Entry")


def _some(entries: tuple[Entry, ...]) -> tuple[Entry, ...]:
    """Refuse a list without entries; said only where the entries themselves are right."""
    if not entries:
        raise wrong_field("entries_none")
    return entries


Levels = Annotated[tuple[Any, ...], AfterValidator(_some)]
Names = Annotated[Distinct[str], AfterValidator(_some)]


class SweepFile(_Strict):
    """What a sweep crosses: every combination of its entries is a run.

    Attributes:
        name: of the sweep.
        label: by language, for the room.
        cities: embedded names or files.
        scenarios: presets or files.
        bounds: field of a scenario (`renewal_ratio.high` inside one) -> its levels.
        parameters: key of the book -> its levels.
        methods: how plans are made.
        seeds: of the searches.
        budget: of each run.
        fields: fields that every scenario is given, the same in all runs.
        objectives: replace those of the scenarios.
    """

    name: Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]{0,39}$")]
    label: dict[str, str] = {}
    cities: Names
    scenarios: Names
    bounds: dict[str, Levels] = {}
    parameters: dict[str, Levels] = {}
    methods: Annotated[tuple[Method, ...], AfterValidator(_some)] = (SweepMethod(algorithm=ALGORITHMS[0]),)
    seeds: Annotated[Distinct[Seed], AfterValidator(_some)] = (0,)
    budget: SweepBudget = SweepBudget()
    fields: dict[str, Any] = {}
    objectives: Distinct[str] = ()

    @model_validator(mode="after")
    def _coherent(self) -> Self:
        for language in self.label:
            if language not in LANGUAGES:
                raise wrong_field("sweep_label_language", field="label", language=language, known=LANGUAGES)
        titles = [method.title for method in self.methods]
        twice = sorted({title for title in titles if titles.count(title) > 1})
        if twice:
            raise wrong_field("sweep_method_twice", field="methods", names=twice)
        for method in self.methods:
            budget = self.budget_of(method)
            if budget.is_open and method.algorithm not in (*ENDS_BY_ITSELF, POLICY):
                raise wrong_field("sweep_budget_missing", field="budget", method=method.title)
        for field, levels in [*self.bounds.items(), *self.parameters.items()]:
            texts = [json.dumps(level, sort_keys=True) for level in levels]
            if len(set(texts)) < len(texts):
                raise wrong_field("sweep_level_twice", field=field)
        return self

    def budget_of(self, method: SweepMethod) -> SweepBudget:
        """How long the runs of a method go on."""
        return method.budget or self.budget


def read_sweep_file(path: Path) -> SweepFile:
    """Read the file of a sweep; paths in it are relative to its folder.

    Raises:
        InputError: it cannot be read, or a field is unknown or wrong; the message names file, field and rule.
    """
    return sweep_of(read_mapping(path), path)


def sweep_of(content: Mapping[str, Any], file: Path) -> SweepFile:
    """Check what was read; paths are made absolute.

    Args:
        content: fields as in the YAML file.
        file: where they were read.

    Raises:
        InputError: as read_sweep_file.
    """
    try:
        sweep = SweepFile.model_validate_json(json.dumps(content), strict=True)
    except ValidationError as error:
        raise field_refusals(error, known=tuple(SweepFile.model_fields)).within(file=file) from None
    except (TypeError, ValueError, OverflowError, RecursionError) as error:
        raise refuse("scenario_no_data", reason=reason_of(error), file=file) from None
    _refuse_unknown_fields(sweep, file)
    return sweep.model_copy(
        update={
            "cities": tuple(beside(name, file.parent) for name in sweep.cities),
            "scenarios": tuple(beside(name, file.parent) for name in sweep.scenarios),
        }
    )


def _refuse_unknown_fields(sweep: SweepFile, file: Path) -> None:
    """Refuse bounds that no scenario has, and parameters that the book does not hold."""
    fields = [name for name in Scenario.model_fields if name not in NOT_CROSSED]
    for layer, given in (("bounds", sweep.bounds), ("fields", sweep.fields)):
        for name in given:
            if name.partition(".")[0] not in fields:
                raise _unknown(name.partition(".")[0], fields, file, layer)
    book = load_book()
    for key in sweep.parameters:
        if key not in book:
            raise _unknown(key, tuple(book), file, "parameters")


def _unknown(name: str, known: Any, file: Path, layer: str) -> InputError:  # noqa: ANN401 - names in any collection
    return refuse(unknown_name(name, known), file=file, layer=layer)
