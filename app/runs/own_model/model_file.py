"""A model of the user's own, from a file that is named on the command line; nothing else ever runs code from a file."""

from __future__ import annotations

import hashlib
import importlib.util
import sys
import traceback
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

from data.errors import InputError, reason_of, refuse
from envs.models.check_model import check_model, check_outcomes
from envs.models.model import Model

MODULE_NAME = "renewal_own_model"


@dataclass(frozen=True, eq=False)
class LoadedModel:
    """A model and where it is from.

    Attributes:
        model: checked.
        source: FILE.py:NAME, as it was called.
        path: of the file.
        digest: SHA-256 of the file.
    """

    model: Model
    source: str
    path: Path
    digest: str


def load_model(source: str) -> LoadedModel:
    """Run a file of the user's own and take the model of a name from it.

    Args:
        source: FILE.py:NAME; NAME is a class or a function without arguments, or a finished model.

    Raises:
        InputError: there is no such file or name, the file fails, or what it gives is no model.
    """
    file, _, name = source.rpartition(":")
    path = Path(file)
    if not file or not name.isidentifier() or path.suffix != ".py":
        raise refuse("model_source_malformed", layer="--model", found=source)
    try:
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError as error:
        raise refuse("file_unreadable", file=path, layer="--model", reason=reason_of(error)) from None
    module = _executed(path)
    if not hasattr(module, name):
        known = [key for key, value in vars(module).items() if _is_own_model(value)]
        raise refuse("model_name_unknown", file=path, layer="--model", name=name, known=known)
    return LoadedModel(_made(path, getattr(module, name), name), source, path, digest)


def _is_own_model(value: object) -> bool:
    is_class = isinstance(value, type) and issubclass(value, Model) and value is not Model
    return is_class or isinstance(value, Model)


def _executed(path: Path) -> ModuleType:
    """The module of a file; its folder is where it finds its neighbors."""
    spec = importlib.util.spec_from_file_location(MODULE_NAME, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[MODULE_NAME] = module
    sys.path.insert(0, str(path.resolve().parent))
    try:
        spec.loader.exec_module(module)
    except Exception as error:
        raise refuse_failure(path, error) from None
    return module


def _made(path: Path, named: Any, name: str) -> Model:  # noqa: ANN401 - whatever the file calls so
    try:
        model = named if isinstance(named, Model) or not callable(named) else named()
        if not isinstance(model, Model):
            raise refuse("model_is_none", file=path, layer=name, found=type(model).__name__)
        check_model(model)
        check_outcomes(model)
    except InputError:
        raise
    except Exception as error:
        raise refuse_failure(path, error) from None
    return model


def lines_in(path: Path, error: BaseException) -> list[int]:
    """Lines of a file that an error came through, the innermost last."""
    frames = traceback.extract_tb(error.__traceback__)
    return [frame.lineno for frame in frames if frame.filename == str(path) and frame.lineno]


def refuse_failure(path: Path, error: Exception) -> InputError:
    """The refusal of a file that raises: what, and on which of its lines."""
    lines = lines_in(path, error)
    line = getattr(error, "lineno", None) or (lines[-1] if lines else None)
    if line is None:
        return refuse("model_fails", file=path, layer="--model", reason=f"{type(error).__name__}: {error}")
    return refuse("model_file_failed", file=path, layer="--model", line=line, reason=f"{type(error).__name__}: {error}")
