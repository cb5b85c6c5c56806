"""A plan that somebody brings against the front of a run: which plans are better, by how much, and how to mend it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from app.plans.mapped_plan import MappedPlan
from app.runs.run_folder import Run
from data.arrays import FloatArray, IntArray
from data.errors import refuse
from envs.kernel.plans import Plans, concatenate
from envs.models.kernel_model import KernelModel
from envs.rules.check import Finding, check
from optimizers.mending.effort import usual_evaluations
from optimizers.mending.fewest import fewest_for_limits, fewest_found
from optimizers.mending.gap import dominating, gap_to_front
from optimizers.mending.ladder import STEPS, Ladder, Rung, mend
from optimizers.mending.plan_model import Mending, differs

LEAST_RANGE = 1e-12


@dataclass(frozen=True, eq=False)
class Verdict:
    """One plan beside the front.

    Attributes:
        plan: a batch of one.
        reached: its objectives in natural units, shape (n_objectives,).
        findings: every rule that is not off.
        gap: what every objective could gain at once [ranges]; at or below 0 on the front.
    """

    plan: Plans
    reached: FloatArray
    findings: list[Finding]
    gap: float


@dataclass(frozen=True, eq=False)
class Step:
    """A rung of the ladder as it is told.

    Attributes:
        rung: what was found.
        verdict: the mended plan beside the front.
        village_idx: villages that it decides otherwise, shape (n_changes,).
        own_gain: what each of these changes is worth in it, natural units, shape (n_changes, n_objectives): the
            objectives less those of the same plan without the change.
    """

    rung: Rung
    verdict: Verdict
    village_idx: IntArray
    own_gain: FloatArray


@dataclass(frozen=True, eq=False)
class PlanJudgement:
    """What is said of the plan.

    Attributes:
        objectives: names.
        signs: 1 where more is better, shape (n_objectives,).
        ranges: of the objectives, by which distances are measured, natural units, same shape.
        asked: the plan as it was asked for.
        mapped: the plan as the options of the scenario have it.
        dominating: ids of the front's plans that are nowhere worse and somewhere better, the clearest first.
        lead: by how much each is better, natural units, signed so that more is better, (n_dominating, n_objectives).
        nearest: id of the front's plan that is nearest to the plan.
        ladder: what mending found; None where it was not asked for.
        steps: one per rung.
        fewest_on_front: least number of changes found with which the plan is on the front; None = none.
        fewest_within_rules: the same for the rules alone.
        proven_for_rules: below so many changes no plan keeps the rules that add up.
    """

    objectives: tuple[str, ...]
    signs: FloatArray
    ranges: FloatArray
    asked: Verdict
    mapped: Verdict
    dominating: list[str]
    lead: FloatArray
    nearest: str
    ladder: Ladder | None
    steps: list[Step]
    fewest_on_front: int | None
    fewest_within_rules: int | None
    proven_for_rules: int


def judge_plan(
    run: Run,
    brought: MappedPlan,
    model: KernelModel,
    *,
    mends: bool = True,
    may_lose: bool = False,
    rules_only: bool = False,
    steps: Sequence[int] = STEPS,
    evaluations: int | None = None,
    seconds: float = 40.0,
    progress: Callable[[int, float], None] | None = None,
) -> PlanJudgement:
    """Judge a plan, and mend it.

    Args:
        run: with the front.
        brought: the plan.
        model: of the run's scenario and objectives.
        mends: whether to look for changes.
        may_lose: whether an objective may end worse than in the plan.
        rules_only: look for the fewest changes that keep the rules, and not for the front.
        steps: numbers of changes.
        evaluations: that mending may take; None = as many as a city of its size is usually given.
        seconds: wall time after which it stops all the same.
        progress: told each rung and its gap.

    Raises:
        InputError: the run's front has no valid plan.
    """
    names = model.objectives
    valid = run.front[run.front["valid"]]
    if valid.empty:
        raise refuse("judge_front_empty", file=run.folder)
    front = valid[list(names)].to_numpy(np.float64)
    ranges = objective_ranges(run, names, front)
    scaled = front * model.signs / ranges
    mapped_plan = model.decode(brought.start_year[None], brought.option[None])
    asked, mapped = verdicts(model, [brought.asked, mapped_plan], scaled, ranges)
    better = dominating(mapped.reached * model.signs / ranges, scaled)
    lead = (front - mapped.reached) * model.signs
    order = np.flatnonzero(better)[np.argsort(-(lead[better] / ranges).min(axis=1), kind="stable")]
    near = int(np.argmin(np.abs(lead / ranges).max(axis=1)))
    mending = Mending(model, brought.start_year, brought.option, scaled, ranges, may_lose)
    aim = np.inf if rules_only else None
    ladder = None
    if mends:
        evaluations = usual_evaluations(run.resolved.city.n_places) if evaluations is None else evaluations
        ladder = mend(mending, steps=steps, evaluations=evaluations, seconds=seconds, enough=aim, progress=progress)
    on_front = None if ladder is None or rules_only else fewest_found(mending, ladder)
    in_rules = None if ladder is None else fewest_found(mending, ladder, gap=np.inf)
    return PlanJudgement(
        objectives=names,
        signs=model.signs,
        ranges=ranges,
        asked=asked,
        mapped=mapped,
        dominating=[str(name) for name in valid["plan_id"].to_numpy()[order]],
        lead=lead[order],
        nearest=str(valid["plan_id"].to_numpy()[near]),
        ladder=ladder,
        steps=[] if ladder is None else told_steps(model, mending, ladder, scaled, ranges),
        fewest_on_front=None if on_front is None else on_front.changes,
        fewest_within_rules=None if in_rules is None else in_rules.changes,
        proven_for_rules=fewest_for_limits(mending),
    )


def objective_ranges(run: Run, names: Sequence[str], front: FloatArray) -> FloatArray:
    """Anchor range of each objective, or the front's own where the run has none, shape (n_objectives,)."""
    spread = np.ptp(front, axis=0)
    for k, name in enumerate(names):
        anchor = run.record.anchors.get(name)
        if anchor is not None and abs(anchor.best - anchor.worst) > LEAST_RANGE:
            spread[k] = abs(anchor.best - anchor.worst)
    return np.where(spread > LEAST_RANGE, spread, 1.0)


