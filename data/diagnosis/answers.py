"""Which options of a plan answer which weak condition: a table of documented reasons, read from `answers.yaml`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from data.strict_yaml import read_mapping

ANSWERS_FILE = Path(__file__).with_name("answers.yaml")


@dataclass(frozen=True)
class Answer:
    """What answers one weak condition.

    Attributes:
        condition: its name.
        measure: en and zh: what is done about it.
        intensities: of options that answer; none = no option of a plan does.
        land_uses: of rebuilt options that answer; none = any, and where nothing is rebuilt, too.
        needs_facilities: only options with a facility ratio above 0.
        because: en and zh: the equation or the policy that says so.
        source: where that stands.
    """

    condition: str
    measure: Mapping[str, str]
    intensities: tuple[str, ...]
    land_uses: tuple[str, ...]
    needs_facilities: bool
    because: Mapping[str, str]
    source: str

    @property
    def by_a_plan(self) -> bool:
        """Whether any option answers it."""
        return bool(self.intensities)


@cache
def answers() -> Mapping[str, Answer]:
    """Condition -> what answers it."""
    return {
        name: Answer(
            condition=name,
            measure=entry["measure"],
            intensities=tuple(entry["intensities"]),
            land_uses=tuple(entry.get("land_uses", ())),
            needs_facilities=bool(entry.get("needs_facilities", False)),
            because=entry["because"],
            source=entry["source"],
        )
        for name, entry in read_mapping(ANSWERS_FILE).items()
    }
