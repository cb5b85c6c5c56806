"""Policies on disk: read back equal; anything else is refused in one message; nothing is unpickled."""

from __future__ import annotations

import json
import os
import pickle
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import save_file

from agents.policy.policy_files import MOST_BYTES, NUMBERS_FILE, RECORD_FILE, SHIPPED, read_policy, write_policy
from agents.policy.rollout import rollout
from data.errors import InputError
from policy_fixtures import look_at, preferences, random_parameters


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write_policy(tmp_path, random_parameters(1), {"command": "renewal train", "seed": 1})
    return tmp_path


def test_what_is_written_is_read(folder: Path) -> None:
    stored = read_policy(folder)
    assert stored.record["seed"] == 1
    mine = rollout(look_at("fifty"), random_parameters(1), preferences(3))
    theirs = rollout(look_at("fifty"), stored.parameters, preferences(3))
    np.testing.assert_array_equal(mine.plans.start_year, theirs.plans.start_year)


def test_the_shipped_policy_says_what_made_it() -> None:
    stored = read_policy()
    for name in ("command", "seed", "steps", "minutes", "cities", "versions", "setting"):
        assert stored.record[name] is not None, name
    assert stored.record["command"].startswith("renewal train")
    assert sum(path.stat().st_size for path in SHIPPED.iterdir()) < 3_000_000
    assert {path.suffix for path in SHIPPED.iterdir()} == {".json", ".safetensors"}


def _nan(folder: Path) -> None:
    parameters = random_parameters(1)
    parameters["score"][0] = np.nan
    write_policy(folder, parameters, {})


def _other(folder: Path) -> None:
    save_file({"a": np.zeros(3, dtype=np.float32)}, folder / NUMBERS_FILE)


def _swapped(folder: Path) -> None:
    save_file(random_parameters(2), folder / NUMBERS_FILE)


def _pickled(folder: Path) -> None:
    (folder / NUMBERS_FILE).write_bytes(pickle.dumps({"a": 1}))


def _flat(folder: Path) -> None:
    write_policy(folder, random_parameters(1) | {"attend": np.zeros(3, dtype=np.float32)}, {})


def _large(path: Path) -> None:
    with path.open("r+b") as file:
        file.truncate(MOST_BYTES + 1)


def _pipe(path: Path) -> None:
    path.unlink()
    os.mkfifo(path)


def _features(folder: Path) -> None:
    record = json.loads((folder / RECORD_FILE).read_text())
    (folder / RECORD_FILE).write_text(json.dumps(record | {"features": "0"}))


@pytest.mark.parametrize(
    ("break_it", "rule"),
    [
        (_nan, "finite"),
        (_other, "other parameters"),
        (_swapped, "belongs to other parameters"),
        (_pickled, "is no safetensors file"),
        (_features, "other features"),
        (_flat, "other parameters"),
        (
            lambda folder: _large(folder / NUMBERS_FILE),
            r"policy\.safetensors: is larger than 64 MiB; that is no policy$",
        ),
        (lambda folder: _large(folder / RECORD_FILE), r"policy\.json: is larger than 64 MiB; that is no policy$"),
        (lambda folder: _pipe(folder / RECORD_FILE), "is no regular file"),
        (lambda folder: (folder / NUMBERS_FILE).unlink(), "cannot be read"),
        (lambda folder: (folder / RECORD_FILE).unlink(), "cannot be read"),
        (lambda folder: (folder / RECORD_FILE).write_text("{"), "is no JSON"),
        (lambda folder: (folder / RECORD_FILE).write_text("[]"), "format_version"),
    ],
)
def test_what_is_no_policy_is_refused(folder: Path, break_it: Callable[[Path], object], rule: str) -> None:
    break_it(folder)
    with pytest.raises(InputError, match=rule) as told:
        read_policy(folder)
    assert str(told.value).count(str(folder)) == 1
