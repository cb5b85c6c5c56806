"""run.json, typed and versioned: what a run is, where it stands, of what it was made; read and written only here."""

from __future__ import annotations

import json
import platform
import sys
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal

import numpy as np
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from app.files.atomic import replaced, write_json
from app.runs.names import RUN_FILE, UNFINISHED, RunStatus
from app.words.fill_words import filled_counts, n_values
from data.errors import InputError, printable, reason_of, refuse
from data.model_version import FIRST_MODEL_VERSION, MODEL_VERSION

if TYPE_CHECKING:
    from app.plans.quantities import Quantities
    from data.city import City
    from data.scenario import Scenario
    from envs.choices.anchors import Anchors
    from envs.kernel import ResolvedScenario

FORMAT_VERSION: Final = 1
"""Of the run folder as a whole."""
RECORD_VERSION = 2
"""Of run.json; a record without a version is of the first one, which had the same fields."""
PROVISIONAL_MARK = '"provisional": true'
"""In run.json where the field is set, as write_record writes it."""
LIBRARIES = (
    "urban-renewal-simulator",
    "numpy",
    "scipy",
    "pandas",
    "geopandas",
    "shapely",
    "pymoo",
    "pydantic",
    "pyarrow",
)


Language = Literal["en", "zh"]


class _Part(BaseModel):
    """Strict: a number is a number and finite; what a later program adds beside the fields is left out."""

    model_config = ConfigDict(frozen=True, strict=True, allow_inf_nan=False)


class RunCity(_Part):
    """The city of a run.

    Attributes:
        name: of the city.
        embedded: name of an embedded city, or None.
        path: of its file, or None.
        synthetic: layer or column -> what is synthetic about it.
        filled: letter of confidence -> values of the city that no file gave and its import filled in.
        n_values: values that describe the city's places, filled in or not.
    """

    name: str
    embedded: str | None = None
    path: str | None = None
    synthetic: dict[str, str] = {}
    filled: dict[str, int] = {}
    n_values: int | None = None

    @model_validator(mode="after")
    def _is_somewhere(self) -> RunCity:
        if not (self.embedded or self.path):
            raise ValueError("embedded or path is needed")
        return self

    @property
    def source(self) -> str:
        """Name or path to read it by."""
        return self.embedded or self.path or ""


class Digests(_Part):
    """Digests of what a run was made of.

    Attributes:
        city: of the city.
        scenario: of everything in the scenario but its parameters.
        parameters: of the parameter book with the scenario's changes.
        resolved: of all of it together.
    """

    city: str
    scenario: str
    parameters: str
    resolved: str | None = None

    def pairs(self) -> Iterator[tuple[str, str]]:
        """Name and digest, of those that are known."""
        return ((name, digest) for name, digest in self if digest is not None)


class AnchorRange(_Part):
    """Anchors of one objective, in its unit.

    Attributes:
        base: of the empty plan.
        best: the best known alone.
        worst: the worst known.
    """

    base: float
    best: float
    worst: float


class OwnObjective(_Part):
    """An objective of a model that is not the program's own.

    Attributes:
        label: by language.
        unit: of its values, one word for all languages or one for each; empty = none.
        sense: "max" or "min", its better side.
    """

    label: dict[Language, str]
    unit: str | dict[Language, str] = ""
    sense: Literal["max", "min"]


class OwnModel(_Part):
    """A model of the user's own that a run searched.

    Attributes:
        source: FILE.py:NAME, as it was called; it is shown, and never run from here.
        objectives: by name, in their order.
    """

    source: str
    objectives: dict[str, OwnObjective]


class Replanned(_Part):
    """The plan whose rest a search planned again.

    Attributes:
        run: name of its run's folder.
        plan_id: of the plan.
        plan: SHA-256 of its decisions.
        year: first programme year that was open.
        actuals: SHA-256 of what had happened by then; None = it was taken that all went as planned.
    """

    run: str
    plan_id: str
    plan: str
    year: int = Field(ge=2)
    actuals: str | None = None


