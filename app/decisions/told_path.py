"""The decision path of a plan of a run: in whose order it is told, its graph, and what a policy thinks of it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np

from agents.policy.network import initial
from agents.policy.policy_files import SHIPPED, read_policy
from agents.policy.replay import Replay, replay
from agents.policy.shortlist import outlook
from app.runs.policy_plans import GREEDY
from app.runs.run_folder import Run
from app.whatif.asked_plan import AskedPlan
from data.arrays import FloatArray, IntArray
from data.errors import InputError
from envs.environment_core import set_up_resolved
from envs.kernel import Plans
from envs.kernel.plans import canonical, same_plans
from envs.reasons.decisions.decision_path import N_EXACT, DecisionPath, Worth, decision_path, order_by_score
from envs.reasons.decisions.open_choices import BARRED, NONE, OF_BARRED, OF_RIVAL, TAKEN
from envs.reasons.decisions.path_graph import Edge, full_years, path_edges
from envs.reasons.decisions.terms import TERMS

BY_POLICY, BY_SHARE, BY_GAIN = "policy", "share", "gain"
"""Whose order a path has within a year: the policy's own, by attributed gain, by marginal gain when the year opens."""


class Deciding(NamedTuple):
    """What decided between the village taken and another one.

    Attributes:
        lead: exact gain of the taken one less that of the other [weighted anchor ranges].
        objective: index of the objective that speaks most for the one that gains more.
        difference: of that objective, taken less other, natural units.
        term: of the model's quantities, the one that speaks most for it, as the slopes foretell.
    """

    lead: float
    objective: int
    difference: float
    term: str


@dataclass(frozen=True, eq=False)
class ToldPath:
    """A path to be shown.

    Attributes:
        asked: the plan, and what it is judged by.
        path: of the plan.
        order: BY_POLICY, BY_SHARE or BY_GAIN.
        policy: what the policy that made the plan thinks of it; None where none did, or it is not at hand.
    """

    asked: AskedPlan
    path: DecisionPath
    order: str
    policy: Replay | None = None

    @cached_property
    def edges(self) -> tuple[Edge, ...]:
        """The graph."""
        return path_edges(self.path)

    @cached_property
    def full_years(self) -> tuple[int, ...]:
        """Years without a place left."""
        return full_years(self.path)

    @cached_property
    def step_of_policy(self) -> dict[int, int]:
        """Village -> its position in the replay."""
        return {} if self.policy is None else {int(v): k for k, v in enumerate(self.policy.village)}

    def deciding(self, step: int, column: int, place: int = OF_RIVAL) -> Deciding | None:
        """What decided between the taken village and an alternative; None where there is none, or none is measured.

        Args:
            step: position on the path.
            column: of the alternative.
            place: OF_RIVAL or OF_BARRED, whose terms are known.
        """
        choices = self.path.alternatives
        if column == NONE or choices.village[step, column] == NONE or not choices.is_exact[step, column]:
            return None
        worth = self.path.worth.weights * self.path.worth.per_unit
        difference = self.path.effect[step] - choices.effect[step, column]
        lead = float(difference @ worth)
        side = 1.0 if lead >= 0.0 else -1.0
        objective = int(np.argmax(side * difference * worth))
        by_term = choices.terms[step, TAKEN, objective] - choices.terms[step, place, objective]
        return Deciding(lead, objective, float(difference[objective]), TERMS[int(np.argmax(side * by_term))])

    def against_rival(self, step: int) -> Deciding | None:
        """What decided against the best alternative that the plan never renews, or else the best."""
        return self.deciding(step, int(self.path.alternatives.rival[step]))

    def against_barred(self, step: int) -> Deciding | None:
        """What decided against the choice that a limit kept out."""
        return self.deciding(step, BARRED, OF_BARRED)

    @cached_property
    def against_left_out(self) -> list[Deciding]:
        """What decided at every free step whose rival the plan leaves out."""
        start = np.asarray(self.path.plan.start_year)[0]
        free = [k for k in range(self.path.n_steps) if not self.path.is_given[k] and self.rival(k) != NONE]
        decided = (self.against_rival(step) for step in free if start[self.rival(step)] == 0)
        return [each for each in decided if each is not None]

    def rival(self, step: int) -> int:
        """Village that the taken one is compared with; NONE where none stood open."""
        column = int(self.path.alternatives.rival[step])
        return NONE if column == NONE else int(self.path.alternatives.village[step, column])


def tell_path(
    asked: AskedPlan, *, score: FloatArray | None = None, n_exact: int = N_EXACT, threads: int = 1
) -> ToldPath:
    """The path of a plan of a run, or of one that was made from it.

    Args:
        asked: the plan, and what it is judged by.
        score: attributed gain of each village [weighted anchor ranges], shape (n_villages,); None = not known.
        n_exact: alternatives measured exactly at each step.
        threads: worker threads.
    """
    stored, plan, resolved = canonical(asked.run.plan(asked.plan_id)), asked.plan, asked.model.resolved
    policy = replayed(asked.run, asked.plan_id, stored, threads=threads) if same_plans(plan, stored) else None
    order, by = None, BY_GAIN
    if policy is not None:
        order, by = _policys_order(plan, policy), BY_POLICY
    elif score is not None:
        order, by = order_by_score(plan, score), BY_SHARE
    path = decision_path(resolved, plan, worth_of(asked), order, n_exact=n_exact, threads=threads)
    return ToldPath(asked, path, by, policy)


def worth_of(asked: AskedPlan) -> Worth:
    """What the preference behind a plan makes of a change."""
    preference = asked.preference
    return Worth(preference.weights, preference.signs / preference.ranges)


def replayed(run: Run, plan_id: str, plan: Plans, *, threads: int = 1) -> Replay | None:
    """What the policy that made a plan of a run thinks of it; None where none did, or it is not the one at hand."""
    weights = run.record.preference_of_plan.get(plan_id)
    if run.record.command != "plan" or weights is None:
        return None
    if run.record.algorithm == GREEDY:
        parameters = initial(0)
    else:
        try:
            policy = read_policy(SHIPPED)
        except InputError:
            return None
        if policy.digest != run.record.policy:
            return None
        parameters = policy.parameters
    look = outlook(set_up_resolved(run.resolved, threads=threads))
    return replay(look, parameters, np.array(weights, dtype=np.float64), plan)


def _policys_order(plan: Plans, policy: Replay) -> IntArray:
    """Villages by start year, given ones first, the others as the policy decides them."""
    position = np.full(plan.n_villages, -1)
    position[policy.village] = np.arange(policy.village.size)
    return order_by_score(plan, -position.astype(np.float64))
