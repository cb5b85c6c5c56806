"""Good plans of a run: its front, plans nearly as good as those of its preferences, and those of other parameters."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from app.plans.recommendation import normalized, preset_weights
from app.runs.run_folder import Run
from app.studies.plan_judgement import objective_ranges
from data.arrays import FloatArray, IntArray
from data.errors import refuse
from data.scenario import INTENSITIES, LAND_USES, Bargaining
from envs.choices.anchors import Anchors
from envs.kernel import Plans, ResolvedScenario
from envs.kernel.plans import concatenate
from envs.models.kernel_model import KernelModel
from optimizers.robust.near_plans import Center, near_plans
from optimizers.robust.parameter_samples import Sample, SampleRequest, parameter_samples
from optimizers.robust.village_shares import GoodPlans, VillageShares, village_shares

FRONT, NEAR, PARAMETERS = "front", "near", "parameters"
SOURCES: tuple[str, ...] = (FRONT, NEAR, PARAMETERS)
N_USES = len(INTENSITIES) * len(LAND_USES)


@dataclass(frozen=True)
class RobustRequest:
    """What was asked for.

    Attributes:
        within: what a plan nearly as good may lose in each objective [anchor ranges].
        walks: away from the best plan of each preference; 0 = none.
        walk_evaluations: plans evaluated in each.
        samples: of the parameters; 0 = none.
        evaluations: plans evaluated at each.
        seed: of all random choices.
        threads: worker threads.
    """

    within: float = 0.02
    walks: int = 8
    walk_evaluations: int = 200
    samples: int = 12
    evaluations: int = 200
    seed: int = 0
    threads: int = 1


@dataclass(frozen=True, eq=False)
class RobustVillages:
    """What the good plans of a run say of its villages.

    Attributes:
        run: whose front it is.
        request: what was asked for.
        sources: by name, in the order of SOURCES.
        plans: of each source, in the same order as there.
        preferences: preset -> weights.
        preference_of: source -> preset of each plan, empty texts for the front.
        samples: of the parameters, those left out among them.
        evaluations: plans evaluated in all.
    """

    run: Run
    request: RobustRequest
    sources: dict[str, GoodPlans]
    plans: dict[str, Plans]
    preferences: dict[str, FloatArray]
    preference_of: dict[str, list[str]]
    samples: list[Sample] = field(default_factory=list)
    evaluations: int = 0

    @property
    def resolved(self) -> ResolvedScenario:
        """Scenario resolved against its city."""
        return self.run.resolved

    @cached_property
    def shares(self) -> VillageShares:
        """Counted."""
        return village_shares(self.sources, self.resolved.scenario.plan_years, N_USES)

    @property
    def n_plans(self) -> int:
        """Good plans in all."""
        return sum(len(plans.start_year) for plans in self.sources.values())


def of_front(run: Run) -> RobustVillages:
    """What the front alone says, at once."""
    plans = _valid_plans(run)
    sources = {FRONT: _good(plans, np.zeros(plans.n_plans, dtype=np.int64))}
    preferences = preset_weights(run.resolved.scenario)
    request = RobustRequest(walks=0, samples=0)
    return RobustVillages(run, request, sources, {FRONT: plans}, preferences, {FRONT: [""] * plans.n_plans})


def robust_villages(
    run: Run, request: RobustRequest, *, progress: Callable[[str, int, int], None] | None = None
) -> RobustVillages:
    """Gather good plans and count them.

    Args:
        run: whose front it is.
        request: how far, how many.
        progress: told the source, how many draws are done, and of how many.

    Raises:
        InputError: no plan of the front is valid.
    """
    found = of_front(run)
    tell = progress or (lambda *_: None)
    best = _best_of_preferences(run, found.preferences)
    sources, plans, preference_of, evaluations = (
        dict(found.sources),
        dict(found.plans),
        dict(found.preference_of),
        0,
    )
    if request.walks:
        plans[NEAR], preference_of[NEAR], evaluations = _near(run, request, found.preferences, best, tell)
        sources[NEAR] = _good(plans[NEAR], np.arange(plans[NEAR].n_plans))
    samples = _samples(run, request, found.preferences, best, tell) if request.samples and may_sample(run) else []
    kept = [sample for sample in samples if sample.plans is not None]
    if kept:
        plans[PARAMETERS] = concatenate([sample.plans for sample in kept if sample.plans is not None])
        sources[PARAMETERS] = _good(plans[PARAMETERS], np.repeat([s.number for s in kept], len(found.preferences)))
        preference_of[PARAMETERS] = list(found.preferences) * len(kept)
    return RobustVillages(
        run=run,
        request=request,
        sources=sources,
        plans=plans,
        preferences=found.preferences,
        preference_of=preference_of,
        samples=samples,
        evaluations=evaluations + sum(sample.evaluations for sample in samples),
    )


def may_sample(run: Run) -> bool:
    """Whether parameters may be sampled: the table of bargaining holds for the scenario's own parameters alone."""
    return run.resolved.scenario.bargaining is Bargaining.OFF


