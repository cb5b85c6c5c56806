"""The file of a training: cities, budget, engine, and every setting of PPO and of the network; its schema."""

from __future__ import annotations

import json
from dataclasses import fields
from pathlib import Path
from typing import Annotated, Any, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from agents.training.engines import DEFAULT_ENGINE, ENGINES
from agents.training.learner import TrainingSetting
from app.runs.names import LARGEST_TRAINING_SEED
from data.errors import reason_of, refuse
from data.field_errors import field_refusals, wrong_field
from data.parameter import unknown_name
from data.paths import beside
from data.scenario import Distinct
from data.strict_yaml import read_mapping

DEFAULT: dict[str, Any] = {field.name: field.default for field in fields(TrainingSetting)}
DEVICES = ("auto", "cpu", "cuda")

Count = Annotated[int, Field(ge=1)]
Share = Annotated[float, Field(ge=0.0, le=1.0)]
Positive = Annotated[float, Field(gt=0.0)]
NotNegative = Annotated[float, Field(ge=0.0)]
Seed = Annotated[int, Field(ge=0, le=LARGEST_TRAINING_SEED)]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


class PpoSetting(_Strict):
    """Settings of play and of PPO, by the names of agents.training.learner.TrainingSetting, which tells them."""

    n_cities: Count = DEFAULT["n_cities"]
    n_episodes: Count = DEFAULT["n_episodes"]
    n_steps: Count = DEFAULT["n_steps"]
    batch_size: Annotated[int, Field(ge=2)] = DEFAULT["batch_size"]
    n_epochs: Count = DEFAULT["n_epochs"]
    learning_rate: Annotated[float, Field(gt=0.0, le=1.0)] = 1.5e-3
    target_kl: Positive = DEFAULT["target_kl"]
    gamma: Share = DEFAULT["gamma"]
    gae_lambda: Share = DEFAULT["gae_lambda"]
    clip_range: Positive = DEFAULT["clip_range"]
    ent_coef: NotNegative = DEFAULT["ent_coef"]
    vf_coef: NotNegative = DEFAULT["vf_coef"]
    max_grad_norm: Positive = DEFAULT["max_grad_norm"]
    adam_epsilon: Positive = DEFAULT["adam_epsilon"]
    judge_every: Count = DEFAULT["judge_every"]
    patience: Count = DEFAULT["patience"]

    @model_validator(mode="after")
    def _coherent(self) -> Self:
        n_decisions = self.n_cities * self.n_episodes * self.n_steps
        if (
            n_decisions % self.batch_size == 1
        ):  # the advantages of a mini-batch are scaled by their spread: one has none
            raise wrong_field("training_batch_of_one", field="batch_size", n=n_decisions, batch_size=self.batch_size)
        return self


class NetworkSetting(_Strict):
    """Settings of the network before it learns, by the names of agents.training.learner.TrainingSetting."""

    width: Annotated[int, Field(ge=1, le=1_024)] = DEFAULT["width"]
    heads: Annotated[int, Field(ge=1, le=64)] = DEFAULT["heads"]
    greed: NotNegative = DEFAULT["greed"]
    waiting: NotNegative = DEFAULT["waiting"]


class TrainingConfig(_Strict):
    """What a training is given.

    Attributes:
        cities: names or files to learn from; empty = drawn ones.
        generate: sizes of drawn cities, such as "20-60".
        vary: draw years, ranges, objectives and limits of each city around the scenario.
        scenario: preset or file.
        steps: budget in decisions; None = no such limit.
        minutes: budget by the clock; None = no such limit, or half an hour where there is no other.
        seeds: a training each.
        engine: one of agents.training.engines.ENGINES.
        device: auto, cpu or cuda.
        begin: folder of a policy to begin with; None = the network before it learns.
        ppo: settings of play and of PPO.
        network: settings of the network.
    """

    cities: Distinct[str] = ()
    generate: str = "20-60"
    vary: bool = False
    scenario: str = "balanced"
    steps: Count | None = None
    minutes: Positive | None = None
    seeds: Distinct[Seed] = (0,)
    engine: str = DEFAULT_ENGINE
    device: str = "cpu"
    begin: str | None = None
    ppo: PpoSetting = PpoSetting()
    network: NetworkSetting = NetworkSetting()

    @model_validator(mode="after")
    def _coherent(self) -> Self:
        if not self.seeds:
            raise wrong_field("entries_none", field="seeds")
        if self.engine not in ENGINES:
            found = unknown_name(self.engine, ENGINES)
            raise wrong_field("engine_unknown", field="engine", found=found, engines=list(ENGINES))
        if self.device not in DEVICES:
            raise wrong_field("device_unknown", field="device", found=self.device)
        if self.cities and "generate" in self.model_fields_set:
            raise wrong_field("training_cities_generate", field="generate")
        if self.cities and self.vary:
            raise wrong_field("training_cities_vary", field="vary")
        if self.begin is not None and self.network != NetworkSetting():
            raise wrong_field("training_begin_network", field="network")
        return self

    def setting(self, seed: int, n_villages: int) -> TrainingSetting:
        """What decides the course of one training.

        Args:
            seed: of it.
            n_villages: most villages of a city.
        """
        return TrainingSetting(seed=seed, n_villages=n_villages, **self.ppo.model_dump(), **self.network.model_dump())


def read_training_config(path: Path) -> TrainingConfig:
    """Read the file of a training; files and folders it names are relative to its own.

    Raises:
        InputError: it cannot be read, or a field is unknown or wrong; the message names file, field and rule.
    """
    content = read_mapping(path)
    try:
        config = TrainingConfig.model_validate_json(json.dumps(content), strict=True)
    except ValidationError as error:
        raise field_refusals(error, known=tuple(TrainingConfig.model_fields)).within(file=path) from None
    except (TypeError, ValueError, OverflowError, RecursionError) as error:
        raise refuse("scenario_no_data", reason=reason_of(error), file=path) from None
    return config.model_copy(
        update={
            "cities": tuple(beside(name, path.parent) for name in config.cities),
            "scenario": beside(config.scenario, path.parent),
            "begin": None if config.begin is None else str(path.parent / config.begin),
        }
    )


def with_options(config: TrainingConfig, **options: Any) -> TrainingConfig:  # noqa: ANN401 - as the command line has them
    """A configuration with what the command line says; None = it says nothing.

    Args:
        config: from a file, or the defaults.
        **options: by field; `learning_rate` is one of `ppo`.

    Raises:
        InputError: an option that the file leaves no place for.
    """
    given = {name: value for name, value in options.items() if value is not None}
    rate = given.pop("learning_rate", None)
    if rate is not None:
        given["ppo"] = config.ppo.model_copy(update={"learning_rate": rate})
    if "cities" in given:
        given["vary"] = given.get("vary", False)
    won = config.model_copy(update=given)
    if won.cities and won.vary:
        raise refuse("training_cities_vary", layer="--vary")
    if won.begin is not None and won.network != NetworkSetting():
        raise refuse("training_begin_network", layer="--begin")
    return won


def training_schema() -> dict[str, Any]:
    """JSON schema of the file."""
    return TrainingConfig.model_json_schema()
