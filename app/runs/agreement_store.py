"""The table of what bargaining brings, made once for a city and a scenario and kept between commands."""

from __future__ import annotations

import sys
import zipfile
import zlib
from collections.abc import Callable
from dataclasses import fields, replace
from pathlib import Path

import numpy as np

from app.files.atomic import new_file
from app.files.kept import usable_folder
from app.words.language import reader_language
from data.catalogue import text
from data.city import City
from data.errors import InputError
from data.scenario import Bargaining, Scenario
from envs.choices.options import option_space
from envs.kernel import ResolvedScenario, resolve
from envs.kernel.agreements import Agreements
from envs.people.bargaining.table import table_digest, tabulate

FOLDER = "bargaining"
MOST_TABLES = 12
"""Tables that are kept: the newest; one of a large city takes a few megabytes."""
MOST_BYTES = 256 * 2**20
"""Of a file that is read as a table."""
UNREADABLE = (OSError, ValueError, KeyError, TypeError, EOFError, zipfile.BadZipFile, zlib.error)

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
    table = None if folder is None else read_table(folder / f"{digest[:16]}.npz", digest)
    if table is None:
        table = tabulate(resolved, option_space(resolved.without_bargaining), progress=progress or tell_progress)
        if folder is not None:
            _keep(table, folder, digest)
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
    with new_file(path) as draft, draft.open("wb") as file:
        columns = {field.name: getattr(table, field.name) for field in fields(table)}
        np.savez_compressed(file, digest=np.array(digest), **columns)


def read_table(path: Path, digest: str) -> Agreements | None:
    """A table that is kept; None where there is none of this digest, or it cannot be read."""
    try:
        if path.stat().st_size > MOST_BYTES:
            return None
        with path.open("rb") as file, np.load(file, allow_pickle=False) as kept:
            if str(kept["digest"]) != digest:
                return None
            table = Agreements(**{field.name: kept[field.name] for field in fields(Agreements)})
        path.touch()
    except UNREADABLE:
        return None
    return table


def _keep(table: Agreements, folder: Path, digest: str) -> None:
    """Keep a table, and no more than the newest of them; a full disk costs only the keeping."""
    try:
        write_table(folder / f"{digest[:16]}.npz", table, digest)
        newest_first = sorted(folder.glob("*.npz"), key=lambda path: path.stat().st_mtime, reverse=True)
        for old in newest_first[MOST_TABLES:]:
            old.unlink(missing_ok=True)
    except (InputError, OSError):
        return
