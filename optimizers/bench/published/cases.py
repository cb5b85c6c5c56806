"""The two published cases: all of Beijing (1,451 villages, 30 a year) and Chaoyang (312 villages, 6 a year)."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from optimizers.bench.published.city import PublishedCity, read_published_city, read_table
from optimizers.bench.published.model import BEIJING, CHAOYANG, PublishedModel, Weights

CHAOYANG_VILLAGES = "chaoyang_villages.csv"


@dataclass(frozen=True)
class Case:
    """One of the published cases.

    Attributes:
        name: as it is printed.
        prefix: of its plans' files, in plans/.
        yearly: villages of each year.
        weights: of the total.
        must: total that our search must reach.
        aim: total that it aims at.
    """

    name: str
    prefix: str
    yearly: int
    weights: Weights
    must: float
    aim: float

    def model(self, city: PublishedCity, *, by_total: bool) -> PublishedModel:
        """The published model of the case."""
        return PublishedModel(city, yearly=self.yearly, weights=self.weights, by_total=by_total)

    def plan_files(self, folder: Path) -> list[Path]:
        """Files of the case's plans."""
        of_district = ONE_DISTRICT.prefix
        files = sorted((folder / "plans").glob("*.csv"))
        return [path for path in files if path.stem.startswith(of_district) == (self.prefix == of_district)]


WHOLE_CITY = Case("Beijing", "", 30, BEIJING, must=188_885.0, aim=189_500.0)
ONE_DISTRICT = Case("Chaoyang", "chaoyang", 6, CHAOYANG, must=2_489.0, aim=2_500.0)
CASES = WHOLE_CITY, ONE_DISTRICT


def read_cities(folder: Path) -> dict[Case, PublishedCity]:
    """The city of each case.

    Raises:
        InputError: the folder lacks a file, or one of them is wrong.
    """
    city = read_published_city(folder)
    chosen = read_table(folder / CHAOYANG_VILLAGES, ("village_id",))["village_id"].to_numpy(dtype=np.int64)
    return {WHOLE_CITY: city, ONE_DISTRICT: city.of(chosen)}
