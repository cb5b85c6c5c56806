"""What a folder of tables says of itself in about.json: what made it, of what city and scenario, and every column."""

from __future__ import annotations

from typing import Any

from app.runs.record import digests, recorded_city, versions
from data.dictionary import TABLES, table_columns
from envs.kernel import ResolvedScenario
from envs.kernel.model_version import MODEL_VERSION


def about_tables(
    chapter: str, resolved: ResolvedScenario, city: str, *, command: str, more_digests: dict[str, str]
) -> dict[str, Any]:
    """What every such folder says; the command adds what is its own.

    Args:
        chapter: of the dictionary, one of TABLES.
        resolved: scenario resolved against the city.
        city: name or path as it was given.
        command: that writes the folder.
        more_digests: of chapters of the book that no outcome of a plan depends on.
    """
    return {
        "command": command,
        "model_version": MODEL_VERSION,
        "versions": versions(),
        "city": recorded_city(resolved.city, city).model_dump(mode="json"),
        "scenario": resolved.scenario.name,
        "digests": digests(resolved).model_dump(mode="json") | more_digests,
        "dictionary": {
            table: {
                name: column.model_dump(mode="json", exclude_defaults=True)
                for name, column in table_columns(chapter, table).items()
            }
            for table in TABLES[chapter]
        },
    }
