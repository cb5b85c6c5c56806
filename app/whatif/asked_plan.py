"""A plan of a run that somebody asks about: its model, the linear model at it, and what it is judged by."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from app.plans.recommendation import preset_weights
from app.runs.run_folder import Run
from app.studies.plan_judgement import objective_ranges, objectives_of
from data.arrays import FloatArray
from data.errors import refuse
from envs.kernel.plans import Plans, canonical, same_plans
from envs.models.kernel_model import KernelModel
from optimizers.whatif.preference import Preference, weights_of_plan
from optimizers.whatif.standing import Standing


@dataclass(frozen=True, eq=False)
class AskedPlan:
    """A plan that is asked about.

    Attributes:
        run: of whose front it is, or that it was made from.
        plan_id: of the run.
        standing: the plan in its model, judged by a preference.
        source: where the weights are from: given, planned, preset or best.
        preset: whose weights they are, where they are a preset's.
    """

    run: Run
    plan_id: str
    standing: Standing
    source: str
    preset: str = ""

    @property
    def model(self) -> KernelModel:
        """Of the run's scenario and objectives."""
        return self.standing.model

    @property
    def plan(self) -> Plans:
        """A canonical batch of one."""
        return self.standing.plan

    @property
    def preference(self) -> Preference:
        """What it is judged by."""
        return self.standing.preference


def asked_plan(
    run: Run,
    plan_id: str,
    model: KernelModel,
    *,
    plan: Plans | None = None,
    weights: Mapping[str, float] | None = None,
) -> AskedPlan:
    """A plan with what it is judged by.

    Weights are those given; else those that a policy planned it for; else those of the preset that would take it; else
    those under which it is best on its front by the widest margin, or falls short by least.

    Args:
        run: holds the plan.
        plan_id: of the run.
        model: of the run's scenario and objectives.
        plan: the plan edited, a batch of one; None = as it is.
        weights: by objective, not negative; None = sought.

    Raises:
        InputError: no such plan, or weights of what is no objective, negative, or all zero.
    """
    stored = run.plan(plan_id)
    plan = canonical(stored if plan is None else plan)
    names = model.objectives
    valid = run.front[run.front["valid"]]
    front = valid[list(names)].to_numpy(np.float64)
    ranges = objective_ranges(run, names, front if len(front) else objectives_of(model, plan))
    vector, source, preset, regret = _given(model, weights), "given", "", 0.0
    if vector is None:
        unchanged = same_plans(plan, canonical(stored))
        vector, source, preset = _known(run, plan_id, model) if unchanged else (None, "", "")
    if vector is None:
        reached = objectives_of(model, plan)[0]
        vector, regret = weights_of_plan(reached * model.signs / ranges, front * model.signs / ranges)
        source = "best"
    preference = Preference(names, vector, ranges, model.signs, regret)
    return AskedPlan(run, plan_id, Standing(model, plan, preference), source, preset)


def _given(model: KernelModel, given: Mapping[str, float] | None) -> FloatArray | None:
    """The weights that were given, adding up to 1."""
    if given is None:
        return None
    unknown = [name for name in given if name not in model.objectives]
    if unknown:
        raise refuse("whatif_weight_unknown", layer="--weights", names=unknown, known=list(model.objectives))
    vector = np.array([given.get(name, 0.0) for name in model.objectives])
    if not np.isfinite(vector).all() or (vector < 0.0).any() or not vector.sum() > 0.0:
        raise refuse("whatif_weights_wrong", layer="--weights")
    return np.asarray(vector / vector.sum())


def _known(run: Run, plan_id: str, model: KernelModel) -> tuple[FloatArray | None, str, str]:
    """Weights that a plan was planned for, or those of the preset that would take it, and whose they are."""
    planned = run.record.preference_of_plan.get(plan_id)
    if planned is not None and tuple(run.record.objectives) == tuple(model.objectives):
        vector = np.array(planned, dtype=np.float64)
        return vector / vector.sum(), "planned", ""
    presets = preset_weights(run.resolved.scenario)
    for name, chosen in run.record.recommended.items():
        if chosen == plan_id and name in presets:
            return presets[name], "preset", name
    return None, "", ""
