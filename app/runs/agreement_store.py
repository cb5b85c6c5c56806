"""The table of what bargaining brings, made once for a city and a scenario and kept between commands."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

from app.files.kept import usable_folder
from app.files.kept_arrays import keep_arrays, kept_path, read_arrays, write_arrays
from app.words.language import reader_language
from data.catalogue import text
from data.city import City
from data.scenario import Bargaining, Scenario
from envs.choices.options import option_space
from envs.kernel import ResolvedScenario, resolve
from envs.kernel.agreements import Agreements
from envs.people.bargaining.table import table_digest, tabulate

FOLDER = "bargaining"
MOST_TABLES = 12
"""Tables that are kept: the newest; one of a large city takes a few megabytes."""

Progress = Callable[[int, int], None]


def resolve_with_agreements(scenario: Scenario, city: City) -> ResolvedScenario:
    """Resolve a scenario against a city, with its table of agreements where it looks at bargaining."""
    return with_agreements(resolve(scenario, city))


def with_agreements(resolved: ResolvedScenario, *, progress: Progress | None = None) -> ResolvedScenario:
    """The scenario with its table of agreements: kept from before, or made now and kept.

    Args:
        resolved: scenario resolved against a city; as it is where bargaining is off, or the table is there.
        progress: told after every option that is bargained over; None = a person who waits at a terminal.
    """
    if resolved.scenario.bargaining is Bargaining.OFF or resolved.agreements is not None:
        return resolved
    digest, folder = table_digest(resolved), usable_folder(FOLDER)
    table = None if folder is None else read_table(kept_path(folder, digest), digest)
    if table is None:
        table = tabulate(resolved, option_space(resolved.without_bargaining), progress=progress or tell_progress)
        if folder is not None:
            keep_arrays(folder, digest, _columns(table), most=MOST_TABLES)
    return resolved.with_agreements(table)


def looked_at(resolved: ResolvedScenario) -> ResolvedScenario:
    """The same with its table, also where the scenario leaves bargaining out: then it is reported."""
    if resolved.scenario.bargaining is Bargaining.OFF:
        scenario = resolved.scenario.model_copy(update={"bargaining": Bargaining.REPORTED})
        resolved = replace(resolved, scenario=scenario)
    return with_agreements(resolved)


def tell_progress(done: int, of: int) -> None:
    """Tell a person who waits how far it is."""
    if sys.stderr.isatty():
        sys.stderr.write(
            "\r" + text("bargaining_progress", reader_language(), done=done, of=of) + ("\n" if done == of else "")
        )
        sys.stderr.flush()


def write_table(path: Path, table: Agreements, digest: str) -> None:
    """Write a table under its digest, whole or not at all."""
    write_arrays(path, digest, _columns(table))


def read_table(path: Path, digest: str) -> Agreements | None:
    """A table that is kept; None where there is none of this digest, or it cannot be read."""
    kept = read_arrays(path, digest, tuple(field.name for field in fields(Agreements)))
    return None if kept is None else Agreements(**kept)


def _columns(table: Agreements) -> dict[str, Any]:
    return {field.name: getattr(table, field.name) for field in fields(table)}