class RunRecord(_Part):
    """run.json.

    Attributes:
        format_version: of the folder.
        record_version: of this record.
        model_version: of the model that computed its numbers; a record without one is of the first.
        command: `optimize` (a search) or `plan` (a policy's plans).
        status: where the run stands.
        created: when it began, ISO 8601, UTC.
        versions: of Python and the libraries.
        city: where the city is from.
        scenario: name of the scenario.
        objectives: names, in their order.
        algorithm: of the search, or method of the planning.
        seed: of the generator.
        seed_plans: folder name of the run whose plans a search began with.
        device: what computed it.
        threads: worker threads.
        evaluations_wanted: budget of a search [plans].
        minutes_wanted: budget of a search [min].
        evaluations: plans evaluated.
        seconds: time taken [s].
        n_plans: on the front.
        anchors: objective -> its anchors.
        recommended: preset -> plan that it prefers.
        digests: of city, scenario and parameters.
        policy: digest of the policy that planned, or that a search began with; None where none did.
        policy_plans: plans of the policy that a search began with.
        policy_seconds: time they took, within that of the search [s].
        anchors_seconds: time that anchors took, likewise [s].
        n_invalid_dropped: plans of a policy left out since they break a hard rule.
        n_dominated_dropped: those left out since another one is better in all objectives.
        has_plan_limits: whether hard limits hold on the whole plan, without which policies are trained.
        preferences_planned: weights of the objectives that were planned for, in the order of `objectives`.
        preference_of_plan: plan id -> weights that it was planned for.
        planned_by_greedy: ids of plans that the greedy method made; none since 0.6.0.
        anchors_source: where the anchors of a planning are from.
        own_model: the model that was searched, where it is not the program's kernel.
        replanned: the plan whose rest was planned again, where one was.
        provisional: whether its front is the first plans of a search that has not ended: it opens, read-only.
    """

    format_version: Literal[1] = FORMAT_VERSION
    record_version: int = 1
    model_version: int = Field(default=FIRST_MODEL_VERSION, ge=FIRST_MODEL_VERSION)
    command: Literal["optimize", "plan"]
    status: RunStatus
    created: str = ""
    versions: dict[str, str] = {}
    city: RunCity
    scenario: str
    objectives: tuple[str, ...] = Field(min_length=1)
    algorithm: str
    seed: int = Field(ge=0)
    seed_plans: str | None = None
    device: str = "cpu"
    threads: int = Field(default=1, ge=1)
    evaluations_wanted: int | None = Field(default=None, ge=0)
    minutes_wanted: float | None = Field(default=None, gt=0.0)
    evaluations: int = Field(ge=0)
    seconds: float = Field(ge=0.0)
    n_plans: int | None = Field(default=None, ge=0)
    anchors: dict[str, AnchorRange] = {}
    recommended: dict[str, str] = {}
    digests: Digests
    policy: str | None = None
    policy_plans: int | None = Field(default=None, ge=0)
    policy_seconds: float | None = Field(default=None, ge=0.0)
    anchors_seconds: float | None = Field(default=None, ge=0.0)
    n_invalid_dropped: int | None = None
    n_dominated_dropped: int | None = None
    has_plan_limits: bool = False
    preferences_planned: tuple[tuple[float, ...], ...] = ()
    preference_of_plan: dict[str, tuple[float, ...]] = {}
    planned_by_greedy: tuple[str, ...] = ()
    anchors_source: str | None = None
    own_model: OwnModel | None = None
    replanned: Replanned | None = None
    provisional: bool = False

    @property
    def is_older(self) -> bool:
        """Whether an older model computed its numbers: they are shown as stored, and nothing is evaluated anew."""
        return self.model_version < MODEL_VERSION

    @property
    def is_planned(self) -> bool:
        """Whether `renewal plan` made it; else a search did."""
        return self.command == "plan"


def read_record(folder: Path) -> RunRecord:
    """Read run.json.

    Raises:
        InputError: the folder is not a run, a later program wrote it, or a field of the record is spoiled.
    """
    path = folder / RUN_FILE
    try:
        text = path.read_text(encoding="utf-8")
        content = json.loads(text)
    except (OSError, ValueError, RecursionError) as error:
        raise refuse("record_unreadable", file=path, reason=reason_of(error)) from None
    _refuse_other_versions(path, content)
    try:
        return RunRecord.model_validate_json(text)
    except ValidationError as error:
        raise _spoiled(path, error) from None


def _refuse_other_versions(path: Path, content: object) -> None:
    if not isinstance(content, dict) or content.get("format_version") != FORMAT_VERSION:
        raise refuse("record_format", file=path, version=FORMAT_VERSION)
    record_version = content.get("record_version", 1)
    if isinstance(record_version, int) and record_version > RECORD_VERSION:
        raise refuse("record_too_new", file=path, layer="record_version", version=record_version, known=RECORD_VERSION)
    model_version = content.get("model_version", FIRST_MODEL_VERSION)
    if isinstance(model_version, int) and model_version > MODEL_VERSION:
        raise refuse("run_of_newer_model", file=path, layer="model_version", version=model_version, known=MODEL_VERSION)


def refuse_older_model(folder: Path, record: RunRecord) -> None:
    """Refuse to evaluate anew what an older model computed.

    Raises:
        InputError: names both models, and what to do instead.
    """
    if record.is_older:
        raise refuse(
            "run_of_older_model",
            file=folder / RUN_FILE,
            layer="model_version",
            version=record.model_version,
            known=MODEL_VERSION,
            folder=str(folder),
        )


