"""What a report is about: one plan of a run, its numbers by the one evaluator, and the language they are told in."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from app.compliance.exceptions import GrantedException
from app.compliance.matrix import Compliance, compliance
from app.plans.front_view import FrontView, front_view
from app.plans.tables import PlanTables
from app.runs.run_folder import Run
from app.studies.tornado_file import Tornado
from app.words.console import cell_text, listed, money_scale, shown_scale, value_text
from data.catalogue import text
from envs.kernel.indicators.registry import INDICATORS
from envs.rules.check import Finding
from envs.rules.targets import Score, scorecard


@dataclass(frozen=True, eq=False)
class Subject:
    """A plan to report on.

    Attributes:
        run: the run it belongs to.
        plan_id: of the plan.
        tables: of the plan.
        language: en or zh.
        tornado: what the parameters do to it, where that was computed.
        exceptions: from rules, granted for it or another version of it.
    """

    run: Run
    plan_id: str
    tables: PlanTables
    language: str
    tornado: Tornado | None = None
    exceptions: tuple[GrantedException, ...] = ()

    def say(self, key: str, **values: object) -> str:
        """A text of the catalogue."""
        return text(key, self.language, **values)

    @cached_property
    def values(self) -> dict[str, float]:
        """Every indicator of the plan; NaN where undefined."""
        frame = self.tables.indicators()
        return dict(zip(frame["indicator"], frame["value"].astype(float), strict=True))

    @cached_property
    def base(self) -> dict[str, float]:
        """The same of the empty plan."""
        frame = self.tables.indicators()
        return dict(zip(frame["indicator"], frame["base_value"].astype(float), strict=True))

    @cached_property
    def compliance(self) -> Compliance:
        """The plan against every rule, with its exceptions."""
        return compliance(self.tables.resolved, self.tables.plan, self.exceptions)

    @property
    def findings(self) -> tuple[Finding, ...]:
        """Every rule on the plan."""
        return self.compliance.findings

    @cached_property
    def scores(self) -> list[Score]:
        """Every target of the scenario on the plan."""
        return scorecard(self.tables.resolved, self.tables.plan)

    @cached_property
    def front(self) -> FrontView:
        """The front that the plan stands on."""
        return front_view(self.run.front, self.objectives, self.run.record.recommended)

    @property
    def objectives(self) -> tuple[str, ...]:
        """Names of the scenario's objectives."""
        return self.tables.resolved.scenario.objectives

    def label(self, name: str) -> str:
        """An indicator's name."""
        return INDICATORS[name].label[self.language]

    def shown(self, name: str, value: float | None, *, signed: bool = False) -> str:
        """An indicator's value with its unit."""
        return value_text(value, INDICATORS[name].unit, self.language, signed=signed)

    def change(self, name: str) -> str:
        """The plan less the empty plan; a dash where either is undefined."""
        change = self.values[name] - self.base[name]
        return self.shown(name, change, signed=True) if math.isfinite(change) else "-"

    @property
    def money(self) -> tuple[float, str]:
        """What amounts in tables are divided by, and their unit."""
        return money_scale("CNY", self.language)

    def amount(self, value_cny: float) -> str:
        """An amount for a column whose head names the unit."""
        return cell_text(value_cny / self.money[0], 2)

    def scale(self, name: str) -> tuple[float, str]:
        """What an indicator is divided by in charts, and the unit it then has."""
        return shown_scale(INDICATORS[name].unit, self.language)

    def listed(self, items: Sequence[str]) -> str:
        """Items in a row."""
        return listed(items, self.language)