def _valid_plans(run: Run) -> Plans:
    valid = np.flatnonzero(run.front["valid"].to_numpy(dtype=bool))
    if valid.size == 0:
        raise refuse("robust_no_valid_plan", file=run.folder)
    return run.plans[valid]


def _good(plans: Plans, draw: IntArray) -> GoodPlans:
    use = np.asarray(plans.intensity) * len(LAND_USES) + np.asarray(plans.land_use)
    return GoodPlans(np.asarray(plans.start_year), use, draw)


def _best_of_preferences(run: Run, preferences: dict[str, FloatArray]) -> Plans:
    """The best plan of the front by each preference, one row each."""
    names = list(run.record.objectives)
    valid = np.flatnonzero(run.front["valid"].to_numpy(dtype=bool))
    values = run.front[names].to_numpy(np.float64)[valid]
    anchors = _anchors(run)
    value = normalized(values, np.array(anchors.best), np.array(anchors.worst))
    chosen = [int(np.argmax(value @ weights)) for weights in preferences.values()]
    return run.plans[valid[chosen]]


def _anchors(run: Run) -> Anchors:
    """The run's own anchors; where it has none of an objective, the ends of its front."""
    names = tuple(run.record.objectives)
    values, known = run.front[list(names)], run.record.anchors
    model_signs = KernelModel(run.resolved, names).signs
    ends: dict[str, list[float]] = {"base": [], "best": [], "worst": []}
    for name, sign in zip(names, model_signs, strict=True):
        low, high = float(values[name].min()), float(values[name].max())
        best, worst = (high, low) if sign > 0.0 else (low, high)
        anchor = known.get(name)
        ends["best"].append(best if anchor is None else anchor.best)
        ends["worst"].append(worst if anchor is None else anchor.worst)
        ends["base"].append(worst if anchor is None else anchor.base)
    return Anchors(names, tuple(ends["base"]), tuple(ends["best"]), tuple(ends["worst"]), 0, 0, "")


def _near(
    run: Run,
    request: RobustRequest,
    preferences: dict[str, FloatArray],
    best: Plans,
    tell: Callable[[str, int, int], None],
) -> tuple[Plans, list[str], int]:
    """The farthest plan of every walk; the best plan itself where a walk found no other."""
    names = run.record.objectives
    model = KernelModel(run.resolved, names, threads=request.threads)
    ranges = objective_ranges(run, names, run.front[list(names)].to_numpy(np.float64))
    start, option = model.space.encode(best)
    found: list[Plans] = []
    of_preset: list[str] = []
    evaluations, of = 0, request.walks * len(preferences)
    for k, (preset, weights) in enumerate(preferences.items()):
        center = Center(start[k], option[k], weights, ranges)
        for walk in range(request.walks):
            seed = request.seed * 10_000 + len(found)
            passed = near_plans(model, center, within=request.within, evaluations=request.walk_evaluations, seed=seed)
            last = (passed.start_year[-1:], passed.option[-1:]) if len(passed.start_year) else (start[[k]], option[[k]])
            found.append(model.decode(*last))
            of_preset.append(preset)
            evaluations += passed.evaluations
            tell(NEAR, k * request.walks + walk + 1, of)
    return concatenate(found), of_preset, evaluations


def _samples(
    run: Run,
    request: RobustRequest,
    preferences: dict[str, FloatArray],
    best: Plans,
    tell: Callable[[str, int, int], None],
) -> list[Sample]:
    asked = SampleRequest(request.samples, request.evaluations, request.seed, request.threads)
    return parameter_samples(
        run.resolved,
        best,
        np.array(list(preferences.values())),
        _anchors(run),
        asked,
        progress=lambda sample: tell(PARAMETERS, sample.number, request.samples),
    )