def verdicts(model: KernelModel, plans: Sequence[Plans], front: FloatArray, ranges: FloatArray) -> list[Verdict]:
    """Plans, batches of one each, beside the front (in ranges), at report precision."""
    values = objectives_of(model, concatenate(list(plans)))
    gaps = gap_to_front(values * model.signs / ranges, front)
    return [Verdict(plan, values[k], check(model.resolved, plan), float(gaps[k])) for k, plan in enumerate(plans)]


def objectives_of(model: KernelModel, plans: Plans) -> FloatArray:
    """Objectives of plans at report precision, natural units, shape (n_plans, n_objectives)."""
    from envs.kernel.evaluate import evaluate

    outcomes = evaluate(model.resolved, plans, indicators=model.objectives, threads=model.threads)
    return np.stack([np.asarray(outcomes[name]) for name in model.objectives], axis=1)


def told_steps(
    model: KernelModel, mending: Mending, ladder: Ladder, front: FloatArray, ranges: FloatArray
) -> list[Step]:
    """The rungs with what each of their changes is worth."""
    plans = [model.decode(rung.start_year[None], rung.option[None]) for rung in ladder.rungs]
    told: list[Step] = []
    for rung, verdict in zip(ladder.rungs, verdicts(model, plans, front, ranges), strict=True):
        if told and not differs(told[-1].rung.start_year, told[-1].rung.option, rung.start_year, rung.option).any():
            told.append(replace(told[-1], rung=rung, verdict=verdict))
            continue
        changed = np.flatnonzero(mending.differs(rung.start_year[None], rung.option[None])[0])
        told.append(Step(rung, verdict, changed, own_gains(model, mending, rung, changed, verdict.reached)))
    return told


def own_gains(model: KernelModel, mending: Mending, rung: Rung, changed: IntArray, values: FloatArray) -> FloatArray:
    """Objectives of a mended plan less those without each change, natural units, shape (n_changes, n_objectives)."""
    if changed.size == 0:
        return np.zeros((0, values.size))
    starts, options = (np.tile(genes, (changed.size, 1)) for genes in (rung.start_year, rung.option))
    row = np.arange(changed.size)
    starts[row, changed], options[row, changed] = mending.start_year[changed], mending.option[changed]
    return values - objectives_of(model, model.decode(starts, options))
