"""Import, facilities that a file only counts: a row with a number of schools and clinics becomes one of each."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd

from data.catalogue import message
from data.importing.defaults import fill_book
from data.importing.draft import Draft
from data.table_cells import numbers

BOOK = "import.supply"


def split_counts(draft: Draft) -> None:
    """Replace the rows by one facility for each category that they count, as large as all that are counted.

    A mapping says how large one is (`m2_each`), else the book does; rows that count none of a category make none.
    """
    parts = []
    for category, count in draft.mapping.split.items():
        entry = fill_book()[f"{BOOK}.{category}"]
        each_m2 = fill_book().number(entry.key) if count.m2_each is None else count.m2_each
        counted = numbers(draft.source(count.column, f"split: {category}"))
        some = counted > 0.0
        parts.append(draft.frame[some].assign(category=category, supply_m2=counted[some] * each_m2))
        letter = f"{entry.key}, {entry.confidence}" if count.m2_each is None else message("note_mapping")
        draft.note(
            "note_facility_counts",
            n=int(some.sum()), category=category, column=count.column, each=each_m2, letter=letter,
        )  # fmt: skip
    if not parts:
        return
    draft.frame = gpd.GeoDataFrame(pd.concat(parts, ignore_index=True), crs=draft.frame.crs)
    draft.synthetic[f"{draft.layer}.supply_m2"] = "counts of a file times a size of one, not measured"
    by_book = [category for category, count in draft.mapping.split.items() if count.m2_each is None]
    filled = np.isin(draft.frame["category"].to_numpy(dtype=object).astype(str), by_book)
    draft.fill("supply_m2", filled, "E", "each", key=BOOK, of="category")
