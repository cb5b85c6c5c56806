"""The file of a training: every setting reaches the engine, options win, and what is wrong is named."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path

import pytest

pytest.importorskip("sb3_contrib", reason="in the extra `train`")
from agents.training.learner import TrainingSetting
from app.runs.training_config import (
    NetworkSetting,
    PpoSetting,
    TrainingConfig,
    read_training_config,
    training_schema,
    with_options,
)
from data.errors import InputError

EXAMPLE = Path(__file__).parents[3] / "docs" / "examples" / "training.yaml"


def written(tmp_path: Path, content: str) -> Path:
    path = tmp_path / "t.yaml"
    path.write_text(content, encoding="utf-8")
    return path


def test_every_setting_can_be_set_once() -> None:
    ppo, network = set(PpoSetting.model_fields), set(NetworkSetting.model_fields)
    assert ppo | network | {"seed", "n_villages"} == {field.name for field in fields(TrainingSetting)}
    assert not ppo & network


def test_the_example_holds_every_setting_at_its_default() -> None:
    config = read_training_config(EXAMPLE)
    assert (config.ppo, config.network) == (PpoSetting(), NetworkSetting())
    assert config.ppo.model_fields_set == set(PpoSetting.model_fields)
    assert config.network.model_fields_set == set(NetworkSetting.model_fields)
    assert config.seeds == (0, 1, 2)


def test_settings_reach_the_training(tmp_path: Path) -> None:
    config = read_training_config(
        written(tmp_path, "ppo: {clip_range: 0.1, gamma: 0.9}\nnetwork: {width: 8, heads: 2}")
    )
    setting = config.setting(4, 30)
    assert (setting.seed, setting.n_villages, setting.clip_range, setting.gamma) == (4, 30, 0.1, 0.9)
    first = setting.first_parameters()
    assert first["attend"].shape == (8, 2)


def test_an_option_wins_over_the_file(tmp_path: Path) -> None:
    config = read_training_config(written(tmp_path, "seeds: [1, 2]\nsteps: 9\nppo: {n_steps: 3}\nvary: true"))
    won = with_options(config, seeds=(5,), learning_rate=0.5, steps=None, cities=("tiny",))
    assert (won.seeds, won.steps, won.ppo.n_steps, won.ppo.learning_rate) == ((5,), 9, 3, 0.5)
    assert (won.cities, won.vary) == (("tiny",), False)


@pytest.mark.parametrize(
    ("content", "options", "told"),
    [
        ("cities: [tiny]", {"vary": True}, "cities, or vary"),
        ("network: {width: 8}", {"begin": "other"}, "brings its own network"),
    ],
)
def test_an_option_that_the_file_leaves_no_place_for(
    tmp_path: Path, content: str, options: dict[str, object], told: str
) -> None:
    with pytest.raises(InputError, match=told):
        with_options(read_training_config(written(tmp_path, content)), **options)


def test_files_are_beside_the_configuration(tmp_path: Path) -> None:
    (tmp_path / "own.yaml").write_text("name: own")
    config = read_training_config(written(tmp_path, "scenario: own.yaml\nbegin: other\ncities: [tiny]"))
    assert config.scenario == str((tmp_path / "own.yaml").resolve())
    assert config.begin == str(tmp_path / "other")
    assert config.cities == ("tiny",)


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("ppo: {n_stepz: 3}", "n_stepz"),
        ("ppo: {clip_range: 0}", "ppo.clip_range"),
        ("ppo: {n_steps: 1.5}", "ppo.n_steps"),
        ("network: {width: wide}", "network.width"),
        ("seeds: []", "at least one"),
        ("seeds: [1, 1]", "seeds"),
        ("stepps: 3", "steps"),
        ("cities: [tiny]\nvary: true", "cities, or vary"),
        ("cities: [tiny]\ngenerate: 4-8", "cities, or generate"),
        ("begin: a\nnetwork: {width: 8}", "brings its own network"),
        ("minutes: .inf", "minutes"),
        ("ppo: {n_cities: 1, n_episodes: 1, n_steps: 17, batch_size: 16}", "a single decision"),
        ("ppo: {n_cities: 1, n_episodes: 1, n_steps: 1}", "a single decision"),
        ("engine: trch", "t.yaml: engine: 'trch' is not known"),
        ("device: tpu", "t.yaml: device: must be auto, cpu or cuda, found 'tpu'"),
        ("- a", "t.yaml"),
    ],
)
def test_what_is_wrong_is_named(tmp_path: Path, content: str, told: str) -> None:
    with pytest.raises(InputError) as error:
        read_training_config(written(tmp_path, content))
    assert told in str(error.value)
    assert "t.yaml" in str(error.value)


def test_the_schema_names_every_field() -> None:
    schema = training_schema()
    assert set(schema["properties"]) == set(TrainingConfig.model_fields)
    assert schema["additionalProperties"] is False
