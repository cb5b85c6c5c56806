"""What the parameters do to a plan, kept between commands: row by row, so that a stopped computation goes on."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from app.files.atomic import replaced, write_json
from app.files.kept import cache_folder
from app.runs.record import versions
from data.errors import InputError
from envs.kernel import Plans, ResolvedScenario
from envs.kernel.indicators.registry import INDICATORS
from envs.kernel.plans import canonical
from envs.parameter_sensitivity import Bar, Effect, Measured, measured, parameter_effects, ranged_parameters, tornado

Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class Tornado:
    """What the parameters do to one plan.

    Attributes:
        base: the plan in its scenario.
        effects: of the parameters measured so far, in the order of the book.
        n_ranged: parameters that have a range.
    """

    base: Measured
    effects: tuple[Effect, ...]
    n_ranged: int

    @property
    def complete(self) -> bool:
        """Whether every parameter with a range was measured."""
        return len(self.effects) == self.n_ranged

    def bars(self, name: str) -> list[Bar]:
        """Bars of one indicator, the widest first."""
        return tornado(self.base, self.effects, name)


def tornado_of(
    resolved: ResolvedScenario, plan: Plans, *, progress: Progress | None = None, folder: Path | None = None
) -> Tornado:
    """Measure what is not known yet, and keep it.

    Args:
        resolved: scenario resolved against a city.
        plan: batch of one plan.
        progress: told how many parameters are done, and of how many.
        folder: where results are kept; None = between commands, in the user's cache.
    """
    path, keys = _path(resolved, plan, folder), ranged_parameters(resolved.book)
    known = _read(path, keys)
    base = known.base if known else measured(resolved, plan)
    effects = list(known.effects) if known else []
    for effect in parameter_effects(resolved, plan, keys[len(effects) :], base):
        effects.append(effect)
        _write(path, Tornado(base, tuple(effects), len(keys)))
        if progress:
            progress(len(effects), len(keys))
    return Tornado(base, tuple(effects), len(keys))


def known_tornado(resolved: ResolvedScenario, plan: Plans, *, folder: Path | None = None) -> Tornado | None:
    """What was measured earlier, complete or not; None if nothing was."""
    return _read(_path(resolved, plan, folder), ranged_parameters(resolved.book))


def tornado_frame(tornado: Tornado, resolved: ResolvedScenario, names: list[str]) -> pd.DataFrame:
    """One row per indicator and parameter, the widest swing first, in natural units."""
    rows = []
    for name in names:
        for bar in tornado.bars(name):
            entry = resolved.book[bar.key]
            rows.append(
                {
                    "indicator": name,
                    "indicator_unit": INDICATORS[name].unit,
                    "parameter": bar.key,
                    "label_en": entry.label_en,
                    "label_zh": entry.label_zh,
                    "parameter_unit": entry.unit,
                    "parameter_value": bar.value,
                    "parameter_low": bar.low,
                    "parameter_high": bar.high,
                    "at_scenario": tornado.base.outcomes[name],
                    "at_low": bar.at_low,
                    "at_high": bar.at_high,
                    "swing": bar.swing,
                    "n_hard_rules_broken": bar.n_broken,
                }
            )
    return pd.DataFrame(rows)


def _path(resolved: ResolvedScenario, plan: Plans, folder: Path | None) -> Path:
    columns = canonical(plan).content
    about = f"{resolved.digest}|{versions()['urban-renewal-simulator']}|{','.join(INDICATORS)}"
    name = hashlib.sha256(about.encode() + columns).hexdigest()[:24]
    return (folder or cache_folder().parent / "tornado") / f"{name}.json"


def _write(path: Path, tornado: Tornado) -> None:
    """Keep it where that is possible."""
    content = {"base": asdict(tornado.base), "effects": [asdict(effect) for effect in tornado.effects]}
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with replaced(path) as partial:
            write_json(partial, _without_nan(content))
    except (OSError, InputError):
        return


def _read(path: Path, keys: tuple[str, ...]) -> Tornado | None:
    """What the file holds; None if it is not there or is not such a file."""
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        effects = tuple(_effect(row) for row in content["effects"])
        base = _measured(content["base"])
    except (OSError, ValueError, LookupError, TypeError, AttributeError, RecursionError):
        return None
    in_order = tuple(effect.key for effect in effects) == keys[: len(effects)]
    return Tornado(base, effects, len(keys)) if in_order and set(base.outcomes) == set(INDICATORS) else None


def _effect(row: dict[str, Any]) -> Effect:
    """One parameter's effect from its JSON object."""
    return Effect(
        key=row["key"],
        value=row["value"],
        low=row["low"],
        high=row["high"],
        at_low=_measured(row["at_low"]),
        at_high=_measured(row["at_high"]),
    )


def _measured(row: dict[str, Any]) -> Measured:
    values = {str(name): math.nan if value is None else float(value) for name, value in row["outcomes"].items()}
    return Measured(values, int(row["n_broken"]), str(row["refused"]))


def _without_nan(content: Any) -> Any:  # noqa: ANN401 - JSON
    if isinstance(content, dict):
        return {key: _without_nan(value) for key, value in content.items()}
    if isinstance(content, list):
        return [_without_nan(value) for value in content]
    return None if isinstance(content, float) and not math.isfinite(content) else content
