"""The first model: a scenario resolved against its city, measured by the kernel."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np

from data.arrays import BoolArray, FloatArray, IntArray
from data.scenario import RuleMode
from envs.choices.alone import VillagesAlone
from envs.choices.capital_seeds import earning_genomes
from envs.choices.limit_prices.linear_limits import LinearLimits
from envs.choices.limit_prices.rule_rows import linear_limits
from envs.choices.marginal_gain import MarginalGains, marginal_gains
from envs.choices.options import OptionSpace, option_space
from envs.kernel.computing.backend import Array
from envs.kernel.evaluate import LEAST_CELLS_PER_CHUNK, measure_plans
from envs.kernel.indicators.registry import indicator, objective_signs
from envs.kernel.plans import Plans
from envs.kernel.resolved_scenario import ResolvedScenario
from envs.kernel.trace import SEARCH, Precision, Trace
from envs.models.model import Evaluation, Model, Report
from envs.rules.check import active_rules, excess_matrix, measured_with_rules

SMALL_CITY_PLACES, LARGE_CITY_PLACES = 200, 5_000
MOST_REPORTED, MOST_REPORTED_LARGE = 360, 130
"""Fewer in a large city, where the exact evaluation of a plan takes a second."""
IN_THE_OPTIONS = ("yearly_quota", "consent", "minimum_facility_ratio")
"""Hard rules that plans keep by what the options offer."""


class KernelModel(Model):
    """The kernel as a model; see Model. Its rules count the quota.

    Args:
        resolved: scenario resolved against a city.
        objectives: names; None = the scenario's.
        threads: worker threads of the evaluator.
        space: legal options, if they are known already.
        alone: what villages are worth alone, if somebody asked for it before.
    """

    counts_quota = True

    def __init__(
        self,
        resolved: ResolvedScenario,
        objectives: tuple[str, ...] | None = None,
        *,
        threads: int = 1,
        space: OptionSpace | None = None,
        alone: VillagesAlone | None = None,
    ) -> None:
        """See the class."""
        self.resolved, self.threads = resolved, threads
        self.space = option_space(resolved) if space is None else space
        self.objectives = resolved.scenario.objectives if objectives is None else objectives
        self.signs = np.array(objective_signs(self.objectives), dtype=np.float64)
        self.option_mask, self.start_mask = self.space.option_mask, self.space.start_mask
        self.quota = np.array(resolved.scenario.yearly_quotas, dtype=np.int64)
        self.precision = search_precision(resolved.city.n_places)
        # Single-village bounds hold by construction of a choice; the finished front is checked against all rules.
        self.hard = [rule for rule in active_rules(resolved, (RuleMode.HARD,)) if not rule.built_in]
        self.soft = active_rules(resolved, (RuleMode.PENALIZED,))
        self.rules = tuple(rule.name for rule in self.hard)
        self.kept_by_options = IN_THE_OPTIONS
        self._gains: MarginalGains | None = None
        self._alone = VillagesAlone(resolved, self.space) if alone is None else alone

    def decode(self, start_year: IntArray, option: IntArray) -> Plans:
        """Plans of start years and options."""
        return self.space.decode(start_year, option)

    def evaluate(self, start_year: IntArray, option: IntArray) -> Evaluation:
        """See Model; at search precision."""
        measures: list[Callable[[Trace], Array]] = [indicator(name).value for name in self.objectives]
        measures += [rule.measured for rule in (*self.hard, *self.soft)]
        plans = self.decode(start_year, option)
        values = measure_plans(self.resolved, plans, measures, precision=self.precision, threads=self.threads)
        n_obj, n_hard = len(self.objectives), len(self.hard)
        excess = excess_matrix(self.resolved, (*self.hard, *self.soft), values[n_obj:], plans.n_plans)
        objectives = np.stack(values[:n_obj], axis=1)
        return Evaluation(objectives, excess[:, :n_hard], excess[:, n_hard:].sum(axis=1))

    def report(self, start_year: IntArray, option: IntArray, indicators: Sequence[str] = ()) -> Report:
        """See Model; at report precision, against every rule."""
        names = [*self.objectives, *(indicator(name).name for name in indicators)]
        columns = list(dict.fromkeys(names))
        plans = self.decode(start_year, option)
        judged = measured_with_rules(self.resolved, plans, columns, threads=self.threads)
        values = judged.values[:, : len(self.objectives)]
        by_name = dict(zip(columns, judged.values.T, strict=True))
        return Report(values, judged.excess, (judged.told > 0.0).sum(axis=1), by_name)

    def linear_model(self) -> MarginalGains:
        """See Model; it holds what hard limits count where there are any."""
        if self._gains is None:
            with_limits = bool(set(self.rules) - set(IN_THE_OPTIONS))
            self._gains = marginal_gains(self.resolved, self.space, self.objectives, with_limits=with_limits)
        return self._gains

    def linear_limits(self) -> LinearLimits | None:
        """See Model."""
        return linear_limits(self.linear_model(), self.hard)

    def first_plans(self, n_plans: int) -> tuple[IntArray, IntArray]:
        """See Model; those that earn most."""
        return earning_genomes(self._alone.value_cny, n_plans, self.quota, self.start_mask.shape[1] - 1)

    def narrowed(self, objectives: tuple[str, ...]) -> KernelModel:
        """See Model."""
        return KernelModel(self.resolved, objectives, threads=self.threads, space=self.space, alone=self._alone)

    @property
    def fixed_mask(self) -> BoolArray:
        """See Model."""
        return self.space.fixed_mask

    @property
    def digest(self) -> str:
        """See Model."""
        return self.resolved.digest

    @property
    def plans_at_once(self) -> int:
        """See Model."""
        return LEAST_CELLS_PER_CHUNK // self.resolved.city.n_places

    @property
    def most_reported(self) -> int:
        """See Model."""
        return MOST_REPORTED_LARGE if self.resolved.city.n_places > LARGE_CITY_PLACES else MOST_REPORTED

    @property
    def village_id(self) -> tuple[str, ...]:
        """See Model."""
        return tuple(self.resolved.city.villages.village_id.tolist())

    @property
    def option_kinds(self) -> tuple[IntArray | FloatArray, ...]:
        """See Model."""
        return self.space.option_kinds

    @property
    def position(self) -> FloatArray:
        """See Model [km]."""
        villages = self.resolved.city.villages
        return np.column_stack([villages.x_km, villages.y_km])

    @property
    def district_idx(self) -> IntArray:
        """See Model."""
        return self.resolved.city.villages.district_idx


def search_precision(n_places: int) -> Precision:
    """Single precision, but double in small cities, where it costs nothing and keeps near ties apart."""
    return SEARCH if n_places > SMALL_CITY_PLACES else replace(SEARCH, dtype="float64")
