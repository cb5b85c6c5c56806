"""Goal seeking: the least change of one lever with which some plan meets all targets, or the proof that none does.

The lever's range is searched from its current value outwards: both ends and a coarse grid first, each with a search for
the plan that comes nearest, then bisection between the nearest value that meets the targets and its neighbor that was
found not to. Bisection assumes that the answer changes once in between; the coarse grid shows where that is wrong. A
search that finds no plan proves nothing: IMPOSSIBLE needs a definition or a certified bound that rules a target out, or
every plan of the option space tried, which says nothing of densities and facility ratios between the scenario's levels.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from itertools import chain

import numpy as np

from data.catalogue import message
from data.errors import InputError, refuse
from data.levers import Lever, with_lever
from data.scenario import RuleMode, Scenario, Target
from envs.choices.bargained_options import with_agreements
from envs.choices.options import option_space
from envs.kernel.plans import Plans, concatenate, empty_plan
from envs.kernel.resolve import resolve
from envs.kernel.resolved_scenario import ResolvedScenario
from envs.kernel.resolving.calendar import make_clock
from envs.rules.check import rule_mode, rules_of
from envs.rules.targets import refuse_unknown_targets, scorecard
from optimizers.goals.lever_range import LeverRange, lever_range
from optimizers.goals.seek_result import IMPOSSIBLE, MET, NOT_MET, Proof, SeekResult, Trial, proof_by_definition
from optimizers.goals.target_attainment import Attainment, best_attainment, exact_attainment, nearest_of
from optimizers.problem.enumeration import count_plans

PROOF_PLANS = 500_000
"""Most plans that are enumerated at once for a proof, over all lever values."""
Certificate = Callable[[ResolvedScenario, Target], object | None]
"""Says why no plan of a scenario reaches a target, for example a certified bound; None where it cannot say."""


def seek(
    resolved: ResolvedScenario,
    lever: Lever,
    low: float,
    high: float,
    *,
    evaluations: int,
    seed: int = 0,
    threads: int = 1,
    certificate: Certificate | None = None,
    progress: Callable[[Trial], None] | None = None,
    known_plans: Plans | None = None,
    other_plans: Callable[[], Iterable[Plans]] | None = None,
) -> SeekResult:
    """Seek the least change of a lever with which some plan meets the scenario's targets.

    Args:
        resolved: scenario with its targets, resolved against a city.
        lever: of that scenario.
        low: least value.
        high: largest value.
        evaluations: plans that may be evaluated at each value; where that covers all plans, answers are exact.
        seed: of all random choices.
        threads: worker threads.
        certificate: rules targets out without a search; it must be right, and may be silent.
        progress: called with each trial.
        known_plans: of runs that exist; one of them that meets the targets at a value is never overlooked there.
        other_plans: makes batches of all further plans that may meet them, looked through wherever nothing else does.

    Returns:
        The outcome; see SeekResult.

    Raises:
        InputError: no targets, an unknown indicator or year, or a range that the scenario does not allow.
    """
    began, targets = time.perf_counter(), resolved.scenario.targets
    if not targets:
        raise refuse("targets_missing", layer="--target")
    refuse_unknown_targets(resolved.scenario)
    span = lever_range(lever, low, high)
    search = _Seeking(
        resolved=resolved,
        span=span,
        evaluations=evaluations,
        seed=seed,
        threads=threads,
        certificate=certificate,
        progress=progress,
        known_plans=known_plans,
        other_plans=other_plans,
    )
    ends = [search.resolved_at(end) for end in (low, high)]
    for end in ends:
        scorecard(end, empty_plan(end.city.n_villages))  # refuses a year outside the series
    proof, settled = proof_by_definition(targets) or search.proof_by_bound(), False
    if proof is None:
        search.coarse()
        search.refine()
        settled = search.settle()
        if settled and search.met is None:
            proof = Proof("enumeration", targets, tuple(search.deciding_values() or ()))
    return SeekResult(
        outcome=MET if search.met is not None else NOT_MET if proof is None else IMPOSSIBLE,
        span=span,
        targets=targets,
        trials=tuple(search.trials[value] for value in sorted(search.trials)),
        chosen=search.met or search.nearest,
        proof=proof,
        least_is_proved=settled and search.met is not None,
        monotone=search.monotone(),
        idle_rules=idle_rules(*ends),
        evaluations=search.evaluated,
        seconds=time.perf_counter() - began,
    )


def idle_rules(one: ResolvedScenario, other: ResolvedScenario) -> tuple[str, ...]:
    """Rules whose limits differ between two scenarios but which are not hard, so that the difference binds nothing."""
    return tuple(
        rule.name
        for rule in rules_of(one.scenario).values()
        if rule.limit(one) != rule.limit(other) and rule_mode(one.scenario, rule.name) is not RuleMode.HARD
    )


def resolved_with(resolved: ResolvedScenario, scenario: Scenario) -> ResolvedScenario:
    """Resolve a scenario that differs in one number, keeping what that number does not touch.

    Bounds of plans touch only the calendar; a parameter or the share resettled on site touch everything. Where the
    scenario looks at bargaining, it is bargained over anew if the number can change what is agreed on.
    """
    before = resolved.scenario
    same = scenario.parameters == before.parameters and scenario.category_weights == before.category_weights
    if same and scenario.onsite_resettlement_share == before.onsite_resettlement_share:
        found = replace(
            resolved,
            scenario=scenario,
            clock=make_clock(scenario, resolved.book),
            constants=replace(resolved.constants, agreements=None),
        )
    else:
        found = resolve(scenario, resolved.city)
    return with_agreements(found, like=resolved)


@dataclass
class _Seeking:
    """A range being searched."""

    resolved: ResolvedScenario
    span: LeverRange
    evaluations: int
    seed: int
    threads: int
    certificate: Certificate | None
    progress: Callable[[Trial], None] | None
    known_plans: Plans | None = None
    other_plans: Callable[[], Iterable[Plans]] | None = None
    trials: dict[float, Trial] = field(default_factory=dict)
    evaluated: int = 0
    _ends: dict[float, ResolvedScenario] = field(default_factory=dict)

    @property
    def targets(self) -> tuple[Target, ...]:
        return self.resolved.scenario.targets

    @property
    def met(self) -> Trial | None:
        """The trial that meets the targets with the least change."""
        meeting = [trial for trial in self.trials.values() if trial.attainment.met]
        return min(meeting, key=self._change) if meeting else None

    @property
    def nearest(self) -> Trial | None:
        """The trial with the least shortfall; of equal ones that with the least change."""
        ranked = sorted(self.trials.values(), key=lambda trial: (trial.attainment.shortfall, self._change(trial)))
        return ranked[0] if ranked else None

    def _change(self, trial: Trial) -> float:
        return abs(trial.value - self.span.start)

    def resolved_at(self, value: float) -> ResolvedScenario:
        """The scenario with the lever at a value; those of the ends are kept."""
        if value in self._ends:
            return self._ends[value]
        scenario = with_lever(self.resolved.scenario, self.resolved.book, self.span.lever.key, value)
        try:
            resolved = resolved_with(self.resolved, scenario)
        except InputError as error:
            where = message("lever_at_value", lever=self.span.lever.key, value=value)
            raise error.within(layer=where) from None
        if value in (self.span.low, self.span.high):
            self._ends[value] = resolved
        return resolved

    def coarse(self) -> None:
        """Search the start and, unless it meets the targets, the coarse grid of both sides from there outwards."""
        if self.attempt(self.span.start):
            return
        steps = [(k, side) for side in (1, -1) for k in self.span.coarse(side)]
        for k, side in sorted(steps):
            self.attempt(self.span.value(side, k))

    def attempt(self, value: float, *, enumerated: bool = False) -> bool:
        """Search a value (again), beginning with the best plans of all others; True if a plan meets the targets."""
        resolved = self.resolved_at(value)
        if enumerated:
            attainment = exact_attainment(resolved, self.targets, threads=self.threads)
        else:
            attainment = best_attainment(
                resolved,
                self.targets,
                evaluations=self.evaluations,
                seed=self.seed,
                threads=self.threads,
                known=self._known(value),
                plans=self.known_plans,
            )
        if not attainment.met:
            attainment = self._among_others(resolved, attainment, enumerated=enumerated)
        self.evaluated += attainment.evaluations
        before = self.trials.get(value)
        if before is None or attainment.exact or attainment.shortfall <= before.attainment.shortfall:
            self.trials[value] = Trial(value, attainment)
        if self.progress is not None:
            self.progress(self.trials[value])
        return self.trials[value].attainment.met

    def _among_others(self, resolved: ResolvedScenario, before: Attainment, *, enumerated: bool) -> Attainment:
        """The attainment, or a plan of runs that meets all targets though nothing else does; known from then on."""
        evaluations = before.evaluations
        unseen = [self.known_plans] if enumerated and self.known_plans is not None else []
        others = self.other_plans() if self.other_plans is not None else ()
        for plans in chain(unseen, others):
            found = nearest_of(resolved, plans, self.targets, threads=self.threads)
            evaluations += found.evaluations
            if found.met and found.plan is not None:
                known = [found.plan] if self.known_plans is None else [self.known_plans, found.plan]
                self.known_plans = concatenate(known)
                return replace(found, evaluations=evaluations)
        return replace(before, evaluations=evaluations)

    def _known(self, value: float) -> list[np.ndarray[tuple[int, ...], np.dtype[np.int64]]]:
        """Best plans of other values, those of the nearest values first."""
        others = sorted(self.trials.values(), key=lambda trial: abs(trial.value - value))
        return [trial.attainment.genome for trial in others if trial.attainment.plan is not None]

    def refine(self) -> None:
        """Bisect on each side between the nearest value that meets the targets and its neighbor that does not."""
        for side in (1, -1):
            if self.met is None or self._change(self.met) == 0.0:
                return
            tried = [0, *self.span.coarse(side)]
            met = [k for k in tried if self.trials[self.span.value(side, k)].attainment.met]
            if met and tried[tried.index(met[0]) - 1] * self.span.step < self._change(self.met):
                self._bisect(side, tried[tried.index(met[0]) - 1], met[0])

    def _bisect(self, side: int, inner: int, outer: int) -> None:
        value = self.span.value(side, inner)
        if not self.trials[value].attainment.exact and self.attempt(value):
            inner, outer = 0, inner  # the plans found since meet the targets there too
        while outer - inner > 1:
            middle = (inner + outer) // 2
            if self.attempt(self.span.value(side, middle)):
                outer = middle
            else:
                inner = middle

    def proof_by_bound(self) -> Proof | None:
        """What the certificate rules out at every value that decides the range."""
        values = self.deciding_values() or []
        excluded = [self.ruled_out(value) for value in values]
        if not values or not all(excluded):
            return None
        return Proof("bound", tuple(dict.fromkeys(target for group in excluded for target in group)), tuple(values))

    def ruled_out(self, value: float) -> list[Target]:
        """Targets that the certificate rules out at a value."""
        if self.certificate is None:
            return []
        resolved = self.resolved_at(value)
        return [target for target in self.targets if self.certificate(resolved, target) is not None]

    def settle(self) -> bool:
        """Prove what a search cannot, where it can be done; True if nothing nearer meets the targets."""
        while True:
            values = self.deciding_values()
            if values is None:
                return False
            left = [value for value in values if value not in self.trials or not self.trials[value].attainment.exact]
            if self.met is not None:  # else all of them would have been ruled out before the search
                left = [value for value in left if not self.ruled_out(value)]
            if sum(count_plans(option_space(self.resolved_at(value))) for value in left) > PROOF_PLANS:
                return False
            if not any(self.attempt(value, enumerated=True) for value in left):
                return True
            self.refine()

    def deciding_values(self) -> list[float] | None:
        """Values that decide, enumerated, whether any value nearer than the best (or in range) meets the targets.

        Where larger values only add plans, it is the largest of those; else every one of them, if they can be counted.
        """
        span, best = self.span, self.met
        if best is not None and self._change(best) == 0.0:
            return []
        if span.lever.adds_plans:
            return [span.high if best is None else max(span.low, best.value - span.step)]
        if not (span.low == span.high or (span.lever.whole and span.step == 1.0 and span.is_short)):
            return None
        sides = [(side, k) for side in (1, -1) for k in range(span.n_steps(side) + 1)]
        nearer = {span.value(side, k) for side, k in sides if best is None or k * span.step < self._change(best)}
        return sorted(nearer, key=lambda value: abs(value - span.start))

    def monotone(self) -> bool:
        """Whether on both sides every value beyond one that meets the targets meets them too."""
        for side in (1, -1):
            outwards = sorted(
                (trial for trial in self.trials.values() if side * (trial.value - self.span.start) >= 0.0),
                key=self._change,
            )
            answers = [trial.attainment.met for trial in outwards]
            if answers != sorted(answers):
                return False
        return True
