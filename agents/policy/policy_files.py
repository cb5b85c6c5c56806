"""Policies on disk: numbers as safetensors, everything else as JSON. Nothing is ever unpickled."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from stat import S_ISREG
from typing import Any

import numpy as np
from safetensors import SafetensorError
from safetensors.numpy import load, save

from agents.policy.layout import CANDIDATE_FEATURES, CITY_FEATURES, LAYOUT_VERSION
from agents.policy.network import shapes
from data.errors import reason_of, refuse
from envs.game.observation import VILLAGE_FEATURES

NUMBERS_FILE, RECORD_FILE = "policy.safetensors", "policy.json"
FORMAT_VERSION = 1
SHIPPED = Path(__file__).parents[1] / "trained"
"""The default policy."""
MOST_BYTES = 64 * 2**20


@dataclass(frozen=True, eq=False)
class StoredPolicy:
    """A policy read back.

    Attributes:
        parameters: of agents.policy.network, float32.
        record: what made it: command, seed, steps, minutes, cities, versions.
        digest: of the parameters.
    """

    parameters: dict[str, np.ndarray]
    record: dict[str, Any]
    digest: str


def write_policy(folder: Path, parameters: Mapping[str, np.ndarray], record: Mapping[str, Any]) -> None:
    """Write both files, each through a sibling; the record last."""
    folder.mkdir(parents=True, exist_ok=True)
    numbers = save({name: np.ascontiguousarray(values) for name, values in parameters.items()})
    content = {
        "format_version": FORMAT_VERSION,
        **record,
        "features": features_digest(),
        "parameters": parameters_digest(parameters),
    }
    for name, data in ((NUMBERS_FILE, numbers), (RECORD_FILE, (json.dumps(content, indent=1) + "\n").encode())):
        replace_bytes(folder / name, data)


def replace_bytes(path: Path, data: bytes) -> None:
    """Write a file through a sibling, so that it is whole or as it was."""
    partial = path.with_name(f".{path.name}.partial")
    try:
        partial.write_bytes(data)
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)


def read_policy(folder: Path = SHIPPED) -> StoredPolicy:
    """Read a policy and check that it is whole and speaks of the same features.

    Raises:
        InputError: a file is missing, malformed, too large, or of another version of the features.
    """
    record = _record(folder / RECORD_FILE)
    parameters = read_numbers(folder / NUMBERS_FILE)
    if record.get("features") != features_digest():
        raise refuse("policy_features_outdated", file=folder / RECORD_FILE)
    stored = {name: values.shape for name, values in parameters.items()}
    attend = stored.get("attend", ())
    if len(attend) != 2 or stored != shapes(*attend):
        raise refuse("policy_parameters_other", file=folder / NUMBERS_FILE)
    for name, values in parameters.items():
        if values.dtype != np.float32 or not np.isfinite(values).all():
            raise refuse("policy_parameters_not_finite", file=folder / NUMBERS_FILE, layer=name)
    digest = parameters_digest(parameters)
    if record.get("parameters") != digest:
        raise refuse("policy_record_of_others", file=folder / RECORD_FILE)
    return StoredPolicy(parameters, record, digest)


def read_numbers(path: Path) -> dict[str, np.ndarray]:
    """Arrays of a safetensors file.

    Raises:
        InputError: it is missing, too large or malformed.
    """
    data = _content(path)
    try:
        return load(data)
    except (SafetensorError, ValueError, KeyError) as error:
        raise refuse("policy_numbers_no_safetensors", file=path, reason=reason_of(error)) from None


def _content(path: Path) -> bytes:
    """What a file of a policy holds; nothing that is too large, or no file, is opened."""
    try:
        status = path.stat()
        if not S_ISREG(status.st_mode):
            raise refuse("policy_file_irregular", file=path)
        if status.st_size > MOST_BYTES:
            raise refuse("policy_file_too_large", file=path, most=MOST_BYTES // 2**20)
        return path.read_bytes()
    except OSError as error:
        reason = reason_of(error)
        raise refuse("policy_unreadable", file=path, reason=reason, record=RECORD_FILE, numbers=NUMBERS_FILE) from None


def _record(path: Path) -> dict[str, Any]:
    data = _content(path)
    try:
        content = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise refuse("policy_record_no_json", file=path, reason=reason_of(error)) from None
    if not isinstance(content, dict) or content.get("format_version") != FORMAT_VERSION:
        raise refuse("policy_record_version", file=path, version=FORMAT_VERSION)
    return content


def features_digest() -> str:
    """Digest of the layout: its version, and the names of all features in order."""
    layout = [LAYOUT_VERSION, VILLAGE_FEATURES, CANDIDATE_FEATURES, CITY_FEATURES]
    return sha256(json.dumps(layout).encode()).hexdigest()[:16]


def parameters_digest(parameters: Mapping[str, np.ndarray]) -> str:
    """Digest of names, shapes and numbers."""
    whole = sha256()
    for name in sorted(parameters):
        values = np.ascontiguousarray(parameters[name], dtype=np.float32)
        whole.update(f"{name}{values.shape}".encode() + values.tobytes())
    return whole.hexdigest()
