"""GeoPackages from outside: views, virtual tables and generated columns, which may be endless, are refused."""

from __future__ import annotations

import re
import sqlite3
from contextlib import closing
from pathlib import Path

from data.errors import LONGEST_NAME, printable, reason_of, refuse

MAGIC = b"SQLite format 3\x00"
_SPATIAL_INDEX = re.compile(r'CREATE VIRTUAL TABLE "?rtree_[^"\s]+"? USING rtree\(')


def refuse_computed_tables(path: Path, layer: str = "") -> None:
    """Refuse a GeoPackage with views, virtual tables or generated columns, which a few bytes can make endless.

    Args:
        path: an SQLite file.
        layer: our layer, for the message.

    Raises:
        InputError: it has one of these, or cannot be read.
    """
    try:
        with closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro&immutable=1", uri=True)) as database:
            computed = _computed(database)
    except (sqlite3.Error, ValueError) as error:
        raise refuse("geopackage_unreadable", reason=reason_of(error), file=path, layer=layer) from None
    if computed:
        raise refuse("table_computed", name=printable(computed[0], LONGEST_NAME), file=path, layer=layer)


def _computed(database: sqlite3.Connection) -> list[str]:
    """Names of what is not stored: no root page, or a hidden column; the index of a layer is let through."""
    tables = database.execute(
        "SELECT name, rootpage, sql FROM sqlite_master WHERE type IN ('table', 'view')"
    ).fetchall()
    computed = [str(name) for name, page, sql in tables if not page and not _SPATIAL_INDEX.match(str(sql))]
    for name, page, _ in tables:
        if page:
            columns = database.execute("SELECT name, hidden FROM pragma_table_xinfo(?)", (name,)).fetchall()
            computed += [f"{name}.{column}" for column, hidden in columns if hidden]
    return computed