def quantities_of(record: RunRecord) -> Quantities:
    """What a run's numbers are: its own model's objectives, or the indicators of the program's kernel."""
    from app.plans.quantities import (
        KERNEL_QUANTITIES,
        named_quantity,
    )  # the kernel, which reading a record can do without

    if record.own_model is None:
        return KERNEL_QUANTITIES
    return {
        name: named_quantity(
            _by_language(item.label),
            item.unit if isinstance(item.unit, str) else _by_language(item.unit),
            item.sense,
        )
        for name, item in record.own_model.objectives.items()
    }


def _by_language(words: Mapping[Language, str]) -> Mapping[str, str]:
    return {str(language): said for language, said in words.items()}


def refuse_own_model(folder: Path, record: RunRecord) -> None:
    """Refuse what only the program's kernel can compute, of a run that searched another model.

    Raises:
        InputError: names the model, and what can be done with the run instead.
    """
    if record.own_model is not None:
        raise refuse("run_of_own_model", file=folder, model=printable(record.own_model.source))


def _spoiled(path: Path, error: ValidationError) -> InputError:
    """The refusal of the first field that is not as runs write it."""
    details = error.errors(include_url=False, include_input=False)[0]
    field = ".".join(str(step) for step in details["loc"])
    key = "record_field_missing" if details["type"] == "missing" else "record_field_spoiled"
    return refuse(key, file=path, layer=field)


def read_finished_record(folder: Path) -> RunRecord:
    """Read run.json of a run whose front is written.

    Raises:
        InputError: as read_record, or its search is still running, was killed, or failed.
    """
    record = read_opened_record(folder)
    if record.provisional:
        raise refuse("run_provisional", file=folder, folder=folder)
    return record


def read_opened_record(folder: Path) -> RunRecord:
    """Read run.json of a run that opens: its front is written, or its search shows first plans meanwhile.

    Raises:
        InputError: as read_record, or its search is still running, was killed, or failed without anything to show.
    """
    record = read_record(folder)
    if record.status in UNFINISHED and not record.provisional:
        raise refuse("run_unfinished", file=folder, status=record.status, evaluations=record.evaluations, folder=folder)
    return record


def begun_record(**fields: Any) -> RunRecord:  # noqa: ANN401 - each of its own type
    """run.json of a run that begins: by which versions, and nothing is evaluated yet.

    Args:
        **fields: command, city, scenario, digests and what else is known of it.
    """
    return RunRecord(
        format_version=FORMAT_VERSION,
        record_version=RECORD_VERSION,
        model_version=MODEL_VERSION,
        status=RunStatus.RUNNING,
        created=datetime.now(UTC).isoformat(timespec="seconds"),
        versions=versions(),
        device="cpu",
        evaluations=0,
        seconds=0.0,
        **fields,
    )


def write_record(folder: Path, record: RunRecord) -> None:
    """Replace run.json by the fields that the record was given.

    Raises:
        InputError: the disk refuses.
    """
    with replaced(folder / RUN_FILE) as partial:
        write_json(partial, record.model_dump(mode="json", exclude_unset=True))


def versions() -> dict[str, str]:
    """Versions of Python and of the libraries that results may depend on."""
    return dict(_versions())


@cache
def _versions() -> dict[str, str]:
    known = {"python": platform.python_version(), "platform": f"{sys.platform} {platform.machine()}"}
    for name in LIBRARIES:
        try:
            known[name] = version(name)
        except PackageNotFoundError:
            known[name] = "not installed"
    return known


def recorded_city(city: City, name_or_path: str) -> RunCity:
    """Name of an embedded city, or path of a file, with what is synthetic about it."""
    from app.runs.loading import city_file

    path = city_file(name_or_path)
    record = RunCity(
        name=city.name,
        embedded=name_or_path if path is None else None,
        path=None if path is None else str(path),
        synthetic=dict(city.synthetic),
    )
    if not city.fills:
        return record
    return record.model_copy(update={"filled": filled_counts(city), "n_values": n_values(city)})


def digests(resolved: ResolvedScenario) -> Digests:
    """Digests of city, scenario (without its parameters, which have their own) and parameters."""
    return Digests(
        city=resolved.city.digest,
        scenario=bounds_digest(resolved.scenario),
        parameters=resolved.book.digest,
        resolved=resolved.digest,
    )


def bounds_digest(scenario: Scenario) -> str:
    """Digest of everything in a scenario but its parameter overrides."""
    return scenario.model_copy(update={"parameters": {}}).digest


def anchor_ranges(objectives: Sequence[str], anchors: Anchors) -> dict[str, AnchorRange]:
    """Objective -> base, best, worst [its unit]."""
    base, best, worst = (
        np.asarray(values, np.float64).tolist() for values in (anchors.base, anchors.best, anchors.worst)
    )
    return {name: AnchorRange(base=base[k], best=best[k], worst=worst[k]) for k, name in enumerate(objectives)}


def anchor_ends(record: RunRecord) -> dict[str, tuple[float, float]]:
    """Objective -> worst and best value known [its unit]."""
    return {name: (ends.worst, ends.best) for name, ends in record.anchors.items()}
